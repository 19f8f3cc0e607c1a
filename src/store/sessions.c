/* SPDX-License-Identifier: Apache-2.0
 * Tables as_session, as_revocation and as_feed. See sessions.h.
 */
#include "store/sessions.h"

#include <stddef.h>

#define TEXT(type, member) { 's', offsetof(type, member) }
#define INTEGER(type, member) { 'i', offsetof(type, member) }
#define COUNT(rows) ((int)(sizeof(rows) / sizeof *(rows)))

static const as_column_t session_columns[] = {
    TEXT(as_session_t, id),            TEXT(as_session_t, account_id),
    TEXT(as_session_t, dialect),       TEXT(as_session_t, team),
    TEXT(as_session_t, salt),          INTEGER(as_session_t, generation),
    INTEGER(as_session_t, rotated_at), INTEGER(as_session_t, auth_time),
    TEXT(as_session_t, amr),           INTEGER(as_session_t, created_at),
    INTEGER(as_session_t, expires_at), INTEGER(as_session_t, ends_at),
    INTEGER(as_session_t, ended_at),
};

static const as_column_t standing_columns[] = {
    INTEGER(as_standing_t, ended_at),    TEXT(as_standing_t, door_id),
    INTEGER(as_standing_t, epoch),
    INTEGER(as_standing_t, disabled_at), INTEGER(as_standing_t, number),
    TEXT(as_standing_t, email),          INTEGER(as_standing_t, email_proven),
    TEXT(as_standing_t, phone),          INTEGER(as_standing_t, phone_proven),
};

apr_status_t as_session_insert(as_db_t *db, const as_session_t *s, const char *address,
                               const char *agent)
{
    return as_db_exec_one(db, AS_SQL_SESSION_INSERT,
                          AS_ARGS(AS_S(s->id), AS_S(s->account_id), AS_S(s->dialect),
                                  AS_S(s->team), AS_S(s->salt), AS_I(s->rotated_at),
                                  AS_I(s->auth_time), AS_S(s->amr), AS_I(s->created_at),
                                  AS_I(s->expires_at), AS_I(s->ends_at), AS_I(s->created_at),
                                  AS_S(address), AS_S(agent)));
}

apr_status_t as_session_by_id(as_db_t *db, const char *id, as_session_t *session, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_SESSION_BY_ID, session_columns, COUNT(session_columns),
                            session, pool, AS_ARGS(AS_S(id)));
}

apr_status_t as_session_standing(as_db_t *db, const char *id, const char *account_id,
                                 as_standing_t *standing, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_SESSION_STANDING, standing_columns,
                            COUNT(standing_columns), standing, pool,
                            AS_ARGS(AS_S(id), AS_S(account_id)));
}

apr_status_t as_account_standing(as_db_t *db, const char *account_id, as_standing_t *standing,
                                 apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_ACCOUNT_STANDING, standing_columns,
                            COUNT(standing_columns), standing, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_session_rotate(as_db_t *db, const char *id, apr_int64_t generation,
                               apr_int64_t expires_at, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_SESSION_ROTATE,
                          AS_ARGS(AS_I(now), AS_I(now), AS_I(expires_at), AS_S(id),
                                  AS_I(generation), AS_I(now)));
}

apr_status_t as_session_change_team(as_db_t *db, const as_session_t *session, const char *team,
                                    apr_int64_t expires_at, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_SESSION_CHANGE_TEAM,
                          AS_ARGS(AS_I(now), AS_I(now), AS_I(expires_at), AS_S(team),
                                  AS_S(session->id), AS_I(session->generation), AS_I(now)));
}

apr_status_t as_session_touch(as_db_t *db, const char *id, apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_SESSION_TOUCH, NULL, AS_ARGS(AS_I(now), AS_S(id)));
}

apr_status_t as_session_forget(as_db_t *db, const char *account_id)
{
    return as_db_exec(db, AS_SQL_SESSION_FORGET, NULL, AS_ARGS(AS_S(account_id)));
}

/* One of session and account is NULL. The row's epoch is the account's as this transaction leaves
 * it.
 */
static apr_status_t feed(as_db_t *db, const char *session_id, const char *revoked_account,
                         const char *account_id, apr_int64_t now, apr_int64_t expires_at)
{
    apr_status_t status = as_db_exec_one(db, AS_SQL_FEED_NEXT, AS_NO_ARGS);

    if (status == APR_SUCCESS) {
        status = as_db_exec_one(db, AS_SQL_REVOCATION_INSERT,
                                AS_ARGS(AS_S(session_id), AS_S(revoked_account), AS_I(now),
                                        AS_I(expires_at), AS_S(account_id)));
    }
    return status == AS_ENO ? AS_EFAULT : status;
}

apr_status_t as_session_end(as_db_t *db, const as_session_t *session, apr_int64_t now,
                            apr_int64_t expires_at)
{
    int changed;
    apr_status_t status = as_db_exec(db, AS_SQL_SESSION_END, &changed,
                                     AS_ARGS(AS_I(now), AS_S(session->id)));

    if (status == APR_SUCCESS && changed) {
        status = feed(db, session->id, NULL, session->account_id, now, expires_at);
    }
    return status;
}

apr_status_t as_session_end_all(as_db_t *db, const char *account_id, apr_int64_t now,
                                apr_int64_t expires_at)
{
    apr_status_t status = as_db_exec(db, AS_SQL_SESSION_END_ALL, NULL,
                                     AS_ARGS(AS_I(now), AS_S(account_id)));

    return status == APR_SUCCESS ? feed(db, NULL, account_id, account_id, now, expires_at) : status;
}

apr_status_t as_session_revoke_tokens(as_db_t *db, const char *account_id, apr_int64_t now,
                                      apr_int64_t expires_at)
{
    apr_status_t status = as_db_exec_one(db, AS_SQL_ACCOUNT_RAISE, AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS ? feed(db, NULL, account_id, account_id, now, expires_at) : status;
}

apr_status_t as_session_live_others(as_db_t *db, const char *account_id, const char *session_id,
                                    apr_int64_t since, apr_int64_t limit, as_rows_t *rows,
                                    apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_SESSION_LIVE_OTHERS, rows, pool,
                        AS_ARGS(AS_S(account_id), AS_S(session_id), AS_I(since), AS_I(limit)));
}

apr_status_t as_session_end_others(as_db_t *db, const char *account_id, const char *session_id,
                                   apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_SESSION_END_OTHERS, NULL,
                      AS_ARGS(AS_I(now), AS_S(account_id), AS_S(session_id)));
}

apr_status_t as_session_feed(as_db_t *db, const char *session_id, const char *account_id,
                             apr_int64_t now, apr_int64_t expires_at)
{
    return feed(db, session_id, NULL, account_id, now, expires_at);
}

apr_status_t as_session_set_amr(as_db_t *db, const char *id, const char *amr)
{
    return as_db_exec(db, AS_SQL_SESSION_AMR, NULL, AS_ARGS(AS_S(amr), AS_S(id)));
}

apr_status_t as_session_revoke_all(as_db_t *db, const char *account_id, apr_int64_t now,
                                   apr_int64_t expires_at)
{
    apr_status_t status = as_db_exec_one(db, AS_SQL_ACCOUNT_RAISE, AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS ? as_session_end_all(db, account_id, now, expires_at) : status;
}
