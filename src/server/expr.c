/* SPDX-License-Identifier: Apache-2.0
 * authsvc('claim') in httpd's expressions: for Require expr, headers and logs. Tells of nobody but
 * who was authenticated. Called by httpd's parser of expressions.
 */
#include "server/server.h"

#include <stdatomic.h>
#include <string.h>

#include <apr_strings.h>

#include "server/principal.h"

static atomic_int used; /* there is such an expression in this httpd */

/* Elements of an array are separated by blanks; what is no string stands as in JSON. */
static const char *text_of(const as_json_t *claim, apr_pool_t *pool)
{
    const as_json_t *element;
    const char *out = NULL;

    if (as_json_string(claim)) {
        return as_json_string(claim);
    }
    for (apr_size_t i = 0; (element = as_json_at(claim, i)) != NULL; i++) {
        const char *text = as_json_string(element);

        out = apr_pstrcat(pool, out ? out : "", out ? " " : "",
                          text ? text : as_json_text(pool, element), NULL);
    }
    return out ? out : as_json_text(pool, claim);
}

static const char *authsvc(ap_expr_eval_ctx_t *ctx, const void *data, const char *name)
{
    const as_principal_t *principal = ctx->r ? as_principal_of(ctx->r) : NULL;
    const as_json_t *claim;
    const char *value;

    (void)data;
    if (!principal) {
        if (ctx->r) {
            as_note_of(ctx->r)->asked = 1;
        }
        return "";
    }
    value = as_principal_value(principal, name, ctx->p);
    if (value) {
        return value;
    }
    claim = as_principal_claim(ctx->r, name);
    return claim ? text_of(claim, ctx->p) : "";
}

int as_expr_is_used(void)
{
    return atomic_load_explicit(&used, memory_order_relaxed);
}

int as_expr_lookup(ap_expr_lookup_parms *parms)
{
    if (parms->type != AP_EXPR_FUNC_STRING || strcasecmp(parms->name, "authsvc") != 0) {
        return DECLINED;
    }
    atomic_store_explicit(&used, 1, memory_order_relaxed);
    *parms->func = authsvc;
    *parms->data = NULL;
    return OK;
}
