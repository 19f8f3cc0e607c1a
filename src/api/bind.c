/* SPDX-License-Identifier: Apache-2.0
 * Field rows at work. See bind.h.
 */
#include "api/bind.h"

#include "base/text.h"

static void violate(apr_array_header_t *list, as_violation_kind_t kind, const char *field,
                    apr_int64_t number)
{
    as_violation_t *v = apr_array_push(list);

    *v = (as_violation_t){ .kind = kind, .field = field, .number = number };
}

static void check_text(apr_array_header_t *list, const as_field_t *field, const char *text,
                       apr_int64_t password_min)
{
    apr_ssize_t points = as_text_points(text);
    apr_int64_t min = field->min;

    if ((field->flags & AS_PASSWORD) && password_min > min) {
        min = password_min;
    }
    if (points < min) {
        violate(list, AS_TOO_SHORT, field->name, min);
    } else if (field->max > 0 && points > field->max) {
        violate(list, AS_TOO_LONG, field->name, field->max);
    } else if ((field->flags & AS_NAME) && as_text_has_control(text)) {
        violate(list, AS_CONTROL, field->name, 0);
    }
}

apr_array_header_t *as_bind(const as_field_t *fields, const char *body, apr_size_t len,
                            apr_int64_t password_min, void *in, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(as_violation_t));
    as_json_t *object = NULL;
    apr_size_t offset = 0;

    if (len > 0 && !(object = as_json_parse(pool, body, len, &offset))) {
        violate(list, AS_NOT_JSON, NULL, (apr_int64_t)offset);
        return list;
    }
    if (object && !as_json_is_object(object)) {
        violate(list, AS_NOT_OBJECT, NULL, 0);
        return list;
    }
    for (const as_field_t *field = fields; field->name; field++) {
        const as_json_t *member = as_json_get(object, field->name);
        const char *text = as_json_string(member);

        if (!member || ((field->flags & AS_NULLABLE) && as_json_is_null(member))) {
            if (field->flags & AS_REQUIRED) {
                violate(list, AS_MISSING, field->name, 0);
            }
        } else if (!text) {
            violate(list, AS_NOT_STRING, field->name, 0);
        } else {
            check_text(list, field, text, password_min);
            *(const char **)(void *)((char *)in + field->offset) = text;
        }
    }
    return list;
}
