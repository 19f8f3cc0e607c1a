/* SPDX-License-Identifier: Apache-2.0
 * A compact JWS against a JWKS over OpenSSL. See jws.h. Never reads a payload before its signature
 * holds, never uses one key of a set that should not have been published.
 * Called by jwt and through the host services of include/authsvc.h.
 */
#include "crypto/jws.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 8192
#define RSA_EXPONENT_BITS_MAX 64
#define P256_SIDE 32
#define P256_DER_MAX 80

/* A kind of key, and the one algorithm it is used with. */
typedef struct {
    const char *kty, *crv, *alg;
    EVP_PKEY *(*make)(apr_pool_t *pool, const as_json_t *jwk); /* NULL: malformed or too short */
    int (*verify)(EVP_PKEY *pkey, as_span_t text, as_span_t signature); /* 1, 0 or -1: no, fault */
} family_t;

static EVP_PKEY *make_rsa(apr_pool_t *pool, const as_json_t *jwk);
static EVP_PKEY *make_p256(apr_pool_t *pool, const as_json_t *jwk);
static int verify_rsa(EVP_PKEY *pkey, as_span_t text, as_span_t signature);
static int verify_p256(EVP_PKEY *pkey, as_span_t text, as_span_t signature);

static const family_t families[] = {
    { .kty = "RSA", .alg = "RS256", .make = make_rsa, .verify = verify_rsa },
    { .kty = "EC", .crv = "P-256", .alg = "ES256", .make = make_p256, .verify = verify_p256 },
};

/* ---- the compact form ---- */

int as_jws_split(const char *token, apr_size_t max, as_span_t part[AS_JWS_PARTS])
{
    const char *end = token + strnlen(token, max + 1);

    if ((apr_size_t)(end - token) > max) {
        return 0;
    }
    for (int i = 0; i < AS_JWS_PARTS; i++) {
        const char *dot = memchr(token, '.', (apr_size_t)(end - token));
        const char *stop = dot ? dot : end;

        if (stop == token || (i < AS_JWS_PARTS - 1) != (dot != NULL)) {
            return 0;
        }
        part[i] = (as_span_t){ .at = token, .len = (apr_size_t)(stop - token) };
        token = stop + 1;
    }
    return 1;
}

as_json_t *as_jws_object(apr_pool_t *pool, as_span_t part)
{
    apr_size_t len;
    const char *text = (const char *)as_base64url_decode(pool, part.at, part.len, &len);
    as_json_t *value = text ? as_json_parse(pool, text, len, NULL) : NULL;

    return as_json_is_object(value) ? value : NULL;
}

/* ---- the key set ---- */

static int is_text(const as_json_t *object, const char *name, const char *text)
{
    const char *found = as_json_get_string(object, name);

    return found && strcmp(found, text) == 0;
}

/* A member that no public key has: whoever published it has lost the key to everybody. */
static int has_secret(const as_json_t *jwk)
{
    static const char *const secrets[] = { "k", "d", "p", "q", "dp", "dq", "qi", "oth" };

    for (apr_size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        if (as_json_get(jwk, secrets[i])) {
            return 1;
        }
    }
    return is_text(jwk, "kty", "oct");
}

static int is_repeated(const as_json_t *keys, apr_size_t index)
{
    const char *kid = as_json_get_string(as_json_at(keys, index), "kid");

    for (apr_size_t i = 0; kid && i < index; i++) {
        if (is_text(as_json_at(keys, i), "kid", kid)) {
            return 1;
        }
    }
    return 0;
}

/* What is wrong with the set as a whole, or NULL and its keys. */
static const char *refuse_set(apr_pool_t *pool, const char *jwks, const as_json_t **keys)
{
    const apr_size_t len = strnlen(jwks, AS_JWKS_MAX + 1);
    const as_json_t *set = len <= AS_JWKS_MAX ? as_json_parse(pool, jwks, len, NULL) : NULL;
    const as_json_t *jwk;
    apr_size_t i;

    *keys = as_json_get(set, "keys");
    for (i = 0; (jwk = as_json_at(*keys, i)); i++) {
        const as_json_t *kid = as_json_get(jwk, "kid");

        if (i == AS_JWKS_KEYS || !as_json_get_string(jwk, "kty") || (kid && !as_json_string(kid))) {
            return "set";
        }
        if (has_secret(jwk)) {
            return "secret";
        }
        if (is_repeated(*keys, i)) {
            return "twice";
        }
    }
    return i > 0 ? NULL : "set";
}

/* The key of that kid; without a kid, the only one there is. */
static const as_json_t *find_key(const as_json_t *keys, const char *kid)
{
    const as_json_t *jwk;

    if (!kid) {
        return as_json_at(keys, 1) ? NULL : as_json_at(keys, 0);
    }
    for (apr_size_t i = 0; (jwk = as_json_at(keys, i)); i++) {
        if (is_text(jwk, "kid", kid)) {
            return jwk;
        }
    }
    return NULL;
}

/* How the key is to be used; NULL if its type, curve or algorithm is none of ours. */
static const family_t *family_of(const as_json_t *jwk)
{
    for (apr_size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        const family_t *family = &families[i];

        if (is_text(jwk, "kty", family->kty) && (!family->crv || is_text(jwk, "crv", family->crv))
            && (!as_json_get(jwk, "alg") || is_text(jwk, "alg", family->alg))) {
            return family;
        }
    }
    return NULL;
}

static int is_for_signatures(const as_json_t *jwk)
{
    const as_json_t *operations = as_json_get(jwk, "key_ops");
    const as_json_t *operation;
    int found = operations == NULL;

    for (apr_size_t i = 0; (operation = as_json_at(operations, i)); i++) {
        const char *name = as_json_string(operation);

        found = found || (name && strcmp(name, "verify") == 0);
    }
    return found && (!as_json_get(jwk, "use") || is_text(jwk, "use", "sig"));
}

/* ---- keys ---- */

static EVP_PKEY *make_pkey(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *maker = params ? EVP_PKEY_CTX_new_from_name(NULL, type, NULL) : NULL;
    EVP_PKEY *pkey = NULL;

    if (maker && EVP_PKEY_fromdata_init(maker) == 1) {
        EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_PUBLIC_KEY, params);
    }
    EVP_PKEY_CTX_free(maker);
    return pkey;
}

/* The octets of a member in base64url, or NULL. */
static const unsigned char *member_octets(apr_pool_t *pool, const as_json_t *jwk, const char *name,
                                          apr_size_t *len)
{
    const char *text = as_json_get_string(jwk, name);

    return text ? as_base64url_decode(pool, text, strlen(text), len) : NULL;
}

/* An odd number of so many bits, or NULL. */
static BIGNUM *odd_number(apr_pool_t *pool, const as_json_t *jwk, const char *name, int min,
                          int max)
{
    apr_size_t len;
    const unsigned char *octets = member_octets(pool, jwk, name, &len);
    BIGNUM *number = octets ? BN_bin2bn(octets, (int)len, NULL) : NULL;

    if (number && (!BN_is_odd(number) || BN_num_bits(number) < min || BN_num_bits(number) > max)) {
        BN_free(number);
        number = NULL;
    }
    return number;
}

static EVP_PKEY *make_rsa(apr_pool_t *pool, const as_json_t *jwk)
{
    BIGNUM *n = odd_number(pool, jwk, "n", RSA_BITS_MIN, RSA_BITS_MAX);
    BIGNUM *e = odd_number(pool, jwk, "e", 2, RSA_EXPONENT_BITS_MAX);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    EVP_PKEY *pkey;

    if (n && e && builder && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n)
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e)) {
        params = OSSL_PARAM_BLD_to_param(builder);
    }
    pkey = make_pkey("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(e);
    BN_free(n);
    return pkey;
}

/* OpenSSL itself refuses a point that is not on the curve. */
static EVP_PKEY *make_p256(apr_pool_t *pool, const as_json_t *jwk)
{
    unsigned char point[1 + 2 * P256_SIDE] = { POINT_CONVERSION_UNCOMPRESSED };
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end(),
    };
    apr_size_t x_len = 0, y_len = 0;
    const unsigned char *x = member_octets(pool, jwk, "x", &x_len);
    const unsigned char *y = member_octets(pool, jwk, "y", &y_len);

    if (!x || !y || x_len != P256_SIDE || y_len != P256_SIDE) {
        return NULL;
    }
    memcpy(point + 1, x, P256_SIDE);
    memcpy(point + 1 + P256_SIDE, y, P256_SIDE);
    return make_pkey("EC", params);
}

/* ---- signatures ---- */

/* By SHA-256, and for RSA in PKCS #1 v1.5, which is OpenSSL's default. */
static int verify_sha256(EVP_PKEY *pkey, as_span_t text, as_span_t signature)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int answer = -1;

    if (ctx && EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, pkey, NULL) == 1) {
        answer = EVP_DigestVerify(ctx, signature.at, signature.len, text.at, text.len);
    }
    EVP_MD_CTX_free(ctx);
    return answer;
}

static int verify_rsa(EVP_PKEY *pkey, as_span_t text, as_span_t signature)
{
    return signature.len == (apr_size_t)EVP_PKEY_get_size(pkey)
               ? verify_sha256(pkey, text, signature)
               : 0;
}

/* OpenSSL wants r and s as DER, a JWS has them side by side. */
static int verify_p256(EVP_PKEY *pkey, as_span_t text, as_span_t signature)
{
    const unsigned char *pair = signature.at;
    unsigned char der[P256_DER_MAX], *end = der;
    ECDSA_SIG *both;
    BIGNUM *r, *s;
    int len = 0;

    if (signature.len != 2 * P256_SIDE) {
        return 0;
    }
    both = ECDSA_SIG_new();
    r = BN_bin2bn(pair, P256_SIDE, NULL);
    s = BN_bin2bn(pair + P256_SIDE, P256_SIDE, NULL);
    if (both && r && s && ECDSA_SIG_set0(both, r, s)) {
        len = i2d_ECDSA_SIG(both, &end);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(both);
    return len > 0 ? verify_sha256(pkey, text, (as_span_t){ .at = der, .len = (apr_size_t)len })
                   : -1;
}

/* ---- a token ---- */

static int is_known(const as_json_t *header)
{
    for (apr_size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (is_text(header, "alg", families[i].alg)) {
            return 1;
        }
    }
    return 0;
}

/* What can be said before the signature: SIGNED stands for nothing against it, and then there are
 * the key and its kind. A token that no key could have signed asks for no other set.
 */
static as_jws_answer_t choose_key(const as_json_t *header, const as_json_t *keys,
                                  const as_json_t **jwk, const family_t **family, const char **why)
{
    const as_json_t *kid = as_json_get(header, "kid");

    *why = as_json_get(header, "crit") ? "crit"
           : !is_known(header) ? "alg"
           : kid && !as_json_string(kid) ? "kid"
                                         : NULL;
    if (*why) {
        return AS_JWS_REFUSED;
    }
    *jwk = find_key(keys, as_json_string(kid));
    if (!*jwk) {
        *why = "kid";
        return kid ? AS_JWS_UNKNOWN_KEY : AS_JWS_REFUSED;
    }
    *family = family_of(*jwk);
    *why = !*family || !is_text(header, "alg", (*family)->alg) ? "alg"
           : !is_for_signatures(*jwk) ? "use"
                                      : NULL;
    return *why ? AS_JWS_REFUSED : AS_JWS_SIGNED;
}

static as_jws_answer_t check_signature(apr_pool_t *pool, const as_json_t *jwk,
                                       const family_t *family, const as_span_t *part,
                                       const char **why)
{
    const as_span_t *last = &part[AS_JWS_SIGNATURE];
    const as_span_t text = { .at = part[AS_JWS_HEADER].at,
                             .len = part[AS_JWS_HEADER].len + 1 + part[AS_JWS_PAYLOAD].len };
    as_span_t signature;
    EVP_PKEY *pkey;
    int answer;

    signature.at = as_base64url_decode(pool, last->at, last->len, &signature.len);
    if (!signature.at) {
        *why = "form";
        return AS_JWS_REFUSED;
    }
    pkey = family->make(pool, jwk);
    answer = pkey ? family->verify(pkey, text, signature) : -1;
    *why = !pkey ? "key" : answer == 1 ? NULL : "signature";
    EVP_PKEY_free(pkey);
    if (answer != 1) {
        ERR_clear_error();
    }
    return answer == 1 ? AS_JWS_SIGNED : answer == 0 ? AS_JWS_REFUSED : AS_JWS_FAULT;
}

as_jws_answer_t as_jws_signature(apr_pool_t *pool, const char *token, const char *jwks,
                                 as_jws_t *jws, const char **why)
{
    as_span_t part[AS_JWS_PARTS];
    const as_json_t *header, *keys, *jwk;
    const family_t *family;
    as_jws_answer_t answer;
    const char *payload = NULL;
    apr_size_t len;

    *jws = (as_jws_t){ .payload = NULL };
    header = as_jws_split(token, AS_JWS_MAX, part) ? as_jws_object(pool, part[AS_JWS_HEADER])
                                                   : NULL;
    *why = header ? refuse_set(pool, jwks, &keys) : "form";
    if (*why) {
        return header ? AS_JWS_FAULT : AS_JWS_REFUSED;
    }
    answer = choose_key(header, keys, &jwk, &family, why);
    if (answer == AS_JWS_SIGNED) {
        answer = check_signature(pool, jwk, family, part, why);
    }
    if (answer == AS_JWS_SIGNED) {
        payload = (const char *)as_base64url_decode(pool, part[AS_JWS_PAYLOAD].at,
                                                    part[AS_JWS_PAYLOAD].len, &len);
    }
    if (answer == AS_JWS_SIGNED && !payload) {
        *why = "form";
        return AS_JWS_REFUSED;
    }
    if (answer == AS_JWS_SIGNED) {
        *jws = (as_jws_t){ .payload = payload, .len = len,
                           .kid = as_json_get_string(header, "kid"), .alg = family->alg };
    }
    return answer;
}

as_jws_answer_t as_jws_verify(apr_pool_t *pool, const char *token, const char *jwks, as_jws_t *jws,
                              const char **why)
{
    as_jws_answer_t answer = as_jws_signature(pool, token, jwks, jws, why);

    if (answer == AS_JWS_SIGNED
        && !as_json_is_object(as_json_parse(pool, jws->payload, jws->len, NULL))) {
        *jws = (as_jws_t){ .payload = NULL };
        *why = "form";
        return AS_JWS_REFUSED;
    }
    return answer;
}
