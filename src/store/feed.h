/* SPDX-License-Identifier: Apache-2.0
 * Reading tables as_feed and as_revocation. What they say goes to shared memory in ops/feed.
 */
#ifndef AS_STORE_FEED_H
#define AS_STORE_FEED_H

#include "store/db.h"

#define AS_FEED_PAGE 500 /* rows read at once */

typedef struct {
    const char *epoch; /* of the database: another one after a restore */
    apr_int64_t seq;   /* of the youngest revocation, 0 if there was none */
} as_feed_head_t;

typedef struct {
    apr_int64_t seq;
    const char *session_id, *account_id; /* one of them is NULL */
    apr_int64_t least_epoch, expires_at;
} as_feed_row_t;

apr_status_t as_feed_head(as_db_t *db, as_feed_head_t *head, apr_pool_t *pool);

/* Up to AS_FEED_PAGE rows after seq, in their order. */
apr_status_t as_feed_rows(as_db_t *db, apr_int64_t seq, as_feed_row_t **rows, int *n,
                          apr_pool_t *pool);

#endif
