/* SPDX-License-Identifier: Apache-2.0
 * The pool of connections. See pool.h.
 */
#include "store/pool.h"

#include <string.h>

#include <apr_allocator.h>
#include <apr_file_info.h>
#include <apr_strings.h>

#define WAITING_MAX 64                         /* threads that may wait for a connection */
#define PAUSE_AFTER_FAILURE (APR_USEC_PER_SEC / 2)
#define PAUSE_WHILE_BUSY (APR_USEC_PER_SEC / 100)

static void close_connection(as_db_t *db)
{
    apr_dbd_close(db->store->dbd, db->handle);
    apr_pool_destroy(db->pool);
}

static apr_status_t close_all(void *baton)
{
    as_store_t *store = baton;

    while (store->idle_count > 0) {
        close_connection(store->idle[--store->idle_count]);
    }
    return APR_SUCCESS;
}

/* A pool with an allocator of its own may be made and destroyed in any thread. */
static apr_pool_t *own_pool(void)
{
    apr_allocator_t *allocator;
    apr_pool_t *pool;

    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_pool_create_ex(&pool, NULL, NULL, allocator) != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return NULL;
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, "authsvc-db");
    return pool;
}

/* SQLite makes what it cannot find, and a database that came from nowhere would know nobody. */
static apr_status_t identify_file(as_db_t *db, const char *params, int may_create)
{
    const char *path = db->store->driver->file ? db->store->driver->file(params) : NULL;
    apr_finfo_t info;
    apr_status_t status;

    if (!path) {
        return APR_SUCCESS;
    }
    status = apr_stat(&info, path, APR_FINFO_IDENT, db->pool);
    if (status == APR_SUCCESS) {
        db->device = info.device;
        db->inode = info.inode;
    }
    return status != APR_SUCCESS && may_create ? APR_SUCCESS : status;
}

static int file_is_there(const as_db_t *db, const char *params, apr_pool_t *pool)
{
    const char *path = db->store->driver->file ? db->store->driver->file(params) : NULL;
    apr_finfo_t info;

    return !path || !db->inode
           || (apr_stat(&info, path, APR_FINFO_IDENT, pool) == APR_SUCCESS
               && info.inode == db->inode && info.device == db->device);
}

static apr_status_t prepare_session(as_db_t *db)
{
    for (const char *const *sql = db->store->driver->session; *sql; sql++) {
        int changed;
        int code = apr_dbd_query(db->store->dbd, db->handle, &changed, *sql);

        if (code != 0 && db->store->driver->fault(db->native, code) == AS_FAULT_RETRY) {
            return AS_ERETRY;
        }
        if (code != 0) {
            as_log(&db->store->config.log, AS_LOG_ERROR, APR_SUCCESS,
                   "the database refused \"%s\" (%d)", *sql, code);
            return AS_EUNAVAILABLE;
        }
    }
    return APR_SUCCESS;
}

static apr_status_t open_with(as_store_t *store, const char *params, as_db_t **out)
{
    apr_pool_t *pool = own_pool();
    const char *error = NULL;
    apr_status_t status;
    as_db_t *db;

    if (!pool) {
        return AS_EFAULT;
    }
    db = apr_pcalloc(pool, sizeof *db);
    db->store = store;
    db->pool = pool;
    status = identify_file(db, params, store->config.may_create);
    if (status == APR_SUCCESS) {
        status = apr_dbd_open_ex(store->dbd, pool, params, &db->handle, &error);
    }
    if (status != APR_SUCCESS) {
        as_log(&store->config.log, AS_LOG_ERROR, status, "cannot open the database: %s",
               error ? error : "no such file, or no access");
        apr_pool_destroy(pool);
        return AS_EUNAVAILABLE;
    }
    db->native = apr_dbd_native_handle(store->dbd, db->handle);
    db->generation = store->generation;
    apr_pool_create(&db->prepared_pool, pool);
    if (!db->inode) {
        identify_file(db, params, 1);
    }
    status = prepare_session(db);
    if (status != APR_SUCCESS) {
        close_connection(db);
        return status;
    }
    *out = db;
    return APR_SUCCESS;
}

static apr_status_t open_connection(as_store_t *store, as_db_t **db)
{
    apr_status_t status = AS_EUNAVAILABLE;

    for (const char *const *params = store->config.params; *params; params++) {
        status = open_with(store, *params, db);
        if (status == APR_SUCCESS) {
            break;
        }
    }
    return status;
}

/* Called with the mutex held, returns with it held: room for one was counted already. A database
 * that is only busy (SQLite after a crash, while somebody recovers its log) is asked again.
 */
static apr_status_t open_unlocked(as_store_t *store, as_db_t **db, apr_time_t deadline)
{
    apr_status_t status;

    apr_thread_mutex_unlock(store->mutex);
    while ((status = open_connection(store, db)) == AS_ERETRY && apr_time_now() < deadline) {
        apr_sleep(PAUSE_WHILE_BUSY);
    }
    apr_thread_mutex_lock(store->mutex);
    if (status != APR_SUCCESS) {
        store->open_count--;
        apr_thread_cond_broadcast(store->changed);
    }
    if (status != APR_SUCCESS && status != AS_ERETRY) {
        store->last_failure = status;
        store->closed_until = apr_time_now() + PAUSE_AFTER_FAILURE;
    }
    return status == AS_ERETRY ? AS_EBUSY : status;
}

static int usable(const as_db_t *db)
{
    return db->generation == db->store->generation
           && file_is_there(db, db->store->config.params[0], db->prepared_pool);
}

/* An idle connection, or NULL. What is of no use any more goes to *doomed, to be closed outside the
 * lock.
 */
static as_db_t *pop_idle(as_store_t *store, as_db_t **doomed)
{
    while (store->idle_count > 0) {
        as_db_t *db = store->idle[--store->idle_count];

        if (usable(db)) {
            return db;
        }
        store->open_count--;
        db->next = *doomed;
        *doomed = db;
    }
    return NULL;
}

static apr_status_t wait_for_one(as_store_t *store, apr_time_t deadline)
{
    apr_interval_time_t left = deadline - apr_time_now();
    apr_status_t status;

    if (left <= 0 || store->waiting >= WAITING_MAX) {
        return AS_EBUSY;
    }
    store->waiting++;
    status = apr_thread_cond_timedwait(store->changed, store->mutex, left);
    store->waiting--;
    return status == APR_SUCCESS || APR_STATUS_IS_TIMEUP(status) ? APR_SUCCESS : AS_EFAULT;
}

apr_status_t as_pool_acquire(as_store_t *store, as_db_t **db, apr_time_t deadline)
{
    apr_status_t status = APR_SUCCESS;
    as_db_t *doomed = NULL, *next;

    apr_thread_mutex_lock(store->mutex);
    *db = NULL;
    while (!*db && status == APR_SUCCESS) {
        if ((*db = pop_idle(store, &doomed)) != NULL) {
            break;
        }
        if (apr_time_now() < store->closed_until) {
            status = store->last_failure;
        } else if (store->open_count < store->config.max) {
            store->open_count++;
            status = open_unlocked(store, db, deadline);
        } else {
            status = wait_for_one(store, deadline);
        }
    }
    apr_thread_mutex_unlock(store->mutex);
    for (; doomed; doomed = next) {
        next = doomed->next;
        close_connection(doomed);
    }
    if (*db) {
        (*db)->failed = APR_SUCCESS;
    }
    return status;
}

void as_pool_release(as_db_t *db)
{
    as_store_t *store = db->store;
    int drop;

    if (db->stale) {
        apr_pool_clear(db->prepared_pool);
        memset(db->prepared, 0, sizeof db->prepared);
        db->stale = 0;
    }
    apr_thread_mutex_lock(store->mutex);
    if (db->broken) {
        store->generation++;
    }
    drop = db->broken || db->generation != store->generation;
    if (drop) {
        store->open_count--;
    } else {
        store->idle[store->idle_count++] = db;
    }
    apr_thread_cond_signal(store->changed);
    apr_thread_mutex_unlock(store->mutex);
    if (drop) {
        close_connection(db);
    }
}

void as_pool_drop_idle(as_store_t *store)
{
    apr_thread_mutex_lock(store->mutex);
    store->open_count -= store->idle_count;
    close_all(store);
    store->closed_until = 0;
    apr_thread_mutex_unlock(store->mutex);
}

apr_status_t as_store_create(as_store_t **out, const as_store_config_t *config, apr_pool_t *pool)
{
    as_store_t *store = apr_pcalloc(pool, sizeof *store);
    apr_status_t status;

    store->config = *config;
    store->pool = pool;
    store->driver = as_driver_find(config->driver);
    if (!store->driver) {
        as_log(&config->log, AS_LOG_ERROR, APR_SUCCESS, "no database driver \"%s\": there are %s",
               config->driver, as_driver_names(pool));
        return AS_EFAULT;
    }
    if (store->config.max > store->driver->max) {
        store->config.max = store->driver->max;
    }
    apr_dbd_init(pool);
    status = apr_dbd_get_driver(pool, config->driver, &store->dbd);
    if (status != APR_SUCCESS) {
        as_log(&config->log, AS_LOG_ERROR, status,
               "cannot load apr_dbd_%s: is its package installed?", config->driver);
        return AS_EFAULT;
    }
    store->idle = apr_pcalloc(pool, store->config.max * sizeof *store->idle);
    status = apr_thread_mutex_create(&store->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    if (status == APR_SUCCESS) {
        status = apr_thread_cond_create(&store->changed, pool);
    }
    apr_pool_pre_cleanup_register(pool, store, close_all);
    *out = store;
    return status;
}
