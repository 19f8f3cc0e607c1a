/* SPDX-License-Identifier: Apache-2.0
 * Table as_key: signing keys, sealed whole, in slots numbered from 1. Rotation stands in
 * ops/rotation.
 */
#ifndef AS_STORE_KEYS_H
#define AS_STORE_KEYS_H

#include "store/db.h"

/* All of them by slot; rows have two columns, slot and sealed. */
apr_status_t as_key_all(as_db_t *db, as_rows_t *rows, apr_pool_t *pool);

/* AS_ENO if the slot is filled: another node was first. */
apr_status_t as_key_insert(as_db_t *db, apr_int64_t slot, const char *sealed, apr_int64_t now);

/* AS_ENO: it is gone already. */
apr_status_t as_key_delete(as_db_t *db, apr_int64_t slot);

#endif
