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
#include "crypto/base64.h"
#include "crypto/random.h"

struct as_hasher_t {
    as_argon2id_t cost;
    as_gate_t *gate;
    const char *decoy; /* of a password nobody knows, at the cost in force */
};

/* The alphabet of crypt(3). */
#define CRYPT64 "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define SHA1_PREFIX "{SHA}"
#define SHA1_BYTES 20

/* Hashes brought from elsewhere, which APR reads: a prefix, perhaps a cost after its key, a salt
 * before a "$" and the hash itself. Nothing else reaches crypt(3), and no string may ask for more
 * than max.
 */
typedef struct {
    const char *prefix;
    const char *key; /* "": the cost has no key and must be there; NULL: there is none */
    unsigned long min, max;
    apr_size_t salt; /* at most so many characters; 0: it is not set apart */
    apr_size_t hash; /* exactly so many */
    const char *last; /* how it may end, where spare bits tell it from other texts; or NULL */
} scheme_t;

static const scheme_t imported[] = {
    { "$2a$", "", 4, 14, 0, 53, NULL },
    { "$2b$", "", 4, 14, 0, 53, NULL },
    { "$2y$", "", 4, 14, 0, 53, NULL },
    { "$5$", "rounds=", 1000, 1000000, 16, 43, NULL },
    { "$6$", "rounds=", 1000, 1000000, 16, 86, NULL },
    { "$apr1$", NULL, 0, 0, 8, 22, NULL },
    { "$1$", NULL, 0, 0, 8, 22, NULL },
    { "", NULL, 0, 0, 0, 13, ".26AEIMQUYcgkosw" },
};

#define IMPORTED (sizeof(imported) / sizeof(imported[0]))

static int starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What follows the cost and its "$", or NULL if it is none within bounds. */
static const char *skip_cost(const scheme_t *scheme, const char *at)
{
    apr_size_t digits = strspn(at, DIGITS);
    unsigned long cost = strtoul(at, NULL, 10);
    int sound = *scheme->key ? *at != '0' : digits == 2;

    return digits > 0 && sound && at[digits] == '$' && cost >= scheme->min && cost <= scheme->max
               ? at + digits + 1
               : NULL;
}

static int is_of_scheme(const char *phc, const scheme_t *scheme)
{
    const char *at = phc + strlen(scheme->prefix);

    if (!starts_with(phc, scheme->prefix)) {
        return 0;
    }
    if (scheme->key && starts_with(at, scheme->key)) {
        at = skip_cost(scheme, at + strlen(scheme->key));
    }
    if (at && scheme->salt) {
        apr_size_t len = strspn(at, CRYPT64);

        at = len <= scheme->salt && at[len] == '$' ? at + len + 1 : NULL;
    }
    return at && strlen(at) == scheme->hash && strspn(at, CRYPT64) == scheme->hash
           && (!scheme->last || strchr(scheme->last, at[scheme->hash - 1]));
}

static int is_sha1(const char *phc)
{
    unsigned char octets[SHA1_BYTES];
    const char *end = starts_with(phc, SHA1_PREFIX)
                          ? as_base64_read(AS_BASE64, phc + strlen(SHA1_PREFIX), octets, SHA1_BYTES)
                          : NULL;

    return end && strcmp(end, "=") == 0;
}

static int is_imported(const char *phc)
{
    for (apr_size_t i = 0; i < IMPORTED; i++) {
        if (is_of_scheme(phc, &imported[i])) {
            return 1;
        }
    }
    return is_sha1(phc);
}

int as_password_is_readable(const char *phc)
{
    return is_imported(phc) || as_argon2id_is_phc(phc);
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
