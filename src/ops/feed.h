/* SPDX-License-Identifier: Apache-2.0
 * Revocations on their way: from the database's feed into shared memory, and from an operation of
 * this machine at once. Never acknowledges before the commit. sync is called by server/worker,
 * publish by the operations that end something, after their commit.
 */
#ifndef AS_OPS_FEED_H
#define AS_OPS_FEED_H

#include "ops/service.h"

/* Reads what is new, if it is anybody's turn; APR_SUCCESS also if it is not. */
apr_status_t as_feed_sync(as_service_t *service, apr_pool_t *pool);

/* A session that has ended, or the least credential epoch of an account that still stands. */
void as_feed_publish_session(const as_ctx_t *ctx, const char *session_id);
void as_feed_publish_account(const as_ctx_t *ctx, const char *account_id, apr_int64_t least_epoch);

#endif
