/* SPDX-License-Identifier: Apache-2.0
 * From a JSON object to an operation's input, by field rows; or the list of what is wrong.
 * Called by route.
 */
#ifndef AS_API_BIND_H
#define AS_API_BIND_H

#include "api/dialect.h"

/* Fills in from the body's members. Returns the violations (as_violation_t), empty if there are
 * none. An empty body has no members. password_min raises the minimum of AS_PASSWORD fields,
 * counted in code points; 0 leaves it.
 */
apr_array_header_t *as_bind(const as_field_t *fields, const char *body, apr_size_t len,
                            apr_int64_t password_min, void *in, apr_pool_t *pool);

#endif
