/* SPDX-License-Identifier: Apache-2.0
 * The signing keys in force. See keys.h.
 */
#include "ops/keys.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_allocator.h>
#include <apr_thread_mutex.h>

#include "ops/rotation.h"

/* A ring is missing: whoever waited for a load that failed just now takes its outcome. */
#define FAILED_JUST_NOW (100 * 1000)

/* A loaded ring; it goes when it is not the current one and nobody holds it any more. */
typedef struct snapshot_t snapshot_t;
struct snapshot_t {
    snapshot_t *next;
    const as_keyring_t *ring;
    apr_pool_t *pool;
    int holders;
};

struct as_keys_t {
    apr_thread_mutex_t *loading; /* taken before mutex; guards the two below */
    apr_time_t loaded_at;
    apr_status_t outcome;
    apr_thread_mutex_t *mutex; /* guards the snapshots */
    snapshot_t *current;       /* first of all that are still held */
    _Atomic apr_uint64_t ring; /* names the current set of keys; 0 before there is one */
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
    apr_status_t status;

    *keys = apr_pcalloc(pool, sizeof **keys);
    apr_pool_cleanup_register(pool, *keys, destroy, apr_pool_cleanup_null);
    status = apr_thread_mutex_create(&(*keys)->mutex, APR_THREAD_MUTEX_DEFAULT, pool);
    return status == APR_SUCCESS
               ? apr_thread_mutex_create(&(*keys)->loading, APR_THREAD_MUTEX_DEFAULT, pool)
               : status;
}

/* The stored keys; an empty database gets its first one, from whoever is first. */
static apr_status_t fetch(as_service_t *service, apr_array_header_t **keys, apr_pool_t *keep,
                          apr_pool_t *pool)
{
    apr_status_t status = as_rotation_read(service, keys, keep, pool);

    if (status != APR_SUCCESS || (*keys)->nelts > 0) {
        return status;
    }
    status = as_rotation_begin(service, pool);
    return status == APR_SUCCESS || status == AS_ENO ? as_rotation_read(service, keys, keep, pool)
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

/* Makes the snapshot's ring of the keys that could be opened. */
static apr_status_t put_on_ring(as_service_t *service, const apr_array_header_t *stored,
                                snapshot_t *snapshot)
{
    apr_array_header_t *keys =
        apr_array_make(snapshot->pool, stored->nelts + 1, sizeof(as_signing_key_t *));

    for (int i = 0; i < stored->nelts; i++) {
        const as_stored_key_t *key = &APR_ARRAY_IDX(stored, i, as_stored_key_t);

        if (key->key) {
            APR_ARRAY_PUSH(keys, as_signing_key_t *) = key->key;
        } else {
            as_log(&service->log, AS_LOG_ERROR, APR_SUCCESS,
                   "AuthSvcSecretFile does not open signing key %" APR_INT64_T_FMT
                   " of the database", key->slot);
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

/* FNV-1a over the public keys: equal sets, equal names, in every process. Nobody chooses his key.
 */
static apr_uint64_t name_of(const as_keyring_t *ring, apr_pool_t *pool)
{
    apr_uint64_t name = APR_UINT64_C(0xcbf29ce484222325);

    for (const char *p = as_json_text(pool, as_keyring_jwks(ring, pool)); *p; p++) {
        name = (name ^ (unsigned char)*p) * APR_UINT64_C(0x100000001b3);
    }
    return name ? name : 1;
}

apr_uint64_t as_keys_ring(as_service_t *service)
{
    return atomic_load_explicit(&service->keys->ring, memory_order_acquire);
}

static apr_status_t load(as_service_t *service, apr_pool_t *pool)
{
    as_keys_t *keys = service->keys;
    snapshot_t *snapshot = snapshot_create();
    apr_array_header_t *stored;
    apr_status_t status = snapshot ? fetch(service, &stored, snapshot->pool, pool) : AS_EFAULT;

    if (status == APR_SUCCESS) {
        status = put_on_ring(service, stored, snapshot);
    }
    if (status == APR_SUCCESS) {
        apr_thread_mutex_lock(keys->mutex);
        snapshot->next = keys->current;
        keys->current = snapshot;
        atomic_store(&keys->ring, name_of(snapshot->ring, pool));
        sweep(keys);
        apr_thread_mutex_unlock(keys->mutex);
    } else if (snapshot) {
        apr_pool_destroy(snapshot->pool);
    }
    return status;
}

apr_status_t as_keys_renew(as_service_t *service, apr_interval_time_t max_age, apr_pool_t *pool)
{
    as_keys_t *keys = service->keys;
    apr_status_t status;

    apr_thread_mutex_lock(keys->loading);
    if (apr_time_now() - keys->loaded_at >= max_age) {
        keys->outcome = load(service, pool);
        keys->loaded_at = apr_time_now();
    }
    status = keys->outcome;
    apr_thread_mutex_unlock(keys->loading);
    return status;
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
        status = as_keys_renew(service, FAILED_JUST_NOW, pool);
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
