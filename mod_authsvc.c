/* SPDX-License-Identifier: Apache-2.0
 * mod_authsvc: the module's record and the order of its hooks. No logic: src/server/ has the hooks.
 * Called by httpd.
 */
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <http_request.h>

#include "server/authn_basic.h"
#include "server/authz.h"
#include "server/server.h"

static void register_hooks(apr_pool_t *pool)
{
    /* a mount is ours before a rewrite, an alias or a proxy can say otherwise */
    static const char *const after_mounts[] = { "mod_proxy.c", "mod_rewrite.c", "mod_alias.c",
                                                "mod_userdir.c", "mod_vhost_alias.c", NULL };
    static const char *const before_logs[] = { "mod_log_config.c", NULL };

    as_authn_register(pool);
    as_authz_register(pool);
    ap_hook_check_config(as_service_check_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(as_service_post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(as_service_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_translate_name(as_mount_translate, NULL, after_mounts, APR_HOOK_REALLY_FIRST);
    ap_hook_map_to_storage(as_mount_map_to_storage, NULL, after_mounts, APR_HOOK_REALLY_FIRST);
    ap_hook_post_perdir_config(as_environment_enter, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_check_access_ex(as_guard_access, NULL, NULL, APR_HOOK_FIRST,
                            AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authn(as_guard_check, NULL, NULL, APR_HOOK_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_check_authz(as_guard_authorize, NULL, NULL, APR_HOOK_FIRST, AP_AUTH_INTERNAL_PER_CONF);
    ap_hook_fixups(as_environment_fixups, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_expr_lookup(as_expr_lookup, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(as_environment_leave, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(as_guard_form, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_handler(as_handler, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(as_mask_tokens, NULL, before_logs, APR_HOOK_REALLY_FIRST);
}

AP_DECLARE_MODULE(authsvc) = {
    STANDARD20_MODULE_STUFF,
    as_config_create_dir,
    as_config_merge_dir,
    as_config_create_server,
    as_config_merge_server,
    as_config_commands,
    register_hooks,
    0 /* flags */
};
