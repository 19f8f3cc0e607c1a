/* SPDX-License-Identifier: Apache-2.0
 * What has to be done now and then: pruning what no longer matters, and loading keys that other
 * nodes made. Called by server/worker.
 */
#ifndef AS_OPS_UPKEEP_H
#define AS_OPS_UPKEEP_H

#include "ops/service.h"

/* Makes, drops and loads signing keys where it is time: every process needs the ring. */
apr_status_t as_upkeep_keys(as_service_t *service, apr_pool_t *pool);

/* Deletes what no longer matters: one process now and then will do. */
apr_status_t as_upkeep_prune(as_service_t *service, apr_pool_t *pool);

#endif
