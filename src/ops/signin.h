/* SPDX-License-Identifier: Apache-2.0
 * Sign-in by password, and the opening of sessions whatever let somebody in. Every dialect's and
 * door's sign-in goes through here, so none is weaker. Called through route rows, and by the
 * operations that let somebody in by other means.
 */
#ifndef AS_OPS_SIGNIN_H
#define AS_OPS_SIGNIN_H

#include "ops/proof.h"
#include "ops/tokens.h"
#include "ops/twofactor.h"

/* ---- for operations that let somebody in ---- */

/* A session that was opened, and what its tokens say beside it. */
typedef struct {
    as_session_t session;
    const char *roles;
    int two_factor; /* the account has two-factor on */
} as_opening_t;

/* Opens a session of an account that has proven who it is, inside a transaction. AS_ENO: its
 * credentials have changed since the account was read. amr: words of RFC 8176.
 */
apr_status_t as_session_open(as_db_t *db, as_ctx_t *ctx, const as_account_t *account,
                             const char *amr, as_opening_t *opening, apr_pool_t *pool);

/* After the commit: the pair of its tokens. */
as_result_t as_opening_tokens(as_ctx_t *ctx, const as_account_t *account,
                              const as_opening_t *opening, as_tokens_t *tokens);

/* Somebody who has shown a first factor. */
typedef struct {
    as_ctx_t *ctx;
    const as_account_t *account;
    const char *amr;  /* of that factor */
    as_guess_t guess; /* with the code of the second one, if there was any */
    int stepwise;     /* without one a pending token is made, instead of a refusal */

    as_opening_t opening;
    const char *pending; /* that token, or NULL */
} as_entrance_t;

/* Inside a transaction: asks for the second factor, opens the session or makes the pending token.
 * *outcome is AS_OK, or why nobody was let in; a pending token is AS_TWO_FACTOR_REQUIRED.
 */
apr_status_t as_entrance_enter(as_db_t *db, as_entrance_t *entrance, as_code_t *outcome,
                               apr_pool_t *pool);

/* After the commit, with the result of the whole: tokens for AS_OK and for a pending one. */
as_result_t as_entrance_tokens(as_entrance_t *entrance, as_result_t result, as_tokens_t *tokens);

/* ---- operations ---- */

typedef struct {
    const char *address, *email; /* one of them, as typed: any address, or an e-mail address */
    const char *password;
    const char *otp; /* code of the second factor; NULL or empty: none */
} as_sign_in_in_t;

/* Opens a session; out is an as_tokens_t. AS_SIGN_IN_WRONG for an unknown account as for a wrong
 * password, at the same cost; AS_ACCOUNT_PENDING and AS_TWO_FACTOR_REQUIRED (no otp, or a wrong
 * one) only to who knows the password; AS_THROTTLED, AS_CAPTCHA_WRONG.
 */
as_result_t as_sign_in(as_ctx_t *ctx, const void *in, void *out);

/* The same in two steps: with two-factor on, the access token is a pending one that is good for
 * as_two_factor_verify alone, and the refresh token for nothing.
 */
as_result_t as_sign_in_stepwise(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *code; /* time-based, or a recovery code */
} as_second_step_in_t;

/* Whether the bearer token in ctx is a pending one that is still good; nothing is used up.
 * AS_UNAUTHENTICATED, AS_NOT_PENDING (an access token), or could not tell.
 */
as_result_t as_pending_check(as_ctx_t *ctx);

/* The second step, by that token; out is an as_tokens_t. AS_UNAUTHENTICATED, AS_TWO_FACTOR_WRONG,
 * AS_THROTTLED.
 */
as_result_t as_two_factor_verify(as_ctx_t *ctx, const void *in, void *out);

#endif
