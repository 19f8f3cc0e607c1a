/* SPDX-License-Identifier: Apache-2.0
 * Writing, claiming and sending messages. See outbox.h.
 */
#include "ops/outbox.h"

#include <stddef.h>
#include <string.h>

#include <apr_strings.h>

#include "base/json.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "ops/templates.h"
#include "store/outbox.h"

#define LEASE (10 * APR_USEC_PER_SEC)      /* a killed sender's message goes on after this */
#define SEND_TIME (8 * APR_USEC_PER_SEC)   /* a sender ends before its lease does */
#define GIVE_UP (24 * 3600 * APR_USEC_PER_SEC)
#define NOTICE_LIFE GIVE_UP
#define NOTICES 10                         /* to one account in NOTICE_PERIOD at most */
#define NOTICE_PERIOD (600 * APR_USEC_PER_SEC)

/* Pauses after the first, second, … failure; the last one repeats. */
static const int pauses[] = { 1, 5, 30, 120, 600 };

static const char *row_name(const char *id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "as_outbox/", id, NULL);
}

apr_status_t as_outbox_put(as_db_t *db, const as_ctx_t *ctx, const as_letter_t *letter,
                           apr_pool_t *pool)
{
    as_json_t *payload = as_json_object(pool);
    as_outbox_t message = {
        .id = as_random_id(pool),
        .channel = letter->to.channel,
        .created_at = ctx->now,
        .dies_at = letter->dies_at,
    };

    as_json_set_string(payload, "template", letter->template);
    as_json_set_string(payload, "to", letter->to.text);
    as_json_set_string(payload, "code", letter->code);
    as_json_set_string(payload, "token", letter->token);
    message.payload = as_seal(pool, ctx->service->secrets, row_name(message.id, pool),
                              as_json_text(pool, payload));
    if (!message.payload) {
        return AS_EFAULT;
    }
    return as_outbox_insert(db, &message, letter->topic,
                            letter->decoy ? AS_OUTBOX_DEAD : AS_OUTBOX_WAITING);
}

const char *as_notice_topic(const char *account_id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "notice/", account_id, NULL);
}

apr_status_t as_notice_put(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                           const char *template, apr_pool_t *pool)
{
    const as_letter_t letter = {
        .template = template,
        .topic = as_notice_topic(account->id, pool),
        .to = { .channel = account->email ? AUTHSVC_EMAIL : AUTHSVC_SMS,
                .text = account->email ? account->email : account->phone },
        .dies_at = ctx->now + NOTICE_LIFE,
    };
    apr_int64_t n;
    apr_status_t status = as_outbox_count(db, letter.topic, ctx->now - NOTICE_PERIOD, &n, pool);

    return status == APR_SUCCESS && n < NOTICES && letter.to.text
               ? as_outbox_put(db, ctx, &letter, pool)
               : status;
}

void as_outbox_wake(const as_ctx_t *ctx)
{
    if (ctx->service->wake) {
        ctx->service->wake(ctx->service->waker);
    }
}

typedef struct {
    as_service_t *service;
    as_outbox_t *message;
    const char *claim;
    authsvc_outcome_t outcome;
    const char *reason;
    apr_int64_t now;
} job_t;

static apr_status_t claim(as_db_t *db, void *baton, apr_pool_t *pool)
{
    job_t *job = baton;

    (void)pool;
    return as_outbox_claim(db, job->message, job->claim, job->now + LEASE);
}

static apr_status_t settle(as_db_t *db, void *baton, apr_pool_t *pool)
{
    job_t *job = baton;
    const as_outbox_t *m = job->message;
    int last = sizeof pauses / sizeof *pauses - 1;
    int pause = pauses[m->attempts < last ? m->attempts : last];
    apr_int64_t next = job->now + pause * APR_USEC_PER_SEC;
    int over = next >= m->dies_at || next >= m->created_at + GIVE_UP;

    (void)pool;
    if (job->outcome == AUTHSVC_TRY_AGAIN && !over) {
        return as_outbox_later(db, m->id, job->claim, next, job->reason);
    }
    return as_outbox_done(db, m->id, job->claim,
                          job->outcome == AUTHSVC_SENT ? AS_OUTBOX_SENT : AS_OUTBOX_DEAD,
                          job->reason, job->now);
}

const char *as_policy_site(const as_policy_t *policy)
{
    const char *host = strstr(policy->issuer, "://");

    return host ? host + 3 : policy->issuer;
}

/* The URL of a template's link with the token in its place. */
static const char *link_of(const as_policy_t *policy, const char *template, const char *token,
                           apr_pool_t *pool)
{
    static const char place[] = "%{token}";
    static const struct {
        const char *template;
        apr_size_t url;
    } rows[] = {
        { "restore_link", offsetof(as_policy_t, restore_url) },
        { "confirm_link", offsetof(as_policy_t, confirm_url) },
        { "invitation", offsetof(as_policy_t, invitation_url) },
    };
    const char *url = NULL, *at;

    for (apr_size_t i = 0; token && i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].template, template) == 0) {
            url = *(const char *const *)(const void *)((const char *)policy + rows[i].url);
        }
    }
    at = url ? strstr(url, place) : NULL;
    return at ? apr_pstrcat(pool, apr_pstrmemdup(pool, url, at - url), token,
                            at + sizeof place - 1, NULL)
              : token;
}

/* Opens the seal and fills the message; a payload that does not open will never be sent. */
static apr_status_t compose(const job_t *job, authsvc_message_t *message, apr_pool_t *pool)
{
    const as_outbox_t *m = job->message;
    const as_policy_t *policy = &job->service->policy;
    const char *text = as_unseal(pool, job->service->secrets, row_name(m->id, pool), m->payload);
    const as_json_t *payload = text ? as_json_parse(pool, text, strlen(text), NULL) : NULL;
    as_template_t template = {
        .dir = policy->template_dir,
        .name = payload ? as_json_get_string(payload, "template") : NULL,
        .code = payload ? as_json_get_string(payload, "code") : NULL,
        .site = as_policy_site(policy),
        .life = m->dies_at - m->created_at,
    };

    if (!template.name) {
        return AS_EFAULT;
    }
    template.link = link_of(policy, template.name, as_json_get_string(payload, "token"), pool);
    message->id = m->id;
    message->channel = (authsvc_channel_t)m->channel;
    message->to = as_json_get_string(payload, "to");
    message->created = m->created_at;
    message->dies = m->dies_at;
    return as_template_render(&template, message, pool);
}

static void send_claimed(job_t *job, apr_pool_t *pool)
{
    as_service_t *service = job->service;
    authsvc_message_t message = { 0 };
    const as_delivery_t *delivery =
        &service->delivery[job->message->channel == AUTHSVC_SMS ? AS_CHANNEL_SMS
                                                                : AS_CHANNEL_EMAIL];

    if (job->message->dies_at <= job->now) {
        job->outcome = AUTHSVC_REFUSED;
        job->reason = "expired";
    } else if (!delivery->send) {
        job->outcome = AUTHSVC_TRY_AGAIN;
        job->reason = "no delivery is configured";
    } else if (compose(job, &message, pool) != APR_SUCCESS) {
        job->outcome = AUTHSVC_TRY_AGAIN;
        job->reason = "its seal or its template could not be read";
    } else {
        job->outcome = delivery->send(delivery->baton, &message, job->now + SEND_TIME, &job->reason,
                                      pool);
    }
    if (job->outcome != AUTHSVC_SENT) {
        as_log(&service->log, job->outcome == AUTHSVC_REFUSED ? AS_LOG_WARN : AS_LOG_INFO,
               APR_SUCCESS, "message %s was not sent: %s", job->message->id,
               job->reason ? job->reason : "no reason given");
    }
}

static void deliver_one(as_service_t *service, as_outbox_t *message, apr_pool_t *pool)
{
    job_t job = { .service = service, .message = message, .claim = as_random_id(pool) };
    apr_status_t status;

    job.now = service->now(service->clock);
    if (as_store_write(service->store, claim, &job, pool) != APR_SUCCESS) {
        return;
    }
    send_claimed(&job, pool);
    job.now = service->now(service->clock);
    status = as_store_write(service->store, settle, &job, pool);
    if (status != APR_SUCCESS && status != AS_ENO) { /* no row: a newer code took its place */
        as_log(&service->log, AS_LOG_WARN, status,
               "message %s was tried, but that could not be stored: it may come again",
               message->id);
    }
}

typedef struct {
    apr_int64_t now;
    as_outbox_t *messages;
    int n;
} batch_t;

static apr_status_t find_due(as_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *batch = baton;

    return as_outbox_due(db, batch->now, &batch->messages, &batch->n, pool);
}

apr_status_t as_outbox_deliver(as_service_t *service, int *tried, apr_pool_t *pool)
{
    batch_t batch = { .now = service->now(service->clock) };
    apr_status_t status = as_store_read(service->store, find_due, &batch, pool);
    apr_uint32_t first = batch.n > 0 ? as_random_below(batch.n) : 0;
    apr_pool_t *each;

    apr_pool_create(&each, pool);
    for (int i = 0; i < batch.n; i++) { /* from a random start, so that senders seldom meet */
        deliver_one(service, &batch.messages[(first + i) % batch.n], each);
        apr_pool_clear(each);
    }
    apr_pool_destroy(each);
    *tried = batch.n;
    return status;
}
