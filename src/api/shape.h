/* SPDX-License-Identifier: Apache-2.0
 * Shapes at work: an operation's output as JSON, and the JSON Schema of that. Called by route and
 * openapi.
 */
#ifndef AS_API_SHAPE_H
#define AS_API_SHAPE_H

#include "api/dialect.h"

as_json_t *as_shape_encode(const as_shape_t *shape, const void *out, apr_pool_t *pool);

/* JSON Schema (2020-12) of what as_shape_encode makes. */
as_json_t *as_shape_schema(const as_shape_t *shape, apr_pool_t *pool);

#endif
