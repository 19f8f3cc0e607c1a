/* SPDX-License-Identifier: Apache-2.0
 * bench/cache: the revocation cache at several fillings: what a fill and a check cost, what
 * overflow does. Never part of the suite. Built by `make bench/cache`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "shm/revocation.h"
#include "shm/siphash.h"

#define CHECKS 1000000
#define FOREVER (APR_INT64_MAX / 2)

static unsigned char *id_of(unsigned char id[AS_REVOCATION_KEY], apr_uint64_t n)
{
    static const unsigned char key[AS_SIPHASH_KEY] = "an arbitrary key";

    as_siphash(key, &n, sizeof n, (apr_uint64_t *)(void *)id);
    return id;
}

/* Seconds of CHECKS questions about sessions from first on; *unsure is how many could not be
 * answered.
 */
static double check(const as_revocations_t *r, apr_uint64_t first, apr_uint64_t spread, int *unsure)
{
    _Alignas(8) unsigned char session[AS_REVOCATION_KEY], account[AS_REVOCATION_KEY];
    const as_standing_question_t question = { .session = session, .account = id_of(account, 1),
                                              .epoch = 1, .issued_at = 1,
                                              .max_age = 3600000000LL };
    apr_int64_t start = as_shm_clock(), hashing;

    *unsure = 0;
    for (apr_uint64_t i = 0; i < CHECKS; i++) {
        id_of(session, first + i % spread);
        *unsure += as_revocations_ask(r, &question) == AS_UNSURE;
    }
    hashing = as_shm_clock();
    for (apr_uint64_t i = 0; i < CHECKS; i++) { /* what making the ids cost is not the cache's */
        id_of(session, first + i % spread);
    }
    return (double)(hashing - start - (as_shm_clock() - hashing)) / 1e6;
}

static void measure(apr_int64_t capacity, apr_int64_t entries)
{
    const as_feed_position_t to = { .epoch = "bench", .loaded = 1 };
    apr_size_t size = as_revocations_size(capacity);
    _Alignas(8) unsigned char id[AS_REVOCATION_KEY];
    as_revocations_state_t state;
    as_feed_position_t from;
    as_revocations_t *r;
    double hit, miss, fill;
    int unsure, none;
    apr_int64_t start;
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || !(r = as_revocations_format(memory, capacity))) {
        exit(1);
    }
    start = as_shm_clock();
    for (apr_int64_t n = 1; n <= entries; n++) {
        as_revocations_add_session(r, id_of(id, 1000 + n), FOREVER, 1);
    }
    fill = (double)(as_shm_clock() - start) / 1e6;
    as_revocations_position(r, &from);
    as_revocations_advance(r, &from, &to, as_shm_clock(), 0);
    hit = check(r, 1001, entries, &none);
    miss = check(r, 1001 + entries, 5000000, &unsure);
    as_revocations_state(r, 1, &state);
    printf("%9lld for %9lld  %5.1f octets each  fill %7.0f ns  hit %4.0f ns  miss %4.0f ns  "
           "left out %7lld  older tokens unsure %5.1f %%  self-check %s\n",
           (long long)entries, (long long)capacity, (double)size / capacity, fill / entries * 1e9,
           hit / CHECKS * 1e9, miss / CHECKS * 1e9, (long long)state.left_out,
           100.0 * unsure / CHECKS, as_revocations_check(r) ? "clean" : "FAILED");
    munmap(memory, size);
}

int main(void)
{
    measure(65536, 1);
    measure(65536, 65536);
    measure(2000000, 2000000);
    measure(65536, 80000);
    measure(65536, 2000000);
    return 0;
}
