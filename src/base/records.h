/* SPDX-License-Identifier: Apache-2.0
 * A file as records, one after the other: lines, or the records of CSV (RFC 4180). Never holds more
 * than a window of it. Called by ops/ for what is brought from elsewhere.
 */
#ifndef AS_BASE_RECORDS_H
#define AS_BASE_RECORDS_H

#include <apr_file_io.h>

#define AS_RECORD_MAX 65536 /* octets, the line's end aside */

typedef struct as_records_t as_records_t;

typedef struct {
    char *text; /* valid UTF-8 without NUL, CR LF or LF at its end; until the next call */
    apr_int64_t line;
    const char *wrong; /* why it cannot be read, or NULL; text is not to be looked at then */
} as_record_t;

/* The first size octets of an open file, read from its beginning; a byte order mark there is none
 * of the first record.
 */
as_records_t *as_records_create(apr_file_t *file, apr_int64_t size, apr_pool_t *pool);

/* The next record. quoted: of CSV, where a line's end between quotes is text; a quote that is
 * misplaced or not closed costs the line it stands in and no other. APR_SUCCESS, APR_EOF, or why
 * the file cannot be read: APR_EINCOMPLETE if it has become shorter.
 */
apr_status_t as_record_next(as_records_t *records, int quoted, as_record_t *record);

/* Where in the file the next record begins, and on which line. */
apr_int64_t as_records_offset(const as_records_t *records);
apr_int64_t as_records_line(const as_records_t *records);

/* Goes on to an offset that as_records_offset has told, counting lines. */
apr_status_t as_records_skip(as_records_t *records, apr_int64_t offset);

/* Splits a record of CSV, in place, into at most room fields without their quotes. Their number, or
 * room + 1 if there are more.
 */
int as_csv_split(char *text, char **fields, int room);

#endif
