/* SPDX-License-Identifier: Apache-2.0
 * A race through the whole check of access tokens: threads check while sessions end, roles go,
 * tokens expire and signing keys change. Also built with -fsanitize=thread. Run by make check.
 */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include <apr_allocator.h>

#include "ops/signup.h"
#include "ops/feed.h"
#include "ops/membership.h"
#include "ops/rotation.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"
#define THREADS 4
#define CHECKS 1000000
#define TTL MINUTE
#define LATER (TTL + 10 * SECOND)

/* One token and what became of it. */
typedef struct {
    const char *access;
    _Atomic int ended; /* 1 once its end was acknowledged */
} target_t;

static struct {
    world_t *world;
    _Atomic apr_int64_t time;
    _Atomic(target_t *) target;
    _Atomic int stop;
    _Atomic long checks, stale, good, unknown;
} race;

static apr_int64_t race_now(void *clock)
{
    (void)clock;
    return atomic_load(&race.time);
}

static as_ctx_t race_ctx(apr_pool_t *own)
{
    return (as_ctx_t){ .service = &race.world->service, .pool = own, .now = race_now(NULL),
                       .dialect = "trainova" };
}

static void no_log(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    (void)baton;
    (void)level;
    (void)status;
    (void)line;
}

static apr_pool_t *thread_pool(void)
{
    apr_allocator_t *allocator;
    apr_pool_t *own;

    apr_allocator_create(&allocator);
    apr_pool_create_ex(&own, NULL, NULL, allocator);
    apr_allocator_owner_set(allocator, own);
    return own;
}

/* What is known of the end is asked before the token is: an answer may only be behind the question.
 */
static void *check_often(void *baton)
{
    apr_pool_t *own = thread_pool();

    (void)baton;
    while (!atomic_load(&race.stop)) {
        target_t *target = atomic_load(&race.target);
        int ended = atomic_load(&target->ended);
        as_ctx_t ctx = race_ctx(own);
        as_principal_t principal;
        as_code_t code = as_tokens_check(&ctx, target->access, &principal).code;

        atomic_fetch_add(&race.checks, 1);
        atomic_fetch_add(&race.good, code == AS_OK);
        atomic_fetch_add(&race.stale, code == AS_OK && ended);
        atomic_fetch_add(&race.unknown, code != AS_OK && code != AS_UNAUTHENTICATED);
        apr_pool_clear(own);
    }
    apr_pool_destroy(own);
    return NULL;
}

/* ---- ways for a token to end ---- */

static void by_sign_out(const as_tokens_t *tokens)
{
    as_ctx_t ctx = race_ctx(pool);
    as_refresh_in_t in = { .refresh_token = tokens->refresh };

    ck_assert_int_eq(as_sign_out(&ctx, &in, NULL).code, AS_OK);
}

static void by_role(const as_tokens_t *tokens)
{
    const as_role_in_t in = { .address = ANN, .role = "editor" };
    as_ctx_t ctx = race_ctx(pool);

    (void)tokens;
    ck_assert_int_eq(as_role_remove(&ctx, &in).code, AS_OK);
}

static void by_expiry(const as_tokens_t *tokens)
{
    (void)tokens;
    atomic_fetch_add(&race.time, LATER);
}

/* A dropped key's tokens die where the ring was loaded anew. */
static void by_key(const as_tokens_t *tokens)
{
    as_service_t *service = &race.world->service;
    apr_array_header_t *keys;
    apr_int64_t oldest;

    (void)tokens;
    ck_assert_int_eq(as_rotation_next(service, 0, pool), APR_SUCCESS);
    atomic_fetch_add(&race.time, 1);
    ck_assert_int_eq(as_rotation_read(service, &keys, pool, pool), APR_SUCCESS);
    oldest = APR_ARRAY_IDX(keys, 0, as_stored_key_t).slot;
    ck_assert_int_eq(as_rotation_drop(service, oldest, pool), APR_SUCCESS);
    ck_assert_int_eq(as_keys_renew(service, -1, pool), APR_SUCCESS);
}

static void (*const ways[])(const as_tokens_t *) = { by_sign_out, by_role, by_sign_out, by_expiry,
                                                     by_key };

static as_tokens_t sign_in(void)
{
    const as_role_in_t role = { .address = ANN, .role = "editor" };
    as_sign_in_in_t in = { .address = ANN, .password = PASSWORD };
    as_ctx_t ctx = race_ctx(pool);
    as_tokens_t tokens;

    ck_assert_int_eq(as_role_add(&ctx, &role).code, AS_OK);
    ck_assert_int_eq(as_sign_in(&ctx, &in, &tokens).code, AS_OK);
    return tokens;
}

static void set_up(void)
{
    static const unsigned char key[16] = "an arbitrary ke";
    as_service_t *service;
    apr_pool_t *own;

    race.world = world_create();
    service = &race.world->service;
    atomic_store(&race.time, race.world->time);
    ck_assert_int_eq(as_register(&(as_ctx_t){ .service = service, .pool = pool,
                                              .now = race.world->time, .dialect = "trainova" },
                                 &(as_register_in_t){ .address = ANN, .password = PASSWORD },
                                 &(as_code_sent_t){ NULL }).code, AS_OK);
    ck_assert_int_eq(as_verify(&(as_ctx_t){ .service = service, .pool = pool,
                                            .now = race.world->time, .dialect = "trainova" },
                               &(as_verify_in_t){ .address = ANN, .code = read_code(race.world) },
                               NULL).code, AS_OK);
    service->now = race_now;
    service->log.write = no_log;
    service->policy.access_ttl = TTL;
    service->policy.revocation_sync = 0;
    service->policy.revocation_max_age = 10 * HOUR;
    service->revocations =
        as_revocations_format(apr_pcalloc(pool, as_revocations_size(4096)), 4096);
    service->verdicts = as_verdicts_format(apr_pcalloc(pool, as_verdicts_size(256)), 256, key);
    apr_pool_create(&own, pool);
    ck_assert_int_eq(as_feed_sync(service, own), APR_SUCCESS);
}

/* Lets the threads see the token alive and, after its end, dead, for so many checks each. */
static void wait_for(long checks)
{
    long until = atomic_load(&race.checks) + checks;

    while (atomic_load(&race.checks) < until) {
        apr_sleep(100);
    }
}

START_TEST(nobody_gets_in_after_an_acknowledged_end)
{
    pthread_t threads[THREADS];
    long checks, stale, good, unknown;
    int n = 0;

    set_up();
    for (; n == 0 || atomic_load(&race.checks) < CHECKS; n++) {
        target_t *target = apr_pcalloc(pool, sizeof *target);
        as_tokens_t tokens = sign_in();

        target->access = tokens.access;
        atomic_store(&race.target, target);
        for (int i = 0; n == 0 && i < THREADS; i++) {
            ck_assert_int_eq(pthread_create(&threads[i], NULL, check_often, NULL), 0);
        }
        wait_for(1000);
        ways[n % (sizeof ways / sizeof *ways)](&tokens);
        atomic_store(&target->ended, 1);
        wait_for(1000);
    }
    atomic_store(&race.stop, 1);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    checks = race.checks, stale = race.stale, good = race.good, unknown = race.unknown;
    ck_assert_int_ge(checks, CHECKS);
    ck_assert_int_gt(good, checks / 10);
    ck_assert_int_eq(stale, 0);
    ck_assert_int_eq(unknown, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("race");
    TCase *tokens = unit_case(suite, "tokens");

    tcase_set_timeout(tokens, 300);
    tcase_add_test(tokens, nobody_gets_in_after_an_acknowledged_end);
    return unit_run(suite);
}
