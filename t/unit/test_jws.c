/* SPDX-License-Identifier: Apache-2.0
 * Tests of crypto/jws.h: RFC 7515's own tokens, and every forgery and every key set that must not
 * be taken. Never uses a key that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "crypto/hmac.h"
#include "crypto/jws.h"

#define CLAIMS "{\"iss\":\"https://issuer.example.com\",\"sub\":\"1\"}"

/* ---- RFC 7515, appendices A.2 and A.3 ---- */

#define RFC_PAYLOAD \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt" \
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RFC_CLAIMS \
    "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}"

static const char rfc_rsa_token[] =
    "eyJhbGciOiJSUzI1NiJ9." RFC_PAYLOAD
    ".cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5"
    "jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L"
    "07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUi"
    "pUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

static const char rfc_rsa_keys[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\""
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4"
    "QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdb"
    "BYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-D"
    "WNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"}]}";

static const char rfc_ec_token[] =
    "eyJhbGciOiJFUzI1NiJ9." RFC_PAYLOAD
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

#define RFC_EC_MEMBERS \
    "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"," \
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\""
static const char rfc_ec_keys[] = "{\"keys\":[{" RFC_EC_MEMBERS "}]}";

/* ---- an issuer ---- */

static EVP_PKEY *rsa, *ec;
static const char *rsa_jwk, *ec_jwk, *jwks; /* kids r and e */

static const char *encode(const char *text)
{
    return as_base64url_encode(pool, text, strlen(text));
}

/* A number of the public key in base64url, as wide as it must be. */
static const char *number_of(const EVP_PKEY *pkey, const char *name, int width)
{
    unsigned char octets[1024];
    BIGNUM *number = NULL;
    int len;

    ck_assert_int_eq(EVP_PKEY_get_bn_param(pkey, name, &number), 1);
    len = width ? BN_bn2binpad(number, octets, width) : BN_bn2bin(number, octets);
    BN_free(number);
    return as_base64url_encode(pool, octets, (apr_size_t)len);
}

/* Members of the public key, without kid and braces. */
static const char *rsa_members(const EVP_PKEY *pkey)
{
    return apr_psprintf(pool, "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"",
                        number_of(pkey, OSSL_PKEY_PARAM_RSA_N, 0),
                        number_of(pkey, OSSL_PKEY_PARAM_RSA_E, 0));
}

static const char *ec_members(const EVP_PKEY *pkey)
{
    return apr_psprintf(pool, "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"",
                        number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_X, 32),
                        number_of(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, 32));
}

static const char *set_of(const char *first, const char *second)
{
    return apr_pstrcat(pool, "{\"keys\":[", first, second ? "," : "", second ? second : "",
                       "]}", NULL);
}

static void issuer_setup(void)
{
    unit_setup();
    rsa = EVP_RSA_gen(2048);
    ec = EVP_EC_gen("P-256");
    rsa_jwk = apr_pstrcat(pool, "{\"kid\":\"r\",\"use\":\"sig\",\"alg\":\"RS256\",",
                          rsa_members(rsa), "}", NULL);
    ec_jwk = apr_pstrcat(pool, "{\"kid\":\"e\",", ec_members(ec), "}", NULL);
    jwks = set_of(rsa_jwk, ec_jwk);
}

static void issuer_teardown(void)
{
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    unit_teardown();
}

/* The signature as OpenSSL makes it: for EC that is DER. */
static unsigned char *sign_raw(EVP_PKEY *pkey, const char *input, size_t *len)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    unsigned char *signature = apr_palloc(pool, *len = 1024);

    ck_assert_int_eq(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey), 1);
    ck_assert_int_eq(EVP_DigestSign(ctx, signature, len, (const unsigned char *)input,
                                    strlen(input)), 1);
    EVP_MD_CTX_free(ctx);
    return signature;
}

static unsigned char *side_by_side(const unsigned char *der, size_t *len)
{
    unsigned char *pair = apr_palloc(pool, 64);
    ECDSA_SIG *both = d2i_ECDSA_SIG(NULL, &der, (long)*len);

    BN_bn2binpad(ECDSA_SIG_get0_r(both), pair, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), pair + 32, 32);
    ECDSA_SIG_free(both);
    *len = 64;
    return pair;
}

static const char *sign(EVP_PKEY *pkey, const char *header, const char *claims)
{
    const char *input = apr_pstrcat(pool, encode(header), ".", encode(claims), NULL);
    size_t len;
    unsigned char *signature = sign_raw(pkey, input, &len);

    if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_EC) {
        signature = side_by_side(signature, &len);
    }
    return apr_pstrcat(pool, input, ".", as_base64url_encode(pool, signature, len), NULL);
}

static const char *header_of(const char *alg, const char *kid)
{
    return apr_psprintf(pool, "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, kid);
}

static as_jws_t found;

/* The answer's word: "signed", or an answer and why. */
static const char *verdict(const char *token, const char *keys)
{
    static const char *const names[] = { [AS_JWS_FAULT] = "fault", [AS_JWS_REFUSED] = "refused",
                                         [AS_JWS_UNKNOWN_KEY] = "unknown",
                                         [AS_JWS_SIGNED] = "signed" };
    const char *why = "untouched";
    as_jws_answer_t answer = as_jws_verify(pool, token, keys, &found, &why);

    ck_assert_int_eq(answer == AS_JWS_SIGNED, why == NULL);
    ck_assert_int_eq(answer == AS_JWS_SIGNED, found.payload != NULL);
    return why ? apr_pstrcat(pool, names[answer], " ", why, NULL) : names[answer];
}

static void is(const char *token, const char *keys, const char *expected)
{
    const char *got = verdict(token, keys);

    ck_assert_msg(strcmp(got, expected) == 0, "%s, not %s: %.200s with %.400s", got, expected,
                  token, keys);
}

/* ---- what is taken ---- */

START_TEST(tokens_of_the_rfc_are_taken)
{
    is(rfc_rsa_token, rfc_rsa_keys, "signed");
    ck_assert_str_eq(found.payload, RFC_CLAIMS);
    ck_assert_str_eq(found.alg, "RS256");
    ck_assert_ptr_null(found.kid);
    is(rfc_ec_token, rfc_ec_keys, "signed");
    ck_assert_str_eq(found.payload, RFC_CLAIMS);
    ck_assert_str_eq(found.alg, "ES256");
    is(rfc_ec_token, rfc_rsa_keys, "refused alg");
    is(rfc_rsa_token, rfc_ec_keys, "refused alg");
}
END_TEST

START_TEST(what_the_issuer_signs_is_taken)
{
    is(sign(rsa, header_of("RS256", "r"), CLAIMS), jwks, "signed");
    ck_assert_str_eq(found.payload, CLAIMS);
    ck_assert_str_eq(found.kid, "r");
    is(sign(ec, header_of("ES256", "e"), CLAIMS), jwks, "signed");
    ck_assert_str_eq(found.kid, "e");
    ck_assert_str_eq(found.alg, "ES256");
    is(sign(rsa, "{\"alg\":\"RS256\",\"kid\":\"r\",\"typ\":\"JWT\",\"jku\":\"https://e.example/\"}",
            CLAIMS), jwks, "signed");
}
END_TEST

START_TEST(keys_that_are_not_ours_do_not_disturb)
{
    const char *token = sign(ec, header_of("ES256", "e"), CLAIMS);
    const char *const others[] = {
        "{\"kid\":\"x\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}",
        "{\"kid\":\"x\",\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AA\",\"y\":\"AA\"}",
        "{\"kid\":\"x\",\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQ\"}",
        "{\"kid\":\"x\",\"kty\":\"RSA\",\"use\":\"enc\"}",
        "{\"kty\":\"new\"}",
    };

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        is(token, set_of(ec_jwk, others[i]), "signed");
        is(token, set_of(others[i], ec_jwk), "signed");
    }
}
END_TEST

/* ---- forgeries ---- */

START_TEST(algorithms_are_the_keys)
{
    const struct {
        const char *alg, *kid, *expected;
    } rows[] = {
        { "none", "r", "refused alg" }, { "None", "r", "refused alg" },
        { "HS256", "r", "refused alg" }, { "RS512", "r", "refused alg" },
        { "PS256", "r", "refused alg" }, { "rs256", "r", "refused alg" },
        { "ES256", "r", "refused alg" }, { "RS256", "e", "refused alg" },
        { "ES384", "e", "refused alg" }, { "ES256K", "e", "refused alg" },
        { "", "r", "refused alg" }, { "none", "x", "refused alg" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *header = header_of(rows[i].alg, rows[i].kid);

        is(sign(rsa, header, CLAIMS), jwks, rows[i].expected);
        is(sign(ec, header, CLAIMS), jwks, rows[i].expected);
    }
    is(apr_pstrcat(pool, encode(header_of("none", "r")), ".", encode(CLAIMS), ".", NULL), jwks,
       "refused form");
}
END_TEST

START_TEST(headers_are_judged_before_signatures)
{
    const struct {
        const char *header, *expected;
    } rows[] = {
        { "{\"kid\":\"r\"}", "refused alg" },
        { "{\"alg\":null,\"kid\":\"r\"}", "refused alg" },
        { "{\"alg\":[\"RS256\"],\"kid\":\"r\"}", "refused alg" },
        { "{\"alg\":\"RS256\",\"kid\":\"x\"}", "unknown kid" },
        { "{\"alg\":\"RS256\",\"kid\":\"\"}", "unknown kid" },
        { "{\"alg\":\"RS256\",\"kid\":\"R\"}", "unknown kid" },
        { "{\"alg\":\"RS256\"}", "refused kid" },
        { "{\"alg\":\"RS256\",\"kid\":null}", "refused kid" },
        { "{\"alg\":\"RS256\",\"kid\":1}", "refused kid" },
        { "{\"alg\":\"RS256\",\"kid\":[\"r\"]}", "refused kid" },
        { "{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":[\"exp\"]}", "refused crit" },
        { "{\"alg\":\"RS256\",\"kid\":\"r\",\"crit\":null}", "refused crit" },
        { "{\"alg\":\"RS256\",\"kid\":\"x\",\"crit\":[]}", "refused crit" },
        { "{\"alg\":\"RS256\",\"alg\":\"RS256\",\"kid\":\"r\"}", "refused form" },
        { "{\"alg\":\"RS256\",\"kid\":\"x\",\"kid\":\"r\"}", "refused form" },
        { "{\"alg\":\"RS256\",\"kid\":\"r\"} x", "refused form" },
        { "{\"alg\":\"RS256\",\"kid\":\"r\"", "refused form" },
        { "[]", "refused form" }, { "\"RS256\"", "refused form" }, { "null", "refused form" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        is(sign(rsa, rows[i].header, CLAIMS), jwks, rows[i].expected);
    }
}
END_TEST

/* The classic: HMAC with what is public, as a reader would use it that lets the token choose. */
START_TEST(hmac_with_what_is_public_is_refused)
{
    const char *const secrets[] = { jwks, rsa_jwk, number_of(rsa, OSSL_PKEY_PARAM_RSA_N, 0) };
    const char *const algs[] = { "HS256", "RS256" };

    for (int i = 0; i < 6; i++) {
        const char *input = apr_pstrcat(pool, encode(header_of(algs[i % 2], "r")), ".",
                                        encode(CLAIMS), NULL);
        unsigned char mac[256] = { 0 };

        as_hmac_sha256(secrets[i / 2], strlen(secrets[i / 2]), input, strlen(input), mac);
        for (int k = 0; k < 2; k++) {
            is(apr_pstrcat(pool, input, ".", as_base64url_encode(pool, mac, k ? 256 : 32), NULL),
               jwks, i % 2 ? "refused signature" : "refused alg");
        }
    }
}
END_TEST

START_TEST(other_keys_do_not_sign)
{
    EVP_PKEY *stranger = EVP_RSA_gen(2048), *other = EVP_EC_gen("P-256");

    is(sign(stranger, header_of("RS256", "r"), CLAIMS), jwks, "refused signature");
    is(sign(other, header_of("ES256", "e"), CLAIMS), jwks, "refused signature");
    is(sign(ec, header_of("RS256", "r"), CLAIMS), jwks, "refused signature");
    is(sign(rsa, header_of("ES256", "e"), CLAIMS), jwks, "refused signature");
    EVP_PKEY_free(stranger);
    EVP_PKEY_free(other);
}
END_TEST

START_TEST(signatures_have_one_length)
{
    const char *kinds[] = { sign(rsa, header_of("RS256", "r"), CLAIMS),
                            sign(ec, header_of("ES256", "e"), CLAIMS) };
    const char *input = apr_pstrcat(pool, encode(header_of("ES256", "e")), ".", encode(CLAIMS),
                                    NULL);
    unsigned char zero[64] = { 0 }, full[64];
    size_t len;
    unsigned char *der = sign_raw(ec, input, &len);

    for (int i = 0; i < 2; i++) {
        size_t start = (size_t)(strrchr(kinds[i], '.') - kinds[i]) + 1, octets;
        unsigned char *raw = as_base64url_decode(pool, kinds[i] + start, strlen(kinds[i] + start),
                                                 &octets);
        unsigned char *longer = apr_pcalloc(pool, octets + 1);
        const char *head = apr_pstrndup(pool, kinds[i], start);

        memcpy(longer + 1, raw, octets);
        is(apr_pstrcat(pool, head, as_base64url_encode(pool, longer, octets + 1), NULL), jwks,
           "refused signature");
        is(apr_pstrcat(pool, head, as_base64url_encode(pool, raw, octets - 1), NULL), jwks,
           "refused signature");
        is(apr_pstrcat(pool, kinds[i], "AAAA", NULL), jwks, "refused signature");
        is(apr_pstrcat(pool, kinds[i], "=", NULL), jwks, "refused form");
        is(apr_pstrcat(pool, kinds[i], "\n", NULL), jwks, "refused form");
        is(apr_pstrcat(pool, kinds[i], ".", NULL), jwks, "refused form");
        is(apr_pstrcat(pool, kinds[i], ".AAAA", NULL), jwks, "refused form");
    }
    memset(full, 0xff, sizeof(full));
    is(apr_pstrcat(pool, input, ".", as_base64url_encode(pool, der, len), NULL), jwks,
       "refused signature");
    is(apr_pstrcat(pool, input, ".", as_base64url_encode(pool, zero, 64), NULL), jwks,
       "refused signature");
    is(apr_pstrcat(pool, input, ".", as_base64url_encode(pool, full, 64), NULL), jwks,
       "refused signature");
}
END_TEST

START_TEST(no_bit_of_a_token_may_flip)
{
    const char *good = sign(ec, header_of("ES256", "e"), CLAIMS);
    char *token = apr_pstrdup(pool, good);

    for (size_t bit = 0; bit < 8 * strlen(good); bit++) {
        token[bit / 8] = (char)(token[bit / 8] ^ 1 << bit % 8);
        ck_assert_str_ne(verdict(token, jwks), "signed");
        token[bit / 8] = good[bit / 8];
    }
    is(token, jwks, "signed");
}
END_TEST

START_TEST(payloads_are_objects)
{
    const char *const rows[] = { "", "x", "[]", "\"a\"", "null", "{\"a\":1,\"a\":1}", "{} {}",
                                 "{\"a\":\"\\u0000\"}", "{\"a\":\"\xff\"}" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        is(sign(rsa, header_of("RS256", "r"), rows[i]), jwks, "refused form");
    }
    is(sign(rsa, header_of("RS256", "r"), "{}"), jwks, "signed");
}
END_TEST

START_TEST(tokens_have_a_longest)
{
    char *claims = apr_pcalloc(pool, 40001);

    memset(claims, ' ', 40000);
    claims[0] = '{';
    claims[12009] = '}';
    claims[12010] = '\0';
    is(sign(rsa, header_of("RS256", "r"), claims), jwks, "refused form");
    claims[11999] = '}';
    claims[12000] = '\0';
    is(sign(rsa, header_of("RS256", "r"), claims), jwks, "signed");
    memset(claims, 'a', 40000);
    is(claims, jwks, "refused form");
    memset(claims, '.', 40000);
    is(claims, jwks, "refused form");
    is("", jwks, "refused form");
}
END_TEST

/* ---- key sets ---- */

START_TEST(sets_to_mistrust_are_refused_whole)
{
    const char *token = sign(ec, header_of("ES256", "e"), CLAIMS);
    const char *const secrets[] = { "k", "d", "p", "q", "dp", "dq", "qi", "oth" };
    const char *poison;

    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        poison = apr_psprintf(pool, "{\"kty\":\"RSA\",\"kid\":\"x\",\"%s\":\"AQ\"}", secrets[i]);
        is(token, set_of(ec_jwk, poison), "fault secret");
        is(token, set_of(poison, ec_jwk), "fault secret");
        poison = apr_psprintf(pool, "{\"kty\":\"new\",\"%s\":null}", secrets[i]);
        is(token, set_of(ec_jwk, poison), "fault secret");
    }
    is(token, set_of(ec_jwk, "{\"kty\":\"oct\"}"), "fault secret");
    is(token, set_of(ec_jwk, ec_jwk), "fault twice");
    is(token, set_of(ec_jwk, "{\"kty\":\"new\",\"kid\":\"e\"}"), "fault twice");
}
END_TEST

START_TEST(sets_have_a_form)
{
    const char *token = sign(ec, header_of("ES256", "e"), CLAIMS);
    const char *const rows[] = {
        "", "x", "null", "[]", "{}", "{\"keys\":null}", "{\"keys\":{}}", "{\"keys\":[]}", ec_jwk,
        apr_pstrcat(pool, "[", ec_jwk, "]", NULL), apr_pstrcat(pool, jwks, "x", NULL),
        apr_pstrcat(pool, jwks, jwks, NULL), set_of(ec_jwk, "null"), set_of(ec_jwk, "[]"),
        set_of(ec_jwk, "{}"), set_of(ec_jwk, "{\"kty\":1}"),
        set_of(ec_jwk, "{\"kty\":\"RSA\",\"kid\":1}"),
        set_of(ec_jwk, "{\"kty\":\"RSA\",\"kid\":null}"),
        apr_pstrcat(pool, "{\"keys\":[],\"keys\":[", ec_jwk, "]}", NULL),
        apr_psprintf(pool, "%-70000s", jwks),
    };
    const char *many = ec_jwk;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        is(token, rows[i], "fault set");
    }
    for (int i = 1; i < AS_JWKS_KEYS; i++) {
        many = apr_psprintf(pool, "{\"kty\":\"RSA\",\"kid\":\"%d\"},%s", i, many);
    }
    is(token, set_of(many, NULL), "signed");
    is(token, set_of("{\"kty\":\"RSA\"}", many), "fault set");
}
END_TEST

/* The token names a key that is there and does not do. */
START_TEST(keys_have_a_form)
{
    const char *token = sign(ec, header_of("ES256", "e"), CLAIMS);
    const char *x = number_of(ec, OSSL_PKEY_PARAM_EC_PUB_X, 32);
    const char *y = number_of(ec, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    const struct {
        const char *format, *expected; /* x and y */
    } rows[] = {
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"", "signed" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"use\":\"sig\"", "signed" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"key_ops\":[\"verify\"]", "signed" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"use\":\"enc\"", "refused use" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"use\":1", "refused use" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"key_ops\":[]", "refused use" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"key_ops\":[\"sign\"]", "refused use" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"key_ops\":\"verify\"", "refused use" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"alg\":\"ES256\"", "signed" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"alg\":\"ES384\"", "refused alg" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\",\"alg\":null", "refused alg" },
        { "\"crv\":\"P-384\",\"x\":\"%s\",\"y\":\"%s\"", "refused alg" },
        { "\"x\":\"%s\",\"y\":\"%s\"", "refused alg" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"z\":\"%s\"", "fault key" },
        { "\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"AA%s\"", "fault key" },
        { "\"crv\":\"P-256\",\"x\":\"%s=\",\"y\":\"%s\"", "fault key" },
        { "\"crv\":\"P-256\",\"x\":[\"%s\"],\"y\":\"%s\"", "fault key" },
        { "\"crv\":\"P-256\",\"y\":\"%s\",\"x\":\"%s\"", "fault key" }, /* not on the curve */
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *members = apr_psprintf(pool, rows[i].format, x, y);

        is(token, apr_pstrcat(pool, "{\"keys\":[{\"kty\":\"EC\",\"kid\":\"e\",", members, "}]}",
                              NULL),
           rows[i].expected);
    }
}
END_TEST

START_TEST(rsa_keys_have_a_least_size)
{
    static const unsigned sizes[] = { 1024, 2040 };
    const char *token = sign(rsa, header_of("RS256", "r"), CLAIMS);
    const char *n = number_of(rsa, OSSL_PKEY_PARAM_RSA_N, 0);
    const char *const exponents[] = { "", "AA", "AQ", "Ag", "AQAC", "////", "AQAAAAAAAAAB" };

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        EVP_PKEY *small = EVP_RSA_gen(sizes[i]);

        is(sign(small, header_of("RS256", "r"), CLAIMS),
           set_of(apr_pstrcat(pool, "{\"kid\":\"r\",", rsa_members(small), "}", NULL), NULL),
           "fault key");
        EVP_PKEY_free(small);
    }
    for (size_t i = 0; i < sizeof(exponents) / sizeof(exponents[0]); i++) {
        is(token, apr_psprintf(pool, "{\"keys\":[{\"kid\":\"r\",\"kty\":\"RSA\",\"n\":\"%s\","
                                     "\"e\":\"%s\"}]}", n, exponents[i]), "fault key");
    }
    is(token, apr_psprintf(pool, "{\"keys\":[{\"kid\":\"r\",\"kty\":\"RSA\",\"e\":\"AQAB\","
                                 "\"n\":\"%s%s%s%s%s\"}]}", n, n, n, n, n), "fault key");
    is(token, "{\"keys\":[{\"kid\":\"r\",\"kty\":\"RSA\",\"e\":\"AQAB\"}]}", "fault key");
}
END_TEST

/* RFC 4231, test cases 2 and 6. */
START_TEST(hmac_is_the_rfcs)
{
    unsigned char mac[AS_HMAC_BYTES], key[131];

    as_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac);
    ck_assert_str_eq(as_hex_encode(pool, mac, sizeof(mac)),
                     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    as_hmac_sha256(key, sizeof(key), "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                   mac);
    ck_assert_str_eq(as_hex_encode(pool, mac, sizeof(mac)),
                     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    as_hmac_sha256(NULL, 0, NULL, 0, mac);
    ck_assert_str_eq(as_hex_encode(pool, mac, sizeof(mac)),
                     "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
END_TEST

/* A case of the suite, each of whose tests has an issuer. */
static TCase *issuer_case(Suite *suite, const char *name)
{
    TCase *made = tcase_create(name);

    tcase_add_checked_fixture(made, issuer_setup, issuer_teardown);
    tcase_set_timeout(made, 60);
    suite_add_tcase(suite, made);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("jws");
    TCase *sound = issuer_case(suite, "sound");
    TCase *forged = issuer_case(suite, "forged");
    TCase *sets = issuer_case(suite, "sets");
    TCase *hmac = unit_case(suite, "hmac");

    tcase_add_test(sound, tokens_of_the_rfc_are_taken);
    tcase_add_test(sound, what_the_issuer_signs_is_taken);
    tcase_add_test(sound, keys_that_are_not_ours_do_not_disturb);
    tcase_add_test(forged, algorithms_are_the_keys);
    tcase_add_test(forged, headers_are_judged_before_signatures);
    tcase_add_test(forged, hmac_with_what_is_public_is_refused);
    tcase_add_test(forged, other_keys_do_not_sign);
    tcase_add_test(forged, signatures_have_one_length);
    tcase_add_test(forged, no_bit_of_a_token_may_flip);
    tcase_add_test(forged, payloads_are_objects);
    tcase_add_test(forged, tokens_have_a_longest);
    tcase_add_test(sets, sets_to_mistrust_are_refused_whole);
    tcase_add_test(sets, sets_have_a_form);
    tcase_add_test(sets, keys_have_a_form);
    tcase_add_test(sets, rsa_keys_have_a_least_size);
    tcase_add_test(hmac, hmac_is_the_rfcs);
    return unit_run(suite);
}
