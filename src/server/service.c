/* SPDX-License-Identifier: Apache-2.0
 * Making services of the configuration: checked in the parent, brought to life in each child.
 * Opens no database in the parent: it runs as root, and handles do not survive a fork.
 * Called through hooks.
 */
#include "server/service.h"

#include <http_core.h>
#include <http_log.h>
#include <util_mutex.h>

#include <apr_strings.h>
#include <unistd.h>

#include "base/mime.h"
#include "crypto/random.h"
#include "ops/keys.h"
#include "server/log.h"
#include "server/worker.h"
#include "store/driver.h"

APLOG_USE_MODULE(authsvc);

#define WRITE_MUTEX "authsvc-db"
#define HASH_WAITERS 64
#define HASH_PATIENCE (5 * APR_USEC_PER_SEC)
#define PARAMS_FILE_MAX 4096

int as_service_pre_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp)
{
    (void)plog;
    (void)ptemp;
    return ap_mutex_register(pconf, WRITE_MUTEX, NULL, APR_LOCK_DEFAULT, 0) == APR_SUCCESS
               ? OK
               : HTTP_INTERNAL_SERVER_ERROR;
}

/* ---- the write lock ---- */

static apr_status_t enter(void *baton, apr_time_t deadline)
{
    apr_global_mutex_t *mutex = ((as_write_mutex_t *)baton)->mutex;
    apr_interval_time_t left = deadline - apr_time_now();
    apr_status_t status = APR_TIMEUP;

    if (left > 0) {
        status = apr_global_mutex_timedlock(mutex, left);
    }
    while (APR_STATUS_IS_ENOTIMPL(status)) { /* the admin's Mutex line chose one without timeouts */
        status = apr_global_mutex_trylock(mutex);
        if (APR_STATUS_IS_EBUSY(status) && apr_time_now() < deadline) {
            apr_sleep(1000);
            status = APR_ENOTIMPL;
        }
    }
    return status == APR_SUCCESS ? APR_SUCCESS : AS_EBUSY;
}

static void leave(void *baton)
{
    apr_global_mutex_unlock(((as_write_mutex_t *)baton)->mutex);
}

/* ---- what providers get ---- */

static void provider_log(const authsvc_host_t *provider_host, authsvc_level_t level,
                         apr_status_t status, const char *line)
{
    static const as_log_level_t levels[] = {
        [AUTHSVC_LOG_ERROR] = AS_LOG_ERROR,
        [AUTHSVC_LOG_WARN] = AS_LOG_WARN,
        [AUTHSVC_LOG_INFO] = AS_LOG_INFO,
        [AUTHSVC_LOG_DEBUG] = AS_LOG_DEBUG,
    };
    const as_host_t *host = provider_host->baton;

    as_log(&host->service.log, levels[level], status, "%s", line);
}

static apr_time_t provider_now(const authsvc_host_t *provider_host)
{
    const as_host_t *host = provider_host->baton;

    return host->service.now(host->service.clock);
}

static const char *provider_mime(const authsvc_host_t *provider_host,
                                 const authsvc_message_t *message, const char *from,
                                 apr_pool_t *pool)
{
    (void)provider_host;
    return as_mime_message(message, from, pool);
}

static authsvc_outcome_t send_by_provider(void *baton, const authsvc_message_t *message,
                                          apr_time_t deadline, const char **reason,
                                          apr_pool_t *pool)
{
    as_outlet_t *outlet = baton;

    if (!outlet->instance) {
        apr_status_t status = outlet->provider->create(&outlet->instance,
                                                       &outlet->host->provider_host,
                                                       outlet->host->server, outlet->channel,
                                                       outlet->pool);

        if (status != APR_SUCCESS) {
            outlet->instance = NULL;
            *reason = "the provider could not start";
            as_log(&outlet->host->service.log, AS_LOG_ERROR, status,
                   "provider %s could not start", outlet->provider->name);
            return AUTHSVC_TRY_AGAIN;
        }
    }
    return outlet->provider->send(outlet->instance, message, deadline, reason, pool);
}

/* ---- in the parent ---- */

static apr_int64_t wall_clock(void *clock)
{
    (void)clock;
    return apr_time_now();
}

static int complain(server_rec *s, const char *name, const char *why)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, 0, s, "%s: %s", name, why);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* file:PATH keeps parameters, which may hold a password, out of the configuration. */
static const char *read_params(const char *value, apr_pool_t *pool)
{
    char line[PARAMS_FILE_MAX];
    apr_file_t *file;
    apr_status_t status;

    if (strncmp(value, "file:", 5) != 0) {
        return value;
    }
    status = apr_file_open(&file, ap_server_root_relative(pool, value + 5), APR_READ,
                           APR_OS_DEFAULT, pool);
    if (status == APR_SUCCESS) {
        status = apr_file_gets(line, sizeof line, file);
        apr_file_close(file);
    }
    if (status != APR_SUCCESS) {
        return NULL;
    }
    line[strcspn(line, "\r\n")] = '\0';
    return *line ? apr_pstrdup(pool, line) : NULL;
}

static int settle_params(as_host_t *host, apr_pool_t *pool)
{
    const as_server_config_t *config = host->config;
    const as_driver_t *driver = as_driver_find(config->driver);
    const char **params = apr_pcalloc(pool, (config->params->nelts + 1) * sizeof *params);
    apr_finfo_t info;

    for (int i = 0; i < config->params->nelts; i++) {
        params[i] = read_params(APR_ARRAY_IDX(config->params, i, const char *), pool);
        if (!params[i]) {
            return complain(host->server, "AuthSvcDBDParams", "the file it names cannot be read");
        }
        if (driver->file && driver->file(params[i])) {
            params[i] = ap_server_root_relative(pool, params[i]);
        }
    }
    host->fresh = driver->file && driver->file(params[0])
                  && APR_STATUS_IS_ENOENT(apr_stat(&info, params[0], APR_FINFO_TYPE, pool));
    host->store_config = (as_store_config_t){
        .driver = config->driver,
        .params = params,
        .max = (int)config->db_max,
        .timeout = config->db_timeout,
        .lock = &host->write_lock,
        .log = host->service.log,
    };
    return OK;
}

static void settle_policy(as_host_t *host)
{
    const as_server_config_t *config = host->config;

    host->service.policy = (as_policy_t){
        .issuer = config->issuer,
        .audience = config->audience,
        .client_id = config->client_id,
        .access_ttl = config->access_ttl,
        .refresh_ttl = config->refresh_ttl,
        .session_max = config->session_max,
        .refresh_grace = config->refresh_grace,
        .password_min = config->password_min,
        .body_max = config->body_max,
        .disclose = (int)config->disclose,
        .template_dir = config->template_dir,
    };
}

static int settle_delivery(as_host_t *host, apr_pool_t *pool)
{
    static const authsvc_channel_t channels[] = { [AS_CHANNEL_EMAIL] = AUTHSVC_EMAIL,
                                                  [AS_CHANNEL_SMS] = AUTHSVC_SMS };

    host->provider_host = (authsvc_host_t){
        .baton = host, .log = provider_log, .now = provider_now, .mime = provider_mime
    };
    for (int i = 0; i < AS_CHANNELS; i++) {
        const authsvc_delivery_t *provider = host->config->delivery[i];
        const char *wrong;

        if (!provider) {
            continue;
        }
        wrong = provider->check ? provider->check(host->server, channels[i], pool) : NULL;
        if (wrong) {
            return complain(host->server, "AuthSvcDelivery", wrong);
        }
        host->outlets[i] = (as_outlet_t){ .provider = provider, .channel = channels[i],
                                          .host = host };
        host->service.delivery[i] = (as_delivery_t){ .send = send_by_provider,
                                                     .baton = &host->outlets[i] };
    }
    return OK;
}

/* The mutex of the host's database: that of an earlier service on it, or a new one. */
static void find_mutex(as_host_t *host, server_rec *first, apr_pool_t *pconf)
{
    for (server_rec *s = first; s != host->server; s = s->next) {
        as_host_t *other = as_config_server(s)->host;

        if (other && strcmp(other->write_mutex->database, host->store_config.params[0]) == 0) {
            host->write_mutex = other->write_mutex;
        }
    }
    if (!host->write_mutex) {
        host->write_mutex = apr_pcalloc(pconf, sizeof *host->write_mutex);
        host->write_mutex->database = host->store_config.params[0];
    }
    host->write_lock = (as_write_lock_t){ .enter = enter, .leave = leave,
                                          .baton = host->write_mutex };
}

static int make_host(as_host_t **out, server_rec *s, server_rec *first, const char *key,
                     apr_pool_t *pconf)
{
    as_server_config_t *config = as_config_server(s);
    as_host_t *host = apr_pcalloc(pconf, sizeof *host);
    const char *error = NULL;
    apr_status_t status;
    int rc;

    host->server = s;
    host->config = config;
    host->key = key;
    host->service.log = as_log_to(s);
    host->service.now = wall_clock;
    settle_policy(host);
    status = as_secrets_read((as_secrets_t **)&host->service.secrets, config->secret_file, &error,
                             pconf);
    if (status != APR_SUCCESS) {
        return complain(s, "AuthSvcSecretFile", error);
    }
    rc = settle_params(host, pconf);
    if (rc == OK) {
        rc = settle_delivery(host, pconf);
    }
    if (rc == OK) {
        find_mutex(host, first, pconf);
    }
    *out = host;
    return rc;
}

/* The service of a server: one already made with the same settings, or a new one. */
static int find_host(server_rec *s, server_rec *first, apr_pool_t *pconf)
{
    as_server_config_t *config = as_config_server(s);
    const char *missing = as_config_settle(config);
    const char *key;

    if (missing) {
        return config->mounts > 0
                   ? complain(s, missing, "it has to be set where an AuthSvcAPI line is")
                   : OK;
    }
    key = as_config_key(config, pconf);
    for (server_rec *other = first; other != s; other = other->next) {
        as_host_t *host = as_config_server(other)->host;

        if (host && strcmp(host->key, key) == 0) {
            config->host = host;
            return OK;
        }
    }
    return make_host(&config->host, s, first, key, pconf);
}

int as_service_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog;
    (void)ptemp;
    for (server_rec *each = s; each; each = each->next) {
        int rc = find_host(each, s, pconf);

        if (rc != OK) {
            return rc;
        }
    }
    return OK;
}

int as_service_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)plog;
    (void)ptemp;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (server_rec *each = s; each; each = each->next) {
        as_host_t *host = as_config_server(each)->host;
        as_write_mutex_t *write = host ? host->write_mutex : NULL;

        if (write && !write->mutex
            && ap_global_mutex_create(&write->mutex, &write->file, WRITE_MUTEX, NULL, each, pconf,
                                      0) != APR_SUCCESS) {
            return HTTP_INTERNAL_SERVER_ERROR;
        }
    }
    return OK;
}

/* ---- in a child ---- */

void as_host_migrate(as_host_t *host, apr_pool_t *pool)
{
    const as_driver_t *driver = as_driver_find(host->config->driver);
    as_store_config_t config = host->store_config;
    as_store_t *store;
    apr_pool_t *own;
    int from, to;

    if (!driver->file) {
        return; /* a server's schema is an admin's affair: authsvcctl db migrate */
    }
    apr_pool_create(&own, pool);
    config.max = 1;
    config.may_create = host->fresh;
    if (as_store_create(&store, &config, own) == APR_SUCCESS
        && as_store_migrate(store, as_random_id(own), &from, &to, own) == APR_SUCCESS
        && from != to) {
        as_log(&host->service.log, AS_LOG_NOTICE, APR_SUCCESS,
               "the database's schema was brought from version %d to %d", from, to);
    }
    apr_pool_destroy(own);
}

static apr_status_t ready_mutex(as_write_mutex_t *write, apr_pool_t *pchild)
{
    if (write->ready) {
        return APR_SUCCESS;
    }
    write->ready = 1;
    return apr_global_mutex_child_init(&write->mutex, write->file, pchild);
}

static apr_status_t start(as_host_t *host, apr_pool_t *pchild)
{
    as_argon2id_t cost;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    apr_status_t status;

    as_argon2id_parse(&cost, pchild, host->config->password_hash + strlen("argon2id"));
    status = ready_mutex(host->write_mutex, pchild);
    if (status == APR_SUCCESS) {
        status = as_store_create(&host->service.store, &host->store_config, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_hasher_create(&host->service.hasher, &cost, cpus > 0 ? (int)cpus : 1,
                                  HASH_WAITERS, HASH_PATIENCE, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_keys_create(&host->service.keys, pchild);
    }
    for (int i = 0; i < AS_CHANNELS && status == APR_SUCCESS; i++) {
        status = apr_pool_create(&host->outlets[i].pool, pchild);
    }
    return status == APR_SUCCESS ? as_worker_start(host, pchild) : status;
}

void as_service_child_init(apr_pool_t *pchild, server_rec *s)
{
    for (server_rec *each = s; each; each = each->next) {
        as_server_config_t *config = as_config_server(each);
        apr_status_t status;

        if (!config->host || config->host->server != each) {
            continue;
        }
        status = start(config->host, pchild);
        if (status != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, status, each,
                         "the service could not start in this child: it answers 503");
            config->host->service.store = NULL;
        }
    }
}
