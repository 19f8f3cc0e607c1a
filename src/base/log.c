/* SPDX-License-Identifier: Apache-2.0
 * Formats log lines and hands them to the callback (see log.h).
 * Never lets a line break or a terminal's control sequence through. Called by every floor.
 */
#include "base/log.h"

#include <apr_strings.h>
#include <stdarg.h>

#define LINE_MAX_OCTETS 1024

static void mask_controls(char *line)
{
    for (unsigned char *at = (unsigned char *)line; *at; at++) {
        if (*at < 0x20 || *at == 0x7f) {
            *at = '?';
        } else if (*at == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) {
            /* C1 in UTF-8: some terminals obey it. */
            *at++ = '?';
            *at = '?';
        }
    }
}

void as_log(const as_log_t *log, as_log_level_t level, apr_status_t status, const char *format, ...)
{
    char line[LINE_MAX_OCTETS + 1];
    va_list arguments;

    if (!log || !log->write) {
        return;
    }
    va_start(arguments, format);
    apr_vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    mask_controls(line);
    log->write(log->baton, level, status, line);
}
