/* SPDX-License-Identifier: Apache-2.0
 * Operations on accounts: sign-up by code, sending the code again, giving it, and looking at
 * oneself. Called through route rows.
 */
#ifndef AS_OPS_ACCOUNTS_H
#define AS_OPS_ACCOUNTS_H

#include "ops/address.h"

typedef struct {
    const char *address, *password;
    const char *first_name, *last_name; /* may be NULL */
} as_register_in_t;

/* Makes a pending sign-up and sends its code. A sign-up that waits already is replaced, and its
 * code dies; if its password was another, the address can be proven, but no password comes of it.
 * AS_ADDRESS_INVALID, AS_ADDRESS_TAKEN (hidden without policy.disclose).
 */
as_result_t as_register(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address, *code;
} as_verify_in_t;

/* Turns a pending sign-up into an account. AS_CODE_WRONG. */
as_result_t as_verify(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address;
} as_resend_in_t;

/* A new code for a pending sign-up; AS_OK for every address. */
as_result_t as_resend(as_ctx_t *ctx, const void *in, void *out);

/* The principal's account; out is an as_account_t. */
as_result_t as_me(as_ctx_t *ctx, const void *in, void *out);

#endif
