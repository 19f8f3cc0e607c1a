/* SPDX-License-Identifier: Apache-2.0
 * What the files of this floor share: the module, its configuration, and the hooks that
 * mod_authsvc.c orders. The only floor that sees httpd.
 */
#ifndef AS_SERVER_SERVER_H
#define AS_SERVER_SERVER_H

#include <string.h>

#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>
#include <ap_expr.h>

#include "api/dialect.h"
#include "authsvc.h"
#include "ops/service.h"

extern module AP_MODULE_DECLARE_DATA authsvc_module;

typedef struct as_host_t as_host_t; /* a service of this httpd: service.c */

/* ---- configuration (config.c) ---- */

#define AS_UNSET APR_INT64_MIN
#define AS_TOKEN_PLACE "%{token}" /* in the links of messages */

/* One word of AuthSvcIdentity. */
typedef struct {
    const authsvc_identity_t *provider;
    const char *label; /* what followed a colon, or NULL */
    const char *name;  /* as routes have it: the label, or else the provider's */
} as_identity_choice_t;

/* Per server. A text that is not set is NULL, a number AS_UNSET; both are settled after the
 * configuration was read.
 */
typedef struct {
    const char *driver, *secret_file, *issuer, *audience, *client_id, *password_hash, *template_dir;
    const char *restore_url, *invitation_url, *confirm_url;
    apr_array_header_t *params; /* const char * */
    apr_int64_t db_max, db_timeout;
    apr_int64_t access_ttl, refresh_ttl, session_max, refresh_grace, key_life, key_lead;
    apr_int64_t password_min, body_max, disclose, demo;
    apr_int64_t revocation_cache, revocation_sync, revocation_max_age, verdict_cache;
    const authsvc_delivery_t *delivery[AS_CHANNELS];
    apr_array_header_t *identities; /* as_identity_choice_t; NULL: not set */
    const authsvc_captcha_t *captcha; /* NULL: not set; ask NULL: off */
    apr_int64_t captcha_required;   /* bits 1 << AS_CAPTCHA_…, or AS_UNSET */
    as_rate_t throttles[AS_BUCKETS]; /* count AS_UNSET: not set; 0: off */
    int mounts;      /* AuthSvcAPI lines: this server needs a service */
    as_host_t *host; /* the service, shared by servers with the same settings; NULL: none */
} as_server_config_t;

/* What r->user is. */
typedef enum { AS_USER_UNSET, AS_USER_ID, AS_USER_EMAIL, AS_USER_PHONE, AS_USER_NUMBER } as_user_t;

typedef enum { AS_SWITCH_UNSET, AS_ON, AS_OFF } as_switch_t;

/* Per location. */
typedef struct {
    const char *base;              /* path of the mount without a trailing slash; NULL: none */
    const as_dialect_t *dialect;
    const char *only;              /* the one path that is mounted, or NULL */
    apr_array_header_t *origins;   /* const char *; NULL: unset */
    apr_int64_t remote_user;       /* as_user_t */
    as_switch_t pass_headers;      /* X-Auth-… is written for the backend */
    as_switch_t pass_token;        /* Authorization goes on to it */
    as_switch_t preflight;         /* a CORS preflight passes the guard */
} as_dir_config_t;

extern const command_rec as_config_commands[];

void *as_config_create_server(apr_pool_t *pool, server_rec *s);
void *as_config_merge_server(apr_pool_t *pool, void *base, void *over);
void *as_config_create_dir(apr_pool_t *pool, char *path);
void *as_config_merge_dir(apr_pool_t *pool, void *base, void *over);

/* What a mount's r->filename begins with: it is no path. */
#define AS_MOUNT_MARK "authsvc:"

/* The message for a value that a directive does not take: "NAME: "VALUE" is not allowed: …". */
static inline const char *as_config_refuse(cmd_parms *cmd, const char *value, const char *allowed)
{
    return apr_psprintf(cmd->pool, "%s: \"%s\" is not allowed: it takes %s", cmd->cmd->name, value,
                        allowed);
}

/* Inline, since hooks ask for every request. */
static inline as_server_config_t *as_config_server(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &authsvc_module);
}

static inline const as_dir_config_t *as_config_dir(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &authsvc_module);
}

/* Every setting of a server in one text: servers with the same text share a service. */
const char *as_config_key(const as_server_config_t *config, apr_pool_t *pool);

/* What services on the same accounts have in common: database, secret, issuer, audience. They share
 * the caches in shared memory.
 */
const char *as_config_identity(const as_server_config_t *config, apr_pool_t *pool);

/* Puts defaults where nothing is set. NULL, or what is missing. */
const char *as_config_settle(as_server_config_t *config);

/* ---- hooks ---- */

int as_service_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
int as_service_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s);
void as_service_child_init(apr_pool_t *pchild, server_rec *s);

int as_mount_translate(request_rec *r);
int as_mount_map_to_storage(request_rec *r);

/* After the former: whether the request is a mount's. The first character alone tells most paths
 * from it: this runs for every request.
 */
static inline int as_mount_has(const request_rec *r)
{
    return r->filename && *r->filename == *AS_MOUNT_MARK
           && strncmp(r->filename, AS_MOUNT_MARK, strlen(AS_MOUNT_MARK)) == 0;
}


void as_mask_referer(request_rec *r);
int as_mask_tokens(request_rec *r);

int as_handler(request_rec *r);

int as_guard_check(request_rec *r);
int as_guard_form(request_rec *r);
int as_guard_authorize(request_rec *r);
int as_guard_access(request_rec *r);

int as_environment_enter(request_rec *r);
int as_environment_fixups(request_rec *r);
int as_environment_leave(request_rec *r);

int as_expr_lookup(ap_expr_lookup_parms *parms);
int as_expr_is_used(void); /* whether there is an authsvc('…') in this httpd */

#endif
