/* SPDX-License-Identifier: Apache-2.0
 * What providers get from the host, each a thin wrapper of a lower floor. See providers.h.
 * Never decides anything. Called by config.c and service.c, and by providers through the table.
 */
#include "server/providers.h"

#include <stdlib.h>
#include <string.h>

#include <ap_provider.h>
#include <apr_strings.h>

#include "base/json.h"
#include "base/mime.h"
#include "crypto/hmac.h"
#include "crypto/jws.h"

#define EXCHANGES_MAX 32

static const as_lent_t *lent_of(const authsvc_host_t *host)
{
    return host->baton;
}

static void host_log(const authsvc_host_t *host, authsvc_level_t level, apr_status_t status,
                     const char *line)
{
    static const as_log_level_t levels[] = {
        [AUTHSVC_LOG_ERROR] = AS_LOG_ERROR,
        [AUTHSVC_LOG_WARN] = AS_LOG_WARN,
        [AUTHSVC_LOG_INFO] = AS_LOG_INFO,
        [AUTHSVC_LOG_DEBUG] = AS_LOG_DEBUG,
    };

    as_log(&lent_of(host)->service->log, levels[level], status, "%s", line);
}

static apr_time_t host_now(const authsvc_host_t *host)
{
    const as_service_t *service = lent_of(host)->service;

    return service->now(service->clock);
}

static const char *host_mime(const authsvc_host_t *host, const authsvc_message_t *message,
                             const char *from, apr_pool_t *pool)
{
    (void)host;
    return as_mime_message(message, from, pool);
}

static apr_status_t host_fetch(const authsvc_host_t *host, const authsvc_request_t *request,
                               authsvc_response_t *response, const char **reason, apr_pool_t *pool)
{
    return as_fetch(lent_of(host)->fetcher, request, response, reason, pool);
}

static authsvc_jws_answer_t host_verify_jws(const authsvc_host_t *host, const char *token,
                                            const char *jwks, authsvc_jws_t *jws, const char **why,
                                            apr_pool_t *pool)
{
    static const authsvc_jws_answer_t answers[] = {
        [AS_JWS_FAULT] = AUTHSVC_JWS_FAULT,
        [AS_JWS_REFUSED] = AUTHSVC_JWS_REFUSED,
        [AS_JWS_UNKNOWN_KEY] = AUTHSVC_JWS_UNKNOWN_KEY,
        [AS_JWS_SIGNED] = AUTHSVC_JWS_SIGNED,
    };
    as_jws_t found;
    as_jws_answer_t answer = as_jws_verify(pool, token, jwks, &found, why);

    (void)host;
    *jws = (authsvc_jws_t){ .payload = found.payload, .kid = found.kid, .alg = found.alg };
    return answers[answer];
}

static const authsvc_json_t *host_json_read(const char *text, apr_size_t len, apr_pool_t *pool)
{
    return as_json_parse(pool, text, len, NULL);
}

static const char *host_json_quote(const char *text, apr_pool_t *pool)
{
    return as_json_quote(pool, text);
}

void as_lent_settle(as_lent_t *lent, const as_service_t *service)
{
    *lent = (as_lent_t){
        .service = service,
        .host = {
            .minor = AUTHSVC_HOST_MINOR,
            .baton = lent,
            .log = host_log,
            .now = host_now,
            .mime = host_mime,
            .fetch = host_fetch,
            .verify_jws = host_verify_jws,
            .json_read = host_json_read,
            .json_get = as_json_get,
            .json_at = as_json_at,
            .json_string = as_json_string,
            .json_integer = as_json_integer,
            .json_number = as_json_number,
            .json_boolean = as_json_boolean,
            .json_quote = host_json_quote,
            .hmac_sha256 = as_hmac_sha256,
        },
    };
}

apr_status_t as_lent_start(as_lent_t *lent, apr_pool_t *pchild)
{
    return as_fetcher_create(&lent->fetcher, EXCHANGES_MAX, pchild);
}

const void *as_provider_find(const char *group, const char *name)
{
    return ap_lookup_provider(group, name, AUTHSVC_PROVIDER_VERSION);
}

static int by_name(const void *a, const void *b)
{
    const ap_list_provider_names_t *left = a, *right = b;

    return strcmp(left->provider_name, right->provider_name);
}

const char *as_provider_names(const char *group, apr_pool_t *pool)
{
    const apr_array_header_t *names = ap_list_provider_names(pool, group, AUTHSVC_PROVIDER_VERSION);
    const char *known = NULL;

    qsort(names->elts, names->nelts, names->elt_size, by_name);
    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, ap_list_provider_names_t).provider_name;

        known = known ? apr_pstrcat(pool, known, ", ", name, NULL) : name;
    }
    return known ? known : "none";
}
