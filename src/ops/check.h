/* SPDX-License-Identifier: Apache-2.0
 * Whether a database is as it should be: relations between tables, signing keys that open, clocks.
 * A check is one row in check.c. Never repairs. Called by authsvcctl.
 */
#ifndef AS_OPS_CHECK_H
#define AS_OPS_CHECK_H

#include <apr_tables.h>

#include "ops/service.h"

typedef struct {
    const char *what;  /* "sessions without account" */
    apr_int64_t found; /* 0 is right */
} as_check_t;

/* All checks with what they found (as_check_t). Any status but APR_SUCCESS: it was not finished. */
apr_status_t as_check_database(as_service_t *service, apr_array_header_t **checks,
                               apr_pool_t *pool);

#endif
