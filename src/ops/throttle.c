/* SPDX-License-Identifier: Apache-2.0
 * Throttle buckets. See throttle.h.
 */
#include "ops/throttle.h"

#include <string.h>

#include <apr_strings.h>
#include <arpa/inet.h>

#include "base/bytes.h"

#define MINUTE (60 * APR_USEC_PER_SEC)
#define CLIENT_FACTOR 10 /* many people share an address */
#define NETWORK_OCTETS 8 /* of IPv6: a customer has a /64 at least */

enum { SUBJECT = 1, CLIENT = 2 };

static const struct {
    const char *name;
    as_rate_t rate; /* a subject's; a client's is CLIENT_FACTOR times it */
    unsigned whom;
    int sendings; /* counts successes; the others count failures */
} rows[AS_BUCKETS] = {
    [AS_BUCKET_SIGNIN] = { "signin", { 10, 5 * MINUTE }, SUBJECT | CLIENT, 0 },
    [AS_BUCKET_SEND] = { "send", { 5, 10 * MINUTE }, SUBJECT, 1 },
    [AS_BUCKET_TWOFACTOR] = { "twofactor", { 5, 15 * MINUTE }, SUBJECT, 0 },
    [AS_BUCKET_SIGNUP] = { "signup", { 10, 60 * MINUTE }, CLIENT, 0 },
};

typedef struct {
    as_bucket_t bucket;
    unsigned whom;
    as_limit_name_t name;
    as_rate_t rate;
} charge_t;

/* Whom an address stands for: itself, or its /64. Clients without one share a limit. */
static const char *network_of(const char *address, apr_pool_t *pool)
{
    const char *plain = address ? apr_pstrmemdup(pool, address, strcspn(address, "%")) : "";
    struct in6_addr v6;
    char v4[INET_ADDRSTRLEN];

    if (inet_pton(AF_INET6, plain, &v6) != 1) {
        return plain;
    }
    return IN6_IS_ADDR_V4MAPPED(&v6)
               ? apr_pstrdup(pool, inet_ntop(AF_INET, &v6.s6_addr[12], v4, sizeof v4))
               : as_hex_encode(pool, v6.s6_addr, NETWORK_OCTETS);
}

static charge_t charge_of(const as_ctx_t *ctx, as_bucket_t bucket, unsigned whom, const char *who)
{
    const char *text = apr_pstrcat(ctx->pool, rows[bucket].name, whom == CLIENT ? "/client/" : "/",
                                   who, NULL);
    charge_t charge = { .bucket = bucket, .whom = whom,
                        .rate = ctx->service->policy.throttles[bucket] };

    charge.rate.count *= whom == CLIENT ? CLIENT_FACTOR : 1;
    charge.name = as_limits_name(ctx->service->limits, text, strlen(text));
    return charge;
}

/* Clients come first: who has used up his own leaves the accounts of others alone. */
static int list_charges(const as_ctx_t *ctx, unsigned buckets, const char *subject,
                        charge_t charges[2 * AS_BUCKETS])
{
    int n = 0;

    for (as_bucket_t b = 0; b < AS_BUCKETS && ctx->service->limits; b++) {
        if (!(buckets & AS_CHARGE(b)) || ctx->service->policy.throttles[b].count == 0) {
            continue;
        }
        if (rows[b].whom & CLIENT) {
            charges[n++] = charge_of(ctx, b, CLIENT, network_of(ctx->address, ctx->pool));
        }
        if (rows[b].whom & SUBJECT && subject) {
            charges[n++] = charge_of(ctx, b, SUBJECT, subject);
        }
    }
    return n;
}

static void give_back(const as_ctx_t *ctx, const charge_t *charge)
{
    as_limits_refund(ctx->service->limits, charge->name, &charge->rate);
}

static as_result_t refuse(const as_ctx_t *ctx, const charge_t *charge, apr_int64_t wait)
{
    as_result_t result = as_result_detail(
        AS_THROTTLED, apr_pstrcat(ctx->pool, "bucket ", rows[charge->bucket].name,
                                  charge->whom == CLIENT ? " of the client" : " of the account",
                                  NULL));

    result.retry_after = (int)((wait + APR_USEC_PER_SEC - 1) / APR_USEC_PER_SEC);
    return result;
}

as_result_t as_throttle_charge(const as_ctx_t *ctx, unsigned buckets, const char *subject)
{
    charge_t charges[2 * AS_BUCKETS];
    int n = list_charges(ctx, buckets, subject, charges);

    for (int i = 0; i < n; i++) {
        apr_int64_t wait = as_limits_charge(ctx->service->limits, charges[i].name,
                                            &charges[i].rate, as_shm_clock());

        if (wait > 0) {
            for (int taken = 0; taken < i; taken++) {
                give_back(ctx, &charges[taken]);
            }
            return refuse(ctx, &charges[i], wait);
        }
    }
    return as_result(AS_OK);
}

static int counts(const charge_t *charge, as_code_t code)
{
    switch (code) {
    case AS_CAPTCHA_WRONG: /* nothing was guessed: it is the client's alone */
        return charge->whom == CLIENT;
    case AS_BUSY:
    case AS_UNAVAILABLE:
    case AS_FAULT:
    case AS_TWO_FACTOR_REQUIRED: /* the password was right, no code was there */
        return 0;
    default:
        return (code == AS_OK) == rows[charge->bucket].sendings;
    }
}

as_result_t as_throttle_settle(const as_ctx_t *ctx, unsigned buckets, const char *subject,
                               as_result_t result)
{
    charge_t charges[2 * AS_BUCKETS];
    int n = list_charges(ctx, buckets, subject, charges);

    for (int i = 0; i < n; i++) {
        if (!counts(&charges[i], result.code)) {
            give_back(ctx, &charges[i]);
        }
    }
    return result;
}

as_bucket_t as_throttle_find(const char *name)
{
    as_bucket_t found = 0;

    while (found < AS_BUCKETS && strcasecmp(rows[found].name, name) != 0) {
        found++;
    }
    return found;
}

const char *as_throttle_names(apr_pool_t *pool)
{
    const char *names = rows[0].name;

    for (as_bucket_t b = 1; b < AS_BUCKETS; b++) {
        names = apr_pstrcat(pool, names, ", ", rows[b].name, NULL);
    }
    return names;
}

as_rate_t as_throttle_default(as_bucket_t bucket)
{
    return rows[bucket].rate;
}
