/* SPDX-License-Identifier: Apache-2.0
 * The cluster's secrets and the keys derived from them: HKDF (RFC 5869) with SHA-256 per purpose,
 * then HMAC-SHA-256 (RFC 2104). The first secret makes, all of them open. Never hands out a secret
 * itself. Called by ops/, seal and refresh.
 */
#ifndef AS_CRYPTO_MAC_H
#define AS_CRYPTO_MAC_H

#include <apr_pools.h>

#include "base/bytes.h"

#define AS_MAC_BYTES 32
#define AS_SECRETS_MAX 8

/* What a derived key is for; keys of two purposes have nothing to do with each other. */
typedef enum {
    AS_PURPOSE_REFRESH, /* refresh tokens */
    AS_PURPOSE_CODE,    /* one-time codes */
    AS_PURPOSE_LINK,    /* link tokens */
    AS_PURPOSE_ADDRESS, /* reserved addresses of deleted accounts */
    AS_PURPOSE_SEAL,    /* sealed columns */
    AS_PURPOSES
} as_purpose_t;

typedef struct as_secrets_t as_secrets_t;

/* Reads AuthSvcSecretFile: one secret a line, 32 to 512 octets after trimming; empty lines and
 * lines that start with # are skipped; 1 to AS_SECRETS_MAX secrets, no two equal. A file that
 * others may read or that is no regular file is refused. On failure *error is a sentence for the
 * admin. Everything is wiped with the pool.
 */
apr_status_t as_secrets_read(as_secrets_t **secrets, const char *path, const char **error,
                             apr_pool_t *pool);

/* The same from text in memory. */
apr_status_t as_secrets_parse(as_secrets_t **secrets, const char *text, const char **error,
                              apr_pool_t *pool);

apr_size_t as_secrets_count(const as_secrets_t *secrets);

/* A public name of a secret, 8 hexadecimal digits derived from it, to tell which one sealed
 * something.
 */
const char *as_secret_name(const as_secrets_t *secrets, apr_size_t which);

/* The derived key of one secret (0 is the one that makes), AS_MAC_BYTES octets. */
const unsigned char *as_secret_key(const as_secrets_t *secrets, apr_size_t which,
                                   as_purpose_t purpose);

/* MAC of parts, each preceded by its length so that no two lists collide, with the first secret. */
void as_mac(const as_secrets_t *secrets, as_purpose_t purpose, const as_span_t *parts, int n,
            unsigned char mac[AS_MAC_BYTES]);

/* 1 if mac is that of the parts under any secret. All secrets are tried whatever the result. */
int as_mac_check(const as_secrets_t *secrets, as_purpose_t purpose, const as_span_t *parts, int n,
                 const unsigned char mac[AS_MAC_BYTES]);

/* Both for C strings and MACs in hexadecimal, as columns hold them: the parts are what (say, a
 * challenge's id) and text (say, its code).
 */
const char *as_mac_text(apr_pool_t *pool, const as_secrets_t *secrets, as_purpose_t purpose,
                        const char *what, const char *text);
int as_mac_text_check(const as_secrets_t *secrets, as_purpose_t purpose, const char *what,
                      const char *text, const char *mac);

/* The MAC under one secret (0 is the one that makes): what a row may be found by that was made
 * under an older one.
 */
const char *as_mac_text_of(apr_pool_t *pool, const as_secrets_t *secrets, apr_size_t which,
                           as_purpose_t purpose, const as_span_t parts[2]);

#endif
