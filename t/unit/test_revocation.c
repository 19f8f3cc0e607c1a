/* SPDX-License-Identifier: Apache-2.0
 * Tests of shm/revocation, shm/verdict and shm/siphash: what is found, what is unsure, races, and
 * writers killed inside their critical sections. Also built with -fsanitize=thread. Run by make
 * check.
 */
#include "unit.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shm/revocation.h"
#include "shm/siphash.h"
#include "shm/verdict.h"

#define ENTRIES 1024
#define FOREVER (APR_INT64_MAX / 2)
#define MAX_AGE 5000000
#define THREADS 4

static void *shared(apr_size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(memory, MAP_FAILED);
    return memory;
}

static as_revocations_t *cache_of(apr_int64_t entries)
{
    as_revocations_t *r = as_revocations_format(shared(as_revocations_size(entries)), entries);

    ck_assert_ptr_nonnull(r);
    return r;
}

static void load(as_revocations_t *r)
{
    const as_feed_position_t to = { .epoch = "epoch", .loaded = 1 };
    as_feed_position_t from;

    as_revocations_position(r, &from);
    as_revocations_advance(r, &from, &to, as_shm_clock(), 0);
}

/* A different id for each number, spread as random ones are. */
static unsigned char *id_of(unsigned char id[AS_REVOCATION_KEY], apr_uint64_t n)
{
    static const unsigned char key[AS_SIPHASH_KEY] = "an arbitrary key";
    apr_uint64_t hash[2];

    as_siphash(key, &n, sizeof n, hash);
    memcpy(id, hash, AS_REVOCATION_KEY);
    return id;
}

static as_standing_answer_t ask(const as_revocations_t *r, apr_uint64_t session,
                                apr_uint64_t account,
                                apr_int64_t epoch, apr_int64_t issued_at)
{
    unsigned char s[AS_REVOCATION_KEY], a[AS_REVOCATION_KEY];
    const as_standing_question_t question = { .session = session ? id_of(s, session) : NULL,
                                              .account = id_of(a, account), .epoch = epoch,
                                              .issued_at = issued_at, .max_age = MAX_AGE };

    return as_revocations_ask(r, &question);
}

static void end_session(as_revocations_t *r, apr_uint64_t n, apr_int64_t expires, apr_int64_t now)
{
    unsigned char id[AS_REVOCATION_KEY];

    as_revocations_add_session(r, id_of(id, n), expires, now);
}

static void lift_epoch(as_revocations_t *r, apr_uint64_t n, apr_int64_t least)
{
    unsigned char id[AS_REVOCATION_KEY];

    as_revocations_add_account(r, id_of(id, n), least, FOREVER, 1);
}

START_TEST(siphash_is_what_its_authors_published)
{
    /* vectors_sip128 of the reference implementation: key 00 to 0f, message 00, 01, and so on */
    static const struct {
        int len;
        unsigned char hash[16];
    } vectors[] = {
        { 0, { 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55,
               0x02, 0x93 } },
        { 1, { 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22,
               0xfc, 0x45 } },
    };
    unsigned char key[16], message[64];
    apr_uint64_t out[2];

    for (int i = 0; i < 64; i++) {
        key[i & 15] = (unsigned char)(i & 15);
        message[i] = (unsigned char)i;
    }
    for (apr_size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        as_siphash(key, message, vectors[i].len, out);
        ck_assert_mem_eq(out, vectors[i].hash, 16);
    }
}
END_TEST

START_TEST(nothing_is_sure_before_the_first_load_and_after_the_last_news)
{
    as_revocations_t *r = cache_of(ENTRIES);
    unsigned char a[AS_REVOCATION_KEY];
    const as_standing_question_t late = { .account = id_of(a, 2), .epoch = 1, .issued_at = 5,
                                          .max_age = -1 };

    ck_assert_int_eq(ask(r, 1, 2, 1, 5), AS_UNSURE);
    end_session(r, 1, FOREVER, 1);
    ck_assert_int_eq(ask(r, 1, 2, 1, 5), AS_REVOKED); /* "no" is sure at any time */
    load(r);
    ck_assert_int_eq(ask(r, 3, 2, 1, 5), AS_STANDS);
    ck_assert_int_eq(as_revocations_ask(r, &late), AS_UNSURE);
    as_revocations_restart(r);
    ck_assert_int_eq(ask(r, 3, 2, 1, 5), AS_UNSURE);
    ck_assert_int_eq(ask(r, 1, 2, 1, 5), AS_REVOKED);
}
END_TEST

START_TEST(sessions_and_epochs_are_told_apart)
{
    as_revocations_t *r = cache_of(ENTRIES);

    load(r);
    lift_epoch(r, 7, 3);
    ck_assert_int_eq(ask(r, 1, 7, 2, 5), AS_REVOKED);
    ck_assert_int_eq(ask(r, 1, 7, 3, 5), AS_STANDS);
    ck_assert_int_eq(ask(r, 0, 7, 2, 5), AS_REVOKED);
    lift_epoch(r, 7, 5);
    lift_epoch(r, 7, 4); /* news may come twice, and late */
    ck_assert_int_eq(ask(r, 1, 7, 4, 5), AS_REVOKED);
    ck_assert_int_eq(ask(r, 1, 7, 5, 5), AS_STANDS);
    ck_assert_int_eq(as_revocations_check(r), 1);
}
END_TEST

START_TEST(all_that_was_promised_fits)
{
    as_revocations_t *r = cache_of(ENTRIES);
    as_revocations_state_t state;

    load(r);
    for (int n = 1; n <= ENTRIES; n++) {
        end_session(r, n, FOREVER, 1);
    }
    for (int n = 1; n <= ENTRIES; n++) {
        ck_assert_int_eq(ask(r, n, 99999999, 1, 5), AS_REVOKED);
    }
    as_revocations_state(r, 1, &state);
    ck_assert_int_eq(state.left_out, 0);
    ck_assert_int_eq(state.live, ENTRIES);
    ck_assert_int_eq(ask(r, 77777777, 99999999, 1, 5), AS_STANDS);
    ck_assert_int_eq(as_revocations_check(r), 1);
}
END_TEST

START_TEST(what_finds_no_room_makes_older_tokens_unsure)
{
    as_revocations_t *r = cache_of(64);
    as_revocations_state_t state;
    int revoked = 0;

    load(r);
    for (int n = 1; n <= 500; n++) {
        end_session(r, n, FOREVER, 1000);
    }
    as_revocations_state(r, 1000, &state);
    ck_assert_int_gt(state.left_out, 0);
    for (int n = 1; n <= 500; n++) {
        as_standing_answer_t answer = ask(r, n, 99999999, 1, 1000);

        ck_assert_int_ne(answer, AS_STANDS);
        revoked += answer == AS_REVOKED;
    }
    ck_assert_int_eq(revoked, (int)state.live);
    ck_assert_int_eq(ask(r, 77777777, 99999999, 1, 1000), AS_UNSURE);
    ck_assert_int_eq(ask(r, 77777777, 99999999, 1, 1001), AS_STANDS);
    ck_assert_int_eq(as_revocations_check(r), 1);
}
END_TEST

START_TEST(expired_entries_make_room)
{
    as_revocations_t *r = cache_of(64);
    as_revocations_state_t state;

    load(r);
    for (int round = 0; round < 100; round++) {
        for (int n = 1; n <= 32; n++) {
            end_session(r, round * 100 + n, round * 10 + 10, round * 10);
        }
        for (int n = 1; n <= 32; n++) {
            ck_assert_int_eq(ask(r, round * 100 + n, 99999999, 1, 5), AS_REVOKED);
        }
    }
    as_revocations_state(r, 0, &state);
    ck_assert_int_eq(state.left_out, 0);
    ck_assert_int_eq(as_revocations_check(r), 1);
}
END_TEST

START_TEST(one_turn_at_a_time)
{
    as_revocations_t *r = cache_of(ENTRIES);
    as_feed_position_t from;

    ck_assert_int_eq(as_revocations_take_turn(r, 0, 1000000), 1);
    ck_assert_int_eq(as_revocations_take_turn(r, 0, 1000000), 0);
    as_revocations_position(r, &from);
    as_revocations_advance(r, &from, &from, 1, 0);
    ck_assert_int_eq(as_revocations_take_turn(r, 3600000000, 1000000), 0); /* too soon */
    ck_assert_int_eq(as_revocations_take_turn(r, 0, 0), 1);
    ck_assert_int_eq(as_revocations_take_turn(r, 0, 1000000), 1); /* its lease is over */
}
END_TEST

START_TEST(an_overtaken_reader_changes_nothing)
{
    as_revocations_t *r = cache_of(ENTRIES);
    const as_feed_position_t old = { .epoch = "old", .seq = 9, .loaded = 1 };
    as_feed_position_t from, now;

    as_revocations_position(r, &from);
    as_revocations_advance(r, &from, &old, as_shm_clock(), 0);
    as_revocations_position(r, &from);
    as_revocations_restart(r); /* somebody saw a new epoch meanwhile */
    as_revocations_advance(r, &from, &old, as_shm_clock(), 0);
    as_revocations_position(r, &now);
    ck_assert_str_eq(now.epoch, "");
    ck_assert_int_eq(ask(r, 1, 2, 1, 5), AS_UNSURE);
}
END_TEST

/* ---- verdicts ---- */

static as_verdict_t verdict_of(apr_int64_t number)
{
    as_verdict_t v = { .expires_at = FOREVER, .number = number };

    memset(v.email, 'a' + number % 26, sizeof v.email - 1);
    memset(v.roles, 'a' + number % 26, sizeof v.roles - 1);
    return v;
}

static as_verdicts_t *verdicts_of(apr_int64_t entries)
{
    static const unsigned char key[16] = "0123456789abcde";
    as_verdicts_t *v = as_verdicts_format(shared(as_verdicts_size(entries)), entries, key);

    ck_assert_ptr_nonnull(v);
    return v;
}

static as_verdict_name_t name_of(const as_verdicts_t *v, apr_int64_t number)
{
    return as_verdicts_name(v, AS_VERDICT_TOKEN, &number, sizeof number);
}

START_TEST(a_verdict_is_found_by_its_name_kind_and_ring)
{
    as_verdicts_t *v = verdicts_of(64);
    as_verdict_t in = verdict_of(7), out;
    as_verdict_name_t name = name_of(v, 7);

    ck_assert_int_eq(as_verdicts_find(v, name, 1, &out), 0);
    as_verdicts_put(v, name, 1, &in, 0);
    ck_assert_int_eq(as_verdicts_find(v, name, 1, &out), 1);
    ck_assert_mem_eq(&in, &out, sizeof in);
    ck_assert_int_eq(as_verdicts_find(v, name, 2, &out), 0);
    in.number = 7;
    name = as_verdicts_name(v, AS_VERDICT_PASSWORD, &in.number, sizeof in.number);
    ck_assert_int_eq(as_verdicts_find(v, name, 1, &out), 0);
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 8), 1, &out), 0);
}
END_TEST

START_TEST(a_full_bucket_gives_up_what_expires_first)
{
    as_verdicts_t *v = verdicts_of(4); /* one bucket */
    as_verdict_t in, out;

    for (int n = 1; n <= 5; n++) {
        in = verdict_of(n);
        in.expires_at = 1000 - n;
        as_verdicts_put(v, name_of(v, n), 1, &in, 0);
    }
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 4), 1, &out), 0);
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 1), 1, &out), 1);
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 5), 1, &out), 1);
}
END_TEST

/* ---- races ---- */

#define ROUNDS 200000
#define LIFE 256 /* of an entry, counted in rounds */

typedef struct {
    as_revocations_t *r;
    as_verdicts_t *v;
    _Atomic apr_uint64_t ended; /* sessions up to this number have ended */
    _Atomic int stop;
    _Atomic apr_uint64_t checks, stale, torn;
} race_t;

/* Whoever asks after an end was announced must hear of it; and no verdict is ever mixed of two. */
static void *check_often(void *baton)
{
    race_t *race = baton;
    apr_uint64_t n = 1;

    while (!atomic_load(&race->stop)) {
        apr_uint64_t ended = atomic_load(&race->ended);
        as_verdict_t out;

        if (ended) {
            n = ended > 200 ? ended - n % 200 : ended;
            if (ask(race->r, n, 99999999, 1, FOREVER) == AS_STANDS
                && atomic_load(&race->ended) + 1 < n + LIFE) { /* nor does it with the next end */
                atomic_fetch_add(&race->stale, 1);
            }
        }
        if (as_verdicts_find(race->v, name_of(race->v, (apr_int64_t)(n % 32)), 1, &out)
            && (out.email[0] != out.email[sizeof out.email - 2] || out.email[0] != out.roles[100]
                || out.number % 32 != (apr_int64_t)(n % 32))) {
            atomic_fetch_add(&race->torn, 1);
        }
        atomic_fetch_add(&race->checks, 1);
    }
    return NULL;
}

START_TEST(no_stale_yes_and_no_torn_verdict)
{
    race_t race = { .r = cache_of(512), .v = verdicts_of(16) };
    pthread_t threads[THREADS];

    load(race.r);
    for (int i = 0; i < THREADS; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, check_often, &race), 0);
    }
    for (apr_int64_t n = 1; n <= ROUNDS; n++) {
        as_verdict_t in = verdict_of(n);

        end_session(race.r, n, n + LIFE, n); /* slots are used again and again */
        atomic_store(&race.ended, n);
        as_verdicts_put(race.v, name_of(race.v, n % 32), 1, &in, 0);
        if (n % 10000 == 0) {
            load(race.r);
        }
    }
    atomic_store(&race.stop, 1);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    apr_uint64_t checks = race.checks, stale = race.stale, torn = race.torn;

    ck_assert_uint_gt(checks, 0);
    ck_assert_uint_eq(stale, 0);
    ck_assert_uint_eq(torn, 0);
    ck_assert_int_eq(as_revocations_check(race.r), 1);
}
END_TEST

/* ---- writers that are killed ---- */

#ifdef AS_FAULTS

/* A child that stops at a point of its critical section and is killed there. */
static void die_at(const char *point, void (*work)(void *), void *baton)
{
    int state;
    pid_t child = fork();

    ck_assert_int_ge(child, 0);
    if (child == 0) {
        setenv("AUTHSVC_FAULT", point, 1);
        work(baton);
        _exit(99); /* it never reached the point */
    }
    ck_assert_int_eq(waitpid(child, &state, WUNTRACED), child);
    ck_assert_msg(WIFSTOPPED(state), "the child did not stop at %s", point);
    kill(child, SIGKILL);
    ck_assert_int_eq(waitpid(child, &state, 0), child);
}

static void add_five(void *baton)
{
    end_session(baton, 5, FOREVER, 1);
}

static void advance(void *baton)
{
    load(baton);
}

START_TEST(a_killed_writer_leaves_no_lock_and_no_half_entry)
{
    as_revocations_t *r = cache_of(ENTRIES);
    as_revocations_state_t state;

    load(r);
    end_session(r, 4, FOREVER, 1);
    die_at("revocation-slot", add_five, r);
    ck_assert_int_eq(ask(r, 4, 99999999, 1, 5), AS_REVOKED);
    end_session(r, 6, FOREVER, 1); /* finds the lock of a dead process */
    end_session(r, 5, FOREVER, 1);
    ck_assert_int_eq(ask(r, 5, 99999999, 1, 5), AS_REVOKED);
    ck_assert_int_eq(ask(r, 6, 99999999, 1, 5), AS_REVOKED);
    as_revocations_state(r, 1, &state);
    ck_assert_int_eq(state.repairs, 1);
    ck_assert_int_eq(as_revocations_check(r), 1);
}
END_TEST

START_TEST(a_killed_reader_of_the_feed_leaves_all_unsure)
{
    as_revocations_t *r = cache_of(ENTRIES);

    load(r);
    die_at("revocation-position", advance, r);
    end_session(r, 6, FOREVER, 1);
    ck_assert_int_eq(ask(r, 7, 99999999, 1, 5), AS_UNSURE);
    load(r);
    ck_assert_int_eq(ask(r, 7, 99999999, 1, 5), AS_STANDS);
}
END_TEST

static void put_seven(void *baton)
{
    as_verdict_t in = verdict_of(7);

    as_verdicts_put(baton, name_of(baton, 7), 1, &in, 0);
}

START_TEST(a_killed_writer_of_verdicts_is_nobodys_loss)
{
    as_verdicts_t *v = verdicts_of(4);
    as_verdict_t out;

    die_at("verdict-slot", put_seven, v);
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 7), 1, &out), 0);
    put_seven(v);
    ck_assert_int_eq(as_verdicts_find(v, name_of(v, 7), 1, &out), 1);
}
END_TEST

#endif

int main(void)
{
    Suite *suite = suite_create("revocation");
    TCase *cache = unit_case(suite, "revocations");
    TCase *verdicts = unit_case(suite, "verdicts");
    TCase *races = unit_case(suite, "races");

    tcase_set_timeout(races, 120);
    tcase_add_test(cache, siphash_is_what_its_authors_published);
    tcase_add_test(cache, nothing_is_sure_before_the_first_load_and_after_the_last_news);
    tcase_add_test(cache, sessions_and_epochs_are_told_apart);
    tcase_add_test(cache, all_that_was_promised_fits);
    tcase_add_test(cache, what_finds_no_room_makes_older_tokens_unsure);
    tcase_add_test(cache, expired_entries_make_room);
    tcase_add_test(cache, one_turn_at_a_time);
    tcase_add_test(cache, an_overtaken_reader_changes_nothing);
    tcase_add_test(verdicts, a_verdict_is_found_by_its_name_kind_and_ring);
    tcase_add_test(verdicts, a_full_bucket_gives_up_what_expires_first);
    tcase_add_test(races, no_stale_yes_and_no_torn_verdict);
#ifdef AS_FAULTS
    tcase_add_test(races, a_killed_writer_leaves_no_lock_and_no_half_entry);
    tcase_add_test(races, a_killed_reader_of_the_feed_leaves_all_unsure);
    tcase_add_test(races, a_killed_writer_of_verdicts_is_nobodys_loss);
#endif
    return unit_run(suite);
}
