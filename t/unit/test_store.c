/* SPDX-License-Identifier: Apache-2.0
 * Tests of store/ on SQLite: transactions, rows, migrations by many at once, a database that goes
 * away. Run by make check.
 */
#include "unit.h"

#include <unistd.h>

#include <apr_thread_proc.h>

#include "service.h"
#include "store/accounts.h"
#include "store/pool.h"
#include "store/sessions.h"

static const as_account_t ann = {
    .door_id = "00000000000000000000000000000000",
    .id = "00000000000000000000000000000001", .number = 5000000000000001,
    .email = "ann@example.com", .email_proven = 1,
    .first_name = "Änn \xf0\x9f\x98\x80 '%s'", .password = "$argon2id$",
    .created_at = 1764000000123456,
};

static apr_status_t insert_ann(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)baton;
    (void)p;
    return as_account_insert(db, &ann);
}

static apr_status_t find_ann(as_db_t *db, void *baton, apr_pool_t *p)
{
    return as_account_by_email(db, "ann@example.com", baton, p);
}

START_TEST(values_come_back_as_they_went_in)
{
    world_t *world = world_create();
    as_account_t found;

    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), APR_SUCCESS);
    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), APR_SUCCESS);
    ck_assert_str_eq(found.id, ann.id);
    ck_assert_str_eq(found.first_name, ann.first_name);
    ck_assert_ptr_null(found.last_name);
    ck_assert_ptr_null(found.phone);
    ck_assert(found.number == ann.number);
    ck_assert(found.created_at == ann.created_at);
    ck_assert(found.epoch == 1);
}
END_TEST

START_TEST(a_second_of_the_same_touches_nothing)
{
    world_t *world = world_create();

    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), APR_SUCCESS);
    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), AS_ENO);
}
END_TEST

static apr_status_t insert_and_regret(as_db_t *db, void *baton, apr_pool_t *p)
{
    apr_status_t status = insert_ann(db, baton, p);

    return status == APR_SUCCESS ? AS_EROLLBACK : status;
}

START_TEST(what_was_rolled_back_is_gone)
{
    world_t *world = world_create();
    as_account_t found;

    ck_assert_int_eq(as_store_write(world->service.store, insert_and_regret, NULL, pool),
                     AS_EROLLBACK);
    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), AS_ENO);
}
END_TEST

static apr_status_t fail_at_first(as_db_t *db, void *baton, apr_pool_t *p)
{
    int *runs = baton;
    apr_status_t status = insert_ann(db, NULL, p);

    return status == APR_SUCCESS && ++*runs < 3 ? AS_ERETRY : status;
}

START_TEST(a_transaction_runs_again_when_asked_to)
{
    world_t *world = world_create();
    int runs = 0;

    ck_assert_int_eq(as_store_write(world->service.store, fail_at_first, &runs, pool), APR_SUCCESS);
    ck_assert_int_eq(runs, 3);
}
END_TEST

static apr_status_t wrong_arguments(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)baton;
    (void)p;
    return as_db_exec(db, AS_SQL_ACCOUNT_SIGN_IN, NULL, AS_ARGS(AS_I(1), AS_S("x")));
}

START_TEST(wrong_arguments_never_reach_the_driver)
{
    world_t *world = world_create();

    ck_assert_int_eq(as_store_write(world->service.store, wrong_arguments, NULL, pool), AS_EFAULT);
}
END_TEST

/* Every statement must be one that SQLite can prepare. */
static apr_status_t prepare_all(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)baton;
    for (int sql = 0; sql < AS_SQL_COUNT; sql++) {
        const char *text = as_driver_words(db->store->driver, p, as_sql_text(sql));
        apr_dbd_prepared_t *prepared = NULL;

        ck_assert_msg(apr_dbd_prepare(db->store->dbd, p, db->handle, text, NULL, &prepared) == 0,
                      "%s", text);
        ck_assert_msg(!strchr(text, '{'), "%s", text);
    }
    return APR_SUCCESS;
}

START_TEST(every_statement_fits_the_schema)
{
    world_t *world = world_create();

    ck_assert_int_eq(as_store_read(world->service.store, prepare_all, NULL, pool), APR_SUCCESS);
}
END_TEST

static apr_status_t add_table(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)p;
    return as_db_run(db, baton);
}

START_TEST(a_statement_survives_a_change_of_the_schema)
{
    world_t *world = world_create();
    as_store_t *other = store_at(world, world->path, 1, 0);
    as_account_t found;

    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), AS_ENO);
    ck_assert_int_eq(as_store_write(other, add_table, (void *)"CREATE TABLE x (y INTEGER)", pool),
                     APR_SUCCESS);
    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), AS_ENO);
    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), APR_SUCCESS);
}
END_TEST

START_TEST(a_missing_database_is_not_made_by_looking)
{
    world_t *world = world_create();
    as_store_t *store = store_at(world, apr_pstrcat(pool, world->path, "2", NULL), 1, 0);
    as_account_t found;

    ck_assert_int_eq(as_store_read(store, find_ann, &found, pool), AS_EUNAVAILABLE);
    ck_assert_int_ne(access(apr_pstrcat(pool, world->path, "2", NULL), F_OK), 0);
}
END_TEST

START_TEST(a_database_moved_away_is_lost_until_it_is_back)
{
    world_t *world = world_create();
    const char *away = apr_pstrcat(pool, world->path, ".away", NULL);
    as_account_t found;

    world->service.store = store_at(world, world->path, 4, 0);
    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), AS_ENO);
    ck_assert_int_eq(apr_file_rename(world->path, away, pool), APR_SUCCESS);
    ck_assert_int_eq(as_store_read(world->service.store, find_ann, &found, pool), AS_EUNAVAILABLE);
    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), AS_EUNAVAILABLE);
    ck_assert_int_eq(apr_file_rename(away, world->path, pool), APR_SUCCESS);
    apr_sleep(SECOND);
    ck_assert_int_eq(as_store_write(world->service.store, insert_ann, NULL, pool), APR_SUCCESS);
}
END_TEST

START_TEST(an_empty_file_is_no_database_of_ours)
{
    world_t *world = world_create();
    const char *path = apr_pstrcat(pool, world->path, "-empty", NULL);
    as_account_t found;
    int version = -1;

    ck_assert_int_eq(system(apr_pstrcat(pool, ": > ", path, NULL)), 0);
    ck_assert_int_eq(as_store_read(store_at(world, path, 1, 0), find_ann, &found, pool),
                     AS_ESCHEMA);
    ck_assert_int_eq(as_store_version(store_at(world, path, 1, 0), &version, pool), APR_SUCCESS);
    ck_assert_int_eq(version, 0);
}
END_TEST

#define MIGRATORS 9

typedef struct {
    world_t *world;
    as_store_t *store;
    int from, to;
    apr_status_t status;
} migrator_t;

static void *APR_THREAD_FUNC migrate_one(apr_thread_t *thread, void *baton)
{
    migrator_t *m = baton;
    apr_pool_t *own;

    apr_pool_create(&own, NULL);
    m->status = as_store_migrate(m->store, as_random_id(own), &m->from, &m->to, own);
    apr_pool_destroy(own);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

START_TEST(many_migrate_at_once_and_one_does_it)
{
    world_t *world = world_create();
    const char *path = apr_pstrcat(pool, world->path, "-new", NULL);
    migrator_t migrators[MIGRATORS];
    apr_thread_t *threads[MIGRATORS];
    apr_status_t ignored;
    as_account_t found;

    for (int i = 0; i < MIGRATORS; i++) {
        migrators[i] = (migrator_t){ .world = world, .store = store_at(world, path, 1, 1) };
        ck_assert_int_eq(apr_thread_create(&threads[i], NULL, migrate_one, &migrators[i], pool),
                         APR_SUCCESS);
    }
    for (int i = 0; i < MIGRATORS; i++) {
        apr_thread_join(&ignored, threads[i]);
        ck_assert_int_eq(migrators[i].status, APR_SUCCESS);
        ck_assert_int_eq(migrators[i].to, AS_SCHEMA_NEWEST);
    }
    ck_assert_int_eq(as_store_read(store_at(world, path, 1, 0), find_ann, &found, pool), AS_ENO);
}
END_TEST

/* ---- revocations ---- */

static apr_status_t end_session(as_db_t *db, void *baton, apr_pool_t *p)
{
    as_session_t session = { .id = baton, .account_id = ann.id };

    (void)p;
    return as_session_end(db, &session, 1, 2);
}

static apr_status_t open_sessions(as_db_t *db, void *baton, apr_pool_t *p)
{
    apr_status_t status = insert_ann(db, NULL, p);

    (void)baton;
    for (int i = 0; i < 20 && status == APR_SUCCESS; i++) {
        as_session_t session = { .id = apr_psprintf(p, "s%d", i), .account_id = ann.id,
                                 .dialect = "d", .salt = "s", .amr = "pwd", .expires_at = 9,
                                 .ends_at = 9 };

        status = as_session_insert(db, &session, "", "");
    }
    return status;
}

static apr_status_t read_feed(as_db_t *db, void *baton, apr_pool_t *p)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row;
    const char **text = baton;

    *text = "";
    ck_assert_int_eq(apr_dbd_select(db->store->dbd, p, db->handle, &results,
                                    "SELECT seq, session_id FROM as_revocation ORDER BY seq", 1),
                     0);
    for (int i = 1; i <= apr_dbd_num_tuples(db->store->dbd, results); i++) {
        row = NULL;
        apr_dbd_get_row(db->store->dbd, p, results, &row, i);
        *text = apr_pstrcat(pool, *text, apr_dbd_get_entry(db->store->dbd, row, 0), " ", NULL);
    }
    return APR_SUCCESS;
}

START_TEST(the_feed_has_no_gap_and_a_dead_session_feeds_nothing)
{
    world_t *world = world_create();
    as_store_t *store = world->service.store;
    const char *seen;

    ck_assert_int_eq(as_store_write(store, open_sessions, NULL, pool), APR_SUCCESS);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(as_store_write(store, end_session, (void *)apr_psprintf(pool, "s%d", i),
                                        pool), APR_SUCCESS);
    }
    ck_assert_int_eq(as_store_write(store, end_session, (void *)"s1", pool), APR_SUCCESS);
    ck_assert_int_eq(as_store_read(store, read_feed, &seen, pool), APR_SUCCESS);
    ck_assert_str_eq(seen, "1 2 3 ");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *store = unit_case(suite, "store");

    tcase_set_timeout(store, 60);
    tcase_add_test(store, values_come_back_as_they_went_in);
    tcase_add_test(store, a_second_of_the_same_touches_nothing);
    tcase_add_test(store, what_was_rolled_back_is_gone);
    tcase_add_test(store, a_transaction_runs_again_when_asked_to);
    tcase_add_test(store, wrong_arguments_never_reach_the_driver);
    tcase_add_test(store, every_statement_fits_the_schema);
    tcase_add_test(store, a_statement_survives_a_change_of_the_schema);
    tcase_add_test(store, a_missing_database_is_not_made_by_looking);
    tcase_add_test(store, a_database_moved_away_is_lost_until_it_is_back);
    tcase_add_test(store, an_empty_file_is_no_database_of_ours);
    tcase_add_test(store, many_migrate_at_once_and_one_does_it);
    tcase_add_test(store, the_feed_has_no_gap_and_a_dead_session_feeds_nothing);
    return unit_run(suite);
}
