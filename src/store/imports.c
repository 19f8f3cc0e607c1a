/* SPDX-License-Identifier: Apache-2.0
 * Progress of imports in as_meta. See imports.h.
 */
#include "store/imports.h"

#include <stdio.h>

#include <apr_strings.h>

/* Three counts fit the column's 32 characters: hexadecimal, of 40 bits each at most. */
#define COUNTS "%" APR_UINT64_T_HEX_FMT " %" APR_UINT64_T_HEX_FMT " %" APR_UINT64_T_HEX_FMT

static const char *row_of(const char *key, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "import/", key, NULL);
}

apr_status_t as_import_get(as_db_t *db, const char *key, as_progress_t *progress, apr_pool_t *pool)
{
    apr_uint64_t imported = 0, existing = 0, refused = 0;
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_IMPORT_GET, &rows, pool,
                                       AS_ARGS(AS_S(row_of(key, pool))));

    if (status != APR_SUCCESS || rows.rows == 0) {
        return status == APR_SUCCESS ? AS_ENO : status;
    }
    if (sscanf(as_rows_text(&rows, 0, 1), COUNTS, &imported, &existing, &refused) != 3) {
        return AS_EFAULT;
    }
    *progress = (as_progress_t){
        .octets = as_rows_integer(&rows, 0, 0),
        .imported = (apr_int64_t)imported,
        .existing = (apr_int64_t)existing,
        .refused = (apr_int64_t)refused,
        .at = as_rows_integer(&rows, 0, 2),
    };
    return APR_SUCCESS;
}

apr_status_t as_import_put(as_db_t *db, const char *key, const as_progress_t *before,
                           const as_progress_t *progress, apr_pool_t *pool)
{
    const char *row = row_of(key, pool);
    const char *counts = apr_psprintf(pool, COUNTS, (apr_uint64_t)progress->imported,
                                      (apr_uint64_t)progress->existing,
                                      (apr_uint64_t)progress->refused);

    if (before->at == 0) {
        return as_db_exec_one(db, AS_SQL_IMPORT_INSERT,
                              AS_ARGS(AS_S(row), AS_I(progress->octets), AS_S(counts),
                                      AS_I(progress->at)));
    }
    return as_db_exec_one(db, AS_SQL_IMPORT_STEP,
                          AS_ARGS(AS_I(progress->octets), AS_S(counts), AS_I(progress->at),
                                  AS_S(row), AS_I(before->octets), AS_I(before->at)));
}
