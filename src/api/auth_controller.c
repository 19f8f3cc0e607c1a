/* SPDX-License-Identifier: Apache-2.0
 * The contract "auth-controller", in the manner of NestJS: its routes, fields and shapes.
 * Never a policy. Called through as_dialect_auth_controller.
 */
#include "api/dialect.h"

#include "ops/accounts.h"
#include "ops/app_passwords.h"
#include "ops/contacts.h"
#include "ops/deletion.h"
#include "ops/invitations.h"
#include "ops/passwords.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "ops/social.h"

#define FIELD(text, type, member) AS_FIELD(text, AS_REQUIRED, type, member, )
#define NAME(text, type, member) \
    AS_FIELD(text, AS_REQUIRED | AS_NAME, type, member, AS_BOUNDS(0, AS_NAME_MAX))
#define NEW_PASSWORD(text, type, member) \
    AS_FIELD(text, AS_REQUIRED | AS_PASSWORD, type, member, AS_BOUNDS(8, AS_PASSWORD_MAX))
#define IN_PATH(text, type, member) \
    AS_FIELD(text, AS_REQUIRED, type, member, .place = AS_IN_PATH)
#define END AS_END_OF_FIELDS

/* ---- what goes in ---- */

static const as_field_t sign_in_fields[] = {
    FIELD("credentials.email", as_sign_in_in_t, email),
    FIELD("credentials.password", as_sign_in_in_t, password),
    END,
};

static const as_field_t sign_up_fields[] = {
    FIELD("email", as_create_in_t, email),
    NEW_PASSWORD("password", as_create_in_t, password),
    NAME("firstName", as_create_in_t, first_name),
    NAME("lastName", as_create_in_t, last_name),
    END,
};

static const as_field_t vendor_fields[] = {
    IN_PATH("vendor", as_social_in_t, vendor),
    FIELD("token", as_social_in_t, token),
    END,
};

static const as_field_t unlink_fields[] = { IN_PATH("vendor", as_social_in_t, vendor), END };

static const as_field_t refresh_fields[] = {
    FIELD("refreshToken", as_refresh_in_t, refresh_token),
    END,
};

static const as_field_t forgot_fields[] = { FIELD("email", as_forgot_in_t, email), END };

static const as_field_t restore_token_fields[] = { FIELD("token", as_restore_in_t, token), END };

static const as_field_t restore_fields[] = {
    NEW_PASSWORD("newPassword", as_restore_in_t, password),
    FIELD("token", as_restore_in_t, token),
    END,
};

static const as_field_t invitation_token_fields[] = {
    FIELD("token", as_invitation_in_t, token),
    END,
};

static const as_field_t invitation_fields[] = {
    NEW_PASSWORD("newPassword", as_invitation_in_t, password),
    FIELD("token", as_invitation_in_t, token),
    NAME("firstName", as_invitation_in_t, first_name),
    NAME("lastName", as_invitation_in_t, last_name),
    END,
};

static const as_field_t team_fields[] = { FIELD("teamId", as_change_team_in_t, team), END };

static const as_field_t confirm_fields[] = { FIELD("token", as_confirm_in_t, token), END };

static const as_field_t change_password_fields[] = {
    FIELD("password", as_change_password_in_t, password),
    NEW_PASSWORD("newPassword", as_change_password_in_t, new_password),
    END,
};

static const as_field_t change_email_fields[] = { FIELD("email", as_change_email_in_t, email),
                                                  END };

static const as_field_t id_fields[] = { IN_PATH("id", as_id_in_t, id), END };

static const as_field_t code_fields[] = { FIELD("code", as_two_factor_in_t, code), END };

static const as_field_t second_step_fields[] = { FIELD("code", as_second_step_in_t, code), END };

static const as_field_t app_password_fields[] = {
    AS_FIELD("name", AS_REQUIRED | AS_NAME, as_app_password_in_t, name, AS_BOUNDS(1, AS_NAME_MAX)),
    END,
};

static const as_field_t delete_fields[] = {
    AS_FIELD("password", AS_NULLABLE, as_delete_in_t, password, ),
    END,
};

/* ---- what comes out ---- */

#define SENTENCES(first, second) { AS_SHAPE_OBJECT, (const as_member_t[]){ \
    { "message", AS_SAY_CONSTANT, .text = first }, \
    { "description", AS_SAY_CONSTANT, .text = second }, { .name = NULL } } }

static const as_shape_t yes = { AS_SHAPE_TRUE, NULL };

static const as_shape_t link_sent =
    SENTENCES("Password restoration email send",
              "Check your email for further instructions on how to change your password.");
static const as_shape_t restored = SENTENCES("Password restored successfully",
                                             "Your password has been changed successfully.");
static const as_shape_t finished =
    SENTENCES("Invitation finished successfully",
              "Your account has been activated and your password has been set successfully.");

static const as_shape_t tokens = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "accessToken", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, access) },
    { "refreshToken", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, refresh) },
    { "isTwoFactorEnable", AS_SAY_BOOLEAN, .offset = offsetof(as_tokens_t, two_factor) },
    { .name = NULL },
} };

static const as_shape_t me = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "id", AS_SAY_INTEGER, .offset = offsetof(as_profile_t, account.number) },
    { "email", AS_SAY_TEXT, .offset = offsetof(as_profile_t, account.email), .nullable = 1 },
    { "firstName", AS_SAY_TEXT, .offset = offsetof(as_profile_t, first_name) },
    { "lastName", AS_SAY_TEXT, .offset = offsetof(as_profile_t, last_name) },
    { "roles", AS_SAY_WORDS, .offset = offsetof(as_profile_t, roles) },
    { "isTwoFactorEnable", AS_SAY_BOOLEAN, .offset = offsetof(as_profile_t, two_factor) },
    { "photo", AS_SAY_TEXT, .offset = offsetof(as_profile_t, account.photo), .nullable = 1 },
    { .name = NULL },
} };

static const as_shape_t session_list = { AS_SHAPE_LIST, (const as_member_t[]){
    { "id", AS_SAY_TEXT, .offset = offsetof(as_session_view_t, id) },
    { "created", AS_SAY_INSTANT, .offset = offsetof(as_session_view_t, created_at) },
    { "lastUsed", AS_SAY_INSTANT, .offset = offsetof(as_session_view_t, used_at) },
    { "address", AS_SAY_TEXT, .offset = offsetof(as_session_view_t, address) },
    { "agent", AS_SAY_TEXT, .offset = offsetof(as_session_view_t, agent) },
    { "current", AS_SAY_BOOLEAN, .offset = offsetof(as_session_view_t, current) },
    { .name = NULL },
} };

static const as_shape_t setup = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "secret", AS_SAY_TEXT, .offset = offsetof(as_two_factor_setup_t, secret) },
    { "otpauthUrl", AS_SAY_TEXT, .offset = offsetof(as_two_factor_setup_t, url) },
    { .name = NULL },
} };

static const as_shape_t recovery_codes = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "recoveryCodes", AS_SAY_TEXTS, .offset = offsetof(as_recovery_codes_t, codes),
      .count = AS_RECOVERY_CODES },
    { .name = NULL },
} };

static const as_shape_t app_password_list = { AS_SHAPE_LIST, (const as_member_t[]){
    { "id", AS_SAY_TEXT, .offset = offsetof(as_app_password_t, id) },
    { "name", AS_SAY_TEXT, .offset = offsetof(as_app_password_t, name) },
    { "created", AS_SAY_INSTANT, .offset = offsetof(as_app_password_t, created_at) },
    { "lastUsed", AS_SAY_INSTANT, .offset = offsetof(as_app_password_t, used_at), .nullable = 1 },
    { .name = NULL },
} };

static const as_shape_t app_password = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "id", AS_SAY_TEXT, .offset = offsetof(as_app_password_out_t, row.id) },
    { "name", AS_SAY_TEXT, .offset = offsetof(as_app_password_out_t, row.name) },
    { "password", AS_SAY_TEXT, .offset = offsetof(as_app_password_out_t, password) },
    { .name = NULL },
} };

/* ---- words ---- */

static const as_wording_t words[] = {
    { AS_IDENTITY_UNKNOWN, 404, "To proceed, please sign up." },
    { AS_IDENTITY_TAKEN, 409, "OAuth provider account already exists" },
    { AS_ACCOUNT_UNKNOWN, 404, "User is not registered" },
    { AS_LINK_WRONG, 400, "Validation failed" },
    { AS_REFRESH_WRONG, 401, "Unauthorized" },
    { AS_REFRESH_REUSED, 401, "Unauthorized" },
    { AS_REFRESH_AHEAD, 401, "Unauthorized" },
    { AS_DEMO, 403, "Forbidden" },
    { AS_NOT_A_MEMBER, 403, "Forbidden" },
    { .text = NULL },
};

#define SIGN_IN_REFUSED "Invalid captcha token or authentication failure"
static const as_wording_t sign_in_words[] = {
    { AS_SIGN_IN_WRONG, 401, SIGN_IN_REFUSED },
    { AS_ACCOUNT_PENDING, 401, SIGN_IN_REFUSED },
    { AS_CAPTCHA_WRONG, 401, SIGN_IN_REFUSED },
    { .text = NULL },
};

#define SIGN_UP_REFUSED "Invalid input or user already exists"
static const as_wording_t sign_up_words[] = {
    { AS_INVALID, 400, SIGN_UP_REFUSED },
    { AS_ADDRESS_INVALID, 400, SIGN_UP_REFUSED },
    { AS_ADDRESS_TAKEN, 400, SIGN_UP_REFUSED },
    { AS_ACCOUNT_DELETED, 410, "Account was deleted" },
    { .text = NULL },
};

static const as_wording_t validation_words[] = {
    { AS_LINK_WRONG, 400, "Validation failed" },
    { AS_INVALID, 400, "Validation failed" },
    { .text = NULL },
};

static const as_wording_t team_words[] = {
    { AS_TEAM_UNKNOWN, 400, "Invalid team ID" },
    { AS_INVALID, 400, "Invalid team ID" },
    { .text = NULL },
};

static const as_wording_t second_step_words[] = {
    { AS_TWO_FACTOR_WRONG, 401, "Invalid code" },
    { .text = NULL },
};

/* ---- routes ---- */

#define TOKENS(code) AS_GIVES(code, &tokens, as_tokens_t)
#define DONE .status = 204

static const as_route_t routes[] = {
    { "GET", "/me", AS_BEARER, as_me, AS_GIVES(200, &me, as_profile_t) },
    { "DELETE", "/me", AS_BEARER, as_delete_own, AS_TAKES(as_delete_in_t, delete_fields), DONE },

    { "POST", "/sign-in", AS_PUBLIC, as_sign_in_stepwise, AS_TAKES(as_sign_in_in_t, sign_in_fields),
      TOKENS(200), .words = sign_in_words, .refusals = "401", .captcha = AS_ASKS_CAPTCHA },
    { "POST", "/sign-up", AS_PUBLIC, as_create_signed_in, AS_TAKES(as_create_in_t, sign_up_fields),
      TOKENS(201), .words = sign_up_words, .refusals = "401 410", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/{vendor}/sign-in", AS_PUBLIC, as_social_sign_in,
      AS_TAKES(as_social_in_t, vendor_fields), TOKENS(200), .refusals = "401 404 410" },
    { "POST", "/{vendor}/sign-up", AS_PUBLIC, as_social_sign_up,
      AS_TAKES(as_social_in_t, vendor_fields), TOKENS(201), .refusals = "401 409 410" },
    { "POST", "/{vendor}/link", AS_FRESH, as_social_link, AS_TAKES(as_social_in_t, vendor_fields),
      DONE, .refusals = "409" },
    { "DELETE", "/{vendor}/link", AS_FRESH, as_social_unlink,
      AS_TAKES(as_social_in_t, unlink_fields), DONE, .refusals = "409" },
    { "POST", "/refresh-token", AS_PUBLIC, as_refresh, AS_TAKES(as_refresh_in_t, refresh_fields),
      TOKENS(200), .refusals = "401" },

    { "POST", "/forgot-password", AS_PUBLIC, as_forgot_link_told,
      AS_TAKES(as_forgot_in_t, forgot_fields), AS_SAYS(200, &link_sent), .refusals = "401 404",
      .captcha = AS_MAY_CAPTCHA },
    { "POST", "/validate-restore-token", AS_PUBLIC, as_restore_validate,
      AS_TAKES(as_restore_in_t, restore_token_fields), AS_SAYS(200, &yes),
      .words = validation_words },
    { "POST", "/restore-password", AS_PUBLIC, as_restore, AS_TAKES(as_restore_in_t, restore_fields),
      AS_SAYS(200, &restored), .words = validation_words },

    { "POST", "/validate-invitation-token", AS_PUBLIC, as_invitation_validate,
      AS_TAKES(as_invitation_in_t, invitation_token_fields), AS_SAYS(200, &yes),
      .words = validation_words },
    { "POST", "/finish-invitation", AS_PUBLIC, as_invitation_finish,
      AS_TAKES(as_invitation_in_t, invitation_fields), AS_SAYS(200, &finished),
      .words = validation_words },
    { "POST", "/accept-invitation", AS_BEARER, as_invitation_accept,
      AS_TAKES(as_invitation_in_t, invitation_token_fields), AS_SAYS(200, &yes),
      .words = validation_words },
    { "POST", "/change-team", AS_BEARER, as_change_team, AS_TAKES(as_change_team_in_t, team_fields),
      TOKENS(200), .words = team_words, .refusals = "403" },

    { "POST", "/confirm-email", AS_PUBLIC, as_confirm, AS_TAKES(as_confirm_in_t, confirm_fields),
      AS_SAYS(200, &yes), .words = validation_words },
    { "POST", "/resend-confirmation", AS_BEARER, as_confirmation_resend, DONE },
    { "POST", "/change-password", AS_BEARER, as_change_password,
      AS_TAKES(as_change_password_in_t, change_password_fields), DONE },
    { "POST", "/change-email", AS_FRESH, as_change_email,
      AS_TAKES(as_change_email_in_t, change_email_fields), DONE },

    { "GET", "/sessions", AS_BEARER, as_sessions_list, AS_GIVES(200, &session_list, as_list_t) },
    { "DELETE", "/sessions", AS_BEARER, as_sessions_end_rest, DONE },
    { "DELETE", "/sessions/{id}", AS_BEARER, as_sessions_end_one, AS_TAKES(as_id_in_t, id_fields),
      DONE, .refusals = "404" },

    { "POST", "/two-factor/setup", AS_FRESH, as_two_factor_setup,
      AS_GIVES(200, &setup, as_two_factor_setup_t) },
    { "POST", "/two-factor/enable", AS_BEARER, as_two_factor_enable,
      AS_TAKES(as_two_factor_in_t, code_fields),
      AS_GIVES(200, &recovery_codes, as_recovery_codes_t) },
    { "POST", "/two-factor/verify", AS_PENDING, as_two_factor_verify,
      AS_TAKES(as_second_step_in_t, second_step_fields), TOKENS(200), .words = second_step_words,
      .refusals = "401" },
    { "POST", "/two-factor/disable", AS_FRESH, as_two_factor_disable,
      AS_TAKES(as_two_factor_in_t, code_fields), DONE },

    { "GET", "/app-passwords", AS_BEARER, as_app_password_list,
      AS_GIVES(200, &app_password_list, as_list_t) },
    { "POST", "/app-passwords", AS_FRESH, as_app_password_create,
      AS_TAKES(as_app_password_in_t, app_password_fields),
      AS_GIVES(201, &app_password, as_app_password_out_t), .refusals = "409" },
    { "DELETE", "/app-passwords/{id}", AS_BEARER, as_app_password_revoke,
      AS_TAKES(as_id_in_t, id_fields), DONE, .refusals = "404" },
    { .path = NULL },
};

/* ---- refusals ---- */

static const char *const phrases[AS_VIOLATIONS] = {
    [AS_NOT_JSON] = "body must be JSON",
    [AS_NOT_OBJECT] = "body must be an object",
    [AS_MISSING] = "%s should not be empty",
    [AS_NOT_STRING] = "%s must be a string",
    [AS_TOO_SHORT] = "%s must be longer than or equal to %d characters",
    [AS_TOO_LONG] = "%s must be shorter than or equal to %d characters",
    [AS_CONTROL] = "%s must have no control characters",
    [AS_DIFFERENT] = "%s must be the same",
};

static const struct {
    int status;
    const char *error;
} errors[] = {
    { 400, "Bad Request" },        { 401, "Unauthorized" },
    { 403, "Forbidden" },          { 404, "Not Found" },
    { 405, "Method Not Allowed" }, { 409, "Conflict" },
    { 410, "Gone" },               { 413, "Payload Too Large" },
    { 415, "Unsupported Media Type" }, { 429, "Too Many Requests" },
    { 500, "Internal Server Error" },  { 503, "Service Unavailable" },
};

static const char *error_of(int status)
{
    for (apr_size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (errors[i].status == status) {
            return errors[i].error;
        }
    }
    return "Error";
}

/* Members that are wrong, where the route does not state a text for them; else NULL. */
static as_json_t *list_of(const as_refusal_t *refusal, apr_pool_t *pool)
{
    as_json_t *list = as_json_array(pool);

    if (refusal->stated
        || (refusal->result.code != AS_INVALID && refusal->result.code != AS_ADDRESS_INVALID)) {
        return NULL;
    }
    if (refusal->result.code == AS_ADDRESS_INVALID) {
        as_json_append_string(list, "email must be an email");
        return list;
    }
    for (int i = 0; i < refusal->violations->nelts; i++) {
        const as_violation_t *v = &APR_ARRAY_IDX(refusal->violations, i, as_violation_t);

        as_json_append_string(list, as_violation_text(phrases, v, pool));
    }
    return list;
}

static as_json_t *refuse(as_ctx_t *ctx, const as_refusal_t *refusal, int *status)
{
    as_json_t *body = as_json_object(ctx->pool), *list = list_of(refusal, ctx->pool);

    as_json_set_integer(body, "statusCode", *status);
    if (list) {
        as_json_set(body, "message", list);
    } else {
        as_json_set_string(body, "message", refusal->text);
    }
    as_json_set_string(body, "error", error_of(*status));
    return body;
}

const as_dialect_t as_dialect_auth_controller = {
    .name = "auth-controller",
    .title = "Auth Controller",
    .schema =
        "{\"type\": \"object\", \"required\": [\"statusCode\", \"message\", \"error\"], "
        "\"additionalProperties\": false, \"properties\": {\"statusCode\": "
        "{\"type\": \"integer\"}, \"error\": {\"type\": \"string\"}, \"message\": {\"anyOf\": "
        "[{\"type\": \"string\"}, {\"type\": \"array\", \"minItems\": 1, "
        "\"items\": {\"type\": \"string\"}}]}}}",
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
