/* SPDX-License-Identifier: Apache-2.0
 * Invitations: addressed to one mail, perhaps into a team and with a role, good for seven days. One
 * an address and team is open; inviting again sends anew, and the old link dies. Called by
 * authsvcctl (inviting), and through route rows (taking).
 */
#ifndef AS_OPS_INVITATIONS_H
#define AS_OPS_INVITATIONS_H

#include "ops/service.h"

/* ---- by an administrator ---- */

typedef struct {
    const char *email;
    const char *team; /* id, or NULL */
    const char *role; /* or NULL; in the team, if there is one */
} as_invite_in_t;

/* *id is the invitation's. AS_INVALID with a detail: no such address, role or team, or the address
 * was a deleted account's.
 */
as_result_t as_invite(as_ctx_t *ctx, const as_invite_in_t *in, const char **id);

/* Sends it again, with another seven days, and the old link dies; ends it. which is its id, or an
 * address that has one alone. AS_NOT_FOUND, AS_INVALID with a detail.
 */
as_result_t as_invite_resend(as_ctx_t *ctx, const char *which);
as_result_t as_invite_withdraw(as_ctx_t *ctx, const char *which);

/* ---- by who was invited ---- */

typedef struct {
    const char *token;
    const char *password, *first_name, *last_name; /* of as_invitation_finish alone */
} as_invitation_in_t;

/* Whether it is good; it is not used up. AS_LINK_WRONG. */
as_result_t as_invitation_validate(as_ctx_t *ctx, const void *in, void *out);

/* Makes the account, its mail proven, with team and role. AS_LINK_WRONG; also if an account has the
 * address: its owner accepts from inside.
 */
as_result_t as_invitation_finish(as_ctx_t *ctx, const void *in, void *out);

/* Gives team and role to the principal, whose proven mail was invited. AS_LINK_WRONG. */
as_result_t as_invitation_accept(as_ctx_t *ctx, const void *in, void *out);

#endif
