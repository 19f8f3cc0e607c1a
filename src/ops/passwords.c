/* SPDX-License-Identifier: Apache-2.0
 * New passwords. See passwords.h.
 */
#include "ops/passwords.h"

#include <string.h>

#include "ops/challenges.h"
#include "ops/feed.h"
#include "ops/outbox.h"
#include "ops/proof.h"
#include "ops/sessions.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/app_passwords.h"
#include "store/identities.h"

/* What could set a password, or stood in for it; and what would give the account another mail or
 * number, by which a thief who asked for it before could come back.
 */
static apr_status_t end_others(as_db_t *db, const as_ctx_t *ctx, const char *account_id,
                               apr_pool_t *pool)
{
    static const as_challenge_kind_t *const kinds[] = { &as_code_recovery, &as_link_restore,
                                                        &as_link_confirm, &as_code_phone };
    apr_status_t status = as_app_passwords_delete(db, account_id, NULL, NULL);

    for (apr_size_t i = 0; status == APR_SUCCESS && i < sizeof kinds / sizeof *kinds; i++) {
        status = as_challenge_end(db, ctx, kinds[i], account_id, pool);
    }
    return status;
}

/* Who linked identities and a number had not proven the mail: they would let him in again. */
static apr_status_t drop_unproven(as_db_t *db, const char *account_id)
{
    apr_status_t status = as_identities_delete(db, account_id, NULL, NULL);

    return status == APR_SUCCESS ? as_account_drop_phone(db, account_id) : status;
}

apr_status_t as_password_set(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                             const char *phc, as_proves_t proves, apr_pool_t *pool)
{
    int first_proof = proves == AS_PROVES_EMAIL && !account->email_proven;
    apr_status_t status = as_account_reset(db, account->id, phc, proves);

    if (status == APR_SUCCESS) {
        status = end_others(db, ctx, account->id, pool);
    }
    if (status == APR_SUCCESS && first_proof) {
        status = drop_unproven(db, account->id);
    }
    if (status == APR_SUCCESS) {
        status = as_notice_put(db, ctx, account, "password_changed", pool);
    }
    return status == APR_SUCCESS
               ? as_session_end_all(db, account->id, ctx->now, as_remember_until(ctx))
               : status;
}

void as_password_publish(const as_ctx_t *ctx, const as_account_t *account)
{
    as_feed_publish_account(ctx, account->id, account->epoch + 1);
    as_outbox_wake(ctx);
}

/* ---- by who knows the one of before ---- */

typedef struct {
    as_ctx_t *ctx;
    as_account_t account;
    const char *phc;
    as_ended_t ended;
} change_t;

static apr_status_t find(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;

    return as_account_by_id(db, c->ctx->principal->account_id, &c->account, pool);
}

/* AS_ENO: its credentials have changed since the password was checked. A hash made anew is none. */
static apr_status_t replace(as_db_t *db, change_t *c, as_account_t *now, apr_pool_t *pool)
{
    const as_account_t *seen = &c->account;
    apr_status_t status = as_account_by_id(db, seen->id, now, pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    if (now->epoch != seen->epoch || strcmp(now->door_id, seen->door_id) != 0) {
        return AS_ENO;
    }
    status = as_account_change_password(db, now, c->phc);
    return status == AS_ENO ? AS_ERETRY : status; /* somebody came between: look again */
}

static apr_status_t change(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    const as_ctx_t *ctx = c->ctx;
    const char *id = c->account.id;
    as_account_t now;
    apr_status_t status = replace(db, c, &now, pool);

    if (status == APR_SUCCESS) {
        status = end_others(db, ctx, id, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_notice_put(db, ctx, &now, "password_changed", pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, ctx, "change_password", AS_OK, id, ctx->principal->session_id, pool);
    }
    return status == APR_SUCCESS
               ? as_sessions_end_others(db, ctx, &now, ctx->principal->session_id, &c->ended, pool)
               : status;
}

static apr_status_t note_refusal(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const change_t *c = baton;

    return as_trail(db, c->ctx, "change_password", AS_PASSWORD_WRONG, c->account.id,
                    c->ctx->principal->session_id, pool);
}

as_result_t as_change_password(as_ctx_t *ctx, const void *input, void *out)
{
    const as_change_password_in_t *in = input;
    as_service_t *service = ctx->service;
    change_t c = { .ctx = ctx };
    apr_status_t status = as_store_read(service->store, find, &c, ctx->pool);
    as_result_t result;

    (void)out;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
    }
    result = as_proof_again(ctx, &c.account, in->password);
    if (result.code == AS_PASSWORD_WRONG) {
        status = as_store_write(service->store, note_refusal, &c, ctx->pool);
        return status == APR_SUCCESS ? result : as_result_of(status);
    }
    if (result.code != AS_OK) {
        return result;
    }
    status = as_password_hash(service->hasher, in->new_password, NULL, &c.phc, ctx->pool);
    if (status == APR_SUCCESS) {
        status = as_principal_write(ctx, change, &c);
    }
    if (status == APR_SUCCESS) {
        as_ended_publish(ctx, &c.ended);
        as_outbox_wake(ctx);
    }
    return status == AS_ENO ? as_result(AS_PASSWORD_WRONG) : as_result_of(status);
}
