/* SPDX-License-Identifier: Apache-2.0
 * Tables as_identity and as_reserved. See identities.h.
 */
#include "store/identities.h"

#include <stddef.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_identity_t, issuer) },     { 's', offsetof(as_identity_t, subject) },
    { 's', offsetof(as_identity_t, account_id) }, { 's', offsetof(as_identity_t, vendor) },
    { 'i', offsetof(as_identity_t, created_at) },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

apr_status_t as_identity_find(as_db_t *db, const char *issuer, const char *subject,
                              as_identity_t *identity, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_IDENTITY_FIND, columns, COLUMNS, identity, pool,
                            AS_ARGS(AS_S(issuer), AS_S(subject)));
}

apr_status_t as_identities_of(as_db_t *db, const char *account_id, as_identity_t **identities,
                              int *n, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_IDENTITY_OF, &rows, pool,
                                       AS_ARGS(AS_S(account_id)));

    *n = status == APR_SUCCESS ? rows.rows : 0;
    *identities = apr_pcalloc(pool, (*n + 1) * sizeof **identities);
    for (int i = 0; i < *n; i++) {
        as_rows_fill(&rows, i, columns, COLUMNS, &(*identities)[i]);
    }
    return status;
}

apr_status_t as_identity_insert(as_db_t *db, const as_identity_t *identity)
{
    return as_db_exec_one(db, AS_SQL_IDENTITY_INSERT,
                          AS_ARGS(AS_S(identity->issuer), AS_S(identity->subject),
                                  AS_S(identity->account_id), AS_S(identity->vendor),
                                  AS_I(identity->created_at)));
}

apr_status_t as_identities_delete(as_db_t *db, const char *account_id, const char *vendor, int *n)
{
    return vendor ? as_db_exec(db, AS_SQL_IDENTITY_DELETE, n,
                               AS_ARGS(AS_S(account_id), AS_S(vendor)))
                  : as_db_exec(db, AS_SQL_IDENTITY_DELETE_ALL, n, AS_ARGS(AS_S(account_id)));
}

apr_status_t as_reserved_insert(as_db_t *db, const char *hash, const char *account_id,
                                apr_int64_t now)
{
    return as_db_exec(db, AS_SQL_RESERVED_INSERT, NULL,
                      AS_ARGS(AS_S(hash), AS_S(account_id), AS_I(now)));
}

apr_status_t as_reserved_find(as_db_t *db, const char *hash, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_RESERVED_GET, &rows, pool, AS_ARGS(AS_S(hash)));

    return status == APR_SUCCESS && rows.rows == 0 ? AS_ENO : status;
}

apr_status_t as_reserved_any(as_db_t *db, int *any, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_RESERVED_ANY, &rows, pool, AS_NO_ARGS);

    *any = status == APR_SUCCESS && rows.rows > 0;
    return status;
}

apr_status_t as_reserved_delete(as_db_t *db, const char *hash, int *n)
{
    return as_db_exec(db, AS_SQL_RESERVED_DELETE, n, AS_ARGS(AS_S(hash)));
}
