/* SPDX-License-Identifier: Apache-2.0
 * An address an account goes by: e-mail or phone, in canonical form.
 * Called by the operations that find accounts.
 */
#ifndef AS_OPS_ADDRESS_H
#define AS_OPS_ADDRESS_H

#include "ops/service.h"
#include "store/accounts.h"

typedef struct {
    authsvc_channel_t channel;
    const char *text;
} as_address_t;

/* With an "@" an e-mail address, else a phone number. 1, or 0 if it is neither. */
int as_address_parse(as_address_t *address, const char *raw, apr_pool_t *pool);

/* Of two members of an input the one that is there: any address, or one that has to be an e-mail
 * address. 1, or 0 if it is none.
 */
int as_address_take(as_address_t *address, const char *any, const char *email, apr_pool_t *pool);

/* The account of an address: APR_SUCCESS, AS_ENO, or why it failed. */
apr_status_t as_address_account(as_db_t *db, const as_address_t *address, as_account_t *account,
                                apr_pool_t *pool);

#endif
