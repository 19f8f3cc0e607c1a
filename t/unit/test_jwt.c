/* SPDX-License-Identifier: Apache-2.0
 * Access tokens: what is taken, and every forgery that must not be: other algorithms, keys, types,
 * parts, instants. Never uses a key that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/jwt.h"

#define NOW_SEC APR_INT64_C(1700000000)
#define HEADER "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}"
#define AUTH "https://auth.example.com"
#define APP "https://app.example.com"
#define ISS_AUD "\"iss\":\"" AUTH "\",\"aud\":\"" APP "\""
#define CLAIMS "{" ISS_AUD ",\"sub\":\"1\",\"exp\":1700000001}"

static const as_jwt_demand_t demand = {
    .issuer = AUTH,
    .audience = APP,
    .now = NOW_SEC * APR_USEC_PER_SEC,
    .leeway = 10 * APR_USEC_PER_SEC,
};

static as_signing_key_t *key;
static as_keyring_t *ring;

static as_signing_key_t *make_key(void)
{
    as_signing_key_t *made = as_signing_key_read(pool, as_signing_key_generate(pool, 1, 1));

    ck_assert_ptr_nonnull(made);
    return made;
}

static void make_ring(void)
{
    apr_array_header_t *keys = apr_array_make(pool, 2, sizeof(as_signing_key_t *));

    key = make_key();
    APR_ARRAY_PUSH(keys, as_signing_key_t *) = key;
    APR_ARRAY_PUSH(keys, as_signing_key_t *) = make_key();
    ring = as_keyring_create(pool, keys);
}

static const char *encode(const char *text)
{
    return as_base64url_encode(pool, text, strlen(text));
}

/* A token of these two encoded parts, soundly signed whatever they hold. */
static const char *sign_parts(const as_signing_key_t *by, const char *header, const char *claims)
{
    const char *input = apr_pstrcat(pool, header, ".", claims, NULL);
    unsigned char signature[64];

    ck_assert_int_eq(as_signing_key_sign(by, input, strlen(input), signature), APR_SUCCESS);
    return apr_pstrcat(pool, input, ".", as_base64url_encode(pool, signature, 64), NULL);
}

static const char *header_text(void)
{
    return apr_psprintf(pool, HEADER, as_signing_key_kid(key));
}

static const char *forge(const char *header, const char *claims)
{
    return sign_parts(key, encode(header), encode(claims));
}

/* NULL when the token is taken, else the word for the log. */
static const char *refusal(const char *token)
{
    as_json_t *claims = NULL;
    const char *why = NULL;
    apr_status_t status = as_jwt_verify(pool, ring, &demand, token, &claims, &why);

    ck_assert_int_eq(status, why ? AS_ENO : APR_SUCCESS);
    ck_assert_int_eq(claims != NULL, why == NULL);
    return why;
}

static void refused(const char *token, const char *expected)
{
    const char *why = refusal(token);

    ck_assert_msg(why && strcmp(why, expected) == 0, "%s, not %s: %s", why ? why : "taken",
                  expected, token);
}

static void taken(const char *token)
{
    const char *why = refusal(token);

    ck_assert_msg(why == NULL, "%s: %s", why, token);
}

START_TEST(what_is_signed_is_taken)
{
    as_json_t *claims = as_json_parse(pool, CLAIMS, strlen(CLAIMS), NULL);
    const char *token = as_jwt_sign(pool, key, claims);
    as_json_t *found;
    const char *why;
    apr_size_t len;

    ck_assert_int_eq(as_jwt_verify(pool, ring, &demand, token, &found, &why), APR_SUCCESS);
    ck_assert_ptr_null(why);
    ck_assert_str_eq(as_json_text(pool, found), CLAIMS);
    ck_assert_str_eq((char *)as_base64url_decode(pool, token, strcspn(token, "."), &len),
                     header_text());
}
END_TEST

START_TEST(a_token_too_long_is_not_made)
{
    as_json_t *claims = as_json_object(pool);
    char *roles = apr_pcalloc(pool, AS_JWT_MAX);

    memset(roles, 'r', AS_JWT_MAX - 1);
    as_json_set_string(claims, "roles", roles);
    ck_assert_ptr_null(as_jwt_sign(pool, key, claims));
}
END_TEST

START_TEST(types_are_media_types)
{
    const struct {
        const char *typ, *why;
    } rows[] = {
        { "\"at+jwt\"", NULL },
        { "\"AT+JWT\"", NULL },
        { "\"application/at+jwt\"", NULL },
        { "\"Application/At+Jwt\"", NULL },
        { "\"JWT\"", "typ" },
        { "\"jwt\"", "typ" },
        { "\"at+jwt \"", "typ" },
        { "\"text/at+jwt\"", "typ" },
        { "\"at+jwt\\u0131\"", "typ" },
        { "\"\"", "typ" },
        { "null", "typ" },
        { "1", "typ" },
        { "[\"at+jwt\"]", "typ" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *header = apr_psprintf(pool, "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":%s}",
                                          as_signing_key_kid(key), rows[i].typ);
        const char *why = refusal(forge(header, CLAIMS));

        ck_assert_msg(rows[i].why ? why && strcmp(why, rows[i].why) == 0 : !why, "%s", rows[i].typ);
    }
}
END_TEST

START_TEST(wrong_headers_are_refused_though_soundly_signed)
{
    const char *kid = as_signing_key_kid(key);
    const struct {
        const char *format, *why; /* %s is the kid */
    } rows[] = {
        { "{\"alg\":\"none\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":\"ES384\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":\"HS256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":\"es256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":\"ES256 \",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":null,\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":[\"ES256\"],\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "alg" },
        { "{\"alg\":\"ES256\",\"kid\":\"x%s\",\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"kid\":[\"%s\"],\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"kid\":\"\",\"x\":\"%s\",\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"kid\":null,\"x\":\"%s\",\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"kid\":7,\"x\":\"%s\",\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"x\":\"%s\",\"typ\":\"at+jwt\"}", "kid" },
        { "{\"alg\":\"ES256\",\"kid\":\"%s\"}", "typ" },
        { "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\",\"crit\":[\"exp\"]}", "crit" },
        { "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\",\"crit\":[]}", "crit" },
        { "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\",\"crit\":null}", "crit" },
        { "{\"alg\":\"none\",\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "form" },
        { "{\"alg\":\"ES256\",\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}", "form" },
        { "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}x", "form" },
        { "[\"ES256\",\"%s\"]", "form" },
        { "\"%s\"", "form" },
        { "null", "form" },
        { "{", "form" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refused(forge(apr_psprintf(pool, rows[i].format, kid), CLAIMS), rows[i].why);
    }
}
END_TEST

START_TEST(keys_that_a_header_brings_along_are_not_followed)
{
    const as_signing_key_t *stranger = make_key();
    const char *format = "{\"alg\":\"ES256\",\"kid\":\"%s\",\"typ\":\"at+jwt\",\"jwk\":{},"
                         "\"jku\":\"https://evil.example/j\",\"x5u\":\"https://evil.example/x\"}";

    refused(sign_parts(stranger, encode(apr_psprintf(pool, format, as_signing_key_kid(key))),
                       encode(CLAIMS)), "signature");
    refused(sign_parts(stranger, encode(apr_psprintf(pool, format, as_signing_key_kid(stranger))),
                       encode(CLAIMS)), "kid");
}
END_TEST

START_TEST(the_key_is_the_one_the_kid_names)
{
    apr_array_header_t *keys = apr_array_make(pool, 2, sizeof(as_signing_key_t *));
    as_signing_key_t *other = make_key();

    APR_ARRAY_PUSH(keys, as_signing_key_t *) = key;
    APR_ARRAY_PUSH(keys, as_signing_key_t *) = other;
    ring = as_keyring_create(pool, keys);
    refused(sign_parts(other, encode(header_text()), encode(CLAIMS)), "signature");
    taken(sign_parts(key, encode(header_text()), encode(CLAIMS)));
}
END_TEST

/* The token of input and the first octets of mac. */
static const char *mac_token(const char *input, const unsigned char mac[64], apr_size_t len)
{
    return apr_pstrcat(pool, input, ".", as_base64url_encode(pool, mac, len), NULL);
}

/* The classic: HMAC with what is public, as a reader would use it that lets the token choose. */
START_TEST(hmac_with_the_public_key_is_refused)
{
    const char *algs[] = { "HS256", "ES256" };
    as_json_t *jwks = as_keyring_jwks(ring, pool);
    const char *publics[] = {
        as_json_text(pool, jwks),
        as_json_text(pool, as_json_at(as_json_get(jwks, "keys"), 0)),
        as_json_get_string(as_json_at(as_json_get(jwks, "keys"), 0), "x"),
    };

    for (int i = 0; i < 6; i++) {
        const char *header = apr_psprintf(pool,
                                          "{\"alg\":\"%s\",\"kid\":\"%s\",\"typ\":\"at+jwt\"}",
                                          algs[i % 2], as_signing_key_kid(key));
        const char *input = apr_pstrcat(pool, encode(header), ".", encode(CLAIMS), NULL);
        const char *secret = publics[i / 2];
        unsigned char mac[64] = { 0 };

        HMAC(EVP_sha256(), secret, (int)strlen(secret), (const unsigned char *)input, strlen(input),
             mac, NULL);
        ck_assert_ptr_nonnull(refusal(mac_token(input, mac, 32)));
        ck_assert_ptr_nonnull(refusal(mac_token(input, mac, 64)));
    }
}
END_TEST

START_TEST(parts_are_three_and_none_is_empty)
{
    const char *token = forge(header_text(), CLAIMS);
    const char *header = encode(header_text());
    const char *claims = encode(CLAIMS);
    const char *signature = strrchr(token, '.') + 1;
    const char *rows[] = {
        "", ".", "..", "...", "a.b.c", header,
        apr_pstrcat(pool, header, ".", claims, NULL),
        apr_pstrcat(pool, header, ".", claims, ".", NULL),
        apr_pstrcat(pool, header, "..", signature, NULL),
        apr_pstrcat(pool, ".", claims, ".", signature, NULL),
        apr_pstrcat(pool, token, ".", NULL),
        apr_pstrcat(pool, token, ".", signature, NULL),
        apr_pstrcat(pool, ".", token, NULL),
        apr_pstrcat(pool, header, ".", claims, ".", claims, ".", signature, NULL),
    };

    taken(token);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        refused(rows[i], "form");
    }
}
END_TEST

START_TEST(signatures_have_one_length)
{
    const char *token = forge(header_text(), CLAIMS);
    const size_t start = (size_t)(strrchr(token, '.') - token) + 1;
    const char *signature = token + start;

    for (size_t len = start; len < strlen(token); len++) {
        refused(apr_pstrndup(pool, token, len), "form");
    }
    refused(apr_pstrcat(pool, token, "A", NULL), "form");
    refused(apr_pstrcat(pool, token, "AA", NULL), "form");
    refused(apr_pstrcat(pool, token, "AAAA", NULL), "form");
    refused(apr_pstrcat(pool, token, signature, NULL), "form");
    refused(apr_pstrcat(pool, apr_pstrndup(pool, token, start), "MEUC", signature, NULL), "form");
}
END_TEST

START_TEST(base64url_is_canonical)
{
    const char *token = forge(header_text(), CLAIMS);
    const char *header = encode(header_text());
    const char *claims = encode("{\"a\":12}"); /* 8 octets: two spare bits */
    char *spare = apr_pstrdup(pool, claims);

    refused(apr_pstrcat(pool, token, "=", NULL), "form");
    refused(apr_pstrcat(pool, token, "==", NULL), "form");
    refused(apr_pstrcat(pool, token, " ", NULL), "form");
    refused(apr_pstrcat(pool, token, "\n", NULL), "form");
    refused(apr_pstrcat(pool, " ", token, NULL), "form");
    refused(sign_parts(key, apr_pstrcat(pool, header, "=", NULL), claims), "form");
    refused(sign_parts(key, apr_pstrcat(pool, header, "A", NULL), claims), "form");
    refused(sign_parts(key, header, apr_pstrcat(pool, claims, "=", NULL)), "form");
    spare[strlen(spare) - 1]++;
    refused(sign_parts(key, header, spare), "form");
    spare[strlen(spare) - 1]--;
    refused(sign_parts(key, header, spare), "iss");
}
END_TEST

START_TEST(no_bit_of_a_token_may_flip)
{
    const char *good = forge(header_text(), CLAIMS);
    char *token = apr_pstrdup(pool, good);

    for (size_t bit = 0; bit < 8 * strlen(good); bit++) {
        token[bit / 8] = (char)(token[bit / 8] ^ 1 << bit % 8);
        ck_assert_msg(refusal(token) != NULL, "bit %d of octet %d", (int)(bit % 8), (int)(bit / 8));
        token[bit / 8] = good[bit / 8];
    }
    taken(token);
}
END_TEST

START_TEST(no_octet_may_go)
{
    const char *good = forge(header_text(), CLAIMS);

    for (size_t at = 0; at < strlen(good); at++) {
        ck_assert_ptr_nonnull(refusal(apr_pstrcat(pool, apr_pstrndup(pool, good, at), good + at + 1,
                                                  NULL)));
    }
}
END_TEST

/* Claims padded until the token is of that length or one or two octets less. */
static const char *token_of_length(size_t len)
{
    const char *header = encode(header_text());
    size_t octets = (len - strlen(header) - 2 - 86) * 6 / 8;
    char *claims = apr_palloc(pool, octets + 1);

    memset(claims, ' ', octets);
    memcpy(claims, CLAIMS, strlen(CLAIMS));
    claims[octets] = '\0';
    return sign_parts(key, header, encode(claims));
}

START_TEST(tokens_beyond_the_maximum_are_refused)
{
    const char *token = token_of_length(AS_JWT_MAX);

    ck_assert_uint_gt(strlen(token), AS_JWT_MAX - 3);
    taken(token);
    token = token_of_length(AS_JWT_MAX + 4);
    ck_assert_uint_gt(strlen(token), AS_JWT_MAX);
    refused(token, "form");
    refused(token_of_length(100000), "form");
}
END_TEST

START_TEST(claims_are_as_demanded)
{
    const struct {
        const char *claims, *why;
    } rows[] = {
        { "{" ISS_AUD ",\"exp\":1700000001}", NULL },
        { "{" ISS_AUD ",\"exp\":1700000000}", "exp" },
        { "{" ISS_AUD ",\"exp\":1699999999}", "exp" },
        { "{" ISS_AUD ",\"exp\":0}", "exp" },
        { "{" ISS_AUD ",\"exp\":-1700000001}", "exp" },
        { "{" ISS_AUD "}", "exp" },
        { "{" ISS_AUD ",\"exp\":null}", "exp" },
        { "{" ISS_AUD ",\"exp\":\"1700000001\"}", "exp" },
        { "{" ISS_AUD ",\"exp\":1700000001.0}", "exp" },
        { "{" ISS_AUD ",\"exp\":1.8e9}", "exp" },
        { "{" ISS_AUD ",\"exp\":[1700000001]}", "exp" },
        { "{" ISS_AUD ",\"exp\":9223372036854775807}", NULL },
        { "{" ISS_AUD ",\"exp\":9223372036855}", NULL },
        { "{" ISS_AUD ",\"exp\":9223372036854}", NULL },
        { "{" ISS_AUD ",\"exp\":-9223372036854775808}", "exp" },
        { "{" ISS_AUD ",\"exp\":9223372036854775808}", "form" },
        { "{" ISS_AUD ",\"exp\":1e999}", "form" },
        { "{" ISS_AUD ",\"exp\":1699999999,\"exp\":1700000001}", "form" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":1700000000}", NULL },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":1700000010}", NULL },
        { "{" ISS_AUD ",\"exp\":1700000099,\"nbf\":1700000011}", "nbf" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":9223372036854775807}", "nbf" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":-9223372036854775808}", NULL },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":null}", "nbf" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":1.5}", "nbf" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"nbf\":\"0\"}", "nbf" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"iat\":1700000010}", NULL },
        { "{" ISS_AUD ",\"exp\":1700000099,\"iat\":1700000011}", "iat" },
        { "{" ISS_AUD ",\"exp\":1700000001,\"iat\":true}", "iat" },
        { "{\"iss\":\"" AUTH "/\",\"aud\":\"" APP "\",\"exp\":1700000001}", "iss" },
        { "{\"iss\":[\"" AUTH "\"],\"aud\":\"" APP "\",\"exp\":1700000001}", "iss" },
        { "{\"iss\":null,\"aud\":\"" APP "\",\"exp\":1700000001}", "iss" },
        { "{\"aud\":\"" APP "\",\"exp\":1700000001}", "iss" },
        { "{\"iss\":\"" AUTH "\",\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":\"https://app.example.co\",\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":{\"" APP "\":1},\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":[],\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":[\"a\",\"b\"],\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":[[\"" APP "\"]],\"exp\":1700000001}", "aud" },
        { "{\"iss\":\"" AUTH "\",\"aud\":[\"a\",\"" APP "\"],\"exp\":1700000001}", NULL },
        { "{\"iss\":\"" AUTH "\",\"aud\":[7,null,\"" APP "\"],\"exp\":1700000001}", NULL },
        { "{\"iss\":\"" AUTH "\\u0000\",\"aud\":\"" APP "\",\"exp\":1700000001}", "form" },
        { "[]", "form" },
        { "null", "form" },
        { "1", "form" },
        { "{" ISS_AUD ",\"exp\":1700000001} {}", "form" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *why = refusal(forge(header_text(), rows[i].claims));

        ck_assert_msg(rows[i].why ? why && strcmp(why, rows[i].why) == 0 : !why, "%s: %s",
                      rows[i].claims, why ? why : "taken");
    }
}
END_TEST

START_TEST(claims_are_not_read_before_the_signature_holds)
{
    const as_signing_key_t *stranger = make_key();

    refused(sign_parts(stranger, encode(header_text()), encode("{\"exp\":1}")), "signature");
    refused(sign_parts(stranger, encode(header_text()), encode("no JSON")), "signature");
    refused(sign_parts(stranger, encode(header_text()), "!"), "signature");
}
END_TEST

typedef struct {
    const char *token;
    int right;
} worker_t;

static void *verify_often(void *baton)
{
    worker_t *worker = baton;
    apr_allocator_t *allocator;
    apr_pool_t *own;

    if (apr_allocator_create(&allocator) != APR_SUCCESS
        || apr_pool_create_ex(&own, NULL, NULL, allocator) != APR_SUCCESS) {
        return NULL;
    }
    apr_allocator_owner_set(allocator, own);
    for (int i = 0; i < 200; i++) {
        as_json_t *claims;
        const char *why;

        if (as_jwt_verify(own, ring, &demand, worker->token, &claims, &why) == APR_SUCCESS) {
            worker->right += as_jwt_sign(own, key, claims) != NULL;
        }
    }
    apr_pool_destroy(own);
    return NULL;
}

START_TEST(one_ring_serves_many_threads)
{
    worker_t workers[4];
    pthread_t threads[4];

    for (int i = 0; i < 4; i++) {
        workers[i] = (worker_t){ .token = forge(header_text(), CLAIMS) };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, verify_often, &workers[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(workers[i].right, 200);
    }
}
END_TEST

static TCase *ring_case(Suite *suite, const char *name)
{
    TCase *made = unit_case(suite, name);

    tcase_add_checked_fixture(made, make_ring, NULL);
    tcase_set_timeout(made, 120);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("jwt");
    TCase *tokens = ring_case(suite, "tokens");
    TCase *headers = ring_case(suite, "headers");
    TCase *forms = ring_case(suite, "forms");
    TCase *claims = ring_case(suite, "claims");

    tcase_add_test(tokens, what_is_signed_is_taken);
    tcase_add_test(tokens, a_token_too_long_is_not_made);
    tcase_add_test(tokens, one_ring_serves_many_threads);
    tcase_add_test(headers, types_are_media_types);
    tcase_add_test(headers, wrong_headers_are_refused_though_soundly_signed);
    tcase_add_test(headers, keys_that_a_header_brings_along_are_not_followed);
    tcase_add_test(headers, the_key_is_the_one_the_kid_names);
    tcase_add_test(headers, hmac_with_the_public_key_is_refused);
    tcase_add_test(forms, parts_are_three_and_none_is_empty);
    tcase_add_test(forms, signatures_have_one_length);
    tcase_add_test(forms, base64url_is_canonical);
    tcase_add_test(forms, no_bit_of_a_token_may_flip);
    tcase_add_test(forms, no_octet_may_go);
    tcase_add_test(forms, tokens_beyond_the_maximum_are_refused);
    tcase_add_test(claims, claims_are_as_demanded);
    tcase_add_test(claims, claims_are_not_read_before_the_signature_holds);
    return unit_run(suite);
}
