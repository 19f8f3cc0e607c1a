/* SPDX-License-Identifier: Apache-2.0
 * JSON Web Tokens (RFC 7519) as access tokens (RFC 9068): compact JWS, ES256 only. The algorithm is
 * the key's, never the token's; jku, x5u, jwk and crit are never followed. Knows no revocation.
 * Called by ops/tokens and authsvcctl.
 */
#ifndef AS_CRYPTO_JWT_H
#define AS_CRYPTO_JWT_H

#include "crypto/keyring.h"

#define AS_JWT_MAX 4096 /* octets of a token; anything longer is refused unread */

/* What a token must say to be taken. */
typedef struct {
    const char *issuer;   /* iss, equal */
    const char *audience; /* aud, equal or an element */
    apr_int64_t now;      /* microseconds since 1970; exp must be later, nbf and iat must not */
    apr_int64_t leeway;   /* microseconds for nbf and iat */
} as_jwt_demand_t;

/* Header {"alg": "ES256", "kid": …, "typ": "at+jwt"} and these claims, signed. NULL if OpenSSL
 * fails or the token would be longer than AS_JWT_MAX.
 */
const char *as_jwt_sign(apr_pool_t *pool, const as_signing_key_t *key, const as_json_t *claims);

/* Checks form, typ, kid, alg and signature, then iss, aud, exp, nbf, iat. APR_SUCCESS and *claims;
 * AS_ENO and *why (a short word for the log: "form", "crit", "typ", "kid", "alg", "signature",
 * "iss", "aud", "exp", "nbf", "iat"); AS_EFAULT. kid unknown is AS_ENO with why "kid", so that the
 * caller may load newer keys.
 */
apr_status_t as_jwt_verify(apr_pool_t *pool, const as_keyring_t *ring,
                           const as_jwt_demand_t *demand, const char *token,
                           as_json_t **claims, const char **why);

#endif
