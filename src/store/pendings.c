/* SPDX-License-Identifier: Apache-2.0
 * Table as_pending. See pendings.h.
 */
#include "store/pendings.h"

#include <stddef.h>

#define TEXT(member) { 's', offsetof(as_pending_t, member) }
#define INTEGER(member) { 'i', offsetof(as_pending_t, member) }

static const as_column_t columns[] = {
    TEXT(id),         TEXT(address),   INTEGER(version),    TEXT(password),     INTEGER(conflict),
    TEXT(first_name), TEXT(last_name), INTEGER(created_at), INTEGER(expires_at),
};

apr_status_t as_pending_by_address(as_db_t *db, const char *address, as_pending_t *pending,
                                   apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_PENDING_BY_ADDRESS, columns,
                            sizeof columns / sizeof *columns, pending, pool,
                            AS_ARGS(AS_S(address)));
}

apr_status_t as_pending_by_id(as_db_t *db, const char *id, as_pending_t *pending, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_PENDING_BY_ID, columns, sizeof columns / sizeof *columns,
                            pending, pool, AS_ARGS(AS_S(id)));
}

apr_status_t as_pending_any(as_db_t *db, int *any, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_PENDING_ANY, &rows, pool, AS_NO_ARGS);

    *any = rows.rows > 0;
    return status;
}

apr_status_t as_pending_insert(as_db_t *db, const as_pending_t *p)
{
    return as_db_exec_one(db, AS_SQL_PENDING_INSERT,
                          AS_ARGS(AS_S(p->id), AS_S(p->address), AS_I(p->version),
                                  AS_S(p->password), AS_I(p->conflict), AS_S(p->first_name),
                                  AS_S(p->last_name), AS_I(p->created_at), AS_I(p->expires_at)));
}

apr_status_t as_pending_replace(as_db_t *db, const as_pending_t *p)
{
    return as_db_exec_one(db, AS_SQL_PENDING_REPLACE,
                          AS_ARGS(AS_S(p->password), AS_I(p->conflict), AS_S(p->first_name),
                                  AS_S(p->last_name), AS_I(p->created_at), AS_I(p->expires_at),
                                  AS_S(p->id), AS_I(p->version)));
}

apr_status_t as_pending_delete(as_db_t *db, const char *id)
{
    return as_db_exec(db, AS_SQL_PENDING_DELETE, NULL, AS_ARGS(AS_S(id)));
}
