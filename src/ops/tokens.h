/* SPDX-License-Identifier: Apache-2.0
 * Access tokens: making them for a session, and deciding whether one stands. Pairs with a refresh
 * token for replies. Never trusts a claim before the signature. Called by signin, sessions,
 * api/route and server/bearer.
 */
#ifndef AS_OPS_TOKENS_H
#define AS_OPS_TOKENS_H

#include "ops/service.h"
#include "store/accounts.h"
#include "store/sessions.h"

typedef struct {
    const char *access, *refresh;
} as_tokens_t;

/* Microseconds for which a revocation must be remembered from now: the longest life of an access
 * token, and leeway.
 */
apr_int64_t as_tokens_memory(const as_service_t *service);

/* A new access token of the session, and the refresh token of that generation. */
as_result_t as_tokens_issue(as_ctx_t *ctx, const as_account_t *account, const as_session_t *session,
                            apr_int64_t generation, as_tokens_t *tokens);

/* AS_OK and the principal; AS_UNAUTHENTICATED with a detail; or AS_BUSY, AS_UNAVAILABLE, AS_FAULT:
 * could not tell.
 */
as_result_t as_tokens_check(as_ctx_t *ctx, const char *access, as_principal_t *principal);

#endif
