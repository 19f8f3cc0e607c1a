/* SPDX-License-Identifier: Apache-2.0
 * Directives by which a server chooses among the providers that are loaded. Never asks a provider
 * anything: service.c and vendors.c do. Called by config.c.
 */
#ifndef AS_SERVER_CHOICES_H
#define AS_SERVER_CHOICES_H

#include "server/server.h"

/* The setters, as httpd calls them: a name that no provider has is refused at once. */
const char *as_choose_delivery(cmd_parms *cmd, void *dir, const char *channel, const char *name);
const char *as_choose_identity(cmd_parms *cmd, void *dir, const char *word);
const char *as_choose_captcha(cmd_parms *cmd, void *dir, const char *name);
const char *as_choose_required(cmd_parms *cmd, void *dir, const char *action);

/* Puts what a virtual host chooses itself over what it has taken over. */
void as_choices_merge(as_server_config_t *merged, const as_server_config_t *own);

/* The choices as text, for as_config_key. */
const char *as_choices_key(const as_server_config_t *config, apr_pool_t *pool);

/* NULL, or why AuthSvcCaptchaRequire does not go with the other choices. */
const char *as_choices_clash(const as_server_config_t *config, apr_pool_t *pool);

#endif
