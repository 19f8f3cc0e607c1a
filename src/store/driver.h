/* SPDX-License-Identifier: Apache-2.0
 * What differs between databases, one const table a driver (sqlite3.c); all else is one SQL text.
 * Never holds state. Called by pool, db and migrate.
 */
#ifndef AS_STORE_DRIVER_H
#define AS_STORE_DRIVER_H

#include <apr_dbd.h>
#include <apr_file_info.h>

/* What a failed call means for its transaction and its connection. */
typedef enum {
    AS_FAULT_RETRY, /* run the transaction again: a conflict or a busy database */
    AS_FAULT_STALE, /* prepare the statement again, then run the transaction again */
    AS_FAULT_LOST,  /* drop the connection; the database is away, full or read-only */
    AS_FAULT_OTHER  /* a fault of ours or of the schema */
} as_db_fault_t;

typedef struct {
    const char *name;  /* apr_dbd's name and the value of AuthSvcDBDriver */
    const char *begin; /* opens a transaction that may write */

    /* Words of the SQL text: {once:COLUMN} after an INSERT, {ascii}, {text} after a column's type,
     * {table} after CREATE TABLE (…). In once, "%" stands for the column.
     */
    const char *once, *ascii, *text, *table;

    const char *const *session; /* statements for each new connection, NULL-terminated */
    const char *const *create;  /* row-returning statements once, before the first migration */

    int one_writer; /* write transactions take the store's write lock first */
    int max;        /* connections that are of any use; AuthSvcDBDMax beyond it is cut */

    as_db_fault_t (*fault)(void *native, int code);

    /* The file behind the parameters, or NULL where there is none: it is never made by opening it,
     * and a connection whose file was moved away is lost.
     */
    const char *(*file)(const char *params);
} as_driver_t;

/* The driver of that name, or NULL. */
const as_driver_t *as_driver_find(const char *name);

/* "sqlite3, …" for messages. */
const char *as_driver_names(apr_pool_t *pool);

/* The SQL text with the driver's words put in. */
const char *as_driver_words(const as_driver_t *driver, apr_pool_t *pool, const char *sql);

extern const as_driver_t as_driver_sqlite3;

#endif
