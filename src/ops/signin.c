/* SPDX-License-Identifier: Apache-2.0
 * Sign-in by password. See signin.h.
 */
#include "ops/signin.h"

#include "crypto/random.h"
#include "ops/membership.h"
#include "ops/twofactor.h"

typedef struct {
    as_ctx_t *ctx;
    as_proof_t proof;
    as_guess_t guess;
    as_session_t session;
    const char *roles;
} attempt_t;

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
        status = as_team_of_new_session(db, account->id, &session->team, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_session_insert(db, session, ctx->address ? ctx->address : "",
                                   ctx->agent ? ctx->agent : "");
    }
    return status;
}

static apr_status_t open_session(as_db_t *db, attempt_t *a, apr_pool_t *pool)
{
    const char *amr = a->guess.on ? as_amr_with_factor("pwd", pool) : "pwd";
    apr_status_t status = as_session_open(db, a->ctx, &a->proof.account, amr, &a->session, pool);

    if (status == APR_SUCCESS) {
        status = as_roles_of(db, a->session.account_id, a->session.team, &a->roles, pool);
    } else if (status == AS_ENO) {
        a->proof.outcome = AS_SIGN_IN_WRONG;
        status = APR_SUCCESS;
    }
    return status;
}

/* The proof stands; a session is opened only if nothing has changed since the account was read. */
static apr_status_t record(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    apr_status_t status = APR_SUCCESS;

    if (a->proof.outcome == AS_OK) {
        a->guess.account_id = a->proof.account.id;
        status = as_factor_check(db, &a->guess, pool);
        if (status == APR_SUCCESS) {
            a->proof.outcome = a->guess.result.code;
        }
    }
    if (status == APR_SUCCESS && a->proof.outcome == AS_OK) {
        status = open_session(db, a, pool);
    }
    return status == APR_SUCCESS
               ? as_proof_record(db, a->ctx, "sign_in", &a->proof, a->session.id, pool)
               : status;
}

as_result_t as_sign_in(as_ctx_t *ctx, const void *input, void *out)
{
    const as_sign_in_in_t *in = input;
    const as_password_in_t typed = { .address = in->address, .password = in->password };
    attempt_t a = {
        .ctx = ctx,
        .guess = { .ctx = ctx, .code = in->otp && *in->otp ? in->otp : NULL },
    };
    as_result_t result = as_guess_settle(
        &a.guess, as_proof_by_password(ctx, &a.proof, &typed, record, &a));

    if (result.code == AS_TWO_FACTOR_WRONG) { /* counted as one; told as if there had been none */
        return as_result_detail(AS_TWO_FACTOR_REQUIRED, "wrong code");
    }
    if (result.code != AS_OK) {
        return result;
    }
    return as_tokens_issue(ctx,
                           &(as_grant_t){ .account = &a.proof.account, .session = &a.session,
                                          .generation = 1, .roles = a.roles,
                                          .team = a.session.team },
                           out);
}
