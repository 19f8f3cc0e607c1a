/* SPDX-License-Identifier: Apache-2.0
 * Table as_key. See keys.h.
 */
#include "store/keys.h"

apr_status_t as_key_all(as_db_t *db, as_rows_t *rows, apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_KEY_ALL, rows, pool, AS_NO_ARGS);
}

apr_status_t as_key_insert(as_db_t *db, apr_int64_t slot, const char *sealed, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_KEY_INSERT, AS_ARGS(AS_I(slot), AS_S(sealed), AS_I(now)));
}

apr_status_t as_key_delete(as_db_t *db, apr_int64_t slot)
{
    return as_db_exec_one(db, AS_SQL_KEY_DELETE, AS_ARGS(AS_I(slot)));
}
