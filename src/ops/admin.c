/* SPDX-License-Identifier: Apache-2.0
 * Acts of an administrator. See admin.h.
 */
#include "ops/admin.h"

#include <string.h>

#include <apr_strings.h>

#include "base/text.h"
#include "crypto/random.h"
#include "ops/accounts.h"
#include "ops/challenges.h"
#include "ops/deletion.h"
#include "ops/feed.h"
#include "ops/outbox.h"
#include "ops/reserved.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/factors.h"
#include "store/outbox.h"
#include "store/sessions.h"

typedef struct act_t act_t;

/* What a transaction does with the account it has found; AS_ENO: nothing was to be done. */
typedef apr_status_t (*deed_fn)(as_db_t *db, act_t *act, apr_pool_t *pool);

struct act_t {
    const as_ctx_t *ctx;
    const char *who; /* as it was typed: an account, or a session */
    deed_fn deed;
    as_account_t account;
    const char *wrong; /* why it was refused, or NULL */
};

apr_status_t as_admin_find(as_db_t *db, const char *who, as_account_t *account, apr_pool_t *pool)
{
    as_address_t address;

    if (as_address_parse(&address, who, pool)) {
        return as_address_account(db, &address, account, pool);
    }
    return as_account_by_id(db, who, account, pool);
}

/* ---- accounts ---- */

static apr_status_t perform(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *act = baton;
    apr_status_t status = as_admin_find(db, act->who, &act->account, pool);

    act->wrong = NULL;
    if (status == APR_SUCCESS && act->account.deleted_at) {
        act->wrong = "it was deleted, for good";
        return APR_SUCCESS;
    }
    if (status == APR_SUCCESS) {
        status = act->deed(db, act, pool);
        return status == AS_ENO ? APR_SUCCESS : status;
    }
    act->account.id = NULL;
    return status == AS_ENO ? APR_SUCCESS : status;
}

/* The act by the account's name; its access tokens below the next epoch are dead if revokes. */
static as_result_t act_on(as_ctx_t *ctx, const char *who, deed_fn deed, int revokes)
{
    act_t act = { .ctx = ctx, .who = who, .deed = deed };
    apr_status_t status = as_store_write(ctx->service->store, perform, &act, ctx->pool);

    if (status == APR_SUCCESS && !act.account.id) {
        return as_result_detail(AS_NOT_FOUND, "there is no such account");
    }
    if (status == APR_SUCCESS && act.wrong) {
        return as_result_detail(AS_INVALID, act.wrong);
    }
    if (status == APR_SUCCESS && revokes) {
        as_feed_publish_account(ctx, act.account.id, act.account.epoch + 1);
    }
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return as_result_of(status);
}

static apr_status_t disable(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    const as_ctx_t *ctx = act->ctx;
    const char *id = act->account.id;
    apr_status_t status = as_account_disable(db, id, ctx->now);

    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "disable", AS_OK, id, NULL, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_challenges_end(db, ctx, id, pool);
    }
    return status == APR_SUCCESS
               ? as_session_end_all(db, id, ctx->now, as_remember_until(ctx))
               : status;
}

as_result_t as_admin_disable(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, disable, 1);
}

static apr_status_t enable(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    apr_status_t status = as_account_enable(db, act->account.id);

    return status == APR_SUCCESS
               ? as_trail(db, act->ctx, "enable", AS_OK, act->account.id, NULL, pool)
               : status;
}

as_result_t as_admin_enable(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, enable, 0);
}

static apr_status_t delete(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    apr_status_t status = as_trail(db, act->ctx, "delete", AS_OK, act->account.id, NULL, pool);

    return status == APR_SUCCESS ? as_account_end(db, act->ctx, &act->account, pool) : status;
}

as_result_t as_admin_delete(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, delete, 1);
}

/* Whoever asks an administrator for this has lost his device, or somebody has taken it. */
static apr_status_t two_factor_off(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    const as_ctx_t *ctx = act->ctx;
    const char *id = act->account.id;
    apr_status_t status = as_factor_on(db, id, pool);

    act->wrong = status == AS_ENO ? "it has no second factor" : NULL;
    if (status == APR_SUCCESS) {
        status = as_factor_delete(db, id);
    }
    if (status == APR_SUCCESS) {
        status = as_notice_put(db, ctx, &act->account, "two_factor_off", pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "two_factor_off", AS_OK, id, NULL, pool);
    }
    return status == APR_SUCCESS
               ? as_session_revoke_all(db, id, ctx->now, as_remember_until(ctx))
               : status;
}

as_result_t as_admin_two_factor_off(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, two_factor_off, 1);
}

typedef struct {
    const as_ctx_t *ctx;
    as_address_t address;
    int n;
} release_t;

static apr_status_t release(as_db_t *db, void *baton, apr_pool_t *pool)
{
    release_t *r = baton;
    apr_status_t status = as_release(db, r->ctx, AS_RESERVED_ADDRESS, r->address.text, &r->n, pool);

    return status == APR_SUCCESS && r->n > 0
               ? as_trail(db, r->ctx, "release", AS_OK, NULL, NULL, pool)
               : status;
}

as_result_t as_admin_release(as_ctx_t *ctx, const char *address)
{
    release_t r = { .ctx = ctx };
    apr_status_t status;

    if (!as_address_parse(&r.address, address, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no address");
    }
    status = as_store_write(ctx->service->store, release, &r, ctx->pool);
    return status == APR_SUCCESS && r.n == 0
               ? as_result_detail(AS_NOT_FOUND, "no deleted account had that address")
               : as_result_of(status);
}

static apr_status_t send_code(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                              apr_pool_t *pool)
{
    const as_address_t to = {
        .channel = account->email ? AUTHSVC_EMAIL : AUTHSVC_SMS,
        .text = account->email ? account->email : account->phone,
    };
    const as_challenge_order_t order = { .kind = &as_code_recovery, .subject = account->id,
                                         .to = &to, .bound = to.text };

    return as_code_send(db, ctx, &order, NULL, pool);
}

static apr_status_t reset(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    const as_account_t *account = &act->account;
    apr_status_t status;

    act->wrong = account->disabled_at ? "the account is disabled"
                 : !account->email && !account->phone ? "the account has no address"
                                                      : NULL;
    if (act->wrong) {
        return APR_SUCCESS;
    }
    status = send_code(db, act->ctx, account, pool);
    return status == APR_SUCCESS
               ? as_trail(db, act->ctx, "password_reset", AS_OK, account->id, NULL, pool)
               : status;
}

as_result_t as_admin_reset(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, reset, 0);
}

/* ---- a new one ---- */

typedef struct {
    const as_ctx_t *ctx;
    as_address_t address;
    as_account_t account;
    as_code_t taken; /* AS_OK, or why the address cannot be had */
} creation_t;

static apr_status_t create(as_db_t *db, void *baton, apr_pool_t *pool)
{
    creation_t *c = baton;
    apr_status_t status = as_account_make(db, c->ctx, &c->account, &c->taken, pool);

    if (status != APR_SUCCESS || c->taken != AS_OK) {
        return status;
    }
    status = send_code(db, c->ctx, &c->account, pool);
    return status == APR_SUCCESS
               ? as_trail(db, c->ctx, "account_create", AS_OK, c->account.id, NULL, pool)
               : status;
}

/* 1, or 0 if it is no name. */
static int take_name(as_account_t *account, const char *name, apr_pool_t *pool)
{
    if (as_text_points(name) < 1 || strlen(name) > AS_NAME_MAX || as_text_has_control(name)) {
        return 0;
    }
    as_text_split_name(pool, name, &account->first_name, &account->last_name);
    return 1;
}

as_result_t as_admin_create(as_ctx_t *ctx, const char *address, const char *name, const char **id)
{
    creation_t c = { .ctx = ctx };
    apr_status_t status;

    c.account = (as_account_t){ .id = as_random_id(ctx->pool), .created_at = ctx->now };
    if (!as_address_parse(&c.address, address, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no address");
    }
    if (name && !take_name(&c.account, name, ctx->pool)) {
        return as_result_detail(AS_INVALID, "a name is 1 to 255 octets of UTF-8");
    }
    *(c.address.channel == AUTHSVC_SMS ? &c.account.phone : &c.account.email) = c.address.text;
    status = as_store_write(ctx->service->store, create, &c, ctx->pool);
    if (status == APR_SUCCESS && c.taken != AS_OK) {
        return as_result_detail(c.taken, c.taken == AS_ADDRESS_TAKEN
                                             ? "an account has that address"
                                             : "the account of that address was deleted: "
                                               "account release frees it");
    }
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    *id = c.account.id;
    return as_result_of(status);
}

/* ---- sessions ---- */

static apr_status_t sign_out(as_db_t *db, act_t *act, apr_pool_t *pool)
{
    const as_ctx_t *ctx = act->ctx;
    const char *id = act->account.id;
    apr_status_t status = as_trail(db, ctx, "revoke_all", AS_OK, id, NULL, pool);

    return status == APR_SUCCESS
               ? as_session_revoke_all(db, id, ctx->now, as_remember_until(ctx))
               : status;
}

as_result_t as_admin_sign_out(as_ctx_t *ctx, const char *who)
{
    return act_on(ctx, who, sign_out, 1);
}

static apr_status_t end_session(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *act = baton;
    const as_ctx_t *ctx = act->ctx;
    as_session_t session;
    apr_status_t status = as_session_by_id(db, act->who, &session, pool);

    act->wrong = NULL;
    if (status == AS_ENO
        || (status == APR_SUCCESS && (session.ended_at || session.expires_at <= ctx->now))) {
        act->wrong = "no session of that id lives";
        return APR_SUCCESS;
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "revoke", AS_OK, session.account_id, session.id, pool);
    }
    return status == APR_SUCCESS
               ? as_session_end(db, &session, ctx->now, as_remember_until(ctx))
               : status;
}

as_result_t as_admin_end_session(as_ctx_t *ctx, const char *id)
{
    act_t act = { .ctx = ctx, .who = id };
    apr_status_t status = as_store_write(ctx->service->store, end_session, &act, ctx->pool);

    if (status == APR_SUCCESS && act.wrong) {
        return as_result_detail(AS_NOT_FOUND, act.wrong);
    }
    if (status == APR_SUCCESS) {
        as_feed_publish_session(ctx, id);
    }
    return as_result_of(status);
}

/* ---- messages ---- */

typedef struct {
    const as_ctx_t *ctx;
    const char *id; /* NULL: all */
    int n, known;
    apr_int64_t state;
    const char *reason;
} retry_t;

static apr_status_t retry(as_db_t *db, void *baton, apr_pool_t *pool)
{
    retry_t *r = baton;
    apr_status_t status = APR_SUCCESS;

    r->state = AS_OUTBOX_WAITING;
    if (r->id) {
        status = as_outbox_state(db, r->id, &r->state, &r->reason, pool);
    }
    r->known = status != AS_ENO;
    if (status == APR_SUCCESS && r->state == AS_OUTBOX_WAITING) {
        status = as_outbox_hurry(db, r->id, r->ctx->now, &r->n);
        return status == APR_SUCCESS
                   ? as_trail(db, r->ctx, "outbox_retry", AS_OK, NULL, NULL, pool)
                   : status;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

as_result_t as_admin_retry(as_ctx_t *ctx, const char *id, int *n)
{
    retry_t r = { .ctx = ctx, .id = id };
    apr_status_t status = as_store_write(ctx->service->store, retry, &r, ctx->pool);

    *n = r.n;
    if (status == APR_SUCCESS && !r.known) {
        return as_result_detail(AS_NOT_FOUND, "there is no such message");
    }
    if (status == APR_SUCCESS && r.state == AS_OUTBOX_SENT) {
        return as_result_detail(AS_INVALID, "it has been sent");
    }
    if (status == APR_SUCCESS && r.state == AS_OUTBOX_DEAD) {
        return as_result_detail(AS_INVALID,
                                apr_psprintf(ctx->pool, "it is dead (%s), and its text was wiped",
                                             *r.reason ? r.reason : "never meant to be sent"));
    }
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return as_result_of(status);
}
