/* SPDX-License-Identifier: Apache-2.0
 * Tests of crypto/totp.h: the vectors of RFC 4226 and RFC 6238, drift and replay at their edges,
 * secrets and the URL that carries them. Run by make check.
 */
#include "unit.h"

#include <string.h>

#include <apr_time.h>

#include "base/bytes.h"
#include "crypto/totp.h"

#define SECRET "12345678901234567890" /* of both RFCs */
#define SECRET_TEXT "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
#define STEP (30 * APR_USEC_PER_SEC)
#define NOW (APR_INT64_C(63333333) * STEP + 7)

static const char *code_of(apr_int64_t step)
{
    char *code = apr_palloc(pool, AS_TOTP_DIGITS + 1);

    as_totp_code((const unsigned char *)SECRET, (apr_uint64_t)step, code);
    return code;
}

START_TEST(codes_of_rfc_4226)
{
    static const char *const codes[] = { "755224", "287082", "359152", "969429", "338314",
                                         "254676", "287922", "162583", "399871", "520489" };

    ck_assert_str_eq(code_of(_i), codes[_i]);
}
END_TEST

/* The last six of its eight digits. */
START_TEST(codes_of_rfc_6238)
{
    static const struct {
        apr_int64_t seconds;
        const char *code;
    } rows[] = {
        { 59, "287082" },         { 1111111109, "081804" }, { 1111111111, "050471" },
        { 1234567890, "005924" }, { 2000000000, "279037" }, { 20000000000, "353130" },
    };
    apr_int64_t step = rows[_i].seconds / 30;

    ck_assert_str_eq(code_of(step), rows[_i].code);
    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, rows[_i].code,
                                    apr_time_from_sec(rows[_i].seconds), 0), step);
}
END_TEST

START_TEST(a_step_of_drift_either_way)
{
    static const struct {
        apr_int64_t offset;
        int right;
    } rows[] = { { -2, 0 }, { -1, 1 }, { 0, 1 }, { 1, 1 }, { 2, 0 } };
    apr_int64_t step = NOW / STEP + rows[_i].offset;

    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code_of(step), NOW, 0), rows[_i].right ? step : 0);
}
END_TEST

START_TEST(a_step_ends_to_the_microsecond)
{
    apr_int64_t step = 1000000;
    const char *code = code_of(step);

    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code, (step - 1) * STEP - 1, 0), 0);
    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code, (step - 1) * STEP, 0), step);
    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code, (step + 2) * STEP - 1, 0), step);
    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code, (step + 2) * STEP, 0), 0);
}
END_TEST

START_TEST(a_step_at_or_before_the_last_is_refused)
{
    apr_int64_t now = NOW / STEP;

    for (apr_int64_t step = now - 1; step <= now + 1; step++) {
        ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code_of(step), NOW, step - 1), step);
        ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code_of(step), NOW, step), 0);
        ck_assert_int_eq(as_totp_verify(SECRET_TEXT, code_of(step), NOW, step + 1), 0);
    }
}
END_TEST

START_TEST(what_is_no_code_is_none)
{
    const char *right = code_of(NOW / STEP);
    const char *const wrong[] = { "", "0", "00000000", "abcdef", "12345\xd9\xa6", NULL };

    for (int i = 0; wrong[i]; i++) {
        ck_assert_int_eq(as_totp_verify(SECRET_TEXT, wrong[i], NOW, 0), 0);
    }
    ck_assert_int_eq(as_totp_verify(SECRET_TEXT, right + 1, NOW, 0), 0);
    ck_assert_int_eq(as_totp_verify("", right, NOW, 0), 0);
    ck_assert_int_eq(as_totp_verify("GEZDGNBVGY3TQOJQ", right, NOW, 0), 0);
    ck_assert_int_eq(as_totp_verify("1EZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", right, NOW, 0), 0);
}
END_TEST

START_TEST(secrets_are_160_random_bits)
{
    unsigned char octets[AS_TOTP_SECRET_BYTES];
    const char *one = as_totp_secret(pool), *other = as_totp_secret(pool);

    ck_assert_uint_eq(strlen(one), 32);
    ck_assert(as_base32_decode(one, octets, sizeof octets));
    ck_assert_str_ne(one, other);
}
END_TEST

START_TEST(base32_there_and_back)
{
    unsigned char octets[AS_TOTP_SECRET_BYTES];

    ck_assert_str_eq(as_base32_encode(pool, (const unsigned char *)SECRET, sizeof octets),
                     SECRET_TEXT);
    ck_assert_str_eq(as_base32_encode(pool, (const unsigned char *)"fooba", 5), "MZXW6YTB");
    ck_assert(as_base32_decode(SECRET_TEXT, octets, sizeof octets));
    ck_assert_int_eq(memcmp(octets, SECRET, sizeof octets), 0);
    ck_assert(!as_base32_decode("mzxw6ytb", octets, 5));
    ck_assert(!as_base32_decode("MZXW6YT=", octets, 5));
    ck_assert(!as_base32_decode("MZXW6YTBMZXW6YTB", octets, 5));
    ck_assert(!as_base32_decode(NULL, octets, 5));
}
END_TEST

START_TEST(the_url_encodes_what_it_carries)
{
    ck_assert_str_eq(as_totp_url("auth.example.com", "ann@example.com", SECRET_TEXT, pool),
                     "otpauth://totp/auth.example.com:ann%40example.com?secret=" SECRET_TEXT
                     "&issuer=auth.example.com&algorithm=SHA1&digits=6&period=30");
    ck_assert_str_eq(as_totp_url("Caf\xc3\xa9:8443/x", "+49 1&2?#%", "S", pool),
                     "otpauth://totp/Caf%C3%A9%3A8443%2Fx:%2B49%201%262%3F%23%25?secret=S"
                     "&issuer=Caf%C3%A9%3A8443%2Fx&algorithm=SHA1&digits=6&period=30");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("totp");
    TCase *codes = unit_case(suite, "codes");
    TCase *secrets = unit_case(suite, "secrets");

    tcase_add_loop_test(codes, codes_of_rfc_4226, 0, 10);
    tcase_add_loop_test(codes, codes_of_rfc_6238, 0, 6);
    tcase_add_loop_test(codes, a_step_of_drift_either_way, 0, 5);
    tcase_add_test(codes, a_step_ends_to_the_microsecond);
    tcase_add_test(codes, a_step_at_or_before_the_last_is_refused);
    tcase_add_test(codes, what_is_no_code_is_none);
    tcase_add_test(secrets, secrets_are_160_random_bits);
    tcase_add_test(secrets, base32_there_and_back);
    tcase_add_test(secrets, the_url_encodes_what_it_carries);
    return unit_run(suite);
}
