/* SPDX-License-Identifier: Apache-2.0
 * One request from its bytes to its reply: path, method, size, content type, bearer, members,
 * operation, in that order. Knows no contract and no server. Called by server/handler and unit
 * tests.
 */
#ifndef AS_API_ROUTE_H
#define AS_API_ROUTE_H

#include "api/dialect.h"

/* Serves the request; only (may be NULL) is the one path that is mounted. The reply is always
 * filled.
 */
void as_api_serve(as_ctx_t *ctx, const as_dialect_t *dialect, const char *only,
                  const as_request_t *request, as_reply_t *reply);

#endif
