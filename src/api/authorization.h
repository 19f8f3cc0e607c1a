/* SPDX-License-Identifier: Apache-2.0
 * The Authorization header and its challenges (RFC 6750), for API routes and guarded sites alike.
 * Never checks a token: ops/tokens does.
 */
#ifndef AS_API_AUTHORIZATION_H
#define AS_API_AUTHORIZATION_H

#include <apr_pools.h>

typedef enum {
    AS_BEARER_NONE,     /* no header, another scheme, or nothing behind it */
    AS_BEARER_TOKEN,
    AS_BEARER_REPEATED, /* more than one header: RFC 6750's invalid_request */
} as_bearer_t;

/* Reads a header as httpd hands it on (several are joined by commas). The token is set for
 * AS_BEARER_TOKEN.
 */
as_bearer_t as_bearer_parse(const char *header, const char **token, apr_pool_t *pool);

/* Bearer realm="…" and, unless NULL, error="…". */
const char *as_bearer_challenge(const char *realm, const char *error, apr_pool_t *pool);

#endif
