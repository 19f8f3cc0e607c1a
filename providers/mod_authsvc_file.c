/* SPDX-License-Identifier: Apache-2.0
 * The delivery provider "file": each message becomes a file in a folder, for development and tests.
 * Never overwrites another message and never shows half of one. Called by mod_authsvc's outbox.
 *
 *     LoadModule authsvc_file_module modules/mod_authsvc_file.so
 *     AuthSvcFileDir  var/outbox
 *     AuthSvcFileFrom "Example <no-reply@example.com>"
 *     AuthSvcDelivery email file
 *     AuthSvcDelivery sms   file
 *
 * A mail is DIR/<created>-<id>.eml, a text message the same with .json: {"to":"+...","text":"..."}.
 */
#include "authsvc.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <ap_provider.h>
#include <httpd.h>
#include <http_config.h>

#define FILE_MODE (APR_UREAD | APR_UWRITE | APR_GREAD)
#define DIR_MODE (APR_UREAD | APR_UWRITE | APR_UEXECUTE | APR_GREAD | APR_GEXECUTE)

module AP_MODULE_DECLARE_DATA authsvc_file_module;

/* Of one server; NULL where nothing was said. */
typedef struct {
    const char *dir;
    const char *from;
} config_t;

typedef struct {
    const authsvc_host_t *host;
    const config_t *config;
} instance_t;

static const char default_from[] = "no-reply@localhost";

static const config_t *config_of(server_rec *s)
{
    return ap_get_module_config(s->module_config, &authsvc_file_module);
}

static const char *check(server_rec *s, authsvc_channel_t channel, apr_pool_t *pool)
{
    (void)channel;
    (void)pool;
    return config_of(s)->dir ? NULL : "AuthSvcFileDir is missing: it names the folder of the files";
}

/* Makes the folder unless it is there; its parent must be. */
static apr_status_t make_folder(const char *dir, apr_pool_t *pool)
{
    apr_status_t rv = apr_dir_make(dir, DIR_MODE, pool);
    apr_finfo_t found;

    if (!APR_STATUS_IS_EEXIST(rv)) {
        return rv;
    }
    rv = apr_stat(&found, dir, APR_FINFO_TYPE, pool);
    if (rv == APR_SUCCESS && found.filetype != APR_DIR) {
        rv = APR_ENOTDIR;
    }
    return rv;
}

static apr_status_t create(void **instance, const authsvc_host_t *host, server_rec *s,
                           authsvc_channel_t channel, apr_pool_t *pool)
{
    const config_t *config = config_of(s);
    instance_t *made = apr_palloc(pool, sizeof(*made));

    (void)channel;
    *made = (instance_t){ .host = host, .config = config };
    *instance = made;
    return make_folder(config->dir, pool);
}

/* What goes into the file, or NULL for a message that can be no mail. */
static const char *file_text(const instance_t *instance, const authsvc_message_t *message,
                             apr_pool_t *pool)
{
    const authsvc_host_t *host = instance->host;
    const char *from = instance->config->from;

    if (message->channel == AUTHSVC_EMAIL) {
        return host->mime(host, message, from ? from : default_from, pool);
    }
    return apr_pstrcat(pool, "{\"to\":", host->json_quote(message->to, pool),
                       ",\"text\":", host->json_quote(message->text, pool), "}\n", NULL);
}

/* The same at every attempt, so that a repeated message replaces itself. */
static const char *file_path(const instance_t *instance, const authsvc_message_t *message,
                             apr_pool_t *pool)
{
    const char *ending = message->channel == AUTHSVC_EMAIL ? "eml" : "json";
    apr_time_exp_t at;

    apr_time_exp_gmt(&at, message->created);
    return apr_psprintf(pool, "%s/%04d%02d%02dT%02d%02d%02dZ-%s.%s", instance->config->dir,
                        at.tm_year + 1900, at.tm_mon + 1, at.tm_mday, at.tm_hour, at.tm_min,
                        at.tm_sec, message->id, ending);
}

/* Writes all of a new file, whose name is completed in temporary, through to the disk. */
static apr_status_t write_temporary(char *temporary, const char *text, apr_pool_t *pool)
{
    const apr_int32_t flags = APR_FOPEN_CREATE | APR_FOPEN_EXCL | APR_FOPEN_WRITE;
    apr_file_t *file;
    apr_status_t closed, rv = apr_file_mktemp(&file, temporary, flags, pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_perms_set(temporary, FILE_MODE);
    if (rv == APR_SUCCESS) {
        rv = apr_file_write_full(file, text, strlen(text), NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_file_sync(file);
    }
    closed = apr_file_close(file);
    if (rv == APR_SUCCESS) {
        rv = closed;
    }
    if (rv != APR_SUCCESS) {
        apr_file_remove(temporary, pool);
    }
    return rv;
}

/* A name is on the disk only when its folder is. */
static apr_status_t sync_folder(const char *dir, apr_pool_t *pool)
{
    apr_file_t *folder;
    apr_status_t rv = apr_file_open(&folder, dir, APR_FOPEN_READ, APR_FPROT_OS_DEFAULT, pool);

    if (rv == APR_SUCCESS) {
        rv = apr_file_sync(folder);
        apr_file_close(folder);
    }
    return rv;
}

static apr_status_t write_file(const char *dir, const char *path, const char *text,
                               apr_pool_t *pool)
{
    char *temporary = apr_pstrcat(pool, path, ".tmpXXXXXX", NULL);
    apr_status_t rv = write_temporary(temporary, text, pool);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_rename(temporary, path, pool);
    if (rv != APR_SUCCESS) {
        apr_file_remove(temporary, pool);
        return rv;
    }
    return sync_folder(dir, pool);
}

static authsvc_outcome_t send_message(void *baton, const authsvc_message_t *message,
                                      apr_time_t deadline, const char **reason, apr_pool_t *pool)
{
    const instance_t *instance = baton;
    const char *dir = instance->config->dir;
    const char *text = file_text(instance, message, pool);
    apr_status_t rv;

    (void)deadline;
    if (!text) {
        *reason = "the address, the subject or AuthSvcFileFrom cannot stand in a mail's header";
        return AUTHSVC_REFUSED;
    }
    rv = write_file(dir, file_path(instance, message, pool), text, pool);
    if (rv != APR_SUCCESS) {
        char error[120];

        *reason = apr_psprintf(pool, "cannot write a file in %s: %s", dir,
                               apr_strerror(rv, error, sizeof(error)));
        return AUTHSVC_TRY_AGAIN;
    }
    return AUTHSVC_SENT;
}

static const authsvc_delivery_t delivery = {
    .name = "file",
    .channels = AUTHSVC_EMAIL | AUTHSVC_SMS,
    .check = check,
    .create = create,
    .send = send_message,
};

static void *create_config(apr_pool_t *pool, server_rec *s)
{
    (void)s;
    return apr_pcalloc(pool, sizeof(config_t));
}

static void *merge_config(apr_pool_t *pool, void *base, void *add)
{
    const config_t *above = base;
    const config_t *own = add;
    config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (config_t){ .dir = own->dir ? own->dir : above->dir,
                          .from = own->from ? own->from : above->from };
    return merged;
}

static const char *set_dir(cmd_parms *cmd, void *unused, const char *value)
{
    config_t *config = ap_get_module_config(cmd->server->module_config, &authsvc_file_module);
    const char *dir = ap_server_root_relative(cmd->pool, value);

    (void)unused;
    if (!dir) {
        return apr_psprintf(cmd->pool,
                            "AuthSvcFileDir \"%s\": a folder's path is allowed, "
                            "absolute or relative to ServerRoot",
                            value);
    }
    config->dir = dir;
    return NULL;
}

static const char *set_from(cmd_parms *cmd, void *unused, const char *value)
{
    config_t *config = ap_get_module_config(cmd->server->module_config, &authsvc_file_module);

    (void)unused;
    if (!strchr(value, '@')) {
        return apr_psprintf(cmd->pool,
                            "AuthSvcFileFrom \"%s\": a mailbox is allowed, as in "
                            "\"Example <no-reply@example.com>\" or no-reply@example.com",
                            value);
    }
    config->from = value;
    return NULL;
}

static const command_rec directives[] = {
    AP_INIT_TAKE1("AuthSvcFileDir", set_dir, NULL, RSRC_CONF,
                  "folder the provider \"file\" writes messages to; made if its parent exists"),
    AP_INIT_TAKE1("AuthSvcFileFrom", set_from, NULL, RSRC_CONF,
                  "sender of the mails the provider \"file\" writes (no-reply@localhost)"),
    { NULL, { NULL }, NULL, 0, RAW_ARGS, NULL }
};

static void register_hooks(apr_pool_t *pool)
{
    ap_register_provider(pool, AUTHSVC_DELIVERY_GROUP, delivery.name, AUTHSVC_PROVIDER_VERSION,
                         &delivery);
}

AP_DECLARE_MODULE(authsvc_file) = {
    STANDARD20_MODULE_STUFF,
    NULL, /* nothing per directory */
    NULL,
    create_config,
    merge_config,
    directives,
    register_hooks,
    AP_MODULE_FLAG_NONE,
};
