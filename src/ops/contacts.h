/* SPDX-License-Identifier: Apache-2.0
 * Mail and phone of whoever is signed in: proving them, and changing them once the new one has been
 * proven. Never tells whether another account has an address, but where a contract says so. Called
 * through route rows.
 */
#ifndef AS_OPS_CONTACTS_H
#define AS_OPS_CONTACTS_H

#include "ops/signup.h"

/* A link that confirms the principal's mail, if that is not proven yet. AS_THROTTLED. */
as_result_t as_confirmation_resend(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *token;
} as_confirm_in_t;

/* Proves the mail the link went to. If the account goes by another one, it goes by this one from
 * now on: the old one is told, and access tokens that name it die. AS_LINK_WRONG.
 */
as_result_t as_confirm(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *email;
} as_change_email_in_t;

/* Sends a link to the new address and a word to the old one; nothing is changed yet. AS_OK for
 * every address, whoever has it. AS_ADDRESS_INVALID, AS_THROTTLED.
 */
as_result_t as_change_email(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *app, *phone;
} as_send_phone_in_t;

/* Sends a code that proves a phone number, bound to the app that asked; out is an as_code_sent_t.
 * AS_ADDRESS_INVALID; AS_ADDRESS_TAKEN (hidden without policy.disclose); AS_THROTTLED.
 */
as_result_t as_phone_send(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *app, *code, *request;
} as_verify_phone_in_t;

/* Gives the account that asked this number, proven: it signs in by it, and recovers by it, so its
 * mail is told. AS_CODE_WRONG, for another app, too.
 */
as_result_t as_phone_verify(as_ctx_t *ctx, const void *in, void *out);

#endif
