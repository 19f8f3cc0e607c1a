/* SPDX-License-Identifier: Apache-2.0
 * Sealed columns: what opens, what must not, and which secret sealed.
 * Never uses a secret that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "crypto/seal.h"

#define FIRST "correct horse battery staple, and then some"
#define SECOND "0123456789abcdef0123456789abcdef"
#define ROW "as_outbox/00112233445566778899aabbccddeeff"

static as_secrets_t *secrets_of(const char *text)
{
    as_secrets_t *secrets;
    const char *error;

    ck_assert_int_eq(as_secrets_parse(&secrets, text, &error, pool), APR_SUCCESS);
    return secrets;
}

START_TEST(what_is_sealed_opens)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    char *long_text = apr_pcalloc(pool, 100001);
    const char *texts[] = { "", "1", "a code: 012345", "\xc3\xa4 \xf0\x9f\x94\x91", long_text };

    memset(long_text, 'x', 100000);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const char *sealed = as_seal(pool, secrets, ROW, texts[i]);

        ck_assert_uint_eq(strlen(sealed), ((strlen(texts[i]) + 33) * 8 + 5) / 6);
        ck_assert_str_eq(as_unseal(pool, secrets, ROW, sealed), texts[i]);
        ck_assert_int_eq(as_seal_is_current(secrets, sealed), 1);
    }
}
END_TEST

START_TEST(the_form_is_as_written)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *sealed = as_seal(pool, secrets, ROW, "text");
    unsigned char name[4];
    apr_size_t len;
    unsigned char *octets = as_base64url_decode(pool, sealed, strlen(sealed), &len);

    ck_assert_int_eq(as_hex_decode(as_secret_name(secrets, 0), name, sizeof(name)), 1);
    ck_assert_uint_eq(len, 1 + 4 + 12 + strlen("text") + 16);
    ck_assert_int_eq(octets[0], 1);
    ck_assert_mem_eq(octets + 1, name, sizeof(name));
}
END_TEST

/* Made with another HKDF and another AES-GCM. */
START_TEST(a_seal_made_elsewhere_opens)
{
    const char *sealed = "AWS_1cUAAQIDBAUGBwgJCgsbqtA6Vro68vFYfX25"
                         "J1yo6_hah-o5S6kpS5zNwDw";

    ck_assert_str_eq(as_unseal(pool, secrets_of(FIRST), ROW, sealed), "a code: 012345");
}
END_TEST

START_TEST(two_seals_of_one_text_differ)
{
    const as_secrets_t *secrets = secrets_of(FIRST);

    ck_assert_str_ne(as_seal(pool, secrets, ROW, "text"), as_seal(pool, secrets, ROW, "text"));
}
END_TEST

START_TEST(another_row_does_not_open_it)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *sealed = as_seal(pool, secrets, ROW, "text");
    const char *rows[] = { "", "as_outbox/00112233445566778899aabbccddeefe",
                           "as_factor/00112233445566778899aabbccddeeff", ROW "0" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_ptr_null(as_unseal(pool, secrets, rows[i], sealed));
    }
}
END_TEST

START_TEST(the_second_secret_opens_but_is_not_current)
{
    const as_secrets_t *before = secrets_of(FIRST);
    const as_secrets_t *during = secrets_of(SECOND "\n" FIRST);
    const as_secrets_t *after = secrets_of(SECOND);
    const char *sealed = as_seal(pool, before, ROW, "text");
    const char *anew;

    ck_assert_int_eq(as_seal_is_current(before, sealed), 1);
    ck_assert_str_eq(as_unseal(pool, during, ROW, sealed), "text");
    ck_assert_int_eq(as_seal_is_current(during, sealed), 0);
    ck_assert_ptr_null(as_unseal(pool, after, ROW, sealed));
    anew = as_seal(pool, during, ROW, "text");
    ck_assert_int_eq(as_seal_is_current(during, anew), 1);
    ck_assert_str_eq(as_unseal(pool, after, ROW, anew), "text");
    ck_assert_ptr_null(as_unseal(pool, before, ROW, anew));
}
END_TEST

START_TEST(no_bit_may_flip)
{
    const as_secrets_t *secrets = secrets_of(SECOND "\n" FIRST);
    const char *sealed = as_seal(pool, secrets, ROW, "012345");
    apr_size_t len;
    unsigned char *octets = as_base64url_decode(pool, sealed, strlen(sealed), &len);

    for (apr_size_t bit = 0; bit < 8 * len; bit++) {
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_ptr_null(as_unseal(pool, secrets, ROW, as_base64url_encode(pool, octets, len)));
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    ck_assert_str_eq(as_unseal(pool, secrets, ROW, as_base64url_encode(pool, octets, len)),
                     "012345");
}
END_TEST

START_TEST(no_character_may_change)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    char *sealed = apr_pstrdup(pool, as_seal(pool, secrets, ROW, "012345"));

    for (size_t bit = 0; bit < 8 * strlen(sealed); bit++) {
        sealed[bit / 8] = (char)(sealed[bit / 8] ^ 1 << bit % 8);
        ck_assert_ptr_null(as_unseal(pool, secrets, ROW, sealed));
        sealed[bit / 8] = (char)(sealed[bit / 8] ^ 1 << bit % 8);
    }
}
END_TEST

START_TEST(no_length_but_its_own_opens)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *sealed = as_seal(pool, secrets, ROW, "012345");

    for (size_t len = 0; len < strlen(sealed); len++) {
        ck_assert_ptr_null(as_unseal(pool, secrets, ROW, apr_pstrndup(pool, sealed, len)));
    }
    ck_assert_ptr_null(as_unseal(pool, secrets, ROW, apr_pstrcat(pool, sealed, "A", NULL)));
    ck_assert_ptr_null(as_unseal(pool, secrets, ROW, apr_pstrcat(pool, sealed, "=", NULL)));
    ck_assert_ptr_null(as_unseal(pool, secrets, ROW, apr_pstrcat(pool, sealed, "AAAA", NULL)));
    ck_assert_ptr_null(as_unseal(pool, secrets, ROW, NULL));
}
END_TEST

START_TEST(what_is_no_seal_is_not_current)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    char *sealed = apr_pstrdup(pool, as_seal(pool, secrets, ROW, "012345"));

    ck_assert_int_eq(as_seal_is_current(secrets, NULL), 0);
    ck_assert_int_eq(as_seal_is_current(secrets, ""), 0);
    ck_assert_int_eq(as_seal_is_current(secrets, "plain text"), 0);
    ck_assert_int_eq(as_seal_is_current(secrets, apr_pstrndup(pool, sealed, 7)), 0);
    sealed[0] = 'B';
    ck_assert_int_eq(as_seal_is_current(secrets, sealed), 0);
}
END_TEST

START_TEST(an_opened_text_is_wiped_with_its_pool)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *sealed = as_seal(pool, secrets, ROW, "012345");
    apr_pool_t *inner;
    const char *text;

    /* A cleared pool keeps its memory, so that what stands there can be seen. */
    ck_assert_int_eq(apr_pool_create(&inner, pool), APR_SUCCESS);
    text = as_unseal(inner, secrets, ROW, sealed);
    ck_assert_str_eq(text, "012345");
    apr_pool_clear(inner);
    ck_assert_mem_eq(text, "\0\0\0\0\0\0", 6);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seal");
    TCase *opening = unit_case(suite, "opening");
    TCase *hostile = unit_case(suite, "hostile");

    tcase_add_test(opening, what_is_sealed_opens);
    tcase_add_test(opening, the_form_is_as_written);
    tcase_add_test(opening, a_seal_made_elsewhere_opens);
    tcase_add_test(opening, two_seals_of_one_text_differ);
    tcase_add_test(opening, the_second_secret_opens_but_is_not_current);
    tcase_add_test(opening, an_opened_text_is_wiped_with_its_pool);
    tcase_add_test(hostile, another_row_does_not_open_it);
    tcase_add_test(hostile, no_bit_may_flip);
    tcase_add_test(hostile, no_character_may_change);
    tcase_add_test(hostile, no_length_but_its_own_opens);
    tcase_add_test(hostile, what_is_no_seal_is_not_current);
    return unit_run(suite);
}
