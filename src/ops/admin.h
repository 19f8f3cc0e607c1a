/* SPDX-License-Identifier: Apache-2.0
 * What an administrator does to other people's accounts and sessions, each in one transaction with
 * its entry in the audit trail. Never sets a password, never learns one. Called by authsvcctl.
 */
#ifndef AS_OPS_ADMIN_H
#define AS_OPS_ADMIN_H

#include "ops/address.h"

#define AS_NAME_MAX 255 /* octets of UTF-8, of a person's first and last name together */

/* The account that who names, by its id, its e-mail address or its phone number: APR_SUCCESS,
 * AS_ENO, or why it failed.
 */
apr_status_t as_admin_find(as_db_t *db, const char *who, as_account_t *account, apr_pool_t *pool);

/* A new account of an address, active and without a password; a recovery code is on its way, with
 * which its owner sets one. name (may be NULL): what follows the last blank is the last name. A
 * sign-up that waits for the address ends. AS_INVALID; AS_ADDRESS_TAKEN.
 */
as_result_t as_admin_create(as_ctx_t *ctx, const char *address, const char *name, const char **id);

/* Each: AS_NOT_FOUND with a detail if there is no such account, AS_INVALID if it was deleted. */

/* Disabling ends every session and all access tokens, and kills its recovery codes. What is so
 * already is AS_OK.
 */
as_result_t as_admin_disable(as_ctx_t *ctx, const char *who);
as_result_t as_admin_enable(as_ctx_t *ctx, const char *who);

/* Ends the account for good; its addresses stay reserved. */
as_result_t as_admin_delete(as_ctx_t *ctx, const char *who);

/* Frees the address of a deleted account. AS_NOT_FOUND: none had it. */
as_result_t as_admin_release(as_ctx_t *ctx, const char *address);

/* Forgets the second factor and its recovery codes, ends all sessions, and tells the owner.
 * AS_INVALID, too, if there is none.
 */
as_result_t as_admin_two_factor_off(as_ctx_t *ctx, const char *who);

/* Sends a recovery code, without a limit, to the e-mail address, or to the phone where there is
 * none. AS_INVALID, too, if the account is disabled.
 */
as_result_t as_admin_reset(as_ctx_t *ctx, const char *who);

/* Ends all sessions and access tokens of an account; one session with its access tokens
 * (AS_NOT_FOUND: none of that id lives).
 */
as_result_t as_admin_sign_out(as_ctx_t *ctx, const char *who);
as_result_t as_admin_end_session(as_ctx_t *ctx, const char *id);

/* Has waiting messages tried now: the one of that id, or with NULL all; *n is how many were not due
 * yet. AS_NOT_FOUND, or AS_INVALID with a detail for one that was sent or is dead: its text has
 * been wiped.
 */
as_result_t as_admin_retry(as_ctx_t *ctx, const char *id, int *n);

#endif
