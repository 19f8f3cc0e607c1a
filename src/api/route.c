/* SPDX-License-Identifier: Apache-2.0
 * From request to reply by route rows. See route.h.
 */
#include "api/route.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "api/authorization.h"
#include "api/bind.h"
#include "api/openapi.h"
#include "api/reply.h"
#include "api/shape.h"
#include "base/bytes.h"
#include "ops/signin.h"
#include "ops/social.h"
#include "ops/tokens.h"

/* ---- finding it ---- */

static int answers(const as_route_t *route, const char *method)
{
    return strcmp(route->method, method) == 0
           || (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* A segment of the request where the route has a name in braces. */
static int take_segment(const as_ctx_t *ctx, const char *name, apr_size_t name_len,
                        const char *segment, apr_size_t len, apr_table_t *params)
{
    const char *key = apr_pstrmemdup(ctx->pool, name, name_len);
    const char *value = apr_pstrmemdup(ctx->pool, segment, len);

    if (len == 0 || (strcmp(key, "vendor") == 0 && !as_vendor_find(ctx->service, value))) {
        return 0;
    }
    apr_table_setn(params, key, value);
    return 1;
}

/* Whether a path is the route's, segment by segment; params are filled. */
static int matches(const as_ctx_t *ctx, const char *pattern, const char *path, apr_table_t *params)
{
    apr_table_clear(params);
    while (*pattern == '/' && *path == '/') {
        apr_size_t wanted = strcspn(++pattern, "/"), got = strcspn(++path, "/");

        if (*pattern == '{') {
            if (!take_segment(ctx, pattern + 1, wanted - 2, path, got, params)) {
                return 0;
            }
        } else if (wanted != got || strncmp(pattern, path, wanted) != 0) {
            return 0;
        }
        pattern += wanted;
        path += got;
    }
    return *pattern == '\0' && *path == '\0';
}

/* What a request was found to be for. */
typedef struct {
    const as_route_t *route; /* NULL: no such method there */
    const char *allow;       /* what the path takes; NULL: there is no such path */
    apr_table_t *params;
} target_t;

static target_t find(const as_ctx_t *ctx, const as_dialect_t *dialect, const as_request_t *request)
{
    target_t target = { .route = NULL };
    apr_table_t *params = apr_table_make(ctx->pool, 2);

    for (const as_route_t *route = dialect->routes; route->path; route++) {
        if (!matches(ctx, route->path, request->path, params)) {
            continue;
        }
        target.allow = apr_pstrcat(ctx->pool, route->method, ", ",
                                   strcmp(route->method, "GET") == 0 ? "HEAD, " : "",
                                   target.allow ? target.allow : "OPTIONS", NULL);
        if (answers(route, request->method)) {
            target.route = route;
            target.params = apr_table_copy(ctx->pool, params);
        }
    }
    return target;
}

/* ---- running it ---- */

static int is_json(const char *content_type)
{
    static const char wanted[] = "application/json";
    apr_size_t len = sizeof wanted - 1;

    if (!content_type || strncasecmp(content_type, wanted, len) != 0) {
        return 0;
    }
    while (content_type[len] == ' ' || content_type[len] == '\t') {
        len++;
    }
    return content_type[len] == '\0' || content_type[len] == ';';
}

static as_result_t read_body(as_ctx_t *ctx, const as_request_t *request, char **body,
                             apr_size_t *len)
{
    apr_int64_t max = ctx->service->policy.body_max;
    apr_status_t status = APR_SUCCESS;

    *body = NULL;
    *len = 0;
    if (request->length > max) {
        return as_result(AS_TOO_LARGE);
    }
    if (request->has_body) {
        status = request->read(request->baton, (apr_size_t)max, body, len, ctx->pool);
    }
    if (status != APR_SUCCESS) {
        return as_result(status == APR_ENOSPC ? AS_TOO_LARGE : AS_BODY_CUT);
    }
    as_wipe_with_pool(ctx->pool, *body, *len);
    return as_result(*len > 0 && !is_json(request->content_type) ? AS_MEDIA_TYPE : AS_OK);
}

/* The bearer token of routes that ask for one, judged unless it is the operation's to judge. */
static as_result_t authenticate(as_ctx_t *ctx, const as_request_t *request, as_door_t door)
{
    as_principal_t *principal = apr_pcalloc(ctx->pool, sizeof *principal);
    as_result_t result;

    switch (as_bearer_parse(request->authorization, &ctx->bearer, ctx->pool)) {
    case AS_BEARER_NONE:
        return as_result_detail(AS_UNAUTHENTICATED, "no token");
    case AS_BEARER_REPEATED:
        return as_result(AS_HEADER_REPEATED);
    case AS_BEARER_TOKEN:
        break;
    }
    if (door == AS_TOKEN || door == AS_PENDING) {
        return door == AS_TOKEN ? as_result(AS_OK) : as_pending_check(ctx);
    }
    result = as_tokens_check(ctx, ctx->bearer, principal);
    ctx->principal = principal;
    if (result.code == AS_OK && door == AS_FRESH && !as_principal_is_fresh(principal, ctx->now)) {
        return as_result(AS_STALE);
    }
    return result;
}

static int reads_body(const as_route_t *route)
{
    const as_field_t *field = route->fields;

    while (field && field->name && field->place != AS_IN_BODY) {
        field++;
    }
    return field && field->name;
}

/* Everything behind the route's row; *violations is filled for AS_INVALID. */
static as_result_t run(as_ctx_t *ctx, const as_request_t *request, const apr_table_t *params,
                       void *out, apr_array_header_t **violations)
{
    const as_route_t *route = request->route;
    void *in = apr_pcalloc(ctx->pool, route->in_size + 1);
    as_input_t input = {
        .query = request->query,
        .params = params,
        .password_min = ctx->service->policy.password_min,
    };
    as_result_t result = as_result(AS_OK);
    char *body = NULL;

    if (reads_body(route)) {
        result = read_body(ctx, request, &body, &input.len);
        input.body = body;
    }
    if (result.code == AS_OK && route->door != AS_PUBLIC) {
        result = authenticate(ctx, request, route->door);
        input.bearer = ctx->bearer;
    }
    if (result.code == AS_OK && route->fields) {
        *violations = as_bind(route, &input, in, ctx->pool);
        ctx->captcha = input.captcha;
        ctx->captcha_asked = route->captcha == AS_ASKS_CAPTCHA;
        if ((*violations)->nelts > 0) {
            result = as_result(AS_INVALID);
        }
    }
    if (result.code == AS_OK && route->operation) {
        result = route->operation(ctx, in, out);
    }
    return result;
}

static void succeed(as_ctx_t *ctx, const as_route_t *route, const void *out, as_reply_t *reply)
{
    if (route->reply) {
        as_reply_json(reply, route->status, as_shape_encode(route->reply, out, ctx->pool),
                      ctx->pool);
    } else {
        reply->status = route->status;
        apr_table_setn(reply->headers, "Cache-Control", "no-store");
    }
}

static void serve_route(as_ctx_t *ctx, const as_dialect_t *dialect, const as_request_t *request,
                        const apr_table_t *params, as_reply_t *reply)
{
    apr_array_header_t *violations = NULL;
    void *out = apr_pcalloc(ctx->pool, request->route->out_size + 1);
    as_result_t result = run(ctx, request, params, out, &violations);

    if (result.code == AS_OK) {
        succeed(ctx, request->route, out, reply);
    } else {
        as_reply_refuse(reply, ctx, dialect, request, result, violations);
    }
}

/* What a request is for; of its only route a mount has no document. */
static target_t find_here(const as_ctx_t *ctx, const as_dialect_t *dialect, const char *only,
                          const as_request_t *request, int *document)
{
    target_t target = find(ctx, dialect, request);

    *document = !only && strcmp(request->path, AS_OPENAPI_PATH) == 0;
    if (*document) {
        target.allow = "GET, HEAD, OPTIONS";
    } else if (only && strcmp(only, request->path) != 0) {
        target.allow = NULL;
    }
    return target;
}

void as_api_serve(as_ctx_t *ctx, const as_dialect_t *dialect, const char *only,
                  const as_request_t *original, as_reply_t *reply)
{
    as_request_t request = *original;
    target_t target;
    int document;

    request.path = *request.path ? request.path : "/";
    target = find_here(ctx, dialect, only, &request, &document);
    as_reply_init(reply, ctx->pool);
    as_reply_cors(reply, &request, target.allow);
    if (document && (strcmp(request.method, "GET") == 0 || strcmp(request.method, "HEAD") == 0)) {
        as_reply_json(reply, 200, as_openapi(ctx, dialect, request.base), ctx->pool);
        return;
    }
    if (!target.allow) {
        as_reply_refuse(reply, ctx, dialect, &request, as_result(AS_NOT_FOUND), NULL);
        return;
    }
    if (strcmp(request.method, "OPTIONS") == 0) {
        reply->status = 204;
        apr_table_setn(reply->headers, "Allow", target.allow);
        return;
    }
    if (!target.route) {
        apr_table_setn(reply->headers, "Allow", target.allow);
        as_reply_refuse(reply, ctx, dialect, &request, as_result(AS_METHOD_NOT_ALLOWED), NULL);
        return;
    }
    request.route = target.route;
    serve_route(ctx, dialect, &request, target.params, reply);
}
