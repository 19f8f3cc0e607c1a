/* SPDX-License-Identifier: Apache-2.0
 * Table as_outbox. See outbox.h.
 */
#include "store/outbox.h"

#include <stddef.h>

#include <apr_tables.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_outbox_t, id) },          { 'i', offsetof(as_outbox_t, channel) },
    { 's', offsetof(as_outbox_t, payload) },     { 'i', offsetof(as_outbox_t, attempts) },
    { 'i', offsetof(as_outbox_t, dies_at) },     { 'i', offsetof(as_outbox_t, created_at) },
    { 'i', offsetof(as_outbox_t, lease_until) },
};

apr_status_t as_outbox_insert(as_db_t *db, const as_outbox_t *message, const char *topic,
                              apr_int64_t state)
{
    return as_db_exec_one(db, AS_SQL_OUTBOX_INSERT,
                          AS_ARGS(AS_S(message->id), AS_S(topic), AS_I(message->channel),
                                  AS_S(message->payload), AS_I(state), AS_I(message->created_at),
                                  AS_I(message->dies_at), AS_I(message->created_at),
                                  AS_I(state == AS_OUTBOX_WAITING ? 0 : message->created_at)));
}

apr_status_t as_outbox_due(as_db_t *db, apr_int64_t now, as_outbox_t **messages, int *n,
                           apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_OUTBOX_DUE, &rows, pool,
                                       AS_ARGS(AS_I(now), AS_I(now)));

    *n = status == APR_SUCCESS ? rows.rows : 0;
    *messages = apr_pcalloc(pool, (*n + 1) * sizeof **messages);
    for (int i = 0; i < *n; i++) {
        as_rows_fill(&rows, i, columns, sizeof columns / sizeof *columns, &(*messages)[i]);
    }
    return status;
}

apr_status_t as_outbox_claim(as_db_t *db, const as_outbox_t *message, const char *claim,
                             apr_int64_t lease_until)
{
    return as_db_exec_one(db, AS_SQL_OUTBOX_CLAIM,
                          AS_ARGS(AS_S(claim), AS_I(lease_until), AS_S(message->id),
                                  AS_I(message->lease_until)));
}

apr_status_t as_outbox_done(as_db_t *db, const char *id, const char *claim, apr_int64_t state,
                            const char *reason, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_OUTBOX_DONE,
                          AS_ARGS(AS_I(state), AS_S(reason ? reason : ""), AS_I(now), AS_S(id),
                                  AS_S(claim)));
}

apr_status_t as_outbox_later(as_db_t *db, const char *id, const char *claim, apr_int64_t next_at,
                             const char *reason)
{
    return as_db_exec_one(db, AS_SQL_OUTBOX_LATER,
                          AS_ARGS(AS_I(next_at), AS_S(reason ? reason : ""), AS_S(id),
                                  AS_S(claim)));
}

apr_status_t as_outbox_kill(as_db_t *db, const char *topic, apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_OUTBOX_KILL, NULL, AS_ARGS(AS_I(now), AS_S(topic)));
}

apr_status_t as_outbox_expire(as_db_t *db, apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_OUTBOX_EXPIRE, NULL, AS_ARGS(AS_I(now), AS_I(now), AS_I(now)));
}

apr_status_t as_outbox_state(as_db_t *db, const char *id, apr_int64_t *state, const char **reason,
                             apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_OUTBOX_STATE, &rows, pool, AS_ARGS(AS_S(id)));

    if (status != APR_SUCCESS || rows.rows == 0) {
        return status == APR_SUCCESS ? AS_ENO : status;
    }
    *state = as_rows_integer(&rows, 0, 0);
    *reason = as_rows_text(&rows, 0, 1);
    return APR_SUCCESS;
}

apr_status_t as_outbox_count(as_db_t *db, const char *topic, apr_int64_t since, apr_int64_t *n,
                             apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_OUTBOX_COUNT, &rows, pool,
                                       AS_ARGS(AS_S(topic), AS_I(since)));

    *n = status == APR_SUCCESS ? as_rows_integer(&rows, 0, 0) : 0;
    return status;
}

apr_status_t as_outbox_hurry(as_db_t *db, const char *id, apr_int64_t now, int *n)
{
    return id ? as_db_exec(db, AS_SQL_OUTBOX_HURRY, n, AS_ARGS(AS_I(now), AS_S(id), AS_I(now)))
              : as_db_exec(db, AS_SQL_OUTBOX_HURRY_ALL, n, AS_ARGS(AS_I(now), AS_I(now)));
}
