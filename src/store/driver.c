/* SPDX-License-Identifier: Apache-2.0
 * The list of drivers and the words they put into SQL texts.
 * Never talks to a database. Called by pool, db and migrate.
 */
#include "store/driver.h"

#include <string.h>

#include <apr_strings.h>

static const as_driver_t *const drivers[] = { &as_driver_sqlite3, NULL };

const as_driver_t *as_driver_find(const char *name)
{
    for (int i = 0; drivers[i]; i++) {
        if (strcmp(drivers[i]->name, name) == 0) {
            return drivers[i];
        }
    }
    return NULL;
}

const char *as_driver_names(apr_pool_t *pool)
{
    const char *names = drivers[0]->name;

    for (int i = 1; drivers[i]; i++) {
        names = apr_pstrcat(pool, names, ", ", drivers[i]->name, NULL);
    }
    return names;
}

static const char *word(const as_driver_t *driver, apr_pool_t *pool, const char *name)
{
    if (strcmp(name, "ascii") == 0) {
        return driver->ascii;
    }
    if (strcmp(name, "text") == 0) {
        return driver->text;
    }
    if (strcmp(name, "table") == 0) {
        return driver->table;
    }
    if (strncmp(name, "once:", 5) == 0) {
        const char *out = "";

        for (const char *p = driver->once; *p; p++) {
            out = *p == '%' ? apr_pstrcat(pool, out, name + 5, NULL)
                            : apr_psprintf(pool, "%s%c", out, *p);
        }
        return out;
    }
    return "{?}";
}

const char *as_driver_words(const as_driver_t *driver, apr_pool_t *pool, const char *sql)
{
    const char *out = "", *open, *close;

    while ((open = strchr(sql, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
        out = apr_pstrcat(pool, out, apr_pstrndup(pool, sql, open - sql),
                          word(driver, pool, apr_pstrndup(pool, open + 1, close - open - 1)), NULL);
        sql = close + 1;
    }
    return apr_pstrcat(pool, out, sql, NULL);
}
