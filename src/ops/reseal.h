/* SPDX-License-Identifier: Apache-2.0
 * Sealing anew, with the first secret, whatever an older one has sealed; a table of sealed columns
 * is one row. Never touches a row that somebody else changed meanwhile: run again, it goes on where
 * it ended. Called by authsvcctl.
 */
#ifndef AS_OPS_RESEAL_H
#define AS_OPS_RESEAL_H

#include "ops/service.h"

typedef struct {
    const char *table;
    int sealed;  /* anew by this run */
    int current; /* with the first secret already */
    int shut;    /* by a secret that is not in the file: left as they are */
} as_reseal_t;

/* *tables is one entry a table, *n their number, also when a status other than APR_SUCCESS says
 * that it was not finished.
 */
apr_status_t as_reseal(as_service_t *service, const as_reseal_t **tables, int *n, apr_pool_t *pool);

#endif
