/* SPDX-License-Identifier: Apache-2.0
 * The life of signing keys. See rotation.h.
 */
#include "ops/rotation.h"

#include <apr_strings.h>

#include "base/text.h"
#include "crypto/seal.h"
#include "store/keys.h"

#define SKEW (5 * APR_USEC_PER_SEC) /* between the clocks of nodes */

/* A key is needed for as long as a token may live that was signed by a process which had not yet
 * loaded the key's successor. Services with another AuthSvcAccessTTL and configurations of before
 * sign with the same keys: what counts is the longest life that any of them can give.
 */
#define LATE_SIGNERS (300 * APR_USEC_PER_SEC)
#define KEEP (AS_ACCESS_TTL_MAX + LATE_SIGNERS + SKEW)

#define KEY_AT(keys, i) (&APR_ARRAY_IDX(keys, i, as_stored_key_t))

static const char *row_name(const char *slot, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "as_key/", slot, NULL);
}

static apr_int64_t now_of(const as_service_t *service)
{
    return service->now(service->clock);
}

/* ---- reading ---- */

static apr_status_t read_rows(as_db_t *db, void *baton, apr_pool_t *pool)
{
    return as_key_all(db, baton, pool);
}

/* When the next younger key took over, and then KEEP; 0 if none is younger. */
static apr_int64_t end_of(const apr_array_header_t *keys, const as_signing_key_t *key)
{
    apr_int64_t own = as_signing_key_active(key), successor = 0;

    for (int i = 0; i < keys->nelts; i++) {
        const as_signing_key_t *other = KEY_AT(keys, i)->key;
        apr_int64_t active = other ? as_signing_key_active(other) : 0;

        if (active > own && (!successor || active < successor)) {
            successor = active;
        }
    }
    return successor ? successor + KEEP : 0;
}

static void judge(as_service_t *service, apr_array_header_t *keys, apr_pool_t *pool)
{
    apr_array_header_t *opened = apr_array_make(pool, keys->nelts, sizeof(as_signing_key_t *));
    const as_signing_key_t *signer;
    apr_int64_t now = now_of(service);

    for (int i = 0; i < keys->nelts; i++) {
        if (KEY_AT(keys, i)->key) {
            APR_ARRAY_PUSH(opened, as_signing_key_t *) = KEY_AT(keys, i)->key;
        }
    }
    signer = as_keyring_signer(as_keyring_create(pool, opened), now);
    for (int i = 0; i < keys->nelts; i++) {
        as_stored_key_t *stored = KEY_AT(keys, i);

        stored->state = !stored->key                               ? AS_KEY_SHUT
                        : stored->key == signer                    ? AS_KEY_SIGNING
                        : as_signing_key_active(stored->key) > now ? AS_KEY_NEXT
                                                                   : AS_KEY_OLD;
        if (stored->state == AS_KEY_OLD) {
            stored->drop_at = end_of(keys, stored->key);
        }
    }
}

apr_status_t as_rotation_read(as_service_t *service, apr_array_header_t **keys, apr_pool_t *keep,
                              apr_pool_t *pool)
{
    as_rows_t rows;
    apr_status_t status = as_store_read(service->store, read_rows, &rows, pool);

    *keys = apr_array_make(keep, 4, sizeof(as_stored_key_t));
    for (int i = 0; status == APR_SUCCESS && i < rows.rows; i++) {
        const char *slot = as_rows_text(&rows, i, 0);
        char *text = as_unseal(pool, service->secrets, row_name(slot, pool),
                               as_rows_text(&rows, i, 1));

        APR_ARRAY_PUSH(*keys, as_stored_key_t) = (as_stored_key_t){
            .slot = as_rows_integer(&rows, i, 0),
            .key = text ? as_signing_key_read(keep, text) : NULL,
        };
    }
    judge(service, *keys, pool);
    return status;
}

/* ---- changing ---- */

typedef struct {
    apr_int64_t slot; /* of the new key */
    const char *sealed;
    apr_int64_t created, active;
    apr_array_header_t *replaced; /* apr_int64_t: slots of keys that shall not sign after it */
} birth_t;

/* AS_EROLLBACK: another process has filled the slot. */
static apr_status_t store(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const birth_t *birth = baton;
    apr_status_t status = as_key_insert(db, birth->slot, birth->sealed, birth->created);

    (void)pool;
    for (int i = 0; i < birth->replaced->nelts && status == APR_SUCCESS; i++) {
        status = as_key_delete(db, APR_ARRAY_IDX(birth->replaced, i, apr_int64_t));
    }
    return status == AS_ENO ? AS_EROLLBACK : status;
}

static apr_status_t bear(as_service_t *service, birth_t *birth, apr_pool_t *pool)
{
    const char *slot = apr_psprintf(pool, "%" APR_INT64_T_FMT, birth->slot);
    char *text = as_signing_key_generate(pool, birth->created, birth->active);
    apr_status_t status = AS_EFAULT;

    birth->sealed = text ? as_seal(pool, service->secrets, row_name(slot, pool), text) : NULL;
    as_wipe_text(text);
    if (birth->sealed) {
        status = as_store_write(service->store, store, birth, pool);
    }
    if (status == APR_SUCCESS) {
        as_log(&service->log, AS_LOG_NOTICE, APR_SUCCESS,
               "signing key %s was made: it signs from %s", slot,
               as_text_time(pool, birth->active));
    }
    return status == AS_EROLLBACK ? AS_ENO : status;
}

apr_status_t as_rotation_begin(as_service_t *service, apr_pool_t *pool)
{
    apr_int64_t now = now_of(service);
    birth_t birth = {
        .slot = 1,
        .created = now,
        .active = now - SKEW, /* nodes whose clock is behind have no other key */
        .replaced = apr_array_make(pool, 1, sizeof(apr_int64_t)),
    };

    return bear(service, &birth, pool);
}

apr_status_t as_rotation_next(as_service_t *service, apr_int64_t lead, apr_pool_t *pool)
{
    birth_t birth = { .created = now_of(service) };
    apr_array_header_t *keys;
    apr_status_t status = as_rotation_read(service, &keys, pool, pool);

    if (status != APR_SUCCESS || keys->nelts == 0) {
        return status == APR_SUCCESS ? as_rotation_begin(service, pool) : status;
    }
    birth.active = birth.created + lead;
    birth.replaced = apr_array_make(pool, 1, sizeof(apr_int64_t));
    for (int i = 0; i < keys->nelts; i++) {
        const as_stored_key_t *stored = KEY_AT(keys, i);

        if (stored->state == AS_KEY_SHUT) {
            return AS_EFAULT;
        }
        if (stored->state == AS_KEY_NEXT) {
            if (as_signing_key_active(stored->key) <= birth.active) {
                return AS_ENO;
            }
            APR_ARRAY_PUSH(birth.replaced, apr_int64_t) = stored->slot;
        }
        birth.slot = stored->slot + 1;
    }
    return bear(service, &birth, pool);
}

static apr_status_t delete(as_db_t *db, void *baton, apr_pool_t *pool)
{
    (void)pool;
    return as_key_delete(db, *(const apr_int64_t *)baton);
}

static apr_status_t drop(as_service_t *service, apr_int64_t slot, apr_pool_t *pool)
{
    apr_status_t status = as_store_write(service->store, delete, &slot, pool);

    if (status == APR_SUCCESS) {
        as_log(&service->log, AS_LOG_NOTICE, APR_SUCCESS,
               "signing key %" APR_INT64_T_FMT " was dropped", slot);
    }
    return status;
}

apr_status_t as_rotation_drop(as_service_t *service, apr_int64_t slot, apr_pool_t *pool)
{
    apr_array_header_t *keys;
    apr_status_t status = as_rotation_read(service, &keys, pool, pool);
    int signs = 0, found = 0;

    for (int i = 0; i < keys->nelts; i++) {
        const as_stored_key_t *stored = KEY_AT(keys, i);

        signs |= stored->state == AS_KEY_SIGNING;
        found |= stored->slot == slot && stored->state != AS_KEY_SIGNING;
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    return signs && found ? drop(service, slot, pool) : AS_ENO;
}

/* ---- by age ---- */

static int has(const apr_array_header_t *keys, as_key_state_t state)
{
    for (int i = 0; i < keys->nelts; i++) {
        if (KEY_AT(keys, i)->state == state) {
            return 1;
        }
    }
    return 0;
}

static int is_worn(const as_service_t *service, const apr_array_header_t *keys,
                   const as_stored_key_t *stored)
{
    apr_int64_t life = service->policy.key_life;

    return stored->state == AS_KEY_SIGNING && life > 0
           && now_of(service) - as_signing_key_active(stored->key) >= life
           && !has(keys, AS_KEY_NEXT) && !has(keys, AS_KEY_SHUT);
}

apr_status_t as_rotation_tend(as_service_t *service, int *changed, apr_pool_t *pool)
{
    apr_array_header_t *keys;
    apr_status_t status = as_rotation_read(service, &keys, pool, pool);

    *changed = 0;
    for (int i = 0; i < keys->nelts && status == APR_SUCCESS; i++) {
        const as_stored_key_t *stored = KEY_AT(keys, i);

        if (is_worn(service, keys, stored)) {
            status = as_rotation_next(service, service->policy.key_lead, pool);
        } else if (stored->drop_at && stored->drop_at <= now_of(service)) {
            status = drop(service, stored->slot, pool);
        } else {
            continue;
        }
        *changed = 1;
        status = status == AS_ENO ? APR_SUCCESS : status; /* another process was first */
    }
    return status;
}
