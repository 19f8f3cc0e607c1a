/* SPDX-License-Identifier: Apache-2.0
 * A new password: set by who has proven an address, or changed by who knows the one of before. All
 * that stood on the old one ends. Called by recovery, and through route rows.
 */
#ifndef AS_OPS_PASSWORDS_H
#define AS_OPS_PASSWORDS_H

#include "ops/address.h"

/* Inside a transaction, last: sets the password (a PHC string), raises the epoch, ends every
 * session, app password, code and link, and tells the owner. If it proves a mail for the first
 * time, identities and a number from before end, too: whoever linked them had not proven it.
 * Two-factor stays as it is. AS_ENO: the account is disabled. After the commit:
 * as_password_publish.
 */
apr_status_t as_password_set(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                             const char *phc, as_proves_t proves, apr_pool_t *pool);
void as_password_publish(const as_ctx_t *ctx, const as_account_t *account);

typedef struct {
    const char *password, *new_password;
} as_change_password_in_t;

/* The principal's. Other sessions, all app passwords, codes and links end, this session goes on; an
 * address that was to be confirmed needs a new link. AS_PASSWORD_WRONG (also where there is none
 * yet: recovery sets one), AS_THROTTLED.
 */
as_result_t as_change_password(as_ctx_t *ctx, const void *in, void *out);

#endif
