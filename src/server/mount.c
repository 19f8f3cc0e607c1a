/* SPDX-License-Identifier: Apache-2.0
 * Mounts leave the file system, as mod_proxy's do: no folder, .htaccess, rewrite or alias of that
 * name takes them. Never serves anything: handler.c does. Called through hooks, ahead of proxy,
 * rewrite and alias.
 */
#include "server/server.h"

#include <string.h>

#include <ap_expr.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

/* SetHandler's value here: core keeps it in a struct of its public header, as an expression. */
static const char *handler_of(request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *error = NULL, *handler;

    if (!core || !core->expr_handler) {
        return core ? core->handler : NULL;
    }
    handler = ap_expr_str_exec(r, core->expr_handler, &error);
    return error ? NULL : handler;
}

static int is_ours(request_rec *r)
{
    const char *handler = handler_of(r);

    return handler && strncmp(handler, "authsvc", 7) == 0
           && (handler[7] == '\0' || handler[7] == '-');
}

int as_mount_translate(request_rec *r)
{
    if (!is_ours(r)) {
        return DECLINED;
    }
    as_mask_referer(r); /* lines of the error log name it, too */
    r->proxyreq = PROXYREQ_NONE;
    r->filename = apr_pstrcat(r->pool, AS_MOUNT_MARK, r->uri, NULL);
    return OK;
}

int as_mount_map_to_storage(request_rec *r)
{
    return as_mount_has(r) ? ap_location_walk(r) : DECLINED;
}
