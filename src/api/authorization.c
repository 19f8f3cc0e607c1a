/* SPDX-License-Identifier: Apache-2.0
 * The Authorization header. See authorization.h.
 */
#include "api/authorization.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* httpd joins several headers by commas. Behind one, a scheme is a word and a blank; what a single
 * header may have there (as Digest's parameters) is a word and "=".
 */
static int is_repeated(const char *header)
{
    for (const char *comma = strchr(header, ','); comma; comma = strchr(comma + 1, ',')) {
        const char *word = comma + 1 + strspn(comma + 1, " \t");

        if (word[strcspn(word, " \t=,\"")] == ' ') {
            return 1;
        }
    }
    return 0;
}

as_bearer_t as_bearer_parse(const char *header, const char **token, apr_pool_t *pool)
{
    const char *end;

    if (!header) {
        return AS_BEARER_NONE;
    }
    while (*header == ' ') {
        header++;
    }
    if (is_repeated(header)) {
        return AS_BEARER_REPEATED;
    }
    if (strncasecmp(header, "Bearer", 6) != 0 || header[6] != ' ') {
        return AS_BEARER_NONE;
    }
    header += 7;
    while (*header == ' ') {
        header++;
    }
    end = header + strlen(header);
    while (end > header && end[-1] == ' ') {
        end--;
    }
    *token = apr_pstrmemdup(pool, header, end - header);
    return end > header ? AS_BEARER_TOKEN : AS_BEARER_NONE;
}

const char *as_bearer_challenge(const char *realm, const char *error, apr_pool_t *pool)
{
    const char *out = "Bearer realm=\"";

    for (const char *p = realm; *p; p++) {
        const char *escape = *p == '"' || *p == '\\' ? "\\" : "";

        if (!apr_iscntrl(*p)) {
            out = apr_psprintf(pool, "%s%s%c", out, escape, *p);
        }
    }
    return error ? apr_pstrcat(pool, out, "\", error=\"", error, "\"", NULL)
                 : apr_pstrcat(pool, out, "\"", NULL);
}
