/* SPDX-License-Identifier: Apache-2.0
 * Who may see a guarded site: AuthType Bearer, and what a refusal of httpd's own hooks means here.
 * Three answers: yes, no (401, 403), could not tell (503); never open by accident. Called through
 * hooks.
 */
#include "server/server.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_request.h>

#include "api/authorization.h"
#include "ops/tokens.h"
#include "server/principal.h"
#include "server/request.h"

APLOG_USE_MODULE(authsvc);

static int is_bearer(request_rec *r)
{
    const char *type = ap_auth_type(r);

    return type && strcasecmp(type, "Bearer") == 0;
}

/* more: further parameters of the challenge, each after a comma. */
static int refuse(request_rec *r, int status, const char *error, const char *more)
{
    const char *realm = ap_auth_name(r);
    const char *challenge = as_bearer_challenge(realm ? realm : "authsvc", error, r->pool);

    apr_table_setn(r->err_headers_out, "WWW-Authenticate",
                   apr_pstrcat(r->pool, challenge, more, NULL));
    return status;
}

static int could_not_tell(request_rec *r, as_result_t result)
{
    int throttled = result.code == AS_THROTTLED;

    ap_log_rerror(APLOG_MARK, throttled ? APLOG_INFO : APLOG_WARNING, 0, r,
                  "it could not be told who this is: %s", as_code_name(result.code));
    apr_table_setn(r->err_headers_out, "Retry-After",
                   apr_itoa(r->pool, result.retry_after ? result.retry_after : 5));
    return throttled ? HTTP_TOO_MANY_REQUESTS : HTTP_SERVICE_UNAVAILABLE;
}

/* ---- who: check_authn ---- */

static int check_bearer(request_rec *r)
{
    as_principal_t *principal;
    as_result_t result;
    const char *token;
    as_ctx_t ctx;

    switch (as_bearer_parse(apr_table_get(r->headers_in, "Authorization"), &token, r->pool)) {
    case AS_BEARER_NONE:
        return refuse(r, HTTP_UNAUTHORIZED, NULL, NULL);
    case AS_BEARER_REPEATED:
        return refuse(r, HTTP_BAD_REQUEST, "invalid_request", NULL);
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
        return refuse(r, HTTP_UNAUTHORIZED, "invalid_token", NULL);
    }
    if (result.code != AS_OK) {
        return could_not_tell(r, result);
    }
    r->ap_auth_type = apr_pstrdup(r->pool, "Bearer");
    return as_principal_set(r, principal) ? OK : HTTP_FORBIDDEN;
}

/* httpd's Basic and form doors know no answer for a provider that could not tell but 500. */
static int check_password(request_rec *r, int (*hook)(request_rec *))
{
    as_note_t *note = as_note_of(r);
    int rc;

    if (note->nested) {
        return DECLINED;
    }
    note->nested = 1;
    rc = hook(r);
    note->nested = 0;
    return rc != OK && note->refusal.code != AS_OK ? could_not_tell(r, note->refusal) : rc;
}

int as_guard_check(request_rec *r)
{
    if (is_bearer(r)) {
        return check_bearer(r);
    }
    return ap_auth_type(r) && as_config_server(r->server)->host
               ? check_password(r, ap_run_check_user_id)
               : DECLINED;
}

int as_guard_form(request_rec *r)
{
    return r->handler && strcmp(r->handler, "form-login-handler") == 0
                   && as_config_server(r->server)->host
               ? check_password(r, ap_run_handler)
               : DECLINED;
}

/* ---- what for: auth_checker ---- */

static const char *step_up_wanted(const as_step_up_t *step, apr_pool_t *pool)
{
    const char *mfa = step->mfa ? ", acr_values=\"mfa\"" : "";

    return step->max_age > 0 ? apr_psprintf(pool, "%s, max_age=%" APR_INT64_T_FMT, mfa,
                                            apr_time_sec(step->max_age))
                             : mfa;
}

/* Would the rules let this principal through after a step-up? They are asked again and say what
 * for, so that no order and nesting of RequireAll, RequireAny and RequireNone misleads.
 */
static int can_be_cured(request_rec *r, as_note_t *note)
{
    int rc;

    if (!note->step_up.mfa && note->step_up.max_age == 0) {
        return 0;
    }
    memset(&note->step_up, 0, sizeof note->step_up);
    note->assume_step_up = 1;
    rc = ap_run_auth_checker(r);
    note->assume_step_up = 0;
    return rc == OK;
}

/* httpd answers 401 to a failed Require, as if another token could be expected to do better. */
static int refuse_rule(request_rec *r, as_note_t *note)
{
    int cured = is_bearer(r) && can_be_cured(r, note);

    apr_table_unset(r->err_headers_out, "WWW-Authenticate");
    if (!is_bearer(r)) {
        return HTTP_FORBIDDEN;
    }
    return cured ? refuse(r, HTTP_UNAUTHORIZED, "insufficient_user_authentication",
                          step_up_wanted(&note->step_up, r->pool))
                 : refuse(r, HTTP_FORBIDDEN, "insufficient_scope", NULL);
}

int as_guard_authorize(request_rec *r)
{
    as_note_t *note = as_note_of(r);
    int rc;

    if (!note->principal || note->nested) {
        return DECLINED;
    }
    note->nested = 1;
    rc = ap_run_auth_checker(r);
    if (rc == HTTP_UNAUTHORIZED) {
        rc = refuse_rule(r, note);
    }
    note->nested = 0;
    return rc;
}

/* ---- before anybody is asked: access_checker_ex ---- */

/* A browser asks without credentials whether it may ask with them. */
static int is_preflight(const request_rec *r)
{
    return as_config_dir(r)->preflight == AS_ON && r->method_number == M_OPTIONS
           && apr_table_get(r->headers_in, "Origin")
           && apr_table_get(r->headers_in, "Access-Control-Request-Method");
}

static int ask_who(request_rec *r)
{
    int rc = ap_run_check_user_id(r);

    if (rc == OK && r->user) {
        rc = ap_run_auth_checker(r);
    } else if (rc == OK) {
        rc = DECLINED;
    }
    return rc == DECLINED ? HTTP_INTERNAL_SERVER_ERROR : rc;
}

/* Rules that refuse whoever it is refuse a preflight, too. An expression that asked for a principal
 * before there was one has refused too early: httpd knows that of its own REMOTE_USER alone.
 */
int as_guard_access(request_rec *r)
{
    int preflight = is_preflight(r), rc, early;
    as_note_t *note;

    if ((!preflight && !as_expr_is_used()) || !ap_auth_type(r)) {
        return DECLINED;
    }
    note = as_note_of(r);
    if (note->nested) {
        return DECLINED;
    }
    note->nested = 1;
    note->asked = 0;
    rc = ap_run_access_checker_ex(r);
    note->nested = 0;
    early = rc == HTTP_FORBIDDEN && note->asked;
    if (preflight) {
        return rc == DECLINED || early ? OK : rc;
    }
    return early ? ask_who(r) : rc;
}
