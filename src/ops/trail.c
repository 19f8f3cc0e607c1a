/* SPDX-License-Identifier: Apache-2.0
 * The audit trail. See trail.h.
 */
#include "ops/trail.h"

#include "crypto/random.h"
#include "store/audit.h"

apr_status_t as_trail_entry(as_db_t *db, const as_ctx_t *ctx, const as_entry_t *entry,
                            apr_pool_t *pool)
{
    const as_audit_t row = {
        .id = as_random_id(pool),
        .at = ctx->now,
        .event = entry->event,
        .outcome = as_code_name(entry->outcome),
        .account_id = entry->account_id,
        .session_id = entry->session_id,
        .factors = entry->factors,
        .detail = entry->detail,
        .dialect = ctx->dialect,
        .address = ctx->address,
        .agent = ctx->agent,
        .request_id = ctx->request_id,
    };

    return as_audit_insert(db, &row);
}

apr_status_t as_trail(as_db_t *db, const as_ctx_t *ctx, const char *event, as_code_t outcome,
                      const char *account_id, const char *session_id, apr_pool_t *pool)
{
    const as_entry_t entry = { .event = event, .outcome = outcome, .account_id = account_id,
                               .session_id = session_id };

    return as_trail_entry(db, ctx, &entry, pool);
}

apr_status_t as_trail_of(as_db_t *db, const as_ctx_t *ctx, const char *event,
                         const char *account_id, const char *detail, apr_pool_t *pool)
{
    const as_entry_t entry = { .event = event, .outcome = AS_OK, .account_id = account_id,
                               .session_id = ctx->principal ? ctx->principal->session_id : NULL,
                               .detail = detail };

    return as_trail_entry(db, ctx, &entry, pool);
}
