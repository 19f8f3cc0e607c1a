/* SPDX-License-Identifier: Apache-2.0
 * Field rows at work. See bind.h.
 */
#include "api/bind.h"

#include <string.h>

#include <apr_escape.h>
#include <apr_strings.h>

#include "base/text.h"

const char *const as_phrases[AS_VIOLATIONS] = {
    [AS_NOT_JSON] = "The body is not JSON",
    [AS_NOT_OBJECT] = "The body is not a JSON object",
    [AS_MISSING] = "%s is required",
    [AS_NOT_STRING] = "%s must be a string",
    [AS_TOO_SHORT] = "%s must have at least %d characters",
    [AS_TOO_LONG] = "%s must have at most %d characters",
    [AS_CONTROL] = "%s must have no control characters",
    [AS_DIFFERENT] = "%s must be the same",
};

const char *as_violation_text(const char *const phrases[AS_VIOLATIONS],
                              const as_violation_t *violation, apr_pool_t *pool)
{
    const char *phrase = phrases[violation->kind];
    const char *field = strstr(phrase, "%s"), *number = strstr(phrase, "%d");

    if (!field) {
        return phrase;
    }
    return number ? apr_psprintf(pool, "%.*s%s%.*s%d%s", (int)(field - phrase), phrase,
                                 violation->field, (int)(number - field - 2), field + 2,
                                 (int)violation->number, number + 2)
                  : apr_psprintf(pool, "%.*s%s%s", (int)(field - phrase), phrase,
                                 violation->field, field + 2);
}

static void violate(apr_array_header_t *list, as_violation_kind_t kind, const char *field,
                    apr_int64_t number)
{
    as_violation_t *v = apr_array_push(list);

    *v = (as_violation_t){ .kind = kind, .field = field, .number = number };
}

/* ---- where a value comes from ---- */

static as_json_t *member(const as_json_t *object, const char *name, apr_pool_t *pool)
{
    const char *dot = strchr(name, '.');

    return dot ? as_json_get(as_json_get(object, apr_pstrmemdup(pool, name, dot - name)), dot + 1)
               : as_json_get(object, name);
}

/* The parameter of a query, once; NULL if it is absent, there twice, or no text. */
static const char *parameter(const char *query, const char *name, apr_pool_t *pool)
{
    apr_size_t len = strlen(name);
    const char *found = NULL;

    while (query && *query) {
        apr_size_t whole = strcspn(query, "&");

        if (whole > len && strncmp(query, name, len) == 0 && query[len] == '=') {
            if (found) {
                return NULL;
            }
            found = apr_punescape_url(pool, apr_pstrmemdup(pool, query + len + 1, whole - len - 1),
                                      NULL, NULL, 1);
        }
        query += whole + (query[whole] == '&');
    }
    return found && as_text_points(found) >= 0 ? found : NULL;
}

/* A whole number as its digits. */
static const char *digits(const as_json_t *value, apr_pool_t *pool)
{
    apr_int64_t number;

    return as_json_integer(value, &number) && number >= 0
               ? apr_psprintf(pool, "%" APR_INT64_T_FMT, number)
               : NULL;
}

/* The text, or NULL; *there: something is, be it no text. */
static const char *value_of(const as_field_t *field, const as_input_t *input,
                            const as_json_t *object, int *there, apr_pool_t *pool)
{
    const as_json_t *value;
    const char *text = NULL;

    switch (field->place) {
    case AS_IN_QUERY:
        text = parameter(input->query, field->name, pool);
        break;
    case AS_IN_PATH:
        text = input->params ? apr_table_get(input->params, field->name) : NULL;
        break;
    case AS_IN_BEARER:
        text = input->bearer;
        break;
    default:
        value = member(object, field->name, pool);
        *there = value && !((field->flags & AS_NULLABLE) && as_json_is_null(value));
        text = as_json_string(value);
        return !text && (field->flags & AS_DIGITS) ? digits(value, pool) : text;
    }
    *there = text != NULL;
    return text;
}

/* ---- what it has to be ---- */

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

static void bind_field(apr_array_header_t *list, const as_field_t *field, const char *text,
                       const as_input_t *input, void *in)
{
    const char **place = (void *)((char *)in + field->offset);
    const char *before = (field->flags & AS_REPEATS)
                             ? *(const char **)(void *)((char *)in + field[-1].offset)
                             : NULL;

    if (before && strcmp(before, text) != 0) {
        violate(list, AS_DIFFERENT, field->name, 0);
        return;
    }
    if (field->place != AS_IN_BEARER) { /* a bearer that is no token is the operation's to refuse */
        check_text(list, field, text, input->password_min);
    }
    *place = text;
}

static void bind_captcha(apr_array_header_t *list, as_input_t *input, const as_json_t *object)
{
    static const char *const names[] = { "captchaToken", "captcha_token" };

    for (int i = 0; i < 2 && !input->captcha; i++) {
        const as_json_t *value = as_json_get(object, names[i]);

        input->captcha = as_json_string(value);
        if (value && !input->captcha && !as_json_is_null(value)) {
            violate(list, AS_NOT_STRING, names[i], 0);
        }
    }
}

apr_array_header_t *as_bind(const as_route_t *route, as_input_t *input, void *in, apr_pool_t *pool)
{
    apr_array_header_t *list = apr_array_make(pool, 4, sizeof(as_violation_t));
    as_json_t *object = NULL;
    apr_size_t offset = 0;

    if (input->len > 0 && !(object = as_json_parse(pool, input->body, input->len, &offset))) {
        violate(list, AS_NOT_JSON, NULL, (apr_int64_t)offset);
        return list;
    }
    if (object && !as_json_is_object(object)) {
        violate(list, AS_NOT_OBJECT, NULL, 0);
        return list;
    }
    for (const as_field_t *field = route->fields; field->name; field++) {
        int there = 0;
        const char *text = value_of(field, input, object, &there, pool);

        if (text) {
            bind_field(list, field, text, input, in);
        } else if (there) {
            violate(list, AS_NOT_STRING, field->name, 0);
        } else if (field->flags & AS_REQUIRED) {
            violate(list, AS_MISSING, field->name, 0);
        }
    }
    if (route->captcha != AS_NO_CAPTCHA) {
        bind_captcha(list, input, object);
    }
    return list;
}
