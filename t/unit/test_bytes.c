/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/bytes.h: wiping, comparison, hexadecimal, base64url.
 * Never measures time. Run by make check.
 */
#include "unit.h"

#include <string.h>

#include "base/bytes.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

START_TEST(a_span_is_a_string_without_its_nul)
{
    as_span_t span = as_span("abc");

    ck_assert_uint_eq(span.len, 3);
    ck_assert_mem_eq(span.at, "abc", 3);
    ck_assert_uint_eq(as_span("").len, 0);
    ck_assert_uint_eq(as_span(NULL).len, 0);
}
END_TEST

START_TEST(wiping_leaves_zero_and_no_more)
{
    char octets[] = "abcdef";
    char text[] = "secret";

    as_wipe(octets, 3);
    ck_assert_mem_eq(octets, "\0\0\0def", 7);
    as_wipe_text(text);
    ck_assert_mem_eq(text, "\0\0\0\0\0\0", 7);
    as_wipe(NULL, 7);
    as_wipe_text(NULL);
}
END_TEST

START_TEST(a_pool_wipes_when_it_is_cleared)
{
    unsigned char key[32];
    apr_pool_t *inner;

    memset(key, 0xa5, sizeof(key));
    ck_assert_int_eq(apr_pool_create(&inner, pool), APR_SUCCESS);
    as_wipe_with_pool(inner, key, 31);
    ck_assert_int_eq(key[0], 0xa5);
    apr_pool_clear(inner);
    for (int i = 0; i < 31; i++) {
        ck_assert_int_eq(key[i], 0);
    }
    ck_assert_int_eq(key[31], 0xa5);
}
END_TEST

START_TEST(equal_is_length_and_octets)
{
    const as_span_t a = { .at = "ab\0cd", .len = 5 };
    const as_span_t b = { .at = "ab\0ce", .len = 5 };
    const as_span_t shorter = { .at = "ab\0cd", .len = 4 };
    const as_span_t none = { .at = NULL, .len = 0 };

    ck_assert_int_eq(as_bytes_equal(a, a), 1);
    ck_assert_int_eq(as_bytes_equal(a, b), 0);
    ck_assert_int_eq(as_bytes_equal(a, shorter), 0);
    ck_assert_int_eq(as_bytes_equal(shorter, a), 0);
    ck_assert_int_eq(as_bytes_equal(none, none), 1);
    ck_assert_int_eq(as_bytes_equal(none, a), 0);
}
END_TEST

START_TEST(every_bit_counts_in_a_comparison)
{
    unsigned char a[16] = { 0 }, b[16] = { 0 };

    for (int bit = 0; bit < 128; bit++) {
        b[bit / 8] = (unsigned char)(1 << bit % 8);
        ck_assert_int_eq(as_bytes_equal((as_span_t){ a, 16 }, (as_span_t){ b, 16 }), 0);
        b[bit / 8] = 0;
    }
}
END_TEST

START_TEST(null_equals_nothing)
{
    ck_assert_int_eq(as_text_equal("a", "a"), 1);
    ck_assert_int_eq(as_text_equal("", ""), 1);
    ck_assert_int_eq(as_text_equal("a", "b"), 0);
    ck_assert_int_eq(as_text_equal("a", "ab"), 0);
    ck_assert_int_eq(as_text_equal(NULL, ""), 0);
    ck_assert_int_eq(as_text_equal("", NULL), 0);
    ck_assert_int_eq(as_text_equal(NULL, NULL), 0);
}
END_TEST

START_TEST(hex_goes_there_and_back)
{
    unsigned char all[256], back[256];
    const char *text;

    for (int i = 0; i < 256; i++) {
        all[i] = (unsigned char)i;
    }
    text = as_hex_encode(pool, all, sizeof(all));
    ck_assert_uint_eq(strlen(text), 512);
    ck_assert_int_eq(strncmp(text, "000102", 6), 0);
    ck_assert_str_eq(text + 508, "feff");
    ck_assert_int_eq(as_hex_decode(text, back, sizeof(back)), 1);
    ck_assert_mem_eq(all, back, sizeof(all));
    ck_assert_str_eq(as_hex_encode(pool, all, 0), "");
    ck_assert_int_eq(as_hex_decode("", back, 0), 1);
}
END_TEST

static const char *const bad_hex[] = {
    "", "0", "00", "000", "00000", "000000", "00FF", "0x00", "00 0", " 000", "00g0", "00-1",
    "000`", "000:", "000/", "00\xc3\xa9"
};

START_TEST(bad_hex_is_refused)
{
    unsigned char out[2];

    ck_assert_int_eq(as_hex_decode(bad_hex[_i], out, sizeof(out)), 0);
    ck_assert_int_eq(as_hex_decode(NULL, out, sizeof(out)), 0);
}
END_TEST

/* RFC 4648, section 10, without padding; and the two digits that differ from base64. */
static const struct {
    const char *octets, *text;
} base64url[] = {
    { "", "" },          { "f", "Zg" },           { "fo", "Zm8" },          { "foo", "Zm9v" },
    { "foob", "Zm9vYg" }, { "fooba", "Zm9vYmE" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff", "-_8" },
};

START_TEST(base64url_has_its_known_answers)
{
    const char *octets = base64url[_i].octets;
    const char *text = base64url[_i].text;
    apr_size_t len = 99;
    unsigned char *back = as_base64url_decode(pool, text, strlen(text), &len);

    ck_assert_str_eq(as_base64url_encode(pool, octets, strlen(octets)), text);
    ck_assert_ptr_nonnull(back);
    ck_assert_uint_eq(len, strlen(octets));
    ck_assert_str_eq((const char *)back, octets);
}
END_TEST

START_TEST(base64url_goes_there_and_back)
{
    unsigned char octets[258];

    for (int i = 0; i < COUNT(octets); i++) {
        octets[i] = (unsigned char)(i * 167 + 13);
    }
    for (apr_size_t n = 0; n <= sizeof(octets); n++) {
        const char *text = as_base64url_encode(pool, octets, n);
        apr_size_t len;
        unsigned char *back = as_base64url_decode(pool, text, strlen(text), &len);

        ck_assert_ptr_nonnull(back);
        ck_assert_uint_eq(len, n);
        ck_assert_int_eq(memcmp(back, octets, n), 0);
        ck_assert_int_eq(back[n], 0);
    }
}
END_TEST

static const char *const bad_base64url[] = {
    "A",         /* six bits are no octet */
    "AAAAA",     /* the same, later */
    "Zh",        /* unused bits that are not zero: 4 of them */
    "Zm9",       /* 2 of them */
    "Zm9vYh",    "Zg==", "Zm8=", "Zm9v=", "====", "Zm9v\n", "Zm 9v", "Zm\t9", "+/8",
    "Zm9v.Zm9v", "Zm9\xc3", "Zm,v",
};

START_TEST(bad_base64url_is_refused)
{
    const char *text = bad_base64url[_i];
    apr_size_t len;

    ck_assert_ptr_null(as_base64url_decode(pool, text, strlen(text), &len));
}
END_TEST

START_TEST(base64url_takes_the_length_at_its_word)
{
    apr_size_t len;

    /* A NUL is no digit, not even the alphabet's own end. */
    ck_assert_ptr_null(as_base64url_decode(pool, "Zm9v", 5, &len));
    ck_assert_ptr_null(as_base64url_decode(pool, "Zm\0v", 4, &len));
    ck_assert_str_eq((const char *)as_base64url_decode(pool, "Zm9vYmFy", 4, &len), "foo");
    ck_assert_ptr_null(as_base64url_decode(pool, NULL, 0, &len));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("bytes");
    TCase *wipe = unit_case(suite, "wipe");
    TCase *equal = unit_case(suite, "equal");
    TCase *hex = unit_case(suite, "hex");
    TCase *base64 = unit_case(suite, "base64url");

    tcase_add_test(wipe, a_span_is_a_string_without_its_nul);
    tcase_add_test(wipe, wiping_leaves_zero_and_no_more);
    tcase_add_test(wipe, a_pool_wipes_when_it_is_cleared);
    tcase_add_test(equal, equal_is_length_and_octets);
    tcase_add_test(equal, every_bit_counts_in_a_comparison);
    tcase_add_test(equal, null_equals_nothing);
    tcase_add_test(hex, hex_goes_there_and_back);
    tcase_add_loop_test(hex, bad_hex_is_refused, 0, COUNT(bad_hex));
    tcase_add_loop_test(base64, base64url_has_its_known_answers, 0, COUNT(base64url));
    tcase_add_test(base64, base64url_goes_there_and_back);
    tcase_add_loop_test(base64, bad_base64url_is_refused, 0, COUNT(bad_base64url));
    tcase_add_test(base64, base64url_takes_the_length_at_its_word);
    return unit_run(suite);
}
