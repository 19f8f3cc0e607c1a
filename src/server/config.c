/* SPDX-License-Identifier: Apache-2.0
 * Directives: one row each, read by one setter, one merge and one loop of defaults.
 * Never opens anything: service.c does, once the whole configuration is known.
 * Called by httpd through the module record, and by service.c.
 */
#include "server/server.h"

#include <string.h>

#include <apr_strings.h>
#include <apr_uri.h>

#include "base/text.h"
#include "crypto/argon2id.h"
#include "ops/throttle.h"
#include "server/choices.h"
#include "store/driver.h"

typedef enum { TEXT, PATH, LIST, INTEGER, SIZE, DURATION, SWITCH } kind_t;

/* A setting of as_server_config_t. Numbers are bounded; texts may have a check of their own. */
typedef struct {
    kind_t kind;
    apr_size_t offset;
    const char *fallback; /* as it would be typed; NULL: none */
    apr_int64_t min, max;
    const char *allowed; /* for the error message */
    const char *(*check)(apr_pool_t *pool, const char *value);
} setting_t;

#define SEC APR_INT64_C(1000000)
#define DAY (86400 * SEC)
#define THROTTLE_MAX 100000
#define THROTTLE_PER_SECOND 100

/* What URLs are made of (RFC 3986), and the braces of the token's place. */
#define LINK_OCTETS \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&()*+,;=%{}"

static const char *set(cmd_parms *cmd, void *dir, const char *value);
static const char *set_api(cmd_parms *cmd, void *dir, const char *name, const char *only);
static const char *set_origin(cmd_parms *cmd, void *dir, const char *origin);
static const char *set_remote_user(cmd_parms *cmd, void *dir, const char *name);
static const char *set_switch(cmd_parms *cmd, void *dir, const char *value);
static const char *set_throttle(cmd_parms *cmd, void *dir, const char *name, const char *rate);

static const char *check_driver(apr_pool_t *pool, const char *value)
{
    return as_driver_find(value) ? NULL : apr_pstrcat(pool, "one of ", as_driver_names(pool), NULL);
}

/* A URL of a web server, without a user. */
static int read_url(apr_pool_t *pool, const char *value, apr_uri_t *uri)
{
    return apr_uri_parse(pool, value, uri) == APR_SUCCESS && uri->scheme && uri->hostname
           && *uri->hostname && !uri->user
           && (strcmp(uri->scheme, "https") == 0 || strcmp(uri->scheme, "http") == 0);
}

static const char *check_url(apr_pool_t *pool, const char *value)
{
    apr_uri_t uri;

    if (read_url(pool, value, &uri) && !uri.query && !uri.fragment) {
        return NULL;
    }
    return "an https or http URL without user, query and fragment";
}

/* A link of messages. The place of the token is behind the server's name, wherever a page looks for
 * it; octets that a mail, a quoted attribute or a log would take for something else are not.
 */
static const char *check_link(apr_pool_t *pool, const char *value)
{
    const char *token = strstr(value, AS_TOKEN_PLACE);
    const char *server = strstr(value, "://");
    apr_uri_t uri;

    if (token && server && token > server + 3 + strcspn(server + 3, "/?#")
        && strstr(value, "%{") == token && !strstr(token + 1, "%{")
        && strspn(value, LINK_OCTETS) == strlen(value) && read_url(pool, value, &uri)) {
        return NULL;
    }
    return "an https or http URL without user that has " AS_TOKEN_PLACE " in it once, behind the "
           "server's name";
}

static const char *check_hash(apr_pool_t *pool, const char *value)
{
    as_argon2id_t cost;

    if (strncmp(value, "argon2id", 8) == 0 && (value[8] == ' ' || value[8] == '\0')
        && !as_argon2id_parse(&cost, pool, value + 8)) {
        return NULL;
    }
    return "argon2id [m=KIB] [t=PASSES] [p=LANES] with m of 8*p to 1048576, t of 1 to 64 "
           "and p of 1 to 16";
}

/* Children load the keys about once a minute, and others may keep the published set for five. */
static const char *check_lead(apr_pool_t *pool, const char *value)
{
    apr_int64_t lead;

    (void)pool;
    return as_text_duration(value, &lead) && lead > 0 && lead < 600 * SEC
               ? "0s, or a duration from 10m to 7d"
               : NULL;
}

#define SETTING(...) ((void *)&(const setting_t){ __VA_ARGS__ })
#define TEXTUAL(is, member, ...) \
    SETTING(.kind = is, .offset = offsetof(as_server_config_t, member), __VA_ARGS__)
#define NUMBER(is, member, otherwise, least, most, ...) \
    TEXTUAL(is, member, .fallback = otherwise, .min = least, .max = most, .allowed = __VA_ARGS__)
#define SWITCH_ROW(name, member, help) \
    AP_INIT_TAKE1(name, set_switch, (void *)offsetof(as_dir_config_t, member), \
                  RSRC_CONF | ACCESS_CONF | OR_AUTHCFG, help)
#define ROW(name, setting, help) AP_INIT_TAKE1(name, set, setting, RSRC_CONF, help)

const command_rec as_config_commands[] = {
    ROW("AuthSvcDBDriver",
        TEXTUAL(TEXT, driver, .fallback = "sqlite3", .check = check_driver),
        "Database driver: sqlite3"),
    ROW("AuthSvcDBDParams", TEXTUAL(LIST, params, .fallback = NULL),
        "Database parameters as DBDParams has them, or file:PATH; repeated: tried in turn"),
    ROW("AuthSvcDBDMax",
        NUMBER(INTEGER, db_max, "8", 1, 256,
               "a number of connections from 1 to 256"),
        "Most database connections of a child process"),
    ROW("AuthSvcDBDTimeout",
        NUMBER(DURATION, db_timeout, "5s", SEC / 10, 60 * SEC,
               "a duration from 100ms to 60s"),
        "Longest wait for the database"),
    ROW("AuthSvcSecretFile", TEXTUAL(PATH, secret_file, .fallback = NULL),
        "File of the cluster's secrets, one a line: the first makes, all of them open"),
    ROW("AuthSvcIssuer", TEXTUAL(TEXT, issuer, .check = check_url),
        "URL that names this service in tokens (iss)"),
    ROW("AuthSvcAudience", TEXTUAL(TEXT, audience, .fallback = NULL),
        "Whom access tokens are for (aud); the issuer by default"),
    ROW("AuthSvcClientID", TEXTUAL(TEXT, client_id, .fallback = NULL),
        "client_id of access tokens; the contract's key by default"),
    ROW("AuthSvcAccessTTL",
        NUMBER(DURATION, access_ttl, "15m", SEC, AS_ACCESS_TTL_MAX,
               "a duration from 1s to 1d"),
        "Life of an access token"),
    ROW("AuthSvcRefreshTTL",
        NUMBER(DURATION, refresh_ttl, "30d", SEC, 3650 * DAY,
               "a duration from 1s to 3650d"),
        "Life of a session from its last refresh"),
    ROW("AuthSvcSessionMax",
        NUMBER(DURATION, session_max, "90d", SEC, 3650 * DAY,
               "a duration from 1s to 3650d"),
        "Life of a session in all"),
    ROW("AuthSvcRefreshGrace",
        NUMBER(DURATION, refresh_grace, "30s", 0, 600 * SEC,
               "a duration from 0s to 10m"),
        "How long a refresh token's predecessor gets the same successor again"),
    ROW("AuthSvcKeyLife",
        NUMBER(DURATION, key_life, "30d", 0, 3650 * DAY,
               "a duration from 0s to 3650d"),
        "Age at which the signing key gets a successor; 0s: only authsvcctl key rotate makes one"),
    ROW("AuthSvcKeyLead",
        NUMBER(DURATION, key_lead, "1h", 0, 7 * DAY, "0s, or a duration from 10m to 7d",
               .check = check_lead),
        "How long a new signing key is published before it signs"),
    ROW("AuthSvcRevocationCache",
        NUMBER(INTEGER, revocation_cache, "65536", 16, 100000000,
               "a number of entries from 16 to 100000000"),
        "Revocations kept in shared memory"),
    ROW("AuthSvcRevocationSync",
        NUMBER(DURATION, revocation_sync, "1s", SEC / 20, 60 * SEC, "a duration from 50ms to 60s"),
        "How often the database is asked for revocations of other nodes"),
    ROW("AuthSvcRevocationMaxAge",
        NUMBER(DURATION, revocation_max_age, "5s", SEC / 10, 300 * SEC,
               "a duration from 100ms to 5m"),
        "Without news for this long the database is asked about each token"),
    ROW("AuthSvcVerdictCache",
        NUMBER(INTEGER, verdict_cache, "16384", 0, 16000000,
               "a number of entries from 0 to 16000000"),
        "Tokens that are not verified again; 0: each is, every time"),
    AP_INIT_RAW_ARGS("AuthSvcPasswordHash", set,
        TEXTUAL(TEXT, password_hash, .fallback = "argon2id m=19456 t=2 p=1", .check = check_hash),
        RSRC_CONF, "How new passwords are hashed"),
    ROW("AuthSvcPasswordMinLength",
        NUMBER(INTEGER, password_min, "0", 0, 128,
               "a number of characters from 0 to 128"),
        "Least characters of a new password in every contract; 0: each contract's own"),
    ROW("AuthSvcMaxBody",
        NUMBER(SIZE, body_max, "64K", 1024, 1048576,
               "a size from 1K to 1M"),
        "Most octets of a request's body"),
    ROW("AuthSvcDiscloseAccounts", TEXTUAL(SWITCH, disclose, .fallback = "On"),
        "On or Off: refusals tell that an account exists where a contract says so"),
    ROW("AuthSvcDemoMode", TEXTUAL(SWITCH, demo, .fallback = "Off"),
        "On or Off: this is a demonstration, and contracts refuse what they keep out of one"),
    ROW("AuthSvcTemplateDir", TEXTUAL(PATH, template_dir, .fallback = NULL),
        "Folder of message texts; those that are not there are built in"),
    AP_INIT_TAKE2("AuthSvcDelivery", as_choose_delivery, NULL, RSRC_CONF,
        "email or sms, and the provider that delivers it"),
    AP_INIT_ITERATE("AuthSvcIdentity", as_choose_identity, NULL, RSRC_CONF,
        "Providers that tell whose a vendor's token is, each NAME or NAME:LABEL; off alone: none"),
    AP_INIT_TAKE1("AuthSvcCaptcha", as_choose_captcha, NULL, RSRC_CONF,
        "Provider that tells whether a human answered; off: none"),
    AP_INIT_ITERATE("AuthSvcCaptchaRequire", as_choose_required, NULL, RSRC_CONF,
        "What a captcha has to be solved for: signin, signup, recovery; off alone: nothing"),
    ROW("AuthSvcRestoreURL", TEXTUAL(TEXT, restore_url, .check = check_link),
        "Link of a recovery's message, with %{token}; ISSUER/account/restore?token=… by default"),
    ROW("AuthSvcInvitationURL", TEXTUAL(TEXT, invitation_url, .check = check_link),
        "Link of an invitation, with %{token}; ISSUER/account/invitation?token=… by default"),
    ROW("AuthSvcConfirmURL", TEXTUAL(TEXT, confirm_url, .check = check_link),
        "Link that proves an address, with %{token}; ISSUER/account/confirm?token=… by default"),
    AP_INIT_TAKE12("AuthSvcThrottle", set_throttle, NULL, RSRC_CONF,
        "A bucket (signin, send, twofactor, signup) and N/PERIOD or off; off alone: all of them"),
    AP_INIT_TAKE12("AuthSvcAPI", set_api, NULL, ACCESS_CONF,
        "Contract served by this <Location>, and the one route of it if not all"),
    AP_INIT_ITERATE("AuthSvcAllowOrigin", set_origin, NULL, RSRC_CONF | ACCESS_CONF,
        "Origins whose pages may call the API (CORS)"),
    AP_INIT_TAKE1("AuthSvcRemoteUser", set_remote_user, NULL, RSRC_CONF | ACCESS_CONF | OR_AUTHCFG,
        "What REMOTE_USER is behind a guard: id, email, phone or number"),
    SWITCH_ROW("AuthSvcPassHeaders", pass_headers,
        "On: a backend is told of who was let in by X-Auth-Sub, -Email, -Roles, -Team, -Amr, -Sid"),
    SWITCH_ROW("AuthSvcPassToken", pass_token,
        "On: the Authorization header goes on to a backend"),
    SWITCH_ROW("AuthSvcPreflight", preflight, "On: a CORS preflight passes a guard"),
    { .name = NULL }
};

static int is_setting(const command_rec *command)
{
    return command->func.take1 == set;
}

/* Reads a number of any kind; 1, or 0 if it is none or out of bounds. */
static int read_number(const setting_t *setting, const char *value, apr_int64_t *number)
{
    switch (setting->kind) {
    case INTEGER:
        return as_text_integer(value, number) && *number >= setting->min && *number <= setting->max;
    case SIZE:
        return as_text_size(value, number) && *number >= setting->min && *number <= setting->max;
    case DURATION:
        return as_text_duration(value, number) && *number >= setting->min
               && *number <= setting->max;
    default:
        *number = strcasecmp(value, "on") == 0;
        return *number || strcasecmp(value, "off") == 0;
    }
}

/* RAW_ARGS hands over the line as it stands, quotes and all. */
static const char *unquoted(cmd_parms *cmd, const char *value)
{
    apr_size_t len = strlen(value);

    if (cmd->cmd->args_how == RAW_ARGS && len >= 2 && value[0] == '"' && value[len - 1] == '"') {
        return apr_pstrmemdup(cmd->pool, value + 1, len - 2);
    }
    return value;
}

static const char *set(cmd_parms *cmd, void *dir, const char *raw)
{
    const setting_t *setting = cmd->info;
    char *at = (char *)as_config_server(cmd->server) + setting->offset;
    const char *value = unquoted(cmd, raw), *wrong;
    apr_int64_t number;

    (void)dir;
    if (!*value) {
        return as_config_refuse(cmd, value, setting->allowed ? setting->allowed : "a value");
    }
    if (setting->check && (wrong = setting->check(cmd->pool, value)) != NULL) {
        return as_config_refuse(cmd, value, wrong);
    }
    switch (setting->kind) {
    case TEXT:
        *(const char **)(void *)at = value;
        return NULL;
    case PATH:
        *(const char **)(void *)at = ap_server_root_relative(cmd->pool, value);
        return NULL;
    case LIST: {
        apr_array_header_t **list = (void *)at;

        if (!*list) {
            *list = apr_array_make(cmd->pool, 2, sizeof(const char *));
        }
        APR_ARRAY_PUSH(*list, const char *) = value;
        return NULL;
    }
    default:
        if (!read_number(setting, value, &number)) {
            return as_config_refuse(cmd, value, setting->allowed ? setting->allowed : "On or Off");
        }
        *(apr_int64_t *)(void *)at = number;
        return NULL;
    }
}

/* The path of a mount has to be a plain one: everything below it is taken from other modules. */
static const char *check_location(cmd_parms *cmd)
{
    const ap_directive_t *section = cmd->directive->parent;

    if (!cmd->path || !section || strcasecmp(section->directive, "<Location") != 0
        || section->args[strspn(section->args, " \t")] == '~' || cmd->path[0] != '/'
        || strpbrk(cmd->path, "*?[")) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name,
                           ": it is allowed directly in a <Location> with a plain path only", NULL);
    }
    return NULL;
}

static const char *set_api(cmd_parms *cmd, void *dir, const char *name, const char *only)
{
    as_dir_config_t *config = dir;
    const as_dialect_t *dialect = as_dialect_find(name);
    const char *wrong = check_location(cmd);
    apr_size_t len;

    if (wrong) {
        return wrong;
    }
    if (!dialect) {
        return as_config_refuse(cmd, name, apr_pstrcat(cmd->pool, "one of ",
                                                       as_dialect_names(cmd->pool), NULL));
    }
    len = strlen(cmd->path);
    while (len > 0 && cmd->path[len - 1] == '/') {
        len--;
    }
    config->base = apr_pstrmemdup(cmd->pool, cmd->path, len);
    config->dialect = dialect;
    if (only) {
        const as_route_t *route = dialect->routes;

        config->only = apr_pstrcat(cmd->pool, "/", only + (*only == '/'), NULL);
        while (route->path && strcmp(route->path, config->only) != 0) {
            route++;
        }
        if (!route->path) {
            return as_config_refuse(cmd, only, "a route of that contract");
        }
        /* the location is the route itself: requests come with nothing below the base */
        len = len > strlen(config->only) ? len - strlen(config->only) : 0;
        if (strcmp(config->base + len, config->only) != 0) {
            return apr_psprintf(cmd->pool, "%s: the <Location> of route \"%s\" has to end with %s",
                                cmd->cmd->name, only, config->only);
        }
        config->base = apr_pstrmemdup(cmd->pool, config->base, len);
    }
    as_config_server(cmd->server)->mounts++;
    return NULL;
}

static const char *set_origin(cmd_parms *cmd, void *dir, const char *origin)
{
    as_dir_config_t *config = dir;
    apr_uri_t uri;

    if (apr_uri_parse(cmd->pool, origin, &uri) != APR_SUCCESS || !uri.scheme || !uri.hostname
        || uri.path || uri.query || uri.fragment || uri.user) {
        return as_config_refuse(cmd, origin,
                                "origins as browsers send them: https://app.example.com");
    }
    if (!config->origins) {
        config->origins = apr_array_make(cmd->pool, 2, sizeof(const char *));
    }
    APR_ARRAY_PUSH(config->origins, const char *) = origin;
    return NULL;
}

static const char *set_remote_user(cmd_parms *cmd, void *dir, const char *name)
{
    static const char *const names[] = { "", "id", "email", "phone", "number", NULL };

    for (int i = AS_USER_ID; names[i]; i++) {
        if (strcasecmp(names[i], name) == 0) {
            ((as_dir_config_t *)dir)->remote_user = i;
            return NULL;
        }
    }
    return as_config_refuse(cmd, name, "id, email, phone or number");
}

static const char *set_switch(cmd_parms *cmd, void *dir, const char *value)
{
    as_switch_t *at = (void *)((char *)dir + (apr_size_t)cmd->info);

    if (strcasecmp(value, "on") != 0 && strcasecmp(value, "off") != 0) {
        return as_config_refuse(cmd, value, "On or Off");
    }
    *at = strcasecmp(value, "on") == 0 ? AS_ON : AS_OFF;
    return NULL;
}

/* "10/5m": 1, or 0 if it is no rate or out of bounds. */
static int read_rate(apr_pool_t *pool, const char *value, as_rate_t *rate)
{
    apr_size_t digits = strcspn(value, "/");

    return value[digits] == '/'
           && as_text_integer(apr_pstrmemdup(pool, value, digits), &rate->count)
           && as_text_duration(value + digits + 1, &rate->period)
           && rate->count >= 1 && rate->count <= THROTTLE_MAX && rate->period >= SEC
           && rate->period <= DAY && rate->period / rate->count >= SEC / THROTTLE_PER_SECOND;
}

static const char *set_throttle(cmd_parms *cmd, void *dir, const char *name, const char *value)
{
    as_rate_t *rates = as_config_server(cmd->server)->throttles, rate = { 0, 0 };
    as_bucket_t bucket = as_throttle_find(name);
    int all = !value && strcasecmp(name, "off") == 0;

    (void)dir;
    if (!all && bucket == AS_BUCKETS) {
        return as_config_refuse(cmd, name,
                                apr_pstrcat(cmd->pool, "off, or one of ",
                                            as_throttle_names(cmd->pool), " and its rate", NULL));
    }
    if (!all && (!value || (strcasecmp(value, "off") && !read_rate(cmd->pool, value, &rate)))) {
        return as_config_refuse(cmd, value ? value : name,
                                "off, or N/PERIOD with N from 1 to 100000, PERIOD from 1s to 1d, "
                                "and at most 100 a second, after the bucket's name");
    }
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        if (all || b == bucket) {
            rates[b] = rate;
        }
    }
    return NULL;
}

static int is_number(const setting_t *setting)
{
    return setting->kind >= INTEGER;
}

void *as_config_create_server(apr_pool_t *pool, server_rec *s)
{
    as_server_config_t *config = apr_pcalloc(pool, sizeof *config);

    (void)s;
    for (const command_rec *row = as_config_commands; row->name; row++) {
        const setting_t *setting = row->cmd_data;

        if (is_setting(row) && is_number(setting)) {
            *(apr_int64_t *)(void *)((char *)config + setting->offset) = AS_UNSET;
        }
    }
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        config->throttles[b].count = AS_UNSET;
    }
    config->captcha_required = AS_UNSET;
    return config;
}

void *as_config_merge_server(apr_pool_t *pool, void *base, void *over)
{
    as_server_config_t *merged = apr_pmemdup(pool, base, sizeof *merged);
    const as_server_config_t *own = over;

    for (const command_rec *row = as_config_commands; row->name; row++) {
        const setting_t *setting = row->cmd_data;
        const char *from = (const char *)over;

        if (!is_setting(row)) {
            continue;
        }
        from += setting->offset;
        if (is_number(setting) ? *(const apr_int64_t *)(const void *)from != AS_UNSET
                               : *(const void *const *)(const void *)from != NULL) {
            memcpy((char *)merged + setting->offset, from,
                   is_number(setting) ? sizeof(apr_int64_t) : sizeof(void *));
        }
    }
    as_choices_merge(merged, own);
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        if (own->throttles[b].count != AS_UNSET) {
            merged->throttles[b] = own->throttles[b];
        }
    }
    merged->mounts = own->mounts;
    return merged;
}

void *as_config_create_dir(apr_pool_t *pool, char *path)
{
    (void)path;
    return apr_pcalloc(pool, sizeof(as_dir_config_t));
}

void *as_config_merge_dir(apr_pool_t *pool, void *base_config, void *over_config)
{
    const as_dir_config_t *base = base_config, *over = over_config;
    as_dir_config_t *merged = apr_pmemdup(pool, over->dialect ? over : base, sizeof *merged);

    merged->origins = over->origins ? over->origins : base->origins;
    merged->remote_user = over->remote_user ? over->remote_user : base->remote_user;
    merged->pass_headers = over->pass_headers ? over->pass_headers : base->pass_headers;
    merged->pass_token = over->pass_token ? over->pass_token : base->pass_token;
    merged->preflight = over->preflight ? over->preflight : base->preflight;
    return merged;
}

const char *as_config_key(const as_server_config_t *config, apr_pool_t *pool)
{
    const char *key = "";

    for (const command_rec *row = as_config_commands; row->name; row++) {
        const setting_t *setting = row->cmd_data;
        const char *at = (const char *)config;
        const char *value = NULL;

        if (!is_setting(row)) {
            continue;
        }
        at += setting->offset;
        if (is_number(setting)) {
            value = apr_psprintf(pool, "%" APR_INT64_T_FMT, *(const apr_int64_t *)(const void *)at);
        } else if (setting->kind == LIST) {
            const apr_array_header_t *list = *(const apr_array_header_t *const *)(const void *)at;

            value = list ? apr_array_pstrcat(pool, list, '\n') : "";
        } else {
            value = *(const char *const *)(const void *)at;
        }
        key = apr_pstrcat(pool, key, row->name, "=", value ? value : "", "\n", NULL);
    }
    key = apr_pstrcat(pool, key, as_choices_key(config, pool), NULL);
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        key = apr_psprintf(pool, "%s%" APR_INT64_T_FMT "/%" APR_INT64_T_FMT "\n", key,
                           config->throttles[b].count, config->throttles[b].period);
    }
    return key;
}

const char *as_config_identity(const as_server_config_t *config, apr_pool_t *pool)
{
    return apr_pstrcat(pool, config->driver, "\n",
                       apr_array_pstrcat(pool, config->params, '\n'), "\n",
                       config->secret_file, "\n", config->issuer, "\n", config->audience, NULL);
}

const char *as_config_settle(as_server_config_t *config)
{
    for (const command_rec *row = as_config_commands; row->name; row++) {
        const setting_t *setting = row->cmd_data;
        char *at = (char *)config;

        if (!is_setting(row) || !setting->fallback) {
            continue;
        }
        at += setting->offset;
        if (!is_number(setting)) {
            const char **text = (void *)at;

            *text = *text ? *text : setting->fallback;
        } else if (*(apr_int64_t *)(void *)at == AS_UNSET) {
            read_number(setting, setting->fallback, (apr_int64_t *)(void *)at);
        }
    }
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        if (config->throttles[b].count == AS_UNSET) {
            config->throttles[b] = as_throttle_default(b);
        }
    }
    if (!config->audience) {
        config->audience = config->issuer;
    }
    if (config->revocation_max_age <= config->revocation_sync) {
        return "AuthSvcRevocationMaxAge above AuthSvcRevocationSync";
    }
    return !config->params ? "AuthSvcDBDParams"
           : !config->secret_file ? "AuthSvcSecretFile"
           : !config->issuer ? "AuthSvcIssuer"
                             : NULL;
}
