/* SPDX-License-Identifier: Apache-2.0
 * Sessions by refresh token. See sessions.h.
 */
#include "ops/sessions.h"

#include <string.h>

#include "crypto/refresh.h"
#include "ops/feed.h"
#include "ops/membership.h"
#include "ops/trail.h"
#include "store/factors.h"

/* What a good refresh token is shown for. */
typedef enum { ROTATE, LOOK, SIGN_OUT } purpose_t;

typedef struct {
    as_ctx_t *ctx;
    as_refresh_t token;
    purpose_t purpose;
    int ended; /* the session was ended here: tell the cache */
    as_session_t session;
    as_account_t account;
    const char *roles;
    int two_factor;
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
               ? as_session_end(db, &t->session, ctx->now, as_remember_until(ctx))
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

/* The row and all that its tokens say. AS_ENO: there is nothing to go on with. */
static apr_status_t read_anew(as_db_t *db, turn_t *t, apr_pool_t *pool)
{
    apr_status_t status = as_session_by_id(db, t->token.session, &t->session, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, t->session.account_id, &t->account, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_roles_of(db, t->account.id, t->session.team, &t->roles, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_factor_on(db, t->account.id, pool);
        t->two_factor = status == APR_SUCCESS;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    return status == APR_SUCCESS && t->account.disabled_at ? AS_ENO : status;
}

static apr_status_t use(as_db_t *db, turn_t *t, as_token_age_t age, apr_pool_t *pool)
{
    if (t->purpose == SIGN_OUT) {
        return end(db, t, "sign_out", AS_OK, pool);
    }
    if (t->purpose == LOOK && strcmp(t->session.dialect, t->ctx->dialect) != 0) {
        return APR_SUCCESS;
    }
    t->outcome = AS_OK;
    t->generation = t->session.generation;
    return t->purpose == ROTATE && age == AS_TOKEN_CURRENT
               ? rotate(db, t)
               : as_session_touch(db, t->session.id, t->ctx->now);
}

/* Reads the row anew and decides; what it decides holds because the row's generation is part of
 * each write.
 */
static apr_status_t take_turn(as_db_t *db, void *baton, apr_pool_t *pool)
{
    turn_t *t = baton;
    apr_int64_t grace = t->ctx->service->policy.refresh_grace;
    apr_status_t status = read_anew(db, t, pool);
    as_token_age_t age;

    t->outcome = AS_REFRESH_WRONG;
    t->ended = 0;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? APR_SUCCESS : status;
    }
    age = as_token_age(&t->session, t->token.generation, t->ctx->now, grace);
    switch (age) {
    case AS_TOKEN_CURRENT:
    case AS_TOKEN_PREDECESSOR:
        return use(db, t, age, pool);
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

static as_result_t refresh(as_ctx_t *ctx, purpose_t purpose, const as_refresh_in_t *in,
                           as_tokens_t *tokens)
{
    turn_t t = { .ctx = ctx, .purpose = purpose };
    as_result_t result = turn(&t, in->refresh_token);
    const as_grant_t grant = {
        .account = &t.account,
        .session = &t.session,
        .generation = t.generation,
        .roles = t.roles,
        .two_factor = t.two_factor,
    };

    return result.code == AS_OK ? as_tokens_issue(ctx, &grant, tokens) : result;
}

as_result_t as_refresh(as_ctx_t *ctx, const void *in, void *out)
{
    return refresh(ctx, ROTATE, in, out);
}

as_result_t as_refresh_access(as_ctx_t *ctx, const void *in, void *out)
{
    return refresh(ctx, LOOK, in, out);
}

as_result_t as_sign_out(as_ctx_t *ctx, const void *in, void *out)
{
    turn_t t = { .ctx = ctx, .purpose = SIGN_OUT };

    (void)out;
    return turn(&t, ((const as_refresh_in_t *)in)->refresh_token);
}
