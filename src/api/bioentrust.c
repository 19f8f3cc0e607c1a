/* SPDX-License-Identifier: Apache-2.0
 * The contract "bioentrust": its routes, fields and shapes.
 * Never a policy. Called through as_dialect_bioentrust.
 */
#include "api/dialect.h"

#include <string.h>

#include <apr_strings.h>

#include "ops/contacts.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"

#define FIELD(text, type, member) AS_FIELD(text, AS_REQUIRED, type, member, )
#define NAME(text, type, member) \
    AS_FIELD(text, AS_REQUIRED | AS_NAME, type, member, AS_BOUNDS(0, AS_NAME_MAX))
#define NEW_PASSWORD(type)                                           \
    AS_FIELD("password", AS_REQUIRED | AS_PASSWORD, type, password, \
             AS_BOUNDS(8, AS_PASSWORD_MAX))
#define BEARER(type, member) AS_FIELD("token", AS_REQUIRED, type, member, .place = AS_IN_BEARER)
#define APP(type)                                                 \
    AS_FIELD("app_id", AS_REQUIRED | AS_DIGITS | AS_NAME, type, app, \
             AS_BOUNDS(1, AS_NAME_MAX))
#define END AS_END_OF_FIELDS

/* ---- what goes in ---- */

static const as_field_t signup_fields[] = {
    NAME("first_name", as_register_in_t, first_name),
    NAME("last_name", as_register_in_t, last_name),
    FIELD("email", as_register_in_t, email),
    NEW_PASSWORD(as_register_in_t),
    END,
};

static const as_field_t verify_email_fields[] = {
    FIELD("otp", as_verify_in_t, code),
    FIELD("otp_request_id", as_verify_in_t, request),
    END,
};

static const as_field_t signin_fields[] = {
    FIELD("email", as_sign_in_in_t, email),
    FIELD("password", as_sign_in_in_t, password),
    AS_FIELD("otp", AS_NULLABLE, as_sign_in_in_t, otp, ),
    END,
};

static const as_field_t send_sms_fields[] = {
    APP(as_send_phone_in_t),
    FIELD("phone", as_send_phone_in_t, phone),
    END,
};

static const as_field_t verify_sms_fields[] = {
    APP(as_verify_phone_in_t),
    FIELD("otp", as_verify_phone_in_t, code),
    FIELD("otp_request_id", as_verify_phone_in_t, request),
    END,
};

static const as_field_t refresh_fields[] = { BEARER(as_refresh_in_t, refresh_token), END };

static const as_field_t forgot_fields[] = { FIELD("email", as_forgot_in_t, email), END };

static const as_field_t reset_fields[] = {
    BEARER(as_restore_in_t, token),
    FIELD("email", as_restore_in_t, email),
    NEW_PASSWORD(as_restore_in_t),
    END,
};

/* ---- what comes out ---- */

#define SENTENCE(member, words) { AS_SHAPE_OBJECT, (const as_member_t[]){ \
    { member, AS_SAY_CONSTANT, .text = words }, { .name = NULL } } }

static const as_shape_t home = SENTENCE("new_data", "Welcome to BioEntrust Auth server");
static const as_shape_t secret = SENTENCE("new_data", "Protected data");
static const as_shape_t phone_verified = SENTENCE("message", "Phone number verified");
static const as_shape_t signed_out = SENTENCE("message", "Signed out successfully");
static const as_shape_t link_sent = SENTENCE("message", "Password reset link sent");
static const as_shape_t password_set = SENTENCE("message", "Password reset successfully");

static const as_shape_t otp_sent = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "otp_request_id", AS_SAY_TEXT, .offset = offsetof(as_code_sent_t, id) },
    { "response", AS_SAY_CONSTANT, .text = "otp sent" },
    { .name = NULL },
} };

static const as_member_t pair[] = {
    { "access", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, access) },
    { "refresh", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, refresh) },
    { .name = NULL },
};

static const as_shape_t logged_in = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "message", AS_SAY_CONSTANT, .text = "Logged In" },
    { "token", AS_SAY_OBJECT, .members = pair },
    { .name = NULL },
} };

static const as_member_t access_alone[] = {
    { "access", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, access) },
    { .name = NULL },
};

static const as_shape_t refreshed = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "token", AS_SAY_OBJECT, .members = access_alone },
    { .name = NULL },
} };

/* ---- words ---- */

static const as_wording_t words[] = {
    { AS_ADDRESS_TAKEN, 409, "Email address already in use" },
    { AS_ACCOUNT_DELETED, 409, "Email address already in use" },
    { AS_ADDRESS_INVALID, 400, "Invalid email address" },
    { AS_SIGN_IN_WRONG, 401, "Invalid login credentials" },
    { AS_ACCOUNT_PENDING, 401, "Invalid login credentials" },
    { AS_REFRESH_WRONG, 401, "Unauthorized" },
    { AS_REFRESH_REUSED, 401, "Unauthorized" },
    { AS_REFRESH_AHEAD, 401, "Unauthorized" },
    { .text = NULL },
};

static const as_wording_t verify_email_words[] = {
    { AS_CODE_WRONG, 401, "Signup Failed" },
    { .text = NULL },
};

static const as_wording_t send_sms_words[] = {
    { AS_ADDRESS_TAKEN, 409, "Phone number already in use" },
    { AS_ADDRESS_INVALID, 400, "Invalid phone number" },
    { .text = NULL },
};

static const as_wording_t verify_sms_words[] = {
    { AS_CODE_WRONG, 401, "Verification failed" },
    { .text = NULL },
};

/* Whatever was wrong. */
static const as_wording_t reset_words[] = {
    { AS_LINK_WRONG, 400, "Invalid token or password" },
    { AS_INVALID, 400, "Invalid token or password" },
    { AS_UNAUTHENTICATED, 400, "Invalid token or password" },
    { AS_HEADER_REPEATED, 400, "Invalid token or password" },
    { AS_BODY_CUT, 400, "Invalid token or password" },
    { .text = NULL },
};

/* ---- routes ---- */

#define VERIFY_EMAIL(path) \
    { "POST", path, AS_PUBLIC, as_verify_signed_in, AS_TAKES(as_verify_in_t, verify_email_fields), \
      AS_GIVES(200, &logged_in, as_tokens_t), .words = verify_email_words, .refusals = "401" }
#define VERIFY_SMS(path) \
    { "POST", path, AS_PUBLIC, as_phone_verify, AS_TAKES(as_verify_phone_in_t, verify_sms_fields), \
      AS_SAYS(200, &phone_verified), .words = verify_sms_words, .refusals = "401" }

static const as_route_t routes[] = {
    { "GET", "/home", AS_PUBLIC, NULL, AS_SAYS(200, &home) },
    { "GET", "/protected", AS_BEARER, NULL, AS_SAYS(200, &secret) },
    { "POST", "/signup", AS_PUBLIC, as_register, AS_TAKES(as_register_in_t, signup_fields),
      AS_GIVES(200, &otp_sent, as_code_sent_t), .refusals = "401 409", .captcha = AS_MAY_CAPTCHA },
    VERIFY_EMAIL("/verify-email"),
    VERIFY_EMAIL("/verify_email"),
    { "POST", "/signin", AS_PUBLIC, as_sign_in, AS_TAKES(as_sign_in_in_t, signin_fields),
      AS_GIVES(200, &logged_in, as_tokens_t), .refusals = "401", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/send-sms", AS_FRESH, as_phone_send, AS_TAKES(as_send_phone_in_t, send_sms_fields),
      AS_GIVES(200, &otp_sent, as_code_sent_t), .words = send_sms_words, .refusals = "409" },
    VERIFY_SMS("/verify-sms"),
    VERIFY_SMS("/verify_sms"),
    { "DELETE", "/signout", AS_TOKEN, as_sign_out, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_SAYS(200, &signed_out), .refusals = "401" },
    { "GET", "/refresh", AS_TOKEN, as_refresh_access, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_GIVES(200, &refreshed, as_tokens_t), .refusals = "401" },
    { "POST", "/forgot-password", AS_PUBLIC, as_forgot_link,
      AS_TAKES(as_forgot_in_t, forgot_fields), AS_SAYS(200, &link_sent), .refusals = "401",
      .captcha = AS_MAY_CAPTCHA },
    { "POST", "/reset-password", AS_TOKEN, as_restore_by_either,
      AS_TAKES(as_restore_in_t, reset_fields), AS_SAYS(200, &password_set), .words = reset_words },
    { .path = NULL },
};

/* ---- refusals ---- */

static const char *text_of(const as_refusal_t *refusal, apr_pool_t *pool)
{
    const as_violation_t *first;

    if (refusal->result.code != AS_INVALID || refusal->stated) {
        return refusal->text;
    }
    first = &APR_ARRAY_IDX(refusal->violations, 0, as_violation_t);
    if (first->kind == AS_TOO_SHORT && strcmp(first->field, "password") == 0) {
        return apr_psprintf(pool, "Password should be more than %d characters",
                            (int)first->number - 1);
    }
    return as_violation_text(as_phrases, first, pool);
}

/* Two shapes: one for the pages and for faults, another for the rest. */
static as_json_t *refuse(as_ctx_t *ctx, const as_refusal_t *refusal, int *status)
{
    as_json_t *body = as_json_object(ctx->pool);
    const char *text = text_of(refusal, ctx->pool);

    if (*status == 500 || strcmp(refusal->path, "/home") == 0
        || strcmp(refusal->path, "/protected") == 0) {
        as_json_set_string(body, "status", "error");
        as_json_set_string(body, "message", text);
    } else {
        as_json_set_string(body, "error", text);
    }
    return body;
}

const as_dialect_t as_dialect_bioentrust = {
    .name = "bioentrust",
    .title = "BioEntrust user API",
    .schema =
        "{\"anyOf\": [{\"type\": \"object\", \"required\": [\"error\"], "
        "\"additionalProperties\": false, \"properties\": {\"error\": {\"type\": \"string\"}}}, "
        "{\"type\": \"object\", \"required\": [\"status\", \"message\"], "
        "\"additionalProperties\": false, \"properties\": {\"status\": {\"const\": \"error\"}, "
        "\"message\": {\"type\": \"string\"}}}]}",
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
