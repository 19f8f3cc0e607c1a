/* SPDX-License-Identifier: Apache-2.0
 * Tables as_identity and as_reserved: whose a vendor's subject is, and what a deleted account keeps
 * from others. Policy stands in ops/social and ops/deletion.
 */
#ifndef AS_STORE_IDENTITIES_H
#define AS_STORE_IDENTITIES_H

#include "store/db.h"

/* Issuer and subject are the identity, for ever; the mail is not. */
typedef struct {
    const char *issuer, *subject; /* ASCII, at most 255 characters each */
    const char *account_id;
    const char *vendor; /* the name it has in routes */
    apr_int64_t created_at;
} as_identity_t;

/* APR_SUCCESS, AS_ENO (nobody's), or why it failed. */
apr_status_t as_identity_find(as_db_t *db, const char *issuer, const char *subject,
                              as_identity_t *identity, apr_pool_t *pool);

/* Those of an account, at most 100. */
apr_status_t as_identities_of(as_db_t *db, const char *account_id, as_identity_t **identities,
                              int *n, apr_pool_t *pool);

/* AS_ENO: somebody has it. */
apr_status_t as_identity_insert(as_db_t *db, const as_identity_t *identity);

/* Those of a vendor, or with NULL all; *n (may be NULL) is how many there were. */
apr_status_t as_identities_delete(as_db_t *db, const char *account_id, const char *vendor, int *n);

/* A keyed hash of 64 digits that nobody else may have: reserved by an account, found, and free
 * again. Reserving twice is good. *n is how many were freed.
 */
apr_status_t as_reserved_insert(as_db_t *db, const char *hash, const char *account_id,
                                apr_int64_t now);
apr_status_t as_reserved_find(as_db_t *db, const char *hash, apr_pool_t *pool);
apr_status_t as_reserved_any(as_db_t *db, int *any, apr_pool_t *pool);
apr_status_t as_reserved_delete(as_db_t *db, const char *hash, int *n);

#endif
