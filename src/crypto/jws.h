/* SPDX-License-Identifier: Apache-2.0
 * Signed tokens of strangers: a compact JWS (RFC 7515) against their published keys (RFC 7517).
 * The algorithm is the key's, never the token's; nothing a header points to is followed. Never
 * judges a claim. Called by jwt and through the host services of include/authsvc.h.
 */
#ifndef AS_CRYPTO_JWS_H
#define AS_CRYPTO_JWS_H

#include <apr_pools.h>

#include "base/bytes.h"
#include "base/json.h"

#define AS_JWS_MAX 16384  /* octets of a token */
#define AS_JWKS_MAX 65536 /* octets of a key set */
#define AS_JWKS_KEYS 64

enum { AS_JWS_HEADER, AS_JWS_PAYLOAD, AS_JWS_SIGNATURE, AS_JWS_PARTS };

typedef enum {
    AS_JWS_FAULT,       /* the set cannot be used, or is one to mistrust */
    AS_JWS_REFUSED,     /* form, algorithm or signature */
    AS_JWS_UNKNOWN_KEY, /* no key of that kid in the set */
    AS_JWS_SIGNED
} as_jws_answer_t;

typedef struct {
    const char *payload; /* JSON text of an object without duplicate members */
    apr_size_t len;      /* its octets; a NUL follows them */
    const char *kid;     /* NULL: the token named none, and the set has one key */
    const char *alg;     /* "RS256" or "ES256" */
} as_jws_t;

/* Splits a token of at most max octets at its dots. 1, or 0 unless there are three parts and none
 * is empty.
 */
int as_jws_split(const char *token, apr_size_t max, as_span_t part[AS_JWS_PARTS]);

/* The JSON object that a part holds in base64url, or NULL. */
as_json_t *as_jws_object(apr_pool_t *pool, as_span_t part);

/* Verifies as include/authsvc.h tells of verify_jws. *why: NULL if SIGNED, else a word for the log:
 * "form", "crit", "kid", "alg", "use", "signature"; "set", "secret", "twice", "key" for faults.
 */
as_jws_answer_t as_jws_verify(apr_pool_t *pool, const char *token, const char *jwks, as_jws_t *jws,
                              const char **why);

/* The same for a payload of any octets: nothing is said of it but that it was signed. */
as_jws_answer_t as_jws_signature(apr_pool_t *pool, const char *token, const char *jwks,
                                 as_jws_t *jws, const char **why);

#endif
