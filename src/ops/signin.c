/* SPDX-License-Identifier: Apache-2.0
 * Sign-in by password. See signin.h.
 */
#include "ops/signin.h"

#include "base/text.h"
#include "crypto/random.h"
#include "ops/address.h"
#include "ops/trail.h"
#include "store/pendings.h"

typedef struct {
    as_ctx_t *ctx;
    as_address_t address;
    int known, pending;
    as_account_t account;
    as_pending_t waiting;
    const char *rehashed; /* PHC string of the cost in force, or NULL */
    as_code_t outcome;
    as_session_t session;
} attempt_t;

static apr_status_t find(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    apr_status_t status = as_address_account(db, &a->address, &a->account, pool);

    a->known = status == APR_SUCCESS;
    if (status == AS_ENO) {
        status = as_pending_by_address(db, a->address.text, &a->waiting, pool);
        a->pending = status == APR_SUCCESS && a->waiting.expires_at > a->ctx->now;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

apr_status_t as_session_open(as_db_t *db, as_ctx_t *ctx, const as_account_t *account,
                             const char *amr, as_session_t *session, apr_pool_t *pool)
{
    const as_policy_t *policy = &ctx->service->policy;
    apr_int64_t ends = ctx->now + policy->session_max;
    apr_int64_t expires = ctx->now + policy->refresh_ttl;
    apr_status_t status;

    *session = (as_session_t){
        .id = as_random_id(pool),
        .account_id = account->id,
        .dialect = ctx->dialect,
        .salt = as_random_token(pool),
        .generation = 1,
        .rotated_at = ctx->now,
        .auth_time = ctx->now,
        .amr = amr,
        .created_at = ctx->now,
        .expires_at = expires < ends ? expires : ends,
        .ends_at = ends,
    };
    status = as_account_sign_in(db, account->id, account->epoch);
    if (status == APR_SUCCESS) {
        status = as_session_insert(db, session, ctx->address ? ctx->address : "",
                                   ctx->agent ? ctx->agent : "");
    }
    return status;
}

/* The outcome is known; a session is opened only if nothing has changed since the account was read.
 */
static apr_status_t record(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    as_code_t outcome = a->outcome;
    apr_status_t status = APR_SUCCESS;

    if (outcome == AS_OK) {
        status = as_session_open(db, a->ctx, &a->account, "pwd", &a->session, pool);
        if (status == AS_ENO) {
            outcome = a->outcome = AS_SIGN_IN_WRONG;
            status = APR_SUCCESS;
        }
    }
    if (status == APR_SUCCESS && outcome == AS_OK && a->rehashed) {
        status = as_account_rehash(db, a->account.id, a->account.password, a->rehashed);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, a->ctx, "sign_in", outcome, a->known ? a->account.id : NULL,
                          outcome == AS_OK ? a->session.id : NULL, pool);
    }
    return status;
}

/* Exactly one hash is computed, whoever asks for whatever address. */
static apr_status_t check_password(attempt_t *a, const char *password)
{
    as_hasher_t *hasher = a->ctx->service->hasher;
    apr_ssize_t points = as_text_points(password);
    int sound = points >= 0 && points <= AS_PASSWORD_MAX;
    const char *phc = !sound ? NULL
                      : a->known ? a->account.password
                      : a->pending ? a->waiting.password
                                   : NULL;
    int stale = 0;
    apr_status_t status = as_password_verify(hasher, phc, sound ? password : "", &stale);

    a->outcome = AS_SIGN_IN_WRONG;
    if (status == APR_SUCCESS) {
        a->outcome = !a->known ? AS_ACCOUNT_PENDING
                     : a->account.disabled_at ? AS_SIGN_IN_WRONG
                                              : AS_OK;
    }
    if (status == APR_SUCCESS && stale && a->outcome == AS_OK) {
        status = as_password_hash(hasher, password, NULL, &a->rehashed, a->ctx->pool);
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

as_result_t as_sign_in(as_ctx_t *ctx, const void *input, void *out)
{
    const as_sign_in_in_t *in = input;
    attempt_t a = { .ctx = ctx };
    apr_status_t status = APR_SUCCESS;

    if (as_address_parse(&a.address, in->address, ctx->pool)) {
        status = as_store_read(ctx->service->store, find, &a, ctx->pool);
    }
    if (status == APR_SUCCESS) {
        status = check_password(&a, in->password);
    }
    if (status == APR_SUCCESS) {
        status = as_store_write(ctx->service->store, record, &a, ctx->pool);
    }
    if (status != APR_SUCCESS) {
        return as_result_of(status);
    }
    return a.outcome == AS_OK ? as_tokens_issue(ctx, &a.account, &a.session, 1, out)
                              : as_result(a.outcome);
}
