/* SPDX-License-Identifier: Apache-2.0
 * Access tokens. See tokens.h.
 */
#include "ops/tokens.h"

#include <string.h>

#include <apr_strings.h>

#include "base/bytes.h"
#include "crypto/jwt.h"
#include "crypto/random.h"
#include "crypto/refresh.h"
#include "ops/keys.h"

#define LEEWAY (5 * APR_USEC_PER_SEC)        /* between the clocks of nodes */
#define RENEW_AT_MOST_EVERY APR_USEC_PER_SEC /* however many unknown kids are shown */

apr_int64_t as_tokens_memory(const as_service_t *service)
{
    return service->policy.access_ttl + 2 * LEEWAY;
}

apr_int64_t as_remember_until(const as_ctx_t *ctx)
{
    return ctx->now + as_tokens_memory(ctx->service);
}

/* ---- making ---- */

static as_json_t *words(apr_pool_t *pool, const char *text)
{
    as_json_t *array = as_json_array(pool);
    char *state, *copy = apr_pstrdup(pool, text);

    for (char *w = apr_strtok(copy, " ", &state); w; w = apr_strtok(NULL, " ", &state)) {
        as_json_append_string(array, w);
    }
    return array;
}

static void set_present(as_json_t *claims, const char *name, const char *text)
{
    if (text) {
        as_json_set_string(claims, name, text);
    }
}

static as_json_t *claims_of(as_ctx_t *ctx, const as_grant_t *grant)
{
    const as_policy_t *policy = &ctx->service->policy;
    const as_account_t *account = grant->account;
    const as_session_t *session = grant->session;
    apr_int64_t end = ctx->now + policy->access_ttl;
    as_json_t *claims = as_json_object(ctx->pool);

    as_json_set_string(claims, "iss", policy->issuer);
    as_json_set_string(claims, "sub", account->id);
    as_json_set_string(claims, "aud", policy->audience);
    as_json_set_integer(claims, "exp",
                        apr_time_sec(end < session->ends_at ? end : session->ends_at));
    as_json_set_integer(claims, "iat", apr_time_sec(ctx->now));
    as_json_set_string(claims, "jti", as_random_id(ctx->pool));
    as_json_set_string(claims, "client_id",
                       policy->client_id ? policy->client_id : session->dialect);
    as_json_set_string(claims, "sid", session->id);
    as_json_set_integer(claims, "auth_time", apr_time_sec(session->auth_time));
    as_json_set(claims, "amr", words(ctx->pool, session->amr));
    as_json_set(claims, "roles", words(ctx->pool, grant->roles));
    set_present(claims, "team", session->team);
    as_json_set_integer(claims, "epoch", account->epoch);
    return claims;
}

as_result_t as_tokens_issue(as_ctx_t *ctx, const as_grant_t *grant, as_tokens_t *tokens)
{
    const as_session_t *session = grant->session;
    const as_signing_key_t *key;
    const as_keyring_t *ring;
    apr_status_t status = as_keys_borrow(ctx->service, &ring, ctx->pool);

    if (status != APR_SUCCESS) {
        return as_result_of(status);
    }
    key = as_keyring_signer(ring, ctx->now);
    tokens->access = key ? as_jwt_sign(ctx->pool, key, claims_of(ctx, grant)) : NULL;
    as_keys_return(ctx->service, ring);
    tokens->refresh = as_refresh_make(ctx->pool, ctx->service->secrets, session->id, session->salt,
                                      grant->generation);
    tokens->two_factor = grant->two_factor;
    return tokens->access && tokens->refresh ? as_result(AS_OK)
                                             : as_result_detail(AS_FAULT, "no token could be made");
}

/* ---- verifying what was not seen before ---- */

static apr_status_t verify(as_ctx_t *ctx, const char *access, as_json_t **claims, const char **why)
{
    const as_jwt_demand_t demand = {
        .issuer = ctx->service->policy.issuer,
        .audience = ctx->service->policy.audience,
        .now = ctx->now,
        .leeway = LEEWAY,
    };
    const as_keyring_t *ring;
    apr_status_t status = as_keys_borrow(ctx->service, &ring, ctx->pool);

    if (status == APR_SUCCESS) {
        status = as_jwt_verify(ctx->pool, ring, &demand, access, claims, why);
        as_keys_return(ctx->service, ring);
    }
    return status;
}

static const char *joined(apr_pool_t *pool, const as_json_t *array)
{
    const char *out = "", *word;

    for (apr_size_t i = 0; (word = as_json_string(as_json_at(array, i))) != NULL; i++) {
        out = apr_pstrcat(pool, out, *out ? " " : "", word, NULL);
    }
    return out;
}

/* An instant of a claim, seconds, as microseconds; 0 if it is none. */
static int read_instant(const as_json_t *claims, const char *name, apr_int64_t *usec)
{
    apr_int64_t seconds;

    if (!as_json_get_integer(claims, name, &seconds) || seconds < 0
        || seconds > APR_INT64_MAX / APR_USEC_PER_SEC) {
        return 0;
    }
    *usec = apr_time_from_sec(seconds);
    return 1;
}

static int read_claims(as_ctx_t *ctx, const as_json_t *claims, as_principal_t *p)
{
    *p = (as_principal_t){
        .account_id = as_json_get_string(claims, "sub"),
        .session_id = as_json_get_string(claims, "sid"),
        .amr = joined(ctx->pool, as_json_get(claims, "amr")),
        .roles = joined(ctx->pool, as_json_get(claims, "roles")),
        .team = as_json_get_string(claims, "team"),
    };
    return p->account_id && p->session_id && read_instant(claims, "exp", &p->expires_at)
           && read_instant(claims, "iat", &p->issued_at)
           && read_instant(claims, "auth_time", &p->auth_time)
           && as_json_get_integer(claims, "epoch", &p->epoch);
}

/* AS_ENO and why: no. */
static apr_status_t verify_anew(as_ctx_t *ctx, const char *access, as_principal_t *principal,
                                const char **why)
{
    as_json_t *claims;
    apr_status_t status = verify(ctx, access, &claims, why);

    if (status == AS_ENO && strcmp(*why, "kid") == 0) { /* signed since the ring was loaded? */
        status = as_keys_renew(ctx->service, RENEW_AT_MOST_EVERY, ctx->pool);
        status = status == APR_SUCCESS ? verify(ctx, access, &claims, why) : status;
    }
    if (status == APR_SUCCESS && !read_claims(ctx, claims, principal)) {
        *why = "claims";
        status = AS_ENO;
    }
    return status;
}

/* ---- recognising what was ---- */

/* A text into a field with its NUL; 0 if it does not fit. Absent and empty are one. */
static int keep(char *field, apr_size_t room, const char *text)
{
    apr_size_t len = text ? strlen(text) : 0;

    if (len >= room) {
        return 0;
    }
    memcpy(field, text ? text : "", len);
    memset(field + len, 0, room - len);
    return 1;
}

/* What ends before the account does: the session, or what a door remembers a password by. */
static const char *revocable_id(const as_principal_t *p)
{
    return p->session_id ? p->session_id : p->door_id;
}

int as_verdict_of(const as_principal_t *p, as_verdict_t *v)
{
    memset(v, 0, sizeof *v);
    v->issued_at = p->issued_at;
    v->expires_at = p->expires_at;
    v->auth_time = p->auth_time;
    v->epoch = p->epoch;
    v->number = p->number;
    v->has_session = p->session_id != NULL;
    return as_hex_decode(p->account_id, v->account, sizeof v->account)
           && as_hex_decode(revocable_id(p), v->session, sizeof v->session)
           && keep(v->amr, sizeof v->amr, p->amr) && keep(v->team, sizeof v->team, p->team)
           && keep(v->roles, sizeof v->roles, p->roles)
           && keep(v->email, sizeof v->email, p->email)
           && keep(v->phone, sizeof v->phone, p->phone);
}

void as_verdict_principal(const as_verdict_t *verdict, as_principal_t *principal, apr_pool_t *pool)
{
    const as_verdict_t *v = apr_pmemdup(pool, verdict, sizeof *v);
    const char *id = as_hex_encode(pool, v->session, sizeof v->session);

    *principal = (as_principal_t){
        .account_id = as_hex_encode(pool, v->account, sizeof v->account),
        .session_id = v->has_session ? id : NULL,
        .door_id = v->has_session ? NULL : id,
        .issued_at = v->issued_at,
        .expires_at = v->expires_at,
        .auth_time = v->auth_time,
        .epoch = v->epoch,
        .number = v->number,
        .amr = v->amr,
        .roles = v->roles,
        .team = *v->team ? v->team : NULL,
        .email = *v->email ? v->email : NULL,
        .phone = *v->phone ? v->phone : NULL,
    };
}

/* ---- whether it still stands ---- */

typedef struct {
    const as_principal_t *principal;
    as_standing_t standing;
} question_t;

static apr_status_t ask_standing(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;
    const as_principal_t *p = q->principal;

    return p->session_id ? as_session_standing(db, p->session_id, p->account_id, &q->standing, pool)
                         : as_account_standing(db, p->account_id, &q->standing, pool);
}

static int has_ended(const question_t *q)
{
    const as_principal_t *p = q->principal;
    const as_standing_t *now = &q->standing;

    return now->ended_at || now->disabled_at || p->epoch < now->epoch
           || (p->door_id && strcmp(p->door_id, now->door_id) != 0);
}

/* The store's word on a principal, and on the names he goes by. */
static as_result_t ask_store(as_ctx_t *ctx, as_principal_t *principal)
{
    question_t q = { .principal = principal };
    as_gate_t *gate = ctx->service->askers;
    apr_status_t status = gate ? as_gate_enter(gate) : APR_SUCCESS;

    if (status == APR_SUCCESS) {
        status = as_store_read(ctx->service->store, ask_standing, &q, ctx->pool);
        if (gate) {
            as_gate_leave(gate);
        }
    }
    if (status == AS_ENO || (status == APR_SUCCESS && has_ended(&q))) {
        return as_result_detail(AS_UNAUTHENTICATED, "revoked");
    }
    if (status == APR_SUCCESS) {
        principal->number = q.standing.number;
        principal->email = q.standing.email_proven ? q.standing.email : NULL;
        principal->phone = q.standing.phone_proven ? q.standing.phone : NULL;
    }
    return as_result_of(status);
}

static as_standing_answer_t ask_cache(const as_service_t *service, const as_principal_t *p)
{
    unsigned char session[AS_REVOCATION_KEY], account[AS_REVOCATION_KEY];
    const as_standing_question_t question = {
        .session = session,
        .account = account,
        .epoch = p->epoch,
        .issued_at = p->issued_at,
        .max_age = service->policy.revocation_max_age,
    };

    /* an entry is kept as long as tokens live now; one made when they lived longer may outlive it
     */
    if (!service->revocations || p->expires_at - p->issued_at > as_tokens_memory(service)
        || !as_hex_decode(p->account_id, account, sizeof account)
        || !as_hex_decode(revocable_id(p), session, sizeof session)) {
        return AS_UNSURE;
    }
    return as_revocations_ask(service->revocations, &question);
}

as_result_t as_principal_stands(as_ctx_t *ctx, as_principal_t *principal)
{
    switch (ask_cache(ctx->service, principal)) {
    case AS_STANDS:
        return as_result(AS_OK);
    case AS_REVOKED:
        return as_result_detail(AS_UNAUTHENTICATED, "revoked");
    case AS_UNSURE:
        break;
    }
    return ask_store(ctx, principal);
}

typedef struct {
    const as_principal_t *principal;
    as_txn_fn body;
    void *baton;
} deed_t;

static apr_status_t do_if_standing(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const deed_t *deed = baton;
    question_t q = { .principal = deed->principal };
    apr_status_t status = ask_standing(db, &q, pool);

    if (status == AS_ENO || (status == APR_SUCCESS && has_ended(&q))) {
        return AS_EENDED;
    }
    return status == APR_SUCCESS ? deed->body(db, deed->baton, pool) : status;
}

apr_status_t as_principal_write(const as_ctx_t *ctx, as_txn_fn body, void *baton)
{
    deed_t deed = { .principal = ctx->principal, .body = body, .baton = baton };

    return as_store_write(ctx->service->store, do_if_standing, &deed, ctx->pool);
}

int as_principal_is_fresh(const as_principal_t *principal, apr_int64_t now)
{
    return now - principal->auth_time <= AS_FRESH_SECONDS * APR_USEC_PER_SEC;
}

as_result_t as_tokens_check(as_ctx_t *ctx, const char *access, as_principal_t *principal)
{
    as_verdicts_t *verdicts = ctx->service->verdicts;
    apr_uint64_t ring = as_keys_ring(ctx->service);
    as_verdict_name_t name = { 0 };
    const char *why = NULL;
    as_verdict_t verdict;
    as_result_t result;
    int seen = 0;

    if (verdicts) {
        name = as_verdicts_name(verdicts, AS_VERDICT_TOKEN, access, strlen(access));
        seen = ring && as_verdicts_find(verdicts, name, ring, &verdict);
    }
    if (seen) {
        as_verdict_principal(&verdict, principal, ctx->pool);
    } else {
        apr_status_t status = verify_anew(ctx, access, principal, &why);

        if (status != APR_SUCCESS) {
            return status == AS_ENO ? as_result_detail(AS_UNAUTHENTICATED, why)
                                    : as_result_of(status);
        }
    }
    principal->token = access;
    if (principal->expires_at <= ctx->now) {
        return as_result_detail(AS_UNAUTHENTICATED, "exp");
    }
    if (seen || ask_cache(ctx->service, principal) == AS_REVOKED) {
        result = as_principal_stands(ctx, principal);
    } else {
        result = ask_store(ctx, principal);
    }
    if (result.code == AS_OK && verdicts && ring && !seen && as_verdict_of(principal, &verdict)) {
        as_verdicts_put(verdicts, name, ring, &verdict, ctx->now);
    }
    return result;
}
