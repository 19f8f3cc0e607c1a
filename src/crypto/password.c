/* SPDX-License-Identifier: Apache-2.0
 * Password hashing behind a gate: the cost in force, the schemes that are read, the decoy. See
 * password.h. Never keeps a password. Called by ops/.
 */
#include "crypto/password.h"

#include <apr_md5.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/gate.h"
#include "base/status.h"
#include "crypto/random.h"

struct as_hasher_t {
    as_argon2id_t cost;
    as_gate_t *gate;
    const char *decoy; /* of a password nobody knows, at the cost in force */
};

/* Hashes brought from elsewhere, which APR reads. Where the string names its cost, it follows the
 * prefix and this key, and no stored string may ask for more than max.
 */
static const struct {
    const char *prefix;
    const char *key;
    unsigned long max;
} imported[] = {
    { "$2a$", "", 14 },
    { "$2b$", "", 14 },
    { "$2y$", "", 14 },
    { "$5$", "rounds=", 1000000 },
    { "$6$", "rounds=", 1000000 },
    { "$apr1$", NULL, 0 },
};

#define IMPORTED (sizeof(imported) / sizeof(imported[0]))

static int starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int is_imported(const char *phc)
{
    for (apr_size_t i = 0; i < IMPORTED; i++) {
        if (starts_with(phc, imported[i].prefix)) {
            const char *key = imported[i].key;
            const char *rest = phc + strlen(imported[i].prefix);

            return !key || !starts_with(rest, key)
                   || strtoul(rest + strlen(key), NULL, 10) <= imported[i].max;
        }
    }
    return 0;
}

apr_status_t as_hasher_create(as_hasher_t **hasher, const as_argon2id_t *cost, int slots,
                              int waiting, apr_interval_time_t wait, apr_pool_t *pool)
{
    as_hasher_t *made = apr_pcalloc(pool, sizeof(*made));
    unsigned char salt[AS_ARGON2ID_SALT];
    char *password = as_random_token(pool);
    apr_status_t status = as_gate_create(&made->gate, slots, waiting, wait, pool);

    if (status == APR_SUCCESS) {
        made->cost = *cost;
        as_random_bytes(salt, sizeof(salt));
        made->decoy = as_argon2id_hash(pool, cost, salt, password);
        status = made->decoy ? APR_SUCCESS : AS_EFAULT;
    }
    as_wipe_text(password);
    *hasher = status == APR_SUCCESS ? made : NULL;
    return status;
}

apr_status_t as_password_hash(as_hasher_t *hasher, const char *password, const char *like,
                              const char **phc, apr_pool_t *pool)
{
    as_argon2id_t cost;
    unsigned char salt[AS_ARGON2ID_SALT];
    apr_status_t status;

    *phc = NULL;
    if (!like || !as_argon2id_read(like, &cost, salt)) {
        cost = hasher->cost;
        as_random_bytes(salt, sizeof(salt));
    }
    status = as_gate_enter(hasher->gate);
    if (status != APR_SUCCESS) {
        return status;
    }
    *phc = as_argon2id_hash(pool, &cost, salt, password);
    as_gate_leave(hasher->gate);
    return *phc ? APR_SUCCESS : AS_EFAULT;
}

static apr_status_t verify(const char *phc, const char *password)
{
    if (is_imported(phc)) {
        return apr_password_validate(password, phc) == APR_SUCCESS ? APR_SUCCESS : AS_ENO;
    }
    return as_argon2id_verify(phc, password);
}

static int is_of_cost(const char *phc, const as_argon2id_t *cost)
{
    unsigned char salt[AS_ARGON2ID_SALT];
    as_argon2id_t found;

    return as_argon2id_read(phc, &found, salt) && found.memory == cost->memory
           && found.passes == cost->passes && found.lanes == cost->lanes;
}

apr_status_t as_password_verify(as_hasher_t *hasher, const char *phc, const char *password,
                                int *stale)
{
    const int current = is_of_cost(phc ? phc : hasher->decoy, &hasher->cost);
    apr_status_t status = as_gate_enter(hasher->gate);

    if (stale) {
        *stale = 0;
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    status = verify(phc ? phc : hasher->decoy, password);
    if (status != APR_SUCCESS && !current) {
        /* A wrong guess must cost what it costs elsewhere; a right one is hashed anew anyway. */
        as_argon2id_verify(hasher->decoy, password);
    }
    as_gate_leave(hasher->gate);
    if (status == APR_SUCCESS && stale) {
        *stale = !current;
    }
    return phc || status != APR_SUCCESS ? status : AS_ENO;
}
