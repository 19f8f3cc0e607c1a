/* SPDX-License-Identifier: Apache-2.0
 * From request to reply by route rows. See route.h.
 */
#include "api/route.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "api/authorization.h"
#include "api/bind.h"
#include "api/reply.h"
#include "base/bytes.h"
#include "ops/tokens.h"

static int answers(const as_route_t *route, const char *method)
{
    return strcmp(route->method, method) == 0
           || (strcmp(route->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* The route of path and method; *allow lists what the path takes, NULL when there is no such path.
 */
static const as_route_t *find(const as_dialect_t *dialect, const as_request_t *request,
                              const char **allow, apr_pool_t *pool)
{
    const as_route_t *found = NULL;

    *allow = NULL;
    for (const as_route_t *route = dialect->routes; route->path; route++) {
        if (strcmp(route->path, request->path) == 0) {
            *allow = apr_pstrcat(pool, route->method, ", ",
                                 strcmp(route->method, "GET") == 0 ? "HEAD, " : "",
                                 *allow ? *allow : "OPTIONS", NULL);
            if (answers(route, request->method)) {
                found = route;
            }
        }
    }
    return found;
}

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

static as_result_t authenticate(as_ctx_t *ctx, const as_request_t *request)
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
    result = as_tokens_check(ctx, ctx->bearer, principal);
    ctx->principal = principal;
    return result;
}

static void succeed(as_ctx_t *ctx, const as_route_t *route, const void *out, as_reply_t *reply)
{
    if (route->status == 204) {
        reply->status = 204;
        apr_table_setn(reply->headers, "Cache-Control", "no-store");
    } else {
        as_reply_json(reply, route->status, route->encode ? route->encode(ctx, out) : NULL,
                      ctx->pool);
    }
}

/* Everything behind the route's row; *violations is filled for AS_INVALID. */
static as_result_t run(as_ctx_t *ctx, const as_route_t *route, const as_request_t *request,
                       void *out, apr_array_header_t **violations)
{
    void *in = apr_pcalloc(ctx->pool, route->in_size + 1);
    as_result_t result = as_result(AS_OK);
    apr_size_t len = 0;
    char *body = NULL;

    if (route->fields) {
        result = read_body(ctx, request, &body, &len);
    }
    if (result.code == AS_OK && route->door == AS_BEARER) {
        result = authenticate(ctx, request);
    }
    if (result.code == AS_OK && route->fields) {
        *violations = as_bind(route->fields, body, len, ctx->service->policy.password_min, in,
                              ctx->pool);
        if ((*violations)->nelts > 0) {
            result = as_result(AS_INVALID);
        }
    }
    if (result.code == AS_OK && route->operation) {
        result = route->operation(ctx, in, out);
    }
    return result;
}

void as_api_serve(as_ctx_t *ctx, const as_dialect_t *dialect, const char *only,
                  const as_request_t *request, as_reply_t *reply)
{
    const char *allow;
    const as_route_t *route = find(dialect, request, &allow, ctx->pool);
    apr_array_header_t *violations = NULL;
    as_result_t result;
    void *out;

    as_reply_init(reply, ctx->pool);
    as_reply_cors(reply, request, allow);
    if (!allow || (only && strcmp(only, request->path) != 0)) {
        as_reply_refuse(reply, ctx, dialect, request, as_result(AS_NOT_FOUND), NULL);
        return;
    }
    if (strcmp(request->method, "OPTIONS") == 0) {
        reply->status = 204;
        apr_table_setn(reply->headers, "Allow", allow);
        return;
    }
    if (!route) {
        apr_table_setn(reply->headers, "Allow", allow);
        as_reply_refuse(reply, ctx, dialect, request, as_result(AS_METHOD_NOT_ALLOWED), NULL);
        return;
    }
    out = apr_pcalloc(ctx->pool, route->out_size + 1);
    result = run(ctx, route, request, out, &violations);
    if (result.code == AS_OK) {
        succeed(ctx, route, out, reply);
    } else {
        as_reply_refuse(reply, ctx, dialect, request, result, violations);
    }
}
