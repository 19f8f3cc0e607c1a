/* SPDX-License-Identifier: Apache-2.0
 * Tables as_role, as_team and as_membership. What a role may do, the guarded sites say.
 * Every function runs inside a transaction or a read. Called by ops/membership.
 */
#ifndef AS_STORE_ROLES_H
#define AS_STORE_ROLES_H

#include "store/db.h"

/* Roles of an account, one a row: its own, and with a team (NULL: none) those in that. */
apr_status_t as_role_rows(as_db_t *db, const char *account_id, const char *team, as_rows_t *rows,
                          apr_pool_t *pool);

/* team NULL: the account's own. AS_ENO: it has the role already, or does not have it. */
apr_status_t as_role_insert(as_db_t *db, const char *account_id, const char *role,
                            const char *team);
apr_status_t as_role_delete(as_db_t *db, const char *account_id, const char *role,
                            const char *team);

apr_status_t as_team_insert(as_db_t *db, const char *id, const char *name, apr_int64_t now);

/* The team's name; AS_ENO: there is none of that id. */
apr_status_t as_team_name(as_db_t *db, const char *id, const char **name, apr_pool_t *pool);

/* Ids of teams the account is a member of: the one its sessions used last, and the one it has been
 * in for longest. AS_ENO: none.
 */
apr_status_t as_team_last_used(as_db_t *db, const char *account_id, const char **team,
                               apr_pool_t *pool);
apr_status_t as_team_oldest(as_db_t *db, const char *account_id, const char **team,
                            apr_pool_t *pool);

/* AS_ENO: it is no member; it is one already. */
apr_status_t as_membership_get(as_db_t *db, const char *account_id, const char *team,
                               apr_pool_t *pool);
apr_status_t as_membership_insert(as_db_t *db, const char *account_id, const char *team,
                                  apr_int64_t now);

/* Ends all memberships and roles of an account. */
apr_status_t as_roles_delete_all(as_db_t *db, const char *account_id);

/* Ends a membership, its roles, and its sessions' work in that team. AS_ENO: it is no member. */
apr_status_t as_membership_delete(as_db_t *db, const char *account_id, const char *team);

#endif
