/* SPDX-License-Identifier: Apache-2.0
 * The contract "trainova", in the manner of FastAPI with pydantic 2: its routes, fields and shapes.
 * Never a policy. Called through as_dialect_trainova.
 */
#include "api/dialect.h"

#include <apr_strings.h>

#include "ops/accounts.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "ops/signup.h"

#define FIELD(text, type, member) AS_FIELD(text, AS_REQUIRED, type, member, )
#define ADDRESS(type) FIELD("email_or_phone", type, address)
#define NEW_PASSWORD(type)                                           \
    AS_FIELD("password", AS_REQUIRED | AS_PASSWORD, type, password, \
             AS_BOUNDS(6, AS_PASSWORD_MAX))
#define NAME(text, type, member) \
    AS_FIELD(text, AS_NULLABLE | AS_NAME, type, member, AS_BOUNDS(0, AS_NAME_MAX))
#define END AS_END_OF_FIELDS

/* ---- what goes in ---- */

static const as_field_t register_fields[] = {
    ADDRESS(as_register_in_t),
    NEW_PASSWORD(as_register_in_t),
    NAME("first_name", as_register_in_t, first_name),
    NAME("last_name", as_register_in_t, last_name),
    END,
};

static const as_field_t verify_fields[] = {
    ADDRESS(as_verify_in_t),
    FIELD("code", as_verify_in_t, code),
    END,
};

static const as_field_t resend_fields[] = { ADDRESS(as_resend_in_t), END };

static const as_field_t login_fields[] = {
    ADDRESS(as_sign_in_in_t),
    FIELD("password", as_sign_in_in_t, password),
    AS_FIELD("otp", AS_NULLABLE, as_sign_in_in_t, otp, ),
    END,
};

static const as_field_t refresh_fields[] = {
    FIELD("refresh_token", as_refresh_in_t, refresh_token),
    END,
};

static const as_field_t forgot_fields[] = { ADDRESS(as_forgot_in_t), END };

static const as_field_t reset_fields[] = {
    ADDRESS(as_reset_in_t),
    FIELD("code", as_reset_in_t, code),
    NEW_PASSWORD(as_reset_in_t),
    END,
};

/* ---- what comes out ---- */

static const as_shape_t nothing = { AS_SHAPE_NULL, NULL };

static const as_shape_t tokens = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "access_token", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, access) },
    { "refresh_token", AS_SAY_TEXT, .offset = offsetof(as_tokens_t, refresh) },
    { "token_type", AS_SAY_CONSTANT, .text = "bearer" },
    { .name = NULL },
} };

#define ACCOUNT(member) offsetof(as_profile_t, account.member)

static const as_shape_t me = { AS_SHAPE_OBJECT, (const as_member_t[]){
    { "id", AS_SAY_INTEGER, .offset = ACCOUNT(number) },
    { "email", AS_SAY_TEXT, .offset = ACCOUNT(email), .nullable = 1 },
    { "phone", AS_SAY_TEXT, .offset = ACCOUNT(phone), .nullable = 1 },
    { "first_name", AS_SAY_TEXT, .offset = ACCOUNT(first_name), .nullable = 1 },
    { "last_name", AS_SAY_TEXT, .offset = ACCOUNT(last_name), .nullable = 1 },
    { "is_verified", AS_SAY_BOOLEAN, .offset = offsetof(as_profile_t, verified) },
    { "created_at", AS_SAY_INSTANT, .offset = ACCOUNT(created_at) },
    { .name = NULL },
} };

/* ---- routes ---- */

static const as_route_t routes[] = {
    { "POST", "/register", AS_PUBLIC, as_register, AS_TAKES(as_register_in_t, register_fields),
      AS_GIVES(200, &nothing, as_code_sent_t), .refusals = "401 422", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/verify", AS_PUBLIC, as_verify, AS_TAKES(as_verify_in_t, verify_fields),
      AS_SAYS(200, &nothing), .refusals = "422" },
    { "POST", "/resend", AS_PUBLIC, as_resend, AS_TAKES(as_resend_in_t, resend_fields),
      AS_SAYS(200, &nothing), .refusals = "422" },
    { "POST", "/login", AS_PUBLIC, as_sign_in, AS_TAKES(as_sign_in_in_t, login_fields),
      AS_GIVES(200, &tokens, as_tokens_t), .refusals = "401 422", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/refresh", AS_PUBLIC, as_refresh, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_GIVES(200, &tokens, as_tokens_t), .refusals = "422" },
    { "POST", "/logout", AS_PUBLIC, as_sign_out, AS_TAKES(as_refresh_in_t, refresh_fields),
      AS_SAYS(200, &nothing), .refusals = "422" },
    { "GET", "/me", AS_BEARER, as_me, AS_GIVES(200, &me, as_profile_t) },
    { "POST", "/forgot-password", AS_PUBLIC, as_forgot, AS_TAKES(as_forgot_in_t, forgot_fields),
      AS_SAYS(200, &nothing), .refusals = "401 422", .captcha = AS_MAY_CAPTCHA },
    { "POST", "/reset-password", AS_PUBLIC, as_reset, AS_TAKES(as_reset_in_t, reset_fields),
      AS_SAYS(200, &nothing), .refusals = "422" },
    { .path = NULL },
};

static const as_wording_t words[] = {
    { AS_UNAUTHENTICATED, 401, "Not authenticated" },
    { AS_ACCOUNT_DELETED, 400, "Already registered" },
    { AS_SIGN_IN_WRONG, 400, "Incorrect e-mail, phone or password" },
    { AS_ACCOUNT_PENDING, 400, "Account is not verified" },
    { AS_TWO_FACTOR_REQUIRED, 400, "Two-factor code required" },
    { AS_REFRESH_WRONG, 400, "Invalid refresh token" },
    { AS_REFRESH_REUSED, 400, "Invalid refresh token" },
    { AS_REFRESH_AHEAD, 400, "Invalid refresh token" },
    { .text = NULL },
};

/* pydantic's type and message of each kind of violation. */
static const char *const types[AS_VIOLATIONS] = {
    [AS_NOT_JSON] = "json_invalid",
    [AS_NOT_OBJECT] = "model_attributes_type",
    [AS_MISSING] = "missing",
    [AS_NOT_STRING] = "string_type",
    [AS_TOO_SHORT] = "string_too_short",
    [AS_TOO_LONG] = "string_too_long",
    [AS_CONTROL] = "value_error",
    [AS_DIFFERENT] = "value_error",
};

static const char *message_of(const as_violation_t *violation, apr_pool_t *pool)
{
    switch (violation->kind) {
    case AS_NOT_JSON:
        return "JSON decode error";
    case AS_NOT_OBJECT:
        return "Input should be a valid dictionary or object to extract fields from";
    case AS_MISSING:
        return "Field required";
    case AS_NOT_STRING:
        return "Input should be a valid string";
    case AS_TOO_SHORT:
        return apr_psprintf(pool, "String should have at least %d characters",
                            (int)violation->number);
    case AS_TOO_LONG:
        return apr_psprintf(pool, "String should have at most %d characters",
                            (int)violation->number);
    default:
        return "Value error, control characters are not allowed";
    }
}

static as_json_t *describe(const as_violation_t *violation, apr_pool_t *pool)
{
    as_json_t *item = as_json_object(pool), *loc = as_json_array(pool);

    as_json_append_string(loc, "body");
    if (violation->field) {
        as_json_append_string(loc, violation->field);
    } else if (violation->kind == AS_NOT_JSON) {
        as_json_append_integer(loc, violation->number);
    }
    as_json_set_string(item, "type", types[violation->kind]);
    as_json_set(item, "loc", loc);
    as_json_set_string(item, "msg", message_of(violation, pool));
    return item;
}

static as_json_t *refuse(as_ctx_t *ctx, const as_refusal_t *refusal, int *status)
{
    as_json_t *body = as_json_object(ctx->pool), *list;

    if (refusal->result.code != AS_INVALID) {
        as_json_set_string(body, "detail", refusal->text);
        return body;
    }
    list = as_json_array(ctx->pool);
    for (int i = 0; i < refusal->violations->nelts; i++) {
        as_json_append(list, describe(&APR_ARRAY_IDX(refusal->violations, i, as_violation_t),
                                      ctx->pool));
    }
    as_json_set(body, "detail", list);
    *status = 422;
    return body;
}

const as_dialect_t as_dialect_trainova = {
    .name = "trainova",
    .title = "Trainova authentication",
    .schema =
        "{\"type\": \"object\", \"required\": [\"detail\"], \"additionalProperties\": false, "
        "\"properties\": {\"detail\": {\"anyOf\": [{\"type\": \"string\"}, "
        "{\"type\": \"array\", \"minItems\": 1, \"items\": {\"type\": \"object\", "
        "\"required\": [\"type\", \"loc\", \"msg\"], \"additionalProperties\": false, "
        "\"properties\": {\"type\": {\"type\": \"string\"}, \"msg\": {\"type\": \"string\"}, "
        "\"loc\": {\"type\": \"array\", \"items\": {\"type\": [\"string\", \"integer\"]}}}}}]}}}",
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
