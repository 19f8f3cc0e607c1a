/* SPDX-License-Identifier: Apache-2.0
 * The audit trail: one entry for each thing that happens to an account, in the transaction that
 * does it. Never takes a secret. Called by the operations.
 */
#ifndef AS_OPS_TRAIL_H
#define AS_OPS_TRAIL_H

#include "ops/service.h"
#include "store/sessions.h"

/* event: "sign_in" and the like; account_id and session_id may be NULL. */
apr_status_t as_trail(as_db_t *db, const as_ctx_t *ctx, const char *event, as_code_t outcome,
                      const char *account_id, const char *session_id, apr_pool_t *pool);

/* More than that. */
typedef struct {
    const char *event;
    as_code_t outcome;
    const char *account_id, *session_id; /* may be NULL */
    const char *factors; /* shown and right, or (refused) tried: words of RFC 8176; may be NULL */
    const char *detail;  /* which role, team, vendor, …, at most 255 characters; may be NULL */
} as_entry_t;

apr_status_t as_trail_entry(as_db_t *db, const as_ctx_t *ctx, const as_entry_t *entry,
                            apr_pool_t *pool);

/* Something that was done, and to what; account_id may be NULL. */
apr_status_t as_trail_of(as_db_t *db, const as_ctx_t *ctx, const char *event,
                         const char *account_id, const char *detail, apr_pool_t *pool);

#endif
