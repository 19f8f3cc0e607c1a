/* SPDX-License-Identifier: Apache-2.0
 * Octets: wiping, constant-time comparison, hexadecimal, base32 and base64url.
 * Never allocates without a pool, never logs. Called by every floor.
 */
#ifndef AS_BASE_BYTES_H
#define AS_BASE_BYTES_H

#include <apr_pools.h>

/* A run of octets that somebody else owns. */
typedef struct {
    const void *at;
    apr_size_t len;
} as_span_t;

/* The span of a C string without its NUL; NULL gives the empty span. */
as_span_t as_span(const char *text);

/* Overwrites len octets with zero in a way no compiler removes. NULL is allowed. */
void as_wipe(void *at, apr_size_t len);

/* Overwrites a C string in place, NUL excluded. NULL is allowed. */
void as_wipe_text(char *text);

/* Wipes len octets when the pool is cleared or destroyed. */
void as_wipe_with_pool(apr_pool_t *pool, void *at, apr_size_t len);

/* 1 if both runs have the same length and octets, else 0. The time depends on the lengths alone. */
int as_bytes_equal(as_span_t a, as_span_t b);

/* 1 if both C strings are equal, else 0; NULL equals nothing, not even NULL. Constant time as
 * above.
 */
int as_text_equal(const char *a, const char *b);

/* Lower-case hexadecimal of len octets, 2 * len characters. */
char *as_hex_encode(apr_pool_t *pool, const unsigned char *in, apr_size_t len);

/* Reads exactly 2 * len lower-case hexadecimal digits and the NUL into out. 1 if it is just that,
 * else 0.
 */
int as_hex_decode(const char *text, unsigned char *out, apr_size_t len);

/* Base32 in upper case (RFC 4648, section 6) of len octets, a multiple of 5, so that nothing is
 * padded: 8 * len / 5 characters.
 */
char *as_base32_encode(apr_pool_t *pool, const unsigned char *in, apr_size_t len);

/* Reads exactly 8 * len / 5 such characters and the NUL into out. 1 if it is just that, else 0. */
int as_base32_decode(const char *text, unsigned char *out, apr_size_t len);

/* base64url without padding (RFC 4648, section 5). */
char *as_base64url_encode(apr_pool_t *pool, const void *in, apr_size_t len);

/* Strict reverse: no padding, no white space, no characters beyond the alphabet, unused bits zero.
 * Returns the octets (followed by a NUL that does not count) and their number, or NULL.
 */
unsigned char *as_base64url_decode(apr_pool_t *pool, const char *text, apr_size_t text_len,
                                   apr_size_t *len);

#endif
