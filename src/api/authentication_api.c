/* SPDX-License-Identifier: Apache-2.0
 * The contract "authentication-api": its routes, fields and shapes.
 * Never a policy. Called through as_dialect_authentication_api.
 */
#include "api/dialect.h"

#include "ops/accounts.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"

#define FIELD(text, type, member) AS_FIELD(text, AS_REQUIRED, type, member, )
#define NEW_PASSWORD(type)                                           \
    AS_FIELD("password", AS_REQUIRED | AS_PASSWORD, type, password, \
             AS_BOUNDS(8, AS_PASSWORD_MAX))
#define END AS_END_OF_FIELDS

/* ---- what goes in ---- */

static const as_field_t register_fields[] = {
    AS_FIELD("name", AS_REQUIRED | AS_NAME, as_create_in_t, name, AS_BOUNDS(1, AS_NAME_MAX)),
    AS_FIELD("bio", AS_NULLABLE | AS_NAME, as_create_in_t, bio, AS_BOUNDS(0, AS_BIO_MAX)),
    FIELD("email", as_create_in_t, email),
    NEW_PASSWORD(as_create_in_t),
    AS_FIELD("confirm", AS_REQUIRED | AS_REPEATS, as_create_in_t, password, ),
    END,
};

static const as_field_t login_fields[] = {
    FIELD("email", as_sign_in_in_t, email),
    FIELD("password", as_sign_in_in_t, password),
    AS_FIELD("otp", AS_NULLABLE, as_sign_in_in_t, otp, ),
    END,
};

static const as_field_t refresh_fields[] = {
    FIELD("refreshToken", as_refresh_in_t, refresh_token),
    END,
};

static const as_field_t forgot_fields[] = { FIELD("email", as_forgot_in_t, email), END };

static const as_field_t reset_fields[] = {
    AS_FIELD("token", AS_REQUIRED, as_restore_in_t, token, .min = 1, .place = AS_IN_QUERY),
    NEW_PASSWORD(as_restore_in_t),
    END,
};

/* ---- what comes out ---- */

#define MESSAGE(words) { AS_SHAPE_OBJECT, (const as_member_t[]){ \
    { "message", AS_SAY_CONSTANT, .text = words }, { .name = NULL } } }

static const as_shape_t registered = MESSAGE("User registered successfully");
static const as_shape_t signed_out = MESSAGE("Signed out successfully");
static const as_shape_t link_sent =
    MESSAGE("If the address is registered, a link to reset the password is on its way");
static const as_shape_t password_set = MESSAGE("Password reset successfully");

static const as_member_t user[] = {
    { "name", AS_SAY_TEXT, .offset = offsetof(as_profile_t, name) },
    { "bio", AS_SAY_TEXT, .offset = offsetof(as_profile_t, account.bio), .nullable = 1 },
    { "email", AS_SAY_TEXT, .offset = offsetof(as_profile_t, email) },
    { .name = NULL },
};

static const as_shape_t welcome = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "message", AS_SAY_CONSTANT, .text = "Welcome" },
    { "user", AS_SAY_OBJECT, .members = user },
    { .name = NULL },
} };

static const as_shape_t tokens = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "accessToken", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, access) },
    { "refreshToken", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, refresh) },
    { .name = NULL },
} };

/* ---- words ---- */

static const as_wording_t words[] = {
    { AS_INVALID, 400, "Validation failed" },
    { AS_ADDRESS_INVALID, 400, "Validation failed" },
    { AS_ADDRESS_TAKEN, 400, "Validation failed" },
    { AS_ACCOUNT_DELETED, 400, "Validation failed" },
    { AS_ACCOUNT_PENDING, 401, "Invalid credentials" },
    { AS_LINK_WRONG, 401, "Invalid or expired token" },
    { .text = NULL },
};

static const as_wording_t logout_words[] = {
    { AS_REFRESH_WRONG, 400, "Invalid refresh token" },
    { AS_REFRESH_REUSED, 400, "Invalid refresh token" },
    { AS_REFRESH_AHEAD, 400, "Invalid refresh token" },
    { .text = NULL },
};

/* ---- routes ---- */

static const as_route_t routes[] = {
    { "POST", "/", AS_BEARER, as_me, AS_GIVES(200, &welcome, as_profile_t) },
    { "POST", "/register", AS_PUBLIC, as_create, AS_TAKES(as_create_in_t, register_fields),
      AS_SAYS(201, &registered), .refusals = "401", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/login", AS_PUBLIC, as_sign_in, AS_TAKES(as_sign_in_in_t, login_fields),
      AS_GIVES(200, &tokens, as_tokens_t), .refusals = "401", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/logout", AS_PUBLIC, as_sign_out, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_SAYS(200, &signed_out), .words = logout_words },
    { "POST", "/refresh-tokens", AS_PUBLIC, as_refresh, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_GIVES(200, &tokens, as_tokens_t), .refusals = "401" },
    { "POST", "/forgot-password", AS_PUBLIC, as_forgot_link,
      AS_TAKES(as_forgot_in_t, forgot_fields), AS_SAYS(200, &link_sent), .refusals = "401",
      .captcha = AS_MAY_CAPTCHA },
    { "POST", "/reset-password", AS_PUBLIC, as_restore, AS_TAKES(as_restore_in_t, reset_fields),
      AS_SAYS(200, &password_set), .refusals = "401" },
    { .path = NULL },
};

/* ---- refusals ---- */

static void add_error(as_json_t *list, const char *field, const char *message, apr_pool_t *pool)
{
    as_json_t *error = as_json_object(pool);

    as_json_set_string(error, "field", field);
    as_json_set_string(error, "message", message);
    as_json_append(list, error);
}

/* What is wrong with which member; NULL if it is about none. */
static as_json_t *errors_of(const as_refusal_t *refusal, apr_pool_t *pool)
{
    as_json_t *list = as_json_array(pool);

    switch (refusal->result.code) {
    case AS_INVALID:
        for (int i = 0; i < refusal->violations->nelts; i++) {
            const as_violation_t *v = &APR_ARRAY_IDX(refusal->violations, i, as_violation_t);

            add_error(list, v->field ? v->field : "body", as_violation_text(as_phrases, v, pool),
                      pool);
        }
        return list;
    case AS_ADDRESS_INVALID:
        add_error(list, "email", "email must be an e-mail address", pool);
        return list;
    case AS_ADDRESS_TAKEN:
    case AS_ACCOUNT_DELETED:
        add_error(list, "email", "email is already registered", pool);
        return list;
    default:
        return NULL;
    }
}

static as_json_t *refuse(as_ctx_t *ctx, const as_refusal_t *refusal, int *status)
{
    as_json_t *body = as_json_object(ctx->pool), *errors = errors_of(refusal, ctx->pool);

    (void)status;
    as_json_set_string(body, "message", refusal->text);
    if (errors) {
        as_json_set(body, "errors", errors);
    }
    return body;
}

const as_dialect_t as_dialect_authentication_api = {
    .name = "authentication-api",
    .title = "Authentication API",
    .schema =
        "{\"type\": \"object\", \"required\": [\"message\"], \"additionalProperties\": false, "
        "\"properties\": {\"message\": {\"type\": \"string\"}, \"errors\": {\"type\": \"array\", "
        "\"minItems\": 1, \"items\": {\"type\": \"object\", \"required\": [\"field\", "
        "\"message\"], "
        "\"additionalProperties\": false, \"properties\": {\"field\": {\"type\": \"string\"}, "
        "\"message\": {\"type\": \"string\"}}}}}}",
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
