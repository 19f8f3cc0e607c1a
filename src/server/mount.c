/* SPDX-License-Identifier: Apache-2.0
 * Mounts leave the file system, as mod_proxy's do: no folder, .htaccess, rewrite or alias of that
 * name takes them. Never serves anything: handler.c does. Called through hooks, ahead of proxy,
 * rewrite and alias.
 */
#include "server/server.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

#define MARK "authsvc:"

/* Is this location handled by us? core keeps SetHandler's value in a struct of its public header.
 */
static int is_ours(const request_rec *r)
{
    const core_dir_config *core = ap_get_core_module_config(r->per_dir_config);

    return core && core->handler && strncmp(core->handler, "authsvc", 7) == 0
           && (core->handler[7] == '\0' || core->handler[7] == '-');
}

int as_mount_translate(request_rec *r)
{
    if (!is_ours(r)) {
        return DECLINED;
    }
    r->proxyreq = PROXYREQ_NONE;
    r->filename = apr_pstrcat(r->pool, MARK, r->uri, NULL);
    return OK;
}

int as_mount_map_to_storage(request_rec *r)
{
    int rc;

    if (!r->filename || strncmp(r->filename, MARK, strlen(MARK)) != 0) {
        return DECLINED;
    }
    rc = ap_location_walk(r);
    return rc == OK ? OK : rc;
}
