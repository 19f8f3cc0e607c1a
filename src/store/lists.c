/* SPDX-License-Identifier: Apache-2.0
 * Lists for people. See lists.h.
 */
#include "store/lists.h"

apr_status_t as_list_accounts(as_db_t *db, const char *after, apr_int64_t limit, as_rows_t *rows,
                              apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_ACCOUNTS, rows, pool, AS_ARGS(AS_S(after), AS_I(limit)));
}

apr_status_t as_list_account(as_db_t *db, const char *id, as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_ACCOUNT, rows, pool, AS_ARGS(AS_S(id)));
}

apr_status_t as_list_roles(as_db_t *db, const char *account_id, as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_ROLES, rows, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_list_teams_of(as_db_t *db, const char *account_id, as_rows_t *rows,
                              apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_TEAMS_OF, rows, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_list_teams(as_db_t *db, as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_TEAMS, rows, pool, AS_NO_ARGS);
}

apr_status_t as_list_sessions(as_db_t *db, const char *account_id, apr_int64_t now,
                              as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_SESSIONS, rows, pool,
                        AS_ARGS(AS_S(account_id), AS_I(now)));
}

apr_status_t as_list_outbox(as_db_t *db, apr_int64_t limit, as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_OUTBOX, rows, pool, AS_ARGS(AS_I(limit)));
}

apr_status_t as_list_invitations(as_db_t *db, apr_int64_t limit, as_rows_t *rows,
                                 apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_LIST_INVITATIONS, rows, pool, AS_ARGS(AS_I(limit)));
}

apr_status_t as_list_audit(as_db_t *db, const char *account_id, apr_int64_t limit, as_rows_t *rows,
                           apr_pool_t *pool)
{
    return account_id ? as_db_select(db, AS_SQL_LIST_AUDIT_OF, rows, pool,
                                     AS_ARGS(AS_S(account_id), AS_I(limit)))
                      : as_db_select(db, AS_SQL_LIST_AUDIT, rows, pool, AS_ARGS(AS_I(limit)));
}

apr_status_t as_list_broken(as_db_t *db, as_sql_t check, apr_int64_t horizon, apr_int64_t *n,
                            apr_pool_t *pool)
{
    char kinds[2];
    as_rows_t rows;
    apr_status_t status = as_sql_parameters(check, kinds, sizeof kinds) > 0
                              ? as_db_select(db, check, &rows, pool, AS_ARGS(AS_I(horizon)))
                              : as_db_select(db, check, &rows, pool, AS_NO_ARGS);

    *n = status == APR_SUCCESS && rows.rows > 0 ? as_rows_integer(&rows, 0, 0) : 0;
    return status;
}
