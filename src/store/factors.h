/* SPDX-License-Identifier: Apache-2.0
 * Tables as_factor and as_recovery_code: an account's second factor and the codes that stand in for
 * it. Whatever may be used once is used by a conditional UPDATE. Called by ops/twofactor and
 * ops/basic.
 */
#ifndef AS_STORE_FACTORS_H
#define AS_STORE_FACTORS_H

#include "store/db.h"

typedef struct {
    const char *id;
    const char *sealed;    /* the secret, as "as_factor/ID" */
    apr_int64_t on;        /* 0: being set up */
    apr_int64_t last_step; /* of the last code that was used */
} as_factor_t;

/* The account's, whether on or not. AS_ENO: there is none. */
apr_status_t as_factor_find(as_db_t *db, const char *account_id, as_factor_t *factor,
                            apr_pool_t *pool);

/* Whether a second factor of the account is on: APR_SUCCESS, or AS_ENO. */
apr_status_t as_factor_on(as_db_t *db, const char *account_id, apr_pool_t *pool);

/* One to be set up, in place of one that was never finished. AS_ENO: one is on. */
apr_status_t as_factor_insert(as_db_t *db, const as_factor_t *factor, const char *account_id,
                              apr_int64_t now);

/* Uses a step up and switches the factor on. AS_ENO: somebody else has used that step or a later
 * one, or has switched it on meanwhile.
 */
apr_status_t as_factor_use(as_db_t *db, const as_factor_t *factor, apr_int64_t step);

/* Removes factor and recovery codes. */
apr_status_t as_factor_delete(as_db_t *db, const char *account_id);

/* Replaces an account's recovery codes by n others, given as keyed hashes of 64 digits. */
apr_status_t as_recovery_codes_replace(as_db_t *db, const char *account_id,
                                       const char *const *hashes, int n);

/* Hashes of those not used yet, one a row; and using one up, AS_ENO if somebody else has. */
apr_status_t as_recovery_codes_unused(as_db_t *db, const char *account_id, as_rows_t *rows,
                                      apr_pool_t *pool);
apr_status_t as_recovery_code_use(as_db_t *db, const char *account_id, const char *hash,
                                  apr_int64_t now);

#endif
