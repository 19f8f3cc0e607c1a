/* SPDX-License-Identifier: Apache-2.0
 * Recovery of an account by a code: asking for it, and setting a new password with it.
 * Called through route rows.
 */
#ifndef AS_OPS_RECOVERY_H
#define AS_OPS_RECOVERY_H

#include "ops/service.h"

typedef struct {
    const char *address;
} as_forgot_in_t;

/* Sends a recovery code; AS_OK for every address, at the same cost. */
as_result_t as_forgot(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *address, *code, *password;
} as_reset_in_t;

/* Sets the password, raises the credential epoch, ends every session, proves the address, tells the
 * owner. AS_CODE_WRONG.
 */
as_result_t as_reset(as_ctx_t *ctx, const void *in, void *out);

#endif
