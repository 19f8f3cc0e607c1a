/* SPDX-License-Identifier: Apache-2.0
 * What a record of a file of accounts says: an account to be, nothing, or something that is
 * refused. Never looks into the database, never repeats what it refuses. Called by import.
 */
#ifndef AS_OPS_ENTRIES_H
#define AS_OPS_ENTRIES_H

#include "base/records.h"
#include "store/accounts.h"

#define AS_COLUMNS_MAX 256 /* of a CSV file */

/* A format: one row each in entries.c. */
typedef struct as_format_t as_format_t;

/* What is read from each record; a column or a member of that name. */
typedef enum {
    AS_FIELD_EMAIL,
    AS_FIELD_PHONE,
    AS_FIELD_HASH,
    AS_FIELD_FIRST_NAME,
    AS_FIELD_LAST_NAME,
    AS_FIELD_VERIFIED,
    AS_FIELD_CREATED,
    AS_FIELDS
} as_field_t;

typedef struct {
    const as_format_t *format;
    apr_pool_t *pool; /* of the stranger's name */
    int column[AS_FIELDS]; /* of CSV: where the field stands, or -1 */
    int columns;
    const char *stranger; /* a column or member that is ignored; NULL: none has been met yet */
} as_layout_t;

/* The format of that name, or NULL. */
const as_format_t *as_format_find(const char *name);

/* "htpasswd, …" for messages. */
const char *as_format_names(apr_pool_t *pool);

/* The format that a file's name, or else its first record, speaks for; NULL if neither does. */
const as_format_t *as_format_guess(const char *path, const char *record);

const char *as_format_name(const as_format_t *format);

/* 1 if its records are CSV's, the first of which is a header. */
int as_format_has_header(const as_format_t *format);

/* Takes the header. NULL, or why it cannot be one. */
const char *as_layout_header(as_layout_t *layout, char *record);

/* Fills the account, but for id and number, and what no record says with now. NULL and an account
 * without an address: the record says nothing (a comment, an empty line). Else why it is refused.
 * A long record takes much of the pool.
 */
const char *as_entry_read(as_layout_t *layout, const as_record_t *record, as_account_t *account,
                          apr_int64_t now, apr_pool_t *pool);

#endif
