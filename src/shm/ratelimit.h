/* SPDX-License-Identifier: Apache-2.0
 * The limiter: how often a name may do something, counted by all processes of a machine together.
 * Never waits, never holds a lock, never loses a count to a process that dies.
 * Called by ops/throttle.
 *
 *     header | bucket 0 | bucket 1 | …          a bucket is 8 slots; a name has one bucket
 *     slot: 24 bits of the name, 40 bits of the millisecond at which it owes nothing any more
 *
 * The limit is GCRA's (ITU-T I.371): one number a name. A slot is one word, so that finding room
 * for a name and charging it are one compare-and-swap. A slot whose time has come is free; in a
 * full bucket the one that comes free soonest gives way. Two names of one bucket that agree in
 * their 24 bits share a limit: of forty full tables of 2^17 entries one holds such a pair.
 */
#ifndef AS_SHM_RATELIMIT_H
#define AS_SHM_RATELIMIT_H

#include "shm/slots.h"

typedef struct as_limits_t as_limits_t;

/* count at once, then one every period / count; after an idle period count at once again. A period
 * is microseconds, and at least a millisecond for each of its count.
 */
typedef struct {
    apr_int64_t count, period;
} as_rate_t;

/* Octets for so many entries; 0 if that is more than the machine can count. */
apr_size_t as_limits_size(apr_int64_t entries);

/* Lays out zeroed memory of that size, once. key: 16 random octets. */
as_limits_t *as_limits_format(void *memory, apr_int64_t entries, const unsigned char *key);

/* The same memory in another process, or after a graceful restart. NULL if its layout differs. */
as_limits_t *as_limits_attach(void *memory, apr_int64_t entries);

/* Whom a charge is for: a hash under a key that never leaves the segment, so that nobody chooses
 * whose slot to share.
 */
typedef struct {
    apr_uint64_t a, b;
} as_limit_name_t;

as_limit_name_t as_limits_name(const as_limits_t *limits, const void *octets, apr_size_t len);

/* Takes one of what the name has left; now is as_shm_clock's. 0, or how many microseconds to wait
 * until there is one again, and nothing was taken.
 */
apr_int64_t as_limits_charge(as_limits_t *limits, as_limit_name_t name, const as_rate_t *rate,
                             apr_int64_t now);

/* Gives back one that was taken at the same rate. */
void as_limits_refund(as_limits_t *limits, as_limit_name_t name, const as_rate_t *rate);

/* For status pages and tests: how many entries there are, and how many owe something now. */
typedef struct {
    apr_int64_t slots, live;
} as_limits_state_t;

void as_limits_state(const as_limits_t *limits, apr_int64_t now, as_limits_state_t *state);

#endif
