/* SPDX-License-Identifier: Apache-2.0
 * Accounts: making one, whoever asks for it, and looking at one's own. Never decides how a person
 * has proven an address: the operations that make accounts do. Called by those, and through route
 * rows.
 */
#ifndef AS_OPS_ACCOUNTS_H
#define AS_OPS_ACCOUNTS_H

#include "ops/address.h"

/* Makes an account inside a transaction: id (made before it began), addresses, names and password
 * are the caller's; number, door id and epoch are set here. A sign-up that waits for one of its
 * addresses ends. *outcome: AS_OK; AS_ADDRESS_TAKEN, AS_ACCOUNT_DELETED (reserved): nothing was
 * made.
 */
apr_status_t as_account_make(as_db_t *db, const as_ctx_t *ctx, as_account_t *account,
                             as_code_t *outcome, apr_pool_t *pool);

/* Whether a new account can have an address: *outcome as above. */
apr_status_t as_account_look(as_db_t *db, const as_ctx_t *ctx, const as_address_t *address,
                             as_code_t *outcome, apr_pool_t *pool);

/* Ends the sign-up that waits for an address, and its code. */
apr_status_t as_account_end_sign_up(as_db_t *db, const as_ctx_t *ctx, const char *address,
                                    apr_pool_t *pool);

typedef struct {
    const char *email, *password;
    const char *first_name, *last_name; /* may be NULL */
    const char *name;                   /* or all of it, split at the last blank */
    const char *bio;                    /* may be NULL */
} as_create_in_t;

/* Makes an active account, its mail unproven. AS_ADDRESS_INVALID, AS_ADDRESS_TAKEN,
 * AS_ACCOUNT_DELETED (told whatever policy.disclose says: a success could not be imitated),
 * AS_THROTTLED.
 */
as_result_t as_create(as_ctx_t *ctx, const void *in, void *out);

/* The same, signed in, and with a link on its way that confirms the mail; out is an as_tokens_t. */
as_result_t as_create_signed_in(as_ctx_t *ctx, const void *in, void *out);

/* What one may see of oneself. */
typedef struct {
    as_account_t account;
    const char *name, *first_name, *last_name; /* never NULL */
    const char *email;                         /* never NULL */
    const char *roles;                         /* words separated by blanks */
    int verified;                              /* a mail or phone is proven */
    int two_factor;
} as_profile_t;

/* The principal's account; out is an as_profile_t. */
as_result_t as_me(as_ctx_t *ctx, const void *in, void *out);

#endif
