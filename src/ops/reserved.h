/* SPDX-License-Identifier: Apache-2.0
 * What a deleted account keeps from others: its addresses and identities, as keyed hashes, so that
 * nobody can read from them whose they were. Found under every secret of the file; with a secret
 * that is dropped from it, what was reserved under it is free. Called by the operations that make
 * and delete accounts.
 */
#ifndef AS_OPS_RESERVED_H
#define AS_OPS_RESERVED_H

#include "ops/service.h"

/* kind says what text is: an address ("address"), or an identity's issuer, whose subject text is.
 * APR_SUCCESS: a deleted account had it; AS_ENO: none did.
 */
apr_status_t as_reserved_check(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                               apr_pool_t *pool);

apr_status_t as_reserve(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                        const char *account_id, apr_pool_t *pool);

/* Anybody may have it again; *n is how many were reserved. */
apr_status_t as_release(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                        int *n, apr_pool_t *pool);

#define AS_RESERVED_ADDRESS "address"

#endif
