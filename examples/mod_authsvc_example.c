/* SPDX-License-Identifier: Apache-2.0
 * A delivery provider of one's own, to start from: each message is posted as JSON to a URL.
 * Never sees more of mod_authsvc than authsvc.h. Built and installed by
 *
 *     apxs -c -i mod_authsvc_example.c
 *
 * and used by
 *
 *     LoadModule authsvc_example_module modules/mod_authsvc_example.so
 *     AuthSvcExampleURL https://messages.example.com/send
 *     AuthSvcDelivery   email example
 *
 * The URL gets {"id": …, "channel": "email" or "sms", "to": …, "subject": … or null, "text": …} and
 * answers 2xx if it took the message over. The same id comes again after a crash, and in the header
 * Idempotency-Key.
 */
#include "authsvc.h"

#include <apr_strings.h>
#include <ap_provider.h>
#include <httpd.h>
#include <http_config.h>

#define REPLY_MAX 4096

module AP_MODULE_DECLARE_DATA authsvc_example_module;

/* Of one server; NULL where nothing was said. */
typedef struct {
    const char *url;
} config_t;

typedef struct {
    const authsvc_host_t *host;
    const char *url;
} instance_t;

static const config_t *config_of(server_rec *s)
{
    return ap_get_module_config(s->module_config, &authsvc_example_module);
}

static const char *check(server_rec *s, authsvc_channel_t channel, apr_pool_t *pool)
{
    (void)channel;
    (void)pool;
    return config_of(s)->url ? NULL : "AuthSvcExampleURL is missing: messages are posted to it";
}

static apr_status_t create(void **instance, const authsvc_host_t *host, server_rec *s,
                           authsvc_channel_t channel, apr_pool_t *pool)
{
    instance_t *made = apr_palloc(pool, sizeof(*made));

    (void)channel;
    *made = (instance_t){ .host = host, .url = config_of(s)->url };
    *instance = made;
    return APR_SUCCESS;
}

static const char *body_of(const authsvc_host_t *host, const authsvc_message_t *message,
                           apr_pool_t *pool)
{
    return apr_pstrcat(pool, "{\"id\":", host->json_quote(message->id, pool),
                       ",\"channel\":", message->channel == AUTHSVC_EMAIL ? "\"email\"" : "\"sms\"",
                       ",\"to\":", host->json_quote(message->to, pool),
                       ",\"subject\":", host->json_quote(message->subject, pool),
                       ",\"text\":", host->json_quote(message->text, pool), "}", NULL);
}

/* What a status means for the message: asked for later (408, 429), refused for good, or away. */
static authsvc_outcome_t outcome_of(int status)
{
    if (status >= 200 && status < 300) {
        return AUTHSVC_SENT;
    }
    return status >= 400 && status < 500 && status != 408 && status != 429 ? AUTHSVC_REFUSED
                                                                           : AUTHSVC_TRY_AGAIN;
}

static authsvc_outcome_t send_message(void *baton, const authsvc_message_t *message,
                                      apr_time_t deadline, const char **reason, apr_pool_t *pool)
{
    const instance_t *instance = baton;
    const char *const headers[] = {
        "Content-Type: application/json",
        apr_pstrcat(pool, "Idempotency-Key: ", message->id, NULL),
        NULL,
    };
    const char *body = body_of(instance->host, message, pool);
    const authsvc_request_t request = {
        .method = "POST",
        .url = instance->url,
        .headers = headers,
        .body = body,
        .body_len = strlen(body),
        .deadline = deadline,
        .max = REPLY_MAX,
    };
    authsvc_response_t response;

    if (instance->host->fetch(instance->host, &request, &response, reason, pool) != APR_SUCCESS) {
        return AUTHSVC_TRY_AGAIN;
    }
    if (outcome_of(response.status) != AUTHSVC_SENT) {
        *reason = apr_psprintf(pool, "the receiver answered %d", response.status);
    }
    return outcome_of(response.status);
}

static const authsvc_delivery_t delivery = {
    .name = "example",
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
    const config_t *above = base, *own = add;
    config_t *merged = apr_palloc(pool, sizeof(*merged));

    *merged = (config_t){ .url = own->url ? own->url : above->url };
    return merged;
}

static const char *set_url(cmd_parms *cmd, void *unused, const char *value)
{
    config_t *config = ap_get_module_config(cmd->server->module_config, &authsvc_example_module);

    (void)unused;
    config->url = value;
    return NULL;
}

static const command_rec directives[] = {
    AP_INIT_TAKE1("AuthSvcExampleURL", set_url, NULL, RSRC_CONF,
                  "URL the provider \"example\" posts messages to: https, or http to the loopback"),
    { NULL, { NULL }, NULL, 0, RAW_ARGS, NULL }
};

static void register_hooks(apr_pool_t *pool)
{
    ap_register_provider(pool, AUTHSVC_DELIVERY_GROUP, delivery.name, AUTHSVC_PROVIDER_VERSION,
                         &delivery);
}

AP_DECLARE_MODULE(authsvc_example) = {
    STANDARD20_MODULE_STUFF,
    NULL, /* nothing per directory */
    NULL,
    create_config,
    merge_config,
    directives,
    register_hooks,
    AP_MODULE_FLAG_NONE,
};
