/* SPDX-License-Identifier: Apache-2.0
 * Passwords shown with every request. See basic.h.
 */
#include "ops/basic.h"

#include <string.h>

#include "base/bytes.h"
#include "ops/app_passwords.h"
#include "ops/captcha.h"
#include "ops/membership.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/factors.h"

#define MEMORY (300 * APR_USEC_PER_SEC)

typedef struct {
    as_ctx_t *ctx;
    const as_password_in_t *in;
    as_proof_t proof;
    const char *team, *roles;
} attempt_t;

/* An account's own password is not enough where more than a password is asked for elsewhere. */
static apr_status_t is_enough(as_db_t *db, const attempt_t *a, apr_pool_t *pool)
{
    apr_status_t status;

    if (as_captcha_is_required(a->ctx->service, AS_CAPTCHA_SIGNIN)) {
        return AS_ENO;
    }
    status = as_factor_on(db, a->proof.account.id, pool);
    return status == APR_SUCCESS ? AS_ENO : status == AS_ENO ? APR_SUCCESS : status;
}

/* What is told of who was let in. */
static apr_status_t admit(as_db_t *db, attempt_t *a, apr_pool_t *pool)
{
    const char *id = a->proof.account.id;
    apr_status_t status = as_team_of_new_session(db, id, &a->team, pool);

    return status == APR_SUCCESS ? as_roles_of(db, id, a->team, &a->roles, pool) : status;
}

static apr_status_t record(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    apr_status_t status = APR_SUCCESS;

    if (a->proof.outcome == AS_OK) {
        status = is_enough(db, a, pool);
        if (status == APR_SUCCESS) {
            status = admit(db, a, pool);
        } else if (status == AS_ENO) {
            a->proof.outcome = AS_SIGN_IN_WRONG;
            status = APR_SUCCESS;
        }
    }
    return status == APR_SUCCESS
               ? as_proof_record(db, a->ctx, "password", &a->proof, NULL, pool)
               : status;
}

/* ---- by app password: no hash is computed, and no second factor asked for ---- */

static apr_status_t try_app_password(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    as_proof_t *proof = &a->proof;
    apr_status_t status = as_address_account(db, &proof->address, &proof->account, pool);

    proof->known = status == APR_SUCCESS;
    if (status == APR_SUCCESS && proof->account.disabled_at) {
        return AS_ENO;
    }
    if (status == APR_SUCCESS) {
        status = as_app_password_check(db, a->ctx, proof->account.id, a->in->password, pool);
    }
    if (status == APR_SUCCESS) {
        status = admit(db, a, pool);
    }
    return status == APR_SUCCESS ? as_trail(db, a->ctx, "app_password", AS_OK, proof->account.id,
                                            NULL, pool)
                                 : status;
}

/* AS_SIGN_IN_WRONG: it is none of the account's, and may be its password. */
static as_result_t check_app_password(attempt_t *a)
{
    as_result_t result = as_proof_allowed(a->ctx, a->in->address);
    apr_status_t status;

    if (result.code != AS_OK ||
        !as_address_parse(&a->proof.address, a->in->address, a->ctx->pool)) {
        return result.code != AS_OK ? result : as_result(AS_SIGN_IN_WRONG);
    }
    status = as_store_write(a->ctx->service->store, try_app_password, a, a->ctx->pool);
    return status == AS_ENO ? as_result(AS_SIGN_IN_WRONG) : as_result_of(status);
}

static as_result_t check_either(attempt_t *a)
{
    as_result_t result = as_result(AS_SIGN_IN_WRONG);

    if (as_app_password_is_one(a->in->password)) {
        result = check_app_password(a);
    }
    if (result.code == AS_SIGN_IN_WRONG) {
        result = as_proof_by_password(a->ctx, &a->proof, a->in, record, a);
        as_log(&a->ctx->service->log, AS_LOG_DEBUG, APR_SUCCESS, "a password was hashed: %s",
               as_code_name(result.code));
    }
    return result;
}

static as_result_t check_anew(as_ctx_t *ctx, const as_password_in_t *in, as_principal_t *principal)
{
    apr_int64_t ttl = ctx->service->policy.access_ttl;
    attempt_t a = { .ctx = ctx, .in = in };
    const as_account_t *account = &a.proof.account;
    as_result_t result = check_either(&a);

    if (result.code == AS_OK) {
        *principal = (as_principal_t){
            .account_id = account->id,
            .door_id = account->door_id,
            .issued_at = ctx->now,
            .expires_at = ctx->now + (ttl < MEMORY ? ttl : MEMORY),
            .auth_time = ctx->now,
            .epoch = account->epoch,
            .number = account->number,
            .amr = "pwd",
            .roles = a.roles,
            .team = a.team,
            .email = account->email_proven ? account->email : NULL,
            .phone = account->phone_proven ? account->phone : NULL,
        };
    }
    return result;
}

static as_verdict_name_t name_of(const as_ctx_t *ctx, const as_password_in_t *in)
{
    apr_size_t address = strlen(in->address) + 1, len = address + strlen(in->password);
    char *octets = apr_palloc(ctx->pool, len + 1);
    as_verdict_name_t name;

    memcpy(octets, in->address, address);
    memcpy(octets + address, in->password, len - address + 1);
    name = as_verdicts_name(ctx->service->verdicts, AS_VERDICT_PASSWORD, octets, len);
    as_wipe(octets, len);
    return name;
}

as_result_t as_basic_check(as_ctx_t *ctx, const as_password_in_t *in, as_principal_t *principal)
{
    as_verdicts_t *verdicts = ctx->service->revocations ? ctx->service->verdicts : NULL;
    as_verdict_name_t name = { 0 };
    as_verdict_t verdict;
    as_result_t result;

    if (verdicts) {
        name = name_of(ctx, in);
    }
    if (verdicts && as_verdicts_find(verdicts, name, 0, &verdict)
        && verdict.expires_at > ctx->now) {
        as_verdict_principal(&verdict, principal, ctx->pool);
        result = as_proof_allowed(ctx, in->address);
        if (result.code == AS_OK) {
            result = as_principal_stands(ctx, principal);
        }
        if (result.code != AS_UNAUTHENTICATED) {
            return result;
        }
    }
    result = check_anew(ctx, in, principal);
    if (result.code == AS_OK && verdicts && as_verdict_of(principal, &verdict)) {
        as_verdicts_put(verdicts, name, 0, &verdict, ctx->now);
    }
    return result;
}
