/* SPDX-License-Identifier: Apache-2.0
 * The floors' log callback, on httpd's error log.
 */
#ifndef AS_SERVER_LOG_H
#define AS_SERVER_LOG_H

#include <httpd.h>

#include "base/log.h"

/* A log whose lines go to that server's error log. */
as_log_t as_log_to(server_rec *s);

#endif
