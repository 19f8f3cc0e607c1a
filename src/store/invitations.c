/* SPDX-License-Identifier: Apache-2.0
 * Table as_invitation. See invitations.h.
 */
#include "store/invitations.h"

#include <stddef.h>

static const as_column_t columns[] = {
    { 's', offsetof(as_invitation_t, id) },         { 's', offsetof(as_invitation_t, email) },
    { 's', offsetof(as_invitation_t, team) },       { 's', offsetof(as_invitation_t, role) },
    { 'i', offsetof(as_invitation_t, created_at) }, { 'i', offsetof(as_invitation_t, expires_at) },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

apr_status_t as_invitation_by_id(as_db_t *db, const char *id, as_invitation_t *invitation,
                                 apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_INVITATION_BY_ID, columns, COLUMNS, invitation, pool,
                            AS_ARGS(AS_S(id)));
}

apr_status_t as_invitation_find(as_db_t *db, const char *email, const char *team,
                                as_invitation_t *invitation, apr_pool_t *pool)
{
    return as_db_select_one(db, AS_SQL_INVITATION_FIND, columns, COLUMNS, invitation, pool,
                            AS_ARGS(AS_S(email), AS_S(team)));
}

apr_status_t as_invitations_of(as_db_t *db, const char *email, as_invitation_t **invitations,
                               int *n, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_INVITATION_OF, &rows, pool,
                                       AS_ARGS(AS_S(email)));

    *n = status == APR_SUCCESS ? rows.rows : 0;
    *invitations = apr_pcalloc(pool, (*n + 1) * sizeof **invitations);
    for (int i = 0; i < *n; i++) {
        as_rows_fill(&rows, i, columns, COLUMNS, &(*invitations)[i]);
    }
    return status;
}

apr_status_t as_invitation_insert(as_db_t *db, const as_invitation_t *i)
{
    return as_db_exec_one(db, AS_SQL_INVITATION_INSERT,
                          AS_ARGS(AS_S(i->id), AS_S(i->email), AS_S(i->team), AS_S(i->role),
                                  AS_I(i->created_at), AS_I(i->expires_at)));
}

apr_status_t as_invitation_renew(as_db_t *db, const as_invitation_t *i)
{
    return as_db_exec_one(db, AS_SQL_INVITATION_RENEW,
                          AS_ARGS(AS_S(i->role), AS_I(i->expires_at), AS_S(i->id)));
}

apr_status_t as_invitation_delete(as_db_t *db, const char *id)
{
    return as_db_exec_one(db, AS_SQL_INVITATION_DELETE, AS_ARGS(AS_S(id)));
}
