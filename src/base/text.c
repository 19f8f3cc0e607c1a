/* SPDX-License-Identifier: Apache-2.0
 * What people type: UTF-8, e-mail addresses, phone numbers, units of directives (see text.h).
 * Never asks the locale what a letter is. Called by api/, ops/ and server/.
 */
#include "base/text.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <string.h>

#define LOCAL_MAX 64
#define LABEL_MAX 63
#define PHONE_DIGITS_MIN 8

#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

/* A unit as it is written after the digits, and what one of it is worth. */
typedef struct {
    const char *name;
    apr_uint64_t worth;
} unit_t;

static const unit_t duration_units[] = {
    { "", APR_USEC_PER_SEC },
    { "ms", 1000 },
    { "s", APR_USEC_PER_SEC },
    { "m", 60 * (apr_uint64_t)APR_USEC_PER_SEC },
    { "h", 3600 * (apr_uint64_t)APR_USEC_PER_SEC },
    { "d", 86400 * (apr_uint64_t)APR_USEC_PER_SEC },
    { NULL, 0 },
};

static const unit_t size_units[] = {
    { "", 1 }, { "K", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 },
};

/* A form of RFC 3629, section 4: its lead octets, what the second octet may be, how many follow. */
typedef struct {
    unsigned char lead_min, lead_max;
    unsigned char second_min, second_max;
    int following;
} form_t;

static const form_t forms[] = {
    { 0x01, 0x7f, 0x00, 0x00, 0 }, { 0xc2, 0xdf, 0x80, 0xbf, 1 }, { 0xe0, 0xe0, 0xa0, 0xbf, 2 },
    { 0xe1, 0xec, 0x80, 0xbf, 2 }, { 0xed, 0xed, 0x80, 0x9f, 2 }, { 0xee, 0xef, 0x80, 0xbf, 2 },
    { 0xf0, 0xf0, 0x90, 0xbf, 3 }, { 0xf1, 0xf3, 0x80, 0xbf, 3 }, { 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

/* Octets of the code point here, 0 if there is no valid one. No test reads past the NUL. */
static int point_length(const unsigned char *at)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const form_t *form = &forms[i];

        if (at[0] < form->lead_min || at[0] > form->lead_max) {
            continue;
        }
        if (form->following > 0 && (at[1] < form->second_min || at[1] > form->second_max)) {
            return 0;
        }
        for (int k = 2; k <= form->following; k++) {
            if ((at[k] & 0xc0) != 0x80) {
                return 0;
            }
        }
        return form->following + 1;
    }
    return 0;
}

apr_ssize_t as_text_points(const char *text)
{
    apr_ssize_t points = 0;

    while (*text) {
        int length = point_length((const unsigned char *)text);

        if (length == 0) {
            return -1;
        }
        text += length;
        points++;
    }
    return points;
}

int as_text_has_control(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        /* U+0080 to U+009F are C2 80 to C2 9F. */
        if (*at < 0x20 || *at == 0x7f || (*at == 0xc2 && at[1] < 0xa0)) {
            return 1;
        }
    }
    return 0;
}

/* A lower-case copy without the white space around it; nothing but A to Z is changed. */
static char *trimmed_lower(apr_pool_t *pool, const char *raw)
{
    static const char space[] = " \t\r\n\v\f";
    apr_size_t len;
    char *text;

    raw += strspn(raw, space);
    len = strlen(raw);
    while (len > 0 && strchr(space, raw[len - 1])) {
        len--;
    }
    text = apr_pstrmemdup(pool, raw, len);
    for (char *at = text; *at; at++) {
        if (*at >= 'A' && *at <= 'Z') {
            *at += 'a' - 'A';
        }
    }
    return text;
}

/* Length of one or more runs of these characters, each of at most max, with single dots between
 * them. 0 if the text does not begin so.
 */
static apr_size_t dotted_length(const char *text, const char *characters, apr_size_t max)
{
    const char *at = text;

    for (;;) {
        apr_size_t run = strspn(at, characters);

        if (run == 0 || run > max) {
            return 0;
        }
        at += run;
        if (*at != '.') {
            return (apr_size_t)(at - text);
        }
        at++;
    }
}

/* The characters of each label are right; what is left to see is where its hyphens stand. */
static int has_outer_hyphen(const char *domain)
{
    return *domain == '-' || domain[strlen(domain) - 1] == '-' || strstr(domain, ".-") ||
           strstr(domain, "-.");
}

const char *as_text_email(apr_pool_t *pool, const char *raw)
{
    /* atext of RFC 5322, section 3.2.3 */
    static const char atext[] = LETTERS DIGITS "!#$%&'*+-/=?^_`{|}~";
    const char *email, *domain;
    apr_size_t local;

    if (!raw) {
        return NULL;
    }
    email = trimmed_lower(pool, raw);
    local = dotted_length(email, atext, LOCAL_MAX);
    if (local == 0 || local > LOCAL_MAX || email[local] != '@' || strlen(email) > AS_EMAIL_MAX) {
        return NULL;
    }
    domain = email + local + 1;
    if (dotted_length(domain, LETTERS DIGITS "-", LABEL_MAX) != strlen(domain) ||
        !strchr(domain, '.') || has_outer_hyphen(domain)) {
        return NULL;
    }
    return email;
}

const char *as_text_phone(apr_pool_t *pool, const char *raw)
{
    char phone[AS_PHONE_MAX + 2]; /* room for 00 and one digit less than too many */
    apr_size_t len = 0, digits;
    const char *number;

    for (const char *at = raw ? raw : ""; *at; at++) {
        if (strchr(" .-()", *at)) {
            continue;
        }
        if (len == sizeof(phone) - 1) {
            return NULL;
        }
        phone[len++] = *at;
    }
    phone[len] = '\0';
    if (phone[0] == '+') {
        number = phone + 1;
    } else if (strncmp(phone, "00", 2) == 0) {
        number = phone + 2;
    } else {
        return NULL;
    }
    digits = strspn(number, DIGITS);
    if (number[digits] || digits < PHONE_DIGITS_MIN || digits > AS_PHONE_MAX - 1 ||
        *number == '0') {
        return NULL;
    }
    return apr_pstrcat(pool, "+", number, NULL);
}

/* Reads one or more decimal digits up to *end. 0 if there are none or they pass the limit. */
static int read_digits(const char *text, apr_uint64_t limit, apr_uint64_t *value, const char **end)
{
    apr_uint64_t sum = 0;
    const char *at = text;

    for (; *at >= '0' && *at <= '9'; at++) {
        apr_uint64_t digit = (apr_uint64_t)(*at - '0');

        if (sum > (limit - digit) / 10) {
            return 0;
        }
        sum = sum * 10 + digit;
    }
    *value = sum;
    *end = at;
    return at != text;
}

static int read_amount(const char *text, const unit_t *units, apr_int64_t *amount)
{
    apr_uint64_t count;
    const char *name;

    if (!text || !read_digits(text, APR_INT64_MAX, &count, &name)) {
        return 0;
    }
    for (const unit_t *unit = units; unit->name; unit++) {
        if (strcmp(name, unit->name) == 0) {
            if (count > (apr_uint64_t)APR_INT64_MAX / unit->worth) {
                return 0;
            }
            *amount = (apr_int64_t)(count * unit->worth);
            return 1;
        }
    }
    return 0;
}

int as_text_duration(const char *text, apr_int64_t *usec)
{
    return read_amount(text, duration_units, usec);
}

int as_text_size(const char *text, apr_int64_t *octets)
{
    return read_amount(text, size_units, octets);
}

int as_text_integer(const char *text, apr_int64_t *value)
{
    const apr_uint64_t max = APR_INT64_MAX;
    int negative = text && *text == '-';
    apr_uint64_t magnitude;
    const char *end;

    if (!text || !read_digits(text + negative, max + negative, &magnitude, &end) || *end) {
        return 0;
    }
    /* Negated without a sign, because the least value has no positive twin. */
    *value = (apr_int64_t)(negative ? -magnitude : magnitude);
    return 1;
}

static const char *html_reference(char character)
{
    switch (character) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

const char *as_text_html(apr_pool_t *pool, const char *text)
{
    char *html = apr_palloc(pool, strlen(text) * (sizeof("&quot;") - 1) + 1);
    char *end = html;

    for (; *text; text++) {
        const char *reference = html_reference(*text);

        if (reference) {
            end = apr_cpystrn(end, reference, sizeof("&quot;"));
        } else {
            *end++ = *text;
        }
    }
    *end = '\0';
    return html;
}

const char *as_text_time(apr_pool_t *pool, apr_int64_t usec)
{
    apr_time_exp_t at;

    apr_time_exp_gmt(&at, usec);
    return apr_psprintf(pool, "%04d-%02d-%02dT%02d:%02d:%02dZ", at.tm_year + 1900, at.tm_mon + 1,
                        at.tm_mday, at.tm_hour, at.tm_min, at.tm_sec);
}

void as_text_split_name(apr_pool_t *pool, const char *name, const char **first, const char **last)
{
    const char *blank = strrchr(name, ' ');

    *first = blank ? apr_pstrmemdup(pool, name, blank - name) : name;
    *last = blank ? blank + 1 : NULL;
}

const char *as_text_join_name(apr_pool_t *pool, const char *first, const char *last)
{
    if (!last || !*last) {
        return first ? first : "";
    }
    return first && *first ? apr_pstrcat(pool, first, " ", last, NULL) : last;
}

/* The number of two digits. */
static int two(const char *at)
{
    return (at[0] - '0') * 10 + at[1] - '0';
}

/* 1 if there is a digit wherever the form has 0, and the form's own character elsewhere. */
static int has_form(const char *text, const char *form)
{
    for (; *form; text++, form++) {
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form) {
            return 0;
        }
    }
    return 1;
}

/* Minutes of "Z", "+00:00" and the like. 1 if the text is just that. */
static int read_offset(const char *text, int *minutes)
{
    *minutes = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0) {
        return 1;
    }
    if ((*text != '+' && *text != '-') || !has_form(text + 1, "00:00") || text[6]
        || two(text + 1) > 23 || two(text + 4) > 59) {
        return 0;
    }
    *minutes = (two(text + 1) * 60 + two(text + 4)) * (*text == '-' ? -1 : 1);
    return 1;
}

/* Microseconds of ".123", if there is one, to *end. */
static int read_fraction(const char *text, const char **end)
{
    int usec = 0, worth = APR_USEC_PER_SEC / 10;

    if (*text == '.' && has_form(text, ".0")) {
        for (text++; *text >= '0' && *text <= '9'; text++, worth /= 10) {
            usec += (*text - '0') * worth;
        }
    }
    *end = text;
    return usec;
}

static int days_of(int month, int year)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month < 1 || month > 12 ? 0 : days[month - 1] + (month == 2 && leap);
}

int as_text_instant(const char *text, apr_int64_t *usec)
{
    apr_time_exp_t at = { .tm_year = 0 };
    int minutes, year;
    apr_time_t time;

    if (!has_form(text, "0000-00-00")
        || !(has_form(text + 10, "T00:00:00") || has_form(text + 10, "t00:00:00")
             || has_form(text + 10, " 00:00:00"))) {
        return 0;
    }
    year = two(text) * 100 + two(text + 2);
    at = (apr_time_exp_t){ .tm_year = year - 1900, .tm_mon = two(text + 5) - 1,
                           .tm_mday = two(text + 8), .tm_hour = two(text + 11),
                           .tm_min = two(text + 14), .tm_sec = two(text + 17) };
    at.tm_usec = read_fraction(text + 19, &text);
    if (year < 1970 || at.tm_mday < 1 || at.tm_mday > days_of(at.tm_mon + 1, year)
        || at.tm_hour > 23 || at.tm_min > 59 || at.tm_sec > 60 || !read_offset(text, &minutes)
        || apr_time_exp_get(&time, &at) != APR_SUCCESS) {
        return 0;
    }
    *usec = time - minutes * 60 * APR_USEC_PER_SEC;
    return 1;
}
