/* SPDX-License-Identifier: Apache-2.0
 * Refresh tokens: a known one, every wrong length, every flipped bit, other salts and secrets.
 * Never uses a secret that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "crypto/refresh.h"

#define FIRST "correct horse battery staple, and then some"
#define SECOND "0123456789abcdef0123456789abcdef"
#define SESSION "00112233445566778899aabbccddeeff"
#define SALT "salt of the row"
#define TOKEN "ABEiM0RVZneImaq7zN3u_wAAAAAAAAAHhJ1FfoTF4GWCwkQxl59lVwJV2yt6doeRDyGfJI6Me6Q"

static as_secrets_t *secrets_of(const char *text)
{
    as_secrets_t *secrets;
    const char *error;

    ck_assert_int_eq(as_secrets_parse(&secrets, text, &error, pool), APR_SUCCESS);
    return secrets;
}

/* TOKEN was computed by other means for generation 7. */
START_TEST(a_token_is_the_one_computed_elsewhere)
{
    ck_assert_str_eq(as_refresh_make(pool, secrets_of(FIRST), SESSION, SALT, 7), TOKEN);
}
END_TEST

START_TEST(what_is_made_is_read_and_right)
{
    const apr_int64_t generations[] = { 1, 2, 255, 256, APR_INT64_C(1) << 40, APR_INT64_MAX };
    const as_secrets_t *secrets = secrets_of(FIRST);

    for (size_t i = 0; i < sizeof(generations) / sizeof(generations[0]); i++) {
        const char *session = as_random_id(pool);
        const char *token = as_refresh_make(pool, secrets, session, SALT, generations[i]);
        as_refresh_t parts;

        ck_assert_uint_eq(strlen(token), 75);
        ck_assert_int_eq(as_refresh_parse(&parts, token), 1);
        ck_assert_str_eq(parts.session, session);
        ck_assert_int_eq(parts.generation, generations[i]);
        ck_assert_int_eq(as_refresh_check(&parts, secrets, SALT), 1);
    }
}
END_TEST

START_TEST(the_salt_and_the_secret_must_be_right)
{
    as_refresh_t parts;

    ck_assert_int_eq(as_refresh_parse(&parts, TOKEN), 1);
    ck_assert_int_eq(as_refresh_check(&parts, secrets_of(FIRST), SALT), 1);
    ck_assert_int_eq(as_refresh_check(&parts, secrets_of(SECOND "\n" FIRST), SALT), 1);
    ck_assert_int_eq(as_refresh_check(&parts, secrets_of(SECOND), SALT), 0);
    ck_assert_int_eq(as_refresh_check(&parts, secrets_of(FIRST), "salt of another row"), 0);
    ck_assert_int_eq(as_refresh_check(&parts, secrets_of(FIRST), ""), 0);
}
END_TEST

START_TEST(no_part_may_be_another)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    as_refresh_t parts;

    ck_assert_int_eq(as_refresh_parse(&parts, TOKEN), 1);
    parts.generation++;
    ck_assert_int_eq(as_refresh_check(&parts, secrets, SALT), 0);
    parts.generation = -7;
    ck_assert_int_eq(as_refresh_check(&parts, secrets, SALT), 0);
    parts.generation = 7;
    parts.session[0] = '1';
    ck_assert_int_eq(as_refresh_check(&parts, secrets, SALT), 0);
    parts.session[0] = 'x';
    ck_assert_int_eq(as_refresh_check(&parts, secrets, SALT), 0);
}
END_TEST

START_TEST(sessions_and_generations_that_cannot_be_get_no_token)
{
    const as_secrets_t *secrets = secrets_of(FIRST);

    ck_assert_ptr_null(as_refresh_make(pool, secrets, SESSION, SALT, 0));
    ck_assert_ptr_null(as_refresh_make(pool, secrets, SESSION, SALT, -1));
    ck_assert_ptr_null(as_refresh_make(pool, secrets, "0011", SALT, 1));
    ck_assert_ptr_null(as_refresh_make(pool, secrets, "", SALT, 1));
}
END_TEST

START_TEST(every_other_length_is_refused)
{
    const char *longer = TOKEN TOKEN;
    as_refresh_t parts;

    for (size_t len = 0; len <= strlen(longer); len++) {
        ck_assert_int_eq(as_refresh_parse(&parts, apr_pstrndup(pool, longer, len)),
                         len == strlen(TOKEN));
    }
    ck_assert_int_eq(as_refresh_parse(&parts, NULL), 0);
    ck_assert_int_eq(as_refresh_parse(&parts, TOKEN "="), 0);
    ck_assert_int_eq(as_refresh_parse(&parts, " " TOKEN), 0);
    ck_assert_int_eq(as_refresh_parse(&parts, TOKEN "\n"), 0);
}
END_TEST

static const char *token_of_generation(apr_uint64_t generation)
{
    unsigned char octets[56] = { 0 };

    for (int i = 0; i < 8; i++) {
        octets[16 + i] = (unsigned char)(generation >> (56 - 8 * i));
    }
    return as_base64url_encode(pool, octets, sizeof(octets));
}

START_TEST(generations_are_positive)
{
    as_refresh_t parts;

    ck_assert_int_eq(as_refresh_parse(&parts, token_of_generation(0)), 0);
    ck_assert_int_eq(as_refresh_parse(&parts, token_of_generation(1)), 1);
    ck_assert_int_eq(as_refresh_parse(&parts, token_of_generation(APR_INT64_MAX)), 1);
    ck_assert_int_eq(as_refresh_parse(&parts, token_of_generation(APR_UINT64_C(1) << 63)), 0);
    ck_assert_int_eq(as_refresh_parse(&parts, token_of_generation(APR_UINT64_MAX)), 0);
}
END_TEST

static int is_good(const as_secrets_t *secrets, const char *token)
{
    as_refresh_t parts;

    return as_refresh_parse(&parts, token) && as_refresh_check(&parts, secrets, SALT);
}

START_TEST(no_bit_may_flip)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    apr_size_t len;
    unsigned char *octets = as_base64url_decode(pool, TOKEN, strlen(TOKEN), &len);

    ck_assert_int_eq(is_good(secrets, TOKEN), 1);
    for (apr_size_t bit = 0; bit < 8 * len; bit++) {
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
        ck_assert_int_eq(is_good(secrets, as_base64url_encode(pool, octets, len)), 0);
        octets[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}
END_TEST

/* Among them the two spare bits of the last character, which would make four texts of one token. */
START_TEST(no_character_may_change)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    char token[] = TOKEN;

    for (size_t i = 0; i < strlen(TOKEN); i++) {
        for (int c = 0; c < 256; c++) {
            token[i] = (char)c;
            ck_assert_int_eq(is_good(secrets, token), token[i] == TOKEN[i]);
        }
        token[i] = TOKEN[i];
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("refresh");
    TCase *tokens = unit_case(suite, "tokens");
    TCase *hostile = unit_case(suite, "hostile");

    tcase_add_test(tokens, a_token_is_the_one_computed_elsewhere);
    tcase_add_test(tokens, what_is_made_is_read_and_right);
    tcase_add_test(tokens, the_salt_and_the_secret_must_be_right);
    tcase_add_test(tokens, sessions_and_generations_that_cannot_be_get_no_token);
    tcase_add_test(hostile, no_part_may_be_another);
    tcase_add_test(hostile, every_other_length_is_refused);
    tcase_add_test(hostile, generations_are_positive);
    tcase_add_test(hostile, no_bit_may_flip);
    tcase_add_test(hostile, no_character_may_change);
    return unit_run(suite);
}
