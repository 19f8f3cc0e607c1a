/* SPDX-License-Identifier: Apache-2.0
 * The store: transactions and statements over a pool of connections. A transaction is a function
 * that is run, and run again when the database asks for it, until it is committed: it does nothing
 * but SQL. Never shows an error number: a conflict is an affected-row count. Called by the table
 * groups of this floor, by ops/, server/service and authsvcctl.
 */
#ifndef AS_STORE_DB_H
#define AS_STORE_DB_H

#include <apr_pools.h>
#include <apr_time.h>

#include "base/log.h"
#include "base/status.h"
#include "store/statements.h"

typedef struct as_store_t as_store_t; /* a database, for one process */
typedef struct as_db_t as_db_t;       /* one connection, inside a transaction or a read */

/* Serialises writers of all processes where the driver wants it; enter gives up at the deadline. */
typedef struct {
    apr_status_t (*enter)(void *baton, apr_time_t deadline);
    void (*leave)(void *baton);
    void *baton;
} as_write_lock_t;

typedef struct {
    const char *driver;           /* as as_driver_find knows it */
    const char *const *params;    /* apr_dbd's, NULL-terminated: the first that answers */
    int max;                      /* connections of this process */
    apr_interval_time_t timeout;  /* longest wait for a connection and for a whole transaction */
    int may_create;               /* a missing database file may be made */
    const as_write_lock_t *lock;  /* NULL: the database's own locks and retries must do */
    as_log_t log;
} as_store_config_t;

/* Loads the driver and opens nothing: a database that is away does not stop a start. Closed with
 * the pool. AS_EFAULT if the driver cannot be loaded (logged).
 */
apr_status_t as_store_create(as_store_t **store, const as_store_config_t *config, apr_pool_t *pool);

/* Brings the schema to this code's version, making the database if config.may_create; safe against
 * any number of others doing the same. owner is a new random id. *from and *to (may be NULL) are
 * versions. AS_ESCHEMA if the schema is newer than this code.
 */
apr_status_t as_store_migrate(as_store_t *store, const char *owner, int *from, int *to,
                              apr_pool_t *pool);

/* The schema's version, 0 where there is none. */
apr_status_t as_store_version(as_store_t *store, int *version, apr_pool_t *pool);

/* Body of a transaction. pool lives as long as the caller's if the transaction is committed, and is
 * cleared before a repetition. Returning anything but APR_SUCCESS rolls back; AS_EROLLBACK quietly,
 * AS_ERETRY repeats.
 */
typedef apr_status_t (*as_txn_fn)(as_db_t *db, void *baton, apr_pool_t *pool);

/* Runs body between BEGIN and COMMIT, up to 8 times. APR_SUCCESS: committed. AS_EROLLBACK: body
 * said so. AS_EBUSY, AS_EUNAVAILABLE, AS_ESCHEMA, AS_EFAULT: nothing is known to be stored.
 */
apr_status_t as_store_write(as_store_t *store, as_txn_fn body, void *baton, apr_pool_t *pool);

/* Runs body with a connection and without a transaction: for single selects. Repeated once after a
 * lost connection.
 */
apr_status_t as_store_read(as_store_t *store, as_txn_fn body, void *baton, apr_pool_t *pool);

/* Arguments of a statement, in the order and of the types of its %s and %lld. A NULL text is SQL's
 * NULL.
 */
typedef struct {
    char kind; /* 's' or 'i' */
    const char *s;
    apr_int64_t i;
} as_arg_t;

#define AS_S(text) ((as_arg_t){ .kind = 's', .s = (text) })
#define AS_I(number) ((as_arg_t){ .kind = 'i', .i = (number) })
#define AS_ARGS(...) \
    (const as_arg_t[]){ __VA_ARGS__ }, (int)(sizeof((as_arg_t[]){ __VA_ARGS__ }) / sizeof(as_arg_t))
#define AS_NO_ARGS NULL, 0

/* Runs a statement; *changed (may be NULL) is the number of rows it touched. */
apr_status_t as_db_exec(as_db_t *db, as_sql_t sql, int *changed, const as_arg_t *args, int n);

/* Runs a statement that must touch exactly one row; any other number is AS_ENO. */
apr_status_t as_db_exec_one(as_db_t *db, as_sql_t sql, const as_arg_t *args, int n);

/* Rows of a select, copied. */
typedef struct {
    int rows, columns;
    const char **values; /* row by row; NULL is SQL's NULL */
} as_rows_t;

apr_status_t as_db_select(as_db_t *db, as_sql_t sql, as_rows_t *rows, apr_pool_t *pool,
                          const as_arg_t *args, int n);

const char *as_rows_text(const as_rows_t *rows, int row, int column);

/* The number; NULL and what does not begin with digits give 0. */
apr_int64_t as_rows_integer(const as_rows_t *rows, int row, int column);

/* A struct's members in the order of a select's columns, so that one loop fills it. */
typedef struct {
    char kind; /* 's': const char *, 'i': apr_int64_t */
    apr_size_t offset;
} as_column_t;

/* Fills the struct at out from a row; the select must have as many columns as there are rows in
 * columns.
 */
void as_rows_fill(const as_rows_t *rows, int row, const as_column_t *columns, int n, void *out);

/* First row of a select into a struct: APR_SUCCESS, AS_ENO without a row, or why it failed. */
apr_status_t as_db_select_one(as_db_t *db, as_sql_t sql, const as_column_t *columns, int ncolumns,
                              void *out, apr_pool_t *pool, const as_arg_t *args, int n);

/* Runs plain SQL text without parameters: for migrations and BEGIN, COMMIT, ROLLBACK alone. */
apr_status_t as_db_run(as_db_t *db, const char *sql);

#endif
