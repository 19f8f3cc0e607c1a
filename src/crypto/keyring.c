/* SPDX-License-Identifier: Apache-2.0
 * Signing keys on P-256 and the ring of those that may verify. See keyring.h. Never fetches a key,
 * never leaves a private one in memory beyond its pool. Called by ops/keys and jwt.
 */
#include "crypto/keyring.h"

#include <apr_strings.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/base64.h"

#define SIDE 32 /* octets of a coordinate, of the private key and of half a signature */
#define SIDE_TEXT AS_BASE64_TEXT(SIDE)
#define KEY_TEXT_MAX 512
#define DER_MAX 80

struct as_signing_key_t {
    char kid[SIDE_TEXT + 1];
    char x[SIDE_TEXT + 1];
    char y[SIDE_TEXT + 1];
    apr_int64_t created;
    apr_int64_t active;
    EVP_PKEY *pkey;
    EVP_MD_CTX *signer;   /* ready to sign; used by copy, as is the next */
    EVP_MD_CTX *verifier;
};

struct as_keyring_t {
    const apr_array_header_t *keys; /* youngest first */
};

/* RFC 7638, section 3: the SHA-256 of the required members in this order. Writes SIDE_TEXT
 * characters.
 */
static int write_thumbprint(char *kid, const char *x, const char *y, apr_pool_t *pool)
{
    const char *text = apr_psprintf(
        pool, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    unsigned char digest[SIDE];

    if (!EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL)) {
        return 0;
    }
    apr_cpystrn(kid, as_base64url_encode(pool, digest, sizeof(digest)), SIDE_TEXT + 1);
    return 1;
}

/* One number of a key as base64url, wiped with the pool; NULL if OpenSSL fails. */
static const char *key_number(const EVP_PKEY *pkey, const char *name, apr_pool_t *pool)
{
    unsigned char octets[SIDE];
    BIGNUM *number = NULL;
    char *text = NULL;

    if (EVP_PKEY_get_bn_param(pkey, name, &number)
        && BN_bn2binpad(number, octets, SIDE) == SIDE) {
        text = as_base64url_encode(pool, octets, SIDE);
        as_wipe_with_pool(pool, text, SIDE_TEXT);
    }
    BN_clear_free(number);
    as_wipe(octets, sizeof(octets));
    return text;
}

char *as_signing_key_generate(apr_pool_t *pool, apr_int64_t created, apr_int64_t active)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");
    const char *x = pkey ? key_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, pool) : NULL;
    const char *y = pkey ? key_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, pool) : NULL;
    const char *d = pkey ? key_number(pkey, OSSL_PKEY_PARAM_PRIV_KEY, pool) : NULL;
    char kid[SIDE_TEXT + 1];
    char *text = NULL;

    if (x && y && d && write_thumbprint(kid, x, y, pool)) {
        /* Into a buffer of fixed size: one that grew would leave copies of d behind. */
        text = apr_palloc(pool, KEY_TEXT_MAX);
        as_wipe_with_pool(pool, text, KEY_TEXT_MAX);
        apr_snprintf(text, KEY_TEXT_MAX,
                     "{\"kid\":\"%s\",\"alg\":\"" AS_SIGNING_ALG "\",\"d\":\"%s\",\"x\":\"%s\","
                     "\"y\":\"%s\",\"created\":%" APR_INT64_T_FMT
                     ",\"active\":%" APR_INT64_T_FMT "}",
                     kid, d, x, y, created, active);
    }
    EVP_PKEY_free(pkey);
    ERR_clear_error();
    return text;
}

static apr_status_t free_key(void *baton)
{
    as_signing_key_t *key = baton;

    EVP_MD_CTX_free(key->signer);
    EVP_MD_CTX_free(key->verifier);
    EVP_PKEY_free(key->pkey);
    return APR_SUCCESS;
}

static int read_number(const char *text, unsigned char octets[SIDE])
{
    const char *end = text ? as_base64_read(AS_BASE64URL, text, octets, SIDE) : NULL;

    return end && *end == '\0';
}

/* OpenSSL takes a number in the machine's own order of octets. */
static int to_native(unsigned char number[SIDE])
{
    BIGNUM *bn = BN_bin2bn(number, SIDE, NULL);
    int done = bn && BN_bn2nativepad(bn, number, SIDE) == SIDE;

    BN_clear_free(bn);
    return done;
}

/* The key of those numbers if the point is on the curve and d is its private key, else NULL. */
static EVP_PKEY *make_pkey(unsigned char point[1 + 2 * SIDE], unsigned char d[SIDE])
{
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * SIDE),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, d, SIDE),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY_CTX *checker = NULL;
    EVP_PKEY *pkey = NULL;
    int sound = maker && to_native(d) && EVP_PKEY_fromdata_init(maker) == 1
                && EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_KEYPAIR, params) == 1
                && (checker = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL))
                && EVP_PKEY_check(checker) == 1;

    EVP_PKEY_CTX_free(checker);
    EVP_PKEY_CTX_free(maker);
    if (!sound) {
        EVP_PKEY_free(pkey);
        pkey = NULL;
    }
    return pkey;
}

static EVP_PKEY *read_pkey(const as_json_t *members)
{
    unsigned char point[1 + 2 * SIDE] = { POINT_CONVERSION_UNCOMPRESSED };
    unsigned char d[SIDE];
    EVP_PKEY *pkey = NULL;

    if (read_number(as_json_get_string(members, "x"), point + 1)
        && read_number(as_json_get_string(members, "y"), point + 1 + SIDE)
        && read_number(as_json_get_string(members, "d"), d)) {
        pkey = make_pkey(point, d);
    }
    as_wipe(d, sizeof(d));
    return pkey;
}

/* Copies what is public; 0 unless every member is there and kid is the thumbprint. */
static int read_public(as_signing_key_t *key, const as_json_t *members, apr_pool_t *pool)
{
    const char *alg = as_json_get_string(members, "alg");
    const char *kid = as_json_get_string(members, "kid");

    if (!alg || strcmp(alg, AS_SIGNING_ALG) != 0 || !kid
        || !as_json_get_integer(members, "created", &key->created)
        || !as_json_get_integer(members, "active", &key->active)) {
        return 0;
    }
    apr_cpystrn(key->x, as_json_get_string(members, "x"), sizeof(key->x));
    apr_cpystrn(key->y, as_json_get_string(members, "y"), sizeof(key->y));
    return write_thumbprint(key->kid, key->x, key->y, pool) && strcmp(kid, key->kid) == 0;
}

static int make_ready(as_signing_key_t *key)
{
    key->signer = EVP_MD_CTX_new();
    key->verifier = EVP_MD_CTX_new();
    return key->signer && key->verifier
           && EVP_DigestSignInit_ex(key->signer, NULL, "SHA256", NULL, NULL, key->pkey, NULL) == 1
           && EVP_DigestVerifyInit_ex(key->verifier, NULL, "SHA256", NULL, NULL, key->pkey, NULL)
                  == 1;
}

as_signing_key_t *as_signing_key_read(apr_pool_t *pool, const char *text)
{
    as_signing_key_t *key = apr_pcalloc(pool, sizeof(*key));
    as_json_t *members;
    apr_pool_t *work;
    int sound;

    if (apr_pool_create(&work, pool) != APR_SUCCESS) {
        return NULL;
    }
    apr_pool_cleanup_register(pool, key, free_key, apr_pool_cleanup_null);
    members = as_json_parse(work, text, strlen(text), NULL);
    key->pkey = members ? read_pkey(members) : NULL;
    sound = key->pkey && read_public(key, members, work) && make_ready(key);
    /* The parser's copy of d is ours alone, and free() would leave it lying about. */
    as_wipe_text((char *)as_json_get_string(members, "d"));
    apr_pool_destroy(work);
    if (!sound) {
        ERR_clear_error();
    }
    return sound ? key : NULL;
}

const char *as_signing_key_kid(const as_signing_key_t *key)
{
    return key->kid;
}

apr_int64_t as_signing_key_created(const as_signing_key_t *key)
{
    return key->created;
}

apr_int64_t as_signing_key_active(const as_signing_key_t *key)
{
    return key->active;
}

static const as_signing_key_t *key_at(const apr_array_header_t *keys, int i)
{
    return APR_ARRAY_IDX(keys, i, const as_signing_key_t *);
}

/* Youngest first; equals in an order of their own, so that every node's ring is the same. */
static int compare_keys(const void *a, const void *b)
{
    const as_signing_key_t *left = *(as_signing_key_t *const *)a;
    const as_signing_key_t *right = *(as_signing_key_t *const *)b;

    if (left->active != right->active) {
        return left->active < right->active ? 1 : -1;
    }
    if (left->created != right->created) {
        return left->created < right->created ? 1 : -1;
    }
    return strcmp(left->kid, right->kid);
}

as_keyring_t *as_keyring_create(apr_pool_t *pool, const apr_array_header_t *keys)
{
    as_keyring_t *ring = apr_palloc(pool, sizeof(*ring));
    apr_array_header_t *sorted = apr_array_copy(pool, keys);

    qsort(sorted->elts, (size_t)sorted->nelts, (size_t)sorted->elt_size, compare_keys);
    ring->keys = sorted;
    return ring;
}

const as_signing_key_t *as_keyring_signer(const as_keyring_t *ring, apr_int64_t now)
{
    for (int i = 0; i < ring->keys->nelts; i++) {
        if (key_at(ring->keys, i)->active <= now) {
            return key_at(ring->keys, i);
        }
    }
    return NULL;
}

const as_signing_key_t *as_keyring_find(const as_keyring_t *ring, const char *kid)
{
    for (int i = 0; kid && i < ring->keys->nelts; i++) {
        if (strcmp(key_at(ring->keys, i)->kid, kid) == 0) {
            return key_at(ring->keys, i);
        }
    }
    return NULL;
}

static as_json_t *jwk(const as_signing_key_t *key, apr_pool_t *pool)
{
    as_json_t *members = as_json_object(pool);

    as_json_set_string(members, "kty", "EC");
    as_json_set_string(members, "crv", "P-256");
    as_json_set_string(members, "alg", AS_SIGNING_ALG);
    as_json_set_string(members, "use", "sig");
    as_json_set_string(members, "kid", key->kid);
    as_json_set_string(members, "x", key->x);
    as_json_set_string(members, "y", key->y);
    return members;
}

as_json_t *as_keyring_jwks(const as_keyring_t *ring, apr_pool_t *pool)
{
    as_json_t *set = as_json_object(pool);
    as_json_t *keys = as_json_array(pool);

    for (int i = 0; i < ring->keys->nelts; i++) {
        as_json_append(keys, jwk(key_at(ring->keys, i), pool));
    }
    as_json_set(set, "keys", keys);
    return set;
}

/* A working copy of a ready context: many threads sign and verify with one key. */
static EVP_MD_CTX *copy_ready(const EVP_MD_CTX *ready)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();

    if (ctx && !EVP_MD_CTX_copy_ex(ctx, ready)) {
        EVP_MD_CTX_free(ctx);
        ctx = NULL;
    }
    return ctx;
}

apr_status_t as_signing_key_sign(const as_signing_key_t *key, const void *data, apr_size_t len,
                                 unsigned char signature[2 * SIDE])
{
    EVP_MD_CTX *ctx = copy_ready(key->signer);
    unsigned char der[DER_MAX];
    const unsigned char *at = der;
    size_t der_len = sizeof(der);
    ECDSA_SIG *pair = NULL;
    int done = ctx && EVP_DigestSign(ctx, der, &der_len, data, len) == 1
               && (pair = d2i_ECDSA_SIG(NULL, &at, (long)der_len))
               && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, SIDE) == SIDE
               && BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + SIDE, SIDE) == SIDE;

    ECDSA_SIG_free(pair);
    EVP_MD_CTX_free(ctx);
    if (!done) {
        ERR_clear_error();
    }
    return done ? APR_SUCCESS : AS_EFAULT;
}

/* Writes r|s as DER into at most DER_MAX octets. The length, or 0. */
static int write_der(const unsigned char signature[2 * SIDE], unsigned char *der)
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, SIDE, NULL);
    BIGNUM *s = BN_bin2bn(signature + SIDE, SIDE, NULL);
    int len = 0;

    if (pair && r && s && ECDSA_SIG_set0(pair, r, s)) {
        len = i2d_ECDSA_SIG(pair, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    return len > 0 ? len : 0;
}

apr_status_t as_signing_key_verify(const as_signing_key_t *key, const void *data, apr_size_t len,
                                   const unsigned char signature[2 * SIDE])
{
    EVP_MD_CTX *ctx = copy_ready(key->verifier);
    unsigned char der[DER_MAX];
    const int der_len = write_der(signature, der);
    const int answer = ctx && der_len ? EVP_DigestVerify(ctx, der, (size_t)der_len, data, len) : -1;

    EVP_MD_CTX_free(ctx);
    if (answer != 1) {
        ERR_clear_error();
    }
    return answer == 1 ? APR_SUCCESS : answer == 0 ? AS_ENO : AS_EFAULT;
}
