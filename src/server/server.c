/* SPDX-License-Identifier: Apache-2.0
 * What all files of this floor ask: the module's configuration of a server or a location, whether a
 * request is a mount's, and how a directive refuses a value. Called by them.
 */
#include "server/server.h"

#include <string.h>

#include <apr_strings.h>

as_server_config_t *as_config_server(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &authsvc_module);
}

const as_dir_config_t *as_config_dir(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &authsvc_module);
}

const char *as_config_refuse(cmd_parms *cmd, const char *value, const char *allowed)
{
    return apr_psprintf(cmd->pool, "%s: \"%s\" is not allowed: it takes %s", cmd->cmd->name, value,
                        allowed);
}

/* The first character alone tells it from a path: this runs for every request. */
int as_mount_has(const request_rec *r)
{
    return r->filename && *r->filename == *AS_MOUNT_MARK
           && strncmp(r->filename, AS_MOUNT_MARK, strlen(AS_MOUNT_MARK)) == 0;
}
