/* SPDX-License-Identifier: Apache-2.0
 * Logging as a callback: httpd's error log under the module, standard error under authsvcctl.
 * Never takes a password, code, token or key. Called by every floor.
 */
#ifndef AS_BASE_LOG_H
#define AS_BASE_LOG_H

#include <apr_errno.h>

typedef enum { AS_LOG_ERROR, AS_LOG_WARN, AS_LOG_NOTICE, AS_LOG_INFO, AS_LOG_DEBUG } as_log_level_t;

/* One finished line without a newline; status is APR_SUCCESS or the error to name. */
typedef void (*as_log_fn)(void *baton, as_log_level_t level, apr_status_t status, const char *line);

typedef struct {
    as_log_fn write; /* NULL: lines are dropped */
    void *baton;
} as_log_t;

/* Formats as apr_vsnprintf does, cuts at 1024 octets, and replaces control characters by "?". */
void as_log(const as_log_t *log, as_log_level_t level, apr_status_t status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
