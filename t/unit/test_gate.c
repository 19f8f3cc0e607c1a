/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/gate.h with threads: how many come in, how many wait, and for how long.
 * Never asserts outside the main thread. Run by make check.
 */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/gate.h"
#include "base/status.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))
#define MSEC 1000
#define LONG_WAIT (20 * APR_USEC_PER_SEC)
#define AT_ONCE APR_USEC_PER_SEC /* generous to a machine that is busy */

/* What the threads of one test share. */
typedef struct {
    as_gate_t *gate;
    int rounds;
    apr_interval_time_t stay;
    atomic_int inside, most, entered, refused, odd;
} crowd_t;

static as_gate_t *gate_of(int inside, int waiting, apr_interval_time_t wait)
{
    as_gate_t *gate = NULL;

    ck_assert_int_eq(as_gate_create(&gate, inside, waiting, wait, pool), APR_SUCCESS);
    return gate;
}

static void stay_inside(crowd_t *crowd)
{
    int now = atomic_fetch_add(&crowd->inside, 1) + 1;
    int most = atomic_load(&crowd->most);

    while (now > most && !atomic_compare_exchange_weak(&crowd->most, &most, now)) {
    }
    apr_sleep(crowd->stay);
    atomic_fetch_sub(&crowd->inside, 1);
}

static void *visit(void *baton)
{
    crowd_t *crowd = baton;

    for (int i = 0; i < crowd->rounds; i++) {
        apr_status_t rv = as_gate_enter(crowd->gate);

        if (rv == APR_SUCCESS) {
            atomic_fetch_add(&crowd->entered, 1);
            stay_inside(crowd);
            as_gate_leave(crowd->gate);
        } else {
            atomic_fetch_add(rv == AS_EBUSY ? &crowd->refused : &crowd->odd, 1);
        }
    }
    return NULL;
}

static void start(pthread_t *threads, int count, crowd_t *crowd)
{
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, visit, crowd), 0);
    }
}

static void finish(pthread_t *threads, int count)
{
    for (int i = 0; i < count; i++) {
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    }
}

/* Enters and measures. */
static apr_status_t timed_enter(as_gate_t *gate, apr_interval_time_t *took)
{
    apr_time_t begin = apr_time_now();
    apr_status_t rv = as_gate_enter(gate);

    *took = apr_time_now() - begin;
    return rv;
}

START_TEST(never_more_than_allowed_are_inside)
{
    crowd_t crowd = { .gate = gate_of(3, 20, LONG_WAIT), .rounds = 40, .stay = 200 };
    pthread_t threads[12];

    start(threads, COUNT(threads), &crowd);
    finish(threads, COUNT(threads));
    ck_assert_int_eq(crowd.most, 3);
    ck_assert_int_eq(crowd.entered, 12 * 40);
    ck_assert_int_eq(crowd.refused, 0);
    ck_assert_int_eq(crowd.odd, 0);
}
END_TEST

START_TEST(nobody_waits_where_none_may)
{
    as_gate_t *gate = gate_of(2, 0, LONG_WAIT);
    apr_interval_time_t took;

    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    ck_assert_int_eq(timed_enter(gate, &took), AS_EBUSY);
    ck_assert_int_lt(took, AT_ONCE);
    as_gate_leave(gate);
    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    as_gate_leave(gate);
    as_gate_leave(gate);
}
END_TEST

START_TEST(one_waiter_too_many_is_refused_at_once)
{
    crowd_t crowd = { .gate = gate_of(1, 2, LONG_WAIT), .rounds = 1 };
    apr_interval_time_t took;
    pthread_t threads[2];

    ck_assert_int_eq(as_gate_enter(crowd.gate), APR_SUCCESS);
    start(threads, COUNT(threads), &crowd);
    apr_sleep(200 * MSEC);
    ck_assert_int_eq(crowd.entered, 0);
    ck_assert_int_eq(timed_enter(crowd.gate, &took), AS_EBUSY);
    ck_assert_int_lt(took, AT_ONCE);
    as_gate_leave(crowd.gate);
    finish(threads, COUNT(threads));
    ck_assert_int_eq(crowd.entered, 2);
    ck_assert_int_eq(crowd.most, 1);
}
END_TEST

START_TEST(a_wait_has_an_end)
{
    as_gate_t *gate = gate_of(1, 1, 150 * MSEC);
    apr_interval_time_t took;

    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(timed_enter(gate, &took), AS_EBUSY);
        ck_assert_int_ge(took, 149 * MSEC);
        ck_assert_int_lt(took, 150 * MSEC + AT_ONCE);
    }
    as_gate_leave(gate);
    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    as_gate_leave(gate);
}
END_TEST

START_TEST(a_wait_of_nothing_is_no_wait)
{
    as_gate_t *gate = gate_of(1, 5, 0);
    apr_interval_time_t took;

    ck_assert_int_eq(as_gate_enter(gate), APR_SUCCESS);
    ck_assert_int_eq(timed_enter(gate, &took), AS_EBUSY);
    ck_assert_int_lt(took, AT_ONCE);
    as_gate_leave(gate);
}
END_TEST

START_TEST(no_place_is_lost_when_waits_end_as_places_fall_free)
{
    crowd_t crowd = { .gate = gate_of(2, 3, MSEC), .rounds = 150, .stay = MSEC };
    pthread_t threads[8];
    apr_interval_time_t took;

    start(threads, COUNT(threads), &crowd);
    finish(threads, COUNT(threads));
    ck_assert_int_le(crowd.most, 2);
    ck_assert_int_eq(crowd.entered + crowd.refused, 8 * 150);
    ck_assert_int_gt(crowd.entered, 0);
    ck_assert_int_gt(crowd.refused, 0);
    ck_assert_int_eq(as_gate_enter(crowd.gate), APR_SUCCESS);
    ck_assert_int_eq(as_gate_enter(crowd.gate), APR_SUCCESS);
    ck_assert_int_eq(timed_enter(crowd.gate, &took), AS_EBUSY);
    as_gate_leave(crowd.gate);
    as_gate_leave(crowd.gate);
}
END_TEST

START_TEST(numbers_that_make_no_gate_are_refused)
{
    as_gate_t *gate;

    ck_assert_int_eq(as_gate_create(&gate, 0, 1, 1, pool), APR_EINVAL);
    ck_assert_int_eq(as_gate_create(&gate, -1, 1, 1, pool), APR_EINVAL);
    ck_assert_int_eq(as_gate_create(&gate, 1, -1, 1, pool), APR_EINVAL);
    ck_assert_int_eq(as_gate_create(&gate, 1, 1, -1, pool), APR_EINVAL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gate");
    TCase *gate = unit_case(suite, "gate");

    tcase_set_timeout(gate, 60);
    tcase_add_test(gate, never_more_than_allowed_are_inside);
    tcase_add_test(gate, nobody_waits_where_none_may);
    tcase_add_test(gate, one_waiter_too_many_is_refused_at_once);
    tcase_add_test(gate, a_wait_has_an_end);
    tcase_add_test(gate, a_wait_of_nothing_is_no_wait);
    tcase_add_test(gate, no_place_is_lost_when_waits_end_as_places_fall_free);
    tcase_add_test(gate, numbers_that_make_no_gate_are_refused);
    return unit_run(suite);
}
