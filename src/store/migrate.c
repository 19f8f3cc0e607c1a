/* SPDX-License-Identifier: Apache-2.0
 * Migrations under a lease, since not every database can roll a CREATE TABLE back or lock across
 * nodes. A step whose owner died is run again by the next. See migrate.h.
 */
#include "store/migrate.h"

#include <apr_strings.h>

#include "store/pool.h"

#define LEASE (60 * APR_USEC_PER_SEC)
#define PATIENCE (90 * APR_USEC_PER_SEC) /* longer than a dead owner's lease */
#define PAUSE (APR_USEC_PER_SEC / 20)

static const char create_meta[] =
    "CREATE TABLE IF NOT EXISTS as_meta (name VARCHAR(32) {ascii} NOT NULL PRIMARY KEY, "
    "value BIGINT NOT NULL, owner VARCHAR(32) {ascii} NOT NULL, "
    "lease_until BIGINT NOT NULL) {table}";

typedef struct {
    const char *owner;
    int before;  /* version found first */
    int version; /* version reached */
} migration_t;

/* Statements outside a transaction: what creates tables commits by itself on some databases. */
static apr_status_t run_plain(as_db_t *db, const char *sql, apr_pool_t *pool)
{
    return as_db_run(db, as_driver_words(db->store->driver, pool, sql));
}

static apr_status_t prepare_database(as_db_t *db, void *baton, apr_pool_t *pool)
{
    apr_status_t status = APR_SUCCESS;

    (void)baton;
    for (const char *const *sql = db->store->driver->create; sql && *sql; sql++) {
        apr_dbd_results_t *results = NULL;

        apr_dbd_select(db->store->dbd, pool, db->handle, &results, *sql, 1);
    }
    status = run_plain(db, create_meta, pool);
    if (status == APR_SUCCESS) {
        status = as_db_exec(db, AS_SQL_META_INSERT, NULL, AS_NO_ARGS);
    }
    return status;
}

static apr_status_t claim(as_db_t *db, void *baton, apr_pool_t *pool)
{
    migration_t *migration = baton;
    apr_int64_t now = apr_time_now();
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_META_LEASE, &rows, pool, AS_NO_ARGS);

    if (status != APR_SUCCESS || rows.rows != 1) {
        return status != APR_SUCCESS ? status : AS_ESCHEMA;
    }
    migration->version = (int)as_rows_integer(&rows, 0, 0);
    if (migration->before < 0) {
        migration->before = migration->version;
    }
    if (migration->version >= AS_SCHEMA_NEWEST) {
        return APR_SUCCESS;
    }
    if (as_rows_integer(&rows, 0, 2) > now) {
        return AS_ENO;
    }
    return as_db_exec_one(db, AS_SQL_META_CLAIM,
                          AS_ARGS(AS_S(migration->owner), AS_I(now + LEASE),
                                  AS_S(as_rows_text(&rows, 0, 1)),
                                  AS_I(as_rows_integer(&rows, 0, 2))));
}

static apr_status_t run_step(as_db_t *db, void *baton, apr_pool_t *pool)
{
    migration_t *migration = baton;
    apr_status_t status = APR_SUCCESS;

    for (const char *const *sql = as_schema_steps[migration->version + 1];
         *sql && status == APR_SUCCESS; sql++) {
        status = run_plain(db, *sql, pool);
    }
    if (status == APR_SUCCESS) { /* the feed has an epoch from the first day on */
        status = as_db_exec(db, AS_SQL_FEED_INSERT, NULL, AS_ARGS(AS_S(migration->owner)));
    }
    if (status == APR_SUCCESS) {
        status = as_db_exec_one(db, AS_SQL_META_STEP,
                                AS_ARGS(AS_I(migration->version + 1), AS_I(apr_time_now() + LEASE),
                                        AS_S(migration->owner)));
    }
    if (status == APR_SUCCESS) {
        migration->version++;
    }
    return status;
}

static apr_status_t release(as_db_t *db, void *baton, apr_pool_t *pool)
{
    migration_t *migration = baton;

    (void)pool;
    return as_db_exec(db, AS_SQL_META_RELEASE, NULL, AS_ARGS(AS_S(migration->owner)));
}

static apr_status_t migrate(as_store_t *store, migration_t *migration, apr_pool_t *pool)
{
    apr_time_t deadline = apr_time_now() + PATIENCE;
    apr_status_t status;

    do {
        status = as_store_read(store, prepare_database, NULL, pool);
        if (status == APR_SUCCESS) {
            status = as_store_read(store, claim, migration, pool);
        }
        if (status == AS_ENO || status == AS_EBUSY) {
            apr_sleep(PAUSE);
        }
    } while ((status == AS_ENO || status == AS_EBUSY) && apr_time_now() < deadline);
    while (status == APR_SUCCESS && migration->version < AS_SCHEMA_NEWEST) {
        status = as_store_read(store, run_step, migration, pool);
        if (status == APR_SUCCESS && migration->version == AS_SCHEMA_NEWEST) {
            status = as_store_read(store, release, migration, pool);
        }
    }
    if (status == APR_SUCCESS && migration->version > AS_SCHEMA_NEWEST) {
        status = AS_ESCHEMA;
    }
    return status;
}

static apr_status_t read_version(as_db_t *db, void *baton, apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_META_SCHEMA, &rows, pool, AS_NO_ARGS);

    *(int *)baton = status == APR_SUCCESS && rows.rows ? (int)as_rows_integer(&rows, 0, 0) : 0;
    return status;
}

apr_status_t as_store_version(as_store_t *store, int *version, apr_pool_t *pool)
{
    apr_status_t status;

    store->any_schema = 1;
    status = as_store_read(store, read_version, version, pool);
    as_pool_drop_idle(store);
    store->any_schema = 0;
    return status == AS_EFAULT ? APR_SUCCESS : status;
}

apr_status_t as_store_migrate(as_store_t *store, const char *owner, int *from, int *to,
                              apr_pool_t *pool)
{
    migration_t migration = { .owner = owner, .before = -1 };
    apr_status_t status;

    store->any_schema = 1;
    status = migrate(store, &migration, pool);
    as_pool_drop_idle(store);
    store->any_schema = 0;
    if (from) {
        *from = migration.before;
    }
    if (to) {
        *to = migration.version;
    }
    return status;
}
