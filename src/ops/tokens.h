/* SPDX-License-Identifier: Apache-2.0
 * Access tokens: making them for a session, deciding whether one stands, and writing by one. Pairs
 * with a refresh token for replies. Never trusts a claim before the signature. Called by signin,
 * sessions, all operations of whoever is signed in, api/route and server/bearer.
 */
#ifndef AS_OPS_TOKENS_H
#define AS_OPS_TOKENS_H

#include "ops/service.h"
#include "store/accounts.h"
#include "store/sessions.h"

typedef struct {
    const char *access, *refresh;
    int two_factor; /* the account has two-factor on */
} as_tokens_t;

/* Microseconds for which a revocation must be remembered from now: the longest life of an access
 * token, and leeway.
 */
apr_int64_t as_tokens_memory(const as_service_t *service);

/* Until when what is revoked now must be remembered. */
apr_int64_t as_remember_until(const as_ctx_t *ctx);

/* What a pair of tokens says. */
typedef struct {
    const as_account_t *account;
    const as_session_t *session;
    apr_int64_t generation; /* of the refresh token */
    const char *roles;      /* words separated by blanks */
    int two_factor;         /* the account has it on */
} as_grant_t;

/* A new access token of the session, and the refresh token of that generation. */
as_result_t as_tokens_issue(as_ctx_t *ctx, const as_grant_t *grant, as_tokens_t *tokens);

/* AS_OK and the principal; AS_UNAUTHENTICATED with a detail; or AS_BUSY, AS_UNAVAILABLE, AS_FAULT:
 * could not tell. A token that was seen before is neither parsed nor verified again, but its expiry
 * and its revocation are looked at each time. One that this
 * machine has not seen yet asks the store once, which also knows the names its owner goes by.
 */
as_result_t as_tokens_check(as_ctx_t *ctx, const char *access, as_principal_t *principal);

/* Whether a principal found good still stands: asks the revocation cache, and the store when that
 * is unsure. AS_OK, AS_UNAUTHENTICATED, or could not tell as above. Also for the doors without a
 * token.
 */
as_result_t as_principal_stands(as_ctx_t *ctx, as_principal_t *principal);

/* as_store_write by ctx->principal, who was found good before, perhaps by a cache that had not
 * heard yet: the body runs only if session and account stand within the transaction. So nothing is
 * done in the name of a session whose end was acknowledged, here or on another node. AS_EENDED:
 * they do not.
 */
apr_status_t as_principal_write(const as_ctx_t *ctx, as_txn_fn body, void *baton);

/* Signed in at most five minutes ago, for what wants more than a token. */
#define AS_FRESH_SECONDS 300
int as_principal_is_fresh(const as_principal_t *principal, apr_int64_t now);

/* A principal as the verdict cache holds it, and back. 0 if it does not fit. */
int as_verdict_of(const as_principal_t *principal, as_verdict_t *verdict);
void as_verdict_principal(const as_verdict_t *verdict, as_principal_t *principal, apr_pool_t *pool);

#endif
