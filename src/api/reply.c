/* SPDX-License-Identifier: Apache-2.0
 * Replies. See reply.h.
 */
#include "api/reply.h"

#include <string.h>

#include <apr_strings.h>

#include "api/authorization.h"
#include "ops/tokens.h"

#define PREFLIGHT_SECONDS "600"

/* What a code means where the dialect says nothing else. */
static const as_wording_t common[AS_CODES] = {
    [AS_OK] = { AS_OK, 200, "OK" },
    [AS_NOT_FOUND] = { AS_NOT_FOUND, 404, "Not Found" },
    [AS_METHOD_NOT_ALLOWED] = { AS_METHOD_NOT_ALLOWED, 405, "Method Not Allowed" },
    [AS_TOO_LARGE] = { AS_TOO_LARGE, 413, "Request body too large" },
    [AS_MEDIA_TYPE] = { AS_MEDIA_TYPE, 415, "Content type must be application/json" },
    [AS_BODY_CUT] = { AS_BODY_CUT, 400, "Request body incomplete" },
    [AS_HEADER_REPEATED] = { AS_HEADER_REPEATED, 400, "More than one Authorization header" },
    [AS_UNAUTHENTICATED] = { AS_UNAUTHENTICATED, 401, "Unauthorized" },
    [AS_INVALID] = { AS_INVALID, 400, "Invalid request" },
    [AS_THROTTLED] = { AS_THROTTLED, 429, "Too many requests" },
    [AS_BUSY] = { AS_BUSY, 503, "Service unavailable" },
    [AS_UNAVAILABLE] = { AS_UNAVAILABLE, 503, "Service unavailable" },
    [AS_FAULT] = { AS_FAULT, 500, "Internal server error" },
    [AS_ADDRESS_INVALID] = { AS_ADDRESS_INVALID, 400, "Invalid e-mail address or phone number" },
    [AS_ADDRESS_TAKEN] = { AS_ADDRESS_TAKEN, 400, "Already registered" },
    [AS_CODE_WRONG] = { AS_CODE_WRONG, 400, "Invalid or expired code" },
    [AS_SIGN_IN_WRONG] = { AS_SIGN_IN_WRONG, 401, "Invalid credentials" },
    [AS_ACCOUNT_PENDING] = { AS_ACCOUNT_PENDING, 401, "Account is not verified" },
    [AS_REFRESH_WRONG] = { AS_REFRESH_WRONG, 401, "Invalid refresh token" },
    [AS_REFRESH_REUSED] = { AS_REFRESH_REUSED, 401, "Invalid refresh token" },
    [AS_REFRESH_AHEAD] = { AS_REFRESH_AHEAD, 401, "Invalid refresh token" },
    [AS_TWO_FACTOR_REQUIRED] = { AS_TWO_FACTOR_REQUIRED, 401, "Two-factor code required" },
    [AS_TWO_FACTOR_WRONG] = { AS_TWO_FACTOR_WRONG, 400, "Invalid code" },
    [AS_TWO_FACTOR_ON] = { AS_TWO_FACTOR_ON, 400, "Two-factor is already on" },
    [AS_ACCOUNT_DELETED] = { AS_ACCOUNT_DELETED, 410, "Account was deleted" },
    [AS_ACCOUNT_UNKNOWN] = { AS_ACCOUNT_UNKNOWN, 404, "Account not found" },
    [AS_LINK_WRONG] = { AS_LINK_WRONG, 400, "Invalid or expired token" },
    [AS_CAPTCHA_WRONG] = { AS_CAPTCHA_WRONG, 401, "Invalid captcha token" },
    [AS_VENDOR_REFUSED] = { AS_VENDOR_REFUSED, 401, "Invalid token" },
    [AS_IDENTITY_UNKNOWN] = { AS_IDENTITY_UNKNOWN, 404, "Account not found" },
    [AS_IDENTITY_TAKEN] = { AS_IDENTITY_TAKEN, 409, "Identity already in use" },
    [AS_LAST_WAY_IN] = { AS_LAST_WAY_IN, 409, "It is the last way to sign in" },
    [AS_PASSWORD_WRONG] = { AS_PASSWORD_WRONG, 401, "Wrong password" },
    [AS_STALE] = { AS_STALE, 401, "Sign in again for this" },
    [AS_NOT_PENDING] = { AS_NOT_PENDING, 400, "No second factor is awaited" },
    [AS_TEAM_UNKNOWN] = { AS_TEAM_UNKNOWN, 400, "Invalid team ID" },
    [AS_NOT_A_MEMBER] = { AS_NOT_A_MEMBER, 403, "Not a member of that team" },
    [AS_DEMO] = { AS_DEMO, 403, "Not allowed in demo mode" },
    [AS_TOO_MANY] = { AS_TOO_MANY, 409, "Too many of them" },
};

void as_reply_init(as_reply_t *reply, apr_pool_t *pool)
{
    memset(reply, 0, sizeof *reply);
    reply->headers = apr_table_make(pool, 8);
}

void as_reply_json(as_reply_t *reply, int status, const as_json_t *body, apr_pool_t *pool)
{
    reply->status = status;
    reply->body = as_json_text(pool, body);
    apr_table_setn(reply->headers, "Content-Type", "application/json");
    apr_table_setn(reply->headers, "Cache-Control", "no-store");
}

static const as_wording_t *find_word(const as_wording_t *words, as_code_t code)
{
    while (words && words->text && words->code != code) {
        words++;
    }
    return words && words->text ? words : NULL;
}

/* The route's, the dialect's or the common one. */
static as_refusal_t refusal_of(const as_dialect_t *dialect, const as_request_t *request,
                               as_result_t result, const apr_array_header_t *violations)
{
    const as_wording_t *stated =
        request->route ? find_word(request->route->words, result.code) : NULL;
    const as_wording_t *word = stated ? stated : find_word(dialect->words, result.code);

    word = word ? word : &common[result.code];
    return (as_refusal_t){
        .result = result,
        .path = request->path,
        .violations = violations,
        .status = word->status,
        .text = word->text,
        .stated = stated != NULL,
    };
}

/* A refusal of the bearer token itself. */
static int is_about_bearer(const as_request_t *request, as_code_t code, int status)
{
    int judged = request->route && request->route->door == AS_TOKEN;

    return code == AS_HEADER_REPEATED
           || (status == 401
               && (code == AS_UNAUTHENTICATED || code == AS_STALE || judged));
}

static void challenge(as_reply_t *reply, const as_request_t *request, as_code_t code,
                      apr_pool_t *pool)
{
    const char *token, *error = NULL, *header;

    if (code == AS_HEADER_REPEATED) {
        error = "invalid_request";
    } else if (code == AS_STALE) {
        error = "insufficient_user_authentication"; /* RFC 9470 */
    } else if (as_bearer_parse(request->authorization, &token, pool) == AS_BEARER_TOKEN) {
        error = "invalid_token";
    }
    header = as_bearer_challenge(request->realm, error, pool);
    if (code == AS_STALE) {
        header = apr_psprintf(pool, "%s, max_age=%d", header, AS_FRESH_SECONDS);
    }
    apr_table_setn(reply->headers, "WWW-Authenticate", header);
}

void as_reply_refuse(as_reply_t *reply, as_ctx_t *ctx, const as_dialect_t *dialect,
                     const as_request_t *request, as_result_t result,
                     const apr_array_header_t *violations)
{
    const as_refusal_t refusal = refusal_of(dialect, request, result, violations);
    int status = refusal.status;
    const as_json_t *body = dialect->refuse(ctx, &refusal, &status);

    as_reply_json(reply, status, body, ctx->pool);
    if (is_about_bearer(request, result.code, status)) {
        challenge(reply, request, result.code, ctx->pool);
    }
    if (result.retry_after) {
        apr_table_setn(reply->headers, "Retry-After", apr_itoa(ctx->pool, result.retry_after));
    }
    as_log(&ctx->service->log, as_code_level(result.code), APR_SUCCESS,
           "%s %s%s refused with %d: %s%s%s, request %s", request->method, dialect->name,
           request->path, status, as_code_name(result.code), result.detail ? ": " : "",
           result.detail ? result.detail : "", ctx->request_id ? ctx->request_id : "-");
}

static int allowed(const as_request_t *request)
{
    for (int i = 0; request->origins && i < request->origins->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(request->origins, i, const char *), request->origin) == 0) {
            return 1;
        }
    }
    return 0;
}

void as_reply_cors(as_reply_t *reply, const as_request_t *request, const char *allow)
{
    if (request->origins && request->origins->nelts > 0) {
        apr_table_mergen(reply->headers, "Vary", "Origin");
    }
    if (!request->origin || !allowed(request)) {
        return;
    }
    apr_table_setn(reply->headers, "Access-Control-Allow-Origin", request->origin);
    apr_table_setn(reply->headers, "Access-Control-Expose-Headers",
                   "WWW-Authenticate, Retry-After, X-Request-Id");
    if (allow && strcmp(request->method, "OPTIONS") == 0) {
        apr_table_setn(reply->headers, "Access-Control-Allow-Methods", allow);
        apr_table_setn(reply->headers, "Access-Control-Allow-Headers",
                       "Authorization, Content-Type");
        apr_table_setn(reply->headers, "Access-Control-Max-Age", PREFLIGHT_SECONDS);
    }
}
