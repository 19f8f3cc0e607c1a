/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/mime.h: headers that cannot be broken, bodies that come through whole.
 * Never sends anything. Run by make check.
 */
#include "unit.h"

#include <apr_encode.h>
#include <apr_strings.h>
#include <stdio.h>
#include <string.h>

#include "base/mime.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))
#define FROM "no-reply@example.com"
#define IVAN "\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd"

static authsvc_message_t message_of(const char *subject, const char *text, const char *html)
{
    return (authsvc_message_t){ .id = "00112233445566778899aabbccddeeff",
                                .channel = AUTHSVC_EMAIL,
                                .to = "ada@example.org",
                                .subject = subject,
                                .text = text,
                                .html = html,
                                .created = 1769860800000000 };
}

static const char *mail(const char *from, const char *subject, const char *text, const char *html)
{
    const authsvc_message_t message = message_of(subject, text, html);

    return as_mime_message(&message, from, pool);
}

/* The value of a header, folds included, or NULL. */
static const char *header(const char *mail, const char *name)
{
    const char *field = apr_pstrcat(pool, "\r\n", name, ": ", NULL);
    const char *at = strstr(apr_pstrcat(pool, "\r\n", mail, NULL), field);
    const char *end;

    if (!at) {
        return NULL;
    }
    at += strlen(field);
    for (end = strstr(at, "\r\n"); end[2] == ' '; end = strstr(end + 2, "\r\n")) {
    }
    return apr_pstrmemdup(pool, at, end - at);
}

static const char *body(const char *mail)
{
    return strstr(mail, "\r\n\r\n") + 4;
}

/* How many runs of exactly six or more digits there are. */
static int digit_runs(const char *text)
{
    int runs = 0;

    while (*text) {
        size_t digits = strspn(text, "0123456789");

        runs += digits >= 6;
        text += digits ? digits : 1;
    }
    return runs;
}

/* Each line ends with CRLF, has no CR or LF elsewhere, and is at most 998 octets long. */
static void check_lines(const char *mail)
{
    while (*mail) {
        size_t len = strcspn(mail, "\r\n");

        ck_assert_uint_le(len, 998);
        ck_assert_int_eq(mail[len], '\r');
        ck_assert_int_eq(mail[len + 1], '\n');
        mail += len + 2;
    }
}

/* Reads encoded words of charset UTF-8 in Q, as RFC 2047 says; checks their form on the way. */
static const char *decoded(const char *words)
{
    char *made = apr_palloc(pool, strlen(words) + 1), *end = made;

    while (*words) {
        const char *close;

        ck_assert_int_eq(strncmp(words, "=?UTF-8?Q?", 10), 0);
        close = strstr(words + 10, "?=");
        ck_assert_ptr_nonnull(close);
        ck_assert_int_le(close + 2 - words, 75);
        for (words += 10; words < close; words++) {
            unsigned octet = (unsigned char)*words;

            if (*words == '=') {
                ck_assert_int_eq(sscanf(words, "=%2X", &octet), 1);
                words += 2;
            }
            *end++ = *words == '_' ? ' ' : (char)octet;
        }
        words += 2;
        if (*words) {
            ck_assert_int_eq(strncmp(words, "\r\n ", 3), 0);
            words += 3;
        }
    }
    *end = '\0';
    return made;
}

START_TEST(a_plain_mail_is_just_this)
{
    ck_assert_str_eq(mail(FROM, "Your code", "Your code:\n123456\n", NULL),
                     "From: no-reply@example.com\r\n"
                     "To: ada@example.org\r\n"
                     "Subject: Your code\r\n"
                     "Date: Sat, 31 Jan 2026 12:00:00 +0000\r\n"
                     "Message-ID: <gghhiijjkkllmmnnooppaabbccddeeff@example.com>\r\n"
                     "MIME-Version: 1.0\r\n"
                     "Auto-Submitted: auto-generated\r\n"
                     "Content-Type: text/plain; charset=utf-8\r\n"
                     "Content-Transfer-Encoding: 7bit\r\n"
                     "\r\n"
                     "Your code:\r\n123456\r\n");
}
END_TEST

START_TEST(the_same_message_is_the_same_mail)
{
    ck_assert_str_eq(mail(FROM, IVAN, "a", "<b>"), mail(FROM, IVAN, "a", "<b>"));
}
END_TEST

static const struct {
    const char *from, *header; /* NULL: refused */
} senders[] = {
    { "a@b", "a@b" },
    { "<a@b>", "a@b" },
    { "Example <a@b.c>", "Example <a@b.c>" },
    { "  Example   Two  <a@b.c>", "Example   Two <a@b.c>" },
    { "Example, Inc. <a@b.c>", "\"Example, Inc.\" <a@b.c>" },
    { "\"Example, Inc.\" <a@b.c>", "\"Example, Inc.\" <a@b.c>" },
    { "\"A \\\"B\\\" \\\\\" <a@b.c>", "\"A \\\"B\\\" \\\\\" <a@b.c>" },
    { "a\"b <a@b.c>", "\"a\\\"b\" <a@b.c>" },
    { "\"a\\\" <a@b.c>", "\"a\\\\\" <a@b.c>" },
    { "\" <a@b.c>", "\"\\\"\" <a@b.c>" },
    { "a@b.c <a@b.c>", "\"a@b.c\" <a@b.c>" },
    { "<x@y.z> <a@b.c>", "\"<x@y.z>\" <a@b.c>" },
    { IVAN " <a@b.c>", "=?UTF-8?Q?=D0=98=D0=B2=D0=B0=D0=BD?=\r\n <a@b.c>" },
    { "\"" IVAN "\" <a@b.c>", "=?UTF-8?Q?=D0=98=D0=B2=D0=B0=D0=BD?=\r\n <a@b.c>" },
    { "=?UTF-8?Q?x?= <a@b.c>", "=?UTF-8?Q?=3D=3FUTF-=38=3FQ=3Fx=3F=3D?=\r\n <a@b.c>" },
    { "", NULL },
    { "Example", NULL },
    { "Example <>", NULL },
    { "Example <a@b.c", NULL },
    { "Example <a@b.c> x", NULL },
    { "Example <a@b.c>>", NULL },
    { "Example <a@b.c> ", NULL },
    { "Example <a b@c.d>", NULL },
    { "Example <@b.c>", NULL },
    { "Example <a@>", NULL },
    { "Example <a@b@c>", NULL },
    { "Example <a@[::1]>", NULL },
    { "Example < a@b.c >", NULL },
    { "a@b.c, x@y.z", NULL },
    { "a@b.c\r\nBcc: x@y.z", NULL },
    { "Example\r\nBcc: x@y.z\r\nX: <a@b.c>", NULL },
    { "Example\n <a@b.c>", NULL },
    { "Exam\rple <a@b.c>", NULL },
    { "Exam\tple <a@b.c>", NULL },
    { "Exam\x7fple <a@b.c>", NULL },
    { "Exam\xc2\x85ple <a@b.c>", NULL },
    { "Exam\xffple <a@b.c>", NULL },
    { "Example <\xc3\xa9@b.c>", NULL },
};

START_TEST(a_sender_is_written_safely_or_refused)
{
    const char *made = mail(senders[_i].from, "s", "t", NULL);

    ck_assert_int_eq(made != NULL, senders[_i].header != NULL);
    if (made) {
        ck_assert_str_eq(header(made, "From"), senders[_i].header);
        check_lines(made);
    }
}
END_TEST

static const char *const bad_recipients[] = {
    "", "ada", "@", "ada@", "@b.c", "ada@b.c,eve@b.c", "ada@b.c eve@b.c", "<ada@b.c>",
    "Ada <ada@b.c>", "ada@b.c\r\nBcc: eve@b.c", "ada@b.c\n", "\nada@b.c", "ada@b.c\r", "a\x01@b.c",
    "\xc3\xa9@b.c", "ada@b.c\xc2\x85", "ada@b.c;", "\"a b\"@b.c", "+12025550123",
};

START_TEST(a_recipient_that_is_no_address_is_refused)
{
    authsvc_message_t message = message_of("s", "t", NULL);

    message.to = bad_recipients[_i];
    ck_assert_ptr_null(as_mime_message(&message, FROM, pool));
}
END_TEST

START_TEST(a_recipient_has_at_most_254_octets)
{
    authsvc_message_t message = message_of("s", "t", NULL);
    char to[256];

    memset(to, 'a', sizeof(to));
    memcpy(to, "ada@", 4);
    to[254] = '\0';
    message.to = to;
    ck_assert_ptr_nonnull(as_mime_message(&message, FROM, pool));
    to[254] = 'a';
    to[255] = '\0';
    ck_assert_ptr_null(as_mime_message(&message, FROM, pool));
}
END_TEST

static const char *const bad_subjects[] = {
    "Hi\r\nBcc: eve@b.c", "Hi\n", "\rHi", "Hi\r\n\r\nbody", "a\tb", "a\x1b[0m", "a\x7f",
    "a\xc2\x85", "a\xc2\x9b", "\xff", "\xc0\x8a", "a\xe2\x80",
};

START_TEST(a_subject_that_breaks_the_header_is_refused)
{
    ck_assert_ptr_null(mail(FROM, bad_subjects[_i], "t", NULL));
}
END_TEST

START_TEST(only_mails_with_an_id_are_written)
{
    static const char *const ids[] = { "", "x", "0a\r\nBcc: b@c", "AB", "0a b", "0a@" };
    authsvc_message_t message = message_of("s", "t", NULL);

    for (int i = 0; i < COUNT(ids); i++) {
        message.id = ids[i];
        ck_assert_ptr_null(as_mime_message(&message, FROM, pool));
    }
    message = message_of(NULL, "t", NULL);
    message.channel = AUTHSVC_SMS;
    ck_assert_ptr_null(as_mime_message(&message, FROM, pool));
}
END_TEST

static const char *const subjects[] = {
    IVAN,
    "Caf\xc3\xa9 costs 1234567890 and = ? _ are signs",
    "\xd0\x90" "123456",
    "looks =?UTF-8?Q?encoded?= but is not",
    " \xc3\xa9 ",
    "A subject in nothing but ASCII that is far too long to stand on a single line, twice over, "
    "so that it is folded, and once more, so that there are three lines of it at the very least",
    IVAN " " IVAN IVAN IVAN IVAN " " IVAN IVAN IVAN " " IVAN IVAN IVAN IVAN IVAN IVAN,
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80"
    "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80",
};

START_TEST(a_subject_comes_through_encoded_words)
{
    /* Shifted by one octet at a time, so that a code point meets the end of a line in every way. */
    for (const char *shift = "xxxxxxxxxxxxxxxx"; *shift; shift++) {
        const char *subject = apr_pstrcat(pool, shift, subjects[_i], NULL);
        const char *made = mail(FROM, subject, "t", NULL);
        const char *value = header(made, "Subject");

        ck_assert_str_eq(decoded(value), subject);
        ck_assert_int_le(strlen("Subject: ") + strcspn(value, "\r"), 76);
        ck_assert_int_eq(digit_runs(value), 0);
        check_lines(made);
    }
}
END_TEST

START_TEST(no_word_ends_within_a_code_point)
{
    const char *at = header(mail(FROM, subjects[COUNT(subjects) - 1], "t", NULL), "Subject");

    while ((at = strstr(at, "=?UTF-8?Q?"))) {
        char *end = strstr(at + 10, "?=");

        ck_assert_int_eq((end - at - 10) % 12, 0);
        at = end;
    }
}
END_TEST

START_TEST(a_long_name_is_folded_before_its_address)
{
    const char *name = subjects[COUNT(subjects) - 2];
    const char *made = mail(apr_pstrcat(pool, name, " <a@b.c>", NULL), "s", "t", NULL);
    const char *value = header(made, "From");
    const char *address = strstr(value, "\r\n <");

    ck_assert_str_eq(address, "\r\n <a@b.c>");
    ck_assert_str_eq(decoded(apr_pstrmemdup(pool, value, address - value)), name);
}
END_TEST

static const struct {
    const char *text, *encoding, *body;
} bodies[] = {
    { "", "7bit", "\r\n" },
    { "a", "7bit", "a\r\n" },
    { "a\n", "7bit", "a\r\n" },
    { "a\n\n", "7bit", "a\r\n\r\n" },
    { "\na", "7bit", "\r\na\r\n" },
    { "a\r\nb\rc\r\r\n", "7bit", "a\r\nbc\r\n" },
    { ".\n..\n", "7bit", ".\r\n..\r\n" },
    { IVAN "\n", "8bit", IVAN "\r\n" },
};

START_TEST(a_body_has_crlf_and_the_least_encoding)
{
    const char *made = mail(FROM, "s", bodies[_i].text, NULL);

    ck_assert_str_eq(header(made, "Content-Transfer-Encoding"), bodies[_i].encoding);
    ck_assert_str_eq(body(made), bodies[_i].body);
    check_lines(made);
}
END_TEST

static char *run_of(char character, int len)
{
    char *text = apr_palloc(pool, len + 2);

    memset(text, character, len);
    strcpy(text + len, "\n");
    return text;
}

START_TEST(a_link_is_never_broken)
{
    char *text = run_of('a', 998);
    const char *made = mail(FROM, "s", text, NULL);

    ck_assert_str_eq(header(made, "Content-Transfer-Encoding"), "7bit");
    text[998] = '\0';
    ck_assert_ptr_nonnull(strstr(body(made), text));
    check_lines(made);
}
END_TEST

START_TEST(a_line_that_is_too_long_makes_base64)
{
    const char *text = run_of('a', 999);
    const char *made = mail(FROM, "s", text, NULL);
    char *joined = apr_pstrdup(pool, body(made));

    ck_assert_str_eq(header(made, "Content-Transfer-Encoding"), "base64");
    for (const char *at = body(made); *at; at += strcspn(at, "\n") + 1) {
        ck_assert_uint_le(strcspn(at, "\r"), 76);
    }
    apr_collapse_spaces(joined, joined);
    joined = (char *)apr_pdecode_base64(pool, joined, APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
    ck_assert_uint_eq(strlen(joined), 1001);
    ck_assert_int_eq(strncmp(joined, text, 999), 0);
    ck_assert_str_eq(joined + 999, "\r\n");
}
END_TEST

START_TEST(base64_has_no_run_of_six_digits)
{
    char *text = run_of('\xd7', 3000), *joined;
    const char *made;

    /* "1234" in base64, over and over. */
    for (int i = 0; i < 3000; i++) {
        text[i] = "\xd7\x6d\xf8"[i % 3];
    }
    made = mail(FROM, "s", text, NULL);
    check_lines(made);
    ck_assert_int_eq(digit_runs(made), 0);
    joined = apr_pstrdup(pool, body(made));
    apr_collapse_spaces(joined, joined);
    ck_assert_int_eq(digit_runs(joined), 1);
    joined = (char *)apr_pdecode_base64(pool, joined, APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
    ck_assert_int_eq(strncmp(joined, text, 3000), 0);
}
END_TEST

START_TEST(html_is_the_second_alternative)
{
    const char *made = mail(FROM, "s", "Code\n123456\n", "<p>" IVAN "</p>\n");
    const char *type = header(made, "Content-Type");
    const char *boundary = strstr(type, "boundary=") + strlen("boundary=");
    const char *expected = apr_psprintf(
        pool,
        "--%s\r\nContent-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 7bit\r\n\r\nCode\r\n123456\r\n"
        "\r\n--%s\r\nContent-Type: text/html; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\n<p>" IVAN "</p>\r\n"
        "\r\n--%s--\r\n",
        boundary, boundary, boundary);

    ck_assert_int_eq(strncmp(type, "multipart/alternative;\r\n boundary=", 34), 0);
    ck_assert_uint_le(strlen(boundary), 70);
    ck_assert_uint_eq(strspn(boundary, "abcdefghijklmnopqrstuvwxyz"), strlen(boundary));
    ck_assert_str_eq(header(made, "Content-Transfer-Encoding"), "8bit");
    ck_assert_str_eq(body(made), expected);
    ck_assert_int_eq(digit_runs(made), 1);
    check_lines(made);
}
END_TEST

START_TEST(a_boundary_never_occurs_in_a_part)
{
    const char *first = "gghhiijjkkllmmnnooppaabbccddeeffg";
    const char *second = "gghhiijjkkllmmnnooppaabbccddeeffh";
    const char *made = mail(FROM, "s", apr_pstrcat(pool, "--", first, "\n", NULL),
                            apr_pstrcat(pool, "x--", second, "--\n", NULL));
    const char *boundary = strstr(header(made, "Content-Type"), "boundary=") + 9;

    ck_assert_str_ne(boundary, first);
    ck_assert_str_ne(boundary, second);
    ck_assert_ptr_nonnull(strstr(made, first));
    ck_assert_ptr_nonnull(strstr(made, second));
    ck_assert_ptr_null(strstr(first, boundary));
    ck_assert_ptr_null(strstr(second, boundary));
}
END_TEST

START_TEST(a_code_is_the_only_run_of_digits)
{
    authsvc_message_t message = message_of("Code " IVAN, "Code\n\n123456\n", "<b>hi</b>");

    message.id = "12345678901234567890123456789012";
    ck_assert_int_eq(digit_runs(as_mime_message(&message, IVAN "2026 <" FROM ">", pool)), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mime");
    TCase *whole = unit_case(suite, "message");
    TCase *headers = unit_case(suite, "headers");
    TCase *words = unit_case(suite, "words");
    TCase *parts = unit_case(suite, "bodies");

    tcase_add_test(whole, a_plain_mail_is_just_this);
    tcase_add_test(whole, the_same_message_is_the_same_mail);
    tcase_add_test(whole, only_mails_with_an_id_are_written);
    tcase_add_test(whole, a_code_is_the_only_run_of_digits);
    tcase_add_loop_test(headers, a_sender_is_written_safely_or_refused, 0, COUNT(senders));
    tcase_add_loop_test(headers, a_recipient_that_is_no_address_is_refused, 0,
                        COUNT(bad_recipients));
    tcase_add_test(headers, a_recipient_has_at_most_254_octets);
    tcase_add_loop_test(headers, a_subject_that_breaks_the_header_is_refused, 0,
                        COUNT(bad_subjects));
    tcase_add_loop_test(words, a_subject_comes_through_encoded_words, 0, COUNT(subjects));
    tcase_add_test(words, no_word_ends_within_a_code_point);
    tcase_add_test(words, a_long_name_is_folded_before_its_address);
    tcase_add_loop_test(parts, a_body_has_crlf_and_the_least_encoding, 0, COUNT(bodies));
    tcase_add_test(parts, a_link_is_never_broken);
    tcase_add_test(parts, a_line_that_is_too_long_makes_base64);
    tcase_add_test(parts, base64_has_no_run_of_six_digits);
    tcase_add_test(parts, html_is_the_second_alternative);
    tcase_add_test(parts, a_boundary_never_occurs_in_a_part);
    return unit_run(suite);
}
