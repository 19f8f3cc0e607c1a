/* SPDX-License-Identifier: Apache-2.0
 * Roles and teams. See membership.h.
 */
#include "ops/membership.h"

#include <string.h>

#include <apr_strings.h>

#include "base/text.h"
#include "crypto/random.h"
#include "ops/address.h"
#include "ops/feed.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/roles.h"

#define ROLE_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-"

int as_role_is_sound(const char *role)
{
    apr_size_t len = strspn(role, ROLE_CHARACTERS);

    return len > 0 && len <= AS_ROLE_MAX && role[len] == '\0';
}

apr_status_t as_roles_of(as_db_t *db, const char *account_id, const char *team, const char **words,
                         apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_role_rows(db, account_id, team, &rows, pool);

    *words = "User";
    for (int i = 0; status == APR_SUCCESS && i < rows.rows; i++) {
        const char *role = as_rows_text(&rows, i, 0);

        if (strcmp(role, "User") != 0) {
            *words = apr_pstrcat(pool, *words, " ", role, NULL);
        }
    }
    return status;
}

apr_status_t as_team_of_new_session(as_db_t *db, const char *account_id, const char **team,
                                    apr_pool_t *pool)
{
    apr_status_t status = as_team_last_used(db, account_id, team, pool);

    if (status == AS_ENO) {
        status = as_team_oldest(db, account_id, team, pool);
    }
    if (status == AS_ENO) {
        *team = NULL;
        status = APR_SUCCESS;
    }
    return status;
}

/* ---- giving and taking ---- */

typedef struct {
    as_ctx_t *ctx;
    const as_role_in_t *in;
    int remove;
    as_address_t address;
    as_account_t account;
    int changed;
    const char *wrong; /* why nothing was done, or NULL */
} change_t;

/* The account, and its membership where a team is named; APR_SUCCESS with wrong set if one lacks.
 */
static apr_status_t find(as_db_t *db, change_t *c, apr_pool_t *pool)
{
    apr_status_t status = as_address_account(db, &c->address, &c->account, pool);

    c->wrong = status == AS_ENO ? "there is no account of that address" : NULL;
    if (status == APR_SUCCESS && c->in->team && !c->remove) {
        status = as_membership_get(db, c->account.id, c->in->team, pool);
        c->wrong = status == AS_ENO ? "the account is no member of that team" : NULL;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t change_role(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    const as_ctx_t *ctx = c->ctx;
    apr_status_t status = find(db, c, pool);

    c->changed = 0;
    if (status != APR_SUCCESS || c->wrong) {
        return status;
    }
    status = (c->remove ? as_role_delete : as_role_insert)(db, c->account.id, c->in->role,
                                                          c->in->team);
    if (status == AS_ENO) {
        return APR_SUCCESS;
    }
    c->changed = 1;
    if (status == APR_SUCCESS) {
        const char *role = c->in->team
                               ? apr_pstrcat(pool, c->in->role, " in team ", c->in->team, NULL)
                               : c->in->role;

        status = as_trail_of(db, ctx, c->remove ? "role_remove" : "role_add", c->account.id, role,
                             pool);
    }
    if (status == APR_SUCCESS && c->remove) {
        status = as_session_revoke_tokens(db, c->account.id, ctx->now, as_remember_until(ctx));
    }
    if (status == APR_SUCCESS && c->remove) {
        status = as_account_by_id(db, c->account.id, &c->account, pool);
    }
    return status;
}

static as_result_t change(as_ctx_t *ctx, const as_role_in_t *in, int remove)
{
    change_t c = { .ctx = ctx, .in = in, .remove = remove };
    apr_status_t status;

    if (!as_role_is_sound(in->role)) {
        return as_result_detail(AS_INVALID, "a role is 1 to 64 letters, digits and _ . : -");
    }
    if (!as_address_parse(&c.address, in->address, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no address");
    }
    status = as_store_write(ctx->service->store, change_role, &c, ctx->pool);
    if (status == APR_SUCCESS && c.wrong) {
        return as_result_detail(AS_INVALID, c.wrong);
    }
    if (status == APR_SUCCESS && c.changed && remove) {
        as_feed_publish_account(ctx, c.account.id, c.account.epoch);
    }
    return as_result_of(status);
}

as_result_t as_role_add(as_ctx_t *ctx, const as_role_in_t *in)
{
    return change(ctx, in, 0);
}

as_result_t as_role_remove(as_ctx_t *ctx, const as_role_in_t *in)
{
    return change(ctx, in, 1);
}

/* ---- teams ---- */

typedef struct {
    as_ctx_t *ctx;
    const char *id, *name;
    as_address_t address;
    const char *wrong;
} team_t;

static apr_status_t create(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const team_t *t = baton;
    apr_status_t status = as_team_insert(db, t->id, t->name, t->ctx->now);

    return status == APR_SUCCESS ? as_trail_of(db, t->ctx, "team_create", NULL, t->id, pool)
                                 : status;
}

as_result_t as_team_create(as_ctx_t *ctx, const char *name, const char **id)
{
    team_t t = { .ctx = ctx, .id = as_random_id(ctx->pool), .name = name };
    apr_ssize_t points = as_text_points(name);

    if (points < 1 || strlen(name) > AS_TEAM_NAME_MAX || as_text_has_control(name)) {
        return as_result_detail(AS_INVALID, "a team's name is 1 to 255 octets of UTF-8");
    }
    *id = t.id;
    return as_result_of(as_store_write(ctx->service->store, create, &t, ctx->pool));
}

static apr_status_t join(as_db_t *db, void *baton, apr_pool_t *pool)
{
    team_t *t = baton;
    as_account_t account;
    apr_status_t status = as_team_name(db, t->id, &t->name, pool);

    t->wrong = status == AS_ENO ? "there is no team of that id" : NULL;
    if (status == APR_SUCCESS) {
        status = as_address_account(db, &t->address, &account, pool);
        t->wrong = status == AS_ENO ? "there is no account of that address" : NULL;
    }
    if (status == APR_SUCCESS) {
        status = as_membership_insert(db, account.id, t->id, t->ctx->now);
        if (status == APR_SUCCESS) {
            status = as_trail_of(db, t->ctx, "team_join", account.id, t->id, pool);
        }
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

as_result_t as_team_join(as_ctx_t *ctx, const char *team, const char *address)
{
    team_t t = { .ctx = ctx, .id = team };
    apr_status_t status;

    if (!as_address_parse(&t.address, address, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no address");
    }
    status = as_store_write(ctx->service->store, join, &t, ctx->pool);
    return status == APR_SUCCESS && t.wrong ? as_result_detail(AS_INVALID, t.wrong)
                                            : as_result_of(status);
}

static apr_status_t leave(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    const as_ctx_t *ctx = c->ctx;
    apr_status_t status = find(db, c, pool);

    if (status != APR_SUCCESS || c->wrong) {
        return status;
    }
    status = as_membership_delete(db, c->account.id, c->in->team);
    if (status == AS_ENO) {
        c->wrong = "the account is no member of that team";
        return APR_SUCCESS;
    }
    if (status == APR_SUCCESS) {
        status = as_trail_of(db, ctx, "team_leave", c->account.id, c->in->team, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_session_revoke_tokens(db, c->account.id, ctx->now, as_remember_until(ctx));
    }
    return status;
}

as_result_t as_team_leave(as_ctx_t *ctx, const char *team, const char *address)
{
    const as_role_in_t in = { .address = address, .team = team };
    change_t c = { .ctx = ctx, .in = &in, .remove = 1 };
    apr_status_t status;

    if (!as_address_parse(&c.address, address, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no address");
    }
    status = as_store_write(ctx->service->store, leave, &c, ctx->pool);
    if (status == APR_SUCCESS && c.wrong) {
        return as_result_detail(AS_INVALID, c.wrong);
    }
    if (status == APR_SUCCESS) {
        as_feed_publish_account(ctx, c.account.id, c.account.epoch + 1);
    }
    return as_result_of(status);
}
