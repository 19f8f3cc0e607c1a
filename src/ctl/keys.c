/* SPDX-License-Identifier: Apache-2.0
 * What authsvcctl does with signing keys and with what secrets have sealed.
 * Never prints a key. Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

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

static void print_key(const as_stored_key_t *stored, apr_pool_t *pool)
{
    static const char *const states[] = {
        [AS_KEY_NEXT] = "next", [AS_KEY_SIGNING] = "signing", [AS_KEY_OLD] = "old"
    };

    if (stored->state == AS_KEY_SHUT) {
        printf("%-5" APR_INT64_T_FMT " no secret of the file opens it\n", stored->slot);
        return;
    }
    printf("%-5" APR_INT64_T_FMT " %-44s %-21s %-21s %s", stored->slot,
           as_signing_key_kid(stored->key), as_text_time(pool, as_signing_key_created(stored->key)),
           as_text_time(pool, as_signing_key_active(stored->key)), states[stored->state]);
    if (stored->drop_at) {
        printf(", until %s", as_text_time(pool, stored->drop_at));
    }
    printf("\n");
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
    printf("%-5s %-44s %-21s %-21s %s\n", "slot", "kid", "created", "signs from", "state");
    for (int i = 0; i < keys->nelts; i++) {
        print_key(KEY_AT(keys, i), ctl->pool);
    }
    return CTL_OK;
}

/* "--now" or a duration; 0 if it is neither. */
static int read_lead(const ctl_t *ctl, apr_int64_t *lead)
{
    *lead = LEAD;
    if (ctl->argc > 0 && strcmp(ctl->argv[0], "--now") == 0) {
        *lead = SOONEST;
    } else if (ctl->argc > 0) {
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
        printf("a new key signs from %s\n", as_text_time(ctl->pool, apr_time_now() + lead));
        return CTL_OK;
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

int ctl_secret_reseal(ctl_t *ctl)
{
    as_service_t service;
    const as_reseal_t *tables;
    int n, shut = 0, code = ctl_service(ctl, &service);
    apr_status_t status;

    if (code != CTL_OK) {
        return code;
    }
    status = as_reseal(&service, &tables, &n, ctl->pool);
    for (int i = 0; i < n; i++) {
        printf("%-10s %d sealed anew, %d already were, %d cannot be opened\n", tables[i].table,
               tables[i].sealed, tables[i].current, tables[i].shut);
        shut += tables[i].shut;
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
