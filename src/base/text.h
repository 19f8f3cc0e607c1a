/* SPDX-License-Identifier: Apache-2.0
 * What people type: UTF-8, e-mail addresses, phone numbers, and the units of directives.
 * Never looks an address up. Called by api/ (fields), ops/ (addresses) and server/ (directives).
 */
#ifndef AS_BASE_TEXT_H
#define AS_BASE_TEXT_H

#include <apr_pools.h>

#define AS_EMAIL_MAX 254 /* octets (RFC 5321, section 4.5.3.1.3) */
#define AS_PHONE_MAX 16  /* "+" and 15 digits (E.164) */

/* Number of Unicode code points in a C string of valid UTF-8; -1 if it is not valid
 * (RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF).
 */
apr_ssize_t as_text_points(const char *text);

/* 1 if the text holds a control character: C0, DEL or C1. The text is valid UTF-8. */
int as_text_has_control(const char *text);

/* Canonical e-mail address: trimmed, lower case. NULL unless it is ASCII, 1 to 254 octets, a
 * dot-atom or plain local part of at most 64 octets, one "@", and a domain of dot-separated labels
 * (letters, digits, inner hyphens, at most 63 each) with at least one dot.
 */
const char *as_text_email(apr_pool_t *pool, const char *raw);

/* Canonical E.164: "+" and 8 to 15 digits, the first not 0. Spaces, dots, dashes and parentheses
 * are removed, a leading 00 becomes +. NULL if what is left is anything else.
 */
const char *as_text_phone(apr_pool_t *pool, const char *raw);

/* Directive values. Each returns 1 and the value, or 0.
 * Duration in microseconds: digits with one unit of ms, s, m, h, d ("15m"); no unit means seconds.
 * Size in octets: digits with an optional K, M or G (1024s). Both refuse what overflows.
 */
int as_text_duration(const char *text, apr_int64_t *usec);
int as_text_size(const char *text, apr_int64_t *octets);
int as_text_integer(const char *text, apr_int64_t *value);

/* The text with & < > " ' written as HTML character references. */
const char *as_text_html(apr_pool_t *pool, const char *text);

/* A full name as first and last, parted at the last blank: "Ann van Dyke" is "Ann van" and "Dyke";
 * a name of one word has no last one (NULL).
 */
void as_text_split_name(apr_pool_t *pool, const char *name, const char **first, const char **last);

/* The way back; both may be NULL, which is the empty name. */
const char *as_text_join_name(apr_pool_t *pool, const char *first, const char *last);

/* RFC 3339 in UTC with whole seconds ("2026-01-31T12:00:00Z") of microseconds since 1970. */
const char *as_text_time(apr_pool_t *pool, apr_int64_t usec);

/* Reverse: 1 and the instant of an RFC 3339 date and time from 1970 on, with "T" or a blank between
 * them and any offset, else 0. A leap second is the next minute's first.
 */
int as_text_instant(const char *text, apr_int64_t *usec);

#endif
