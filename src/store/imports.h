/* SPDX-License-Identifier: Apache-2.0
 * How far files of accounts have been imported: one row of as_meta a file, written by the
 * transaction of each batch. Never knows a file's name. Called by ops/import.
 */
#ifndef AS_STORE_IMPORTS_H
#define AS_STORE_IMPORTS_H

#include "store/db.h"

#define AS_IMPORT_KEY 25 /* hexadecimal digits that name a file: what the column has room for */

typedef struct {
    apr_int64_t octets; /* of the file, dealt with */
    apr_int64_t imported, existing, refused;
    apr_int64_t at; /* of the last batch, microseconds since 1970; 0: there was none */
} as_progress_t;

/* APR_SUCCESS, AS_ENO (never begun), or why it failed. key has AS_IMPORT_KEY digits. */
apr_status_t as_import_get(as_db_t *db, const char *key, as_progress_t *progress, apr_pool_t *pool);

/* Replaces before, which is what as_import_get has told, or the last put; AS_ENO: it has changed
 * since.
 */
apr_status_t as_import_put(as_db_t *db, const char *key, const as_progress_t *before,
                           const as_progress_t *progress, apr_pool_t *pool);

#endif
