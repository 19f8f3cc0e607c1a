/* SPDX-License-Identifier: Apache-2.0
 * Table as_account. Policy stands in ops/accounts. Every function runs inside a transaction or a
 * read.
 */
#ifndef AS_STORE_ACCOUNTS_H
#define AS_STORE_ACCOUNTS_H

#include "store/db.h"

typedef struct {
    const char *id;
    apr_int64_t number; /* public integer, never reassigned */
    const char *email;  /* canonical, or NULL */
    apr_int64_t email_proven;
    const char *phone; /* E.164, or NULL */
    apr_int64_t phone_proven;
    const char *first_name, *last_name; /* or NULL */
    const char *bio, *photo;            /* or NULL */
    const char *password;               /* PHC string, or NULL: signs in by other means only */
    const char *door_id;                /* random; drawn anew when remembered passwords are void */
    apr_int64_t epoch;                  /* credential epoch, 1 and up */
    apr_int64_t created_at, disabled_at, deleted_at; /* a deleted one is disabled, too */
} as_account_t;

/* Each: APR_SUCCESS, AS_ENO (none), or why it failed. */
apr_status_t as_account_by_id(as_db_t *db, const char *id, as_account_t *account, apr_pool_t *pool);
apr_status_t as_account_by_email(as_db_t *db, const char *email, as_account_t *account,
                                 apr_pool_t *pool);
apr_status_t as_account_by_phone(as_db_t *db, const char *phone, as_account_t *account,
                                 apr_pool_t *pool);

/* AS_ENO if id, number, email or phone is taken. Its epoch is 1, whatever the struct says; neither
 * disabled_at nor deleted_at is read.
 */
apr_status_t as_account_insert(as_db_t *db, const as_account_t *account);

/* Holds the account's row until commit. AS_ENO if the account is disabled, or its credentials have
 * changed since it was read: another epoch or door id.
 */
apr_status_t as_account_sign_in(as_db_t *db, const as_account_t *account);

/* Replaces one PHC string by another of the same password; touches nothing if it has changed since.
 */
apr_status_t as_account_rehash(as_db_t *db, const char *id, const char *old, const char *phc);

/* Another password in the place of the one that was seen. AS_ENO: it, the epoch or the door id has
 * changed since, or the account is disabled.
 */
apr_status_t as_account_change_password(as_db_t *db, const as_account_t *seen, const char *phc);

/* What was proven by the way a new password was set. */
typedef enum { AS_PROVES_NOTHING, AS_PROVES_EMAIL, AS_PROVES_PHONE } as_proves_t;

/* New password, next epoch, and the proof of the address the code or link went to. AS_ENO if
 * disabled.
 */
apr_status_t as_account_reset(as_db_t *db, const char *id, const char *phc, as_proves_t proves);

/* The address is proven, if it is still the account's. AS_ENO: it is not, or the account is
 * disabled.
 */
apr_status_t as_account_prove_email(as_db_t *db, const char *id, const char *email);

/* A new address, proven. AS_ENO: another account has it, or the account is disabled. */
apr_status_t as_account_set_email(as_db_t *db, const char *id, const char *email);
apr_status_t as_account_set_phone(as_db_t *db, const char *id, const char *phone);

/* Takes the number away, be there one or not. */
apr_status_t as_account_drop_phone(as_db_t *db, const char *id);

/* Erases all that tells of the person, and shuts the account for good. AS_ENO: it was already. */
apr_status_t as_account_erase(as_db_t *db, const char *id, apr_int64_t now);

/* Another door id in the place of the old one. AS_ENO: somebody else was quicker. */
apr_status_t as_account_set_door(as_db_t *db, const char *id, const char *old,
                                 const char *door_id);

/* Shuts the account and raises its epoch; opens it again. AS_ENO: it is so already. */
apr_status_t as_account_disable(as_db_t *db, const char *id, apr_int64_t now);
apr_status_t as_account_enable(as_db_t *db, const char *id);

#endif
