/* SPDX-License-Identifier: Apache-2.0
 * Table as_app_password: passwords of programs, as keyed hashes. Policy stands in
 * ops/app_passwords.
 */
#ifndef AS_STORE_APP_PASSWORDS_H
#define AS_STORE_APP_PASSWORDS_H

#include "store/db.h"

typedef struct {
    const char *id, *account_id;
    const char *name; /* as its owner calls it */
    const char *hash; /* keyed hash, 64 hexadecimal digits */
    apr_int64_t created_at, used_at;
} as_app_password_t;

/* Those of an account, the oldest first, at most 100. */
apr_status_t as_app_passwords_of(as_db_t *db, const char *account_id,
                                 as_app_password_t **passwords, int *n, apr_pool_t *pool);

apr_status_t as_app_password_insert(as_db_t *db, const as_app_password_t *password);
apr_status_t as_app_password_use(as_db_t *db, const char *id, apr_int64_t now);

/* One, or with NULL all of an account; *n (may be NULL) is how many there were. */
apr_status_t as_app_passwords_delete(as_db_t *db, const char *account_id, const char *id, int *n);

#endif
