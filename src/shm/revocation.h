/* SPDX-License-Identifier: Apache-2.0
 * The revocation cache: ended sessions, and accounts with the least credential epoch that still
 * stands. Read without a lock or a system call; an entry that still matters is never lost: where
 * there is no room, or no news, the answer is "unsure" and the database decides. Called by
 * ops/tokens and ops/feed.
 *
 *     header | bucket 0 | bucket 1 | ...     a bucket is 8 slots; a key may stand in either of two
 *     slot: version, key (128 bits), expires, least epoch
 */
#ifndef AS_SHM_REVOCATION_H
#define AS_SHM_REVOCATION_H

#include "shm/slots.h"

#define AS_REVOCATION_KEY 16 /* octets of an id */

typedef struct as_revocations_t as_revocations_t;

/* Octets for so many entries; 0 if that is more than the machine can count. */
apr_size_t as_revocations_size(apr_int64_t entries);

/* Lays out zeroed memory of that size, once. NULL if the system lacks robust locks. */
as_revocations_t *as_revocations_format(void *memory, apr_int64_t entries);

/* The same memory in another process, or after a graceful restart. NULL if it is laid out
 * otherwise.
 */
as_revocations_t *as_revocations_attach(void *memory, apr_int64_t entries);

typedef enum { AS_STANDS, AS_REVOKED, AS_UNSURE } as_standing_answer_t;

/* What is asked about a token. */
typedef struct {
    const unsigned char *session; /* AS_REVOCATION_KEY octets, or NULL: no session (Basic) */
    const unsigned char *account;
    apr_int64_t epoch;     /* the token's credential epoch */
    apr_int64_t issued_at; /* microseconds since 1970 */
    apr_int64_t max_age;   /* news older than this (microseconds) are none */
} as_standing_question_t;

/* AS_UNSURE until the first full load, when the news are too old, and for tokens issued before an
 * entry had to be left out.
 */
as_standing_answer_t as_revocations_ask(const as_revocations_t *r, const as_standing_question_t *q);

/* Adds an entry that matters until expires (microseconds since 1970); now is the same clock's now.
 * An account's least epoch only ever rises. Never fails: what finds no room makes older tokens
 * unsure.
 */
void as_revocations_add_session(as_revocations_t *r, const unsigned char *session,
                                apr_int64_t expires, apr_int64_t now);
void as_revocations_add_account(as_revocations_t *r, const unsigned char *account,
                                apr_int64_t least_epoch, apr_int64_t expires, apr_int64_t now);

/* ---- the feed: who asks the database for news, and from where on ---- */

/* Takes the turn to ask, for lease microseconds, if the last asking lies interval microseconds back
 * and nobody else has it: one of all processes. A killed one's turn ends with its lease. 1 or 0.
 */
int as_revocations_take_turn(as_revocations_t *r, apr_int64_t interval, apr_int64_t lease);

/* Gives the turn back without news: the database did not answer. */
void as_revocations_end_turn(as_revocations_t *r);

/* Where the news were read up to: the feed's epoch (an id, 32 characters) and number; loaded is 0
 * before the first full load.
 */
typedef struct {
    char epoch[33];
    apr_int64_t seq;
    int loaded;
} as_feed_position_t;

void as_revocations_position(const as_revocations_t *r, as_feed_position_t *position);

/* All up to position to is in the cache; from is where the reading began. asked_at is
 * as_shm_clock's value before the database was asked for what turned out to be the last of the
 * news, and ends the turn; 0: there is more, and the turn goes on for lease microseconds.
 */
void as_revocations_advance(as_revocations_t *r, const as_feed_position_t *from,
                            const as_feed_position_t *to, apr_int64_t asked_at, apr_int64_t lease);

/* Forgets the position: everything is unsure until all was loaded again. */
void as_revocations_restart(as_revocations_t *r);

/* ---- for status pages and tests ---- */

typedef struct {
    apr_int64_t slots, live, expired; /* now */
    apr_int64_t left_out;             /* entries that found no room, ever */
    apr_int64_t age;                  /* of the news, microseconds; -1 before the first load */
    apr_int64_t repairs;              /* holders of the lock that died inside */
    as_feed_position_t position;
} as_revocations_state_t;

void as_revocations_state(as_revocations_t *r, apr_int64_t now, as_revocations_state_t *state);

/* 1 if every slot can be read and stands in a bucket of its key, with no key twice. */
int as_revocations_check(as_revocations_t *r);

#endif
