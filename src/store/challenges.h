/* SPDX-License-Identifier: Apache-2.0
 * Tables as_challenge and as_tally: codes and link tokens as keyed hashes, their tries, and the
 * wrong codes of a day. What a try means is decided in ops/challenges.
 */
#ifndef AS_STORE_CHALLENGES_H
#define AS_STORE_CHALLENGES_H

#include "store/db.h"

typedef struct {
    const char *id;
    const char *subject; /* whose it is: an id */
    const char *mac;     /* keyed hash of the code or token, 64 hexadecimal digits */
    const char *data; /* what it is bound to (an address, say), at most 320 characters of ASCII */
    apr_int64_t tries;
    apr_int64_t expires_at;
} as_challenge_t;

apr_status_t as_challenge_insert(as_db_t *db, const as_challenge_t *challenge, const char *purpose,
                                 apr_int64_t now);

/* The one of that id, as long as it is neither used nor expired nor tried out. AS_ENO: none. */
apr_status_t as_challenge_by_id(as_db_t *db, const char *id, const char *purpose, apr_int64_t now,
                                apr_int64_t tries_max, as_challenge_t *challenge,
                                apr_pool_t *pool);

/* The youngest that is neither used nor expired nor tried out. AS_ENO: there is none. */
apr_status_t as_challenge_live(as_db_t *db, const char *purpose, const char *subject,
                               apr_int64_t now, apr_int64_t tries_max, as_challenge_t *challenge,
                               apr_pool_t *pool);

/* Counts a try, before anything is compared. AS_ENO if it is not live any more. */
apr_status_t as_challenge_try(as_db_t *db, const char *id, apr_int64_t now, apr_int64_t tries_max);

/* Uses it up, and wipes its data. AS_ENO if somebody else has. */
apr_status_t as_challenge_use(as_db_t *db, const char *id, apr_int64_t now);

/* Kills all of a purpose and subject, with their data. */
apr_status_t as_challenge_kill(as_db_t *db, const char *purpose, const char *subject,
                               apr_int64_t now);

/* Kills all of a subject, whatever they are for. */
apr_status_t as_challenge_kill_all(as_db_t *db, const char *subject, apr_int64_t now);

/* Wrong codes counted under a name on a day (days since 1970). */
apr_status_t as_tally_get(as_db_t *db, const char *name, apr_int64_t day, apr_int64_t *n,
                          apr_pool_t *pool);
apr_status_t as_tally_count(as_db_t *db, const char *name, apr_int64_t day);

#endif
