/* SPDX-License-Identifier: Apache-2.0
 * AuthType Bearer: who may see a guarded site, and what the site behind learns of them.
 * Three answers: yes, no (401), could not tell (503); never open by accident. Called through hooks.
 */
#include "server/server.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include "api/authorization.h"
#include "ops/tokens.h"
#include "server/request.h"

APLOG_USE_MODULE(authsvc);

static int refuse(request_rec *r, int status, const char *error)
{
    const char *realm = ap_auth_name(r);

    apr_table_setn(r->err_headers_out, "WWW-Authenticate",
                   as_bearer_challenge(realm ? realm : "authsvc", error, r->pool));
    return status;
}

static int could_not_tell(request_rec *r, as_result_t result)
{
    ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r, "a token could not be checked: %s",
                  as_code_name(result.code));
    apr_table_setn(r->err_headers_out, "Retry-After",
                   apr_itoa(r->pool, result.retry_after ? result.retry_after : 5));
    return HTTP_SERVICE_UNAVAILABLE;
}

/* The name the site knows the account by; NULL if that was never proven. */
static const char *user_name(const request_rec *r, const as_principal_t *principal)
{
    switch (as_config_dir(r)->remote_user) {
    case AS_USER_EMAIL:
        return principal->email;
    case AS_USER_PHONE:
        return principal->phone;
    case AS_USER_NUMBER:
        return apr_psprintf(r->pool, "%" APR_INT64_T_FMT, principal->number);
    default:
        return principal->account_id;
    }
}

static int admit(request_rec *r, const as_principal_t *principal)
{
    const char *name = user_name(r, principal);

    if (!name) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "the account has no proven name of the kind AuthSvcRemoteUser asks for");
        return HTTP_FORBIDDEN;
    }
    r->user = apr_pstrdup(r->pool, name);
    r->ap_auth_type = apr_pstrdup(r->pool, "Bearer");
    ap_set_module_config(r->request_config, &authsvc_module, (void *)principal);
    return OK;
}

int as_guard_check(request_rec *r)
{
    const char *type = ap_auth_type(r), *token;
    as_principal_t *principal;
    as_result_t result;
    as_ctx_t ctx;

    if (!type || strcasecmp(type, "Bearer") != 0) {
        return DECLINED;
    }
    switch (as_bearer_parse(apr_table_get(r->headers_in, "Authorization"), &token, r->pool)) {
    case AS_BEARER_NONE:
        return refuse(r, HTTP_UNAUTHORIZED, NULL);
    case AS_BEARER_REPEATED:
        return refuse(r, HTTP_BAD_REQUEST, "invalid_request");
    case AS_BEARER_TOKEN:
        break;
    }
    if (!as_config_server(r->server)->host) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "AuthType Bearer on a server without "
                      "AuthSvcDBDParams, AuthSvcSecretFile and AuthSvcIssuer");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    as_request_context(r, &ctx);
    principal = apr_pcalloc(r->pool, sizeof *principal);
    result = ctx.service->store ? as_tokens_check(&ctx, token, principal)
                                : as_result(AS_UNAVAILABLE);
    if (result.code == AS_UNAUTHENTICATED) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r, "a token was refused: %s", result.detail);
        return refuse(r, HTTP_UNAUTHORIZED, "invalid_token");
    }
    return result.code == AS_OK ? admit(r, principal) : could_not_tell(r, result);
}

/* Whoever was authenticated first: this request, the one it was redirected from, or the one it is
 * part of.
 */
static const as_principal_t *principal_of(const request_rec *r)
{
    for (; r; r = r->prev ? r->prev : r->main) {
        const as_principal_t *principal = ap_get_module_config(r->request_config, &authsvc_module);

        if (principal) {
            return principal;
        }
    }
    return NULL;
}

int as_guard_fixups(request_rec *r)
{
    const as_principal_t *principal = principal_of(r);

    if (principal) {
        apr_table_setn(r->subprocess_env, "AUTHSVC_SUB", principal->account_id);
        apr_table_setn(r->subprocess_env, "AUTHSVC_SID", principal->session_id);
        apr_table_setn(r->subprocess_env, "AUTHSVC_AMR", principal->amr);
        apr_table_setn(r->subprocess_env, "AUTHSVC_ROLES", "User");
        if (principal->email) {
            apr_table_setn(r->subprocess_env, "AUTHSVC_EMAIL", principal->email);
        }
    }
    return DECLINED;
}
