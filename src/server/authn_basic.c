/* SPDX-License-Identifier: Apache-2.0
 * Passwords from mod_auth_basic and mod_auth_form. Digest cannot be offered: it would want what the
 * password is made of. Called by those modules.
 */
#include "server/authn_basic.h"

#include <httpd.h>
#include <ap_provider.h>
#include <http_log.h>
#include <http_request.h>
#include <mod_auth.h>

#include "ops/basic.h"
#include "server/principal.h"
#include "server/request.h"

APLOG_USE_MODULE(authsvc);

static authn_status check_password(request_rec *r, const char *user, const char *password)
{
    const as_password_in_t in = { .address = user, .password = password };
    as_principal_t *principal = apr_pcalloc(r->pool, sizeof *principal);
    as_result_t result = as_result(AS_FAULT);
    as_ctx_t ctx;

    if (!as_config_server(r->server)->host) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "a provider authsvc on a server without "
                      "AuthSvcDBDParams, AuthSvcSecretFile and AuthSvcIssuer");
        return AUTH_GENERAL_ERROR;
    }
    as_request_context(r, &ctx);
    as_request_identify(r, &ctx);
    if (ctx.service->store) {
        result = as_basic_check(&ctx, &in, principal);
    } else {
        result = as_result(AS_UNAVAILABLE);
    }
    switch (result.code) {
    case AS_OK:
        return as_principal_set(r, principal) ? AUTH_GRANTED : AUTH_DENIED;
    case AS_SIGN_IN_WRONG:
    case AS_ACCOUNT_PENDING:
        return AUTH_DENIED;
    default:
        as_note_of(r)->refusal = result;
        return AUTH_GENERAL_ERROR;
    }
}

static const authn_provider provider = { .check_password = check_password };

void as_authn_register(apr_pool_t *pool)
{
    ap_register_auth_provider(pool, AUTHN_PROVIDER_GROUP, "authsvc", AUTHN_PROVIDER_VERSION,
                              &provider, AP_AUTH_INTERNAL_PER_CONF);
}
