/* SPDX-License-Identifier: Apache-2.0
 * Providers for the test suite: the vendors google, facebook and fake, and the captcha recaptcha.
 * They believe whatever they are told, so this is never installed. Called by mod_authsvc's services
 * in the server tests.
 *
 *     AuthSvcIdentity google facebook fake:corp
 *     AuthSvcCaptcha  recaptcha
 *
 * A token of a vendor is the person as JSON, {"sub":"123","email":"a@b.com","verified":true}, with
 * given_name, family_name, name and photo if wanted; verified is true, false or null. "away" and
 * "slow:MILLISECONDS" could not tell, all else is a no. A captcha's response is "human", or
 * "human-signin" and the like for one action; "away" and "slow:…" as above, all else is a no.
 */
#include "authsvc.h"

#include <string.h>

#include <apr_strings.h>
#include <ap_provider.h>
#include <httpd.h>
#include <http_config.h>

#define MSEC 1000
#define ANY_HUMAN "human"

typedef struct {
    const authsvc_host_t *host;
    const char *issuer; /* NULL of a captcha */
} instance_t;

static apr_status_t create(void **instance, const authsvc_host_t *host, const char *name,
                           apr_pool_t *pool)
{
    instance_t *made = apr_palloc(pool, sizeof(*made));

    *made = (instance_t){ .host = host };
    if (name) {
        made->issuer = apr_pstrcat(pool, "https://", name, ".fake.test", NULL);
    }
    *instance = made;
    return APR_SUCCESS;
}

/* 1 if what was sent asks for a vendor that does not answer: now, or after a while. */
static int is_away(const authsvc_host_t *host, const char *sent, apr_time_t deadline)
{
    apr_interval_time_t nap;

    if (strncmp(sent, "slow:", 5) == 0) {
        nap = apr_strtoi64(sent + 5, NULL, 10) * MSEC;
        if (nap > deadline - host->now(host)) {
            nap = deadline - host->now(host);
        }
        if (nap > 0) {
            apr_sleep(nap);
        }
        return 1;
    }
    return strcmp(sent, "away") == 0;
}

/* ---- identities ---- */

static const char *text_of(const authsvc_host_t *host, const authsvc_json_t *said, const char *name)
{
    return host->json_string(host->json_get(said, name));
}

static authsvc_answer_t verified(const authsvc_host_t *host, const authsvc_json_t *said)
{
    int truth;

    if (!host->json_boolean(host->json_get(said, "verified"), &truth)) {
        return AUTHSVC_UNKNOWN;
    }
    return truth ? AUTHSVC_YES : AUTHSVC_NO;
}

static authsvc_answer_t identify(void *baton, const char *token, apr_time_t deadline,
                                 authsvc_person_t *person, const char **reason, apr_pool_t *pool)
{
    const instance_t *instance = baton;
    const authsvc_host_t *host = instance->host;
    const authsvc_json_t *said;

    if (is_away(host, token, deadline)) {
        *reason = "the vendor is away";
        return AUTHSVC_UNKNOWN;
    }
    said = host->json_read(token, strlen(token), pool);
    if (!text_of(host, said, "sub")) {
        *reason = "the vendor does not know the token";
        return AUTHSVC_NO;
    }
    *person = (authsvc_person_t){
        .issuer = instance->issuer,
        .subject = text_of(host, said, "sub"),
        .email = text_of(host, said, "email"),
        .email_verified = verified(host, said),
        .name = text_of(host, said, "name"),
        .given_name = text_of(host, said, "given_name"),
        .family_name = text_of(host, said, "family_name"),
        .photo = text_of(host, said, "photo"),
    };
    return AUTHSVC_YES;
}

static apr_status_t create_google(void **instance, const authsvc_host_t *host, server_rec *s,
                                  const char *label, apr_pool_t *pool)
{
    (void)s, (void)label;
    return create(instance, host, "google", pool);
}

static apr_status_t create_facebook(void **instance, const authsvc_host_t *host, server_rec *s,
                                    const char *label, apr_pool_t *pool)
{
    (void)s, (void)label;
    return create(instance, host, "facebook", pool);
}

static const char *check_label(server_rec *s, const char *label, apr_pool_t *pool)
{
    (void)s, (void)pool;
    return label ? NULL : "it takes a label, as in fake:corp";
}

static apr_status_t create_labelled(void **instance, const authsvc_host_t *host, server_rec *s,
                                    const char *label, apr_pool_t *pool)
{
    (void)s;
    return create(instance, host, label, pool);
}

static const authsvc_identity_t identities[] = {
    { .name = "google", .create = create_google, .identify = identify },
    { .name = "facebook", .create = create_facebook, .identify = identify },
    { .name = "fake", .check = check_label, .create = create_labelled, .identify = identify },
};

/* ---- captcha ---- */

static apr_status_t create_captcha(void **instance, const authsvc_host_t *host, server_rec *s,
                                   apr_pool_t *pool)
{
    (void)s;
    return create(instance, host, NULL, pool);
}

static authsvc_answer_t ask(void *baton, const authsvc_trial_t *trial, apr_time_t deadline,
                            const char **reason, apr_pool_t *pool)
{
    const instance_t *instance = baton;
    const char *human = apr_pstrcat(pool, ANY_HUMAN "-", trial->action, NULL);

    if (is_away(instance->host, trial->response, deadline)) {
        *reason = "the vendor is away";
        return AUTHSVC_UNKNOWN;
    }
    if (strcmp(trial->response, ANY_HUMAN) == 0
        || strncmp(trial->response, human, strlen(human)) == 0) {
        return AUTHSVC_YES;
    }
    *reason = "no human answered";
    return AUTHSVC_NO;
}

static const authsvc_captcha_t captcha = { .name = "recaptcha", .create = create_captcha,
                                           .ask = ask };

static void register_hooks(apr_pool_t *pool)
{
    for (apr_size_t i = 0; i < sizeof(identities) / sizeof(*identities); i++) {
        ap_register_provider(pool, AUTHSVC_IDENTITY_GROUP, identities[i].name,
                             AUTHSVC_PROVIDER_VERSION, &identities[i]);
    }
    ap_register_provider(pool, AUTHSVC_CAPTCHA_GROUP, captcha.name, AUTHSVC_PROVIDER_VERSION,
                         &captcha);
}

AP_DECLARE_MODULE(authsvc_fake) = {
    STANDARD20_MODULE_STUFF,
    NULL, /* nothing per directory */
    NULL,
    NULL, /* nor per server */
    NULL,
    NULL,
    register_hooks,
    AP_MODULE_FLAG_NONE,
};
