/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/text.h: UTF-8, addresses, phone numbers, units, HTML, instants.
 * Never asks the network. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "base/text.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static const struct {
    const char *text;
    int points;
} utf8[] = {
    { "", 0 },
    { "abc", 3 },
    { "\x7f", 1 },
    { "\xc2\x80", 1 },         /* U+0080, the least of two octets */
    { "\xdf\xbf", 1 },         /* U+07FF */
    { "\xe0\xa0\x80", 1 },     /* U+0800 */
    { "\xed\x9f\xbf", 1 },     /* U+D7FF, before the surrogates */
    { "\xee\x80\x80", 1 },     /* U+E000, after them */
    { "\xef\xbf\xbf", 1 },     /* U+FFFF */
    { "\xf0\x90\x80\x80", 1 }, /* U+10000 */
    { "\xf4\x8f\xbf\xbf", 1 }, /* U+10FFFF, the last */
    { "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd", 4 },
    { "a\xf0\x9f\x98\x80z", 3 },
    { "\x80", -1 },             /* a lone following octet */
    { "\xbf", -1 },
    { "\xc0\x80", -1 },         /* overlong NUL */
    { "\xc0\xaf", -1 },         /* overlong slash */
    { "\xc1\xbf", -1 },
    { "\xe0\x80\xaf", -1 },
    { "\xe0\x9f\xbf", -1 },
    { "\xf0\x80\x80\xaf", -1 },
    { "\xf0\x8f\xbf\xbf", -1 },
    { "\xed\xa0\x80", -1 },     /* surrogates */
    { "\xed\xbf\xbf", -1 },
    { "\xed\xa0\xbd\xed\xb8\x80", -1 },
    { "\xf4\x90\x80\x80", -1 }, /* U+110000 */
    { "\xf5\x80\x80\x80", -1 },
    { "\xf8\x88\x80\x80\x80", -1 },
    { "\xfe", -1 },
    { "\xff", -1 },
    { "\xc2", -1 },             /* cut short */
    { "\xe2\x82", -1 },
    { "\xf0\x9f\x98", -1 },
    { "\xe2", -1 },
    { "\xf0", -1 },
    { "\xc3(", -1 },
    { "\xe2\x82(", -1 },
    { "ok\xf0\x9f\x98" "z", -1 },
};

START_TEST(points_are_counted_or_refused)
{
    ck_assert_int_eq(as_text_points(utf8[_i].text), utf8[_i].points);
}
END_TEST

static const struct {
    const char *text;
    int has;
} controls[] = {
    { "", 0 },         { "plain ~", 0 },      { "a\nb", 1 },          { "\t", 1 },
    { "\x01", 1 },     { "a\x1f", 1 },        { "a\x7f", 1 },         { "\xc2\x80", 1 },
    { "\xc2\x9f", 1 }, { "\xc2\xa0", 0 },     { "\xc3\x80", 0 },      { "\xd0\x82", 0 },
    { "\xe0\xa0\x85", 0 }, { "x\xc2\x85y", 1 }, { "\xf0\x9f\x98\x80", 0 },
};

START_TEST(controls_are_seen)
{
    ck_assert_int_eq(as_text_has_control(controls[_i].text), controls[_i].has);
}
END_TEST

static const struct {
    const char *raw, *email; /* NULL: refused */
} emails[] = {
    { "ada@example.com", "ada@example.com" },
    { " \t\r\nAda.Love+Lace@Example.COM \n", "ada.love+lace@example.com" },
    { "!#$%&'*+-/=?^_`{|}~@x.y", "!#$%&'*+-/=?^_`{|}~@x.y" },
    { "a@1.2", "a@1.2" },
    { "a@x--y.z9", "a@x--y.z9" },
    { "a@b.c.d.e", "a@b.c.d.e" },
    { NULL, NULL },
    { "", NULL },
    { "   ", NULL },
    { "ada", NULL },
    { "@example.com", NULL },
    { "ada@", NULL },
    { "ada@localhost", NULL },
    { "a@b@c.d", NULL },
    { "a@.b.c", NULL },
    { "a@b..c", NULL },
    { "a@b.c.", NULL },
    { ".a@b.c", NULL },
    { "a.@b.c", NULL },
    { "a..b@b.c", NULL },
    { "a@-b.c", NULL },
    { "a@b-.c", NULL },
    { "a@b.-c", NULL },
    { "a@b.c-", NULL },
    { "a@b_c.d", NULL },
    { "a@[127.0.0.1]", NULL },
    { "\"a b\"@c.d", NULL },
    { "a b@c.d", NULL },
    { "a@c .d", NULL },
    { "a(x)@c.d", NULL },
    { "Ada <a@c.d>", NULL },
    { "a@c.d,b@c.d", NULL },
    { "a@c.d\nBcc: b@c.d", NULL },
    { "a\r\n@c.d", NULL },
    { "a\x01@c.d", NULL },
    { "a\x7f@c.d", NULL },
    { "\xc3\xa9@c.d", NULL },
    { "a@\xc3\xa9.d", NULL },
    { "a@c.d\xc2\xa0", NULL },
};

START_TEST(emails_are_canonical_or_refused)
{
    const char *email = as_text_email(pool, emails[_i].raw);

    ck_assert_pstr_eq(email, emails[_i].email);
}
END_TEST

static int is_email(const char *raw)
{
    return as_text_email(pool, raw) != NULL;
}

static const char *repeat(char character, int times)
{
    char *text = apr_palloc(pool, times + 1);

    memset(text, character, times);
    text[times] = '\0';
    return text;
}

/* An address of so many octets, with a local part of 64 and labels of at most 63. */
static const char *email_of(int octets)
{
    const char *label = repeat('b', 63);
    const char *head = apr_pstrcat(pool, repeat('a', 64), "@", label, ".", label, ".", NULL);

    return apr_pstrcat(pool, head, repeat('c', 30), ".",
                       repeat('d', octets - (int)strlen(head) - 31), NULL);
}

START_TEST(email_lengths_have_their_limits)
{
    ck_assert_uint_eq(strlen(email_of(254)), 254);
    ck_assert(is_email(email_of(254)));
    ck_assert(is_email(apr_pstrcat(pool, " ", email_of(254), " ", NULL)));
    ck_assert(!is_email(email_of(255)));
    ck_assert(is_email(apr_pstrcat(pool, repeat('a', 64), "@b.c", NULL)));
    ck_assert(!is_email(apr_pstrcat(pool, repeat('a', 65), "@b.c", NULL)));
    ck_assert(!is_email(apr_pstrcat(pool, repeat('a', 32), ".", repeat('a', 32), "@b.c", NULL)));
    ck_assert(is_email(apr_pstrcat(pool, "a@", repeat('b', 63), ".c", NULL)));
    ck_assert(!is_email(apr_pstrcat(pool, "a@", repeat('b', 64), ".c", NULL)));
    ck_assert(is_email(apr_pstrcat(pool, "a@b.", repeat('c', 63), NULL)));
    ck_assert(!is_email(apr_pstrcat(pool, "a@b.", repeat('c', 64), NULL)));
}
END_TEST

static const struct {
    const char *raw, *phone; /* NULL: refused */
} phones[] = {
    { "+12025550123", "+12025550123" },
    { "+1 (202) 555-01.23", "+12025550123" },
    { "0012025550123", "+12025550123" },
    { "(00) 1-202-555-0123", "+12025550123" },
    { "0 0 12025550123", "+12025550123" },
    { "  +49.30.123456  ", "+4930123456" },
    { "+12345678", "+12345678" },
    { "+123456789012345", "+123456789012345" },
    { "00123456789012345", "+123456789012345" },
    { "+1234567", NULL },
    { "+1234567890123456", NULL },
    { "001234567890123456", NULL },
    { "+12345678901234567890123456789012345678901234567890", NULL },
    { "+02025550123", NULL },
    { "+0012025550123", NULL },
    { "000012025550123", NULL },
    { "12025550123", NULL },
    { "0305550123", NULL },
    { "++12025550123", NULL },
    { "00+12025550123", NULL },
    { "+1202555x123", NULL },
    { "+1202555/0123", NULL },
    { "+1202555\n0123", NULL },
    { "+1202555\t0123", NULL },
    { "+1202555\xc2\xa0" "0123", NULL },
    { "+\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4", NULL },
    { "+", NULL },
    { "00", NULL },
    { "-", NULL },
    { "", NULL },
    { NULL, NULL },
};

START_TEST(phones_are_canonical_or_refused)
{
    const char *phone = as_text_phone(pool, phones[_i].raw);

    ck_assert_pstr_eq(phone, phones[_i].phone);
}
END_TEST

#define REFUSED (-77)

static const struct {
    const char *text;
    apr_int64_t value;
} durations[] = {
    { "0", 0 },
    { "5", 5000000 },
    { "5s", 5000000 },
    { "250ms", 250000 },
    { "15m", 900000000 },
    { "1h", 3600000000 },
    { "30d", 2592000000000 },
    { "0090s", 90000000 },
    { "106751991d", 9223372022400000000 },
    { "106751992d", REFUSED },
    { "9223372036854s", 9223372036854000000 },
    { "9223372036855s", REFUSED },
    { "9223372036854775ms", 9223372036854775000 },
    { "9223372036854776ms", REFUSED },
    { "9223372036854775807", REFUSED },
    { "18446744073709551617", REFUSED },
    { "99999999999999999999999999", REFUSED },
    { "", REFUSED },
    { "s", REFUSED },
    { "-5s", REFUSED },
    { "+5s", REFUSED },
    { " 5s", REFUSED },
    { "5 s", REFUSED },
    { "5s ", REFUSED },
    { "5S", REFUSED },
    { "5sec", REFUSED },
    { "1h30m", REFUSED },
    { "1.5h", REFUSED },
    { "0x10", REFUSED },
    { "5w", REFUSED },
    { NULL, REFUSED },
}, sizes[] = {
    { "0", 0 },
    { "512", 512 },
    { "64K", 65536 },
    { "1M", 1048576 },
    { "2G", 2147483648 },
    { "9223372036854775807", 9223372036854775807 },
    { "9223372036854775808", REFUSED },
    { "8589934591G", 9223372035781033984 },
    { "8589934592G", REFUSED },
    { "64k", REFUSED },
    { "64KB", REFUSED },
    { "K", REFUSED },
    { "-1", REFUSED },
    { "1T", REFUSED },
    { "", REFUSED },
    { NULL, REFUSED },
}, integers[] = {
    { "0", 0 },
    { "-0", 0 },
    { "8", 8 },
    { "-8", -8 },
    { "9223372036854775807", 9223372036854775807 },
    { "9223372036854775808", REFUSED },
    { "-9223372036854775808", APR_INT64_MIN },
    { "-9223372036854775809", REFUSED },
    { "18446744073709551616", REFUSED },
    { "", REFUSED },
    { "-", REFUSED },
    { "--1", REFUSED },
    { "+1", REFUSED },
    { " 1", REFUSED },
    { "1 ", REFUSED },
    { "1.0", REFUSED },
    { "0x1", REFUSED },
    { "1K", REFUSED },
    { NULL, REFUSED },
};

static void check_value(int read, apr_int64_t value, apr_int64_t expected)
{
    ck_assert_int_eq(read, expected != REFUSED);
    /* A refused value leaves the caller's alone. */
    ck_assert_int_eq(value, expected);
}

START_TEST(durations_are_read_or_refused)
{
    apr_int64_t value = REFUSED;
    int read = as_text_duration(durations[_i].text, &value);

    check_value(read, value, durations[_i].value);
}
END_TEST

START_TEST(sizes_are_read_or_refused)
{
    apr_int64_t value = REFUSED;
    int read = as_text_size(sizes[_i].text, &value);

    check_value(read, value, sizes[_i].value);
}
END_TEST

START_TEST(integers_are_read_or_refused)
{
    apr_int64_t value = REFUSED;
    int read = as_text_integer(integers[_i].text, &value);

    check_value(read, value, integers[_i].value);
}
END_TEST

START_TEST(html_has_no_markup_left)
{
    ck_assert_str_eq(as_text_html(pool, ""), "");
    ck_assert_str_eq(as_text_html(pool, "Ada \xc3\xa9"), "Ada \xc3\xa9");
    ck_assert_str_eq(as_text_html(pool, "<a href=\"x\" b='y'>&amp;"),
                     "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;");
    ck_assert_str_eq(as_text_html(pool, "\"\"\"\""), "&quot;&quot;&quot;&quot;");
}
END_TEST

static const struct {
    apr_int64_t usec;
    const char *text;
} instants[] = {
    { 0, "1970-01-01T00:00:00Z" },
    { 999999, "1970-01-01T00:00:00Z" },
    { 951782400000000, "2000-02-29T00:00:00Z" },
    { 1769860800000000, "2026-01-31T12:00:00Z" },
    { 4102444799999999, "2099-12-31T23:59:59Z" },
};

START_TEST(instants_are_in_utc)
{
    ck_assert_str_eq(as_text_time(pool, instants[_i].usec), instants[_i].text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *encoding = unit_case(suite, "utf8");
    TCase *email = unit_case(suite, "email");
    TCase *phone = unit_case(suite, "phone");
    TCase *value = unit_case(suite, "values");
    TCase *output = unit_case(suite, "output");

    tcase_add_loop_test(encoding, points_are_counted_or_refused, 0, COUNT(utf8));
    tcase_add_loop_test(encoding, controls_are_seen, 0, COUNT(controls));
    tcase_add_loop_test(email, emails_are_canonical_or_refused, 0, COUNT(emails));
    tcase_add_test(email, email_lengths_have_their_limits);
    tcase_add_loop_test(phone, phones_are_canonical_or_refused, 0, COUNT(phones));
    tcase_add_loop_test(value, durations_are_read_or_refused, 0, COUNT(durations));
    tcase_add_loop_test(value, sizes_are_read_or_refused, 0, COUNT(sizes));
    tcase_add_loop_test(value, integers_are_read_or_refused, 0, COUNT(integers));
    tcase_add_test(output, html_has_no_markup_left);
    tcase_add_loop_test(output, instants_are_in_utc, 0, COUNT(instants));
    return unit_run(suite);
}
