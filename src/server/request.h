/* SPDX-License-Identifier: Apache-2.0
 * What the floors below may know of an httpd request.
 */
#ifndef AS_SERVER_REQUEST_H
#define AS_SERVER_REQUEST_H

#include "server/server.h"

/* A context for this request: service, pool, clock, client. The server must have a service. Costs
 * next to nothing: guards make one for each request.
 */
void as_request_context(request_rec *r, as_ctx_t *ctx);

/* Adds what the audit trail and the log want: a request id, and the client's own name. */
void as_request_identify(request_rec *r, as_ctx_t *ctx);

#endif
