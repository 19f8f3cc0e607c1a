/* SPDX-License-Identifier: Apache-2.0
 * Sign-in by password. Every dialect's and door's goes through here, so none is weaker.
 * Called through route rows.
 */
#ifndef AS_OPS_SIGNIN_H
#define AS_OPS_SIGNIN_H

#include "ops/proof.h"
#include "ops/tokens.h"

typedef struct {
    const char *address, *password; /* as they were typed */
    const char *otp;                /* code of the second factor; NULL or empty: none */
} as_sign_in_in_t;

/* Opens a session; out is an as_tokens_t. AS_SIGN_IN_WRONG for an unknown account as for a wrong
 * password, at the same cost; AS_ACCOUNT_PENDING and AS_TWO_FACTOR_REQUIRED (no otp, or a wrong
 * one) only to who knows the password; AS_THROTTLED.
 */
as_result_t as_sign_in(as_ctx_t *ctx, const void *in, void *out);

/* Opens a session of an account that has proven who it is, inside a transaction. AS_ENO: its
 * credentials have changed since the account was read. amr: words of RFC 8176.
 */
apr_status_t as_session_open(as_db_t *db, as_ctx_t *ctx, const as_account_t *account,
                             const char *amr, as_session_t *session, apr_pool_t *pool);

#endif
