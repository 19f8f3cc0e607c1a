/* SPDX-License-Identifier: Apache-2.0
 * The audit trail. See trail.h.
 */
#include "ops/trail.h"

#include "crypto/random.h"
#include "store/audit.h"

apr_status_t as_trail(as_db_t *db, const as_ctx_t *ctx, const char *event, as_code_t outcome,
                      const char *account_id, const char *session_id, apr_pool_t *pool)
{
    const as_audit_t entry = {
        .id = as_random_id(pool),
        .at = ctx->now,
        .event = event,
        .outcome = as_code_name(outcome),
        .account_id = account_id,
        .session_id = session_id,
        .dialect = ctx->dialect,
        .address = ctx->address,
        .agent = ctx->agent,
        .request_id = ctx->request_id,
    };

    return as_audit_insert(db, &entry);
}
