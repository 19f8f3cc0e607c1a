/* SPDX-License-Identifier: Apache-2.0
 * Records of a file, read through a window. See records.h.
 */
#include "base/records.h"

#include <string.h>

#include "base/text.h"

#define WINDOW (4 * AS_RECORD_MAX)
#define MARK "\xef\xbb\xbf"
#define MARK_LEN 3

struct as_records_t {
    apr_file_t *file;
    apr_int64_t left;   /* octets not yet read */
    apr_int64_t offset; /* of at, in the file */
    apr_int64_t line;   /* of at */
    char *at;
    apr_size_t len; /* octets from at on */
    char window[WINDOW + 1];
};

as_records_t *as_records_create(apr_file_t *file, apr_int64_t size, apr_pool_t *pool)
{
    as_records_t *records = apr_palloc(pool, sizeof *records);

    records->file = file;
    records->left = size;
    records->offset = 0;
    records->line = 1;
    records->at = records->window;
    records->len = 0;
    return records;
}

apr_int64_t as_records_offset(const as_records_t *records)
{
    return records->offset;
}

apr_int64_t as_records_line(const as_records_t *records)
{
    return records->line;
}

static void consume(as_records_t *r, apr_size_t octets)
{
    r->at += octets;
    r->len -= octets;
    r->offset += octets;
}

/* Makes sure that a whole record is in the window, or all that is left. */
static apr_status_t fill(as_records_t *r)
{
    apr_size_t got, room;
    apr_status_t status;

    if (r->left == 0 || r->len > AS_RECORD_MAX + 1) {
        return APR_SUCCESS;
    }
    memmove(r->window, r->at, r->len);
    r->at = r->window;
    room = WINDOW - r->len;
    room = r->left < (apr_int64_t)room ? (apr_size_t)r->left : room;
    status = apr_file_read_full(r->file, r->window + r->len, room, &got);
    if (status != APR_SUCCESS) {
        return APR_STATUS_IS_EOF(status) ? APR_EINCOMPLETE : status;
    }
    r->len += got;
    r->left -= (apr_int64_t)got;
    if (r->offset == 0 && r->len >= MARK_LEN && memcmp(r->at, MARK, MARK_LEN) == 0) {
        consume(r, MARK_LEN);
    }
    return APR_SUCCESS;
}

/* Octets up to the LF, or len. */
static apr_size_t line_end(const char *at, apr_size_t len)
{
    const char *end = memchr(at, '\n', len);

    return end ? (apr_size_t)(end - at) : len;
}

typedef enum { OPENING, PLAIN, QUOTED, CLOSED } place_t;

/* Where the next octet stands in its field; *wrong: not where RFC 4180 has it. */
static place_t step(place_t place, const char *at, const char **wrong)
{
    if (place == QUOTED) {
        return *at == '"' ? CLOSED : QUOTED;
    }
    if (*at == ',') {
        return OPENING;
    }
    if (*at == '"') {
        *wrong = place == PLAIN ? "a quote stands inside a field without quotes" : NULL;
        return QUOTED; /* a field's first, or the second of a pair */
    }
    if (place == CLOSED && !(at[0] == '\r' && at[1] == '\n')) {
        *wrong = "text follows a field's closing quote";
    }
    return place == CLOSED ? CLOSED : PLAIN;
}

/* The same for a record of CSV, which a faulty one does not follow beyond its own line. The octet
 * after len can be read.
 */
static apr_size_t csv_end(const char *at, apr_size_t len, const char **wrong)
{
    place_t place = OPENING;
    apr_size_t i = 0;

    while (i < len && !*wrong && (at[i] != '\n' || place == QUOTED)) {
        place = step(place, at + i, wrong);
        i++;
    }
    if (i == len && place == QUOTED && !*wrong) {
        *wrong = "a quote is not closed";
    }
    return *wrong ? line_end(at, len) : i;
}

/* Passes over the rest of a line that does not fit. */
static apr_status_t skip_line(as_records_t *r)
{
    apr_status_t status = APR_SUCCESS;
    apr_size_t end;

    while ((end = line_end(r->at, r->len)) == r->len && status == APR_SUCCESS && r->len > 0) {
        consume(r, end);
        status = fill(r);
    }
    if (status == APR_SUCCESS && r->len > 0) {
        consume(r, end + 1);
        r->line++;
    }
    return status;
}

static const char *judge(const char *text, apr_size_t len)
{
    if (strlen(text) != len) {
        return "it holds a NUL octet";
    }
    return as_text_points(text) < 0 ? "it is not UTF-8" : NULL;
}

/* Takes len octets and the LF behind them as the record. */
static void take(as_records_t *r, apr_size_t len, as_record_t *record)
{
    apr_size_t text = len > 0 && r->at[len - 1] == '\r' ? len - 1 : len;
    int ended = len < r->len;

    for (apr_size_t i = 0; i < len; i++) {
        r->line += r->at[i] == '\n';
    }
    r->line += ended;
    record->text = r->at;
    consume(r, len + ended);
    record->text[text] = '\0';
    if (!record->wrong) {
        record->wrong = judge(record->text, text);
    }
}

apr_status_t as_record_next(as_records_t *r, int quoted, as_record_t *record)
{
    apr_status_t status = fill(r);
    apr_size_t window, len;

    if (status != APR_SUCCESS || r->len == 0) {
        return status != APR_SUCCESS ? status : APR_EOF;
    }
    *record = (as_record_t){ .line = r->line };
    window = r->len < AS_RECORD_MAX + 2 ? r->len : AS_RECORD_MAX + 2; /* CR LF included */
    r->at[r->len] = '\0';
    len = quoted ? csv_end(r->at, window, &record->wrong) : line_end(r->at, window);
    if (len == window && window > AS_RECORD_MAX + 1) {
        record->wrong = "it is longer than 64 KiB";
        return skip_line(r);
    }
    take(r, len, record);
    return APR_SUCCESS;
}

apr_status_t as_records_skip(as_records_t *r, apr_int64_t offset)
{
    apr_status_t status = APR_SUCCESS;

    while (status == APR_SUCCESS && r->offset < offset) {
        apr_size_t len, end;

        status = fill(r);
        len = offset - r->offset < (apr_int64_t)r->len ? (apr_size_t)(offset - r->offset) : r->len;
        if (status == APR_SUCCESS && len == 0) {
            return APR_EINCOMPLETE;
        }
        end = line_end(r->at, len);
        r->line += end < len;
        consume(r, end < len ? end + 1 : len);
    }
    return status;
}

/* Ends the field and takes its quotes away, in place. Returns where the comma or the NUL was. */
static char *take_field(char *field, int *more)
{
    char *to = field, *at = field;

    if (*field != '"') {
        at = to = field + strcspn(field, ",");
    } else {
        for (at++; *at && (at[0] != '"' || at[1] == '"'); at++) {
            at += *at == '"';
            *to++ = *at;
        }
        at += *at == '"';
    }
    *more = *at == ',';
    *to = '\0';
    return at;
}

int as_csv_split(char *text, char **fields, int room)
{
    int more = 1, n = 0;

    while (more) {
        if (n == room) {
            return room + 1;
        }
        fields[n++] = text;
        text = take_field(text, &more) + 1;
    }
    return n;
}
