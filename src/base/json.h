/* SPDX-License-Identifier: Apache-2.0
 * JSON (RFC 8259) over jansson, bound to a pool. The only place that sees jansson.
 * Never accepts what two readers could read differently: no duplicate members, no NUL in strings,
 * no invalid UTF-8, nothing after the value. Called by api/, ops/ and crypto/.
 */
#ifndef AS_BASE_JSON_H
#define AS_BASE_JSON_H

#include <apr_pools.h>

/* Any JSON value; lives as long as the pool it was made in. Providers know it under the tag's name
 * (include/authsvc.h).
 */
typedef struct authsvc_json_t as_json_t;

/* Parses one value of at most 32 levels. NULL on a fault, whose octet offset goes to *offset (may
 * be NULL).
 */
as_json_t *as_json_parse(apr_pool_t *pool, const char *text, apr_size_t len, apr_size_t *offset);

int as_json_is_object(const as_json_t *value);
int as_json_is_null(const as_json_t *value);

/* Member of an object; NULL if there is none or the value is no object. */
as_json_t *as_json_get(const as_json_t *object, const char *name);

/* The first member's name that is none of these, which end with NULL; NULL if there is no other. */
const char *as_json_other(const as_json_t *object, const char *const *names);

/* Element of an array by index from 0; NULL past the end or if it is no array. */
as_json_t *as_json_at(const as_json_t *array, apr_size_t index);

/* The string, or NULL if the value is NULL or no string. Owned by the value. */
const char *as_json_string(const as_json_t *value);
const char *as_json_get_string(const as_json_t *object, const char *name);

/* 1 and the number, or 0 if the value is no integer of 64 bits. */
int as_json_integer(const as_json_t *value, apr_int64_t *number);
int as_json_get_integer(const as_json_t *object, const char *name, apr_int64_t *number);

/* 1 and the value, or 0 if it is no number, or neither true nor false. */
int as_json_number(const as_json_t *value, double *number);
int as_json_boolean(const as_json_t *value, int *truth);

as_json_t *as_json_true(apr_pool_t *pool);
as_json_t *as_json_object(apr_pool_t *pool);
as_json_t *as_json_array(apr_pool_t *pool);

/* Setters; a NULL text is written as null. A text that is not valid UTF-8 is written as null, too.
 */
void as_json_set(as_json_t *object, const char *name, as_json_t *value);
void as_json_set_string(as_json_t *object, const char *name, const char *text);
void as_json_set_integer(as_json_t *object, const char *name, apr_int64_t number);
void as_json_set_boolean(as_json_t *object, const char *name, int truth);
void as_json_append(as_json_t *array, as_json_t *value);
void as_json_append_string(as_json_t *array, const char *text);
void as_json_append_integer(as_json_t *array, apr_int64_t number);

/* Compact text, members in the order they were set. NULL value gives "null". */
const char *as_json_text(apr_pool_t *pool, const as_json_t *value);

/* A text as a JSON string with its quotes; "null" as the setters write it. */
const char *as_json_quote(apr_pool_t *pool, const char *text);

#endif
