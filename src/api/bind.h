/* SPDX-License-Identifier: Apache-2.0
 * From a request to an operation's input, by field rows; or the list of what is wrong. Called by
 * route.
 */
#ifndef AS_API_BIND_H
#define AS_API_BIND_H

#include "api/dialect.h"

/* What a request brings. */
typedef struct {
    const char *body; /* an empty one has no members */
    apr_size_t len;
    const char *query;         /* as sent, or NULL */
    const apr_table_t *params; /* of the path; may be NULL */
    const char *bearer;        /* or NULL */
    apr_int64_t password_min;  /* raises the minimum of AS_PASSWORD fields; 0 leaves it */
    const char *captcha;       /* set by as_bind: captchaToken or captcha_token, or NULL */
} as_input_t;

/* Fills in, and input->captcha. Returns the violations (as_violation_t), empty if there are none.
 */
apr_array_header_t *as_bind(const as_route_t *route, as_input_t *input, void *in, apr_pool_t *pool);

#endif
