/* SPDX-License-Identifier: Apache-2.0
 * Proof by password. See proof.h.
 */
#include "ops/proof.h"

#include "base/text.h"
#include "ops/captcha.h"
#include "ops/throttle.h"
#include "ops/trail.h"

typedef struct {
    const as_ctx_t *ctx;
    as_proof_t *proof;
} search_t;

static apr_status_t find(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const search_t *s = baton;
    as_proof_t *p = s->proof;
    apr_status_t status = as_address_account(db, &p->address, &p->account, pool);

    p->known = status == APR_SUCCESS;
    if (status == AS_ENO) {
        status = as_pending_by_address(db, p->address.text, &p->waiting, pool);
        p->pending = status == APR_SUCCESS && p->waiting.expires_at > s->ctx->now;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t check_password(as_ctx_t *ctx, as_proof_t *p, const char *password)
{
    as_hasher_t *hasher = ctx->service->hasher;
    apr_ssize_t points = as_text_points(password);
    int sound = points >= 0 && points <= AS_PASSWORD_MAX;
    const char *phc = !sound ? NULL
                      : p->known ? p->account.password
                      : p->pending ? p->waiting.password
                                   : NULL;
    int stale = 0;
    apr_status_t status = as_password_verify(hasher, phc, sound ? password : "", &stale);

    p->outcome = AS_SIGN_IN_WRONG;
    if (status == APR_SUCCESS) {
        p->outcome = !p->known ? AS_ACCOUNT_PENDING
                     : p->account.disabled_at ? AS_SIGN_IN_WRONG
                                              : AS_OK;
    }
    if (status == APR_SUCCESS && stale && p->outcome == AS_OK) {
        status = as_password_hash(hasher, password, NULL, &p->rehashed, ctx->pool);
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static const unsigned buckets = AS_CHARGE(AS_BUCKET_SIGNIN);

static as_result_t prove(as_ctx_t *ctx, as_proof_t *proof, const as_password_in_t *in,
                         as_txn_fn record, void *baton)
{
    search_t search = { .ctx = ctx, .proof = proof };
    as_result_t result = in->captcha ? as_captcha_ask(ctx, AS_CAPTCHA_SIGNIN) : as_result(AS_OK);
    apr_status_t status = APR_SUCCESS;

    if (result.code != AS_OK) {
        return result;
    }
    if (proof->address.text) {
        status = as_store_read(ctx->service->store, find, &search, ctx->pool);
    }
    if (status == APR_SUCCESS) {
        status = check_password(ctx, proof, in->password);
    }
    if (status == APR_SUCCESS) {
        status = as_store_write(ctx->service->store, record, baton, ctx->pool);
    }
    return status == APR_SUCCESS ? as_result(proof->outcome) : as_result_of(status);
}

as_result_t as_proof_by_password(as_ctx_t *ctx, as_proof_t *proof, const as_password_in_t *in,
                                 as_txn_fn record, void *baton)
{
    as_result_t result;

    *proof = (as_proof_t){ .outcome = AS_SIGN_IN_WRONG };
    as_address_take(&proof->address, in->address, in->email, ctx->pool);
    result = as_throttle_charge(ctx, buckets, proof->address.text);
    return result.code != AS_OK
               ? result
               : as_throttle_settle(ctx, buckets, proof->address.text,
                                    prove(ctx, proof, in, record, baton));
}

as_result_t as_proof_allowed(as_ctx_t *ctx, const char *address)
{
    as_address_t parsed;
    as_result_t result;

    as_address_parse(&parsed, address, ctx->pool);
    result = as_throttle_charge(ctx, buckets, parsed.text);
    return result.code == AS_OK ? as_throttle_settle(ctx, buckets, parsed.text, result) : result;
}

static as_result_t check_again(as_ctx_t *ctx, const as_account_t *account, const char *password)
{
    apr_ssize_t points = as_text_points(password);
    int sound = points >= 0 && points <= AS_PASSWORD_MAX;
    apr_status_t status = as_password_verify(ctx->service->hasher,
                                             sound ? account->password : NULL,
                                             sound ? password : "", NULL);

    return status == AS_ENO ? as_result(AS_PASSWORD_WRONG) : as_result_of(status);
}

as_result_t as_proof_again(as_ctx_t *ctx, const as_account_t *account, const char *password)
{
    const char *subject = account->email   ? account->email
                          : account->phone ? account->phone
                                           : account->id;
    as_result_t result = as_throttle_charge(ctx, buckets, subject);

    return result.code != AS_OK ? result
                                : as_throttle_settle(ctx, buckets, subject,
                                                     check_again(ctx, account, password));
}

apr_status_t as_proof_record(as_db_t *db, const as_ctx_t *ctx, const char *event,
                             const as_proof_t *proof, const as_session_t *session,
                             apr_pool_t *pool)
{
    const as_entry_t entry = {
        .event = event,
        .outcome = proof->outcome,
        .account_id = proof->known ? proof->account.id : NULL,
        .session_id = session ? session->id : NULL,
        .factors = session ? session->amr : "pwd",
    };
    apr_status_t status = APR_SUCCESS;

    if (proof->outcome == AS_OK && proof->rehashed) {
        status = as_account_rehash(db, proof->account.id, proof->account.password,
                                   proof->rehashed);
    }
    return status == APR_SUCCESS ? as_trail_entry(db, ctx, &entry, pool) : status;
}
