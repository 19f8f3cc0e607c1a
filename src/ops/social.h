/* SPDX-License-Identifier: Apache-2.0
 * Sign-up and sign-in by a vendor's token, and linking such identities from inside. An identity is
 * issuer and subject, never the mail, and nothing is linked silently. A vendor is asked with no
 * connection to the database held. Called through route rows.
 */
#ifndef AS_OPS_SOCIAL_H
#define AS_OPS_SOCIAL_H

#include "ops/service.h"

typedef struct {
    const char *vendor; /* as the route names it */
    const char *token;  /* not read by as_social_unlink */
} as_social_in_t;

/* All: AS_NOT_FOUND (no such vendor is configured), AS_UNAVAILABLE (it could not tell),
 * AS_VENDOR_REFUSED, AS_THROTTLED.
 */

/* Opens a session of the account that has the identity; out is an as_tokens_t, a pending pair with
 * two-factor on. AS_IDENTITY_UNKNOWN, AS_ACCOUNT_DELETED.
 */
as_result_t as_social_sign_in(as_ctx_t *ctx, const void *in, void *out);

/* Makes an account of it; out as above. AS_IDENTITY_TAKEN (or its mail is another account's),
 * AS_ACCOUNT_DELETED.
 */
as_result_t as_social_sign_up(as_ctx_t *ctx, const void *in, void *out);

/* Gives the identity to the principal. AS_IDENTITY_TAKEN. */
as_result_t as_social_link(as_ctx_t *ctx, const void *in, void *out);

/* Takes the vendor's from it. AS_LAST_WAY_IN. */
as_result_t as_social_unlink(as_ctx_t *ctx, const void *in, void *out);

/* The vendor of that name, or NULL. */
const as_vendor_t *as_vendor_find(const as_service_t *service, const char *name);

#endif
