/* SPDX-License-Identifier: Apache-2.0
 * The signing keys in force. See keys.h.
 */
#include "ops/keys.h"

#include <string.h>

#include <apr_allocator.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "crypto/seal.h"
#include "store/keys.h"

/* A loaded ring; it goes when it is not the current one and nobody holds it any more. */
typedef struct snapshot_t snapshot_t;
struct snapshot_t {
    snapshot_t *next;
    const as_keyring_t *ring;
    apr_pool_t *pool;
    int holders;
};

struct as_keys_t {
    apr_thread_mutex_t *mutex;
    snapshot_t *current; /* first of all that are still held */
    apr_time_t loaded_at;
};

static apr_status_t destroy(void *baton)
{
    as_keys_t *keys = baton;

    for (snapshot_t *snapshot = keys->current, *next; snapshot; snapshot = next) {
        next = snapshot->next;
        apr_pool_destroy(snapshot->pool);
    }
    return APR_SUCCESS;
}

apr_status_t as_keys_create(as_keys_t **keys, apr_pool_t *pool)
{
    *keys = apr_pcalloc(pool, sizeof **keys);
    apr_pool_cleanup_register(pool, *keys, destroy, apr_pool_cleanup_null);
    return apr_thread_mutex_create(&(*keys)->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
}

static const char *row_name(const char *slot, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "as_key/", slot, NULL);
}

static apr_status_t read_rows(as_db_t *db, void *baton, apr_pool_t *pool)
{
    return as_key_all(db, baton, pool);
}

static apr_status_t make_first(as_db_t *db, void *baton, apr_pool_t *pool)
{
    as_service_t *service = baton;
    apr_int64_t now = service->now(service->clock);
    char *text = as_signing_key_generate(pool, now, now);
    const char *sealed = text ? as_seal(pool, service->secrets, row_name("1", pool), text) : NULL;
    apr_status_t status = sealed ? as_key_insert(db, 1, sealed, now) : AS_EFAULT;

    as_wipe_text(text);
    return status == AS_ENO ? AS_EROLLBACK : status;
}

/* The stored keys; an empty database gets its first one, from whoever is first. */
static apr_status_t fetch(as_service_t *service, as_rows_t *rows, apr_pool_t *pool)
{
    apr_status_t status = as_store_read(service->store, read_rows, rows, pool);

    if (status != APR_SUCCESS || rows->rows > 0) {
        return status;
    }
    status = as_store_write(service->store, make_first, service, pool);
    return status == APR_SUCCESS || status == AS_EROLLBACK
               ? as_store_read(service->store, read_rows, rows, pool)
               : status;
}

static snapshot_t *snapshot_create(void)
{
    apr_allocator_t *allocator;
    snapshot_t *snapshot;
    apr_pool_t *pool;

    if (apr_allocator_create(&allocator) != APR_SUCCESS) {
        return NULL;
    }
    if (apr_pool_create_ex(&pool, NULL, NULL, allocator) != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return NULL;
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, "authsvc-keyring");
    snapshot = apr_pcalloc(pool, sizeof *snapshot);
    snapshot->pool = pool;
    return snapshot;
}

static apr_status_t unseal(as_service_t *service, const as_rows_t *rows, snapshot_t *snapshot,
                           apr_pool_t *pool)
{
    apr_array_header_t *keys =
        apr_array_make(snapshot->pool, rows->rows + 1, sizeof(as_signing_key_t *));

    for (int i = 0; i < rows->rows; i++) {
        const char *slot = as_rows_text(rows, i, 0);
        const char *text = as_unseal(pool, service->secrets, row_name(slot, pool),
                                     as_rows_text(rows, i, 1));
        as_signing_key_t *key = text ? as_signing_key_read(snapshot->pool, text) : NULL;

        if (key) {
            APR_ARRAY_PUSH(keys, as_signing_key_t *) = key;
        } else {
            as_log(&service->log, AS_LOG_ERROR, APR_SUCCESS,
                   "AuthSvcSecretFile does not open signing key %s of the database", slot);
        }
    }
    snapshot->ring = as_keyring_create(snapshot->pool, keys);
    return keys->nelts > 0 ? APR_SUCCESS : AS_EFAULT;
}

/* With the mutex held: frees what is neither current nor held. */
static void sweep(as_keys_t *keys)
{
    snapshot_t **link = keys->current ? &keys->current->next : &keys->current;

    while (*link) {
        snapshot_t *snapshot = *link;

        if (snapshot->holders == 0) {
            *link = snapshot->next;
            apr_pool_destroy(snapshot->pool);
        } else {
            link = &snapshot->next;
        }
    }
}

static apr_status_t load(as_service_t *service, apr_pool_t *pool)
{
    as_keys_t *keys = service->keys;
    snapshot_t *snapshot = snapshot_create();
    as_rows_t rows;
    apr_status_t status = snapshot ? fetch(service, &rows, pool) : AS_EFAULT;

    if (status == APR_SUCCESS) {
        status = unseal(service, &rows, snapshot, pool);
    }
    apr_thread_mutex_lock(keys->mutex);
    keys->loaded_at = apr_time_now();
    if (status == APR_SUCCESS) {
        snapshot->next = keys->current;
        keys->current = snapshot;
        sweep(keys);
    }
    apr_thread_mutex_unlock(keys->mutex);
    if (status != APR_SUCCESS && snapshot) {
        apr_pool_destroy(snapshot->pool);
    }
    return status;
}

apr_status_t as_keys_renew(as_service_t *service, apr_interval_time_t max_age, apr_pool_t *pool)
{
    as_keys_t *keys = service->keys;
    int due;

    apr_thread_mutex_lock(keys->mutex);
    due = !keys->current || apr_time_now() - keys->loaded_at > max_age;
    apr_thread_mutex_unlock(keys->mutex);
    return due ? load(service, pool) : APR_SUCCESS;
}

apr_status_t as_keys_borrow(as_service_t *service, const as_keyring_t **ring, apr_pool_t *pool)
{
    as_keys_t *keys = service->keys;

    *ring = NULL;
    for (int i = 0; i < 2; i++) {
        apr_status_t status;

        apr_thread_mutex_lock(keys->mutex);
        if (keys->current) {
            keys->current->holders++;
            *ring = keys->current->ring;
        }
        apr_thread_mutex_unlock(keys->mutex);
        if (*ring) {
            return APR_SUCCESS;
        }
        status = load(service, pool);
        if (status != APR_SUCCESS) {
            return status;
        }
    }
    return AS_EFAULT;
}

void as_keys_return(as_service_t *service, const as_keyring_t *ring)
{
    as_keys_t *keys = service->keys;

    apr_thread_mutex_lock(keys->mutex);
    for (snapshot_t *s = keys->current; s; s = s->next) {
        if (s->ring == ring) {
            s->holders--;
        }
    }
    sweep(keys);
    apr_thread_mutex_unlock(keys->mutex);
}
