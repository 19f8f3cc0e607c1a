/* SPDX-License-Identifier: Apache-2.0
 * App passwords: for programs that know no second factor and no token (git, WebDAV), good at the
 * Basic door alone. 120 random bits, so that a keyed hash keeps them; shown once. They end with the
 * account's password. Called through route rows, and by basic.
 */
#ifndef AS_OPS_APP_PASSWORDS_H
#define AS_OPS_APP_PASSWORDS_H

#include "ops/sessions.h"
#include "store/app_passwords.h"

typedef struct {
    const char *name; /* 1 to 255 characters */
} as_app_password_in_t;

typedef struct {
    as_app_password_t row;
    const char *password; /* "app-" and four groups of six */
} as_app_password_out_t;

/* Makes one; out is an as_app_password_out_t. AS_TOO_MANY beyond 50. */
as_result_t as_app_password_create(as_ctx_t *ctx, const void *in, void *out);

/* The principal's; out is an as_list_t of as_app_password_t. */
as_result_t as_app_password_list(as_ctx_t *ctx, const void *in, void *out);

/* Revokes one: doors forget all passwords of the account. in is an as_id_in_t. AS_NOT_FOUND. */
as_result_t as_app_password_revoke(as_ctx_t *ctx, const void *in, void *out);

/* 1 if the text has the form of one. */
int as_app_password_is_one(const char *password);

/* Whether it is one of the account's: APR_SUCCESS, AS_ENO, or why it failed. Marks it as used, so
 * it runs in a transaction.
 */
apr_status_t as_app_password_check(as_db_t *db, const as_ctx_t *ctx, const char *account_id,
                                   const char *password, apr_pool_t *pool);

#endif
