/* SPDX-License-Identifier: Apache-2.0
 * Recovery of an account by a code or a link: asking for it, and setting a new password with it.
 * Called through route rows.
 */
#ifndef AS_OPS_RECOVERY_H
#define AS_OPS_RECOVERY_H

#include "ops/service.h"

typedef struct {
    const char *address, *email; /* one of them: any address, or an e-mail address */
} as_forgot_in_t;

/* Sends a recovery code; AS_OK for every address, at the same cost. AS_CAPTCHA_WRONG, AS_THROTTLED.
 */
as_result_t as_forgot(as_ctx_t *ctx, const void *in, void *out);

/* The same with a link. AS_ADDRESS_INVALID. */
as_result_t as_forgot_link(as_ctx_t *ctx, const void *in, void *out);

/* The same, but AS_ACCOUNT_UNKNOWN where policy.disclose allows it. */
as_result_t as_forgot_link_told(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address, *code, *password;
} as_reset_in_t;

/* Sets the password by a code, raises the credential epoch, ends every session, proves the address,
 * tells the owner. AS_CODE_WRONG, AS_THROTTLED (the client's wrong codes count as its failed
 * sign-ins).
 */
as_result_t as_reset(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *token;
    const char *password; /* not read by as_restore_validate */
    const char *email;    /* NULL, or it has to be the account's */
} as_restore_in_t;

/* Whether the token of a mailed link is good; it is not used up. AS_LINK_WRONG. */
as_result_t as_restore_validate(as_ctx_t *ctx, const void *in, void *out);

/* As as_reset, by the token of a mailed link. AS_LINK_WRONG. */
as_result_t as_restore(as_ctx_t *ctx, const void *in, void *out);

/* The same, but the token may also be an access token of somebody who signed in at most five
 * minutes ago. AS_LINK_WRONG.
 */
as_result_t as_restore_by_either(as_ctx_t *ctx, const void *in, void *out);

#endif
