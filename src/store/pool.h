/* SPDX-License-Identifier: Apache-2.0
 * Connections of one process: opened when first needed and outside the lock, handed to one thread
 * at a time, dropped when broken together with all that were opened before. Never waits without
 * bound. Called by db and migrate.
 */
#ifndef AS_STORE_POOL_H
#define AS_STORE_POOL_H

#include <apr_dbd.h>
#include <apr_thread_cond.h>

#include "store/db.h"
#include "store/driver.h"

struct as_db_t {
    as_store_t *store;
    as_db_t *next;                /* in a list of those to be closed */
    apr_pool_t *pool;             /* its own allocator: dies with the connection */
    apr_dbd_t *handle;
    void *native;                 /* the client library's handle */
    apr_pool_t *prepared_pool;    /* statements die before the handle does */
    apr_dbd_prepared_t *prepared[AS_SQL_COUNT];
    apr_int64_t generation;       /* of the pool when it was opened */
    apr_dev_t device;             /* of the file behind it */
    apr_ino_t inode;
    int in_transaction;
    apr_status_t failed;          /* first failure of this transaction: nothing else is sent */
    int schema_known;             /* found to be one that this code serves */
    int broken;                   /* must not be used again */
    int stale;                    /* its statements must be prepared anew */
};

struct as_store_t {
    as_store_config_t config;
    const as_driver_t *driver;
    const apr_dbd_driver_t *dbd;
    apr_pool_t *pool;
    apr_thread_mutex_t *mutex; /* guards what follows, never held over a call to the database */
    apr_thread_cond_t *changed;
    as_db_t **idle;
    int idle_count, open_count, waiting;
    int any_schema;            /* a migration is going on: versions are not checked */
    apr_int64_t generation;    /* raised when a connection was lost */
    apr_time_t closed_until;   /* after a failed connect nobody tries before */
    apr_status_t last_failure; /* why */
};

/* A connection for this thread until as_pool_release. AS_EBUSY or AS_EUNAVAILABLE. */
apr_status_t as_pool_acquire(as_store_t *store, as_db_t **db, apr_time_t deadline);

/* Gives it back; one marked broken is closed, and so will be all that were opened before this
 * instant.
 */
void as_pool_release(as_db_t *db);

/* Closes what is idle: after a migration, connections know nothing of the old schema. */
void as_pool_drop_idle(as_store_t *store);

#endif
