/* SPDX-License-Identifier: Apache-2.0
 * The list of dialects. See dialect.h.
 */
#include "api/dialect.h"

#include <string.h>

#include <apr_strings.h>

static const as_dialect_t *const dialects[] = {
    &as_dialect_trainova,
    &as_dialect_bioentrust,
    &as_dialect_auth_controller,
    &as_dialect_authentication_api,
    NULL,
};

const as_dialect_t *as_dialect_find(const char *name)
{
    for (int i = 0; dialects[i]; i++) {
        if (strcmp(dialects[i]->name, name) == 0) {
            return dialects[i];
        }
    }
    return NULL;
}

const char *as_dialect_names(apr_pool_t *pool)
{
    const char *names = dialects[0]->name;

    for (int i = 1; dialects[i]; i++) {
        names = apr_pstrcat(pool, names, ", ", dialects[i]->name, NULL);
    }
    return names;
}
