/* SPDX-License-Identifier: Apache-2.0
 * Operations on sessions by refresh token: rotation and sign-out, with grace for the immediate
 * predecessor and an end for everything older. Called through route rows.
 */
#ifndef AS_OPS_SESSIONS_H
#define AS_OPS_SESSIONS_H

#include "ops/tokens.h"

typedef struct {
    const char *refresh_token;
} as_refresh_in_t;

/* The next pair; out is an as_tokens_t. The predecessor within AuthSvcRefreshGrace gets the same
 * refresh token again. AS_REFRESH_WRONG; AS_REFRESH_REUSED and AS_REFRESH_AHEAD have ended the
 * session.
 */
as_result_t as_refresh(as_ctx_t *ctx, const void *in, void *out);

/* Ends the session and its access tokens. Refusals as above. */
as_result_t as_sign_out(as_ctx_t *ctx, const void *in, void *out);

/* What a generation means beside the row's. Exported for its unit test. */
typedef enum {
    AS_TOKEN_CURRENT,     /* rotate */
    AS_TOKEN_PREDECESSOR, /* the same successor again */
    AS_TOKEN_DEAD,        /* the session has ended or expired */
    AS_TOKEN_OLD,         /* stolen, or shown too late */
    AS_TOKEN_AHEAD        /* the database has lost rotations */
} as_token_age_t;

as_token_age_t as_token_age(const as_session_t *session, apr_int64_t generation, apr_int64_t now,
                            apr_int64_t grace);

#endif
