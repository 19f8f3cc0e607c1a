/* SPDX-License-Identifier: Apache-2.0
 * What has to be done now and then: pruning what no longer matters, and loading keys that other
 * nodes made. Called by server/worker.
 */
#ifndef AS_OPS_UPKEEP_H
#define AS_OPS_UPKEEP_H

#include "ops/service.h"

/* One round. APR_SUCCESS, or why it stopped half-way; the next round goes on. */
apr_status_t as_upkeep(as_service_t *service, apr_pool_t *pool);

#endif
