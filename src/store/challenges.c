/* SPDX-License-Identifier: Apache-2.0
 * Tables as_challenge and as_tally. See challenges.h.
 */
#include "store/challenges.h"

#include <stddef.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_challenge_t, id) },
    { 's', offsetof(as_challenge_t, subject) },
    { 's', offsetof(as_challenge_t, mac) },
    { 's', offsetof(as_challenge_t, data) },
    { 'i', offsetof(as_challenge_t, tries) },
    { 'i', offsetof(as_challenge_t, expires_at) },
};

apr_status_t as_challenge_insert(as_db_t *db, const as_challenge_t *challenge, const char *purpose,
                                 apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_CHALLENGE_INSERT,
                          AS_ARGS(AS_S(challenge->id), AS_S(purpose), AS_S(challenge->subject),
                                  AS_S(challenge->mac),
                                  AS_S(challenge->data ? challenge->data : ""), AS_I(now),
                                  AS_I(challenge->expires_at)));
}

apr_status_t as_challenge_by_id(as_db_t *db, const char *id, const char *purpose, apr_int64_t now,
                                apr_int64_t tries_max, as_challenge_t *challenge, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_CHALLENGE_BY_ID, columns, sizeof columns / sizeof *columns,
                            challenge, pool,
                            AS_ARGS(AS_S(id), AS_S(purpose), AS_I(now), AS_I(tries_max)));
}

apr_status_t as_challenge_live(as_db_t *db, const char *purpose, const char *subject,
                               apr_int64_t now, apr_int64_t tries_max, as_challenge_t *challenge,
                               apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_CHALLENGE_LIVE, columns, sizeof columns / sizeof *columns,
                            challenge, pool,
                            AS_ARGS(AS_S(purpose), AS_S(subject), AS_I(now), AS_I(tries_max)));
}

apr_status_t as_challenge_try(as_db_t *db, const char *id, apr_int64_t now, apr_int64_t tries_max)
{
    return as_db_exec_one(db, AS_SQL_CHALLENGE_TRY,
                          AS_ARGS(AS_S(id), AS_I(now), AS_I(tries_max)));
}

apr_status_t as_challenge_use(as_db_t *db, const char *id, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_CHALLENGE_USE, AS_ARGS(AS_I(now), AS_S(id)));
}

apr_status_t as_challenge_kill(as_db_t *db, const char *purpose, const char *subject,
                               apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_CHALLENGE_KILL, NULL,
                      AS_ARGS(AS_I(now), AS_S(purpose), AS_S(subject)));
}

apr_status_t as_challenge_kill_all(as_db_t *db, const char *subject, apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_CHALLENGE_KILL_ALL, NULL, AS_ARGS(AS_I(now), AS_S(subject)));
}

apr_status_t as_tally_get(as_db_t *db, const char *name, apr_int64_t day, apr_int64_t *n,
                          apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_TALLY_GET, &rows, pool,
                                       AS_ARGS(AS_S(name), AS_I(day)));

    *n = status == APR_SUCCESS && rows.rows ? as_rows_integer(&rows, 0, 0) : 0;
    return status;
}

apr_status_t as_tally_count(as_db_t *db, const char *name, apr_int64_t day)
{
    apr_status_t status = as_db_exec(db, AS_SQL_TALLY_INSERT, NULL,
                                     AS_ARGS(AS_S(name), AS_I(day)));

    return status == APR_SUCCESS
               ? as_db_exec_one(db, AS_SQL_TALLY_COUNT, AS_ARGS(AS_S(name), AS_I(day)))
               : status;
}
