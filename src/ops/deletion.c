/* SPDX-License-Identifier: Apache-2.0
 * The end of an account. See deletion.h.
 */
#include "ops/deletion.h"

#include <string.h>

#include "ops/challenges.h"
#include "ops/feed.h"
#include "ops/proof.h"
#include "ops/reserved.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/app_passwords.h"
#include "store/factors.h"
#include "store/identities.h"
#include "store/invitations.h"
#include "store/roles.h"
#include "store/sessions.h"

static apr_status_t reserve_identities(as_db_t *db, const as_ctx_t *ctx, const char *account_id,
                                       apr_pool_t *pool)
{
    as_identity_t *identities;
    apr_status_t status;
    int n;

    status = as_identities_of(db, account_id, &identities, &n, pool);
    for (int i = 0; status == APR_SUCCESS && i < n; i++) {
        status = as_reserve(db, ctx, identities[i].issuer, identities[i].subject, account_id, pool);
    }
    return status == APR_SUCCESS ? as_identities_delete(db, account_id, NULL, NULL) : status;
}

static apr_status_t reserve_addresses(as_db_t *db, const as_ctx_t *ctx,
                                      const as_account_t *account, apr_pool_t *pool)
{
    const char *const addresses[] = { account->email, account->phone };
    apr_status_t status = APR_SUCCESS;

    for (int i = 0; status == APR_SUCCESS && i < 2; i++) {
        if (addresses[i]) {
            status = as_reserve(db, ctx, AS_RESERVED_ADDRESS, addresses[i], account->id, pool);
        }
    }
    return status;
}

static apr_status_t end_invitations(as_db_t *db, const as_ctx_t *ctx, const char *email,
                                    apr_pool_t *pool)
{
    as_invitation_t *open;
    apr_status_t status;
    int n;

    status = as_invitations_of(db, email, &open, &n, pool);
    for (int i = 0; status == APR_SUCCESS && i < n; i++) {
        status = as_challenge_end(db, ctx, &as_link_invitation, open[i].id, pool);
        if (status == APR_SUCCESS) {
            status = as_invitation_delete(db, open[i].id);
        }
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* All other tables' rows of the account. */
static apr_status_t end_belongings(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                                   apr_pool_t *pool)
{
    const char *id = account->id;
    apr_status_t status = as_challenges_end(db, ctx, id, pool);

    if (status == APR_SUCCESS) {
        status = as_app_passwords_delete(db, id, NULL, NULL);
    }
    if (status == APR_SUCCESS) {
        status = as_factor_delete(db, id);
    }
    if (status == APR_SUCCESS) {
        status = as_roles_delete_all(db, id);
    }
    if (status == APR_SUCCESS && account->email_proven) { /* else they may be somebody else's */
        status = end_invitations(db, ctx, account->email, pool);
    }
    return status == APR_SUCCESS ? as_session_forget(db, id) : status;
}

apr_status_t as_account_end(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                            apr_pool_t *pool)
{
    apr_status_t status = as_account_erase(db, account->id, ctx->now);

    if (status == APR_SUCCESS) {
        status = reserve_addresses(db, ctx, account, pool);
    }
    if (status == APR_SUCCESS) {
        status = reserve_identities(db, ctx, account->id, pool);
    }
    if (status == APR_SUCCESS) {
        status = end_belongings(db, ctx, account, pool);
    }
    return status == APR_SUCCESS
               ? as_session_end_all(db, account->id, ctx->now, as_remember_until(ctx))
               : status;
}

/* ---- one's own ---- */

typedef struct {
    as_ctx_t *ctx;
    as_account_t account;
} end_t;

static apr_status_t find(as_db_t *db, void *baton, apr_pool_t *pool)
{
    end_t *e = baton;

    return as_account_by_id(db, e->ctx->principal->account_id, &e->account, pool);
}

static apr_status_t end_own(as_db_t *db, void *baton, apr_pool_t *pool)
{
    end_t *e = baton;
    const as_principal_t *p = e->ctx->principal;
    as_account_t now;
    apr_status_t status = as_account_by_id(db, p->account_id, &now, pool);

    if (status == APR_SUCCESS
        && (now.epoch != e->account.epoch || strcmp(now.door_id, e->account.door_id) != 0)) {
        return AS_ENO; /* its credentials have changed since they were shown */
    }
    if (status == APR_SUCCESS) {
        status = as_trail(db, e->ctx, "delete", AS_OK, p->account_id, p->session_id, pool);
    }
    return status == APR_SUCCESS ? as_account_end(db, e->ctx, &now, pool) : status;
}

/* An address that nobody has proven stays reserved, too, though it may be a stranger's: a client
 * does that as often as it may be refused a sign-up.
 */
static as_result_t charge(const end_t *e)
{
    return e->account.email && !e->account.email_proven
               ? as_throttle_charge(e->ctx, AS_CHARGE(AS_BUCKET_SIGNUP), NULL)
               : as_result(AS_OK);
}

static as_result_t prove(const end_t *e, const char *password)
{
    if (e->account.password) {
        return as_proof_again(e->ctx, &e->account, password ? password : "");
    }
    return as_result(as_principal_is_fresh(e->ctx->principal, e->ctx->now) ? AS_OK : AS_STALE);
}

as_result_t as_delete_own(as_ctx_t *ctx, const void *in, void *out)
{
    end_t e = { .ctx = ctx };
    apr_status_t status = as_store_read(ctx->service->store, find, &e, ctx->pool);
    as_result_t result;

    (void)out;
    if (status != APR_SUCCESS) {
        return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
    }
    result = prove(&e, ((const as_delete_in_t *)in)->password);
    if (result.code == AS_OK) {
        result = charge(&e);
    }
    if (result.code != AS_OK) {
        return result;
    }
    status = as_principal_write(ctx, end_own, &e);
    if (status == APR_SUCCESS) {
        as_feed_publish_account(ctx, e.account.id, e.account.epoch + 1);
    }
    return status == AS_ENO ? as_result(AS_UNAUTHENTICATED) : as_result_of(status);
}
