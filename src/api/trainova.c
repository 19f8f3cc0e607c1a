/* SPDX-License-Identifier: Apache-2.0
 * The contract "trainova", in the manner of FastAPI with pydantic 2: its routes, fields and shapes.
 * Never a policy. Called through as_dialect_trainova.
 */
#include "api/dialect.h"

#include <apr_strings.h>

#include "base/text.h"
#include "ops/accounts.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"

#define ADDRESS(type) { "email_or_phone", AS_REQUIRED, offsetof(type, address), 0, 0 }
#define NEW_PASSWORD(type) \
    { "password", AS_REQUIRED | AS_PASSWORD, offsetof(type, password), 6, AS_PASSWORD_MAX }
#define NAME(text, type, member) \
    { text, AS_NULLABLE | AS_NAME, offsetof(type, member), 0, AS_NAME_MAX }
#define TEXT(text, type, member) { text, AS_REQUIRED, offsetof(type, member), 0, 0 }
#define END { .name = NULL }

static const as_field_t register_fields[] = {
    ADDRESS(as_register_in_t),
    NEW_PASSWORD(as_register_in_t),
    NAME("first_name", as_register_in_t, first_name),
    NAME("last_name", as_register_in_t, last_name),
    END,
};

static const as_field_t verify_fields[] = {
    ADDRESS(as_verify_in_t),
    TEXT("code", as_verify_in_t, code),
    END,
};

static const as_field_t resend_fields[] = { ADDRESS(as_resend_in_t), END };

static const as_field_t login_fields[] = {
    ADDRESS(as_sign_in_in_t),
    TEXT("password", as_sign_in_in_t, password),
    { "otp", AS_NULLABLE, offsetof(as_sign_in_in_t, otp), 0, 0 },
    END,
};

static const as_field_t refresh_fields[] = {
    TEXT("refresh_token", as_refresh_in_t, refresh_token),
    END,
};

static const as_field_t forgot_fields[] = { ADDRESS(as_forgot_in_t), END };

static const as_field_t reset_fields[] = {
    ADDRESS(as_reset_in_t),
    TEXT("code", as_reset_in_t, code),
    NEW_PASSWORD(as_reset_in_t),
    END,
};

static as_json_t *encode_tokens(as_ctx_t *ctx, const void *out)
{
    const as_tokens_t *tokens = out;
    as_json_t *body = as_json_object(ctx->pool);

    as_json_set_string(body, "access_token", tokens->access);
    as_json_set_string(body, "refresh_token", tokens->refresh);
    as_json_set_string(body, "token_type", "bearer");
    return body;
}

static as_json_t *encode_me(as_ctx_t *ctx, const void *out)
{
    const as_account_t *account = out;
    as_json_t *body = as_json_object(ctx->pool);

    as_json_set_integer(body, "id", account->number);
    as_json_set_string(body, "email", account->email);
    as_json_set_string(body, "phone", account->phone);
    as_json_set_string(body, "first_name", account->first_name);
    as_json_set_string(body, "last_name", account->last_name);
    as_json_set_boolean(body, "is_verified", account->email_proven || account->phone_proven);
    as_json_set_string(body, "created_at", as_text_time(ctx->pool, account->created_at));
    return body;
}

/* Input and output structs give their sizes; a route without output answers null. */
#define IN(type) sizeof(type)
#define OUT(type, encoder) sizeof(type), 200, encoder
#define NOTHING 0, 200, NULL

static const as_route_t routes[] = {
    { "POST", "/register", AS_PUBLIC, as_register, register_fields, IN(as_register_in_t), NOTHING },
    { "POST", "/verify", AS_PUBLIC, as_verify, verify_fields, IN(as_verify_in_t), NOTHING },
    { "POST", "/resend", AS_PUBLIC, as_resend, resend_fields, IN(as_resend_in_t), NOTHING },
    { "POST", "/login", AS_PUBLIC, as_sign_in, login_fields, IN(as_sign_in_in_t),
      OUT(as_tokens_t, encode_tokens) },
    { "POST", "/refresh", AS_PUBLIC, as_refresh, refresh_fields, IN(as_refresh_in_t),
      OUT(as_tokens_t, encode_tokens) },
    { "POST", "/logout", AS_PUBLIC, as_sign_out, refresh_fields, IN(as_refresh_in_t), NOTHING },
    { "GET", "/me", AS_BEARER, as_me, NULL, 0, OUT(as_account_t, encode_me) },
    { "POST", "/forgot-password", AS_PUBLIC, as_forgot, forgot_fields, IN(as_forgot_in_t),
      NOTHING },
    { "POST", "/reset-password", AS_PUBLIC, as_reset, reset_fields, IN(as_reset_in_t), NOTHING },
    { .path = NULL },
};

static const as_wording_t words[] = {
    { AS_UNAUTHENTICATED, 401, "Not authenticated" },
    { AS_SIGN_IN_WRONG, 400, "Incorrect e-mail, phone or password" },
    { AS_ACCOUNT_PENDING, 400, "Account is not verified" },
    { AS_TWO_FACTOR_REQUIRED, 400, "Two-factor code required" },
    { AS_REFRESH_WRONG, 400, "Invalid refresh token" },
    { AS_REFRESH_REUSED, 400, "Invalid refresh token" },
    { AS_REFRESH_AHEAD, 400, "Invalid refresh token" },
    { .text = NULL },
};

/* pydantic's type and message of each kind of violation; the message of a bound ends with its
 * number.
 */
static const struct {
    const char *type, *message;
} errors[] = {
    [AS_NOT_JSON] = { "json_invalid", "JSON decode error" },
    [AS_NOT_OBJECT] = { "model_attributes_type",
                        "Input should be a valid dictionary or object to extract fields from" },
    [AS_MISSING] = { "missing", "Field required" },
    [AS_NOT_STRING] = { "string_type", "Input should be a valid string" },
    [AS_TOO_SHORT] = { "string_too_short", "String should have at least" },
    [AS_TOO_LONG] = { "string_too_long", "String should have at most" },
    [AS_CONTROL] = { "value_error", "Value error, control characters are not allowed" },
};

static const char *message_of(const as_violation_t *violation, apr_pool_t *pool)
{
    const char *message = errors[violation->kind].message;
    int bound = violation->kind == AS_TOO_SHORT || violation->kind == AS_TOO_LONG;

    return bound ? apr_psprintf(pool, "%s %d characters", message, (int)violation->number)
                 : message;
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
    as_json_set_string(item, "type", errors[violation->kind].type);
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
    .routes = routes,
    .words = words,
    .refuse = refuse,
};
