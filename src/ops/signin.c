/* SPDX-License-Identifier: Apache-2.0
 * Sign-in, and opening sessions. See signin.h.
 */
#include "ops/signin.h"

#include <string.h>

#include <apr_strings.h>

#include "crypto/random.h"
#include "ops/captcha.h"
#include "ops/challenges.h"
#include "ops/membership.h"
#include "ops/trail.h"
#include "store/factors.h"

/* ---- sessions ---- */

static apr_status_t insert_session(as_db_t *db, as_ctx_t *ctx, const as_account_t *account,
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
    status = as_team_of_new_session(db, account->id, &session->team, pool);
    return status == APR_SUCCESS
               ? as_session_insert(db, session, ctx->address ? ctx->address : "",
                                   ctx->agent ? ctx->agent : "")
               : status;
}

apr_status_t as_session_open(as_db_t *db, as_ctx_t *ctx, const as_account_t *account,
                             const char *amr, as_opening_t *opening, apr_pool_t *pool)
{
    apr_status_t status = as_account_sign_in(db, account);

    if (status == APR_SUCCESS) {
        status = insert_session(db, ctx, account, amr, &opening->session, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_roles_of(db, account->id, opening->session.team, &opening->roles, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_factor_on(db, account->id, pool);
        opening->two_factor = status == APR_SUCCESS;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    return status;
}

as_result_t as_opening_tokens(as_ctx_t *ctx, const as_account_t *account,
                              const as_opening_t *opening, as_tokens_t *tokens)
{
    const as_grant_t grant = {
        .account = account,
        .session = &opening->session,
        .generation = 1,
        .roles = opening->roles,
        .two_factor = opening->two_factor,
    };

    return as_tokens_issue(ctx, &grant, tokens);
}

/* ---- who has shown a first factor ---- */

/* The token names what it stands on, so that it dies with a change of credentials. */
static apr_status_t make_pending(as_db_t *db, as_entrance_t *e, apr_pool_t *pool)
{
    const as_challenge_order_t order = {
        .kind = &as_link_two_factor,
        .subject = e->account->id,
        .data = apr_psprintf(pool, "%" APR_INT64_T_FMT " %s %s", e->account->epoch,
                             e->account->door_id, e->amr),
    };

    return as_link_send(db, e->ctx, &order, &e->pending, pool);
}

apr_status_t as_entrance_enter(as_db_t *db, as_entrance_t *e, as_code_t *outcome, apr_pool_t *pool)
{
    apr_status_t status;

    e->pending = NULL;
    e->guess.ctx = e->ctx;
    e->guess.account_id = e->account->id;
    status = as_factor_check(db, &e->guess, pool);
    *outcome = e->guess.result.code;
    if (status == APR_SUCCESS && *outcome == AS_TWO_FACTOR_REQUIRED && e->stepwise) {
        return make_pending(db, e, pool);
    }
    if (status == APR_SUCCESS && *outcome == AS_OK) {
        const char *amr = e->guess.on ? as_amr_with_factor(e->amr, pool) : e->amr;

        status = as_session_open(db, e->ctx, e->account, amr, &e->opening, pool);
    }
    if (status == AS_ENO) { /* changed since the account was read */
        *outcome = AS_SIGN_IN_WRONG;
        status = APR_SUCCESS;
    }
    return status;
}

as_result_t as_entrance_tokens(as_entrance_t *e, as_result_t result, as_tokens_t *tokens)
{
    if (result.code == AS_TWO_FACTOR_REQUIRED && e->pending) {
        *tokens = (as_tokens_t){ .access = e->pending, .two_factor = 1,
                                 .refresh = as_random_token(e->ctx->pool) };
        return as_result(AS_OK);
    }
    if (result.code == AS_TWO_FACTOR_WRONG) { /* counted as one; told as if there had been none */
        return as_result_detail(AS_TWO_FACTOR_REQUIRED, "wrong code");
    }
    return result.code == AS_OK ? as_opening_tokens(e->ctx, e->account, &e->opening, tokens)
                                : result;
}

/* ---- by password ---- */

typedef struct {
    as_proof_t proof;
    as_entrance_t entrance;
} attempt_t;

/* The proof stands; a session is opened only if nothing has changed since the account was read. */
static apr_status_t record(as_db_t *db, void *baton, apr_pool_t *pool)
{
    attempt_t *a = baton;
    apr_status_t status = APR_SUCCESS;

    if (a->proof.outcome == AS_OK) {
        a->entrance.account = &a->proof.account;
        status = as_entrance_enter(db, &a->entrance, &a->proof.outcome, pool);
    }
    return status == APR_SUCCESS
               ? as_proof_record(db, a->entrance.ctx, "sign_in", &a->proof,
                                 a->proof.outcome == AS_OK ? &a->entrance.opening.session : NULL,
                                 pool)
               : status;
}

static as_result_t sign_in(as_ctx_t *ctx, const as_sign_in_in_t *in, int stepwise,
                           as_tokens_t *tokens)
{
    const as_password_in_t typed = { .address = in->address, .email = in->email,
                                     .password = in->password, .captcha = 1 };
    attempt_t a = {
        .entrance = { .ctx = ctx, .amr = "pwd", .stepwise = stepwise,
                      .guess.code = in->otp && *in->otp ? in->otp : NULL },
    };
    as_result_t result = as_proof_by_password(ctx, &a.proof, &typed, record, &a);

    return as_entrance_tokens(&a.entrance, as_guess_settle(&a.entrance.guess, result), tokens);
}

as_result_t as_sign_in(as_ctx_t *ctx, const void *in, void *out)
{
    return sign_in(ctx, in, 0, out);
}

as_result_t as_sign_in_stepwise(as_ctx_t *ctx, const void *in, void *out)
{
    return sign_in(ctx, in, 1, out);
}

/* ---- the second step ---- */

typedef struct {
    as_entrance_t entrance;
    as_link_t link;
    as_account_t account;
    as_code_t outcome;
} step_t;

/* The account the token stands for; AS_ENO if its credentials have changed since. */
static apr_status_t find_pending(as_db_t *db, step_t *s, apr_pool_t *pool)
{
    as_ctx_t *ctx = s->entrance.ctx;
    char *state, *copy, *epoch, *door_id;
    apr_status_t status = as_link_find(db, ctx, &as_link_two_factor, ctx->bearer, &s->link, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, s->link.subject, &s->account, pool);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    copy = apr_pstrdup(pool, s->link.data);
    epoch = apr_strtok(copy, " ", &state);
    door_id = apr_strtok(NULL, " ", &state);
    s->entrance.account = &s->account;
    s->entrance.amr = state;
    return epoch && door_id && apr_atoi64(epoch) == s->account.epoch
                   && strcmp(door_id, s->account.door_id) == 0 && !s->account.disabled_at
               ? APR_SUCCESS
               : AS_ENO;
}

static apr_status_t finish(as_db_t *db, void *baton, apr_pool_t *pool)
{
    step_t *s = baton;
    as_entrance_t *e = &s->entrance;
    as_entry_t entry = { .event = "sign_in" };
    apr_status_t status = find_pending(db, s, pool);

    s->outcome = AS_UNAUTHENTICATED;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? APR_SUCCESS : status;
    }
    status = as_entrance_enter(db, e, &s->outcome, pool);
    if (status == APR_SUCCESS && s->outcome == AS_OK) {
        status = as_link_use(db, e->ctx, &s->link);
        if (status == AS_ENO) {
            return AS_ERETRY; /* somebody has used it between: look again */
        }
        entry.session_id = e->opening.session.id;
    }
    entry.outcome = s->outcome;
    entry.account_id = s->account.id;
    entry.factors = s->outcome == AS_OK ? e->opening.session.amr
                                        : as_amr_with_factor(e->amr, pool);
    return status == APR_SUCCESS ? as_trail_entry(db, e->ctx, &entry, pool) : status;
}

static apr_status_t look_for_pending(as_db_t *db, void *baton, apr_pool_t *pool)
{
    return find_pending(db, baton, pool);
}

as_result_t as_pending_check(as_ctx_t *ctx)
{
    step_t s = { .entrance.ctx = ctx };
    as_principal_t principal;
    as_result_t result;
    apr_status_t status;

    if (!as_link_is_one(ctx->bearer)) {
        result = as_tokens_check(ctx, ctx->bearer, &principal);
        return result.code == AS_OK ? as_result(AS_NOT_PENDING) : result;
    }
    status = as_store_read(ctx->service->store, look_for_pending, &s, ctx->pool);
    return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
}

as_result_t as_two_factor_verify(as_ctx_t *ctx, const void *in, void *out)
{
    step_t s = { .entrance = { .ctx = ctx,
                               .guess.code = ((const as_second_step_in_t *)in)->code } };
    as_result_t result;
    apr_status_t status;

    status = as_store_write(ctx->service->store, finish, &s, ctx->pool);
    result = as_guess_settle(&s.entrance.guess, status == APR_SUCCESS ? as_result(s.outcome)
                                                                      : as_result_of(status));
    return result.code == AS_OK
               ? as_opening_tokens(ctx, &s.account, &s.entrance.opening, out)
               : result;
}
