/* SPDX-License-Identifier: Apache-2.0
 * Operations on sessions. See sessions.h.
 */
#include "ops/sessions.h"

#include "crypto/refresh.h"
#include "ops/feed.h"
#include "ops/membership.h"
#include "ops/trail.h"

typedef struct {
    as_ctx_t *ctx;
    as_refresh_t token;
    int sign_out;
    int ended; /* the session was ended here: tell the cache */
    as_session_t session;
    as_account_t account;
    const char *roles;
    apr_int64_t generation; /* of the refresh token to hand out */
    as_code_t outcome;
} turn_t;

as_token_age_t as_token_age(const as_session_t *session, apr_int64_t generation, apr_int64_t now,
                            apr_int64_t grace)
{
    if (session->ended_at || session->expires_at <= now) {
        return AS_TOKEN_DEAD;
    }
    if (generation == session->generation) {
        return AS_TOKEN_CURRENT;
    }
    if (generation > session->generation) {
        return AS_TOKEN_AHEAD;
    }
    return generation == session->generation - 1 && now - session->rotated_at <= grace
               ? AS_TOKEN_PREDECESSOR
               : AS_TOKEN_OLD;
}

static apr_status_t find(as_db_t *db, void *baton, apr_pool_t *pool)
{
    turn_t *t = baton;

    return as_session_by_id(db, t->token.session, &t->session, pool);
}

static apr_status_t end(as_db_t *db, turn_t *t, const char *event, as_code_t outcome,
                        apr_pool_t *pool)
{
    const as_ctx_t *ctx = t->ctx;
    apr_status_t status = as_trail(db, ctx, event, outcome, t->session.account_id, t->session.id,
                                   pool);

    t->outcome = outcome;
    t->ended = 1;
    return status == APR_SUCCESS
               ? as_session_end(db, &t->session, ctx->now,
                                ctx->now + as_tokens_memory(ctx->service))
               : status;
}

static apr_status_t rotate(as_db_t *db, turn_t *t)
{
    apr_int64_t now = t->ctx->now, expires = now + t->ctx->service->policy.refresh_ttl;
    apr_status_t status;

    if (expires > t->session.ends_at) {
        expires = t->session.ends_at;
    }
    status = as_session_rotate(db, t->session.id, t->session.generation, expires, now);
    t->generation = t->session.generation + 1;
    return status == AS_ENO ? AS_ERETRY : status; /* somebody rotated between: look again */
}

/* Reads the row anew and decides; what it decides holds because the row's generation is part of
 * each write.
 */
static apr_status_t take_turn(as_db_t *db, void *baton, apr_pool_t *pool)
{
    turn_t *t = baton;
    const as_policy_t *policy = &t->ctx->service->policy;
    apr_status_t status = as_session_by_id(db, t->token.session, &t->session, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, t->session.account_id, &t->account, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_roles_of(db, t->account.id, t->session.team, &t->roles, pool);
    }
    t->outcome = AS_REFRESH_WRONG;
    t->ended = 0;
    if (status == AS_ENO || (status == APR_SUCCESS && t->account.disabled_at)) {
        return APR_SUCCESS;
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    switch (as_token_age(&t->session, t->token.generation, t->ctx->now, policy->refresh_grace)) {
    case AS_TOKEN_CURRENT:
        if (!t->sign_out) {
            t->outcome = AS_OK;
            return rotate(db, t);
        }
        return end(db, t, "sign_out", AS_OK, pool);
    case AS_TOKEN_PREDECESSOR:
        if (!t->sign_out) {
            t->outcome = AS_OK;
            t->generation = t->session.generation;
            return APR_SUCCESS;
        }
        return end(db, t, "sign_out", AS_OK, pool);
    case AS_TOKEN_OLD:
        return end(db, t, "refresh", AS_REFRESH_REUSED, pool);
    case AS_TOKEN_AHEAD:
        return end(db, t, "refresh", AS_REFRESH_AHEAD, pool);
    case AS_TOKEN_DEAD:
        break;
    }
    return APR_SUCCESS;
}

/* Nobody holds the database's write lock before the MAC has been checked. */
static as_result_t turn(turn_t *t, const char *token)
{
    as_service_t *service = t->ctx->service;
    apr_status_t status;

    if (!as_refresh_parse(&t->token, token)) {
        return as_result(AS_REFRESH_WRONG);
    }
    status = as_store_read(service->store, find, t, t->ctx->pool);
    if (status == AS_ENO
        || (status == APR_SUCCESS
            && !as_refresh_check(&t->token, service->secrets, t->session.salt))) {
        return as_result(AS_REFRESH_WRONG);
    }
    if (status == APR_SUCCESS) {
        status = as_store_write(service->store, take_turn, t, t->ctx->pool);
    }
    if (status == APR_SUCCESS && t->ended) {
        as_feed_publish_session(t->ctx, t->session.id);
    }
    return status == APR_SUCCESS ? as_result(t->outcome) : as_result_of(status);
}

as_result_t as_refresh(as_ctx_t *ctx, const void *in, void *out)
{
    turn_t t = { .ctx = ctx };
    as_result_t result = turn(&t, ((const as_refresh_in_t *)in)->refresh_token);

    if (result.code != AS_OK) {
        return result;
    }
    return as_tokens_issue(ctx,
                           &(as_grant_t){ .account = &t.account, .session = &t.session,
                                          .generation = t.generation, .roles = t.roles,
                                          .team = t.session.team },
                           out);
}

as_result_t as_sign_out(as_ctx_t *ctx, const void *in, void *out)
{
    turn_t t = { .ctx = ctx, .sign_out = 1 };

    (void)out;
    return turn(&t, ((const as_refresh_in_t *)in)->refresh_token);
}
