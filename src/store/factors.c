/* SPDX-License-Identifier: Apache-2.0
 * Tables as_factor and as_recovery_code. See factors.h.
 */
#include "store/factors.h"

#include <stddef.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_factor_t, id) },
    { 's', offsetof(as_factor_t, sealed) },
    { 'i', offsetof(as_factor_t, on) },
    { 'i', offsetof(as_factor_t, last_step) },
};

apr_status_t as_factor_find(as_db_t *db, const char *account_id, as_factor_t *factor,
                            apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_FACTOR_FIND, columns, sizeof columns / sizeof *columns,
                            factor, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_factor_on(as_db_t *db, const char *account_id, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_FACTOR_ON, &rows, pool,
                                       AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS && rows.rows == 0 ? AS_ENO : status;
}

apr_status_t as_factor_insert(as_db_t *db, const as_factor_t *factor, const char *account_id,
                              apr_int64_t now)
{
    apr_status_t status = as_db_exec(db, AS_SQL_FACTOR_DROP_SETUP, NULL,
                                     AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS
               ? as_db_exec_one(db, AS_SQL_FACTOR_INSERT,
                                AS_ARGS(AS_S(factor->id), AS_S(account_id), AS_S(factor->sealed),
                                        AS_I(now)))
               : status;
}

apr_status_t as_factor_use(as_db_t *db, const as_factor_t *factor, apr_int64_t step)
{
    return as_db_exec_one(db, AS_SQL_FACTOR_USE,
                          AS_ARGS(AS_I(step), AS_S(factor->id), AS_I(factor->on), AS_I(step)));
}

apr_status_t as_factor_delete(as_db_t *db, const char *account_id)
{
    apr_status_t status = as_db_exec(db, AS_SQL_FACTOR_DELETE, NULL, AS_ARGS(AS_S(account_id)));

    return status == APR_SUCCESS ? as_recovery_codes_replace(db, account_id, NULL, 0) : status;
}

apr_status_t as_recovery_codes_replace(as_db_t *db, const char *account_id,
                                       const char *const *hashes, int n)
{
    apr_status_t status = as_db_exec(db, AS_SQL_RECOVERY_CODE_DELETE, NULL,
                                     AS_ARGS(AS_S(account_id)));

    for (int i = 0; i < n && status == APR_SUCCESS; i++) {
        status = as_db_exec_one(db, AS_SQL_RECOVERY_CODE_INSERT,
                                AS_ARGS(AS_S(account_id), AS_S(hashes[i])));
    }
    return status;
}

apr_status_t as_recovery_codes_unused(as_db_t *db, const char *account_id, as_rows_t *rows,
                                      apr_pool_t *pool)
{
    return as_db_select(db, AS_SQL_RECOVERY_CODE_UNUSED, rows, pool, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_recovery_code_use(as_db_t *db, const char *account_id, const char *hash,
                                  apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_RECOVERY_CODE_USE,
                          AS_ARGS(AS_I(now), AS_S(account_id), AS_S(hash)));
}
