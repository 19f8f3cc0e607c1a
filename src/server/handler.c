/* SPDX-License-Identifier: Apache-2.0
 * httpd's request to api's and back: mounts of contracts, and the public keys.
 * Knows no contract. Called through the handler hook.
 */
#include "server/service.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include "api/reply.h"
#include "api/route.h"
#include "base/bytes.h"
#include "crypto/random.h"
#include "ops/keys.h"
#include "server/request.h"

APLOG_USE_MODULE(authsvc);

#define JWKS_SECONDS "300"
#define JWKS_RENEW APR_USEC_PER_SEC

static apr_status_t read_body(void *baton, apr_size_t max, char **body, apr_size_t *len,
                              apr_pool_t *pool)
{
    request_rec *r = baton;
    long got = 0;

    *len = 0;
    *body = apr_palloc(pool, max + 2);
    if (ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK) != OK) {
        return APR_EGENERAL;
    }
    if (!ap_should_client_block(r)) {
        return APR_SUCCESS;
    }
    while (*len <= max
           && (got = ap_get_client_block(r, *body + *len, max + 1 - *len)) > 0) {
        *len += got;
    }
    (*body)[*len] = '\0';
    if (got < 0) {
        return APR_EGENERAL;
    }
    return *len > max ? APR_ENOSPC : APR_SUCCESS;
}

static apr_int64_t declared_length(const request_rec *r)
{
    const char *text = apr_table_get(r->headers_in, "Content-Length");

    return text ? apr_strtoi64(text, NULL, 10) : -1;
}

static int write_reply(request_rec *r, const as_reply_t *reply)
{
    apr_size_t len = reply->body ? strlen(reply->body) : 0;
    const char *type = apr_table_get(reply->headers, "Content-Type");

    apr_table_overlap(r->headers_out, reply->headers, APR_OVERLAP_TABLES_SET);
    apr_table_unset(r->headers_out, "Content-Type");
    if (type) {
        ap_set_content_type(r, type);
    }
    r->status = reply->status;
    r->status_line = NULL;
    if (reply->status != HTTP_NO_CONTENT) {
        ap_set_content_length(r, len);
        ap_rwrite(reply->body ? reply->body : "", (int)len, r);
    }
    return OK;
}

static int serve_contract(request_rec *r)
{
    const as_dir_config_t *dir = as_config_dir(r);
    apr_size_t base = dir->base ? strlen(dir->base) : 0;
    apr_int64_t length = declared_length(r);
    as_request_t request = {
        .method = r->method,
        .base = dir->base,
        .query = r->args,
        .content_type = apr_table_get(r->headers_in, "Content-Type"),
        .authorization = apr_table_get(r->headers_in, "Authorization"),
        .origin = apr_table_get(r->headers_in, "Origin"),
        .realm = ap_auth_name(r) ? ap_auth_name(r) : "authsvc",
        .has_body = length > 0 || apr_table_get(r->headers_in, "Transfer-Encoding"),
        .length = length,
        .origins = dir->origins,
        .read = read_body,
        .baton = r,
    };
    as_reply_t reply;
    as_ctx_t ctx;

    if (!dir->dialect || strncmp(r->uri, dir->base, base) != 0) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "SetHandler authsvc without an AuthSvcAPI line for %s", r->uri);
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    request.path = r->uri + base;
    as_request_context(r, &ctx);
    as_request_identify(r, &ctx);
    ctx.dialect = dir->dialect->name;
    apr_table_setn(r->headers_out, "X-Request-Id", ctx.request_id);
    if (ctx.service->store) {
        as_api_serve(&ctx, dir->dialect, dir->only, &request, &reply);
    } else {
        as_reply_init(&reply, r->pool);
        as_reply_refuse(&reply, &ctx, dir->dialect, &request, as_result(AS_UNAVAILABLE), NULL);
    }
    return write_reply(r, &reply);
}

static int serve_jwks(request_rec *r)
{
    const as_keyring_t *ring;
    const char *body;
    as_ctx_t ctx;

    r->allowed = AP_METHOD_BIT << M_GET;
    if (r->method_number != M_GET) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    as_request_context(r, &ctx);
    if (ctx.service->store) { /* who asks has seen a new key, perhaps; the ring of before will do */
        as_keys_renew(ctx.service, JWKS_RENEW, r->pool);
    }
    if (!ctx.service->store || as_keys_borrow(ctx.service, &ring, r->pool) != APR_SUCCESS) {
        apr_table_setn(r->err_headers_out, "Retry-After", "5");
        return HTTP_SERVICE_UNAVAILABLE;
    }
    body = as_json_text(r->pool, as_keyring_jwks(ring, r->pool));
    as_keys_return(ctx.service, ring);
    apr_table_setn(r->headers_out, "Cache-Control", "public, max-age=" JWKS_SECONDS);
    apr_table_setn(r->headers_out, "Access-Control-Allow-Origin", "*");
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, strlen(body));
    ap_rputs(body, r);
    return OK;
}

/* Values of SetHandler. */
static const struct {
    const char *name;
    int (*serve)(request_rec *r);
} handlers[] = {
    { "authsvc", serve_contract },
    { "authsvc-jwks", serve_jwks },
};

int as_handler(request_rec *r)
{
    if (!r->handler || *r->handler != 'a') { /* this runs for every request */
        return DECLINED;
    }
    for (apr_size_t i = 0; i < sizeof handlers / sizeof *handlers; i++) {
        if (strcmp(r->handler, handlers[i].name) == 0) {
            if (!as_config_server(r->server)->host) {
                ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "SetHandler %s on a server without "
                              "AuthSvcDBDParams, AuthSvcSecretFile and AuthSvcIssuer", r->handler);
                return HTTP_INTERNAL_SERVER_ERROR;
            }
            return handlers[i].serve(r);
        }
    }
    return DECLINED;
}
