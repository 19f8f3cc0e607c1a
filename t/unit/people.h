/* SPDX-License-Identifier: Apache-2.0
 * People for unit tests: requests through the routes of a contract, what the mail brought, vendors
 * and a captcha that believe what they are shown, a clock, caches, and a rival who acts between a
 * check and its transaction. Included after unit.h.
 */
#ifndef AS_UNIT_PEOPLE_H
#define AS_UNIT_PEOPLE_H

#include <stdarg.h>

#include <apr_dbd.h>

#include "api/route.h"
#include "crypto/totp.h"
#include "base/bytes.h"
#include "ops/basic.h"
#include "ops/feed.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/upkeep.h"
#include "service.h"

#define ANN "ann@example.com"
#define BOB "bob@example.com"
#define PHONE "+442079460000"
#define PASSWORD "correct horse"
#define OTHER "another horse"
#define STEP (30 * SECOND)
#define CONTROLLER "auth-controller"
#define BIO "bioentrust"
#define TRAINOVA "trainova"
#define AUTHENTICATION "authentication-api"

/* ---- what is in the database ---- */

/* The first column of the first row, or NULL; of a file of its own, so that nothing is shared. */
static inline const char *query(const world_t *world, const char *sql)
{
    const apr_dbd_driver_t *driver;
    apr_dbd_t *handle;
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *text = NULL;

    ck_assert_int_eq(apr_dbd_get_driver(pool, "sqlite3", &driver), APR_SUCCESS);
    ck_assert_int_eq(apr_dbd_open(driver, pool, world->path, &handle), APR_SUCCESS);
    ck_assert_int_eq(apr_dbd_select(driver, pool, handle, &results, sql, 1), 0);
    if (apr_dbd_get_row(driver, pool, results, &row, 1) == 0) {
        text = apr_pstrdup(pool, apr_dbd_get_entry(driver, row, 0));
    }
    apr_dbd_close(driver, handle);
    return text;
}

static inline int count(const world_t *world, const char *sql)
{
    const char *text = query(world, sql);

    return text ? (int)apr_atoi64(text) : 0;
}

/* Outcome and factors of the last entry of an event, "ok pwd". */
static inline const char *audited(const world_t *world, const char *event)
{
    return query(world, apr_pstrcat(pool, "SELECT outcome || ' ' || COALESCE(factors, '-') FROM "
                                    "as_audit WHERE event = '", event,
                                    "' ORDER BY rowid DESC LIMIT 1", NULL));
}

/* ---- what the mail brought ---- */

/* The links a message holds go there. */
static inline world_t *world_of_people(void)
{
    world_t *world = world_create();
    as_policy_t *policy = &world->service.policy;

    policy->restore_url = "https://app.example.com/restore?token=%{token}";
    policy->confirm_url = "https://app.example.com/confirm?token=%{token}";
    policy->invitation_url = "https://app.example.com/invitation?token=%{token}";
    return world;
}

/* The token of the last message that had a link, after sending what is due. */
static inline const char *read_token(world_t *world)
{
    deliver(world);
    return apr_pstrdup(pool, world->token);
}

/* ---- requests ---- */

typedef struct {
    int status;
    as_json_t *body;
    const char *challenge; /* WWW-Authenticate */
} answer_t;

typedef struct {
    const char *text;
} body_t;

static inline apr_status_t read_text(void *baton, apr_size_t max, char **body, apr_size_t *len,
                                     apr_pool_t *p)
{
    *body = apr_pstrdup(p, ((body_t *)baton)->text);
    *len = strlen(*body);
    return *len > max ? APR_ENOSPC : APR_SUCCESS;
}

/* A body as tests write it: with single quotes. */
static inline const char *json_of(const char *text)
{
    char *copy = apr_pstrdup(pool, text);

    for (char *at = copy; *at; at++) {
        *at = *at == '\'' ? '"' : *at;
    }
    return copy;
}

/* what: "POST /login"; bearer may be NULL; format: the body with single quotes, or NULL. */
__attribute__((format(printf, 5, 6)))
static inline answer_t call(world_t *world, const char *dialect, const char *what,
                            const char *bearer, const char *format, ...)
{
    const char *blank = strchr(what, ' '), *question = strchr(what, '?');
    as_ctx_t ctx = ctx_of(world);
    as_reply_t reply;
    body_t body = { "" };
    as_request_t request = {
        .method = apr_pstrmemdup(pool, what, blank - what),
        .path = question ? apr_pstrmemdup(pool, blank + 1, question - blank - 1) : blank + 1,
        .query = question ? question + 1 : NULL,
        .realm = "unit", .length = -1, .read = read_text, .baton = &body,
        .authorization = bearer ? apr_pstrcat(pool, "Bearer ", bearer, NULL) : NULL,
        .content_type = "application/json", .has_body = format != NULL,
    };
    answer_t answer;
    va_list args;

    if (format) {
        va_start(args, format);
        body.text = json_of(apr_pvsprintf(pool, format, args));
        va_end(args);
    }
    ctx.dialect = dialect;
    as_api_serve(&ctx, as_dialect_find(dialect), NULL, &request, &reply);
    answer.status = reply.status;
    answer.body = reply.body ? as_json_parse(pool, reply.body, strlen(reply.body), NULL) : NULL;
    answer.challenge = apr_table_get(reply.headers, "WWW-Authenticate");
    return answer;
}

/* A text of the answer, "token.access" one of an object in it. */
static inline const char *said(const answer_t *answer, const char *name)
{
    const char *dot = strchr(name, '.');
    const as_json_t *object = dot ? as_json_get(answer->body, apr_pstrmemdup(pool, name,
                                                                           dot - name))
                                  : answer->body;

    return as_json_get_string(object, dot ? dot + 1 : name);
}

/* The status, and the code that the log names for a refusal. */
#define ck_refused(answer, expected, code) do { \
    answer_t refused_ = (answer); \
    ck_assert_int_eq(refused_.status, expected); \
    ck_assert_msg(strstr(world->log, ": " code), "log: %s", world->log); \
} while (0)

#define ck_status(answer, expected) do { \
    answer_t answered_ = (answer); \
    ck_assert_msg(answered_.status == (expected), "status %d, log: %s", answered_.status, \
                  world->log); \
} while (0)

/* ---- people ---- */

typedef struct {
    const char *access, *refresh;
} pair_t;

static inline pair_t pair_of(const answer_t *a)
{
    pair_t pair = { said(a, "accessToken"), said(a, "refreshToken") };

    if (!pair.access) {
        pair.access = said(a, "access_token");
        pair.refresh = said(a, "refresh_token");
    }
    if (!pair.access) {
        pair.access = said(a, "token.access");
        pair.refresh = said(a, "token.refresh");
    }
    return pair;
}

/* Signed up with an unproven mail; the confirmation is not delivered yet. */
static inline pair_t sign_up(world_t *world, const char *email, const char *password)
{
    answer_t answer = call(world, CONTROLLER, "POST /sign-up", NULL,
                           "{'email':'%s','password':'%s','firstName':'Ann','lastName':'Smith'}",
                           email, password);

    ck_status(answer, 201);
    return pair_of(&answer);
}

/* The same, and the mail is proven by its confirmation. */
static inline pair_t sign_up_proven(world_t *world, const char *email)
{
    pair_t pair = sign_up(world, email, PASSWORD);

    ck_status(call(world, CONTROLLER, "POST /confirm-email", NULL, "{'token':'%s'}",
                   read_token(world)), 200);
    return pair;
}

static inline answer_t try_sign_in(world_t *world, const char *email, const char *password)
{
    return call(world, CONTROLLER, "POST /sign-in", NULL,
                "{'credentials':{'email':'%s','password':'%s'},'captchaToken':'human'}", email,
                password);
}

static inline pair_t sign_in(world_t *world, const char *email, const char *password)
{
    answer_t answer = try_sign_in(world, email, password);

    ck_status(answer, 200);
    return pair_of(&answer);
}

static inline int me(world_t *world, const char *access)
{
    return call(world, CONTROLLER, "GET /me", access, NULL).status;
}

static inline as_code_t basic(world_t *world, const char *address, const char *password)
{
    as_ctx_t ctx = ctx_of(world);
    as_password_in_t in = { .address = address, .password = password };
    as_principal_t principal;

    return as_basic_check(&ctx, &in, &principal).code;
}

/* The token of a restore link that was asked for. */
static inline const char *forgot(world_t *world, const char *email)
{
    deliver(world); /* what waits is sent in any order */
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'%s'}", email),
              200);
    return read_token(world);
}

static inline answer_t restore(world_t *world, const char *token, const char *password)
{
    return call(world, CONTROLLER, "POST /restore-password", NULL,
                "{'newPassword':'%s','token':'%s'}", password, token);
}

/* Gives whoever is signed in a number. */
static inline void add_phone(world_t *world, const char *access, const char *phone)
{
    answer_t sent = call(world, BIO, "POST /send-sms", access, "{'app_id':'7','phone':'%s'}",
                         phone);

    ck_status(sent, 200);
    ck_status(call(world, BIO, "POST /verify-sms", NULL,
                   "{'app_id':7,'otp':'%s','otp_request_id':'%s'}", read_code(world),
                   said(&sent, "otp_request_id")), 200);
}

/* ---- the second factor ---- */

static inline const char *totp(const world_t *world, const char *secret)
{
    unsigned char octets[AS_TOTP_SECRET_BYTES];
    char *code = apr_palloc(pool, AS_TOTP_DIGITS + 1);

    ck_assert(as_base32_decode(secret, octets, sizeof octets));
    as_totp_code(octets, (apr_uint64_t)(world->time / STEP), code);
    return code;
}

/* Switches two-factor on; a step later. The secret. */
static inline const char *two_factor_on(world_t *world, const char *access)
{
    answer_t setup = call(world, CONTROLLER, "POST /two-factor/setup", access, NULL);

    ck_status(setup, 200);
    ck_status(call(world, CONTROLLER, "POST /two-factor/enable", access, "{'code':'%s'}",
                   totp(world, said(&setup, "secret"))), 200);
    world->time += STEP;
    return said(&setup, "secret");
}

/* Six digits that are not the right ones. */
static inline const char *wrong(const char *code)
{
    char *other = apr_pstrdup(pool, code);

    other[0] = other[0] == '9' ? '0' : other[0] + 1;
    return other;
}

/* ---- what a service can have besides ---- */

static inline world_t *with_limits(world_t *world)
{
    world->service.limits = as_limits_format(apr_pcalloc(pool, as_limits_size(1024)), 1024,
                                             (const unsigned char *)"0123456789abcdef");
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        world->service.policy.throttles[b] = as_throttle_default(b);
    }
    return world;
}

static inline void sync_feed(world_t *world)
{
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    ck_assert_int_eq(as_feed_sync(&world->service, own), APR_SUCCESS);
}

/* Caches that answer without the store. */
static inline world_t *with_caches(world_t *world)
{
    static const unsigned char key[16] = "sixteen octets..";
    as_service_t *service = &world->service;

    service->policy.revocation_max_age = HOUR;
    service->revocations = as_revocations_format(apr_pcalloc(pool, as_revocations_size(1024)),
                                                 1024);
    service->verdicts = as_verdicts_format(apr_pcalloc(pool, as_verdicts_size(1024)), 1024, key);
    sync_feed(world);
    return world;
}

/* Tokens "subject mail yes|no|unknown": what the vendor says of them. "-": no mail; "away": it
 * cannot be reached, "bad": nobody's.
 */
static inline authsvc_answer_t world_identify(void *baton, const char *token, apr_time_t deadline,
                                              authsvc_person_t *person, const char **reason,
                                              apr_pool_t *p)
{
    char *state, *copy = apr_pstrdup(p, token);
    const char *subject = apr_strtok(copy, " ", &state), *mail = apr_strtok(NULL, " ", &state);
    const char *proven = apr_strtok(NULL, " ", &state);

    (void)deadline;
    *reason = "said by the test";
    if (!proven) {
        return strcmp(token, "away") == 0 ? AUTHSVC_UNKNOWN : AUTHSVC_NO;
    }
    person->issuer = baton;
    person->subject = subject;
    person->email = strcmp(mail, "-") == 0 ? NULL : mail;
    person->email_verified = strcmp(proven, "yes") == 0  ? AUTHSVC_YES
                             : strcmp(proven, "no") == 0 ? AUTHSVC_NO
                                                         : AUTHSVC_UNKNOWN;
    person->name = "Ann Mary Smith";
    person->photo = "https://photos.example.com/ann";
    return AUTHSVC_YES;
}

static inline world_t *with_vendors(world_t *world)
{
    static const as_vendor_t vendors[] = {
        { "google", world_identify, "https://accounts.example.com" },
        { "facebook", world_identify, "https://face.example.com" },
        { .name = NULL },
    };

    world->service.vendors = vendors;
    return world;
}

static inline authsvc_answer_t world_ask(void *baton, const authsvc_trial_t *trial,
                                         apr_time_t deadline, const char **reason, apr_pool_t *p)
{
    (void)baton;
    (void)deadline;
    (void)p;
    *reason = "said by the test";
    return strcmp(trial->response, "away") == 0    ? AUTHSVC_UNKNOWN
           : strcmp(trial->response, "human") == 0 ? AUTHSVC_YES
                                                   : AUTHSVC_NO;
}

static inline world_t *with_captcha(world_t *world, unsigned required)
{
    world->service.captcha = (as_captcha_t){ .ask = world_ask };
    world->service.policy.captcha_required = required;
    return world;
}

/* ---- a rival ---- */

/* Acts once, as another process would, right before the next write of the world begins. */
typedef struct {
    world_t *world; /* beside it: the same database, its own connections */
    void (*act)(world_t *world, const char *with);
    const char *with;
    as_write_lock_t lock;
} rival_t;

static inline apr_status_t let_rival_act(void *baton, apr_time_t deadline)
{
    rival_t *rival = baton;
    void (*act)(world_t *world, const char *with) = rival->act;

    (void)deadline;
    rival->act = NULL;
    if (act) {
        act(rival->world, rival->with);
    }
    return APR_SUCCESS;
}

static inline void leave_rival(void *baton)
{
    (void)baton;
}

static inline void rival_acts(world_t *world, void (*act)(world_t *, const char *),
                              const char *with)
{
    const char **params = apr_pcalloc(pool, 2 * sizeof *params);
    rival_t *rival = apr_pcalloc(pool, sizeof *rival);
    as_store_config_t config = {
        .driver = "sqlite3", .params = params, .max = 4, .timeout = 5 * SECOND,
        .lock = &rival->lock, .log = { .write = world_log, .baton = world },
    };

    params[0] = world->path;
    rival->world = apr_pmemdup(pool, world, sizeof *world);
    rival->world->service.delivery[AS_CHANNEL_EMAIL].baton = rival->world;
    rival->world->service.delivery[AS_CHANNEL_SMS].baton = rival->world;
    rival->world->service.log.baton = rival->world;
    rival->act = act;
    rival->with = with;
    rival->lock = (as_write_lock_t){ let_rival_act, leave_rival, rival };
    ck_assert_int_eq(as_store_create(&world->service.store, &config, pool), APR_SUCCESS);
}

#endif
