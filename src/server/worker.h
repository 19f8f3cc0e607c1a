/* SPDX-License-Identifier: Apache-2.0
 * The threads of a child that work without a request: one sends messages, one keeps house, so that
 * a slow mail server delays nothing but mail.
 */
#ifndef AS_SERVER_WORKER_H
#define AS_SERVER_WORKER_H

#include "server/service.h"

/* Starts the threads and lets operations wake the sender; they end before the pool does. */
apr_status_t as_worker_start(as_host_t *host, apr_pool_t *pchild);

#endif
