/* SPDX-License-Identifier: Apache-2.0
 * Lines of the floors below, in httpd's error log. See log.h.
 */
#include "server/log.h"

#include <http_log.h>

#include "server/server.h"

APLOG_USE_MODULE(authsvc);

static void write_line(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    static const int levels[] = {
        [AS_LOG_ERROR] = APLOG_ERR,   [AS_LOG_WARN] = APLOG_WARNING, [AS_LOG_NOTICE] = APLOG_NOTICE,
        [AS_LOG_INFO] = APLOG_INFO,   [AS_LOG_DEBUG] = APLOG_DEBUG,
    };

    ap_log_error(APLOG_MARK, levels[level], status < APR_OS_START_USERERR ? status : APR_SUCCESS,
                 (server_rec *)baton, "%s", line);
}

as_log_t as_log_to(server_rec *s)
{
    return (as_log_t){ .write = write_line, .baton = s };
}
