/* SPDX-License-Identifier: Apache-2.0
 * Table as_pending: sign-ups that wait for their code, one an address. Policy stands in
 * ops/accounts.
 */
#ifndef AS_STORE_PENDINGS_H
#define AS_STORE_PENDINGS_H

#include "store/db.h"

typedef struct {
    const char *id;      /* stays when a later sign-up replaces the rest */
    const char *address; /* canonical e-mail address or E.164 number */
    apr_int64_t version; /* raised by each replacement */
    const char *password; /* PHC string */
    apr_int64_t conflict; /* different passwords were pending for this address */
    const char *first_name, *last_name; /* or NULL */
    apr_int64_t created_at, expires_at;
} as_pending_t;

/* APR_SUCCESS, AS_ENO (none), or why it failed. What has expired is found, too. */
apr_status_t as_pending_by_address(as_db_t *db, const char *address, as_pending_t *pending,
                                   apr_pool_t *pool);
apr_status_t as_pending_by_id(as_db_t *db, const char *id, as_pending_t *pending,
                              apr_pool_t *pool);

/* *any: there is at least one. */
apr_status_t as_pending_any(as_db_t *db, int *any, apr_pool_t *pool);

/* AS_ENO if the address has one already. */
apr_status_t as_pending_insert(as_db_t *db, const as_pending_t *pending);

/* Replaces all but id and address where the version is still the given one, else AS_ENO. */
apr_status_t as_pending_replace(as_db_t *db, const as_pending_t *pending);

apr_status_t as_pending_delete(as_db_t *db, const char *id);

#endif
