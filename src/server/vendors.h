/* SPDX-License-Identifier: Apache-2.0
 * Vendors of identities and captchas, as a service of this httpd reaches them. Never judges what
 * they say beyond its form. Called by service.c; operations call through service->vendors and
 * service->captcha, in any thread.
 *
 * Each has an instance, connections and a gate of its own in each child: at most 16 threads are
 * with one vendor at once, so that one who hangs takes no workers from others. The instance is made
 * when it is first needed; if that fails, it is logged, the answer is AUTHSVC_UNKNOWN, and the next
 * need tries again.
 */
#ifndef AS_SERVER_VENDORS_H
#define AS_SERVER_VENDORS_H

#include "server/service.h"

/* In the parent, once host->server, ->config and ->service.log are set: asks every provider chosen
 * whether its directives are complete, and fills in ->contacts, ->service.vendors and
 * ->service.captcha. NULL, or a sentence for the admin and the directive it is about.
 */
const char *as_vendors_settle(as_host_t *host, const char **directive, apr_pool_t *pool);

/* In each child, before its threads begin. */
apr_status_t as_vendors_start(as_host_t *host, apr_pool_t *pchild);

#endif
