/* SPDX-License-Identifier: Apache-2.0
 * JSON Web Tokens as access tokens: signing and verifying. See jwt.h. Never reads a claim before
 * the signature holds, never follows what a header points to. Called by ops/tokens.
 */
#include "crypto/jwt.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/base64.h"
#include "crypto/jws.h"

#define SIGNATURE_BYTES 64

typedef struct {
    as_span_t part[AS_JWS_PARTS];
    unsigned char signature[SIGNATURE_BYTES];
    as_json_t *header;
} jws_t;

const char *as_jwt_sign(apr_pool_t *pool, const as_signing_key_t *key, const as_json_t *claims)
{
    as_json_t *header = as_json_object(pool);
    unsigned char signature[SIGNATURE_BYTES];
    const char *text, *signed_part, *token;

    as_json_set_string(header, "alg", AS_SIGNING_ALG);
    as_json_set_string(header, "kid", as_signing_key_kid(key));
    as_json_set_string(header, "typ", "at+jwt");
    text = as_json_text(pool, header);
    signed_part = as_base64url_encode(pool, text, strlen(text));
    text = as_json_text(pool, claims);
    signed_part = apr_pstrcat(pool, signed_part, ".", as_base64url_encode(pool, text, strlen(text)),
                              NULL);
    if (as_signing_key_sign(key, signed_part, strlen(signed_part), signature) != APR_SUCCESS) {
        return NULL;
    }
    token = apr_pstrcat(pool, signed_part, ".",
                        as_base64url_encode(pool, signature, sizeof(signature)), NULL);
    return strlen(token) <= AS_JWT_MAX ? token : NULL;
}

static int read_jws(apr_pool_t *pool, const char *token, jws_t *jws)
{
    const char *end;

    if (!as_jws_split(token, AS_JWT_MAX, jws->part)) {
        return 0;
    }
    end = as_base64_read(AS_BASE64URL, jws->part[AS_JWS_SIGNATURE].at, jws->signature,
                         SIGNATURE_BYTES);
    jws->header = end && *end == '\0' ? as_jws_object(pool, jws->part[AS_JWS_HEADER]) : NULL;
    return jws->header != NULL;
}

static int is_access_token(const as_json_t *header)
{
    const char *typ = as_json_get_string(header, "typ");

    /* RFC 7515, section 4.1.9: a media type, whose "application/" may be left out. */
    return typ && (apr_cstr_casecmp(typ, "at+jwt") == 0
                   || apr_cstr_casecmp(typ, "application/at+jwt") == 0);
}

static int is_text(const as_json_t *value, const char *text)
{
    const char *found = as_json_string(value);

    return found && strcmp(found, text) == 0;
}

/* Seconds as microseconds, as near as 64 bits come. */
static apr_int64_t to_usec(apr_int64_t seconds)
{
    if (seconds > APR_INT64_MAX / APR_USEC_PER_SEC) {
        return APR_INT64_MAX;
    }
    return seconds < APR_INT64_MIN / APR_USEC_PER_SEC ? APR_INT64_MIN : seconds * APR_USEC_PER_SEC;
}

static int is_from_issuer(const as_json_t *iss, const as_jwt_demand_t *demand)
{
    return is_text(iss, demand->issuer);
}

static int is_for_audience(const as_json_t *aud, const as_jwt_demand_t *demand)
{
    const as_json_t *element;
    int found = is_text(aud, demand->audience);

    for (apr_size_t i = 0; !found && (element = as_json_at(aud, i)); i++) {
        found = is_text(element, demand->audience);
    }
    return found;
}

static int is_later(const as_json_t *exp, const as_jwt_demand_t *demand)
{
    apr_int64_t seconds;

    return as_json_integer(exp, &seconds) && to_usec(seconds) > demand->now;
}

static int has_come(const as_json_t *instant, const as_jwt_demand_t *demand)
{
    apr_int64_t seconds;

    return !instant
           || (as_json_integer(instant, &seconds)
               && to_usec(seconds) <= demand->now + demand->leeway);
}

static const struct {
    const char *name; /* of the claim, and the word for the log */
    int (*holds)(const as_json_t *claim, const as_jwt_demand_t *demand);
} claim_checks[] = {
    { "iss", is_from_issuer },
    { "aud", is_for_audience },
    { "exp", is_later },
    { "nbf", has_come },
    { "iat", has_come },
};

#define CLAIM_CHECKS (sizeof(claim_checks) / sizeof(claim_checks[0]))

/* The name of the first claim that is not as demanded, or NULL. */
static const char *refuse_claims(const as_json_t *claims, const as_jwt_demand_t *demand)
{
    for (apr_size_t i = 0; i < CLAIM_CHECKS; i++) {
        if (!claim_checks[i].holds(as_json_get(claims, claim_checks[i].name), demand)) {
            return claim_checks[i].name;
        }
    }
    return NULL;
}

/* What is wrong with the header, or NULL and the key it names. */
static const char *refuse_header(const as_json_t *header, const as_keyring_t *ring,
                                 const as_signing_key_t **key)
{
    if (as_json_get(header, "crit")) {
        return "crit";
    }
    if (!is_access_token(header)) {
        return "typ";
    }
    *key = as_keyring_find(ring, as_json_get_string(header, "kid"));
    if (!*key) {
        return "kid";
    }
    return is_text(as_json_get(header, "alg"), AS_SIGNING_ALG) ? NULL : "alg";
}

apr_status_t as_jwt_verify(apr_pool_t *pool, const as_keyring_t *ring,
                           const as_jwt_demand_t *demand, const char *token,
                           as_json_t **claims, const char **why)
{
    const as_signing_key_t *key;
    as_json_t *found;
    apr_status_t status;
    jws_t jws;

    *claims = NULL;
    *why = read_jws(pool, token, &jws) ? refuse_header(jws.header, ring, &key) : "form";
    if (*why) {
        return AS_ENO;
    }
    status = as_signing_key_verify(key, token,
                                   jws.part[AS_JWS_HEADER].len + 1 + jws.part[AS_JWS_PAYLOAD].len,
                                   jws.signature);
    if (status != APR_SUCCESS) {
        *why = status == AS_ENO ? "signature" : NULL;
        return status;
    }
    found = as_jws_object(pool, jws.part[AS_JWS_PAYLOAD]);
    *why = found ? refuse_claims(found, demand) : "form";
    if (*why) {
        return AS_ENO;
    }
    *claims = found;
    return APR_SUCCESS;
}
