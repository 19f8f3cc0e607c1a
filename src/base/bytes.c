/* SPDX-License-Identifier: Apache-2.0
 * Octets: wiping, constant-time comparison, hexadecimal, base32 and base64url (see bytes.h).
 * Never branches or indexes by the octets it compares. Called by every floor.
 */
#include "base/bytes.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

typedef struct {
    void *at;
    apr_size_t len;
} wipe_t;

as_span_t as_span(const char *text)
{
    return (as_span_t){ .at = text, .len = text ? strlen(text) : 0 };
}

void as_wipe(void *at, apr_size_t len)
{
    if (at) {
        explicit_bzero(at, len);
    }
}

void as_wipe_text(char *text)
{
    if (text) {
        as_wipe(text, strlen(text));
    }
}

static apr_status_t wipe_now(void *baton)
{
    const wipe_t *wipe = baton;

    as_wipe(wipe->at, wipe->len);
    return APR_SUCCESS;
}

void as_wipe_with_pool(apr_pool_t *pool, void *at, apr_size_t len)
{
    wipe_t *wipe = apr_palloc(pool, sizeof(*wipe));

    *wipe = (wipe_t){ .at = at, .len = len };
    apr_pool_cleanup_register(pool, wipe, wipe_now, apr_pool_cleanup_null);
}

int as_bytes_equal(as_span_t a, as_span_t b)
{
    const volatile unsigned char *left = a.at;
    const volatile unsigned char *right = b.at;
    unsigned char differ = 0;

    if (a.len != b.len) {
        return 0;
    }
    for (apr_size_t i = 0; i < a.len; i++) {
        differ |= left[i] ^ right[i];
    }
    return differ == 0;
}

int as_text_equal(const char *a, const char *b)
{
    return a && b && as_bytes_equal(as_span(a), as_span(b));
}

char *as_hex_encode(apr_pool_t *pool, const unsigned char *in, apr_size_t len)
{
    char *text = apr_palloc(pool, 2 * len + 1);

    for (apr_size_t i = 0; i < len; i++) {
        text[2 * i] = hex_digits[in[i] >> 4];
        text[2 * i + 1] = hex_digits[in[i] & 15];
    }
    text[2 * len] = '\0';
    return text;
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

int as_hex_decode(const char *text, unsigned char *out, apr_size_t len)
{
    if (!text || strlen(text) != 2 * len) {
        return 0;
    }
    for (apr_size_t i = 0; i < len; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return 0;
        }
        out[i] = (unsigned char)(high * 16 + low);
    }
    return 1;
}

char *as_base32_encode(apr_pool_t *pool, const unsigned char *in, apr_size_t len)
{
    char *text = apr_palloc(pool, len / 5 * 8 + 1), *end = text;

    for (const unsigned char *at = in; at < in + len; at += 5) {
        apr_uint64_t held = 0;

        for (int i = 0; i < 5; i++) {
            held = held << 8 | at[i];
        }
        for (int shift = 35; shift >= 0; shift -= 5) {
            *end++ = base32_digits[held >> shift & 31];
        }
    }
    *end = '\0';
    return text;
}

int as_base32_decode(const char *text, unsigned char *out, apr_size_t len)
{
    if (!text || strlen(text) != len / 5 * 8) {
        return 0;
    }
    for (; *text; out += 5) {
        apr_uint64_t held = 0;

        for (int i = 0; i < 8; i++, text++) {
            const char *digit = strchr(base32_digits, *text);

            if (!digit) {
                return 0;
            }
            held = held << 5 | (apr_uint64_t)(digit - base32_digits);
        }
        for (int i = 0; i < 5; i++) {
            out[i] = (unsigned char)(held >> (32 - 8 * i));
        }
    }
    return 1;
}

char *as_base64url_encode(apr_pool_t *pool, const void *in, apr_size_t len)
{
    const unsigned char *at = in;
    char *text = apr_palloc(pool, len / 3 * 4 + 4);
    char *end = text;
    unsigned held = 0;
    int bits = 0;

    for (apr_size_t i = 0; i < len; i++) {
        held = (held << 8 | at[i]) & 0xffff;
        for (bits += 8; bits >= 6; bits -= 6) {
            *end++ = base64url_digits[held >> (bits - 6) & 63];
        }
    }
    if (bits > 0) {
        *end++ = base64url_digits[held << (6 - bits) & 63];
    }
    *end = '\0';
    return text;
}

static int base64url_value(char digit)
{
    const char *found = memchr(base64url_digits, digit, sizeof(base64url_digits) - 1);

    return found ? (int)(found - base64url_digits) : -1;
}

unsigned char *as_base64url_decode(apr_pool_t *pool, const char *text, apr_size_t text_len,
                                   apr_size_t *len)
{
    unsigned char *out;
    apr_size_t made = 0;
    unsigned held = 0;
    int bits = 0;

    /* A lone last digit holds six bits: no octet. */
    if (!text || text_len % 4 == 1) {
        return NULL;
    }
    out = apr_palloc(pool, text_len / 4 * 3 + 3);
    for (apr_size_t i = 0; i < text_len; i++) {
        int value = base64url_value(text[i]);

        if (value < 0) {
            return NULL;
        }
        held = (held << 6 | (unsigned)value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[made++] = (unsigned char)(held >> bits);
        }
    }
    if (held & ((1u << bits) - 1)) {
        return NULL;
    }
    out[made] = '\0';
    *len = made;
    return out;
}
