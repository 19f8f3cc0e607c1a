/* SPDX-License-Identifier: Apache-2.0
 * Passwords shown with every request. See basic.h.
 */
#include "ops/basic.h"

#include <string.h>

#include "base/bytes.h"
#include "ops/membership.h"
#include "ops/tokens.h"
#include "store/factors.h"

#define MEMORY (300 * APR_USEC_PER_SEC)

typedef struct {
    as_ctx_t *ctx;
    as_proof_t proof;
    const char *team, *roles;
} attempt_t;

static apr_status_t record(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    const char *id = a->proof.account.id;
    apr_status_t status = APR_SUCCESS;

    if (a->proof.outcome == AS_OK) {
        status = as_factor_on(db, id, pool);
        if (status == APR_SUCCESS) {
            a->proof.outcome = AS_SIGN_IN_WRONG;
        } else if (status == AS_ENO) {
            status = as_team_of_new_session(db, id, &a->team, pool);
        }
    }
    if (status == APR_SUCCESS && a->proof.outcome == AS_OK) {
        status = as_roles_of(db, id, a->team, &a->roles, pool);
    }
    return status == APR_SUCCESS
               ? as_proof_record(db, a->ctx, "password", &a->proof, NULL, pool)
               : status;
}

static as_result_t check_anew(as_ctx_t *ctx, const as_password_in_t *in, as_principal_t *principal)
{
    apr_int64_t ttl = ctx->service->policy.access_ttl;
    attempt_t a = { .ctx = ctx };
    const as_account_t *account = &a.proof.account;
    as_result_t result = as_proof_by_password(ctx, &a.proof, in, record, &a);

    as_log(&ctx->service->log, AS_LOG_DEBUG, APR_SUCCESS, "a password was hashed: %s",
           as_code_name(result.code));
    if (result.code == AS_OK) {
        *principal = (as_principal_t){
            .account_id = account->id,
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
