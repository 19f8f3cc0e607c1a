/* SPDX-License-Identifier: Apache-2.0
 * What authsvcctl prints: tables and lines for people, one JSON document for programs.
 * Never lets a terminal see a control character that a client has sent. Called by the commands.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "base/text.h"
#include "ctl/ctl.h"

static void set_cell(as_json_t *object, const ctl_column_t *column, const as_rows_t *rows, int row,
                     int index, apr_pool_t *pool)
{
    apr_int64_t number = as_rows_integer(rows, row, index);

    switch (column->kind) {
    case 'i':
        as_json_set_integer(object, column->name, number);
        break;
    case 'b':
        as_json_set_boolean(object, column->name, number != 0);
        break;
    case 't':
        as_json_set_string(object, column->name, number ? as_text_time(pool, number) : NULL);
        break;
    default:
        as_json_set_string(object, column->name, as_rows_text(rows, row, index));
        break;
    }
}

as_json_t *ctl_object(const ctl_t *ctl, const as_rows_t *rows, int row,
                      const ctl_column_t *columns)
{
    as_json_t *object = as_json_object(ctl->pool);

    for (int i = 0; columns[i].name; i++) {
        set_cell(object, &columns[i], rows, row, i, ctl->pool);
    }
    return object;
}

as_json_t *ctl_array(const ctl_t *ctl, const as_rows_t *rows, const ctl_column_t *columns)
{
    as_json_t *array = as_json_array(ctl->pool);

    for (int i = 0; i < rows->rows; i++) {
        as_json_append(array, ctl_object(ctl, rows, i, columns));
    }
    return array;
}

/* Clients choose their agent, and people their names: what would move a cursor becomes a "?". */
const char *ctl_printable(apr_pool_t *pool, const char *text)
{
    char *copy = apr_pstrdup(pool, text);

    for (unsigned char *at = (unsigned char *)copy; *at; at++) {
        if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
            at[0] = at[1] = '?';
        } else if (*at < ' ' || *at == 0x7f) {
            *at = '?';
        }
    }
    return copy;
}

static const char *cell_text(apr_pool_t *pool, const as_json_t *value)
{
    const char *text = as_json_string(value), *out = NULL;
    const as_json_t *element;
    apr_int64_t number;
    int truth;

    if (text) {
        return *text ? ctl_printable(pool, text) : "-";
    }
    if (as_json_integer(value, &number)) {
        return apr_psprintf(pool, "%" APR_INT64_T_FMT, number);
    }
    if (as_json_boolean(value, &truth)) {
        return truth ? "yes" : "no";
    }
    for (apr_size_t i = 0; (element = as_json_at(value, i)); i++) {
        out = apr_pstrcat(pool, out ? out : "", out ? ", " : "",
                          ctl_printable(pool, as_json_string(element)), NULL);
    }
    return out ? out : "-";
}

static int width_of(const char *text)
{
    apr_ssize_t points = as_text_points(text);

    return points < 0 ? (int)strlen(text) : (int)points;
}

/* printf counts octets, a terminal code points. */
static void print_padded(const char *text, int width)
{
    int blanks = width - width_of(text);

    printf("%s%*s", text, blanks > 0 ? blanks : 0, "");
}

static int column_width(const ctl_t *ctl, const as_json_t *array, const char *name)
{
    int widest = width_of(name);
    const as_json_t *object;

    for (apr_size_t i = 0; (object = as_json_at(array, i)); i++) {
        int width = width_of(cell_text(ctl->pool, as_json_get(object, name)));

        widest = width > widest ? width : widest;
    }
    return widest;
}

/* A row, or with NULL the titles. */
static void print_row(const ctl_t *ctl, const as_json_t *object, const ctl_column_t *columns,
                      const int *widths)
{
    const char *gap = "";

    for (int i = 0; columns[i].name; i++) {
        const char *text = object ? cell_text(ctl->pool, as_json_get(object, columns[i].name))
                                  : columns[i].name;

        if (!columns[i].hidden) {
            printf("%s", gap);
            print_padded(text, columns[i + 1].name ? widths[i] : 0);
            gap = "  ";
        }
    }
    printf("\n");
}

int ctl_print_list(const ctl_t *ctl, const as_json_t *array, const ctl_column_t *columns)
{
    const as_json_t *object;
    int n = 0, *widths;

    if (ctl->json) {
        printf("%s\n", as_json_text(ctl->pool, array));
        return CTL_OK;
    }
    while (columns[n].name) {
        n++;
    }
    widths = apr_palloc(ctl->pool, n * sizeof *widths);
    for (int i = 0; i < n; i++) {
        widths[i] = column_width(ctl, array, columns[i].name);
    }
    print_row(ctl, NULL, columns, widths);
    for (apr_size_t i = 0; (object = as_json_at(array, i)); i++) {
        print_row(ctl, object, columns, widths);
    }
    return CTL_OK;
}

int ctl_print_object(const ctl_t *ctl, const as_json_t *object, const ctl_column_t *columns)
{
    int widest = 0;

    if (ctl->json) {
        printf("%s\n", as_json_text(ctl->pool, object));
        return CTL_OK;
    }
    for (int i = 0; columns[i].name; i++) {
        int width = width_of(columns[i].name);

        widest = width > widest ? width : widest;
    }
    for (int i = 0; columns[i].name; i++) {
        print_padded(columns[i].name, widest + 2);
        printf("%s\n", cell_text(ctl->pool, as_json_get(object, columns[i].name)));
    }
    return CTL_OK;
}

int ctl_say(const ctl_t *ctl, const char *id, const char *format, ...)
{
    as_json_t *object = as_json_object(ctl->pool);
    const char *sentence;
    va_list args;

    va_start(args, format);
    sentence = apr_pvsprintf(ctl->pool, format, args);
    va_end(args);
    if (!ctl->json) {
        printf("%s\n", sentence);
        return CTL_OK;
    }
    if (id) {
        as_json_set_string(object, "id", id);
    }
    as_json_set_string(object, "message", sentence);
    printf("%s\n", as_json_text(ctl->pool, object));
    return CTL_OK;
}
