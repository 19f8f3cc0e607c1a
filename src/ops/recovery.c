/* SPDX-License-Identifier: Apache-2.0
 * Recovery. See recovery.h.
 */
#include "ops/recovery.h"

#include <string.h>

#include "ops/captcha.h"
#include "ops/challenges.h"
#include "ops/outbox.h"
#include "ops/passwords.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"

/* ---- asking ---- */

typedef struct {
    as_ctx_t *ctx;
    as_address_t address;
    int link; /* not a code */
    int told; /* that there is no such account may be said */
    int known;
} request_t;

static apr_status_t answer(as_db_t *db, void *baton, apr_pool_t *pool)
{
    request_t *r = baton;
    as_challenge_order_t order = {
        .kind = r->link ? &as_link_restore : &as_code_recovery,
        .to = &r->address,
        .data = r->address.text,
        .bound = r->link ? NULL : r->address.text, /* it proves this one and no other */
    };
    as_account_t account;
    apr_status_t status = as_address_account(db, &r->address, &account, pool);

    r->known = status == APR_SUCCESS && !account.disabled_at;
    order.subject = r->known ? account.id : NULL;
    if ((status == APR_SUCCESS || status == AS_ENO) && (r->known || !r->told)) {
        status = r->link ? as_link_send(db, r->ctx, &order, NULL, pool)
                         : as_code_send(db, r->ctx, &order, NULL, pool);
    }
    return status == APR_SUCCESS || status == AS_ENO
               ? as_trail(db, r->ctx, "forgot", r->known || !r->told ? AS_OK : AS_ACCOUNT_UNKNOWN,
                          order.subject, NULL, pool)
               : status;
}

static as_result_t try_request(request_t *r)
{
    as_ctx_t *ctx = r->ctx;
    as_result_t result = as_captcha_ask(ctx, AS_CAPTCHA_RECOVERY);
    apr_status_t status;

    if (result.code != AS_OK) {
        return result;
    }
    if (!r->address.text) {
        return as_result(r->link ? AS_ADDRESS_INVALID : AS_OK);
    }
    status = as_store_write(ctx->service->store, answer, r, ctx->pool);
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return status == APR_SUCCESS && !r->known && r->told ? as_result(AS_ACCOUNT_UNKNOWN)
                                                         : as_result_of(status);
}

/* Who is told that there is no account is slowed down as somebody who looks for accounts. */
static as_result_t request(request_t *r, const as_forgot_in_t *in)
{
    as_ctx_t *ctx = r->ctx;
    const unsigned buckets = AS_CHARGE(AS_BUCKET_SEND)
                             | (r->told ? AS_CHARGE(AS_BUCKET_SIGNUP) : 0);
    as_result_t result;

    as_address_take(&r->address, in->address, in->email, ctx->pool);
    result = as_throttle_charge(ctx, buckets, r->address.text);
    return result.code == AS_OK
               ? as_throttle_settle(ctx, buckets, r->address.text, try_request(r))
               : result;
}

as_result_t as_forgot(as_ctx_t *ctx, const void *in, void *out)
{
    request_t r = { .ctx = ctx };

    (void)out;
    return request(&r, in);
}

as_result_t as_forgot_link(as_ctx_t *ctx, const void *in, void *out)
{
    request_t r = { .ctx = ctx, .link = 1 };

    (void)out;
    return request(&r, in);
}

as_result_t as_forgot_link_told(as_ctx_t *ctx, const void *in, void *out)
{
    request_t r = { .ctx = ctx, .link = 1, .told = ctx->service->policy.disclose };

    (void)out;
    return request(&r, in);
}

/* ---- a new password ---- */

typedef struct {
    as_ctx_t *ctx;
    as_address_t address; /* by code: whose; by link: the account's, where it has to be said */
    const char *code, *token, *phc;
    as_account_t account;
    int right;
} reset_t;

static as_result_t set(reset_t *r, const char *password, as_txn_fn body, as_code_t wrong)
{
    as_ctx_t *ctx = r->ctx;
    as_service_t *service = ctx->service;
    apr_status_t status = as_password_hash(service->hasher, password, NULL, &r->phc, ctx->pool);

    if (status == APR_SUCCESS) {
        status = ctx->principal ? as_principal_write(ctx, body, r)
                                : as_store_write(service->store, body, r, ctx->pool);
    }
    if (status == AS_EENDED) {
        return as_result(wrong);
    }
    if (status == APR_SUCCESS && r->right) {
        as_password_publish(ctx, &r->account);
    }
    return status == APR_SUCCESS && !r->right ? as_result(wrong) : as_result_of(status);
}

static apr_status_t reset(as_db_t *db, void *baton, apr_pool_t *pool)
{
    reset_t *r = baton;
    as_account_t *account = &r->account;
    as_challenge_answer_t given = { .kind = &as_code_recovery, .code = r->code,
                                    .bound = r->address.text };
    apr_status_t status = as_address_account(db, &r->address, account, pool);

    given.subject = status == APR_SUCCESS && !account->disabled_at ? account->id : NULL;
    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_code_answer(db, r->ctx, &given, pool);
    }
    r->right = status == APR_SUCCESS && given.right;
    if (status == APR_SUCCESS) {
        status = as_trail(db, r->ctx, "reset", r->right ? AS_OK : AS_CODE_WRONG, given.subject,
                          NULL, pool);
    }
    if (status == APR_SUCCESS && r->right) {
        status = as_password_set(db, r->ctx, account, r->phc,
                                 r->address.channel == AUTHSVC_SMS ? AS_PROVES_PHONE
                                                                   : AS_PROVES_EMAIL,
                                 pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* A password is hashed before the code is judged, so wrong ones are counted against the client. */
as_result_t as_reset(as_ctx_t *ctx, const void *input, void *out)
{
    static const unsigned buckets = AS_CHARGE(AS_BUCKET_SIGNIN);
    const as_reset_in_t *in = input;
    reset_t r = { .ctx = ctx, .code = in->code };
    as_result_t result;

    (void)out;
    if (!as_address_parse(&r.address, in->address, ctx->pool)) {
        return as_result(AS_CODE_WRONG);
    }
    result = as_throttle_charge(ctx, buckets, NULL);
    return result.code == AS_OK
               ? as_throttle_settle(ctx, buckets, NULL, set(&r, in->password, reset, AS_CODE_WRONG))
               : result;
}

/* ---- by link ---- */

/* The account a link stands for, if the address it went to is still its own. AS_ENO: none. */
static apr_status_t find_restored(as_db_t *db, reset_t *r, as_link_t *link, apr_pool_t *pool)
{
    apr_status_t status = as_link_find(db, r->ctx, &as_link_restore, r->token, link, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, link->subject, &r->account, pool);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    return r->account.disabled_at || !r->account.email
                   || strcmp(r->account.email, link->data) != 0
                   || (r->address.text && strcmp(r->address.text, link->data) != 0)
               ? AS_ENO
               : APR_SUCCESS;
}

static apr_status_t look(as_db_t *db, void *baton, apr_pool_t *pool)
{
    as_link_t link;

    return find_restored(db, baton, &link, pool);
}

static as_result_t validate(reset_t *r)
{
    apr_status_t status = as_store_read(r->ctx->service->store, look, r, r->ctx->pool);

    return status == AS_ENO ? as_result(AS_LINK_WRONG) : as_result_of(status);
}

as_result_t as_restore_validate(as_ctx_t *ctx, const void *in, void *out)
{
    reset_t r = { .ctx = ctx, .token = ((const as_restore_in_t *)in)->token };

    (void)out;
    return validate(&r);
}

static apr_status_t restore(as_db_t *db, void *baton, apr_pool_t *pool)
{
    reset_t *r = baton;
    as_link_t link;
    apr_status_t status = find_restored(db, r, &link, pool);

    if (status == APR_SUCCESS) {
        status = as_link_use(db, r->ctx, &link);
    }
    r->right = status == APR_SUCCESS;
    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_trail(db, r->ctx, "restore", r->right ? AS_OK : AS_LINK_WRONG,
                          r->right ? r->account.id : NULL, NULL, pool);
    }
    if (status == APR_SUCCESS && r->right) {
        status = as_password_set(db, r->ctx, &r->account, r->phc, AS_PROVES_EMAIL, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* Nobody has a password hashed for a token that is nothing. */
static as_result_t restore_by_link(reset_t *r, const char *password)
{
    as_result_t result = validate(r);

    return result.code == AS_OK ? set(r, password, restore, AS_LINK_WRONG) : result;
}

as_result_t as_restore(as_ctx_t *ctx, const void *input, void *out)
{
    const as_restore_in_t *in = input;
    reset_t r = { .ctx = ctx, .token = in->token };

    (void)out;
    return restore_by_link(&r, in->password);
}

/* ---- by access token ---- */

static apr_status_t set_own(as_db_t *db, void *baton, apr_pool_t *pool)
{
    reset_t *r = baton;
    const as_principal_t *p = r->ctx->principal;
    apr_status_t status = as_account_by_id(db, p->account_id, &r->account, pool);

    r->right = status == APR_SUCCESS && r->account.email
               && strcmp(r->account.email, r->address.text) == 0;
    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_trail(db, r->ctx, "restore", r->right ? AS_OK : AS_LINK_WRONG, p->account_id,
                          p->session_id, pool);
    }
    if (status == APR_SUCCESS && r->right) {
        status = as_password_set(db, r->ctx, &r->account, r->phc, AS_PROVES_NOTHING, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

static as_result_t restore_by_access(reset_t *r, const char *password)
{
    as_ctx_t *ctx = r->ctx;
    as_principal_t *principal = apr_pcalloc(ctx->pool, sizeof *principal);
    as_result_t result = as_tokens_check(ctx, r->token, principal);

    if (result.code == AS_UNAUTHENTICATED
        || (result.code == AS_OK && !as_principal_is_fresh(principal, ctx->now))) {
        return as_result_detail(AS_LINK_WRONG, "no fresh access token");
    }
    ctx->principal = principal;
    return result.code == AS_OK ? set(r, password, set_own, AS_LINK_WRONG) : result;
}

as_result_t as_restore_by_either(as_ctx_t *ctx, const void *input, void *out)
{
    const as_restore_in_t *in = input;
    reset_t r = { .ctx = ctx, .token = in->token };

    (void)out;
    if (!as_address_take(&r.address, NULL, in->email, ctx->pool)) {
        return as_result_detail(AS_LINK_WRONG, "no e-mail address");
    }
    return as_link_is_one(in->token) ? restore_by_link(&r, in->password)
                                     : restore_by_access(&r, in->password);
}
