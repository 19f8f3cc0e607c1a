/* SPDX-License-Identifier: Apache-2.0
 * Refresh tokens: derived, never stored. base64url of session id (16 octets) | generation (8, big
 * endian) | HMAC-SHA-256 (32) over session id, salt of the session's row and generation. 75
 * characters. Knows no session state: ops/sessions decides. Called by ops/sessions.
 */
#ifndef AS_CRYPTO_REFRESH_H
#define AS_CRYPTO_REFRESH_H

#include "crypto/mac.h"
#include "crypto/random.h"

typedef struct {
    char session[AS_ID_TEXT + 1];
    apr_int64_t generation; /* 1 and up */
    unsigned char mac[AS_MAC_BYTES];
} as_refresh_t;

/* The token of a session's generation. session is an id (AS_ID_TEXT characters), salt any text. */
const char *as_refresh_make(apr_pool_t *pool, const as_secrets_t *secrets, const char *session,
                            const char *salt, apr_int64_t generation);

/* 1 and the parts, or 0 if it cannot be a refresh token. No MAC is checked: the salt is in the
 * session's row.
 */
int as_refresh_parse(as_refresh_t *parts, const char *token);

/* 1 if the MAC is right for that salt under any secret. */
int as_refresh_check(const as_refresh_t *parts, const as_secrets_t *secrets, const char *salt);

#endif
