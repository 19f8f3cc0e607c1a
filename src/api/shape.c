/* SPDX-License-Identifier: Apache-2.0
 * Shapes. See shape.h.
 */
#include "api/shape.h"

#include <apr_strings.h>

#include "base/text.h"
#include "ops/sessions.h"

/* ---- encoding ---- */

static as_json_t *encode_members(const as_member_t *members, const void *out, apr_pool_t *pool);

static as_json_t *words(const char *text, apr_pool_t *pool)
{
    as_json_t *array = as_json_array(pool);
    char *state, *copy = apr_pstrdup(pool, text ? text : "");

    for (char *w = apr_strtok(copy, " ", &state); w; w = apr_strtok(NULL, " ", &state)) {
        as_json_append_string(array, w);
    }
    return array;
}

static as_json_t *texts(const char *const *at, int count, apr_pool_t *pool)
{
    as_json_t *array = as_json_array(pool);

    for (int i = 0; i < count; i++) {
        as_json_append_string(array, at[i]);
    }
    return array;
}

static void encode_member(as_json_t *object, const as_member_t *m, const void *out,
                          apr_pool_t *pool)
{
    const void *at = (const char *)out + m->offset;
    apr_int64_t instant;

    switch (m->kind) {
    case AS_SAY_TEXT:
        as_json_set_string(object, m->name, *(const char *const *)at);
        break;
    case AS_SAY_INTEGER:
        as_json_set_integer(object, m->name, *(const apr_int64_t *)at);
        break;
    case AS_SAY_BOOLEAN:
        as_json_set_boolean(object, m->name, *(const int *)at);
        break;
    case AS_SAY_INSTANT:
        instant = *(const apr_int64_t *)at;
        as_json_set_string(object, m->name, instant ? as_text_time(pool, instant) : NULL);
        break;
    case AS_SAY_WORDS:
        as_json_set(object, m->name, words(*(const char *const *)at, pool));
        break;
    case AS_SAY_TEXTS:
        as_json_set(object, m->name, texts(at, m->count, pool));
        break;
    case AS_SAY_CONSTANT:
        as_json_set_string(object, m->name, m->text);
        break;
    case AS_SAY_OBJECT:
        as_json_set(object, m->name, encode_members(m->members, out, pool));
        break;
    }
}

static as_json_t *encode_members(const as_member_t *members, const void *out, apr_pool_t *pool)
{
    as_json_t *object = as_json_object(pool);

    for (const as_member_t *m = members; m->name; m++) {
        encode_member(object, m, out, pool);
    }
    return object;
}

as_json_t *as_shape_encode(const as_shape_t *shape, const void *out, apr_pool_t *pool)
{
    const apr_array_header_t *items;
    as_json_t *array;

    switch (shape->kind) {
    case AS_SHAPE_TRUE:
        return as_json_true(pool);
    case AS_SHAPE_OBJECT:
        return encode_members(shape->members, out, pool);
    case AS_SHAPE_LIST:
        array = as_json_array(pool);
        items = ((const as_list_t *)out)->items;
        for (int i = 0; i < items->nelts; i++) {
            as_json_append(array, encode_members(shape->members, items->elts + i * items->elt_size,
                                                 pool));
        }
        return array;
    default:
        return NULL;
    }
}

/* ---- schemas ---- */

static as_json_t *schema_of_members(const as_member_t *members, apr_pool_t *pool);

static as_json_t *typed(const char *type, const char *format, int nullable, apr_pool_t *pool)
{
    as_json_t *schema = as_json_object(pool), *either = as_json_array(pool);

    if (nullable) {
        as_json_append_string(either, type);
        as_json_append_string(either, "null");
        as_json_set(schema, "type", either);
    } else {
        as_json_set_string(schema, "type", type);
    }
    if (format) {
        as_json_set_string(schema, "format", format);
    }
    return schema;
}

static as_json_t *array_of(as_json_t *items, apr_pool_t *pool)
{
    as_json_t *schema = typed("array", NULL, 0, pool);

    as_json_set(schema, "items", items);
    return schema;
}

static as_json_t *schema_of_member(const as_member_t *m, apr_pool_t *pool)
{
    as_json_t *schema;

    switch (m->kind) {
    case AS_SAY_INTEGER:
        return typed("integer", NULL, 0, pool);
    case AS_SAY_BOOLEAN:
        return typed("boolean", NULL, 0, pool);
    case AS_SAY_INSTANT:
        return typed("string", "date-time", m->nullable, pool);
    case AS_SAY_WORDS:
        return array_of(typed("string", NULL, 0, pool), pool);
    case AS_SAY_TEXTS:
        schema = array_of(typed("string", NULL, 0, pool), pool);
        as_json_set_integer(schema, "minItems", m->count);
        as_json_set_integer(schema, "maxItems", m->count);
        return schema;
    case AS_SAY_CONSTANT:
        schema = as_json_object(pool);
        as_json_set_string(schema, "const", m->text);
        return schema;
    case AS_SAY_OBJECT:
        return schema_of_members(m->members, pool);
    default:
        return typed("string", NULL, m->nullable, pool);
    }
}

static as_json_t *schema_of_members(const as_member_t *members, apr_pool_t *pool)
{
    as_json_t *schema = typed("object", NULL, 0, pool);
    as_json_t *properties = as_json_object(pool), *required = as_json_array(pool);

    for (const as_member_t *m = members; m->name; m++) {
        as_json_set(properties, m->name, schema_of_member(m, pool));
        as_json_append_string(required, m->name);
    }
    as_json_set(schema, "properties", properties);
    as_json_set(schema, "required", required);
    as_json_set_boolean(schema, "additionalProperties", 0);
    return schema;
}

as_json_t *as_shape_schema(const as_shape_t *shape, apr_pool_t *pool)
{
    as_json_t *schema;

    switch (shape->kind) {
    case AS_SHAPE_TRUE:
        schema = as_json_object(pool);
        as_json_set_boolean(schema, "const", 1);
        return schema;
    case AS_SHAPE_OBJECT:
        return schema_of_members(shape->members, pool);
    case AS_SHAPE_LIST:
        return array_of(schema_of_members(shape->members, pool), pool);
    default:
        return typed("null", NULL, 0, pool);
    }
}
