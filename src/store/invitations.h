/* SPDX-License-Identifier: Apache-2.0
 * Table as_invitation: the open ones, one an address and team. Their tokens are challenges. Policy
 * stands in ops/invitations.
 */
#ifndef AS_STORE_INVITATIONS_H
#define AS_STORE_INVITATIONS_H

#include "store/db.h"

typedef struct {
    const char *id;
    const char *email;      /* canonical */
    const char *team, *role; /* id, word; "" for none */
    apr_int64_t created_at, expires_at;
} as_invitation_t;

/* APR_SUCCESS, AS_ENO (none), or why it failed. What has expired is found, too. */
apr_status_t as_invitation_by_id(as_db_t *db, const char *id, as_invitation_t *invitation,
                                 apr_pool_t *pool);
apr_status_t as_invitation_find(as_db_t *db, const char *email, const char *team,
                                as_invitation_t *invitation, apr_pool_t *pool);

/* All of an address, at most 100. */
apr_status_t as_invitations_of(as_db_t *db, const char *email, as_invitation_t **invitations,
                               int *n, apr_pool_t *pool);

/* AS_ENO: the address has one of that team. */
apr_status_t as_invitation_insert(as_db_t *db, const as_invitation_t *invitation);

/* Another role and end. AS_ENO: it is gone. */
apr_status_t as_invitation_renew(as_db_t *db, const as_invitation_t *invitation);

/* AS_ENO: it is gone. */
apr_status_t as_invitation_delete(as_db_t *db, const char *id);

#endif
