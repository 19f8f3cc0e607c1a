/* SPDX-License-Identifier: Apache-2.0
 * JSON over jansson, bound to a pool (see json.h); an as_json_t is a json_t under another name.
 * Never hands jansson a text that nests too deep. Called by api/, ops/ and crypto/.
 */
#include "base/json.h"

#include <jansson.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define LEVELS_MAX 32

/* Bodies carry passwords and tokens: nothing jansson held stays behind in free memory. It is
 * malloc's memory all the same, so that another module with jansson in this process is not
 * disturbed.
 */
static void wiping_free(void *at)
{
    if (at) {
        as_wipe(at, malloc_usable_size(at));
        free(at);
    }
}

static void use_wiping_free(void)
{
    json_set_alloc_funcs(malloc, wiping_free);
}

static json_t *inner(const as_json_t *value)
{
    return (json_t *)value;
}

static as_json_t *outer(const json_t *value)
{
    return (as_json_t *)value;
}

static apr_status_t release(void *baton)
{
    json_decref(baton);
    return APR_SUCCESS;
}

/* The pool takes over the caller's reference. */
static as_json_t *owned(apr_pool_t *pool, json_t *value)
{
    if (value) {
        apr_pool_cleanup_register(pool, value, release, apr_pool_cleanup_null);
    }
    return outer(value);
}

/* Offset of the bracket that opens one level too many, or len. Strings are skipped as a parser
 * skips them, so up to the first fault in the text both count alike.
 */
static apr_size_t too_deep_at(const char *text, apr_size_t len)
{
    int levels = 0, in_string = 0;
    apr_size_t i;

    for (i = 0; i < len; i++) {
        if (in_string) {
            if (text[i] == '\\') {
                i++;
            } else if (text[i] == '"') {
                in_string = 0;
            }
        } else if (text[i] == '"') {
            in_string = 1;
        } else if (text[i] == '[' || text[i] == '{') {
            if (++levels > LEVELS_MAX) {
                return i;
            }
        } else if (text[i] == ']' || text[i] == '}') {
            levels--;
        }
    }
    return len;
}

as_json_t *as_json_parse(apr_pool_t *pool, const char *text, apr_size_t len, apr_size_t *offset)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    apr_size_t fault = too_deep_at(text, len);
    json_t *value = NULL;

    pthread_once(&once, use_wiping_free);
    if (fault == len) {
        json_error_t error;

        value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
        if (!value) {
            fault = error.position > 0 ? (apr_size_t)error.position : 0;
        }
    }
    if (!value && offset) {
        *offset = fault;
    }
    return owned(pool, value);
}

int as_json_is_object(const as_json_t *value)
{
    return json_is_object(inner(value));
}

int as_json_is_null(const as_json_t *value)
{
    return json_is_null(inner(value));
}

as_json_t *as_json_get(const as_json_t *object, const char *name)
{
    return outer(json_object_get(inner(object), name));
}

static int is_among(const char *name, const char *const *names)
{
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

const char *as_json_other(const as_json_t *object, const char *const *names)
{
    void *at = json_object_iter(inner(object));

    while (at && is_among(json_object_iter_key(at), names)) {
        at = json_object_iter_next(inner(object), at);
    }
    return at ? json_object_iter_key(at) : NULL;
}

as_json_t *as_json_at(const as_json_t *array, apr_size_t index)
{
    return outer(json_array_get(inner(array), index));
}

const char *as_json_string(const as_json_t *value)
{
    return json_string_value(inner(value));
}

const char *as_json_get_string(const as_json_t *object, const char *name)
{
    return as_json_string(as_json_get(object, name));
}

int as_json_integer(const as_json_t *value, apr_int64_t *number)
{
    if (!json_is_integer(inner(value))) {
        return 0;
    }
    *number = json_integer_value(inner(value));
    return 1;
}

int as_json_get_integer(const as_json_t *object, const char *name, apr_int64_t *number)
{
    return as_json_integer(as_json_get(object, name), number);
}

int as_json_number(const as_json_t *value, double *number)
{
    if (!json_is_number(inner(value))) {
        return 0;
    }
    *number = json_number_value(inner(value));
    return 1;
}

int as_json_boolean(const as_json_t *value, int *truth)
{
    if (!json_is_boolean(inner(value))) {
        return 0;
    }
    *truth = json_is_true(inner(value));
    return 1;
}

as_json_t *as_json_true(apr_pool_t *pool)
{
    return owned(pool, json_true());
}

as_json_t *as_json_object(apr_pool_t *pool)
{
    return owned(pool, json_object());
}

as_json_t *as_json_array(apr_pool_t *pool)
{
    return owned(pool, json_array());
}

/* A new reference: the string, or null for what JSON has no string for. */
static json_t *string_or_null(const char *text)
{
    json_t *value = text ? json_string(text) : NULL;

    return value ? value : json_null();
}

void as_json_set(as_json_t *object, const char *name, as_json_t *value)
{
    json_object_set(inner(object), name, value ? inner(value) : json_null());
}

void as_json_set_string(as_json_t *object, const char *name, const char *text)
{
    json_object_set_new(inner(object), name, string_or_null(text));
}

void as_json_set_integer(as_json_t *object, const char *name, apr_int64_t number)
{
    json_object_set_new(inner(object), name, json_integer(number));
}

void as_json_set_boolean(as_json_t *object, const char *name, int truth)
{
    json_object_set_new(inner(object), name, json_boolean(truth));
}

void as_json_append(as_json_t *array, as_json_t *value)
{
    json_array_append(inner(array), value ? inner(value) : json_null());
}

void as_json_append_string(as_json_t *array, const char *text)
{
    json_array_append_new(inner(array), string_or_null(text));
}

void as_json_append_integer(as_json_t *array, apr_int64_t number)
{
    json_array_append_new(inner(array), json_integer(number));
}

const char *as_json_text(apr_pool_t *pool, const as_json_t *value)
{
    const json_t *json = value ? inner(value) : json_null();
    const size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t len;
    char *text;

    /* Twice, so that a token never lies in memory that no pool wipes or hands back. */
    len = json_dumpb(json, NULL, 0, flags);
    text = apr_palloc(pool, len + 1);
    json_dumpb(json, text, len, flags);
    text[len] = '\0';
    return text;
}

const char *as_json_quote(apr_pool_t *pool, const char *text)
{
    json_t *value = string_or_null(text);
    const char *quoted = as_json_text(pool, outer(value));

    json_decref(value);
    return quoted;
}
