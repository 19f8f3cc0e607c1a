/* SPDX-License-Identifier: Apache-2.0
 * The doors of httpd's own that take a password: AuthBasicProvider and AuthFormProvider authsvc.
 * Called by mod_authsvc.c.
 */
#ifndef AS_SERVER_AUTHN_BASIC_H
#define AS_SERVER_AUTHN_BASIC_H

#include <apr_pools.h>

void as_authn_register(apr_pool_t *pool);

#endif
