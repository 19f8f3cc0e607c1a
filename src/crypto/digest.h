/* SPDX-License-Identifier: Apache-2.0
 * SHA-256 of what comes in pieces. Never keyed: it names public things. Called by ops/.
 */
#ifndef AS_CRYPTO_DIGEST_H
#define AS_CRYPTO_DIGEST_H

#include <apr_pools.h>

#define AS_DIGEST_BYTES 32

typedef struct as_digest_t as_digest_t;

/* Freed with the pool. */
as_digest_t *as_digest_create(apr_pool_t *pool);

void as_digest_add(as_digest_t *digest, const void *octets, apr_size_t len);

/* Once; nothing can be added afterwards. */
void as_digest_end(as_digest_t *digest, unsigned char out[AS_DIGEST_BYTES]);

#endif
