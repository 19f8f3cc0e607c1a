/* SPDX-License-Identifier: Apache-2.0
 * Access tokens. See tokens.h.
 */
#include "ops/tokens.h"

#include <string.h>

#include <apr_strings.h>

#include "crypto/jwt.h"
#include "crypto/random.h"
#include "crypto/refresh.h"
#include "ops/keys.h"

#define LEEWAY (5 * APR_USEC_PER_SEC)           /* between the clocks of nodes */
#define RENEW_AT_MOST_EVERY APR_USEC_PER_SEC    /* however many unknown kids are shown */

apr_int64_t as_tokens_memory(const as_service_t *service)
{
    return service->policy.access_ttl + 2 * LEEWAY;
}

static as_json_t *words(apr_pool_t *pool, const char *text)
{
    as_json_t *array = as_json_array(pool);
    char *state, *copy = apr_pstrdup(pool, text);

    for (char *w = apr_strtok(copy, " ", &state); w; w = apr_strtok(NULL, " ", &state)) {
        as_json_append_string(array, w);
    }
    return array;
}

static as_json_t *claims_of(as_ctx_t *ctx, const as_account_t *account, const as_session_t *session)
{
    const as_policy_t *policy = &ctx->service->policy;
    apr_int64_t end = ctx->now + policy->access_ttl;
    as_json_t *claims = as_json_object(ctx->pool), *roles = as_json_array(ctx->pool);

    as_json_append_string(roles, "User");
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
    as_json_set(claims, "roles", roles);
    as_json_set_integer(claims, "epoch", account->epoch);
    return claims;
}

as_result_t as_tokens_issue(as_ctx_t *ctx, const as_account_t *account, const as_session_t *session,
                            apr_int64_t generation, as_tokens_t *tokens)
{
    const as_signing_key_t *key;
    const as_keyring_t *ring;
    apr_status_t status = as_keys_borrow(ctx->service, &ring, ctx->pool);

    if (status != APR_SUCCESS) {
        return as_result_of(status);
    }
    key = as_keyring_signer(ring, ctx->now);
    tokens->access = key ? as_jwt_sign(ctx->pool, key, claims_of(ctx, account, session)) : NULL;
    as_keys_return(ctx->service, ring);
    tokens->refresh = as_refresh_make(ctx->pool, ctx->service->secrets, session->id, session->salt,
                                      generation);
    return tokens->access && tokens->refresh ? as_result(AS_OK)
                                             : as_result_detail(AS_FAULT, "no token could be made");
}

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

static int read_claims(as_ctx_t *ctx, const as_json_t *claims, as_principal_t *p,
                       apr_int64_t *epoch)
{
    apr_int64_t expires = 0, auth_time = 0;

    p->account_id = as_json_get_string(claims, "sub");
    p->session_id = as_json_get_string(claims, "sid");
    p->amr = joined(ctx->pool, as_json_get(claims, "amr"));
    if (!p->account_id || !p->session_id || !as_json_get_integer(claims, "exp", &expires)
        || !as_json_get_integer(claims, "auth_time", &auth_time)
        || !as_json_get_integer(claims, "epoch", epoch)) {
        return 0;
    }
    p->expires_at = apr_time_from_sec(expires);
    p->auth_time = apr_time_from_sec(auth_time);
    return 1;
}

typedef struct {
    const as_principal_t *principal;
    as_standing_t standing;
} question_t;

static apr_status_t ask_standing(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;

    return as_session_standing(db, q->principal->session_id, q->principal->account_id, &q->standing,
                               pool);
}

as_result_t as_tokens_check(as_ctx_t *ctx, const char *access, as_principal_t *principal)
{
    question_t q = { .principal = principal };
    const char *why = "claims";
    as_json_t *claims;
    apr_int64_t epoch;
    apr_status_t status = verify(ctx, access, &claims, &why);

    memset(principal, 0, sizeof *principal);
    if (status == AS_ENO && strcmp(why, "kid") == 0) { /* signed since the ring was loaded? */
        status = as_keys_renew(ctx->service, RENEW_AT_MOST_EVERY, ctx->pool);
        status = status == APR_SUCCESS ? verify(ctx, access, &claims, &why) : status;
    }
    if (status == APR_SUCCESS && !read_claims(ctx, claims, principal, &epoch)) {
        status = AS_ENO;
    }
    if (status == APR_SUCCESS) {
        why = "revoked";
        status = as_store_read(ctx->service->store, ask_standing, &q, ctx->pool);
    }
    if (status == AS_ENO
        || (status == APR_SUCCESS
            && (q.standing.ended_at || q.standing.disabled_at || epoch < q.standing.epoch))) {
        return as_result_detail(AS_UNAUTHENTICATED, why);
    }
    if (status != APR_SUCCESS) {
        return as_result_of(status);
    }
    principal->number = q.standing.number;
    principal->email = q.standing.email_proven ? q.standing.email : NULL;
    principal->phone = q.standing.phone_proven ? q.standing.phone : NULL;
    return as_result(AS_OK);
}
