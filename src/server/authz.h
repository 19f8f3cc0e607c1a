/* SPDX-License-Identifier: Apache-2.0
 * The words after Require that this module adds. Called by mod_authsvc.c.
 */
#ifndef AS_SERVER_AUTHZ_H
#define AS_SERVER_AUTHZ_H

#include <apr_pools.h>

/* authsvc-role, -team, -mfa, -fresh, -verified and -claim, with httpd's authorization providers. */
void as_authz_register(apr_pool_t *pool);

#endif
