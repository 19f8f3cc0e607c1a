/* SPDX-License-Identifier: Apache-2.0
 * What all files of this floor ask: the module's configuration of a server or a location, and how a
 * directive refuses a value. Called by them.
 */
#include "server/server.h"

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
