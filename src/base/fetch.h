/* SPDX-License-Identifier: Apache-2.0
 * One HTTP exchange over libcurl, bounded in time, size and number; connections are kept.
 * Never follows a redirect, never takes a server it cannot verify, never asks the environment.
 * Called through the host services of include/authsvc.h, which says what a request may be.
 */
#ifndef AS_BASE_FETCH_H
#define AS_BASE_FETCH_H

#include "authsvc.h"

/* Exchanges with one kind of vendor; any thread may use it. */
typedef struct as_fetcher_t as_fetcher_t;

/* most: exchanges under way at once, 1 or more. To be made in the process that uses it: connections
 * do not survive a fork.
 */
apr_status_t as_fetcher_create(as_fetcher_t **fetcher, int most, apr_pool_t *pool);

/* As authsvc_host_t.fetch; AS_EBUSY: too many are under way. AS_EUNAVAILABLE: no whole reply. */
apr_status_t as_fetch(as_fetcher_t *fetcher, const authsvc_request_t *request,
                      authsvc_response_t *response, const char **reason, apr_pool_t *pool);

#endif
