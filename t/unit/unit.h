/* SPDX-License-Identifier: Apache-2.0
 * What every unit test program shares: APR, a pool per test, and a run that speaks TAP.
 * Never holds an assertion of its own. Included once by each t/unit/test_*.c, which ends in
 *
 *     int main(void)
 *     {
 *         Suite *suite = suite_create("text");
 *         TCase *phones = unit_case(suite, "phones");
 *
 *         tcase_add_test(phones, spaces_are_removed);
 *         return unit_run(suite);
 *     }
 *
 * TAP goes to standard output, or to the file CK_TAP_LOG_FILE_NAME names. CK_FORK=no keeps all
 * tests in one process (valgrind, gdb), CK_RUN_CASE picks one case.
 */
#ifndef AS_UNIT_H
#define AS_UNIT_H

#include <apr_general.h>
#include <apr_pools.h>
#include <check.h>
#include <stdlib.h>

/* The running test's own, destroyed after it. */
static apr_pool_t *pool;

static inline void unit_setup(void)
{
    ck_assert_int_eq(apr_pool_create(&pool, NULL), APR_SUCCESS);
}

static inline void unit_teardown(void)
{
    apr_pool_destroy(pool);
    pool = NULL;
}

/* A new case of the suite, each of whose tests has a fresh pool. */
static inline TCase *unit_case(Suite *suite, const char *name)
{
    TCase *made = tcase_create(name);

    tcase_add_checked_fixture(made, unit_setup, unit_teardown);
    suite_add_tcase(suite, made);
    return made;
}

/* Runs the suite and returns main's value: EXIT_SUCCESS only if every test passed. */
static inline int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    int failed;

    if (apr_initialize() != APR_SUCCESS) {
        srunner_free(runner);
        return EXIT_FAILURE;
    }
    if (!srunner_has_tap(runner)) {
        srunner_set_tap(runner, "-");
    }
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    apr_terminate();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
