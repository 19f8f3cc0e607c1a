/* SPDX-License-Identifier: Apache-2.0
 * Tests of server/vendors.h with providers of the test's own: instances made once and late, a crowd
 * before one vendor, and answers of the wrong form. Never starts an httpd. Run by make check.
 */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <ap_provider.h>
#include <apr_strings.h>

#include "server/vendors.h"

#define CROWD 24
#define INSIDE 16

/* What the provider of the running test does and was told. */
static struct {
    atomic_int created, asked, inside, open;
    apr_status_t fault; /* of create() */
    authsvc_person_t person;
    char label[64], sent[64], log[256];
} vendor;

/* Providers are found by httpd; nothing here looks for one. */
void *ap_lookup_provider(const char *group, const char *name, const char *version)
{
    (void)group, (void)name, (void)version;
    return NULL;
}

apr_array_header_t *ap_list_provider_names(apr_pool_t *p, const char *group, const char *version)
{
    (void)group, (void)version;
    return apr_array_make(p, 1, sizeof(ap_list_provider_names_t));
}

static const char *check_label(server_rec *s, const char *label, apr_pool_t *p)
{
    (void)s, (void)p;
    return label && strcmp(label, "wrong") == 0 ? "it is wrong" : NULL;
}

static apr_status_t create_identity(void **instance, const authsvc_host_t *host, server_rec *s,
                                    const char *label, apr_pool_t *p)
{
    (void)s, (void)p;
    atomic_fetch_add(&vendor.created, 1);
    apr_cpystrn(vendor.label, label ? label : "none", sizeof vendor.label);
    *instance = (void *)host;
    return vendor.fault;
}

static authsvc_answer_t identify(void *instance, const char *token, apr_time_t deadline,
                                 authsvc_person_t *person, const char **reason, apr_pool_t *p)
{
    (void)instance, (void)deadline, (void)reason, (void)p;
    atomic_fetch_add(&vendor.asked, 1);
    atomic_fetch_add(&vendor.inside, 1);
    while (strcmp(token, "wait") == 0 && !atomic_load(&vendor.open)) {
        apr_sleep(1000);
    }
    atomic_fetch_sub(&vendor.inside, 1);
    *person = vendor.person;
    return AUTHSVC_YES;
}

static apr_status_t create_captcha(void **instance, const authsvc_host_t *host, server_rec *s,
                                   apr_pool_t *p)
{
    return create_identity(instance, host, s, NULL, p);
}

static authsvc_answer_t ask(void *instance, const authsvc_trial_t *trial, apr_time_t deadline,
                            const char **reason, apr_pool_t *p)
{
    (void)instance, (void)deadline, (void)p;
    apr_cpystrn(vendor.sent, trial->response, sizeof vendor.sent);
    *reason = "said by the test";
    return AUTHSVC_NO;
}

static const authsvc_identity_t identity = { .name = "sketch", .check = check_label,
                                             .create = create_identity, .identify = identify };
static const authsvc_captcha_t captcha = { .name = "sketch", .create = create_captcha,
                                           .ask = ask };

static void keep_line(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    (void)baton, (void)level, (void)status;
    apr_cpystrn(vendor.log, line, sizeof vendor.log);
}

/* A service with the vendors "corp" and "shop", both of one provider, and a captcha, in a child. */
static as_host_t *host_with(const char *label)
{
    as_server_config_t *config = apr_pcalloc(pool, sizeof *config);
    as_host_t *host = apr_pcalloc(pool, sizeof *host);
    const char *directive;

    memset(&vendor, 0, sizeof vendor);
    vendor.person = (authsvc_person_t){ .issuer = "https://issuer.test", .subject = "1",
                                        .email_verified = AUTHSVC_YES };
    config->identities = apr_array_make(pool, 2, sizeof(as_identity_choice_t));
    APR_ARRAY_PUSH(config->identities, as_identity_choice_t) =
        (as_identity_choice_t){ .provider = &identity, .label = label, .name = label };
    APR_ARRAY_PUSH(config->identities, as_identity_choice_t) =
        (as_identity_choice_t){ .provider = &identity, .label = "shop", .name = "shop" };
    config->captcha = &captcha;
    host->config = config;
    host->service.log = (as_log_t){ .write = keep_line };
    if (as_vendors_settle(host, &directive, pool)) {
        return NULL;
    }
    ck_assert_int_eq(as_vendors_start(host, pool), APR_SUCCESS);
    return host;
}

static authsvc_answer_t identify_by(const as_host_t *host, int which, const char *token,
                                    const char **reason)
{
    const as_vendor_t *asked = &host->service.vendors[which];
    authsvc_person_t person;

    return asked->identify(asked->baton, token, 0, &person, reason, pool);
}

START_TEST(vendors_have_names_and_labels)
{
    as_host_t *host = host_with("corp");
    const as_vendor_t *vendors = host->service.vendors;
    authsvc_person_t person;
    const char *reason;

    ck_assert_str_eq(vendors[0].name, "corp");
    ck_assert_str_eq(vendors[1].name, "shop");
    ck_assert_ptr_null(vendors[2].name);
    ck_assert_int_eq(vendors[1].identify(vendors[1].baton, "t", 0, &person, &reason, pool),
                     AUTHSVC_YES);
    ck_assert_str_eq(vendor.label, "shop");
    ck_assert_str_eq(person.subject, "1");
    ck_assert_int_eq(person.email_verified, AUTHSVC_YES);
}
END_TEST

START_TEST(a_provider_may_refuse)
{
    ck_assert_ptr_null(host_with("wrong"));
}
END_TEST

START_TEST(nothing_is_in_force_unless_chosen)
{
    as_server_config_t config = { .captcha = &(authsvc_captcha_t){ .name = "off" } };
    as_host_t host = { .config = &config };
    const char *directive;

    ck_assert_ptr_null(as_vendors_settle(&host, &directive, pool));
    ck_assert_int_eq(as_vendors_start(&host, pool), APR_SUCCESS);
    ck_assert_ptr_null(host.service.vendors);
    ck_assert(host.service.captcha.ask == NULL);
}
END_TEST

START_TEST(what_cannot_start_is_tried_again)
{
    as_host_t *host = host_with("corp");
    const char *reason;

    ck_assert_int_eq(vendor.created, 0);
    vendor.fault = APR_EGENERAL;
    for (int i = 1; i <= 2 * INSIDE; i++) {
        ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_UNKNOWN);
        ck_assert_str_eq(reason, "the provider could not start");
        ck_assert_int_eq(vendor.created, i);
    }
    ck_assert_str_eq(vendor.log, "provider corp could not start");
    ck_assert_int_eq(vendor.asked, 0);
    vendor.fault = APR_SUCCESS;
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_YES);
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_YES);
    ck_assert_int_eq(vendor.created, 2 * INSIDE + 1);
}
END_TEST

START_TEST(answers_are_held_to_their_form)
{
    as_host_t *host = host_with("corp");
    const char *reason;
    char octets[257], *token = apr_pcalloc(pool, AUTHSVC_TOKEN_MAX + 2);

    memset(octets, 'x', sizeof octets);
    octets[256] = '\0';
    vendor.person.subject = octets;
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_UNKNOWN);
    vendor.person.subject = octets + 1;
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_YES);
    vendor.person.issuer = "";
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_UNKNOWN);
    vendor.person.issuer = NULL;
    ck_assert_int_eq(identify_by(host, 0, "t", &reason), AUTHSVC_UNKNOWN);
    vendor.person.issuer = "https://issuer.test";
    vendor.asked = 0;
    ck_assert_int_eq(identify_by(host, 0, "", &reason), AUTHSVC_NO);
    memset(token, 'x', AUTHSVC_TOKEN_MAX + 1);
    ck_assert_int_eq(identify_by(host, 0, token, &reason), AUTHSVC_NO);
    ck_assert_int_eq(vendor.asked, 0);
    token[AUTHSVC_TOKEN_MAX] = '\0';
    ck_assert_int_eq(identify_by(host, 0, token, &reason), AUTHSVC_YES);
}
END_TEST

START_TEST(a_captcha_is_asked)
{
    as_host_t *host = host_with("corp");
    const as_captcha_t *asked = &host->service.captcha;
    authsvc_trial_t trial = { .response = "human", .action = "signin" };
    const char *reason;

    ck_assert_int_eq(asked->ask(asked->baton, &trial, 0, &reason, pool), AUTHSVC_NO);
    ck_assert_str_eq(vendor.sent, "human");
    ck_assert_str_eq(reason, "said by the test");
    trial.response = "";
    ck_assert_int_eq(asked->ask(asked->baton, &trial, 0, &reason, pool), AUTHSVC_NO);
    ck_assert_str_eq(vendor.sent, "human");
}
END_TEST

typedef struct {
    const as_host_t *host;
    atomic_int told, refused;
} crowd_t;

static void *visit(void *baton)
{
    crowd_t *crowd = baton;
    const as_vendor_t *asked = crowd->host->service.vendors;
    authsvc_person_t person;
    const char *reason;
    int answer = asked->identify(asked->baton, "wait", 0, &person, &reason, NULL);

    atomic_fetch_add(answer == AUTHSVC_YES ? &crowd->told : &crowd->refused, 1);
    return NULL;
}

/* Waits until the number is there; the test's own time limit ends it otherwise. */
static void await(atomic_int *number, int wanted)
{
    while (atomic_load(number) != wanted) {
        apr_sleep(1000);
    }
}

START_TEST(a_vendor_who_hangs_holds_up_sixteen)
{
    crowd_t crowd = { .host = host_with("corp") };
    pthread_t threads[CROWD];
    const char *reason;

    for (int i = 0; i < CROWD; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, visit, &crowd), 0);
    }
    await(&crowd.refused, CROWD - INSIDE);
    await(&vendor.inside, INSIDE);
    ck_assert_int_eq(vendor.created, 1);
    ck_assert_int_eq(identify_by(crowd.host, 0, "t", &reason), AUTHSVC_UNKNOWN);
    ck_assert_str_eq(reason, "too many wait for this vendor already");
    ck_assert_int_eq(identify_by(crowd.host, 1, "t", &reason), AUTHSVC_YES);
    atomic_store(&vendor.open, 1);
    for (int i = 0; i < CROWD; i++) {
        pthread_join(threads[i], NULL);
    }
    ck_assert_int_eq(crowd.told, INSIDE);
    ck_assert_int_eq(identify_by(crowd.host, 0, "t", &reason), AUTHSVC_YES);
    ck_assert_int_eq(vendor.created, 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("vendors");
    TCase *parent = unit_case(suite, "parent"), *child = unit_case(suite, "child");

    tcase_add_test(parent, vendors_have_names_and_labels);
    tcase_add_test(parent, a_provider_may_refuse);
    tcase_add_test(parent, nothing_is_in_force_unless_chosen);
    tcase_add_test(child, what_cannot_start_is_tried_again);
    tcase_add_test(child, answers_are_held_to_their_form);
    tcase_add_test(child, a_captcha_is_asked);
    tcase_add_test(child, a_vendor_who_hangs_holds_up_sixteen);
    return unit_run(suite);
}
