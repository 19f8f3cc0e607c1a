/* SPDX-License-Identifier: Apache-2.0
 * Sign-up by code: a sign-up waits, its address still free, until its code is given. Called through
 * route rows.
 */
#ifndef AS_OPS_SIGNUP_H
#define AS_OPS_SIGNUP_H

#include "ops/address.h"

typedef struct {
    const char *address, *email; /* one of them: any address, or an e-mail address */
    const char *password;
    const char *first_name, *last_name; /* may be NULL */
} as_register_in_t;

/* A code is on its way; id names the request that it answers. */
typedef struct {
    const char *id;
} as_code_sent_t;

/* Makes a pending sign-up and sends its code. A sign-up that waits already is replaced, and its
 * code dies; if its password was another, the address can be proven, but no password comes of it.
 * AS_ADDRESS_INVALID; AS_ADDRESS_TAKEN, AS_ACCOUNT_DELETED (hidden without policy.disclose);
 * AS_THROTTLED. out is an as_code_sent_t.
 */
as_result_t as_register(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address; /* whose code it is, */
    const char *request; /* or the id of the request */
    const char *code;
} as_verify_in_t;

/* Turns a pending sign-up into an account. AS_CODE_WRONG. */
as_result_t as_verify(as_ctx_t *ctx, const void *in, void *out);

/* The same, and signs it in; out is an as_tokens_t. */
as_result_t as_verify_signed_in(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address;
} as_resend_in_t;

/* A new code for a pending sign-up; AS_OK for every address. */
as_result_t as_resend(as_ctx_t *ctx, const void *in, void *out);

#endif
