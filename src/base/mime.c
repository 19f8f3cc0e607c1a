/* SPDX-License-Identifier: Apache-2.0
 * Mails as RFC 5322 text (see mime.h): headers, encoded words, multipart/alternative.
 * Never breaks a line of a part that fits a mail as it is. Called through the host services.
 */
#include "base/mime.h"

#include <apr_encode.h>
#include <apr_strings.h>
#include <string.h>

#include "base/text.h"

#define LINE_MAX_OCTETS 998 /* without the line end (RFC 5322, section 2.1.1) */
#define LINE_GOOD_OCTETS 76 /* with an encoded word (RFC 2047, section 2), or of base64 */
#define DIGITS_MAX 5        /* base64 has no run of six, for a code in the message is one */
#define WORD_OPENING "=?UTF-8?Q?"
#define WORD_CLOSING "?="
#define WORD_EXTRA (sizeof(WORD_OPENING) - 1 + sizeof(WORD_CLOSING) - 1)

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define ATEXT LETTERS "0123456789!#$%&'*+-/=?^_`{|}~"

typedef struct {
    const char *name; /* what people see, may be empty */
    const char *address;
} mailbox_t;

/* A body part as it travels. */
typedef struct {
    const char *type;
    const char *encoding;
    const char *body; /* ends with CRLF */
} part_t;

static int is_header_text(const char *text)
{
    return as_text_points(text) >= 0 && !as_text_has_control(text);
}

static int is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text > 0x7f) {
            return 0;
        }
    }
    return 1;
}

/* Stricter than RFC 5322 (no quotes, comments or literals), wider than as_text_email, which refuses
 * "root@localhost".
 */
static int is_address(const char *text)
{
    apr_size_t local = strspn(text, ATEXT ".");
    apr_size_t domain;

    if (local == 0 || text[local] != '@') {
        return 0;
    }
    domain = strspn(text + local + 1, LETTERS "0123456789-.");
    return domain > 0 && text[local + 1 + domain] == '\0' && strlen(text) <= AS_EMAIL_MAX;
}

/* What a quoted string says, or the text itself if it is none. */
static const char *unquoted(const char *text, apr_pool_t *pool)
{
    apr_size_t len = strlen(text);
    char *plain, *end;

    if (len < 2 || text[0] != '"' || text[len - 1] != '"') {
        return text;
    }
    plain = end = apr_palloc(pool, len);
    for (const char *at = text + 1; at < text + len - 1; at++) {
        if (*at == '\\' && at + 1 < text + len - 1) {
            at++;
        }
        *end++ = *at;
    }
    *end = '\0';
    return plain;
}

/* Splits "Name <address>" or a bare address. 0 if there is no address in it. */
static int mailbox_read(mailbox_t *mailbox, const char *from, apr_pool_t *pool)
{
    const char *open = strrchr(from, '<');
    const char *end = open;

    if (!open) {
        *mailbox = (mailbox_t){ .name = "", .address = from };
        return is_address(from);
    }
    if (!strchr(open, '>') || strchr(open, '>')[1]) {
        return 0;
    }
    from += strspn(from, " ");
    while (end > from && end[-1] == ' ') {
        end--;
    }
    *mailbox = (mailbox_t){ .name = unquoted(apr_pstrmemdup(pool, from, end - from), pool),
                            .address = apr_pstrmemdup(pool, open + 1, strlen(open) - 2) };
    return is_address(mailbox->address);
}

/* 1 if the text can stand in a header line as it is, from this column on. */
static int is_plain(const char *text, apr_size_t column)
{
    return is_ascii(text) && !strstr(text, "=?") && column + strlen(text) <= LINE_GOOD_OCTETS;
}

/* One code point in the Q encoding (RFC 2047, section 4.2) and its length in octets. Digits are
 * encoded as well, for after an octet like "=90" they would make a longer run.
 */
static const char *q_point(const char *at, apr_size_t *octets, char out[13])
{
    static const char hex[] = "0123456789ABCDEF";
    char *end = out;

    *octets = 0;
    do {
        unsigned char octet = (unsigned char)at[*octets];

        if (octet == ' ') {
            *end++ = '_';
        } else if (octet && strchr(LETTERS "!*+-/", octet)) {
            *end++ = (char)octet;
        } else {
            *end++ = '=';
            *end++ = hex[octet >> 4];
            *end++ = hex[octet & 15];
        }
        (*octets)++;
    } while (((unsigned char)at[*octets] & 0xc0) == 0x80);
    *end = '\0';
    return out;
}

/* Encoded words, folded so that no line is too long; the first starts at this column. No code point
 * is cut in two.
 */
static const char *encoded_words(const char *text, apr_size_t column, apr_pool_t *pool)
{
    static const char fold[] = WORD_CLOSING "\r\n " WORD_OPENING;
    const apr_size_t size = strlen(text) * (3 + sizeof(fold)) + WORD_EXTRA + 1;
    char *words = apr_palloc(pool, size);
    char *end = apr_cpystrn(words, WORD_OPENING, size);
    apr_size_t octets;

    column += WORD_EXTRA;
    for (; *text; text += octets) {
        char point[13];
        apr_size_t len = strlen(q_point(text, &octets, point));

        if (column + len > LINE_GOOD_OCTETS) {
            end = apr_cpystrn(end, fold, sizeof(fold));
            column = 1 + WORD_EXTRA;
        }
        end = apr_cpystrn(end, point, sizeof(point));
        column += len;
    }
    apr_cpystrn(end, WORD_CLOSING, sizeof(WORD_CLOSING));
    return words;
}

static const char *quoted(const char *text, apr_pool_t *pool)
{
    char *made = apr_palloc(pool, 2 * strlen(text) + 3);
    char *end = made;

    *end++ = '"';
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            *end++ = '\\';
        }
        *end++ = *text;
    }
    *end++ = '"';
    *end = '\0';
    return made;
}

static const char *subject_value(const char *subject, apr_pool_t *pool)
{
    const apr_size_t column = sizeof("Subject: ") - 1;

    return is_plain(subject, column) ? subject : encoded_words(subject, column, pool);
}

static const char *from_value(const mailbox_t *from, apr_pool_t *pool)
{
    const apr_size_t column = sizeof("From: ") - 1;
    const char *name = from->name;

    if (!*name) {
        return from->address;
    }
    if (!is_plain(name, column)) {
        return apr_pstrcat(pool, encoded_words(name, column, pool), "\r\n <", from->address, ">",
                           NULL);
    }
    if (name[strspn(name, ATEXT " ")]) {
        name = quoted(name, pool);
    }
    return apr_pstrcat(pool, name, " <", from->address, ">", NULL);
}

/* Hexadecimal with each digit as a letter, one to one. */
static const char *letters(const char *hex, apr_pool_t *pool)
{
    char *made = apr_pstrdup(pool, hex);

    for (char *at = made; *at; at++) {
        if (*at >= '0' && *at <= '9') {
            *at += 'g' - '0';
        }
    }
    return made;
}

/* The text with CRLF after each line, the last included, and nowhere else a CR. */
static const char *with_crlf(const char *text, apr_pool_t *pool)
{
    char *made = apr_palloc(pool, 2 * strlen(text) + 3);
    char *end = made;

    for (; *text; text++) {
        if (*text == '\n') {
            *end++ = '\r';
        }
        if (*text != '\r') {
            *end++ = *text;
        }
    }
    if (end == made || end[-1] != '\n') {
        *end++ = '\r';
        *end++ = '\n';
    }
    *end = '\0';
    return made;
}

static int has_long_line(const char *text)
{
    for (const char *end; *text; text = end + 2) {
        end = strstr(text, "\r\n");
        if (end - text > LINE_MAX_OCTETS) {
            return 1;
        }
    }
    return 0;
}

/* base64 in lines. A line ends early where the next digit would be one too many in a row. */
static const char *base64_lines(const char *text, apr_pool_t *pool)
{
    const char *at = apr_pencode_base64(pool, text, APR_ENCODE_STRING, APR_ENCODE_NONE, NULL);
    char *made = apr_palloc(pool, strlen(at) * (DIGITS_MAX + 2) / DIGITS_MAX + 3);
    char *end = made;
    apr_size_t column = 0;
    int digits = 0;

    for (; *at; at++) {
        int is_digit = *at >= '0' && *at <= '9';

        if (column == LINE_GOOD_OCTETS || (is_digit && digits == DIGITS_MAX)) {
            *end++ = '\r';
            *end++ = '\n';
            column = 0;
            digits = 0;
        }
        *end++ = *at;
        column++;
        digits = is_digit ? digits + 1 : 0;
    }
    memcpy(end, "\r\n", sizeof("\r\n"));
    return made;
}

static part_t part_make(const char *type, const char *text, apr_pool_t *pool)
{
    const char *body = with_crlf(text, pool);

    if (has_long_line(body)) {
        return (part_t){ .type = type, .encoding = "base64", .body = base64_lines(body, pool) };
    }
    return (part_t){ .type = type, .encoding = is_ascii(body) ? "7bit" : "8bit", .body = body };
}

static const char *part_text(const part_t *part, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "Content-Type: ", part->type, "; charset=utf-8\r\n",
                       "Content-Transfer-Encoding: ", part->encoding, "\r\n\r\n", part->body, NULL);
}

/* Both parts as multipart/alternative, the better one last. The boundary changes until neither part
 * has it.
 */
static const char *alternatives(const char *id, const part_t *plain, const part_t *html,
                                apr_pool_t *pool)
{
    /* A multipart with an 8bit part is 8bit itself (RFC 2045, section 6.4). */
    const char *encoding = is_ascii(plain->body) && is_ascii(html->body) ? "7bit" : "8bit";
    const char *boundary;
    unsigned attempt = 0;

    do {
        boundary = letters(apr_psprintf(pool, "%s%x", id, attempt++), pool);
    } while (strstr(plain->body, boundary) || strstr(html->body, boundary));
    return apr_pstrcat(pool, "Content-Type: multipart/alternative;\r\n boundary=", boundary, "\r\n",
                       "Content-Transfer-Encoding: ", encoding, "\r\n\r\n",
                       "--", boundary, "\r\n", part_text(plain, pool),
                       "\r\n--", boundary, "\r\n", part_text(html, pool),
                       "\r\n--", boundary, "--\r\n", NULL);
}

static const char *content(const authsvc_message_t *message, apr_pool_t *pool)
{
    const part_t plain = part_make("text/plain", message->text, pool);
    part_t html;

    if (!message->html) {
        return part_text(&plain, pool);
    }
    html = part_make("text/html", message->html, pool);
    return alternatives(message->id, &plain, &html, pool);
}

/* An id of ours, which goes into headers. */
static int is_id(const char *id)
{
    return *id && id[strspn(id, "0123456789abcdef")] == '\0';
}

const char *as_mime_message(const authsvc_message_t *message, const char *from, apr_pool_t *pool)
{
    const char *subject = message->subject ? message->subject : "";
    char date[APR_RFC822_DATE_LEN];
    mailbox_t sender;

    if (message->channel != AUTHSVC_EMAIL || !is_id(message->id) || !is_address(message->to) ||
        !is_header_text(subject) || !is_header_text(from) || !mailbox_read(&sender, from, pool)) {
        return NULL;
    }
    apr_rfc822_date(date, message->created);
    /* The zone as a number, which RFC 5322 has instead of GMT. */
    date[APR_RFC822_DATE_LEN - sizeof("GMT")] = '\0';
    return apr_pstrcat(pool, "From: ", from_value(&sender, pool), "\r\n",
                       "To: ", message->to, "\r\n",
                       "Subject: ", subject_value(subject, pool), "\r\n",
                       "Date: ", date, "+0000\r\n",
                       "Message-ID: <", letters(message->id, pool), strchr(sender.address, '@'),
                       ">\r\n",
                       "MIME-Version: 1.0\r\n",
                       "Auto-Submitted: auto-generated\r\n", content(message, pool), NULL);
}
