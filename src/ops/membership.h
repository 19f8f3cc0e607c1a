/* SPDX-License-Identifier: Apache-2.0
 * Roles and teams: what an account's tokens say of them, and giving and taking them. A role taken
 * away is refused at once: the account's access tokens die, its sessions get new ones.
 * Called by signin, sessions, basic and authsvcctl.
 */
#ifndef AS_OPS_MEMBERSHIP_H
#define AS_OPS_MEMBERSHIP_H

#include "ops/service.h"

#define AS_ROLE_MAX 64       /* characters, of A-Z a-z 0-9 _ . : - */
#define AS_TEAM_NAME_MAX 255 /* octets of UTF-8 */

int as_role_is_sound(const char *role);

/* "User", the account's own roles and those in the team (NULL: none), separated by blanks. */
apr_status_t as_roles_of(as_db_t *db, const char *account_id, const char *team, const char **words,
                         apr_pool_t *pool);

/* The team a new session works in: the one last used, else the oldest membership, else NULL. */
apr_status_t as_team_of_new_session(as_db_t *db, const char *account_id, const char **team,
                                    apr_pool_t *pool);

/* Whom a role is given to or taken from, and where. */
typedef struct {
    const char *address;
    const char *role;
    const char *team; /* id, or NULL: the account's own role */
} as_role_in_t;

/* AS_INVALID with a detail: no such role name, account, team or membership. Having it already, or
 * not having it, is AS_OK.
 */
as_result_t as_role_add(as_ctx_t *ctx, const as_role_in_t *in);
as_result_t as_role_remove(as_ctx_t *ctx, const as_role_in_t *in);

/* A new team; *id is its. */
as_result_t as_team_create(as_ctx_t *ctx, const char *name, const char **id);

/* AS_INVALID with a detail: no such team or account. */
as_result_t as_team_join(as_ctx_t *ctx, const char *team, const char *address);

/* Ends a membership with its roles; as with a role taken away, the account's access tokens die.
 * AS_INVALID with a detail: no such account, or no member.
 */
as_result_t as_team_leave(as_ctx_t *ctx, const char *team, const char *address);

#endif
