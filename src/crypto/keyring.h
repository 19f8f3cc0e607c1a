/* SPDX-License-Identifier: Apache-2.0
 * Signing keys: making, writing, reading, and the ring of those that may verify. A ring never
 * changes once made. Never fetches a key: only what the store held comes in. Called by ops/keys.
 *
 * A key's text form (which ops/keys seals) is one JSON object:
 *   {"kid", "alg": "ES256", "d", "x", "y" (base64url), "created", "active"}
 * created and active are in microseconds since 1970;
 * active is the instant from which the key may sign; a ring signs with the youngest active key.
 */
#ifndef AS_CRYPTO_KEYRING_H
#define AS_CRYPTO_KEYRING_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/json.h"

#define AS_SIGNING_ALG "ES256" /* of every key (RFC 7518, section 3.4) */

typedef struct as_signing_key_t as_signing_key_t;
typedef struct as_keyring_t as_keyring_t;

/* A new P-256 key as text, wiped with the pool. kid is the RFC 7638 thumbprint of the public key.
 * NULL if OpenSSL fails.
 */
char *as_signing_key_generate(apr_pool_t *pool, apr_int64_t created, apr_int64_t active);

/* Reads a text; NULL unless every member is there, the point is on the curve, d belongs to it and
 * kid is the thumbprint. The key is freed with the pool.
 */
as_signing_key_t *as_signing_key_read(apr_pool_t *pool, const char *text);

const char *as_signing_key_kid(const as_signing_key_t *key);
apr_int64_t as_signing_key_created(const as_signing_key_t *key);
apr_int64_t as_signing_key_active(const as_signing_key_t *key);

/* A ring of keys (as_signing_key_t *), in any order; keys must live as long as the ring. */
as_keyring_t *as_keyring_create(apr_pool_t *pool, const apr_array_header_t *keys);

/* The key to sign with at now: the youngest by active of those with active <= now. NULL if there is
 * none.
 */
const as_signing_key_t *as_keyring_signer(const as_keyring_t *ring, apr_int64_t now);

/* The key of that kid, or NULL. */
const as_signing_key_t *as_keyring_find(const as_keyring_t *ring, const char *kid);

/* {"keys": [{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid", "x", "y"}]} (RFC
 * 7517), youngest first.
 */
as_json_t *as_keyring_jwks(const as_keyring_t *ring, apr_pool_t *pool);

/* Raw signature r|s of 64 octets (RFC 7518, section 3.4). APR_SUCCESS or AS_EFAULT. */
apr_status_t as_signing_key_sign(const as_signing_key_t *key, const void *data, apr_size_t len,
                                 unsigned char signature[64]);

/* APR_SUCCESS, AS_ENO or AS_EFAULT. */
apr_status_t as_signing_key_verify(const as_signing_key_t *key, const void *data, apr_size_t len,
                                   const unsigned char signature[64]);

#endif
