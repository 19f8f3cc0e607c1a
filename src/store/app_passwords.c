/* SPDX-License-Identifier: Apache-2.0
 * Table as_app_password. See app_passwords.h.
 */
#include "store/app_passwords.h"

#include <stddef.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_app_password_t, id) },
    { 's', offsetof(as_app_password_t, account_id) },
    { 's', offsetof(as_app_password_t, name) },
    { 's', offsetof(as_app_password_t, hash) },
    { 'i', offsetof(as_app_password_t, created_at) },
    { 'i', offsetof(as_app_password_t, used_at) },
};

apr_status_t as_app_passwords_of(as_db_t *db, const char *account_id,
                                 as_app_password_t **passwords, int *n, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_APP_PASSWORD_OF, &rows, pool,
                                       AS_ARGS(AS_S(account_id)));

    *n = status == APR_SUCCESS ? rows.rows : 0;
    *passwords = apr_pcalloc(pool, (*n + 1) * sizeof **passwords);
    for (int i = 0; i < *n; i++) {
        as_rows_fill(&rows, i, columns, sizeof columns / sizeof *columns, &(*passwords)[i]);
    }
    return status;
}

apr_status_t as_app_password_insert(as_db_t *db, const as_app_password_t *p)
{
    return as_db_exec_one(db, AS_SQL_APP_PASSWORD_INSERT,
                          AS_ARGS(AS_S(p->id), AS_S(p->account_id), AS_S(p->name), AS_S(p->hash),
                                  AS_I(p->created_at)));
}

apr_status_t as_app_password_use(as_db_t *db, const char *id, apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_APP_PASSWORD_USE, NULL, AS_ARGS(AS_I(now), AS_S(id)));
}

apr_status_t as_app_passwords_delete(as_db_t *db, const char *account_id, const char *id, int *n)
{
    return id ? as_db_exec(db, AS_SQL_APP_PASSWORD_DELETE, n, AS_ARGS(AS_S(account_id), AS_S(id)))
              : as_db_exec(db, AS_SQL_APP_PASSWORD_DELETE_ALL, n, AS_ARGS(AS_S(account_id)));
}
