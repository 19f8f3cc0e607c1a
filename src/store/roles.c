/* SPDX-License-Identifier: Apache-2.0
 * Tables as_role, as_team and as_membership. See roles.h.
 */
#include "store/roles.h"

/* The one text of a select's first row: APR_SUCCESS, AS_ENO without a row, or why it failed. */
static apr_status_t select_text(as_db_t *db, as_sql_t sql, const char **text, apr_pool_t *pool,
                                const as_arg_t *args, int n)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, sql, &rows, pool, args, n);

    if (status == APR_SUCCESS && rows.rows == 0) {
        return AS_ENO;
    }
    if (status == APR_SUCCESS && text) {
        *text = as_rows_text(&rows, 0, 0);
    }
    return status;
}

apr_status_t as_role_rows(as_db_t *db, const char *account_id, const char *team, as_rows_t *rows,
                          apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_ROLE_OF, rows, pool,
                        AS_ARGS(AS_S(account_id), AS_S(team ? team : "")));
}

apr_status_t as_role_insert(as_db_t *db, const char *account_id, const char *role,
                            const char *team)
{
    return as_db_exec_one(db, AS_SQL_ROLE_INSERT,
                          AS_ARGS(AS_S(account_id), AS_S(role), AS_S(team ? team : "")));
}

apr_status_t as_role_delete(as_db_t *db, const char *account_id, const char *role,
                            const char *team)
{
    return as_db_exec_one(db, AS_SQL_ROLE_DELETE,
                          AS_ARGS(AS_S(account_id), AS_S(role), AS_S(team ? team : "")));
}

apr_status_t as_team_insert(as_db_t *db, const char *id, const char *name, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_TEAM_INSERT, AS_ARGS(AS_S(id), AS_S(name), AS_I(now)));
}

apr_status_t as_team_name(as_db_t *db, const char *id, const char **name, apr_pool_t *pool)
{
    return select_text(db, AS_SQL_TEAM_NAME, name, pool, AS_ARGS(AS_S(id)));
}

apr_status_t as_team_last_used(as_db_t *db, const char *account_id, const char **team,
                               apr_pool_t *pool)
{
    return select_text(db, AS_SQL_TEAM_LAST_USED, team, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_team_oldest(as_db_t *db, const char *account_id, const char **team,
                            apr_pool_t *pool)
{
    return select_text(db, AS_SQL_TEAM_OLDEST, team, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_membership_get(as_db_t *db, const char *account_id, const char *team,
                               apr_pool_t *pool)
{
    return select_text(db, AS_SQL_MEMBERSHIP_GET, NULL, pool,
                       AS_ARGS(AS_S(account_id), AS_S(team)));
}

apr_status_t as_membership_insert(as_db_t *db, const char *account_id, const char *team,
                                  apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_MEMBERSHIP_INSERT,
                          AS_ARGS(AS_S(account_id), AS_S(team), AS_I(now)));
}

apr_status_t as_membership_delete(as_db_t *db, const char *account_id, const char *team)
{
    apr_status_t status = as_db_exec_one(db, AS_SQL_MEMBERSHIP_DELETE,
                                         AS_ARGS(AS_S(account_id), AS_S(team)));

    if (status == APR_SUCCESS) {
        status = as_db_exec(db, AS_SQL_ROLE_DELETE_TEAM, NULL,
                            AS_ARGS(AS_S(account_id), AS_S(team)));
    }
    return status == APR_SUCCESS ? as_db_exec(db, AS_SQL_SESSION_LEAVE_TEAM, NULL,
                                              AS_ARGS(AS_S(account_id), AS_S(team)))
                                 : status;
}

apr_status_t as_roles_delete_all(as_db_t *db, const char *account_id)
{
    apr_status_t status = as_db_exec(db, AS_SQL_ROLE_DELETE_ALL, NULL, AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS ? as_db_exec(db, AS_SQL_MEMBERSHIP_DELETE_ALL, NULL,
                                              AS_ARGS(AS_S(account_id)))
                                 : status;
}
