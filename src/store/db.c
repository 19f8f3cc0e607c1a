/* SPDX-License-Identifier: Apache-2.0
 * Transactions with retry, and statements prepared when first used. See db.h.
 */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "store/pool.h"

#define ATTEMPTS 8
#define PARAMETERS_MAX 24
#define JITTER_USEC 16000 /* longest pause between two attempts */

/* Turns a driver's return code into a status, and remembers what it means for the connection. */
static apr_status_t judge(as_db_t *db, int code, const char *what)
{
    const as_driver_t *driver = db->store->driver;
    const as_log_t *log = &db->store->config.log;

    if (code == 0) {
        return APR_SUCCESS;
    }
    switch (driver->fault(db->native, code)) {
    case AS_FAULT_RETRY:
        db->failed = AS_ERETRY;
        break;
    case AS_FAULT_STALE:
        db->stale = 1;
        db->failed = AS_ERETRY;
        break;
    case AS_FAULT_LOST:
        db->broken = 1;
        db->failed = AS_EUNAVAILABLE;
        as_log(log, AS_LOG_ERROR, APR_SUCCESS, "the database failed (%d): %s", code,
               apr_dbd_error(db->store->dbd, db->handle, code));
        break;
    case AS_FAULT_OTHER:
        db->failed = AS_EFAULT;
        as_log(log, AS_LOG_ERROR, APR_SUCCESS, "the database refused a statement (%d): %s [%s]",
               code, apr_dbd_error(db->store->dbd, db->handle, code), what);
        break;
    }
    return db->failed;
}

apr_status_t as_db_run(as_db_t *db, const char *sql)
{
    int changed;

    return judge(db, apr_dbd_query(db->store->dbd, db->handle, &changed, sql), sql);
}

static apr_status_t prepare(as_db_t *db, as_sql_t sql, apr_dbd_prepared_t **prepared)
{
    apr_status_t status = APR_SUCCESS;

    if (!db->prepared[sql]) {
        const char *text = as_driver_words(db->store->driver, db->prepared_pool, as_sql_text(sql));

        status = judge(db,
                       apr_dbd_prepare(db->store->dbd, db->prepared_pool, db->handle, text, NULL,
                                       &db->prepared[sql]), text);
        if (status != APR_SUCCESS) {
            db->prepared[sql] = NULL;
        }
    }
    *prepared = db->prepared[sql];
    return status;
}

/* Points values at the arguments; a wrong number or kind would make the driver read wild memory. */
static apr_status_t point(as_db_t *db, as_sql_t sql, const as_arg_t *args, int n,
                         const void **values)
{
    char kinds[PARAMETERS_MAX + 1];
    int wanted = as_sql_parameters(sql, kinds, sizeof kinds);

    for (int i = 0; i < n && i < wanted; i++) {
        if (args[i].kind != kinds[i]) {
            wanted = -1;
        }
        values[i] = args[i].kind == 's' ? (const void *)args[i].s : (const void *)&args[i].i;
    }
    if (wanted != n) {
        as_log(&db->store->config.log, AS_LOG_ERROR, APR_SUCCESS,
               "wrong arguments for a statement [%s]", as_sql_text(sql));
        db->failed = AS_EFAULT;
        return AS_EFAULT;
    }
    return APR_SUCCESS;
}

apr_status_t as_db_exec(as_db_t *db, as_sql_t sql, int *changed, const as_arg_t *args, int n)
{
    const void *values[PARAMETERS_MAX];
    apr_dbd_prepared_t *prepared;
    apr_status_t status = db->failed;
    apr_pool_t *pool;
    int rows = 0;

    if (status == APR_SUCCESS) {
        status = point(db, sql, args, n, values);
    }
    if (status == APR_SUCCESS) {
        status = prepare(db, sql, &prepared);
    }
    if (status == APR_SUCCESS) {
        apr_pool_create(&pool, db->pool);
        status = judge(db,
                       apr_dbd_pbquery(db->store->dbd, pool, db->handle, &rows, prepared, values),
                       as_sql_text(sql));
        apr_pool_destroy(pool);
    }
    if (changed) {
        *changed = status == APR_SUCCESS ? rows : 0;
    }
    return status;
}

apr_status_t as_db_exec_one(as_db_t *db, as_sql_t sql, const as_arg_t *args, int n)
{
    int changed;
    apr_status_t status = as_db_exec(db, sql, &changed, args, n);

    return status == APR_SUCCESS && changed != 1 ? AS_ENO : status;
}

static apr_status_t copy_rows(as_db_t *db, apr_dbd_results_t *results, as_rows_t *rows,
                              apr_pool_t *from, apr_pool_t *pool)
{
    const apr_dbd_driver_t *dbd = db->store->dbd;

    rows->rows = apr_dbd_num_tuples(dbd, results);
    rows->columns = apr_dbd_num_cols(dbd, results);
    if (rows->rows <= 0 || rows->columns <= 0) {
        rows->rows = 0;
        return APR_SUCCESS;
    }
    rows->values = apr_pcalloc(pool, (apr_size_t)rows->rows * rows->columns * sizeof(char *));
    for (int r = 0; r < rows->rows; r++) {
        apr_dbd_row_t *row = NULL;

        if (apr_dbd_get_row(dbd, from, results, &row, r + 1) != 0) {
            db->broken = 1;
            db->failed = AS_EUNAVAILABLE;
            return db->failed;
        }
        for (int c = 0; c < rows->columns; c++) {
            const char *value = NULL;

            if (apr_dbd_datum_get(dbd, row, c, APR_DBD_TYPE_STRING, &value) == APR_SUCCESS) {
                rows->values[r * rows->columns + c] = apr_pstrdup(pool, value);
            }
        }
    }
    return APR_SUCCESS;
}

apr_status_t as_db_select(as_db_t *db, as_sql_t sql, as_rows_t *rows, apr_pool_t *pool,
                          const as_arg_t *args, int n)
{
    const void *values[PARAMETERS_MAX];
    apr_dbd_prepared_t *prepared;
    apr_dbd_results_t *results = NULL;
    apr_status_t status = db->failed;
    apr_pool_t *from;

    memset(rows, 0, sizeof *rows);
    if (status == APR_SUCCESS) {
        status = point(db, sql, args, n, values);
    }
    if (status == APR_SUCCESS) {
        status = prepare(db, sql, &prepared);
    }
    if (status == APR_SUCCESS) {
        apr_pool_create(&from, db->pool);
        status = judge(db, apr_dbd_pbselect(db->store->dbd, from, db->handle, &results, prepared, 1,
                                            values), as_sql_text(sql));
        if (status == APR_SUCCESS) {
            status = copy_rows(db, results, rows, from, pool);
        }
        apr_pool_destroy(from);
    }
    return status;
}

const char *as_rows_text(const as_rows_t *rows, int row, int column)
{
    return rows->values[row * rows->columns + column];
}

apr_int64_t as_rows_integer(const as_rows_t *rows, int row, int column)
{
    const char *text = as_rows_text(rows, row, column);

    return text ? apr_strtoi64(text, NULL, 10) : 0;
}

void as_rows_fill(const as_rows_t *rows, int row, const as_column_t *columns, int n, void *out)
{
    for (int c = 0; c < n && c < rows->columns; c++) {
        char *member = (char *)out + columns[c].offset;

        if (columns[c].kind == 's') {
            *(const char **)(void *)member = as_rows_text(rows, row, c);
        } else {
            *(apr_int64_t *)(void *)member = as_rows_integer(rows, row, c);
        }
    }
}

apr_status_t as_db_select_one(as_db_t *db, as_sql_t sql, const as_column_t *columns, int ncolumns,
                              void *out, apr_pool_t *pool, const as_arg_t *args, int n)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, sql, &rows, pool, args, n);

    if (status == APR_SUCCESS && rows.rows == 0) {
        return AS_ENO;
    }
    if (status == APR_SUCCESS) {
        as_rows_fill(&rows, 0, columns, ncolumns, out);
    }
    return status;
}

/* BEGIN, body, COMMIT on one connection; whatever else happens, ROLLBACK. */
static apr_status_t attempt(as_db_t *db, as_txn_fn body, void *baton, apr_pool_t *pool)
{
    apr_status_t status = as_db_run(db, db->store->driver->begin);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = body(db, baton, pool);
    if (status == APR_SUCCESS) {
        status = db->failed;
    }
    if (status == APR_SUCCESS) {
        status = as_db_run(db, "COMMIT");
    }
    if (status != APR_SUCCESS && !db->broken) {
        int changed;

        if (apr_dbd_query(db->store->dbd, db->handle, &changed, "ROLLBACK") != 0) {
            db->broken = 1; /* no one can say what state it is in */
        }
    }
    return status;
}

static apr_status_t check_schema(as_db_t *db)
{
    const as_store_t *store = db->store;
    as_rows_t rows;
    apr_int64_t version;
    apr_status_t status = as_db_select(db, AS_SQL_META_SCHEMA, &rows, db->prepared_pool,
                                       AS_NO_ARGS);

    if (status == AS_EUNAVAILABLE || status == AS_ERETRY) {
        return status;
    }
    version = status == APR_SUCCESS && rows.rows ? as_rows_integer(&rows, 0, 0) : 0;
    if (version >= AS_SCHEMA_OLDEST && version <= AS_SCHEMA_NEWEST) {
        db->schema_known = 1;
        return APR_SUCCESS;
    }
    as_log(&store->config.log, AS_LOG_ERROR, APR_SUCCESS,
           "the database's schema is not one that this version works with (%d to %d): "
           "run \"authsvcctl db migrate\"", AS_SCHEMA_OLDEST, AS_SCHEMA_NEWEST);
    return AS_ESCHEMA;
}

/* A connection whose schema is known to fit. One of another schema is not kept: it may be migrated.
 */
static apr_status_t borrow(as_store_t *store, as_db_t **db, apr_time_t deadline)
{
    apr_status_t status = as_pool_acquire(store, db, deadline);

    if (status == APR_SUCCESS && !(*db)->schema_known && !store->any_schema) {
        status = check_schema(*db);
        if (status != APR_SUCCESS) {
            (*db)->broken |= status == AS_ESCHEMA;
            as_pool_release(*db);
        }
    }
    return status;
}

static apr_status_t attempt_connected(as_store_t *store, as_txn_fn body, void *baton,
                                      apr_time_t deadline, apr_pool_t *pool)
{
    as_db_t *db;
    apr_status_t status = borrow(store, &db, deadline);

    if (status == APR_SUCCESS) {
        status = attempt(db, body, baton, pool);
        as_pool_release(db);
    }
    return status;
}

/* The lock comes first: writers that wait for it leave the connections to readers. */
static apr_status_t attempt_locked(as_store_t *store, as_txn_fn body, void *baton,
                                   apr_time_t deadline, apr_pool_t *pool)
{
    const as_write_lock_t *lock = store->driver->one_writer ? store->config.lock : NULL;
    apr_status_t status = lock ? lock->enter(lock->baton, deadline) : APR_SUCCESS;

    if (status == APR_SUCCESS) {
        status = attempt_connected(store, body, baton, deadline, pool);
        if (lock) {
            lock->leave(lock->baton);
        }
    }
    return status;
}

apr_status_t as_store_write(as_store_t *store, as_txn_fn body, void *baton, apr_pool_t *pool)
{
    apr_time_t deadline = apr_time_now() + store->config.timeout;
    apr_status_t status = AS_EUNAVAILABLE;
    apr_pool_t *own;
    int lost = 0;

    apr_pool_create(&own, pool);
    for (int i = 0; i < ATTEMPTS && apr_time_now() < deadline; i++) {
        status = attempt_locked(store, body, baton, deadline, own);
        if (status == AS_EUNAVAILABLE && !lost) {
            lost = 1; /* one more try, on a connection opened since */
        } else if (status != AS_ERETRY) {
            break;
        }
        apr_pool_clear(own);
        apr_sleep(1000 + rand() % JITTER_USEC);
    }
    return status == AS_ERETRY ? AS_EBUSY : status;
}

apr_status_t as_store_read(as_store_t *store, as_txn_fn body, void *baton, apr_pool_t *pool)
{
    apr_time_t deadline = apr_time_now() + store->config.timeout;
    apr_status_t status = AS_EUNAVAILABLE;

    for (int i = 0; i < ATTEMPTS && apr_time_now() < deadline; i++) {
        as_db_t *db;

        status = borrow(store, &db, deadline);
        if (status == APR_SUCCESS) {
            status = body(db, baton, pool);
            as_pool_release(db);
        }
        if (status != AS_ERETRY && (status != AS_EUNAVAILABLE || i > 0)) {
            break;
        }
    }
    return status == AS_ERETRY ? AS_EBUSY : status;
}
