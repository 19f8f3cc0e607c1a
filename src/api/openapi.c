/* SPDX-License-Identifier: Apache-2.0
 * OpenAPI documents. See openapi.h.
 */
#include "api/openapi.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "api/shape.h"

/* What any route may answer: several Authorization headers, throttled, a fault, the database away;
 * and those that read a body: too large, of another type, cut off.
 */
#define REFUSALS_OF_ALL "400 429 500 503"
#define REFUSALS_OF_BODIES "413 415"

static const struct {
    int status;
    const char *reason;
} reasons[] = {
    { 200, "OK" },
    { 201, "Created" },
    { 204, "Done" },
    { 400, "The request is not as it should be" },
    { 401, "Nobody is let in by this" },
    { 403, "Not allowed" },
    { 404, "Not found" },
    { 409, "Taken" },
    { 410, "The account was deleted" },
    { 413, "The body is too large" },
    { 415, "The body is no application/json" },
    { 422, "Members are missing or not as they should be" },
    { 429, "Too many tries; see Retry-After" },
    { 500, "A fault of the server" },
    { 503, "It could not be told; see Retry-After" },
};

static const char *reason_of(int status)
{
    for (apr_size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return "";
}

static as_json_t *reference(const char *to, apr_pool_t *pool)
{
    as_json_t *object = as_json_object(pool);

    as_json_set_string(object, "$ref", to);
    return object;
}

static as_json_t *content_of(as_json_t *schema, apr_pool_t *pool)
{
    as_json_t *content = as_json_object(pool), *type = as_json_object(pool);

    as_json_set(type, "schema", schema);
    as_json_set(content, "application/json", type);
    return content;
}

/* ---- what goes in ---- */

static void set_type(as_json_t *schema, const as_field_t *field, apr_pool_t *pool)
{
    as_json_t *types = as_json_array(pool);

    as_json_append_string(types, "string");
    if (field->flags & AS_DIGITS) {
        as_json_append_string(types, "integer");
    }
    if (field->flags & AS_NULLABLE) {
        as_json_append_string(types, "null");
    }
    as_json_set(schema, "type", types);
}

static as_json_t *schema_of_field(const as_ctx_t *ctx, const as_field_t *field)
{
    as_json_t *schema = as_json_object(ctx->pool);
    apr_int64_t min = field->min;

    if ((field->flags & AS_PASSWORD) && ctx->service->policy.password_min > min) {
        min = ctx->service->policy.password_min;
    }
    set_type(schema, field, ctx->pool);
    if (min > 0) {
        as_json_set_integer(schema, "minLength", min);
    }
    if (field->max > 0) {
        as_json_set_integer(schema, "maxLength", field->max);
    }
    if (strstr(field->name, "assword")) {
        as_json_set_string(schema, "format", "password");
    }
    return schema;
}

static as_json_t *empty_object(apr_pool_t *pool)
{
    as_json_t *schema = as_json_object(pool);

    as_json_set_string(schema, "type", "object");
    as_json_set(schema, "properties", as_json_object(pool));
    as_json_set(schema, "required", as_json_array(pool));
    return schema;
}

/* Puts a member into an object's schema; one with a dot into the object before the dot. */
static void add_member(as_json_t *schema, const char *name, int required, as_json_t *member,
                       apr_pool_t *pool)
{
    const char *dot = strchr(name, '.');
    const char *own = dot ? apr_pstrmemdup(pool, name, dot - name) : name;
    as_json_t *properties = as_json_get(schema, "properties");
    as_json_t *inner = as_json_get(properties, own);

    if (required && !inner) {
        as_json_append_string(as_json_get(schema, "required"), own);
    }
    if (!dot) {
        as_json_set(properties, own, member);
        return;
    }
    if (!inner) {
        inner = empty_object(pool);
        as_json_set(properties, own, inner);
    }
    add_member(inner, dot + 1, required, member, pool);
}

static as_json_t *schema_of_captcha(apr_pool_t *pool)
{
    static const as_field_t field = { "captchaToken", AS_NULLABLE, 0, 0, 0, AS_IN_BODY };
    as_json_t *schema = as_json_object(pool);

    set_type(schema, &field, pool);
    return schema;
}

static void set_body(const as_ctx_t *ctx, as_json_t *operation, const as_route_t *route)
{
    as_json_t *body = as_json_object(ctx->pool), *schema = empty_object(ctx->pool);
    int members = 0, required = 0;

    for (const as_field_t *field = route->fields; field && field->name; field++) {
        if (field->place == AS_IN_BODY) {
            members = 1;
            required |= field->flags & AS_REQUIRED;
            add_member(schema, field->name, field->flags & AS_REQUIRED,
                       schema_of_field(ctx, field), ctx->pool);
        }
    }
    if (!members) {
        return;
    }
    if (route->captcha != AS_NO_CAPTCHA) {
        add_member(schema, "captchaToken", 0, schema_of_captcha(ctx->pool), ctx->pool);
    }
    as_json_set_boolean(body, "required", required);
    as_json_set(body, "content", content_of(schema, ctx->pool));
    as_json_set(operation, "requestBody", body);
}

/* A vendor is one of those that are configured. */
static void list_vendors(const as_ctx_t *ctx, as_json_t *schema)
{
    as_json_t *names = as_json_array(ctx->pool);

    for (const as_vendor_t *v = ctx->service->vendors; v && v->name; v++) {
        as_json_append_string(names, v->name);
    }
    as_json_set(schema, "enum", names);
}

static void set_parameters(const as_ctx_t *ctx, as_json_t *operation, const as_route_t *route)
{
    as_json_t *parameters = as_json_array(ctx->pool);
    int n = 0;

    for (const as_field_t *field = route->fields; field && field->name; field++) {
        as_json_t *parameter = as_json_object(ctx->pool), *schema;

        if (field->place != AS_IN_PATH && field->place != AS_IN_QUERY) {
            continue;
        }
        schema = schema_of_field(ctx, field);
        if (strcmp(field->name, "vendor") == 0) {
            list_vendors(ctx, schema);
        }
        as_json_set_string(parameter, "name", field->name);
        as_json_set_string(parameter, "in", field->place == AS_IN_PATH ? "path" : "query");
        as_json_set_boolean(parameter, "required", 1);
        as_json_set(parameter, "schema", schema);
        as_json_append(parameters, parameter);
        n++;
    }
    if (n > 0) {
        as_json_set(operation, "parameters", parameters);
    }
}

/* ---- what comes out ---- */

static void add_refusals(as_json_t *responses, const char *statuses, apr_pool_t *pool)
{
    char *state, *copy = apr_pstrdup(pool, statuses ? statuses : "");

    for (char *s = apr_strtok(copy, " ", &state); s; s = apr_strtok(NULL, " ", &state)) {
        as_json_t *response = as_json_object(pool);

        as_json_set_string(response, "description", reason_of((int)apr_atoi64(s)));
        as_json_set(response, "content",
                    content_of(reference("#/components/schemas/Refusal", pool), pool));
        as_json_set(responses, s, response);
    }
}

static as_json_t *responses_of(const as_route_t *route, int body, apr_pool_t *pool)
{
    as_json_t *responses = as_json_object(pool), *success = as_json_object(pool);

    as_json_set_string(success, "description", reason_of(route->status));
    if (route->reply) {
        as_json_set(success, "content", content_of(as_shape_schema(route->reply, pool), pool));
    }
    as_json_set(responses, apr_itoa(pool, route->status), success);
    add_refusals(responses, route->refusals, pool);
    add_refusals(responses, REFUSALS_OF_ALL, pool);
    add_refusals(responses, body ? REFUSALS_OF_BODIES : "", pool);
    add_refusals(responses, route->door == AS_BEARER || route->door == AS_FRESH ? "401" : "", pool);
    return responses;
}

/* "post_two-factor_verify" of POST /two-factor/verify. */
static const char *operation_id(const as_route_t *route, apr_pool_t *pool)
{
    char *id = apr_pstrcat(pool, route->method, route->path, NULL);

    for (char *at = id; *at; at++) {
        *at = *at == '/' || *at == '{' || *at == '}' ? '_' : (char)apr_tolower(*at);
    }
    return id;
}

static as_json_t *operation_of(const as_ctx_t *ctx, const as_route_t *route)
{
    as_json_t *operation = as_json_object(ctx->pool);
    as_json_t *security = as_json_array(ctx->pool), *scheme = as_json_object(ctx->pool);

    as_json_set_string(operation, "operationId", operation_id(route, ctx->pool));
    if (route->door != AS_PUBLIC) {
        as_json_set(scheme,
                    route->door == AS_TOKEN || route->door == AS_PENDING ? "token" : "access",
                    as_json_array(ctx->pool));
        as_json_append(security, scheme);
    }
    as_json_set(operation, "security", security);
    set_parameters(ctx, operation, route);
    set_body(ctx, operation, route);
    as_json_set(operation, "responses",
                responses_of(route, as_json_get(operation, "requestBody") != NULL, ctx->pool));
    return operation;
}

static as_json_t *paths_of(const as_ctx_t *ctx, const as_dialect_t *dialect)
{
    as_json_t *paths = as_json_object(ctx->pool);

    for (const as_route_t *route = dialect->routes; route->path; route++) {
        as_json_t *path = as_json_get(paths, route->path);
        char *method = apr_pstrdup(ctx->pool, route->method);

        if (strstr(route->path, "{vendor}") && !ctx->service->vendors) {
            continue;
        }
        if (!path) {
            path = as_json_object(ctx->pool);
            as_json_set(paths, route->path, path);
        }
        for (char *at = method; *at; at++) {
            *at = (char)apr_tolower(*at);
        }
        as_json_set(path, method, operation_of(ctx, route));
    }
    return paths;
}

static as_json_t *scheme_of(const char *description, const char *format, apr_pool_t *pool)
{
    as_json_t *scheme = as_json_object(pool);

    as_json_set_string(scheme, "type", "http");
    as_json_set_string(scheme, "scheme", "bearer");
    if (format) {
        as_json_set_string(scheme, "bearerFormat", format);
    }
    as_json_set_string(scheme, "description", description);
    return scheme;
}

static as_json_t *components_of(const as_dialect_t *dialect, apr_pool_t *pool)
{
    as_json_t *components = as_json_object(pool), *schemas = as_json_object(pool);
    as_json_t *schemes = as_json_object(pool);

    as_json_set(schemas, "Refusal",
                as_json_parse(pool, dialect->schema, strlen(dialect->schema), NULL));
    as_json_set(schemes, "access", scheme_of("An access token", "JWT", pool));
    as_json_set(
        schemes, "token",
        scheme_of("A refresh token, the token of a link, or one that awaits a second factor", NULL,
                  pool));
    as_json_set(components, "schemas", schemas);
    as_json_set(components, "securitySchemes", schemes);
    return components;
}

as_json_t *as_openapi(as_ctx_t *ctx, const as_dialect_t *dialect, const char *base)
{
    apr_pool_t *pool = ctx->pool;
    as_json_t *document = as_json_object(pool), *info = as_json_object(pool);
    as_json_t *servers = as_json_array(pool), *server = as_json_object(pool);

    as_json_set_string(info, "title", dialect->title);
    as_json_set_string(info, "version", "1.0.0");
    as_json_set_string(server, "url", base && *base ? base : "/");
    as_json_append(servers, server);
    as_json_set_string(document, "openapi", "3.1.0");
    as_json_set(document, "info", info);
    as_json_set(document, "servers", servers);
    as_json_set(document, "paths", paths_of(ctx, dialect));
    as_json_set(document, "components", components_of(dialect, pool));
    return document;
}
