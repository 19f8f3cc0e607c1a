/* SPDX-License-Identifier: Apache-2.0
 * Every SQL statement by name; the texts stand in statements.def, one row each.
 * Never built from parts at run time. Called by db and the table groups.
 */
#ifndef AS_STORE_STATEMENTS_H
#define AS_STORE_STATEMENTS_H

typedef enum {
#define AS_SQL(name, text) name,
#include "store/statements.def"
#undef AS_SQL
    AS_SQL_COUNT
} as_sql_t;

/* The text, with the words of as_driver_words not yet put in. */
const char *as_sql_text(as_sql_t sql);

/* Kinds of its parameters in order, 's' or 'i', as a C string; n is their number. */
int as_sql_parameters(as_sql_t sql, char *kinds, int room);

/* Schema versions this code serves, and the one it migrates to. */
#define AS_SCHEMA_OLDEST 1
#define AS_SCHEMA_NEWEST 1

#endif
