/* SPDX-License-Identifier: Apache-2.0
 * Signing keys and the ring: RFC 7515's key and signature, texts that must not be read, who signs
 * when. Never uses a key that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "crypto/keyring.h"

/* RFC 7515, appendix A.3; the thumbprint was computed by other means. */
#define X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define D "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
#define KID "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U"
#define INPUT "eyJhbGciOiJFUzI1NiJ9." \
              "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQog" \
              "Imh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define SIGNATURE "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmX" \
                  "FCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

#define TEXT(kid, alg, d, x, y, created, active)                                                   \
    "{\"kid\":\"" kid "\",\"alg\":\"" alg "\",\"d\":\"" d "\",\"x\":\"" x "\",\"y\":\"" y          \
    "\",\"created\":" created ",\"active\":" active "}"

static as_signing_key_t *make_key(apr_int64_t created, apr_int64_t active)
{
    const char *text = as_signing_key_generate(pool, created, active);
    as_signing_key_t *key = as_signing_key_read(pool, text);

    ck_assert_ptr_nonnull(key);
    return key;
}

static const unsigned char *rfc_signature(void)
{
    apr_size_t len;
    const unsigned char *signature = as_base64url_decode(pool, SIGNATURE, strlen(SIGNATURE), &len);

    ck_assert_uint_eq(len, 64);
    return signature;
}

static as_signing_key_t *rfc_key(void)
{
    as_signing_key_t *key = as_signing_key_read(pool, TEXT(KID, "ES256", D, X, Y, "1", "2"));

    ck_assert_ptr_nonnull(key);
    return key;
}

START_TEST(the_rfc_key_is_read)
{
    const as_signing_key_t *key = rfc_key();

    ck_assert_str_eq(as_signing_key_kid(key), KID);
    ck_assert_int_eq(as_signing_key_created(key), 1);
    ck_assert_int_eq(as_signing_key_active(key), 2);
}
END_TEST

START_TEST(the_rfc_signature_is_good)
{
    ck_assert_int_eq(as_signing_key_verify(rfc_key(), INPUT, strlen(INPUT), rfc_signature()),
                     APR_SUCCESS);
    ck_assert_int_eq(as_signing_key_verify(rfc_key(), INPUT, strlen(INPUT) - 1, rfc_signature()),
                     AS_ENO);
    ck_assert_int_eq(as_signing_key_verify(make_key(1, 1), INPUT, strlen(INPUT), rfc_signature()),
                     AS_ENO);
}
END_TEST

START_TEST(generated_keys_are_read_back)
{
    const char *text = as_signing_key_generate(pool, 10, 20);
    const as_signing_key_t *key = as_signing_key_read(pool, text);
    as_json_t *members = as_json_parse(pool, text, strlen(text), NULL);

    ck_assert_ptr_nonnull(key);
    ck_assert_str_eq(as_signing_key_kid(key), as_json_get_string(members, "kid"));
    ck_assert_uint_eq(strlen(as_json_get_string(members, "d")), 43);
    ck_assert_int_eq(as_signing_key_created(key), 10);
    ck_assert_int_eq(as_signing_key_active(key), 20);
    ck_assert_str_ne(as_signing_key_kid(key), as_signing_key_kid(make_key(10, 20)));
}
END_TEST

START_TEST(extreme_instants_are_kept)
{
    const as_signing_key_t *key = make_key(APR_INT64_MIN, APR_INT64_MAX);

    ck_assert_int_eq(as_signing_key_created(key), APR_INT64_MIN);
    ck_assert_int_eq(as_signing_key_active(key), APR_INT64_MAX);
}
END_TEST

/* The first octet of d, x or y changed, another kid or alg, members that lack or are of another
 * type.
 */
START_TEST(texts_that_are_no_key_are_refused)
{
    const char *rows[] = {
        "",
        "{}",
        "[]",
        "null",
        TEXT(KID, "ES256", D, X, Y, "1", "2") "x",
        TEXT("LKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", "ES256", D, X, Y, "1", "2"),
        TEXT("", "ES256", D, X, Y, "1", "2"),
        TEXT(KID, "ES384", D, X, Y, "1", "2"),
        TEXT(KID, "none", D, X, Y, "1", "2"),
        TEXT(KID, "ES256", "kpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI", X, Y, "1", "2"),
        TEXT(KID, "ES256", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", X, Y, "1", "2"),
        TEXT(KID, "ES256", "_______________________________________-_-8", X, Y, "1", "2"),
        TEXT(KID, "ES256", D, "e83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", Y, "1", "2"),
        TEXT(KID, "ES256", D, X, "y_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", "1", "2"),
        TEXT(KID, "ES256", D, Y, X, "1", "2"),
        TEXT(KID, "ES256", D "=", X, Y, "1", "2"),
        TEXT(KID, "ES256", D, X "A", Y, "1", "2"),
        TEXT(KID, "ES256", D, X, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a1", "1", "2"),
        TEXT(KID, "ES256", D, X, "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a", "1", "2"),
        TEXT(KID, "ES256", "", X, Y, "1", "2"),
        TEXT(KID, "ES256", D, X, Y, "\"1\"", "2"),
        TEXT(KID, "ES256", D, X, Y, "1", "2.0"),
        TEXT(KID, "ES256", D, X, Y, "1", "null"),
        TEXT(KID, "ES256", D, X, Y, "1", "2,\"active\":3"),
        "{\"kid\":\"" KID "\",\"alg\":\"ES256\",\"x\":\"" X "\",\"y\":\"" Y
        "\",\"created\":1,\"active\":2}",
        "{\"kid\":\"" KID "\",\"alg\":\"ES256\",\"d\":\"" D "\",\"x\":\"" X "\",\"y\":\"" Y
        "\",\"created\":1}",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(as_signing_key_read(pool, rows[i]) == NULL, "%s", rows[i]);
    }
}
END_TEST

/* A key that is sound in itself, but whose d is another's. */
START_TEST(the_private_key_of_another_is_refused)
{
    const char *text = as_signing_key_generate(pool, 1, 1);
    as_json_t *members = as_json_parse(pool, text, strlen(text), NULL);

    as_json_set_string(members, "d", D);
    ck_assert_ptr_null(as_signing_key_read(pool, as_json_text(pool, members)));
}
END_TEST

START_TEST(what_is_signed_is_verified)
{
    const as_signing_key_t *key = make_key(1, 1);
    unsigned char signature[64];

    for (int i = 0; i < 300; i++) {
        const char *data = apr_psprintf(pool, "text %d", i);

        ck_assert_int_eq(as_signing_key_sign(key, data, strlen(data), signature), APR_SUCCESS);
        ck_assert_int_eq(as_signing_key_verify(key, data, strlen(data), signature), APR_SUCCESS);
    }
    ck_assert_int_eq(as_signing_key_sign(key, "", 0, signature), APR_SUCCESS);
    ck_assert_int_eq(as_signing_key_verify(key, "", 0, signature), APR_SUCCESS);
}
END_TEST

START_TEST(no_bit_of_a_signature_may_flip)
{
    const as_signing_key_t *key = rfc_key();
    unsigned char signature[64];

    memcpy(signature, rfc_signature(), sizeof(signature));
    for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_int_eq(as_signing_key_verify(key, INPUT, strlen(INPUT), signature), AS_ENO);
        signature[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
END_TEST

/* r and s of 0, of the order and of all ones: no, never a fault and never yes. */
START_TEST(degenerate_signatures_are_refused)
{
    const as_signing_key_t *key = rfc_key();
    unsigned char halves[3][32] = { { 0 } };
    unsigned char signature[64];

    ck_assert_int_eq(as_hex_decode("ffffffff00000000ffffffffffffffff"
                                   "bce6faada7179e84f3b9cac2fc632551", halves[1], 32), 1);
    memset(halves[2], 0xff, 32);
    for (int r = 0; r < 3; r++) {
        for (int s = 0; s < 3; s++) {
            memcpy(signature, halves[r], 32);
            memcpy(signature + 32, halves[s], 32);
            ck_assert_int_eq(as_signing_key_verify(key, INPUT, strlen(INPUT), signature), AS_ENO);
        }
    }
}
END_TEST

static as_keyring_t *ring_of(as_signing_key_t *const *keys, int n)
{
    apr_array_header_t *array = apr_array_make(pool, n, sizeof(as_signing_key_t *));

    for (int i = 0; i < n; i++) {
        APR_ARRAY_PUSH(array, as_signing_key_t *) = keys[i];
    }
    return as_keyring_create(pool, array);
}

START_TEST(the_youngest_active_key_signs)
{
    as_signing_key_t *keys[] = { make_key(2, 200), make_key(1, 100), make_key(3, 300) };
    const as_keyring_t *ring = ring_of(keys, 3);

    ck_assert_ptr_null(as_keyring_signer(ring, 99));
    ck_assert_ptr_eq(as_keyring_signer(ring, 100), keys[1]);
    ck_assert_ptr_eq(as_keyring_signer(ring, 199), keys[1]);
    ck_assert_ptr_eq(as_keyring_signer(ring, 200), keys[0]);
    ck_assert_ptr_eq(as_keyring_signer(ring, 300), keys[2]);
    ck_assert_ptr_eq(as_keyring_signer(ring, APR_INT64_MAX), keys[2]);
}
END_TEST

START_TEST(keys_of_one_instant_have_one_order)
{
    as_signing_key_t *keys[] = { make_key(1, 100), make_key(2, 100), make_key(2, 100) };
    as_signing_key_t *turned[] = { keys[2], keys[1], keys[0] };
    const as_signing_key_t *signer = as_keyring_signer(ring_of(keys, 3), 100);

    ck_assert_ptr_ne(signer, keys[0]);
    ck_assert_ptr_eq(as_keyring_signer(ring_of(turned, 3), 100), signer);
}
END_TEST

START_TEST(keys_are_found_by_kid)
{
    as_signing_key_t *keys[] = { make_key(1, 100), make_key(2, APR_INT64_MAX), rfc_key() };
    const as_keyring_t *ring = ring_of(keys, 3);

    for (int i = 0; i < 3; i++) {
        ck_assert_ptr_eq(as_keyring_find(ring, as_signing_key_kid(keys[i])), keys[i]);
    }
    ck_assert_ptr_null(as_keyring_find(ring, as_signing_key_kid(make_key(3, 1))));
    ck_assert_ptr_null(as_keyring_find(ring, ""));
    ck_assert_ptr_null(as_keyring_find(ring, NULL));
}
END_TEST

START_TEST(an_empty_ring_has_nothing)
{
    const as_keyring_t *ring = ring_of(NULL, 0);

    ck_assert_ptr_null(as_keyring_signer(ring, APR_INT64_MAX));
    ck_assert_ptr_null(as_keyring_find(ring, KID));
    ck_assert_str_eq(as_json_text(pool, as_keyring_jwks(ring, pool)), "{\"keys\":[]}");
}
END_TEST

START_TEST(a_ring_does_not_see_what_is_added_later)
{
    apr_array_header_t *array = apr_array_make(pool, 2, sizeof(as_signing_key_t *));
    const as_keyring_t *ring;

    APR_ARRAY_PUSH(array, as_signing_key_t *) = make_key(1, 100);
    ring = as_keyring_create(pool, array);
    APR_ARRAY_PUSH(array, as_signing_key_t *) = rfc_key();
    APR_ARRAY_IDX(array, 0, as_signing_key_t *) = rfc_key();
    ck_assert_ptr_null(as_keyring_find(ring, KID));
}
END_TEST

START_TEST(the_jwks_shows_public_members_youngest_first)
{
    as_signing_key_t *keys[] = { rfc_key(), make_key(1, 100) };
    as_json_t *jwks = as_keyring_jwks(ring_of(keys, 2), pool);
    as_json_t *list = as_json_get(jwks, "keys");

    ck_assert_str_eq(as_json_get_string(as_json_at(list, 0), "kid"), as_signing_key_kid(keys[1]));
    ck_assert_str_eq(as_json_text(pool, as_json_at(list, 1)),
                     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"alg\":\"ES256\",\"use\":\"sig\","
                     "\"kid\":\"" KID "\",\"x\":\"" X "\",\"y\":\"" Y "\"}");
    ck_assert_ptr_null(as_json_at(list, 2));
    ck_assert_ptr_null(strstr(as_json_text(pool, jwks), "\"d\""));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyring");
    TCase *keys = unit_case(suite, "keys");
    TCase *signatures = unit_case(suite, "signatures");
    TCase *rings = unit_case(suite, "rings");

    tcase_set_timeout(signatures, 60);
    tcase_add_test(keys, the_rfc_key_is_read);
    tcase_add_test(keys, generated_keys_are_read_back);
    tcase_add_test(keys, extreme_instants_are_kept);
    tcase_add_test(keys, texts_that_are_no_key_are_refused);
    tcase_add_test(keys, the_private_key_of_another_is_refused);
    tcase_add_test(signatures, the_rfc_signature_is_good);
    tcase_add_test(signatures, what_is_signed_is_verified);
    tcase_add_test(signatures, no_bit_of_a_signature_may_flip);
    tcase_add_test(signatures, degenerate_signatures_are_refused);
    tcase_add_test(rings, the_youngest_active_key_signs);
    tcase_add_test(rings, keys_of_one_instant_have_one_order);
    tcase_add_test(rings, keys_are_found_by_kid);
    tcase_add_test(rings, an_empty_ring_has_nothing);
    tcase_add_test(rings, a_ring_does_not_see_what_is_added_later);
    tcase_add_test(rings, the_jwks_shows_public_members_youngest_first);
    return unit_run(suite);
}
