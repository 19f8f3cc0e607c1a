/* SPDX-License-Identifier: Apache-2.0
 * Two-factor. See twofactor.h.
 */
#include "ops/twofactor.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/bytes.h"
#include "crypto/random.h"
#include "crypto/seal.h"
#include "crypto/totp.h"
#include "ops/outbox.h"
#include "ops/sessions.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/factors.h"

#define RECOVERY_BYTES 15 /* 120 bits: a keyed hash is enough for them */
#define RECOVERY_TEXT 24  /* in base32 */
#define RECOVERY_GROUP 6
#define TYPED_MAX (RECOVERY_TEXT + 1)

static const unsigned buckets = AS_CHARGE(AS_BUCKET_TWOFACTOR);

static const char *row_name(const char *id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "as_factor/", id, NULL);
}

/* ---- recovery codes ---- */

static const char *hash_name(const char *account_id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "recovery/", account_id, NULL);
}

/* What was typed without blanks and dashes, in upper case; cut where it is longer than any code. */
static void read_typed(const char *typed, char code[TYPED_MAX + 1])
{
    apr_size_t len = 0;

    for (; *typed && len < TYPED_MAX; typed++) {
        if (*typed != ' ' && *typed != '-') {
            code[len++] = (char)apr_toupper(*typed);
        }
    }
    code[len] = '\0';
}

/* Makes one as people read it, in groups; *hash is what is stored. */
static const char *make_code(const as_ctx_t *ctx, const char *account_id, const char **hash)
{
    unsigned char octets[RECOVERY_BYTES];
    apr_pool_t *pool = ctx->pool;
    char *code, *text = apr_palloc(pool, RECOVERY_TEXT + RECOVERY_TEXT / RECOVERY_GROUP), *end;

    as_random_bytes(octets, sizeof octets);
    code = as_base32_encode(pool, octets, sizeof octets);
    *hash = as_mac_text(pool, ctx->service->secrets, AS_PURPOSE_CODE, hash_name(account_id, pool),
                        code);
    end = text;
    for (int i = 0; i < RECOVERY_TEXT; i++) {
        if (i > 0 && i % RECOVERY_GROUP == 0) {
            *end++ = '-';
        }
        *end++ = code[i];
    }
    *end = '\0';
    as_wipe(octets, sizeof octets);
    as_wipe_text(code);
    as_wipe_with_pool(pool, text, strlen(text));
    return text;
}

static apr_status_t take_recovery_code(as_db_t *db, as_guess_t *guess, const char *code,
                                       apr_pool_t *pool)
{
    const char *name = hash_name(guess->account_id, pool), *found = NULL;
    as_rows_t rows;
    apr_status_t status = as_recovery_codes_unused(db, guess->account_id, &rows, pool);

    for (int i = 0; status == APR_SUCCESS && i < rows.rows; i++) {
        const char *hash = as_rows_text(&rows, i, 0);

        if (as_mac_text_check(guess->ctx->service->secrets, AS_PURPOSE_CODE, name, code, hash)) {
            found = hash;
        }
    }
    if (status != APR_SUCCESS || !found) {
        return status == APR_SUCCESS ? AS_ENO : status;
    }
    return as_recovery_code_use(db, guess->account_id, found, guess->ctx->now);
}

/* ---- guesses ---- */

static apr_status_t take_totp(as_db_t *db, const as_guess_t *guess, const as_factor_t *factor,
                              const char *code, apr_pool_t *pool)
{
    const as_service_t *service = guess->ctx->service;
    const char *secret = as_unseal(pool, service->secrets, row_name(factor->id, pool),
                                   factor->sealed);
    apr_int64_t step;

    if (!secret) {
        as_log(&service->log, AS_LOG_ERROR, APR_SUCCESS,
               "the second factor of account %s does not open with any secret of the file",
               guess->account_id);
        return AS_EFAULT;
    }
    step = as_totp_verify(secret, code, guess->ctx->now, factor->last_step);
    return step ? as_factor_use(db, factor, step) : AS_ENO;
}

/* A code is one of two kinds by its length; a recovery code is good for a factor that is on. */
static apr_status_t take(as_db_t *db, as_guess_t *guess, const as_factor_t *factor,
                         apr_pool_t *pool)
{
    char code[TYPED_MAX + 1];
    apr_status_t status;

    read_typed(guess->code, code);
    if (factor->on && strlen(code) == RECOVERY_TEXT) {
        guess->kind = "recovery_code";
        status = take_recovery_code(db, guess, code, pool);
    } else {
        guess->kind = "totp";
        status = take_totp(db, guess, factor, code, pool);
    }
    as_wipe(code, sizeof code);
    return status;
}

static apr_status_t judge(as_db_t *db, as_guess_t *guess, const as_factor_t *factor,
                          apr_pool_t *pool)
{
    apr_status_t status;

    if (!guess->charged) {
        guess->result = as_throttle_charge(guess->ctx, buckets, guess->account_id);
        guess->charged = guess->result.code == AS_OK;
    }
    if (!guess->charged) {
        return APR_SUCCESS;
    }
    status = take(db, guess, factor, pool);
    guess->result = as_result(status == APR_SUCCESS ? AS_OK : AS_TWO_FACTOR_WRONG);
    return status == APR_SUCCESS || status == AS_ENO
               ? as_trail(db, guess->ctx, guess->kind, guess->result.code, guess->account_id, NULL,
                          pool)
               : status;
}

apr_status_t as_factor_check(as_db_t *db, as_guess_t *guess, apr_pool_t *pool)
{
    as_factor_t factor;
    apr_status_t status = as_factor_find(db, guess->account_id, &factor, pool);

    guess->on = status == APR_SUCCESS && factor.on;
    guess->result = as_result(guess->on ? AS_TWO_FACTOR_REQUIRED : AS_OK);
    if (guess->on && guess->code) {
        return judge(db, guess, &factor, pool);
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

as_result_t as_guess_settle(const as_guess_t *guess, as_result_t result)
{
    if (guess->charged) {
        as_throttle_settle(guess->ctx, buckets, guess->account_id, result);
    }
    return result.code == guess->result.code ? guess->result : result;
}

const char *as_amr_with_factor(const char *amr, apr_pool_t *pool)
{
    return strstr(amr, "otp mfa") ? amr : apr_pstrcat(pool, amr, " otp mfa", NULL);
}

/* ---- setting up ---- */

typedef struct {
    const as_ctx_t *ctx;
    as_factor_t factor;
    as_account_t account;
    as_code_t outcome;
} setup_t;

static apr_status_t set_up(as_db_t *db, void *baton, apr_pool_t *pool)
{
    setup_t *s = baton;
    const as_principal_t *p = s->ctx->principal;
    apr_status_t status = as_account_by_id(db, p->account_id, &s->account, pool);

    if (status == APR_SUCCESS) {
        status = as_factor_insert(db, &s->factor, p->account_id, s->ctx->now);
        s->outcome = status == AS_ENO ? AS_TWO_FACTOR_ON : AS_OK;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    return status == APR_SUCCESS ? as_trail(db, s->ctx, "two_factor_setup", s->outcome,
                                            p->account_id, p->session_id, pool)
                                 : status;
}

as_result_t as_two_factor_setup(as_ctx_t *ctx, const void *in, void *output)
{
    as_two_factor_setup_t *out = output;
    const char *secret = as_totp_secret(ctx->pool), *id = as_random_id(ctx->pool);
    setup_t s = { .ctx = ctx, .factor = { .id = id } };
    apr_status_t status;

    (void)in;
    s.factor.sealed = as_seal(ctx->pool, ctx->service->secrets, row_name(id, ctx->pool), secret);
    status = s.factor.sealed ? as_principal_write(ctx, set_up, &s) : AS_EFAULT;
    if (status != APR_SUCCESS || s.outcome != AS_OK) {
        return status == APR_SUCCESS ? as_result(s.outcome) : as_result_of(status);
    }
    out->secret = secret;
    out->url = as_totp_url(as_policy_site(&ctx->service->policy),
                           s.account.email   ? s.account.email
                           : s.account.phone ? s.account.phone
                                             : s.account.id,
                           secret, ctx->pool);
    return as_result(AS_OK);
}

/* ---- switching on and off ---- */

typedef struct {
    as_guess_t guess;
    const char *session_id; /* the one that goes on */
    const char *hashes[AS_RECOVERY_CODES];
    as_ended_t ended;
} change_t;

/* What both end with: the trail's entry, a word to the owner, and the end of all other sessions and
 * of what doors remember.
 */
static apr_status_t finish(as_db_t *db, change_t *c, const char *event, const char *notice,
                           apr_pool_t *pool)
{
    const as_ctx_t *ctx = c->guess.ctx;
    const char *id = c->guess.account_id;
    as_account_t account;
    apr_status_t status = as_trail(db, ctx, event, c->guess.result.code, id, c->session_id, pool);

    if (status != APR_SUCCESS || c->guess.result.code != AS_OK) {
        return status;
    }
    status = as_account_by_id(db, id, &account, pool);
    if (status == APR_SUCCESS) {
        status = as_notice_put(db, ctx, &account, notice, pool);
    }
    return status == APR_SUCCESS
               ? as_sessions_end_others(db, ctx, &account, c->session_id, &c->ended, pool)
               : status;
}

static apr_status_t mark_session(as_db_t *db, const char *id, apr_pool_t *pool)
{
    as_session_t session;
    apr_status_t status = id ? as_session_by_id(db, id, &session, pool) : AS_ENO;

    if (status == APR_SUCCESS) {
        status = as_session_set_amr(db, id, as_amr_with_factor(session.amr, pool));
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t enable(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    as_guess_t *guess = &c->guess;
    as_factor_t factor;
    apr_status_t status = as_factor_find(db, guess->account_id, &factor, pool);

    if (status == AS_ENO) {
        guess->result = as_result_detail(AS_TWO_FACTOR_WRONG, "nothing was set up");
        status = APR_SUCCESS;
    } else if (status == APR_SUCCESS && factor.on) {
        guess->result = as_result(AS_TWO_FACTOR_ON);
    } else if (status == APR_SUCCESS) {
        status = judge(db, guess, &factor, pool);
        if (status == APR_SUCCESS && guess->result.code == AS_OK) {
            status = as_recovery_codes_replace(db, guess->account_id, c->hashes,
                                               AS_RECOVERY_CODES);
        }
        if (status == APR_SUCCESS && guess->result.code == AS_OK) {
            status = mark_session(db, c->session_id, pool);
        }
    }
    return status == APR_SUCCESS ? finish(db, c, "two_factor_enable", "two_factor_on", pool)
                                 : status;
}

static apr_status_t disable(as_db_t *db, void *baton, apr_pool_t *pool)
{
    change_t *c = baton;
    apr_status_t status = as_factor_check(db, &c->guess, pool);

    if (status == APR_SUCCESS && !c->guess.on) {
        c->guess.result = as_result_detail(AS_TWO_FACTOR_WRONG, "it is off");
    }
    if (status == APR_SUCCESS && c->guess.result.code == AS_OK) {
        status = as_factor_delete(db, c->guess.account_id);
    }
    return status == APR_SUCCESS ? finish(db, c, "two_factor_disable", "two_factor_off", pool)
                                 : status;
}

static change_t change_of(const as_ctx_t *ctx, const as_two_factor_in_t *in)
{
    return (change_t){
        .guess = { .ctx = ctx, .account_id = ctx->principal->account_id, .code = in->code },
        .session_id = ctx->principal->session_id,
    };
}

static as_result_t make_change(change_t *c, as_txn_fn body)
{
    const as_ctx_t *ctx = c->guess.ctx;
    apr_status_t status = as_principal_write(ctx, body, c);

    if (status == APR_SUCCESS && c->guess.result.code == AS_OK) {
        as_ended_publish(ctx, &c->ended);
        as_outbox_wake(ctx);
    }
    return as_guess_settle(&c->guess,
                           status == APR_SUCCESS ? c->guess.result : as_result_of(status));
}

as_result_t as_two_factor_enable(as_ctx_t *ctx, const void *in, void *output)
{
    change_t c = change_of(ctx, in);
    as_recovery_codes_t *out = output;

    for (int i = 0; i < AS_RECOVERY_CODES; i++) {
        out->codes[i] = make_code(ctx, c.guess.account_id, &c.hashes[i]);
    }
    return make_change(&c, enable);
}

as_result_t as_two_factor_disable(as_ctx_t *ctx, const void *in, void *out)
{
    change_t c = change_of(ctx, in);

    (void)out;
    return make_change(&c, disable);
}
