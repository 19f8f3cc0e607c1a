/* SPDX-License-Identifier: Apache-2.0
 * Contexts of requests. See request.h.
 */
#include "server/request.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "crypto/random.h"
#include "server/service.h"

#define AGENT_MAX 255

/* Clients write what they like there; the database and the log take printable ASCII. */
static const char *printable(apr_pool_t *pool, const char *text)
{
    char *copy = apr_pstrndup(pool, text ? text : "", AGENT_MAX);

    for (char *p = copy; *p; p++) {
        if (*p < 0x20 || *p > 0x7e) {
            *p = '?';
        }
    }
    return copy;
}

void as_request_context(request_rec *r, as_ctx_t *ctx)
{
    as_service_t *service = &as_config_server(r->server)->host->service;

    *ctx = (as_ctx_t){
        .service = service,
        .pool = r->pool,
        .now = service->now(service->clock),
        .address = r->useragent_ip,
    };
}

void as_request_identify(request_rec *r, as_ctx_t *ctx)
{
    ctx->request_id = as_random_id(r->pool);
    ctx->agent = printable(r->pool, apr_table_get(r->headers_in, "User-Agent"));
}
