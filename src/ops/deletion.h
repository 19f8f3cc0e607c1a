/* SPDX-License-Identifier: Apache-2.0
 * The end of an account: every session, factor, identity, password, role and pending message of it
 * ends, and all that tells of the person is erased but the audit trail's. What remains is a number
 * that nobody gets again, and keyed hashes that keep its addresses and identities from others.
 * Called through route rows, and by authsvcctl.
 */
#ifndef AS_OPS_DELETION_H
#define AS_OPS_DELETION_H

#include "ops/address.h"

typedef struct {
    const char *password; /* NULL only for an account without one */
} as_delete_in_t;

/* The principal's own, by its password, or without one by a sign-in of the last five minutes.
 * AS_PASSWORD_WRONG, AS_STALE, AS_THROTTLED.
 */
as_result_t as_delete_own(as_ctx_t *ctx, const void *in, void *out);

/* Inside a transaction, last. After the commit: as_feed_publish_account with its next epoch. */
apr_status_t as_account_end(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                            apr_pool_t *pool);

#endif
