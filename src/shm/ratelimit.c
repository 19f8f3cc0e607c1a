/* SPDX-License-Identifier: Apache-2.0
 * The limiter in shared memory. See ratelimit.h.
 */
#include "shm/ratelimit.h"

#include <string.h>

#include "shm/siphash.h"

#define MAGIC APR_UINT64_C(0x61737663726c6d01) /* with the layout's version in its last octet */
#define BUCKET 8
#define TICK 1000 /* microseconds; 40 bits of them are 34 years */
#define TIME_BITS 40
#define TIME_MASK ((APR_UINT64_C(1) << TIME_BITS) - 1)

typedef _Atomic apr_uint64_t slot_t;

struct as_limits_t {
    apr_uint64_t magic;
    apr_uint64_t buckets;
    unsigned char key[AS_SIPHASH_KEY];
    slot_t slots[];
};

static apr_uint64_t buckets_for(apr_int64_t entries)
{
    return ((apr_uint64_t)entries + BUCKET - 1) / BUCKET;
}

apr_size_t as_limits_size(apr_int64_t entries)
{
    if (entries < 1 || entries > APR_INT64_C(1) << 32) {
        return 0;
    }
    return sizeof(as_limits_t) + buckets_for(entries) * BUCKET * sizeof(slot_t);
}

as_limits_t *as_limits_format(void *memory, apr_int64_t entries, const unsigned char *key)
{
    as_limits_t *limits = memory;

    limits->buckets = buckets_for(entries);
    memcpy(limits->key, key, sizeof limits->key);
    limits->magic = MAGIC;
    return limits;
}

as_limits_t *as_limits_attach(void *memory, apr_int64_t entries)
{
    as_limits_t *limits = memory;

    return limits->magic == MAGIC && limits->buckets == buckets_for(entries) ? limits : NULL;
}

as_limit_name_t as_limits_name(const as_limits_t *limits, const void *octets, apr_size_t len)
{
    apr_uint64_t hash[2];

    as_siphash(limits->key, octets, len, hash);
    return (as_limit_name_t){ hash[0], hash[1] };
}

/* ---- a slot's word ---- */

static apr_uint64_t word_of(as_limit_name_t name, apr_int64_t time)
{
    return name.b << TIME_BITS | ((apr_uint64_t)time & TIME_MASK);
}

static apr_int64_t time_of(apr_uint64_t word)
{
    return (apr_int64_t)(word & TIME_MASK);
}

static int is_of(apr_uint64_t word, as_limit_name_t name)
{
    return word >> TIME_BITS == (name.b & (APR_UINT64_MAX >> TIME_BITS));
}

/* The name's slot, or else the one that comes free first; *seen is its word. Racers for one name
 * choose the same slot, so that only one of them gets it and the others find the name there.
 */
static slot_t *find(as_limits_t *limits, as_limit_name_t name, apr_uint64_t *seen)
{
    apr_uint64_t bucket = (apr_uint64_t)(((unsigned __int128)name.a * limits->buckets) >> 64);
    slot_t *slots = &limits->slots[bucket * BUCKET], *found = slots;

    *seen = atomic_load_explicit(slots, memory_order_relaxed);
    for (int i = 1; i < BUCKET && !is_of(*seen, name); i++) {
        apr_uint64_t word = atomic_load_explicit(&slots[i], memory_order_relaxed);

        if (is_of(word, name) || time_of(word) < time_of(*seen)) {
            found = &slots[i];
            *seen = word;
        }
    }
    return found;
}

static apr_int64_t interval_of(const as_rate_t *rate)
{
    apr_int64_t interval = rate->period / rate->count / TICK;

    return interval > 0 ? interval : 1;
}

apr_int64_t as_limits_charge(as_limits_t *limits, as_limit_name_t name, const as_rate_t *rate,
                             apr_int64_t now)
{
    const apr_int64_t interval = interval_of(rate), burst = (rate->count - 1) * interval;
    const apr_int64_t tick = now / TICK;

    for (;;) {
        apr_uint64_t seen;
        slot_t *slot = find(limits, name, &seen);
        apr_int64_t due = is_of(seen, name) && time_of(seen) > tick ? time_of(seen) : tick;

        if (due - tick > burst) {
            return (due - burst - tick) * TICK;
        }
        if (atomic_compare_exchange_strong(slot, &seen, word_of(name, due + interval))) {
            return 0;
        }
    }
}

/* What is not there any more owes nothing. */
void as_limits_refund(as_limits_t *limits, as_limit_name_t name, const as_rate_t *rate)
{
    const apr_int64_t interval = interval_of(rate);
    apr_uint64_t seen;
    slot_t *slot;

    do {
        slot = find(limits, name, &seen);
        if (!is_of(seen, name) || time_of(seen) < interval) {
            return;
        }
    } while (!atomic_compare_exchange_strong(slot, &seen,
                                             word_of(name, time_of(seen) - interval)));
}

void as_limits_state(const as_limits_t *limits, apr_int64_t now, as_limits_state_t *state)
{
    *state = (as_limits_state_t){ .slots = (apr_int64_t)(limits->buckets * BUCKET) };
    for (apr_int64_t i = 0; i < state->slots; i++) {
        apr_uint64_t word = atomic_load_explicit((slot_t *)&limits->slots[i], memory_order_relaxed);

        state->live += time_of(word) > now / TICK;
    }
}
