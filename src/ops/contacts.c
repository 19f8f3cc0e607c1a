/* SPDX-License-Identifier: Apache-2.0
 * Mail and phone of whoever is signed in. See contacts.h.
 */
#include "ops/contacts.h"

#include <string.h>

#include "base/text.h"
#include "ops/accounts.h"
#include "ops/challenges.h"
#include "ops/feed.h"
#include "ops/outbox.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/sessions.h"

/* Who is told that a number is taken is slowed down as somebody who looks for accounts. */
static const unsigned buckets = AS_CHARGE(AS_BUCKET_SEND) | AS_CHARGE(AS_BUCKET_SIGNUP);

typedef struct {
    as_ctx_t *ctx;
    as_account_t account; /* the principal's */
    as_address_t address; /* to be proven */
    const char *app, *request;
    as_code_t outcome;
} proof_t;

static apr_status_t find_own(as_db_t *db, proof_t *p, apr_pool_t *pool)
{
    return as_account_by_id(db, p->ctx->principal->account_id, &p->account, pool);
}

static as_result_t settle(proof_t *p, as_txn_fn body)
{
    as_ctx_t *ctx = p->ctx;
    as_result_t result = as_throttle_charge(ctx, buckets, p->address.text);
    apr_status_t status;

    if (result.code != AS_OK) {
        return result;
    }
    status = as_principal_write(ctx, body, p);
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return as_throttle_settle(ctx, buckets, p->address.text,
                              status == APR_SUCCESS ? as_result(p->outcome)
                                                    : as_result_of(status));
}

/* ---- mail ---- */

static apr_status_t send_link(as_db_t *db, const proof_t *p, int decoy, apr_pool_t *pool)
{
    const as_challenge_order_t order = {
        .kind = &as_link_confirm,
        .subject = decoy ? NULL : p->account.id,
        .to = &p->address,
        .data = p->address.text,
    };

    return as_link_send(db, p->ctx, &order, NULL, pool);
}

static apr_status_t look_own(as_db_t *db, void *baton, apr_pool_t *pool)
{
    return find_own(db, baton, pool);
}

static apr_status_t send_again(as_db_t *db, void *baton, apr_pool_t *pool)
{
    proof_t *p = baton;

    return send_link(db, p, 0, pool);
}

as_result_t as_confirmation_resend(as_ctx_t *ctx, const void *in, void *out)
{
    proof_t p = { .ctx = ctx };
    apr_status_t status = as_store_read(ctx->service->store, look_own, &p, ctx->pool);

    (void)in;
    (void)out;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
    }
    if (!p.account.email || p.account.email_proven) {
        return as_result(AS_OK);
    }
    p.address = (as_address_t){ .channel = AUTHSVC_EMAIL, .text = p.account.email };
    return settle(&p, send_again);
}

/* The old address is told of what is to come; of a new one that cannot be had nobody is. */
static apr_status_t ask_change(as_db_t *db, void *baton, apr_pool_t *pool)
{
    proof_t *p = baton;
    const as_principal_t *who = p->ctx->principal;
    as_code_t taken;
    int own;
    apr_status_t status = find_own(db, p, pool);

    if (status == APR_SUCCESS) {
        status = as_account_look(db, p->ctx, &p->address, &taken, pool);
    }
    own = status == APR_SUCCESS && p->account.email
          && strcmp(p->account.email, p->address.text) == 0;
    if (status == APR_SUCCESS) {
        status = send_link(db, p, taken != AS_OK && !own, pool);
    }
    if (status == APR_SUCCESS && p->account.email && !own) {
        status = as_notice_put(db, p->ctx, &p->account, "email_asked", pool);
    }
    p->outcome = AS_OK;
    return status == APR_SUCCESS ? as_trail(db, p->ctx, "change_email", AS_OK, who->account_id,
                                            who->session_id, pool)
                                 : status;
}

as_result_t as_change_email(as_ctx_t *ctx, const void *in, void *out)
{
    proof_t p = { .ctx = ctx };

    (void)out;
    if (!as_address_take(&p.address, NULL, ((const as_change_email_in_t *)in)->email, ctx->pool)) {
        return as_result(AS_ADDRESS_INVALID);
    }
    return settle(&p, ask_change);
}

typedef struct {
    as_ctx_t *ctx;
    const char *token;
    as_account_t account;
    int right, replaced; /* it goes by another address than before */
} confirmation_t;

/* From now on the account goes by the address that was proven. AS_ENO: it cannot. */
static apr_status_t replace(as_db_t *db, confirmation_t *c, const char *email, apr_pool_t *pool)
{
    const as_ctx_t *ctx = c->ctx;
    const as_address_t address = { .channel = AUTHSVC_EMAIL, .text = email };
    as_code_t taken;
    apr_status_t status = as_account_look(db, ctx, &address, &taken, pool);

    if (status == APR_SUCCESS) {
        status = taken == AS_OK ? as_account_set_email(db, c->account.id, email) : AS_ENO;
    }
    if (status == APR_SUCCESS) {
        status = as_account_end_sign_up(db, ctx, email, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_challenge_end(db, ctx, &as_link_restore, c->account.id, pool);
    }
    if (status == APR_SUCCESS) { /* account is as it was: this goes to the old address */
        status = as_notice_put(db, ctx, &c->account, "email_changed", pool);
    }
    return status;
}

static apr_status_t take_link(as_db_t *db, confirmation_t *c, apr_pool_t *pool)
{
    as_link_t link;
    apr_status_t status = as_link_find(db, c->ctx, &as_link_confirm, c->token, &link, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, link.subject, &c->account, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_link_use(db, c->ctx, &link);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    c->replaced = !c->account.email || strcmp(c->account.email, link.data) != 0;
    return c->replaced ? replace(db, c, link.data, pool)
                       : as_account_prove_email(db, c->account.id, link.data);
}

static apr_status_t confirm(as_db_t *db, void *baton, apr_pool_t *pool)
{
    confirmation_t *c = baton;
    const as_ctx_t *ctx = c->ctx;
    apr_status_t status = take_link(db, c, pool);

    c->right = status == APR_SUCCESS;
    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_trail(db, ctx, "confirm_email", c->right ? AS_OK : AS_LINK_WRONG,
                          c->right ? c->account.id : NULL, NULL, pool);
    }
    if (status == APR_SUCCESS && c->right && c->replaced) {
        status = as_session_revoke_tokens(db, c->account.id, ctx->now, as_remember_until(ctx));
    }
    return status;
}

as_result_t as_confirm(as_ctx_t *ctx, const void *in, void *out)
{
    confirmation_t c = { .ctx = ctx, .token = ((const as_confirm_in_t *)in)->token };
    apr_status_t status = as_store_write(ctx->service->store, confirm, &c, ctx->pool);

    (void)out;
    if (status == APR_SUCCESS && c.right && c.replaced) {
        as_feed_publish_account(ctx, c.account.id, c.account.epoch + 1);
        as_outbox_wake(ctx);
    }
    return status == APR_SUCCESS && !c.right ? as_result(AS_LINK_WRONG) : as_result_of(status);
}

/* ---- phone ---- */

static apr_status_t send_code(as_db_t *db, void *baton, apr_pool_t *pool)
{
    proof_t *p = baton;
    const as_ctx_t *ctx = p->ctx;
    int own;
    as_challenge_order_t order = {
        .kind = &as_code_phone,
        .to = &p->address,
        .data = p->address.text,
        .bound = p->app,
    };
    apr_status_t status = find_own(db, p, pool);

    if (status == APR_SUCCESS) {
        status = as_account_look(db, ctx, &p->address, &p->outcome, pool);
    }
    own = status == APR_SUCCESS && p->account.phone
          && strcmp(p->account.phone, p->address.text) == 0;
    order.subject = own || p->outcome == AS_OK ? p->account.id : NULL;
    p->outcome = own || p->outcome == AS_OK || !ctx->service->policy.disclose ? AS_OK
                                                                              : AS_ADDRESS_TAKEN;
    if (status == APR_SUCCESS && p->outcome == AS_OK) {
        status = as_code_send(db, ctx, &order, &p->request, pool);
    }
    return status == APR_SUCCESS ? as_trail(db, ctx, "send_sms", p->outcome,
                                            ctx->principal->account_id,
                                            ctx->principal->session_id, pool)
                                 : status;
}

as_result_t as_phone_send(as_ctx_t *ctx, const void *input, void *out)
{
    const as_send_phone_in_t *in = input;
    proof_t p = { .ctx = ctx, .app = in->app };
    as_result_t result;

    p.address =
        (as_address_t){ .channel = AUTHSVC_SMS, .text = as_text_phone(ctx->pool, in->phone) };
    if (!p.address.text) {
        return as_result(AS_ADDRESS_INVALID);
    }
    result = settle(&p, send_code);
    ((as_code_sent_t *)out)->id = p.request;
    return result;
}

typedef struct {
    as_ctx_t *ctx;
    const as_verify_phone_in_t *in;
    as_account_t account;
    int right, replaced;
} number_t;

static apr_status_t give_number(as_db_t *db, number_t *n, const as_challenge_answer_t *answer,
                                apr_pool_t *pool)
{
    apr_status_t status = as_account_by_id(db, answer->whom, &n->account, pool);
    const as_address_t address = { .channel = AUTHSVC_SMS, .text = answer->data };
    as_code_t taken = AS_OK;
    int same = status == APR_SUCCESS && n->account.phone
               && strcmp(n->account.phone, answer->data) == 0;

    if (status == APR_SUCCESS && !same) {
        status = as_account_look(db, n->ctx, &address, &taken, pool);
        if (status == APR_SUCCESS) {
            status = taken == AS_OK ? as_account_set_phone(db, n->account.id, answer->data)
                                    : AS_ENO;
        }
        if (status == APR_SUCCESS) {
            status = as_account_end_sign_up(db, n->ctx, answer->data, pool);
        }
    }
    n->replaced = !same && n->account.phone;
    return status == APR_SUCCESS && !same && n->account.email
               ? as_notice_put(db, n->ctx, &n->account, "phone_changed", pool)
               : status;
}

static apr_status_t verify(as_db_t *db, void *baton, apr_pool_t *pool)
{
    number_t *n = baton;
    const as_ctx_t *ctx = n->ctx;
    as_challenge_answer_t answer = { .kind = &as_code_phone, .id = n->in->request,
                                     .code = n->in->code, .bound = n->in->app };
    apr_status_t status = as_code_answer(db, ctx, &answer, pool);

    n->right = status == APR_SUCCESS && answer.right;
    if (n->right) {
        status = give_number(db, n, &answer, pool);
        n->right = status == APR_SUCCESS;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "verify_sms", n->right ? AS_OK : AS_CODE_WRONG,
                          n->right ? n->account.id : NULL, NULL, pool);
    }
    if (status == APR_SUCCESS && n->right && n->replaced) {
        status = as_session_revoke_tokens(db, n->account.id, ctx->now, as_remember_until(ctx));
    }
    return status;
}

as_result_t as_phone_verify(as_ctx_t *ctx, const void *in, void *out)
{
    number_t n = { .ctx = ctx, .in = in };
    apr_status_t status = as_store_write(ctx->service->store, verify, &n, ctx->pool);

    (void)out;
    if (status == APR_SUCCESS && n.right && n.replaced) {
        as_feed_publish_account(ctx, n.account.id, n.account.epoch + 1);
    }
    if (status == APR_SUCCESS && n.right) {
        as_outbox_wake(ctx);
    }
    return status == APR_SUCCESS && !n.right ? as_result(AS_CODE_WRONG) : as_result_of(status);
}
