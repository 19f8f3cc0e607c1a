/* SPDX-License-Identifier: Apache-2.0
 * Tables as_session, as_revocation and as_feed. What a refresh token's generation means is decided
 * in ops/sessions. Refresh tokens themselves are never stored.
 */
#ifndef AS_STORE_SESSIONS_H
#define AS_STORE_SESSIONS_H

#include "store/db.h"

typedef struct {
    const char *id;
    const char *account_id;
    const char *dialect;    /* the contract it was opened through */
    const char *team;       /* id of the team it works in, or NULL */
    const char *salt;       /* random, part of what a refresh token's MAC is made of */
    apr_int64_t generation; /* of the current refresh token, 1 and up */
    apr_int64_t rotated_at;
    apr_int64_t auth_time;  /* when the person proved who they are */
    const char *amr;        /* how (RFC 8176), words separated by blanks */
    apr_int64_t created_at, expires_at, ends_at; /* opened; end unless refreshed; end in any case */
    apr_int64_t ended_at;   /* 0 while it lives */
} as_session_t;

/* What decides whether an access token still stands, and by what names its owner goes. */
typedef struct {
    apr_int64_t ended_at; /* the session's */
    const char *door_id;  /* the account's */
    apr_int64_t epoch;    /* the account's */
    apr_int64_t disabled_at;
    apr_int64_t number;
    const char *email;
    apr_int64_t email_proven;
    const char *phone;
    apr_int64_t phone_proven;
} as_standing_t;

apr_status_t as_session_insert(as_db_t *db, const as_session_t *session, const char *address,
                               const char *agent);

/* APR_SUCCESS, AS_ENO (none), or why it failed. */
apr_status_t as_session_by_id(as_db_t *db, const char *id, as_session_t *session, apr_pool_t *pool);
apr_status_t as_session_standing(as_db_t *db, const char *id, const char *account_id,
                                 as_standing_t *standing, apr_pool_t *pool);

/* The same of an account alone. */
apr_status_t as_account_standing(as_db_t *db, const char *account_id, as_standing_t *standing,
                                 apr_pool_t *pool);

/* Next generation if the row still has the given one and the session lives; else AS_ENO. */
apr_status_t as_session_rotate(as_db_t *db, const char *id, apr_int64_t generation,
                               apr_int64_t expires_at, apr_int64_t now);

/* The same, and from now on it works in that team (NULL: in none). */
apr_status_t as_session_change_team(as_db_t *db, const as_session_t *session, const char *team,
                                    apr_int64_t expires_at, apr_int64_t now);

/* Notes that a token was made for it, at now, without a rotation. */
apr_status_t as_session_touch(as_db_t *db, const char *id, apr_int64_t now);

/* Erases where an account's sessions came from. */
apr_status_t as_session_forget(as_db_t *db, const char *account_id);

/* Ends a live session and feeds its revocation, kept until expires_at; a dead one is left alone.
 * Last in a transaction, since the feed's row is held from here to the commit.
 */
apr_status_t as_session_end(as_db_t *db, const as_session_t *session, apr_int64_t now,
                            apr_int64_t expires_at);

/* Ends all sessions of an account and feeds one revocation of every access token below its epoch of
 * now. Last, too.
 */
apr_status_t as_session_end_all(as_db_t *db, const char *account_id, apr_int64_t now,
                                apr_int64_t expires_at);

/* Ids of an account's live sessions but one that were opened or refreshed since that instant, at
 * most limit, one a row; ending all of its but one, whose revocations are still to be fed; and
 * feeding one.
 */
apr_status_t as_session_live_others(as_db_t *db, const char *account_id, const char *session_id,
                                    apr_int64_t since, apr_int64_t limit, as_rows_t *rows,
                                    apr_pool_t *pool);
apr_status_t as_session_end_others(as_db_t *db, const char *account_id, const char *session_id,
                                   apr_int64_t now);
apr_status_t as_session_feed(as_db_t *db, const char *session_id, const char *account_id,
                             apr_int64_t now, apr_int64_t expires_at);

/* How the person has proven himself by now (RFC 8176), for the tokens to come. */
apr_status_t as_session_set_amr(as_db_t *db, const char *id, const char *amr);

/* Raises an account's epoch and feeds it: every access token dies, the sessions go on and get new
 * ones. Last, too. AS_ENO: no such account.
 */
apr_status_t as_session_revoke_tokens(as_db_t *db, const char *account_id, apr_int64_t now,
                                      apr_int64_t expires_at);

/* Ends all sessions of an account whose epoch nothing else has raised. Last, too. AS_ENO: no such
 * account.
 */
apr_status_t as_session_revoke_all(as_db_t *db, const char *account_id, apr_int64_t now,
                                   apr_int64_t expires_at);

#endif
