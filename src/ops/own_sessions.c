/* SPDX-License-Identifier: Apache-2.0
 * Sessions as their owner sees them, and ending them by number. See sessions.h.
 */
#include "ops/sessions.h"

#include <string.h>

#include "crypto/random.h"
#include "ops/feed.h"
#include "ops/membership.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/factors.h"
#include "store/lists.h"
#include "store/roles.h"

#define EACH_MAX 64 /* sessions that are revoked one by one; of more, all access tokens die */

/* ---- ending all but one ---- */

apr_status_t as_doors_forget(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                             as_ended_t *ended, apr_pool_t *pool)
{
    apr_status_t status = as_account_set_door(db, account->id, account->door_id,
                                              as_random_id(pool));

    ended->account_id = account->id;
    ended->door_id = account->door_id;
    if (status == APR_SUCCESS) {
        status = as_session_feed(db, account->door_id, account->id, ctx->now,
                                 as_remember_until(ctx));
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

static apr_status_t feed_each(as_db_t *db, const as_ctx_t *ctx, const as_ended_t *ended)
{
    apr_status_t status = APR_SUCCESS;

    for (int i = 0; status == APR_SUCCESS && i < ended->sessions.rows; i++) {
        status = as_session_feed(db, as_rows_text(&ended->sessions, i, 0), ended->account_id,
                                 ctx->now, as_remember_until(ctx));
    }
    return status;
}

apr_status_t as_sessions_end_others(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                                    const char *session_id, as_ended_t *ended, apr_pool_t *pool)
{
    const char *but = session_id ? session_id : "";
    apr_int64_t since = ctx->now - as_tokens_memory(ctx->service);
    apr_status_t status;

    *ended = (as_ended_t){ .account_id = account->id };
    status = as_session_live_others(db, account->id, but, since, EACH_MAX + 1, &ended->sessions,
                                    pool);
    if (status == APR_SUCCESS) {
        status = as_session_end_others(db, account->id, but, ctx->now);
    }
    if (status == APR_SUCCESS) {
        status = as_doors_forget(db, ctx, account, ended, pool);
    }
    if (status == APR_SUCCESS && ended->sessions.rows > EACH_MAX) {
        ended->least_epoch = account->epoch + 1;
        return as_session_revoke_tokens(db, account->id, ctx->now, as_remember_until(ctx));
    }
    return status == APR_SUCCESS ? feed_each(db, ctx, ended) : status;
}

void as_ended_publish(const as_ctx_t *ctx, const as_ended_t *ended)
{
    for (int i = 0; i < ended->sessions.rows; i++) {
        as_feed_publish_session(ctx, as_rows_text(&ended->sessions, i, 0));
    }
    if (ended->door_id) {
        as_feed_publish_session(ctx, ended->door_id);
    }
    if (ended->least_epoch) {
        as_feed_publish_account(ctx, ended->account_id, ended->least_epoch);
    }
}

/* ---- the list ---- */

typedef struct {
    as_ctx_t *ctx;
    as_rows_t rows;
} listing_t;

static apr_status_t read_sessions(as_db_t *db, void *baton, apr_pool_t *pool)
{
    listing_t *l = baton;

    return as_list_sessions(db, l->ctx->principal->account_id, l->ctx->now, &l->rows, pool);
}

as_result_t as_sessions_list(as_ctx_t *ctx, const void *in, void *out)
{
    enum { ID, DIALECT, TEAM, AMR, CREATED, USED, EXPIRES, ADDRESS, AGENT }; /* as lists.h has it */
    listing_t l = { .ctx = ctx };
    apr_status_t status = as_store_read(ctx->service->store, read_sessions, &l, ctx->pool);
    as_list_t *list = out;

    (void)in;
    list->items = apr_array_make(ctx->pool, l.rows.rows, sizeof(as_session_view_t));
    for (int i = 0; status == APR_SUCCESS && i < l.rows.rows; i++) {
        as_session_view_t *view = apr_array_push(list->items);

        view->id = as_rows_text(&l.rows, i, ID);
        view->created_at = as_rows_integer(&l.rows, i, CREATED);
        view->used_at = as_rows_integer(&l.rows, i, USED);
        view->address = as_rows_text(&l.rows, i, ADDRESS);
        view->agent = as_rows_text(&l.rows, i, AGENT);
        view->current = strcmp(view->id, ctx->principal->session_id) == 0;
    }
    return as_result_of(status);
}

/* ---- ending them ---- */

typedef struct {
    as_ctx_t *ctx;
    const char *id;
    as_ended_t ended;
    as_code_t outcome;
} ending_t;

static apr_status_t end_one(as_db_t *db, void *baton, apr_pool_t *pool)
{
    ending_t *e = baton;
    const as_ctx_t *ctx = e->ctx;
    as_session_t session;
    apr_status_t status = as_session_by_id(db, e->id, &session, pool);

    e->outcome = AS_NOT_FOUND;
    if (status != APR_SUCCESS || session.ended_at || session.expires_at <= ctx->now
        || strcmp(session.account_id, ctx->principal->account_id) != 0) {
        return status == AS_ENO ? APR_SUCCESS : status;
    }
    e->outcome = AS_OK;
    status = as_trail(db, ctx, "revoke", AS_OK, session.account_id, session.id, pool);
    return status == APR_SUCCESS ? as_session_end(db, &session, ctx->now, as_remember_until(ctx))
                                 : status;
}

as_result_t as_sessions_end_one(as_ctx_t *ctx, const void *in, void *out)
{
    ending_t e = { .ctx = ctx, .id = ((const as_id_in_t *)in)->id };
    apr_status_t status = as_principal_write(ctx, end_one, &e);

    (void)out;
    if (status == APR_SUCCESS && e.outcome == AS_OK) {
        as_feed_publish_session(ctx, e.id);
    }
    return status == APR_SUCCESS ? as_result(e.outcome) : as_result_of(status);
}

static apr_status_t end_rest(as_db_t *db, void *baton, apr_pool_t *pool)
{
    ending_t *e = baton;
    const as_ctx_t *ctx = e->ctx;
    const as_principal_t *p = ctx->principal;
    as_account_t account;
    apr_status_t status = as_account_by_id(db, p->account_id, &account, pool);

    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "revoke_others", AS_OK, p->account_id, p->session_id, pool);
    }
    return status == APR_SUCCESS
               ? as_sessions_end_others(db, ctx, &account, p->session_id, &e->ended, pool)
               : status;
}

as_result_t as_sessions_end_rest(as_ctx_t *ctx, const void *in, void *out)
{
    ending_t e = { .ctx = ctx };
    apr_status_t status = as_principal_write(ctx, end_rest, &e);

    (void)in;
    (void)out;
    if (status == APR_SUCCESS) {
        as_ended_publish(ctx, &e.ended);
    }
    return as_result_of(status);
}

/* ---- another team ---- */

typedef struct {
    as_ctx_t *ctx;
    const char *team;
    as_session_t session;
    as_account_t account;
    const char *roles;
    int two_factor;
    as_code_t outcome;
} move_t;

/* The principal's session and account as they are now. AS_ENO: the session has run out. */
static apr_status_t find_own(as_db_t *db, move_t *m, apr_pool_t *pool)
{
    const as_principal_t *p = m->ctx->principal;
    apr_status_t status = as_session_by_id(db, p->session_id, &m->session, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, p->account_id, &m->account, pool);
    }
    return status == APR_SUCCESS && m->session.expires_at <= m->ctx->now ? AS_ENO : status;
}

/* Whether the team is there and the account in it, now. */
static apr_status_t judge_team(as_db_t *db, move_t *m, apr_pool_t *pool)
{
    const char *name;
    apr_status_t status = as_team_name(db, m->team, &name, pool);

    m->outcome = status == AS_ENO ? AS_TEAM_UNKNOWN : AS_OK;
    if (status == APR_SUCCESS) {
        status = as_membership_get(db, m->account.id, m->team, pool);
        m->outcome = status == AS_ENO ? AS_NOT_A_MEMBER : AS_OK;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t move(as_db_t *db, move_t *m, apr_pool_t *pool)
{
    const as_ctx_t *ctx = m->ctx;
    apr_int64_t expires = ctx->now + ctx->service->policy.refresh_ttl;
    apr_status_t status;

    expires = expires < m->session.ends_at ? expires : m->session.ends_at;
    status = as_session_change_team(db, &m->session, m->team, expires, ctx->now);
    m->session.team = m->team;
    if (status == APR_SUCCESS) {
        status = as_roles_of(db, m->account.id, m->team, &m->roles, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_factor_on(db, m->account.id, pool);
        m->two_factor = status == APR_SUCCESS;
        return status == AS_ENO ? APR_SUCCESS : status;
    }
    return status == AS_ENO ? AS_ERETRY : status; /* somebody rotated between: look again */
}

static apr_status_t change_team(as_db_t *db, void *baton, apr_pool_t *pool)
{
    move_t *m = baton;
    const as_principal_t *p = m->ctx->principal;
    apr_status_t status = find_own(db, m, pool);

    if (status == AS_ENO) {
        m->outcome = AS_UNAUTHENTICATED;
        return APR_SUCCESS;
    }
    if (status == APR_SUCCESS) {
        status = judge_team(db, m, pool);
    }
    if (status == APR_SUCCESS && m->outcome == AS_OK) {
        status = move(db, m, pool);
    }
    return status == APR_SUCCESS ? as_trail_entry(db, m->ctx,
                                                  &(const as_entry_t){
                                                      .event = "change_team",
                                                      .outcome = m->outcome,
                                                      .account_id = p->account_id,
                                                      .session_id = p->session_id,
                                                      .detail = m->outcome == AS_TEAM_UNKNOWN
                                                                    ? NULL
                                                                    : m->team },
                                                  pool)
                                 : status;
}

as_result_t as_change_team(as_ctx_t *ctx, const void *in, void *out)
{
    move_t m = { .ctx = ctx, .team = ((const as_change_team_in_t *)in)->team };
    apr_status_t status;
    as_grant_t grant;

    if (ctx->service->policy.demo) {
        return as_result(AS_DEMO);
    }
    status = as_principal_write(ctx, change_team, &m);
    if (status != APR_SUCCESS || m.outcome != AS_OK) {
        return status == APR_SUCCESS ? as_result(m.outcome) : as_result_of(status);
    }
    grant = (as_grant_t){
        .account = &m.account,
        .session = &m.session,
        .generation = m.session.generation + 1,
        .roles = m.roles,
        .two_factor = m.two_factor,
    };
    return as_tokens_issue(ctx, &grant, out);
}
