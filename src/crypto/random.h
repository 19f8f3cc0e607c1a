/* SPDX-License-Identifier: Apache-2.0
 * Random octets, ids and codes from OpenSSL's generator. Never falls back to a weaker source: a
 * generator that fails ends the process. Called by ops/ and the rest of crypto/.
 */
#ifndef AS_CRYPTO_RANDOM_H
#define AS_CRYPTO_RANDOM_H

#include <apr_pools.h>

#define AS_ID_BYTES 16 /* every id: 128 random bits */
#define AS_ID_TEXT 32  /* written as lower-case hexadecimal */

void as_random_bytes(void *out, apr_size_t len);

/* A new id, AS_ID_TEXT characters. */
char *as_random_id(apr_pool_t *pool);

/* Six decimal digits, uniformly distributed, leading zeros kept. */
char *as_random_code(apr_pool_t *pool);

/* 256 random bits as base64url, 43 characters. */
char *as_random_token(apr_pool_t *pool);

/* An integer in [1, 2^53): a JSON number every reader holds exactly. */
apr_int64_t as_random_number(void);

/* Uniform in [0, bound), bound > 0. */
apr_uint32_t as_random_below(apr_uint32_t bound);

#endif
