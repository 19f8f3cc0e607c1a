/* SPDX-License-Identifier: Apache-2.0
 * Making accounts and looking at them. See accounts.h.
 */
#include "ops/accounts.h"

#include "base/text.h"
#include "crypto/random.h"
#include "ops/captcha.h"
#include "ops/challenges.h"
#include "ops/membership.h"
#include "ops/outbox.h"
#include "ops/reserved.h"
#include "ops/signin.h"
#include "ops/throttle.h"
#include "ops/trail.h"
#include "store/factors.h"
#include "store/pendings.h"

#define RACES 8 /* for a public number that nobody has */

apr_status_t as_account_end_sign_up(as_db_t *db, const as_ctx_t *ctx, const char *address,
                                    apr_pool_t *pool)
{
    as_pending_t pending;
    apr_status_t status = as_pending_by_address(db, address, &pending, pool);

    if (status == APR_SUCCESS) {
        status = as_challenge_end(db, ctx, &as_code_signup, pending.id, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_pending_delete(db, pending.id);
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

apr_status_t as_account_look(as_db_t *db, const as_ctx_t *ctx, const as_address_t *address,
                             as_code_t *outcome, apr_pool_t *pool)
{
    as_account_t other;
    apr_status_t status = as_address_account(db, address, &other, pool);

    *outcome = status == APR_SUCCESS ? AS_ADDRESS_TAKEN : AS_OK;
    if (status == AS_ENO) {
        status = as_reserved_check(db, ctx, AS_RESERVED_ADDRESS, address->text, pool);
        *outcome = status == APR_SUCCESS ? AS_ACCOUNT_DELETED : AS_OK;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t look(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                         as_code_t *outcome, apr_pool_t *pool)
{
    const as_address_t mail = { .channel = AUTHSVC_EMAIL, .text = account->email };
    const as_address_t phone = { .channel = AUTHSVC_SMS, .text = account->phone };
    apr_status_t status = APR_SUCCESS;

    *outcome = AS_OK;
    if (mail.text) {
        status = as_account_look(db, ctx, &mail, outcome, pool);
    }
    if (status == APR_SUCCESS && *outcome == AS_OK && phone.text) {
        status = as_account_look(db, ctx, &phone, outcome, pool);
    }
    return status;
}

/* A number that is taken gives way to another; an address that is taken does not. */
apr_status_t as_account_make(as_db_t *db, const as_ctx_t *ctx, as_account_t *account,
                             as_code_t *outcome, apr_pool_t *pool)
{
    apr_status_t status = AS_ENO;

    account->created_at = ctx->now;
    account->door_id = as_random_id(pool);
    account->epoch = 1;
    for (int i = 0; i < RACES && status == AS_ENO; i++) {
        status = look(db, ctx, account, outcome, pool);
        if (status != APR_SUCCESS || *outcome != AS_OK) {
            return status;
        }
        account->number = as_random_number();
        status = as_account_insert(db, account);
    }
    if (status == APR_SUCCESS && account->email) {
        status = as_account_end_sign_up(db, ctx, account->email, pool);
    }
    if (status == APR_SUCCESS && account->phone) {
        status = as_account_end_sign_up(db, ctx, account->phone, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* ---- an active account at once ---- */

typedef struct {
    as_ctx_t *ctx;
    as_address_t address;
    as_account_t account;
    int signed_in; /* open a session, and send a link that confirms the mail */
    as_opening_t opening;
    as_code_t outcome;
} creation_t;

static apr_status_t welcome(as_db_t *db, creation_t *c, apr_pool_t *pool)
{
    const as_challenge_order_t order = {
        .kind = &as_link_confirm,
        .subject = c->account.id,
        .to = &c->address,
        .data = c->account.email,
    };
    apr_status_t status = as_link_send(db, c->ctx, &order, NULL, pool);

    return status == APR_SUCCESS
               ? as_session_open(db, c->ctx, &c->account, "pwd", &c->opening, pool)
               : status;
}

static apr_status_t create(as_db_t *db, void *baton, apr_pool_t *pool)
{
    creation_t *c = baton;
    apr_status_t status = as_account_make(db, c->ctx, &c->account, &c->outcome, pool);
    as_entry_t entry = { .event = "register", .factors = c->signed_in ? "pwd" : NULL };

    if (status == APR_SUCCESS && c->outcome == AS_OK && c->signed_in) {
        status = welcome(db, c, pool);
    }
    if (status == APR_SUCCESS) {
        entry.outcome = c->outcome;
        entry.account_id = c->outcome == AS_OK ? c->account.id : NULL;
        entry.session_id = c->outcome == AS_OK ? c->opening.session.id : NULL;
        status = as_trail_entry(db, c->ctx, &entry, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

static apr_status_t peek(as_db_t *db, void *baton, apr_pool_t *pool)
{
    creation_t *c = baton;

    return look(db, c->ctx, &c->account, &c->outcome, pool);
}

/* A taken address is told before a password is hashed: that it is taken is no secret here. */
static as_result_t try_create(creation_t *c, const char *password)
{
    as_service_t *service = c->ctx->service;
    apr_pool_t *pool = c->ctx->pool;
    as_result_t result = as_captcha_ask(c->ctx, AS_CAPTCHA_SIGNUP);
    apr_status_t status;

    if (result.code != AS_OK) {
        return result;
    }
    if (!c->address.text) {
        return as_result(AS_ADDRESS_INVALID);
    }
    c->account.email = c->address.text;
    status = as_store_read(service->store, peek, c, pool);
    if (status == APR_SUCCESS && c->outcome == AS_OK) {
        status = as_password_hash(service->hasher, password, NULL, &c->account.password, pool);
    }
    if (status == APR_SUCCESS && c->outcome == AS_OK) {
        status = as_store_write(service->store, create, c, pool);
    }
    return status == APR_SUCCESS ? as_result(c->outcome) : as_result_of(status);
}

static as_result_t make(as_ctx_t *ctx, const as_create_in_t *in, int signed_in,
                        as_tokens_t *tokens)
{
    const unsigned buckets = AS_CHARGE(AS_BUCKET_SIGNUP)
                             | (signed_in ? AS_CHARGE(AS_BUCKET_SEND) : 0);
    creation_t c = { .ctx = ctx, .signed_in = signed_in };
    as_result_t result;

    as_address_take(&c.address, NULL, in->email, ctx->pool);
    c.account = (as_account_t){
        .id = as_random_id(ctx->pool),
        .first_name = in->first_name,
        .last_name = in->last_name,
        .bio = in->bio,
    };
    if (in->name) {
        as_text_split_name(ctx->pool, in->name, &c.account.first_name, &c.account.last_name);
    }
    result = as_throttle_charge(ctx, buckets, c.address.text);
    if (result.code == AS_OK) {
        result = as_throttle_settle(ctx, buckets, c.address.text, try_create(&c, in->password));
    }
    if (result.code != AS_OK || !signed_in) {
        return result;
    }
    as_outbox_wake(ctx);
    return as_opening_tokens(ctx, &c.account, &c.opening, tokens);
}

as_result_t as_create(as_ctx_t *ctx, const void *in, void *out)
{
    (void)out;
    return make(ctx, in, 0, NULL);
}

as_result_t as_create_signed_in(as_ctx_t *ctx, const void *in, void *out)
{
    return make(ctx, in, 1, out);
}

/* ---- oneself ---- */

typedef struct {
    const as_principal_t *principal;
    as_profile_t *profile;
} self_t;

static apr_status_t find_self(as_db_t *db, void *baton, apr_pool_t *pool)
{
    self_t *self = baton;
    as_profile_t *p = self->profile;
    const char *id = self->principal->account_id;
    apr_status_t status = as_account_by_id(db, id, &p->account, pool);

    if (status == APR_SUCCESS) {
        status = as_roles_of(db, id, self->principal->team, &p->roles, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_factor_on(db, id, pool);
        p->two_factor = status == APR_SUCCESS;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    return status;
}

as_result_t as_me(as_ctx_t *ctx, const void *in, void *out)
{
    as_profile_t *profile = out;
    const as_account_t *account = &profile->account;
    self_t self = { .principal = ctx->principal, .profile = profile };
    apr_status_t status = as_store_read(ctx->service->store, find_self, &self, ctx->pool);

    (void)in;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
    }
    profile->email = account->email ? account->email : "";
    profile->first_name = account->first_name ? account->first_name : "";
    profile->last_name = account->last_name ? account->last_name : "";
    profile->name = as_text_join_name(ctx->pool, account->first_name, account->last_name);
    profile->verified = account->email_proven || account->phone_proven;
    return as_result(AS_OK);
}
