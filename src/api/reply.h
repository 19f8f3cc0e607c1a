/* SPDX-License-Identifier: Apache-2.0
 * Replies: JSON with no-store, refusals in the dialect's shape, bearer challenges, CORS.
 * Called by route and by server/handler.
 */
#ifndef AS_API_REPLY_H
#define AS_API_REPLY_H

#include "api/dialect.h"

/* An empty reply with a header table. */
void as_reply_init(as_reply_t *reply, apr_pool_t *pool);

/* Status and body; Content-Type application/json and Cache-Control no-store. */
void as_reply_json(as_reply_t *reply, int status, const as_json_t *body, apr_pool_t *pool);

/* The refusal of a result in the dialect's shape, and one line to the log with the request's id.
 * violations may be NULL unless the code is AS_INVALID.
 */
void as_reply_refuse(as_reply_t *reply, as_ctx_t *ctx, const as_dialect_t *dialect,
                     const as_request_t *request, as_result_t result,
                     const apr_array_header_t *violations);

/* CORS headers (Fetch standard) when the request's origin is allowed; allow is the Allow list of
 * the path.
 */
void as_reply_cors(as_reply_t *reply, const as_request_t *request, const char *allow);

#endif
