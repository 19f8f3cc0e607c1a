/* SPDX-License-Identifier: Apache-2.0
 * The table of SQL texts. See statements.h.
 */
#include "store/statements.h"

#include <string.h>

static const char *const texts[AS_SQL_COUNT] = {
#define AS_SQL(name, text) [name] = text,
#include "store/statements.def"
#undef AS_SQL
};

const char *as_sql_text(as_sql_t sql)
{
    return texts[sql];
}

int as_sql_parameters(as_sql_t sql, char *kinds, int room)
{
    int n = 0;

    for (const char *p = strchr(texts[sql], '%'); p && n < room - 1; p = strchr(p + 1, '%')) {
        kinds[n++] = p[1] == 's' ? 's' : 'i';
    }
    kinds[n] = '\0';
    return n;
}
