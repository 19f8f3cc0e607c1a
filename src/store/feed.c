/* SPDX-License-Identifier: Apache-2.0
 * Reading the revocation feed. See feed.h.
 */
#include "store/feed.h"

#include <stddef.h>

static const as_column_t head_columns[] = {
    { 's', offsetof(as_feed_head_t, epoch) },
    { 'i', offsetof(as_feed_head_t, seq) },
};

static const as_column_t row_columns[] = {
    { 'i', offsetof(as_feed_row_t, seq) },         { 's', offsetof(as_feed_row_t, session_id) },
    { 's', offsetof(as_feed_row_t, account_id) },  { 'i', offsetof(as_feed_row_t, least_epoch) },
    { 'i', offsetof(as_feed_row_t, expires_at) },
};

apr_status_t as_feed_head(as_db_t *db, as_feed_head_t *head, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_FEED_HEAD, head_columns,
                            sizeof head_columns / sizeof *head_columns, head, pool, AS_NO_ARGS);
}

apr_status_t as_feed_rows(as_db_t *db, apr_int64_t seq, as_feed_row_t **out, int *n,
                          apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_FEED_ROWS, &rows, pool,
                                       AS_ARGS(AS_I(seq), AS_I(AS_FEED_PAGE)));

    *n = status == APR_SUCCESS ? rows.rows : 0;
    *out = apr_pcalloc(pool, (*n + 1) * sizeof **out);
    for (int i = 0; i < *n; i++) {
        as_rows_fill(&rows, i, row_columns, sizeof row_columns / sizeof *row_columns, &(*out)[i]);
    }
    return status;
}
