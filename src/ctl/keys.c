/* SPDX-License-Identifier: Apache-2.0
 * What authsvcctl does with signing keys and with what secrets have sealed.
 * Never prints a key. Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>

#include <apr_strings.h>

#include "base/text.h"
#include "ops/reseal.h"
#include "ops/rotation.h"

#define LEAD (3600 * APR_USEC_PER_SEC) /* AuthSvcKeyLead's default */

/* A key that signs sooner than this might be shown to a process that has looked for unknown keys
 * just before it was made.
 */
#define SOONEST (2 * APR_USEC_PER_SEC)

#define KEY_AT(keys, i) (&APR_ARRAY_IDX(keys, i, as_stored_key_t))

static const char *time_or_null(apr_pool_t *pool, apr_int64_t at)
{
    return at ? as_text_time(pool, at) : NULL;
}

static as_json_t *describe(const as_stored_key_t *stored, apr_pool_t *pool)
{
    static const char *const states[] = {
        [AS_KEY_NEXT] = "next", [AS_KEY_SIGNING] = "signing", [AS_KEY_OLD] = "old",
        [AS_KEY_SHUT] = "shut"
    };
    as_json_t *object = as_json_object(pool);
    const as_signing_key_t *key = stored->key;

    as_json_set_integer(object, "slot", stored->slot);
    as_json_set_string(object, "kid", key ? as_signing_key_kid(key) : NULL);
    as_json_set_string(object, "created",
                       key ? as_text_time(pool, as_signing_key_created(key)) : NULL);
    as_json_set_string(object, "signs_from",
                       key ? as_text_time(pool, as_signing_key_active(key)) : NULL);
    as_json_set_string(object, "state", states[stored->state]);
    as_json_set_string(object, "until", time_or_null(pool, stored->drop_at));
    return object;
}

static void print_key(const as_stored_key_t *stored, apr_pool_t *pool)
{
    const as_json_t *key = describe(stored, pool);

    if (stored->state == AS_KEY_SHUT) {
        printf("%-5" APR_INT64_T_FMT " no secret of the file opens it\n", stored->slot);
        return;
    }
    printf("%-5" APR_INT64_T_FMT " %-44s %-21s %-21s %s", stored->slot,
           as_json_get_string(key, "kid"), as_json_get_string(key, "created"),
           as_json_get_string(key, "signs_from"), as_json_get_string(key, "state"));
    if (stored->drop_at) {
        printf(", until %s", as_json_get_string(key, "until"));
    }
    printf("\n");
}

static void print_keys(const ctl_t *ctl, const apr_array_header_t *keys)
{
    as_json_t *array = as_json_array(ctl->pool);

    if (ctl->json) {
        for (int i = 0; i < keys->nelts; i++) {
            as_json_append(array, describe(KEY_AT(keys, i), ctl->pool));
        }
        printf("%s\n", as_json_text(ctl->pool, array));
        return;
    }
    printf("%-5s %-44s %-21s %-21s %s\n", "slot", "kid", "created", "signs from", "state");
    for (int i = 0; i < keys->nelts; i++) {
        print_key(KEY_AT(keys, i), ctl->pool);
    }
}

int ctl_key_list(ctl_t *ctl)
{
    as_service_t service;
    apr_array_header_t *keys;
    apr_status_t status;
    int code = ctl_service(ctl, &service);

    if (code != CTL_OK) {
        return code;
    }
    status = as_rotation_read(&service, &keys, ctl->pool, ctl->pool);
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    print_keys(ctl, keys);
    return CTL_OK;
}

/* "--now" or a duration; 0 if it is neither. */
static int read_lead(const ctl_t *ctl, apr_int64_t *lead)
{
    *lead = LEAD;
    if (ctl_flag(ctl, "now")) {
        *lead = SOONEST;
        return ctl->argc == 0;
    }
    if (ctl->argc > 0) {
        return as_text_duration(ctl->argv[0], lead) && *lead >= SOONEST;
    }
    return 1;
}

int ctl_key_rotate(ctl_t *ctl)
{
    as_service_t service;
    apr_int64_t lead;
    apr_status_t status;
    int code;

    if (!read_lead(ctl, &lead)) {
        fprintf(stderr, "authsvcctl: key rotate takes --now or a duration of at least 2s\n");
        return CTL_USAGE;
    }
    code = ctl_service(ctl, &service);
    if (code != CTL_OK) {
        return code;
    }
    status = as_rotation_next(&service, lead, ctl->pool);
    switch (status) {
    case APR_SUCCESS:
        return ctl_say(ctl, NULL, "a new key signs from %s",
                       as_text_time(ctl->pool, apr_time_now() + lead));
    case AS_ENO:
        fprintf(stderr, "authsvcctl: another new key signs by then already\n");
        return CTL_REFUSED;
    case AS_EFAULT:
        fprintf(stderr, "authsvcctl: there is a key that cannot be opened, see key list\n");
        return CTL_REFUSED;
    default:
        return ctl_fail(status);
    }
}

int ctl_key_drop(ctl_t *ctl)
{
    as_service_t service;
    apr_status_t status;
    int code = ctl_service(ctl, &service);

    if (code != CTL_OK) {
        return code;
    }
    status = as_rotation_drop(&service, apr_atoi64(ctl->argv[0]), ctl->pool);
    if (status == AS_ENO) {
        fprintf(stderr, "authsvcctl: there is no such key, or it is the one that signs\n");
        return CTL_REFUSED;
    }
    return status == APR_SUCCESS ? CTL_OK : ctl_fail(status);
}

static as_json_t *reseal_object(const as_reseal_t *table, apr_pool_t *pool)
{
    as_json_t *object = as_json_object(pool);

    as_json_set_string(object, "table", table->table);
    as_json_set_integer(object, "sealed", table->sealed);
    as_json_set_integer(object, "current", table->current);
    as_json_set_integer(object, "shut", table->shut);
    return object;
}

int ctl_secret_reseal(ctl_t *ctl)
{
    as_service_t service;
    as_json_t *array = as_json_array(ctl->pool);
    const as_reseal_t *tables;
    int n, shut = 0, code = ctl_service(ctl, &service);
    apr_status_t status;

    if (code != CTL_OK) {
        return code;
    }
    status = as_reseal(&service, &tables, &n, ctl->pool);
    for (int i = 0; i < n; i++) {
        as_json_append(array, reseal_object(&tables[i], ctl->pool));
        if (!ctl->json) {
            printf("%-10s %d sealed anew, %d already were, %d cannot be opened\n",
                   tables[i].table, tables[i].sealed, tables[i].current, tables[i].shut);
        }
        shut += tables[i].shut;
    }
    if (ctl->json) {
        printf("%s\n", as_json_text(ctl->pool, array));
    }
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    if (shut > 0) {
        fprintf(stderr, "authsvcctl: no secret of the file opens some of it\n");
        return CTL_REFUSED;
    }
    return CTL_OK;
}
