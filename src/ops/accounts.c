/* SPDX-License-Identifier: Apache-2.0
 * Operations on accounts. See accounts.h.
 */
#include "ops/accounts.h"

#include <string.h>

#include "crypto/random.h"
#include "ops/challenges.h"
#include "ops/outbox.h"
#include "ops/throttle.h"
#include "ops/trail.h"
#include "store/pendings.h"

#define PENDING_LIFE (24 * 3600 * APR_USEC_PER_SEC)
#define RACES 3 /* sign-ups for one address that may cross before one gives up */

typedef struct {
    as_ctx_t *ctx;
    const as_register_in_t *in;
    as_address_t address;
    int taken;         /* an account has the address */
    int waiting;       /* seen is a sign-up that has not expired */
    int replace;       /* seen is there at all */
    as_pending_t seen; /* as it stood before the password was hashed */
    const char *phc;
} signup_t;

/* What stands at the address; the transaction that follows makes sure that it still does. */
static apr_status_t look(as_db_t *db, void *baton, apr_pool_t *pool)
{
    signup_t *s = baton;
    as_account_t account;
    apr_status_t status = as_address_account(db, &s->address, &account, pool);

    s->taken = status == APR_SUCCESS;
    s->replace = 0;
    if (status == AS_ENO) {
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
    as_account_t account;
    const char *id = NULL;
    apr_status_t status = as_address_account(db, &s->address, &account, pool);

    s->taken = status == APR_SUCCESS;
    if (status == AS_ENO) {
        status = put_pending(db, s, &id, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_code_send(db, s->ctx, &as_code_signup, id, &s->address, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, s->ctx, "register", s->taken ? AS_ADDRESS_TAKEN : AS_OK,
                          s->taken ? account.id : NULL, NULL, pool);
    }
    return status == AS_ENO ? AS_EROLLBACK : status; /* another sign-up came between */
}

static as_result_t try_sign_up(signup_t *s)
{
    as_ctx_t *ctx = s->ctx;
    as_service_t *service = ctx->service;
    apr_status_t status = AS_EROLLBACK;

    if (!s->address.text) {
        return as_result(AS_ADDRESS_INVALID);
    }
    for (int i = 0; i < RACES && status == AS_EROLLBACK; i++) {
        status = as_store_read(service->store, look, s, ctx->pool);
        if (status == APR_SUCCESS && s->taken && service->policy.disclose) {
            return as_result(AS_ADDRESS_TAKEN);
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

    (void)out;
    as_address_parse(&s.address, s.in->address, ctx->pool);
    result = as_throttle_charge(ctx, buckets, s.address.text);
    return result.code != AS_OK
               ? result
               : as_throttle_settle(ctx, buckets, s.address.text, try_sign_up(&s));
}

typedef struct {
    as_ctx_t *ctx;
    const as_verify_in_t *in;
    as_address_t address;
    as_account_t account; /* to be */
    int right;
} proof_t;

/* A number that is taken gives way to another; an address that is taken does not. */
static apr_status_t make_account(as_db_t *db, proof_t *p, const as_pending_t *pending,
                                 apr_pool_t *pool)
{
    int mail = p->address.channel == AUTHSVC_EMAIL;
    as_account_t account = {
        .id = p->account.id,
        .email = mail ? pending->address : NULL,
        .email_proven = mail,
        .phone = mail ? NULL : pending->address,
        .phone_proven = !mail,
        .first_name = pending->first_name,
        .last_name = pending->last_name,
        .password = pending->conflict ? NULL : pending->password,
        .created_at = p->ctx->now,
    };
    apr_status_t status = AS_ENO;

    for (int i = 0; i < RACES && status == AS_ENO; i++) {
        as_account_t other;

        account.number = as_random_number();
        status = as_account_insert(db, &account);
        if (status == AS_ENO && as_address_account(db, &p->address, &other, pool) == APR_SUCCESS) {
            p->right = 0;
            return APR_SUCCESS;
        }
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

static apr_status_t prove(as_db_t *db, void *baton, apr_pool_t *pool)
{
    proof_t *p = baton;
    as_pending_t pending;
    apr_status_t status = as_pending_by_address(db, p->address.text, &pending, pool);

    int waiting = status == APR_SUCCESS && pending.expires_at > p->ctx->now;

    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_code_answer(db, p->ctx, &as_code_signup, waiting ? pending.id : NULL,
                                p->in->code, &p->right, pool);
    }
    if (status == APR_SUCCESS && p->right) {
        status = make_account(db, p, &pending, pool);
        if (status == APR_SUCCESS) {
            status = as_pending_delete(db, pending.id);
        }
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, p->ctx, "verify", p->right ? AS_OK : AS_CODE_WRONG,
                          p->right ? p->account.id : NULL, NULL, pool);
    }
    return status;
}

as_result_t as_verify(as_ctx_t *ctx, const void *in, void *out)
{
    proof_t p = { .ctx = ctx, .in = in, .account.id = as_random_id(ctx->pool) };
    apr_status_t status;

    (void)out;
    if (!as_address_parse(&p.address, p.in->address, ctx->pool)) {
        return as_result(AS_CODE_WRONG);
    }
    status = as_store_write(ctx->service->store, prove, &p, ctx->pool);
    return status == APR_SUCCESS && !p.right ? as_result(AS_CODE_WRONG) : as_result_of(status);
}

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
    return as_code_send(db, a->ctx, &as_code_signup, waiting ? pending.id : NULL, &a->address,
                        pool);
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

typedef struct {
    const char *id;
    as_account_t *account;
} self_t;

static apr_status_t find_self(as_db_t *db, void *baton, apr_pool_t *pool)
{
    self_t *self = baton;

    return as_account_by_id(db, self->id, self->account, pool);
}

as_result_t as_me(as_ctx_t *ctx, const void *in, void *out)
{
    self_t self = { .id = ctx->principal->account_id, .account = out };
    apr_status_t status = as_store_read(ctx->service->store, find_self, &self, ctx->pool);

    (void)in;
    return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
}
