/* SPDX-License-Identifier: Apache-2.0
 * The host's side of include/authsvc.h: finding providers by group and name, and what they are
 * lent. Never calls a provider. Called by config.c and service.c.
 */
#ifndef AS_SERVER_PROVIDERS_H
#define AS_SERVER_PROVIDERS_H

#include "authsvc.h"
#include "base/fetch.h"
#include "ops/service.h"

/* What one use of a provider gets. Each has connections of its own, so that no vendor who hangs
 * takes another's.
 */
typedef struct {
    authsvc_host_t host;
    const as_service_t *service;
    as_fetcher_t *fetcher;
} as_lent_t;

/* Before check() and create(): all but connections, which do not survive a fork. */
void as_lent_settle(as_lent_t *lent, const as_service_t *service);

/* In each child. */
apr_status_t as_lent_start(as_lent_t *lent, apr_pool_t *pchild);

/* The table registered in a group under a name for this version of the header, or NULL. */
const void *as_provider_find(const char *group, const char *name);

/* The names a group has, for messages ("file, smtp", or "none"). */
const char *as_provider_names(const char *group, apr_pool_t *pool);

#endif
