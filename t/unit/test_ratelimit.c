/* SPDX-License-Identifier: Apache-2.0
 * Tests of shm/ratelimit with a clock of the test's own: bursts, waits, refunds, full buckets,
 * threads and processes that charge at once and die. And of shm/siphash. Run by make check.
 */
#include "unit.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>

#include "base/bytes.h"
#include "shm/ratelimit.h"
#include "shm/siphash.h"

#define SECOND APR_USEC_PER_SEC
#define MINUTE (60 * SECOND)
#define NOW (1000 * SECOND)
#define THREADS 8
#define TRIES 500

static const unsigned char KEY[16] = "0123456789abcdef";
static const as_rate_t ten = { 10, 5 * MINUTE };
static const as_rate_t hundred = { 100, 5 * MINUTE };

static as_limits_t *limits_of(apr_int64_t entries)
{
    return as_limits_format(apr_pcalloc(pool, as_limits_size(entries)), entries, KEY);
}

static as_limit_name_t name_of(const as_limits_t *limits, const char *text)
{
    return as_limits_name(limits, text, strlen(text));
}

static int charges(as_limits_t *limits, as_limit_name_t name, const as_rate_t *rate,
                   apr_int64_t now, int tries)
{
    int passed = 0;

    while (tries-- > 0) {
        passed += as_limits_charge(limits, name, rate, now) == 0;
    }
    return passed;
}

/* The reference's: the key is 00 01 … 0f, the input the first octets of 00 01 02 … */
START_TEST(hash_is_the_reference_s)
{
    static const struct {
        apr_size_t len;
        const char *hash;
    } vectors[] = {
        { 0, "a3817f04ba25a8e66df67214c7550293" },
        { 1, "da87c1d86b99af44347659119b22fc45" },
        { 7, "a1f1ebbed8dbc153c0b84aa61ff08239" },
        { 8, "3b62a9ba6258f5610f83e264f31497b4" },
        { 15, "5493e99933b0a8117e08ec0f97cfc3d9" },
        { 16, "6ee2a4ca67b054bbfd3315bf85230577" },
        { 63, "5150d1772f50834a503e069a973fbd7c" },
    };
    unsigned char octets[64];

    for (int i = 0; i < 64; i++) {
        octets[i] = (unsigned char)i;
    }
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        unsigned char bytes[16];
        apr_uint64_t hash[2];

        as_siphash(octets, octets, vectors[i].len, hash);
        for (int n = 0; n < 16; n++) {
            bytes[n] = (unsigned char)(hash[n / 8] >> (8 * (n % 8)));
        }
        ck_assert_str_eq(as_hex_encode(pool, bytes, 16), vectors[i].hash);
    }
}
END_TEST

START_TEST(ten_at_once_then_one_each_interval)
{
    as_limits_t *limits = limits_of(64);
    as_limit_name_t ann = name_of(limits, "ann");

    ck_assert_int_eq(charges(limits, ann, &ten, NOW, 50), 10);
    ck_assert_int_eq(as_limits_charge(limits, ann, &ten, NOW), 30 * SECOND);
    ck_assert_int_eq(as_limits_charge(limits, ann, &ten, NOW + 12 * SECOND), 18 * SECOND);
    ck_assert_int_eq(charges(limits, ann, &ten, NOW + 30 * SECOND, 50), 1);
    ck_assert_int_eq(charges(limits, ann, &ten, NOW + 90 * SECOND, 50), 2);
    ck_assert_int_eq(charges(limits, ann, &ten, NOW + 10 * MINUTE, 50), 10);
    ck_assert_int_eq(charges(limits, name_of(limits, "bob"), &ten, NOW, 50), 10);
}
END_TEST

START_TEST(odd_rates_let_exactly_their_count_through)
{
    for (apr_int64_t count = 1; count <= 1000; count += 37) {
        const as_rate_t rate = { count, 7 * SECOND };
        as_limits_t *limits = limits_of(8);
        as_limit_name_t ann = name_of(limits, "ann");

        ck_assert_int_eq(charges(limits, ann, &rate, NOW, 1100), count);
        ck_assert_int_eq(charges(limits, ann, &rate, NOW + 7 * SECOND, 1100), count);
    }
}
END_TEST

START_TEST(refund_gives_one_back)
{
    as_limits_t *limits = limits_of(64);
    as_limit_name_t ann = name_of(limits, "ann");

    as_limits_refund(limits, ann, &ten); /* nothing was taken: nothing is given */
    ck_assert_int_eq(charges(limits, ann, &ten, NOW, 50), 10);
    as_limits_refund(limits, ann, &ten);
    as_limits_refund(limits, ann, &ten);
    ck_assert_int_eq(charges(limits, ann, &ten, NOW, 50), 2);
    for (int i = 0; i < 50; i++) { /* more than was taken */
        as_limits_refund(limits, ann, &ten);
    }
    ck_assert_int_eq(charges(limits, ann, &ten, NOW, 50), 10);
}
END_TEST

START_TEST(full_bucket_evicts_who_frees_soonest)
{
    as_limits_t *limits = limits_of(8); /* one bucket */
    as_limits_state_t state;

    for (int i = 0; i < 8; i++) { /* 3 to 10 charges each: the first frees soonest */
        ck_assert_int_eq(charges(limits, name_of(limits, apr_itoa(pool, i)), &ten, NOW, i + 3),
                         i + 3);
    }
    as_limits_state(limits, NOW, &state);
    ck_assert_int_eq(state.slots, 8);
    ck_assert_int_eq(state.live, 8);
    ck_assert_int_eq(charges(limits, name_of(limits, "ann"), &ten, NOW, 50), 10);
    for (int i = 7; i > 0; i--) {
        ck_assert_int_eq(charges(limits, name_of(limits, apr_itoa(pool, i)), &ten, NOW, 50), 7 - i);
    }
    as_limits_state(limits, NOW + 5 * MINUTE, &state);
    ck_assert_int_eq(state.live, 0);
}
END_TEST

START_TEST(many_names_do_not_meet)
{
    as_limits_t *limits = limits_of(65536);

    for (int i = 0; i < 2000; i++) {
        ck_assert_int_eq(charges(limits, name_of(limits, apr_itoa(pool, i)), &ten, NOW, 12), 10);
    }
}
END_TEST

START_TEST(attach_knows_its_layout)
{
    as_limits_t *limits = limits_of(64);

    ck_assert_ptr_eq(as_limits_attach(limits, 64), limits);
    ck_assert_ptr_null(as_limits_attach(limits, 128));
    ck_assert_ptr_null(as_limits_attach(apr_pcalloc(pool, as_limits_size(64)), 64));
    ck_assert_uint_eq(as_limits_size(0), 0);
    ck_assert_uint_eq(as_limits_size(APR_INT64_MAX), 0);
}
END_TEST

/* ---- at once ---- */

typedef struct {
    as_limits_t *limits;
    int number, passed, hundreds;
} racer_t;

/* Its share of tries on the common name, and in between on names of its own in the same bucket. */
static void *race(void *baton)
{
    racer_t *racer = baton;
    as_limit_name_t common = name_of(racer->limits, "common"), own = common;

    own.b = common.b + 1 + (apr_uint64_t)racer->number; /* the same bucket */
    for (int i = 0; i < TRIES; i++) {
        racer->passed += charges(racer->limits, common, &hundred, NOW, 1);
        if (racer->number < 7) { /* eight names fill the bucket */
            racer->hundreds += charges(racer->limits, own, &hundred, NOW, 1);
        }
    }
    return NULL;
}

START_TEST(threads_pass_exactly_the_count)
{
    as_limits_t *limits = limits_of(8);
    racer_t racers[THREADS];
    pthread_t threads[THREADS];
    int passed = 0;

    for (int i = 0; i < THREADS; i++) {
        racers[i] = (racer_t){ .limits = limits, .number = i };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        passed += racers[i].passed;
        ck_assert_int_eq(racers[i].hundreds, i < 7 ? 100 : 0);
    }
    ck_assert_int_eq(passed, 100);
}
END_TEST

/* What is taken and given back by all at once is as if it had never been. */
static void *take_and_give(void *baton)
{
    as_limits_t *limits = baton;
    as_limit_name_t ann = name_of(limits, "ann");

    for (int i = 0; i < TRIES; i++) {
        if (as_limits_charge(limits, ann, &ten, NOW) == 0) {
            as_limits_refund(limits, ann, &ten);
        }
    }
    return NULL;
}

START_TEST(threads_get_back_what_they_took)
{
    as_limits_t *limits = limits_of(8);
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, limits), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_int_eq(charges(limits, name_of(limits, "ann"), &ten, NOW, 50), 10);
}
END_TEST

static as_limits_t *shared_limits(apr_int64_t entries)
{
    void *memory = mmap(NULL, as_limits_size(entries), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);
    return as_limits_format(memory, entries, KEY);
}

/* Children that charge and refund without end are killed wherever they are: whoever comes after
 * them finds a table that works.
 */
START_TEST(killed_processes_leave_a_sound_table)
{
    as_limits_t *limits = shared_limits(8);

    for (int round = 0; round < 20; round++) {
        pid_t child = fork();

        if (child == 0) {
            for (unsigned i = 0;; i++) {
                as_limit_name_t name = name_of(limits, i % 2 ? "ann" : "bob");

                as_limits_charge(limits, name, &ten, NOW);
                as_limits_refund(limits, name, &ten);
            }
        }
        ck_assert_int_gt(child, 0);
        usleep(2000);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, NULL, 0), child);
    }
    ck_assert_int_eq(charges(limits, name_of(limits, "carl"), &ten, NOW, 50), 10);
    ck_assert_int_eq(charges(limits, name_of(limits, "ann"), &ten, NOW + 10 * MINUTE, 50), 10);
    munmap(limits, as_limits_size(8));
}
END_TEST

START_TEST(processes_pass_exactly_the_count)
{
    as_limits_t *limits = shared_limits(1024);
    pid_t children[4];
    int passed = 0;

    for (int i = 0; i < 4; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            _exit(charges(limits, name_of(limits, "ann"), &hundred, NOW, TRIES));
        }
        ck_assert_int_gt(children[i], 0);
    }
    for (int i = 0; i < 4; i++) {
        int status;

        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert(WIFEXITED(status));
        passed += WEXITSTATUS(status);
    }
    ck_assert_int_eq(passed, 100);
    munmap(limits, as_limits_size(1024));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ratelimit");
    TCase *hash = unit_case(suite, "hash");
    TCase *alone = unit_case(suite, "alone");
    TCase *together = unit_case(suite, "together");

    tcase_add_test(hash, hash_is_the_reference_s);
    tcase_add_test(alone, ten_at_once_then_one_each_interval);
    tcase_add_test(alone, odd_rates_let_exactly_their_count_through);
    tcase_add_test(alone, refund_gives_one_back);
    tcase_add_test(alone, full_bucket_evicts_who_frees_soonest);
    tcase_add_test(alone, many_names_do_not_meet);
    tcase_add_test(alone, attach_knows_its_layout);
    tcase_add_test(together, threads_pass_exactly_the_count);
    tcase_add_test(together, threads_get_back_what_they_took);
    tcase_add_test(together, killed_processes_leave_a_sound_table);
    tcase_add_test(together, processes_pass_exactly_the_count);
    return unit_run(suite);
}
