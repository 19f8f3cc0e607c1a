/* SPDX-License-Identifier: Apache-2.0
 * Argon2id (RFC 9106) over libargon2, as PHC strings. The only place that sees libargon2.
 * Never bounds concurrency itself: password does. Called by password and by unit tests.
 */
#ifndef AS_CRYPTO_ARGON2ID_H
#define AS_CRYPTO_ARGON2ID_H

#include <apr_pools.h>

typedef struct {
    apr_uint32_t memory; /* m, KiB: 8 * lanes to 1048576 */
    apr_uint32_t passes; /* t: 1 to 64 */
    apr_uint32_t lanes;  /* p: 1 to 16 */
} as_argon2id_t;

#define AS_ARGON2ID_DEFAULT { 19456, 2, 1 } /* OWASP's first choice */
#define AS_ARGON2ID_SALT 16

/* Reads "m=19456 t=2 p=1" (any order, each optional, no other words) over the defaults. NULL, or
 * what is wrong.
 */
const char *as_argon2id_parse(as_argon2id_t *cost, apr_pool_t *pool, const char *text);

/* $argon2id$v=19$m=…,t=…,p=…$salt$hash, salt of 16 octets and hash of 32. NULL only when
 * memory is out.
 */
const char *as_argon2id_hash(apr_pool_t *pool, const as_argon2id_t *cost,
                             const unsigned char salt[AS_ARGON2ID_SALT], const char *password);

/* APR_SUCCESS, AS_ENO, or AS_EFAULT (no Argon2id string, out of bounds, out of memory). */
apr_status_t as_argon2id_verify(const char *phc, const char *password);

/* Reads cost and salt of a PHC string made by this file's hash. 1, or 0 if it is anything else. */
int as_argon2id_read(const char *phc, as_argon2id_t *cost, unsigned char salt[AS_ARGON2ID_SALT]);

/* 1 if the string is whole and within bounds, of whoever's making, and shorter than 256 octets. */
int as_argon2id_is_phc(const char *phc);

#endif
