/* SPDX-License-Identifier: Apache-2.0
 * Table as_outbox: sealed messages, claimed by lease. Sealing, sending and pauses stand in
 * ops/outbox.
 */
#ifndef AS_STORE_OUTBOX_H
#define AS_STORE_OUTBOX_H

#include "store/db.h"

enum { AS_OUTBOX_WAITING = 0, AS_OUTBOX_SENT = 1, AS_OUTBOX_DEAD = 2 };

typedef struct {
    const char *id;
    apr_int64_t channel; /* authsvc_channel_t */
    const char *payload; /* sealed */
    apr_int64_t attempts; /* before this one */
    apr_int64_t dies_at, created_at;
    apr_int64_t lease_until; /* as found, so that only one claim succeeds */
} as_outbox_t;

/* state AS_OUTBOX_WAITING, or AS_OUTBOX_DEAD for a decoy that costs what a message costs. topic is
 * what a later message replaces ("purpose/subject"), at most 64 characters.
 */
apr_status_t as_outbox_insert(as_db_t *db, const as_outbox_t *message, const char *topic,
                              apr_int64_t state);

/* Up to 20 that are due and unclaimed, oldest first. */
apr_status_t as_outbox_due(as_db_t *db, apr_int64_t now, as_outbox_t **messages, int *n,
                           apr_pool_t *pool);

/* Takes one until lease_until. AS_ENO: somebody else did. */
apr_status_t as_outbox_claim(as_db_t *db, const as_outbox_t *message, const char *claim,
                             apr_int64_t lease_until);

/* Ends one that is still claimed, wiping its payload. AS_ENO: the claim was lost. */
apr_status_t as_outbox_done(as_db_t *db, const char *id, const char *claim, apr_int64_t state,
                            const char *reason, apr_int64_t now);

/* Gives one back until next_at. AS_ENO as above. */
apr_status_t as_outbox_later(as_db_t *db, const char *id, const char *claim, apr_int64_t next_at,
                             const char *reason);

/* Kills what waits under a topic: its code has died. */
apr_status_t as_outbox_kill(as_db_t *db, const char *topic, apr_int64_t now);

/* Kills what has outlived its code. */
apr_status_t as_outbox_expire(as_db_t *db, apr_int64_t now);

/* One message's state and reason: APR_SUCCESS, or AS_ENO. */
apr_status_t as_outbox_state(as_db_t *db, const char *id, apr_int64_t *state, const char **reason,
                             apr_pool_t *pool);

/* How many were written under a topic since then, sent or not. */
apr_status_t as_outbox_count(as_db_t *db, const char *topic, apr_int64_t since, apr_int64_t *n,
                             apr_pool_t *pool);

/* Makes what waits due now: one message, or with NULL all of them; *n is how many were not yet. */
apr_status_t as_outbox_hurry(as_db_t *db, const char *id, apr_int64_t now, int *n);

#endif
