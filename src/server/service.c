/* SPDX-License-Identifier: Apache-2.0
 * Making services of the configuration: checked in the parent, brought to life in each child.
 * Opens no database in the parent: it runs as root, and handles do not survive a fork.
 * Called through hooks.
 */
#include "server/service.h"

#include <http_core.h>
#include <http_log.h>

#include <apr_strings.h>
#include <unistd.h>

#include "crypto/random.h"
#include "ops/keys.h"
#include "server/choices.h"
#include "server/log.h"
#include "server/segments.h"
#include "server/vendors.h"
#include "server/worker.h"
#include "store/driver.h"

APLOG_USE_MODULE(authsvc);

#define HASH_WAITERS 64
#define HASH_PATIENCE (5 * APR_USEC_PER_SEC)
#define PARAMS_FILE_MAX 4096
#define LIMITS 131072 /* who may owe something to a throttle bucket at once: 1 MiB */
#define ASKERS_PER_CONNECTION 8 /* who else is unsure hears 503 at once */

static int complain(server_rec *s, const char *name, const char *why)
{
    ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_STARTUP, 0, s, "%s: %s", name, why);
    return HTTP_INTERNAL_SERVER_ERROR;
}

/* ---- the write lock: of all services, children and generations on one database ---- */

static apr_status_t enter(void *baton, apr_time_t deadline)
{
    return as_shm_lock_enter_until(baton, deadline) < 0 ? AS_EBUSY : APR_SUCCESS;
}

static void leave(void *baton)
{
    as_shm_lock_leave(baton);
}

static int find_write_lock(as_host_t *host, apr_pool_t *ptemp)
{
    const char *name = apr_pstrcat(ptemp, "write lock\n", host->store_config.params[0], NULL);
    int fresh;
    as_shm_lock_t *lock = as_segment_get(host->server, name, sizeof *lock, &fresh);

    if (!lock || (fresh && !as_shm_lock_init(lock))) {
        return complain(host->server, "AuthSvcDBDParams", "no lock in shared memory");
    }
    host->write_lock = (as_write_lock_t){ .enter = enter, .leave = leave, .baton = lock };
    return OK;
}

/* ---- sending ---- */

static authsvc_outcome_t send_by_provider(void *baton, const authsvc_message_t *message,
                                          apr_time_t deadline, const char **reason,
                                          apr_pool_t *pool)
{
    as_outlet_t *outlet = baton;
    apr_status_t status = APR_SUCCESS;

    if (!outlet->instance) {
        status = outlet->provider->create(&outlet->instance, &outlet->lent.host,
                                          outlet->host->server, outlet->channel, outlet->pool);
    }
    if (status != APR_SUCCESS) {
        outlet->instance = NULL;
        *reason = "the provider could not start";
        as_log(&outlet->host->service.log, AS_LOG_ERROR, status, "provider %s could not start",
               outlet->provider->name);
        return AUTHSVC_TRY_AGAIN;
    }
    return outlet->provider->send(outlet->instance, message, deadline, reason, pool);
}

/* ---- in the parent ---- */

static apr_int64_t wall_clock(void *clock)
{
    (void)clock;
    return apr_time_now();
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

/* What was typed, or the page of that name at the issuer. */
static const char *link_of(const char *typed, const char *issuer, const char *page,
                           apr_pool_t *pool)
{
    apr_size_t len = strlen(issuer);

    while (len > 0 && issuer[len - 1] == '/') {
        len--;
    }
    return typed ? typed
                 : apr_pstrcat(pool, apr_pstrmemdup(pool, issuer, len), "/account/", page,
                               "?token=" AS_TOKEN_PLACE, NULL);
}

static void settle_policy(as_host_t *host, apr_pool_t *pool)
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
        .key_life = config->key_life,
        .key_lead = config->key_lead,
        .revocation_sync = config->revocation_sync,
        .revocation_max_age = config->revocation_max_age,
        .password_min = config->password_min,
        .body_max = config->body_max,
        .disclose = (int)config->disclose,
        .template_dir = config->template_dir,
        .demo = (int)config->demo,
        .captcha_required = config->captcha_required == AS_UNSET
                                ? 0
                                : (unsigned)config->captcha_required,
        .restore_url = link_of(config->restore_url, config->issuer, "restore", pool),
        .invitation_url = link_of(config->invitation_url, config->issuer, "invitation", pool),
        .confirm_url = link_of(config->confirm_url, config->issuer, "confirm", pool),
    };
    memcpy(host->service.policy.throttles, config->throttles, sizeof config->throttles);
}

static int settle_delivery(as_host_t *host, apr_pool_t *pool)
{
    static const authsvc_channel_t channels[] = { [AS_CHANNEL_EMAIL] = AUTHSVC_EMAIL,
                                                  [AS_CHANNEL_SMS] = AUTHSVC_SMS };

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
        as_lent_settle(&host->outlets[i].lent, &host->service);
        host->service.delivery[i] = (as_delivery_t){ .send = send_by_provider,
                                                     .baton = &host->outlets[i] };
    }
    return OK;
}

static int settle_vendors(as_host_t *host, apr_pool_t *pool)
{
    const char *directive = "AuthSvcCaptchaRequire";
    const char *wrong = as_choices_clash(host->config, pool);

    if (!wrong) {
        wrong = as_vendors_settle(host, &directive, pool);
    }
    return wrong ? complain(host->server, directive, wrong) : OK;
}

static int make_host(as_host_t **out, server_rec *s, const char *key, apr_pool_t *pconf)
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
    settle_policy(host, pconf);
    if (config->key_lead == 0 && config->key_life > 0) {
        ap_log_error(APLOG_MARK, APLOG_WARNING | APLOG_STARTUP, 0, s,
                     "AuthSvcKeyLead 0s: a new key signs before others can know it");
    }
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
        rc = settle_vendors(host, pconf);
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
    return make_host(&config->host, s, key, pconf);
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

/* What the generation before left: checked once a restart, since nobody waits for it then. */
static void check_revocations(as_host_t *host)
{
    as_revocations_t *revocations = host->service.revocations;
    as_revocations_state_t state;

    as_revocations_state(revocations, apr_time_now(), &state);
    if (as_revocations_check(revocations)) {
        as_log(&host->service.log, AS_LOG_NOTICE, APR_SUCCESS,
               "revocation cache: %" APR_INT64_T_FMT " of %" APR_INT64_T_FMT " slots live, "
               "%" APR_INT64_T_FMT " repairs, self-check clean",
               state.live, state.slots, state.repairs);
    } else {
        as_log(&host->service.log, AS_LOG_ERROR, APR_SUCCESS,
               "revocation cache: self-check failed: all is loaded again");
        as_revocations_restart(revocations);
    }
}

/* The caches of a host: shared with other services on the same accounts, and with the generation
 * before.
 */
static int find_caches(as_host_t *host, apr_pool_t *ptemp)
{
    const as_server_config_t *config = host->config;
    const char *identity = as_config_identity(config, ptemp);
    apr_size_t size = as_revocations_size(config->revocation_cache);
    unsigned char key[16];
    int fresh, turns_fresh;
    void *memory = as_segment_get(host->server, apr_pstrcat(ptemp, "revocations\n", identity, NULL),
                                  size, &fresh);

    if (!memory) {
        return complain(host->server, "AuthSvcRevocationCache", "no shared memory of that size");
    }
    host->turns = as_segment_get(host->server, apr_pstrcat(ptemp, "turns\n", identity, NULL),
                                 sizeof *host->turns, &turns_fresh);
    if (!host->turns) {
        return complain(host->server, "AuthSvcDBDParams", "no shared memory");
    }
    host->service.revocations = fresh ? as_revocations_format(memory, config->revocation_cache)
                                      : as_revocations_attach(memory, config->revocation_cache);
    if (!fresh) {
        check_revocations(host);
    }
    if (config->verdict_cache == 0) {
        return OK;
    }
    size = as_verdicts_size(config->verdict_cache);
    memory = as_segment_get(host->server, apr_pstrcat(ptemp, "verdicts\n", identity, NULL), size,
                            &fresh);
    if (!memory) {
        return complain(host->server, "AuthSvcVerdictCache", "no shared memory of that size");
    }
    as_random_bytes(key, sizeof key);
    host->service.verdicts = fresh ? as_verdicts_format(memory, config->verdict_cache, key)
                                   : as_verdicts_attach(memory, config->verdict_cache);
    return OK;
}

/* The limits of a host: shared by all services on the same database, so that nobody gets more tries
 * by going through each of them.
 */
static int find_limits(as_host_t *host, apr_pool_t *ptemp)
{
    const char *name = apr_pstrcat(ptemp, "limits\n", host->store_config.driver, "\n",
                                   host->store_config.params[0], NULL);
    unsigned char key[16];
    int fresh;
    void *memory = as_segment_get(host->server, name, as_limits_size(LIMITS), &fresh);

    if (!memory) {
        return complain(host->server, "AuthSvcThrottle", "no shared memory for the limits");
    }
    as_random_bytes(key, sizeof key);
    host->service.limits = fresh ? as_limits_format(memory, LIMITS, key)
                                 : as_limits_attach(memory, LIMITS);
    return OK;
}

int as_service_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    (void)pconf;
    (void)plog;
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    for (server_rec *each = s; each; each = each->next) {
        as_host_t *host = as_config_server(each)->host;

        if (host && host->server == each) {
            int rc = find_write_lock(host, ptemp);

            if (rc == OK) {
                rc = find_caches(host, ptemp);
            }

            if (rc == OK) {
                rc = find_limits(host, ptemp);
            }
            if (rc != OK) {
                return rc;
            }
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

static apr_status_t start(as_host_t *host, apr_pool_t *pchild)
{
    int askers = host->store_config.max * ASKERS_PER_CONNECTION;
    as_argon2id_t cost;
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    apr_status_t status;

    as_argon2id_parse(&cost, pchild, host->config->password_hash + strlen("argon2id"));
    status = as_store_create(&host->service.store, &host->store_config, pchild);
    if (status == APR_SUCCESS) {
        status = as_hasher_create(&host->service.hasher, &cost, cpus > 0 ? (int)cpus : 1,
                                  HASH_WAITERS, HASH_PATIENCE, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_keys_create(&host->service.keys, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_gate_create(&host->service.askers, askers, 0, 0, pchild);
    }
    for (int i = 0; i < AS_CHANNELS && status == APR_SUCCESS; i++) {
        status = apr_pool_create(&host->outlets[i].pool, pchild);
        if (status == APR_SUCCESS) {
            status = as_lent_start(&host->outlets[i].lent, pchild);
        }
    }
    if (status == APR_SUCCESS) {
        status = as_vendors_start(host, pchild);
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
