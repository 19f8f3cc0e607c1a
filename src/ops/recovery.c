/* SPDX-License-Identifier: Apache-2.0
 * Recovery by code. See recovery.h.
 */
#include "ops/recovery.h"

#include <apr_strings.h>

#include "ops/challenges.h"
#include "ops/feed.h"
#include "ops/outbox.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/sessions.h"

#define NOTICE_LIFE (24 * 3600 * APR_USEC_PER_SEC)

typedef struct {
    as_ctx_t *ctx;
    as_address_t address;
    const char *code, *phc;
    int right;
    const char *account_id; /* whose password was set */
    apr_int64_t epoch;      /* the least that stands now */
} recovery_t;

static apr_status_t send_code(as_db_t *db, void *baton, apr_pool_t *pool)
{
    recovery_t *r = baton;
    as_account_t account;
    apr_status_t status = as_address_account(db, &r->address, &account, pool);
    int known = status == APR_SUCCESS && !account.disabled_at;

    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_code_send(db, r->ctx, &as_code_recovery, known ? account.id : NULL, &r->address,
                              pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, r->ctx, "forgot", AS_OK, known ? account.id : NULL, NULL, pool);
    }
    return status;
}

as_result_t as_forgot(as_ctx_t *ctx, const void *in, void *out)
{
    static const unsigned buckets = AS_CHARGE(AS_BUCKET_SEND);
    recovery_t r = { .ctx = ctx };
    as_result_t result;
    apr_status_t status;

    (void)out;
    if (!as_address_parse(&r.address, ((const as_forgot_in_t *)in)->address, ctx->pool)) {
        return as_result(AS_OK);
    }
    result = as_throttle_charge(ctx, buckets, r.address.text);
    if (result.code != AS_OK) {
        return result;
    }
    status = as_store_write(ctx->service->store, send_code, &r, ctx->pool);
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return as_throttle_settle(ctx, buckets, r.address.text, as_result_of(status));
}

static apr_status_t tell_owner(as_db_t *db, const recovery_t *r, const char *account_id,
                               apr_pool_t *pool)
{
    const as_letter_t letter = {
        .template = "password_changed",
        .topic = apr_pstrcat(pool, "notice/", account_id, NULL),
        .to = r->address,
        .dies_at = r->ctx->now + NOTICE_LIFE,
    };

    return as_outbox_put(db, r->ctx, &letter, pool);
}

static apr_status_t set_password(as_db_t *db, recovery_t *r, const as_account_t *account,
                                 apr_pool_t *pool)
{
    as_ctx_t *ctx = r->ctx;
    apr_status_t status = as_account_reset(db, account->id, r->phc,
                                           r->address.channel == AUTHSVC_SMS);

    if (status == APR_SUCCESS) {
        status = tell_owner(db, r, account->id, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_session_end_all(db, account->id, ctx->now,
                                    ctx->now + as_tokens_memory(ctx->service));
    }
    return status;
}

static apr_status_t reset(as_db_t *db, void *baton, apr_pool_t *pool)
{
    recovery_t *r = baton;
    as_account_t account;
    apr_status_t status = as_address_account(db, &r->address, &account, pool);

    const char *id = status == APR_SUCCESS && !account.disabled_at ? account.id : NULL;

    if (status == APR_SUCCESS || status == AS_ENO) {
        status = as_code_answer(db, r->ctx, &as_code_recovery, id, r->code, &r->right, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, r->ctx, "reset", r->right ? AS_OK : AS_CODE_WRONG, id, NULL, pool);
    }
    if (status == APR_SUCCESS && r->right) {
        status = set_password(db, r, &account, pool);
        r->account_id = account.id;
        r->epoch = account.epoch + 1;
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

as_result_t as_reset(as_ctx_t *ctx, const void *input, void *out)
{
    const as_reset_in_t *in = input;
    recovery_t r = { .ctx = ctx, .code = in->code };
    apr_status_t status;

    (void)out;
    if (!as_address_parse(&r.address, in->address, ctx->pool)) {
        return as_result(AS_CODE_WRONG);
    }
    status = as_password_hash(ctx->service->hasher, in->password, NULL, &r.phc, ctx->pool);
    if (status == APR_SUCCESS) {
        status = as_store_write(ctx->service->store, reset, &r, ctx->pool);
    }
    if (status == APR_SUCCESS && r.right) {
        as_feed_publish_account(ctx, r.account_id, r.epoch);
        as_outbox_wake(ctx);
    }
    return status == APR_SUCCESS && !r.right ? as_result(AS_CODE_WRONG) : as_result_of(status);
}
