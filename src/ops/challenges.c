/* SPDX-License-Identifier: Apache-2.0
 * Codes and link tokens. See challenges.h.
 */
#include "ops/challenges.h"

#include <string.h>

#include <apr_strings.h>

#include "base/bytes.h"
#include "crypto/base64.h"
#include "crypto/random.h"
#include "ops/outbox.h"
#include "store/challenges.h"
#include "store/outbox.h"

#define MINUTE (60 * APR_USEC_PER_SEC)
#define HOUR (60 * MINUTE)
#define TRIES 5
#define WRONG_PER_DAY 10
#define DAY (24 * HOUR)
#define NOBODY "nobody" /* whose codes are asked where there is no account */
#define NO_MAC "0000000000000000000000000000000000000000000000000000000000000000"
#define TOKEN_BYTES 32
#define LINK_BYTES (AS_ID_BYTES + TOKEN_BYTES)
#define LINK_TEXT (LINK_BYTES / 3 * 4)

const as_challenge_kind_t as_code_signup = { "signup", "signup_code", 10 * MINUTE };
const as_challenge_kind_t as_code_recovery = { "recovery", "recovery_code", 10 * MINUTE };
const as_challenge_kind_t as_code_phone = { "phone", "phone_code", 10 * MINUTE };
const as_challenge_kind_t as_link_restore = { "restore", "restore_link", HOUR };
const as_challenge_kind_t as_link_confirm = { "confirm", "confirm_link", DAY };
const as_challenge_kind_t as_link_invitation = { "invitation", "invitation", 7 * DAY };
const as_challenge_kind_t as_link_two_factor = { "two_factor", NULL, 5 * MINUTE };

/* All that can be an account's, for whoever ends an account. */
static const as_challenge_kind_t *const of_accounts[] = {
    &as_code_recovery, &as_code_phone, &as_link_restore, &as_link_confirm, &as_link_two_factor,
};

static const char *topic_of(const as_challenge_kind_t *kind, const char *subject, apr_pool_t *pool)
{
    return apr_pstrcat(pool, kind->purpose, "/", subject, NULL);
}

apr_status_t as_challenge_end(as_db_t *db, const as_ctx_t *ctx, const as_challenge_kind_t *kind,
                              const char *subject, apr_pool_t *pool)
{
    apr_status_t status = as_challenge_kill(db, kind->purpose, subject, ctx->now);

    return status == APR_SUCCESS ? as_outbox_kill(db, topic_of(kind, subject, pool), ctx->now)
                                 : status;
}

apr_status_t as_challenges_end(as_db_t *db, const as_ctx_t *ctx, const char *subject,
                               apr_pool_t *pool)
{
    apr_status_t status = as_challenge_kill_all(db, subject, ctx->now);

    for (apr_size_t i = 0;
         status == APR_SUCCESS && i < sizeof of_accounts / sizeof *of_accounts; i++) {
        status = as_outbox_kill(db, topic_of(of_accounts[i], subject, pool), ctx->now);
    }
    return status == APR_SUCCESS ? as_outbox_kill(db, as_notice_topic(subject, pool), ctx->now)
                                 : status;
}

/* ---- codes ---- */

/* What the MAC is over beside the challenge's id. */
static const char *bound_code(const char *code, const char *bound, apr_pool_t *pool)
{
    return bound ? apr_pstrcat(pool, code, "\n", bound, NULL) : code;
}

/* Stores a challenge in the place of older ones, and writes its message. */
static apr_status_t issue(as_db_t *db, const as_ctx_t *ctx, const as_challenge_order_t *order,
                          as_challenge_t *challenge, as_letter_t *letter, apr_pool_t *pool)
{
    apr_status_t status;

    challenge->subject = order->subject ? order->subject : as_random_id(pool);
    challenge->data = order->subject ? order->data : NULL; /* nobody will ask a decoy for it */
    challenge->expires_at = ctx->now + order->kind->life;
    status = as_challenge_end(db, ctx, order->kind, challenge->subject, pool);
    if (status == APR_SUCCESS) {
        status = as_challenge_insert(db, challenge, order->kind->purpose, ctx->now);
    }
    if (status != APR_SUCCESS || !order->to) {
        return status;
    }
    letter->template = order->kind->template;
    letter->topic = topic_of(order->kind, challenge->subject, pool);
    letter->to = *order->to;
    letter->dies_at = challenge->expires_at;
    letter->decoy = !order->subject;
    return as_outbox_put(db, ctx, letter, pool);
}

apr_status_t as_code_send(as_db_t *db, const as_ctx_t *ctx, const as_challenge_order_t *order,
                          const char **id, apr_pool_t *pool)
{
    const char *code = as_random_code(pool);
    as_challenge_t challenge = { .id = as_random_id(pool) };
    as_letter_t letter = { .code = code };

    if (id) {
        *id = challenge.id;
    }
    challenge.mac = as_mac_text(pool, ctx->service->secrets, AS_PURPOSE_CODE, challenge.id,
                                bound_code(code, order->bound, pool));
    return issue(db, ctx, order, &challenge, &letter, pool);
}

static apr_status_t count_wrong(as_db_t *db, const as_ctx_t *ctx, const char *topic)
{
    return as_tally_count(db, topic, ctx->now / DAY);
}

/* The challenge an answer is about, with its try counted. */
static apr_status_t begin_try(as_db_t *db, const as_ctx_t *ctx, const as_challenge_answer_t *answer,
                              as_challenge_t *challenge, apr_pool_t *pool)
{
    const char *purpose = answer->kind->purpose;
    apr_status_t status =
        answer->id ? as_challenge_by_id(db, answer->id, purpose, ctx->now, TRIES, challenge, pool)
                   : as_challenge_live(db, purpose, answer->subject ? answer->subject : NOBODY,
                                       ctx->now, TRIES, challenge, pool);

    return status == APR_SUCCESS ? as_challenge_try(db, challenge->id, ctx->now, TRIES) : status;
}

apr_status_t as_code_answer(as_db_t *db, const as_ctx_t *ctx, as_challenge_answer_t *answer,
                            apr_pool_t *pool)
{
    const as_secrets_t *secrets = ctx->service->secrets;
    const char *code = bound_code(answer->code, answer->bound, pool);
    as_challenge_t challenge;
    const char *topic;
    apr_int64_t wrong;
    apr_status_t status = begin_try(db, ctx, answer, &challenge, pool);

    answer->right = 0;
    if (status == AS_ENO) { /* nothing to answer: the same work as for a wrong answer */
        as_mac_text_check(secrets, AS_PURPOSE_CODE, NOBODY, code, NO_MAC);
        return count_wrong(db, ctx, topic_of(answer->kind, NOBODY, pool));
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    topic = topic_of(answer->kind, challenge.subject, pool);
    status = as_tally_get(db, topic, ctx->now / DAY, &wrong, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!as_mac_text_check(secrets, AS_PURPOSE_CODE, challenge.id, code, challenge.mac)
        || wrong >= WRONG_PER_DAY) { /* judged last, so that it cannot be told by the time */
        return count_wrong(db, ctx, topic);
    }
    status = as_challenge_use(db, challenge.id, ctx->now);
    answer->right = status == APR_SUCCESS;
    answer->whom = challenge.subject;
    answer->data = challenge.data;
    return status == AS_ENO ? APR_SUCCESS : status;
}

/* ---- links ---- */

apr_status_t as_link_send(as_db_t *db, const as_ctx_t *ctx, const as_challenge_order_t *order,
                          const char **token, apr_pool_t *pool)
{
    unsigned char octets[LINK_BYTES];
    as_challenge_t challenge = { 0 };
    as_letter_t letter = { 0 };
    const char *text;

    as_random_bytes(octets, sizeof octets);
    challenge.id = as_hex_encode(pool, octets, AS_ID_BYTES);
    text = as_base64url_encode(pool, octets, sizeof octets);
    as_wipe(octets, sizeof octets);
    challenge.mac = as_mac_text(pool, ctx->service->secrets, AS_PURPOSE_LINK, order->kind->purpose,
                                text);
    letter.token = text;
    if (token) {
        *token = text;
    }
    return issue(db, ctx, order, &challenge, &letter, pool);
}

int as_link_is_one(const char *token)
{
    return strlen(token) == LINK_TEXT && !strchr(token, '.');
}

apr_status_t as_link_find(as_db_t *db, const as_ctx_t *ctx, const as_challenge_kind_t *kind,
                          const char *token, as_link_t *link, apr_pool_t *pool)
{
    as_challenge_t challenge;
    unsigned char *octets;
    apr_size_t len = 0;
    apr_status_t status;

    if (!as_link_is_one(token)) {
        return AS_ENO;
    }
    octets = as_base64url_decode(pool, token, strlen(token), &len);
    if (!octets || len != LINK_BYTES) {
        return AS_ENO;
    }
    status = as_challenge_by_id(db, as_hex_encode(pool, octets, AS_ID_BYTES), kind->purpose,
                                ctx->now, TRIES, &challenge, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!as_mac_text_check(ctx->service->secrets, AS_PURPOSE_LINK, kind->purpose, token,
                           challenge.mac)) {
        return AS_ENO;
    }
    *link = (as_link_t){ .id = challenge.id, .subject = challenge.subject,
                         .data = challenge.data };
    return APR_SUCCESS;
}

apr_status_t as_link_use(as_db_t *db, const as_ctx_t *ctx, const as_link_t *link)
{
    return as_challenge_use(db, link->id, ctx->now);
}
