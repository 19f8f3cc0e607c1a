/* SPDX-License-Identifier: Apache-2.0
 * Asking vendors whose a token is, or whether a human answered. See vendors.h.
 */
#include "server/vendors.h"

#include <string.h>

#include <apr_allocator.h>
#include <apr_strings.h>
#include <apr_thread_mutex.h>

#include "base/gate.h"

#define AT_ONCE 16 /* threads of this child with one vendor */
#define NAME_MAX_OCTETS 255 /* of an issuer or a subject, as authsvc.h has it */

/* One vendor: a provider of either group, and what this child has of it. */
typedef struct {
    as_host_t *host;
    const char *name, *label;
    const authsvc_identity_t *identity;
    const authsvc_captcha_t *captcha;
    as_lent_t lent;
    as_gate_t *gate;
    apr_thread_mutex_t *mutex; /* guards the three below */
    apr_pool_t *pool;
    void *instance;
    int made;
} contact_t;

struct as_contacts_t {
    int count;
    contact_t each[];
};

/* ---- asking ---- */

static apr_status_t create(contact_t *contact, apr_pool_t *pool)
{
    server_rec *s = contact->host->server;

    if (contact->identity) {
        return contact->identity->create(&contact->instance, &contact->lent.host, s,
                                         contact->label, pool);
    }
    return contact->captcha->create(&contact->instance, &contact->lent.host, s, pool);
}

/* With the mutex held. What a failed attempt has left behind goes with its pool. */
static apr_status_t make_instance(contact_t *contact)
{
    apr_pool_t *pool;
    apr_status_t status = apr_pool_create(&pool, contact->pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = create(contact, pool);
    contact->made = status == APR_SUCCESS;
    if (!contact->made) {
        apr_pool_destroy(pool);
    }
    return status;
}

static apr_status_t find_instance(contact_t *contact)
{
    apr_status_t status = APR_SUCCESS;

    apr_thread_mutex_lock(contact->mutex);
    if (!contact->made) {
        status = make_instance(contact);
    }
    apr_thread_mutex_unlock(contact->mutex);
    return status;
}

/* 1: the instance is there, and leave() is to follow. 0, and *reason. */
static int enter(contact_t *contact, const char **reason)
{
    apr_status_t status;

    if (as_gate_enter(contact->gate) != APR_SUCCESS) {
        *reason = "too many wait for this vendor already";
        return 0;
    }
    status = find_instance(contact);
    if (status != APR_SUCCESS) {
        as_gate_leave(contact->gate);
        as_log(&contact->host->service.log, AS_LOG_ERROR, status, "provider %s could not start",
               contact->name);
        *reason = "the provider could not start";
        return 0;
    }
    return 1;
}

static void leave(contact_t *contact)
{
    as_gate_leave(contact->gate);
}

/* What clients send is looked at only up to a length. */
static int is_askable(const char *sent, const char **reason)
{
    apr_size_t len = strlen(sent);

    if (len >= 1 && len <= AUTHSVC_TOKEN_MAX) {
        return 1;
    }
    *reason = len ? "what the client sent is too long" : "the client sent nothing";
    return 0;
}

static int is_name(const char *text)
{
    return text && *text && strlen(text) <= NAME_MAX_OCTETS;
}

static authsvc_answer_t identify(void *baton, const char *token, apr_time_t deadline,
                                 authsvc_person_t *person, const char **reason, apr_pool_t *pool)
{
    contact_t *contact = baton;
    authsvc_answer_t answer;

    *person = (authsvc_person_t){ .email_verified = AUTHSVC_UNKNOWN };
    *reason = NULL;
    if (!is_askable(token, reason)) {
        return AUTHSVC_NO;
    }
    if (!enter(contact, reason)) {
        return AUTHSVC_UNKNOWN;
    }
    answer = contact->identity->identify(contact->instance, token, deadline, person, reason, pool);
    leave(contact);
    if (answer == AUTHSVC_YES && !(is_name(person->issuer) && is_name(person->subject))) {
        *reason = "the provider named no issuer and subject of 1 to 255 octets";
        return AUTHSVC_UNKNOWN;
    }
    return answer;
}

static authsvc_answer_t ask(void *baton, const authsvc_trial_t *trial, apr_time_t deadline,
                            const char **reason, apr_pool_t *pool)
{
    contact_t *contact = baton;
    authsvc_answer_t answer;

    *reason = NULL;
    if (!is_askable(trial->response, reason)) {
        return AUTHSVC_NO;
    }
    if (!enter(contact, reason)) {
        return AUTHSVC_UNKNOWN;
    }
    answer = contact->captcha->ask(contact->instance, trial, deadline, reason, pool);
    leave(contact);
    return answer;
}

/* ---- in the parent ---- */

static contact_t *add(as_host_t *host)
{
    contact_t *contact = &host->contacts->each[host->contacts->count++];

    contact->host = host;
    as_lent_settle(&contact->lent, &host->service);
    return contact;
}

static const char *settle_identities(as_host_t *host, const apr_array_header_t *choices,
                                     apr_pool_t *pool)
{
    as_vendor_t *vendors = apr_pcalloc(pool, (choices->nelts + 1) * sizeof *vendors);

    for (int i = 0; i < choices->nelts; i++) {
        const as_identity_choice_t *choice = &APR_ARRAY_IDX(choices, i, as_identity_choice_t);
        const authsvc_identity_t *provider = choice->provider;
        const char *wrong = provider->check ? provider->check(host->server, choice->label, pool)
                                            : NULL;
        contact_t *contact;

        if (wrong) {
            return apr_pstrcat(pool, provider->name, ": ", wrong, NULL);
        }
        contact = add(host);
        contact->identity = provider;
        contact->label = choice->label;
        contact->name = choice->name;
        vendors[i] = (as_vendor_t){ .name = choice->name, .identify = identify, .baton = contact };
    }
    host->service.vendors = vendors;
    return NULL;
}

static const char *settle_captcha(as_host_t *host, const authsvc_captcha_t *provider,
                                  apr_pool_t *pool)
{
    const char *wrong = provider->check ? provider->check(host->server, pool) : NULL;
    contact_t *contact;

    if (wrong) {
        return apr_pstrcat(pool, provider->name, ": ", wrong, NULL);
    }
    contact = add(host);
    contact->captcha = provider;
    contact->name = provider->name;
    host->service.captcha = (as_captcha_t){ .ask = ask, .baton = contact };
    return NULL;
}

const char *as_vendors_settle(as_host_t *host, const char **directive, apr_pool_t *pool)
{
    const apr_array_header_t *choices = host->config->identities;
    const authsvc_captcha_t *captcha = host->config->captcha;
    int most = (choices ? choices->nelts : 0) + 1;
    const char *wrong = NULL;

    host->contacts = apr_pcalloc(pool, sizeof *host->contacts + most * sizeof(contact_t));
    *directive = "AuthSvcIdentity";
    if (choices && choices->nelts > 0) {
        wrong = settle_identities(host, choices, pool);
    }
    if (!wrong && captcha && captcha->ask) {
        *directive = "AuthSvcCaptcha";
        wrong = settle_captcha(host, captcha, pool);
    }
    return wrong;
}

/* ---- in a child ---- */

/* Instances are made, and use their pool, in any thread: it shares no allocator with others. */
static apr_status_t create_pool(contact_t *contact, apr_pool_t *pchild)
{
    apr_allocator_t *allocator;
    apr_thread_mutex_t *mutex;
    apr_status_t status = apr_allocator_create(&allocator);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = apr_pool_create_ex(&contact->pool, pchild, NULL, allocator);
    if (status != APR_SUCCESS) {
        apr_allocator_destroy(allocator);
        return status;
    }
    apr_allocator_owner_set(allocator, contact->pool);
    apr_pool_tag(contact->pool, "vendor");
    status = apr_thread_mutex_create(&mutex, APR_THREAD_MUTEX_DEFAULT, contact->pool);
    if (status == APR_SUCCESS) {
        apr_allocator_mutex_set(allocator, mutex);
    }
    return status;
}

static apr_status_t start(contact_t *contact, apr_pool_t *pchild)
{
    apr_status_t status = create_pool(contact, pchild);

    if (status == APR_SUCCESS) {
        status = apr_thread_mutex_create(&contact->mutex, APR_THREAD_MUTEX_DEFAULT, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_gate_create(&contact->gate, AT_ONCE, 0, 0, pchild);
    }
    if (status == APR_SUCCESS) {
        status = as_lent_start(&contact->lent, pchild);
    }
    return status;
}

apr_status_t as_vendors_start(as_host_t *host, apr_pool_t *pchild)
{
    apr_status_t status = APR_SUCCESS;

    for (int i = 0; i < host->contacts->count && status == APR_SUCCESS; i++) {
        status = start(&host->contacts->each[i], pchild);
    }
    return status;
}
