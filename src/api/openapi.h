/* SPDX-License-Identifier: Apache-2.0
 * A contract as an OpenAPI 3.1 document, made of the rows that serve it. Never says more than they
 * do. Called by route.
 */
#ifndef AS_API_OPENAPI_H
#define AS_API_OPENAPI_H

#include "api/dialect.h"

#define AS_OPENAPI_PATH "/openapi.json"

/* The document of a contract as this service serves it at base. */
as_json_t *as_openapi(as_ctx_t *ctx, const as_dialect_t *dialect, const char *base);

#endif
