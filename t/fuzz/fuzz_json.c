/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: any octets through the JSON reader, their strings through the text functions.
 * Never judges a value, but what must hold of any. Called by libFuzzer, or by t/fuzz/replay.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static void hold(int truth)
{
    if (!truth) {
        abort();
    }
}

static void read_text(apr_pool_t *pool, const char *text)
{
    const char *email = as_text_email(pool, text);
    const char *phone = as_text_phone(pool, text);
    apr_int64_t number;

    hold(as_text_points(text) >= 0);
    hold(!email || (strlen(email) <= AS_EMAIL_MAX && !strcmp(email, as_text_email(pool, email))));
    hold(!phone || (strlen(phone) <= AS_PHONE_MAX && !strcmp(phone, as_text_phone(pool, phone))));
    hold(!strpbrk(as_text_html(pool, text), "<>\"'"));
    as_text_has_control(text);
    as_text_integer(text, &number);
    hold(!as_text_duration(text, &number) || number >= 0);
    hold(!as_text_size(text, &number) || number >= 0);
}

/* Reads the members a dialect would, and elements of arrays, as deep as they go. */
static void read_value(apr_pool_t *pool, const as_json_t *value)
{
    static const char *const members[] = { "email_or_phone", "password", "a", "" };
    apr_int64_t number;

    if (as_json_string(value)) {
        read_text(pool, as_json_string(value));
    }
    as_json_integer(value, &number);
    for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
        const as_json_t *member = as_json_get(value, members[i]);

        if (member) {
            read_value(pool, member);
        }
    }
    for (apr_size_t i = 0; as_json_at(value, i); i++) {
        read_value(pool, as_json_at(value, i));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    apr_size_t offset = 0;
    apr_pool_t *pool;
    as_json_t *value;

    hold(apr_initialize() == APR_SUCCESS);
    hold(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    value = as_json_parse(pool, (const char *)octets, len, &offset);
    if (value) {
        const char *text = as_json_text(pool, value);

        read_value(pool, value);
        hold(as_json_parse(pool, text, strlen(text), NULL) != NULL);
    } else {
        hold(offset <= len);
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}
