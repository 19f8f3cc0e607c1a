/* SPDX-License-Identifier: Apache-2.0
 * AuthSvcDelivery, -Identity, -Captcha and -CaptchaRequire: names become providers. See choices.h.
 */
#include "server/choices.h"

#include <string.h>

#include <apr_strings.h>

#include "server/providers.h"

#define LABEL_MAX 32
#define LABEL_OCTETS "abcdefghijklmnopqrstuvwxyz0123456789-_"

/* What is in force where captchas were switched off: ask is NULL. */
static const authsvc_captcha_t no_captcha = { .name = "off" };

static const char *const actions[] = {
    [AS_CAPTCHA_SIGNIN] = "signin",
    [AS_CAPTCHA_SIGNUP] = "signup",
    [AS_CAPTCHA_RECOVERY] = "recovery",
};
#define ACTIONS (sizeof actions / sizeof *actions)

static int is_off(const char *word)
{
    return strcasecmp(word, "off") == 0;
}

/* What may stand where a provider's name was not found. */
static const char *loaded(cmd_parms *cmd, const char *group, const char *what)
{
    return apr_psprintf(cmd->pool,
                        "%s (loaded are: %s; its LoadModule line comes before this one)", what,
                        as_provider_names(group, cmd->pool));
}

const char *as_choose_delivery(cmd_parms *cmd, void *dir, const char *channel, const char *name)
{
    as_server_config_t *config = as_config_server(cmd->server);
    int sms = strcasecmp(channel, "sms") == 0;
    unsigned bit = sms ? AUTHSVC_SMS : AUTHSVC_EMAIL;
    const authsvc_delivery_t *provider;

    (void)dir;
    if (!sms && strcasecmp(channel, "email") != 0) {
        return as_config_refuse(cmd, channel, "email or sms, and a provider");
    }
    provider = as_provider_find(AUTHSVC_DELIVERY_GROUP, name);
    if (!provider || !(provider->channels & bit)) {
        return as_config_refuse(cmd, name,
                                loaded(cmd, AUTHSVC_DELIVERY_GROUP,
                                       apr_pstrcat(cmd->pool, "a loaded provider for ", channel,
                                                   NULL)));
    }
    config->delivery[sms ? AS_CHANNEL_SMS : AS_CHANNEL_EMAIL] = provider;
    return NULL;
}

static int is_label(const char *label)
{
    apr_size_t len = strlen(label);

    return len >= 1 && len <= LABEL_MAX && strspn(label, LABEL_OCTETS) == len;
}

static const as_identity_choice_t *find_identity(const apr_array_header_t *identities,
                                                 const char *name)
{
    for (int i = 0; i < identities->nelts; i++) {
        const as_identity_choice_t *choice = &APR_ARRAY_IDX(identities, i, as_identity_choice_t);

        if (strcmp(choice->name, name) == 0) {
            return choice;
        }
    }
    return NULL;
}

/* "google" or "oidc:corp"; NULL, or why not. */
static const char *read_identity(cmd_parms *cmd, const char *word, as_identity_choice_t *choice)
{
    const char *colon = strchr(word, ':');
    const char *name = colon ? apr_pstrmemdup(cmd->pool, word, colon - word) : word;

    *choice = (as_identity_choice_t){
        .provider = as_provider_find(AUTHSVC_IDENTITY_GROUP, name),
        .label = colon ? colon + 1 : NULL,
        .name = colon ? colon + 1 : name,
    };
    if (!choice->provider) {
        return as_config_refuse(cmd, word,
                                loaded(cmd, AUTHSVC_IDENTITY_GROUP,
                                       "off alone, or loaded providers, each with a label after "
                                       "a colon if it wants one"));
    }
    if (colon && !is_label(choice->label)) {
        return as_config_refuse(cmd, word, "labels of 1 to 32 lower-case letters, digits, "
                                           "hyphens and underscores after a colon");
    }
    return NULL;
}

/* An empty list is off; NULL is nothing said. */
const char *as_choose_identity(cmd_parms *cmd, void *dir, const char *word)
{
    as_server_config_t *config = as_config_server(cmd->server);
    apr_array_header_t *identities = config->identities;
    as_identity_choice_t choice;
    const char *wrong;

    (void)dir;
    if (identities && (is_off(word) || identities->nelts == 0)) {
        return as_config_refuse(cmd, word, "off alone, or providers, in all lines of a server");
    }
    if (!identities) {
        identities = apr_array_make(cmd->pool, 2, sizeof choice);
    }
    if (!is_off(word)) {
        wrong = read_identity(cmd, word, &choice);
        if (wrong) {
            return wrong;
        }
        if (find_identity(identities, choice.name)) {
            return as_config_refuse(cmd, word,
                                    apr_psprintf(cmd->pool, "each name once, and there is a "
                                                 "\"%s\" already", choice.name));
        }
        APR_ARRAY_PUSH(identities, as_identity_choice_t) = choice;
    }
    config->identities = identities;
    return NULL;
}

const char *as_choose_captcha(cmd_parms *cmd, void *dir, const char *name)
{
    const authsvc_captcha_t *provider = is_off(name) ? &no_captcha
                                                     : as_provider_find(AUTHSVC_CAPTCHA_GROUP,
                                                                        name);

    (void)dir;
    if (!provider) {
        return as_config_refuse(cmd, name,
                                loaded(cmd, AUTHSVC_CAPTCHA_GROUP, "off, or a loaded provider"));
    }
    as_config_server(cmd->server)->captcha = provider;
    return NULL;
}

const char *as_choose_required(cmd_parms *cmd, void *dir, const char *action)
{
    apr_int64_t *bits = &as_config_server(cmd->server)->captcha_required;
    apr_size_t i = 0;

    (void)dir;
    while (i < ACTIONS && strcasecmp(action, actions[i]) != 0) {
        i++;
    }
    if (i == ACTIONS && !is_off(action)) {
        return as_config_refuse(cmd, action, "off alone, or any of signin, signup and recovery");
    }
    if (*bits != AS_UNSET && (is_off(action) || *bits == 0)) {
        return as_config_refuse(cmd, action, "off alone, or actions, in all lines of a server");
    }
    *bits = (*bits == AS_UNSET ? 0 : *bits) | (i < ACTIONS ? 1 << i : 0);
    return NULL;
}

void as_choices_merge(as_server_config_t *merged, const as_server_config_t *own)
{
    for (int i = 0; i < AS_CHANNELS; i++) {
        if (own->delivery[i]) {
            merged->delivery[i] = own->delivery[i];
        }
    }
    if (own->identities) {
        merged->identities = own->identities;
    }
    if (own->captcha) {
        merged->captcha = own->captcha;
    }
    if (own->captcha_required != AS_UNSET) {
        merged->captcha_required = own->captcha_required;
    }
}

const char *as_choices_key(const as_server_config_t *config, apr_pool_t *pool)
{
    const apr_array_header_t *identities = config->identities;
    const char *key = "";

    for (int i = 0; i < AS_CHANNELS; i++) {
        key = apr_pstrcat(pool, key, config->delivery[i] ? config->delivery[i]->name : "", "\n",
                          NULL);
    }
    for (int i = 0; identities && i < identities->nelts; i++) {
        const as_identity_choice_t *choice = &APR_ARRAY_IDX(identities, i, as_identity_choice_t);

        key = apr_pstrcat(pool, key, choice->provider->name, ":",
                          choice->label ? choice->label : "", " ", NULL);
    }
    return apr_psprintf(pool, "%s\n%s\n%" APR_INT64_T_FMT "\n", key,
                        config->captcha && config->captcha->ask ? config->captcha->name : "",
                        config->captcha_required == AS_UNSET ? 0 : config->captcha_required);
}

const char *as_choices_clash(const as_server_config_t *config, apr_pool_t *pool)
{
    const char *words = "";

    if (config->captcha_required == AS_UNSET || config->captcha_required == 0
        || (config->captcha && config->captcha->ask)) {
        return NULL;
    }
    for (apr_size_t i = 0; i < ACTIONS; i++) {
        if (config->captcha_required & (1 << i)) {
            words = apr_pstrcat(pool, words, *words ? " " : "", actions[i], NULL);
        }
    }
    return apr_psprintf(pool, "\"%s\" is not allowed: it takes off alone where no AuthSvcCaptcha "
                        "is in force", words);
}
