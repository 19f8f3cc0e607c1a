/* SPDX-License-Identifier: Apache-2.0
 * One-time codes. See challenges.h.
 */
#include "ops/challenges.h"

#include <apr_strings.h>

#include "crypto/random.h"
#include "ops/outbox.h"
#include "store/challenges.h"
#include "store/outbox.h"

#define LIFE (10 * 60 * APR_USEC_PER_SEC)
#define TRIES 5
#define WRONG_PER_DAY 10
#define DAY (24 * 3600 * APR_USEC_PER_SEC)
#define NOBODY "nobody" /* whose codes are asked where there is no account */
#define NO_MAC "0000000000000000000000000000000000000000000000000000000000000000"

const as_code_kind_t as_code_signup = { "signup", "signup_code" };
const as_code_kind_t as_code_recovery = { "recovery", "recovery_code" };

static const char *topic_of(const as_code_kind_t *kind, const char *subject, apr_pool_t *pool)
{
    return apr_pstrcat(pool, kind->purpose, "/", subject, NULL);
}

apr_status_t as_code_kill(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                          const char *subject, apr_pool_t *pool)
{
    apr_status_t status = as_challenge_kill(db, kind->purpose, subject, ctx->now);

    return status == APR_SUCCESS ? as_outbox_kill(db, topic_of(kind, subject, pool), ctx->now)
                                 : status;
}

apr_status_t as_code_send(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                          const char *subject, const as_address_t *to, apr_pool_t *pool)
{
    const char *code = as_random_code(pool);
    const char *whom = subject ? subject : as_random_id(pool);
    as_challenge_t challenge = { .id = as_random_id(pool), .expires_at = ctx->now + LIFE };
    const as_letter_t letter = {
        .template = kind->template,
        .topic = topic_of(kind, whom, pool),
        .to = *to,
        .code = code,
        .dies_at = challenge.expires_at,
        .decoy = !subject,
    };
    apr_status_t status = as_code_kill(db, ctx, kind, whom, pool);

    challenge.mac = as_mac_text(pool, ctx->service->secrets, AS_PURPOSE_CODE, challenge.id, code);
    if (status == APR_SUCCESS) {
        status = as_challenge_insert(db, &challenge, kind->purpose, whom, ctx->now);
    }
    return status == APR_SUCCESS ? as_outbox_put(db, ctx, &letter, pool) : status;
}

static apr_status_t count_wrong(as_db_t *db, const as_ctx_t *ctx, const char *topic)
{
    return as_tally_count(db, topic, ctx->now / DAY);
}

apr_status_t as_code_answer(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                            const char *subject, const char *code, int *right, apr_pool_t *pool)
{
    const char *whom = subject ? subject : NOBODY;
    const char *topic = topic_of(kind, whom, pool);
    as_challenge_t challenge;
    apr_int64_t wrong;
    apr_status_t status;

    *right = 0;
    status = as_tally_get(db, topic, ctx->now / DAY, &wrong, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    status = as_challenge_live(db, kind->purpose, whom, ctx->now, TRIES, &challenge, pool);
    if (status == APR_SUCCESS) {
        status = as_challenge_try(db, challenge.id, ctx->now, TRIES);
    }
    if (status == AS_ENO) { /* nothing to answer: the same work as for a wrong answer */
        as_mac_text_check(ctx->service->secrets, AS_PURPOSE_CODE, whom, code, NO_MAC);
        return count_wrong(db, ctx, topic_of(kind, NOBODY, pool));
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!as_mac_text_check(ctx->service->secrets, AS_PURPOSE_CODE, challenge.id, code,
                           challenge.mac)
        || wrong >= WRONG_PER_DAY) { /* judged last, so that it cannot be told by the time */
        return count_wrong(db, ctx, topic);
    }
    status = as_challenge_use(db, challenge.id, ctx->now);
    *right = status == APR_SUCCESS;
    return status == AS_ENO ? APR_SUCCESS : status;
}
