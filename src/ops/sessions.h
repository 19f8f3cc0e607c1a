/* SPDX-License-Identifier: Apache-2.0
 * Sessions: by refresh token (rotation and sign-out, with grace for the immediate predecessor and
 * an end for everything older), and as their owner sees them. Called through route rows, and by the
 * operations that end sessions.
 */
#ifndef AS_OPS_SESSIONS_H
#define AS_OPS_SESSIONS_H

#include <apr_tables.h>

#include "ops/tokens.h"

/* ---- by refresh token ---- */

typedef struct {
    const char *refresh_token;
} as_refresh_in_t;

/* The next pair; out is an as_tokens_t. The predecessor within AuthSvcRefreshGrace gets the same
 * refresh token again. AS_REFRESH_WRONG; AS_REFRESH_REUSED and AS_REFRESH_AHEAD have ended the
 * session.
 */
as_result_t as_refresh(as_ctx_t *ctx, const void *in, void *out);

/* An access token alone, and the refresh token stays; only for sessions that were opened in the
 * contract of the request (AS_REFRESH_WRONG). out is an as_tokens_t.
 */
as_result_t as_refresh_access(as_ctx_t *ctx, const void *in, void *out);

/* Ends the session and its access tokens. Refusals as above. */
as_result_t as_sign_out(as_ctx_t *ctx, const void *in, void *out);

/* ---- as their owner sees them; by access token ---- */

typedef struct {
    const char *id;
    apr_int64_t created_at, used_at;
    const char *address, *agent;
    int current;
} as_session_view_t;

/* A list of anything. */
typedef struct {
    apr_array_header_t *items;
} as_list_t;

/* The live ones of the principal, the oldest first; out is an as_list_t of as_session_view_t. */
as_result_t as_sessions_list(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *id;
} as_id_in_t;

/* Ends one of the principal's. AS_NOT_FOUND. */
as_result_t as_sessions_end_one(as_ctx_t *ctx, const void *in, void *out);

/* Ends all but the principal's own. */
as_result_t as_sessions_end_rest(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *team; /* id */
} as_change_team_in_t;

/* The session works in another team from now on; out is an as_tokens_t of its next generation. The
 * access tokens of before keep their team until they expire. AS_TEAM_UNKNOWN, AS_NOT_A_MEMBER (at
 * this moment), AS_DEMO.
 */
as_result_t as_change_team(as_ctx_t *ctx, const void *in, void *out);

/* ---- for other operations ---- */

/* Sessions that were ended in a transaction, to be told to the cache after its commit. */
typedef struct {
    const char *account_id;
    as_rows_t sessions;  /* ids, one a row */
    const char *door_id; /* what doors remembered passwords by; NULL: they may go on */
    apr_int64_t least_epoch; /* of the account, or 0: its access tokens go on */
} as_ended_t;

/* Ends all sessions of the account but one (NULL: all) with their access tokens, and what doors
 * remember of its passwords; the one goes on with the tokens it has. Last in a transaction.
 */
apr_status_t as_sessions_end_others(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                                    const char *session_id, as_ended_t *ended, apr_pool_t *pool);

/* Has doors forget the account's passwords, and nothing else. Last in a transaction. */
apr_status_t as_doors_forget(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                             as_ended_t *ended, apr_pool_t *pool);

void as_ended_publish(const as_ctx_t *ctx, const as_ended_t *ended);

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
