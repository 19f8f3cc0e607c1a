/* SPDX-License-Identifier: Apache-2.0
 * The fragment of httpd's configuration that authsvcctl reads, too.
 * Never guesses: a line it does not know is an error. Called by authsvcctl.
 */
#include <string.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "ctl/ctl.h"

#define LINE_MAX_OCTETS 8192

static char *trimmed(char *text)
{
    char *end = text + strlen(text);

    while (apr_isspace(*text)) {
        text++;
    }
    while (end > text && apr_isspace(end[-1])) {
        *--end = '\0';
    }
    return text;
}

/* httpd's quotes round the whole value, if any. */
static const char *unquoted(char *value)
{
    apr_size_t len = strlen(value);

    if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        value[len - 1] = '\0';
        return value + 1;
    }
    return value;
}

static int take_line(ctl_settings_t *settings, char *line, apr_pool_t *pool)
{
    apr_size_t len = strcspn(line, " \t");
    char *name = apr_pstrmemdup(pool, line, len);
    const char *value = unquoted(trimmed(apr_pstrdup(pool, line + len)));

    if (!*value) {
        return 0;
    }
    if (strcasecmp(name, "AuthSvcDBDriver") == 0) {
        settings->driver = value;
    } else if (strcasecmp(name, "AuthSvcDBDParams") == 0) {
        APR_ARRAY_PUSH(settings->params, const char *) = value;
    } else if (strcasecmp(name, "AuthSvcSecretFile") == 0) {
        settings->secret_file = value;
    } else {
        return 0;
    }
    return 1;
}

const char *ctl_settings_read(ctl_settings_t *settings, const char *path, apr_pool_t *pool)
{
    char buffer[LINE_MAX_OCTETS];
    const char *wrong = NULL;
    apr_file_t *file;
    apr_status_t status = apr_file_open(&file, path, APR_READ | APR_BUFFERED, APR_OS_DEFAULT, pool);

    if (status != APR_SUCCESS) {
        return apr_psprintf(pool, "%s: %s", path,
                            apr_strerror(status, buffer, sizeof buffer));
    }
    for (int n = 1; !wrong && apr_file_gets(buffer, sizeof buffer, file) == APR_SUCCESS; n++) {
        char *line = trimmed(buffer);

        if (*line && *line != '#' && !take_line(settings, line, pool)) {
            wrong = apr_psprintf(pool,
                                 "%s, line %d: only AuthSvcDBDriver, AuthSvcDBDParams and "
                                 "AuthSvcSecretFile with a value are allowed here", path, n);
        }
    }
    apr_file_close(file);
    return wrong;
}
