/* SPDX-License-Identifier: Apache-2.0
 * Sign-up by code. See signup.h.
 */
#include "ops/signup.h"

#include <string.h>

#include "crypto/random.h"
#include "ops/accounts.h"
#include "ops/captcha.h"
#include "ops/challenges.h"
#include "ops/outbox.h"
#include "ops/signin.h"
#include "ops/throttle.h"
#include "ops/trail.h"
#include "store/pendings.h"

#define PENDING_LIFE (24 * 3600 * APR_USEC_PER_SEC)
#define RACES 3 /* sign-ups for one address that may cross before one gives up */

typedef struct {
    as_ctx_t *ctx;
    const as_register_in_t *in;
    as_address_t address;
    as_code_t taken;   /* AS_OK, or why the address cannot be had */
    const char *request; /* id of the code's challenge */
    int waiting;       /* seen is a sign-up that has not expired */
    int replace;       /* seen is there at all */
    as_pending_t seen; /* as it stood before the password was hashed */
    const char *phc;
} signup_t;

/* What stands at the address; the transaction that follows makes sure that it still does. */
static apr_status_t look(as_db_t *db, void *baton, apr_pool_t *pool)
{
    signup_t *s = baton;
    apr_status_t status = as_account_look(db, s->ctx, &s->address, &s->taken, pool);

    s->replace = 0;
    if (status == APR_SUCCESS && s->taken == AS_OK) {
        status = as_pending_by_address(db, s->address.text, &s->seen, pool);
        s->replace = status == APR_SUCCESS;
    }
    s->waiting = s->replace && s->seen.expires_at > s->ctx->now;
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t put_pending(as_db_t *db, const signup_t *s, const char **id, apr_pool_t *pool)
{
    int other = s->waiting && (s->seen.conflict || strcmp(s->seen.password, s->phc) != 0);
    const as_pending_t pending = {
        .id = s->replace ? s->seen.id : as_random_id(pool),
        .address = s->address.text,
        .version = s->replace ? s->seen.version : 1,
        .password = s->phc,
        .conflict = other,
        .first_name = s->in->first_name,
        .last_name = s->in->last_name,
        .created_at = s->ctx->now,
        .expires_at = s->ctx->now + PENDING_LIFE,
    };

    *id = pending.id;
    return s->replace ? as_pending_replace(db, &pending) : as_pending_insert(db, &pending);
}

static apr_status_t sign_up(as_db_t *db, void *baton, apr_pool_t *pool)
{
    signup_t *s = baton;
    const char *id = NULL;
    apr_status_t status = as_account_look(db, s->ctx, &s->address, &s->taken, pool);

    if (status == APR_SUCCESS && s->taken == AS_OK) {
        status = put_pending(db, s, &id, pool);
    }
    if (status == APR_SUCCESS) {
        const as_challenge_order_t order = { .kind = &as_code_signup, .subject = id,
                                             .to = &s->address };

        status = as_code_send(db, s->ctx, &order, &s->request, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, s->ctx, "register", s->taken, NULL, NULL, pool);
    }
    return status == AS_ENO ? AS_EROLLBACK : status; /* another sign-up came between */
}

static as_result_t try_sign_up(signup_t *s)
{
    as_ctx_t *ctx = s->ctx;
    as_service_t *service = ctx->service;
    as_result_t result = as_captcha_ask(ctx, AS_CAPTCHA_SIGNUP);
    apr_status_t status = AS_EROLLBACK;

    if (result.code != AS_OK) {
        return result;
    }
    if (!s->address.text) {
        return as_result(AS_ADDRESS_INVALID);
    }
    for (int i = 0; i < RACES && status == AS_EROLLBACK; i++) {
        status = as_store_read(service->store, look, s, ctx->pool);
        if (status == APR_SUCCESS && s->taken != AS_OK && service->policy.disclose) {
            return as_result(s->taken);
        }
        if (status == APR_SUCCESS) {
            status = as_password_hash(service->hasher, s->in->password,
                                      s->waiting ? s->seen.password : NULL, &s->phc, ctx->pool);
        }
        if (status == APR_SUCCESS) {
            status = as_store_write(service->store, sign_up, s, ctx->pool);
        }
    }
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return status == AS_EROLLBACK ? as_result(AS_BUSY) : as_result_of(status);
}

as_result_t as_register(as_ctx_t *ctx, const void *in, void *out)
{
    static const unsigned buckets = AS_CHARGE(AS_BUCKET_SIGNUP) | AS_CHARGE(AS_BUCKET_SEND);
    signup_t s = { .ctx = ctx, .in = in };
    as_result_t result;

    as_address_take(&s.address, s.in->address, s.in->email, ctx->pool);
    result = as_throttle_charge(ctx, buckets, s.address.text);
    if (result.code == AS_OK) {
        result = as_throttle_settle(ctx, buckets, s.address.text, try_sign_up(&s));
    }
    ((as_code_sent_t *)out)->id = s.request;
    return result;
}

/* ---- the code is given ---- */

typedef struct {
    as_ctx_t *ctx;
    const as_verify_in_t *in;
    as_address_t address;
    as_account_t account; /* to be */
    int signed_in;
    as_opening_t opening;
    int right;
} proof_t;

static apr_status_t make_account(as_db_t *db, proof_t *p, const as_pending_t *pending,
                                 apr_pool_t *pool)
{
    int mail = strchr(pending->address, '@') != NULL;
    as_code_t outcome;
    apr_status_t status;

    p->account = (as_account_t){
        .id = p->account.id,
        .email = mail ? pending->address : NULL,
        .email_proven = mail,
        .phone = mail ? NULL : pending->address,
        .phone_proven = !mail,
        .first_name = pending->first_name,
        .last_name = pending->last_name,
        .password = pending->conflict ? NULL : pending->password,
    };
    status = as_account_make(db, p->ctx, &p->account, &outcome, pool);
    p->right = status == APR_SUCCESS && outcome == AS_OK;
    if (p->right && p->signed_in) {
        const char *amr = mail ? "otp" : "sms";

        status = as_session_open(db, p->ctx, &p->account, amr, &p->opening, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* The sign-up whose code it is; AS_ENO if none waits. */
static apr_status_t find_waiting(as_db_t *db, const proof_t *p, const char *id,
                                 as_pending_t *pending, apr_pool_t *pool)
{
    apr_status_t status = id ? as_pending_by_id(db, id, pending, pool)
                             : as_pending_by_address(db, p->address.text, pending, pool);

    return status == APR_SUCCESS && pending->expires_at <= p->ctx->now ? AS_ENO : status;
}

static apr_status_t prove(as_db_t *db, void *baton, apr_pool_t *pool)
{
    proof_t *p = baton;
    as_challenge_answer_t answer = {
        .kind = &as_code_signup, .id = p->in->request, .code = p->in->code
    };
    as_entry_t entry = { .event = "verify", .outcome = AS_CODE_WRONG };
    as_pending_t pending;
    apr_status_t status = APR_SUCCESS;

    p->right = 0;
    if (!answer.id) {
        status = find_waiting(db, p, NULL, &pending, pool);
        answer.subject = status == APR_SUCCESS ? pending.id : NULL;
    }
    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_code_answer(db, p->ctx, &answer, pool);
    }
    if (status == APR_SUCCESS && answer.right) {
        status = find_waiting(db, p, answer.whom, &pending, pool);
        status = status == APR_SUCCESS ? make_account(db, p, &pending, pool) : status;
    }
    if (p->right) {
        entry = (as_entry_t){ .event = "verify", .outcome = AS_OK, .account_id = p->account.id,
                              .session_id = p->signed_in ? p->opening.session.id : NULL,
                              .factors = p->account.email ? "otp" : "sms" };
    }
    return status == APR_SUCCESS || status == AS_ENO ? as_trail_entry(db, p->ctx, &entry, pool)
                                                     : status;
}

static as_result_t verify(proof_t *p)
{
    as_ctx_t *ctx = p->ctx;
    apr_status_t status;

    p->account.id = as_random_id(ctx->pool);
    if (!p->in->request && !as_address_parse(&p->address, p->in->address, ctx->pool)) {
        return as_result(AS_CODE_WRONG);
    }
    status = as_store_write(ctx->service->store, prove, p, ctx->pool);
    return status == APR_SUCCESS && !p->right ? as_result(AS_CODE_WRONG) : as_result_of(status);
}

as_result_t as_verify(as_ctx_t *ctx, const void *in, void *out)
{
    proof_t p = { .ctx = ctx, .in = in };

    (void)out;
    return verify(&p);
}

as_result_t as_verify_signed_in(as_ctx_t *ctx, const void *in, void *out)
{
    proof_t p = { .ctx = ctx, .in = in, .signed_in = 1 };
    as_result_t result = verify(&p);

    return result.code == AS_OK ? as_opening_tokens(ctx, &p.account, &p.opening, out) : result;
}

/* ---- once more ---- */

typedef struct {
    as_ctx_t *ctx;
    as_address_t address;
} again_t;

static apr_status_t send_again(as_db_t *db, void *baton, apr_pool_t *pool)
{
    again_t *a = baton;
    as_pending_t pending;
    apr_status_t status = as_pending_by_address(db, a->address.text, &pending, pool);
    int waiting = status == APR_SUCCESS && pending.expires_at > a->ctx->now;

    if (status != APR_SUCCESS && status != AS_ENO) {
        return status;
    }
    return as_code_send(db, a->ctx,
                        &(as_challenge_order_t){ .kind = &as_code_signup, .to = &a->address,
                                                 .subject = waiting ? pending.id : NULL },
                        NULL, pool);
}

as_result_t as_resend(as_ctx_t *ctx, const void *in, void *out)
{
    static const unsigned buckets = AS_CHARGE(AS_BUCKET_SEND);
    again_t a = { .ctx = ctx };
    as_result_t result;
    apr_status_t status;

    (void)out;
    if (!as_address_parse(&a.address, ((const as_resend_in_t *)in)->address, ctx->pool)) {
        return as_result(AS_OK);
    }
    result = as_throttle_charge(ctx, buckets, a.address.text);
    if (result.code != AS_OK) {
        return result;
    }
    status = as_store_write(ctx->service->store, send_again, &a, ctx->pool);
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return as_throttle_settle(ctx, buckets, a.address.text, as_result_of(status));
}
