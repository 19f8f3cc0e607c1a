/* SPDX-License-Identifier: Apache-2.0
 * Tests of the life of signing keys and of secrets with a clock that the test moves: rotation, its
 * lead and overlap, the end of old keys, several processes at once, sealing anew. Run by make
 * check.
 */
#include "unit.h"

#include <apr_thread_proc.h>

#include "ops/signup.h"
#include "ops/reseal.h"
#include "ops/rotation.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "ops/upkeep.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"
#define OLD_SECRET "0123456789abcdef0123456789abcdef"
#define NEW_SECRET "fedcba9876543210fedcba9876543210"
#define LIFE (30 * DAY)
#define LEAD HOUR
#define KEEP (DAY + 5 * MINUTE + 5 * SECOND) /* a key after its successor has begun */

static void do_register(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    as_register_in_t in = { .address = address, .password = PASSWORD };

    ck_assert_int_eq(as_register(&ctx, &in, &sent).code, AS_OK);
}

static as_code_t do_verify(world_t *world, const char *address, const char *code)
{
    as_ctx_t ctx = ctx_of(world);
    as_verify_in_t in = { .address = address, .code = code };

    return as_verify(&ctx, &in, NULL).code;
}

static as_tokens_t do_sign_in(world_t *world)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .address = ANN, .password = PASSWORD };
    as_tokens_t tokens;

    ck_assert_int_eq(as_sign_in(&ctx, &in, &tokens).code, AS_OK);
    return tokens;
}

static as_code_t do_refresh(world_t *world, as_tokens_t *tokens)
{
    as_ctx_t ctx = ctx_of(world);
    as_refresh_in_t in = { .refresh_token = tokens->refresh };

    return as_refresh(&ctx, &in, tokens).code;
}

static as_code_t do_check(world_t *world, const char *access)
{
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;

    return as_tokens_check(&ctx, access, &principal).code;
}

static world_t *world_with_ann(void)
{
    world_t *world = world_create();

    world->service.policy.key_life = LIFE;
    world->service.policy.key_lead = LEAD;
    do_register(world, ANN);
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    return world;
}

/* Another process on the same database, with the same clock and with these secrets. */
static world_t *process_of(const world_t *world, const char *secrets)
{
    world_t *other = apr_pmemdup(pool, world, sizeof *other);
    const char *error;

    other->service.clock = other;
    other->service.log.baton = other;
    other->service.store = store_at(other, world->path, 4, 0);
    ck_assert_int_eq(as_secrets_parse((as_secrets_t **)&other->service.secrets, secrets, &error,
                                      pool), APR_SUCCESS);
    ck_assert_int_eq(as_keys_create(&other->service.keys, pool), APR_SUCCESS);
    for (int i = 0; i < AS_CHANNELS; i++) {
        other->service.delivery[i].baton = other;
    }
    return other;
}

static void keep_house(world_t *world)
{
    ck_assert_int_eq(as_upkeep_keys(&world->service, pool), APR_SUCCESS);
}

/* States of the stored keys by slot: n(ext), s(igning), o(ld), x. */
static const char *states(world_t *world)
{
    apr_array_header_t *keys;
    char *text;

    ck_assert_int_eq(as_rotation_read(&world->service, &keys, pool, pool), APR_SUCCESS);
    text = apr_pcalloc(pool, keys->nelts + 1);
    for (int i = 0; i < keys->nelts; i++) {
        text[i] = "nsox"[APR_ARRAY_IDX(keys, i, as_stored_key_t).state];
    }
    return text;
}

/* The header of a token tells keys apart. */
static int same_key(const char *one, const char *other)
{
    apr_size_t len = strcspn(one, ".");

    return len == strcspn(other, ".") && strncmp(one, other, len) == 0;
}

static const char *published(world_t *world)
{
    const as_keyring_t *ring;
    const char *text;

    ck_assert_int_eq(as_keys_borrow(&world->service, &ring, pool), APR_SUCCESS);
    text = as_json_text(pool, as_keyring_jwks(ring, pool));
    as_keys_return(&world->service, ring);
    return text;
}

static int published_keys(world_t *world)
{
    int n = 0;

    for (const char *p = strstr(published(world), "\"kid\""); p; p = strstr(p + 1, "\"kid\"")) {
        n++;
    }
    return n;
}

/* ---- rotation ---- */

START_TEST(an_old_key_gets_a_successor_that_is_published_before_it_signs)
{
    world_t *world = world_with_ann();
    as_tokens_t first = do_sign_in(world), second;

    world->time += LIFE - 5 * SECOND - 1; /* the first key signs since five seconds ago */
    keep_house(world);
    ck_assert_str_eq(states(world), "s");
    world->time += 1;
    keep_house(world);
    ck_assert_str_eq(states(world), "sn");
    ck_assert_int_eq(published_keys(world), 2);
    keep_house(world);
    ck_assert_str_eq(states(world), "sn");

    world->time += LEAD - 1;
    second = do_sign_in(world);
    ck_assert(same_key(first.access, second.access));
    world->time += 1;
    ck_assert_str_eq(states(world), "os");
    first = do_sign_in(world);
    ck_assert(!same_key(first.access, second.access));
    ck_assert_int_eq(do_check(world, second.access), AS_OK);
    ck_assert_int_eq(do_check(world, first.access), AS_OK);
    ck_assert_int_eq(do_refresh(world, &second), AS_OK);
}
END_TEST

START_TEST(a_key_is_dropped_when_no_token_can_need_it)
{
    world_t *world = world_with_ann();
    as_tokens_t late;

    world->service.policy.access_ttl = DAY; /* the longest there is */
    published(world);
    world->time += LIFE;
    keep_house(world);
    world->time += LEAD - 1;
    late = do_sign_in(world);
    world->time += DAY - SECOND;
    keep_house(world);
    ck_assert_int_eq(do_check(world, late.access), AS_OK);

    world->time += KEEP - DAY + SECOND;
    keep_house(world);
    ck_assert_str_eq(states(world), "os");
    world->time += 1;
    keep_house(world);
    ck_assert_str_eq(states(world), "s");
    ck_assert_int_eq(published_keys(world), 1);
    ck_assert_int_eq(do_refresh(world, &late), AS_OK);
}
END_TEST

START_TEST(without_a_life_no_key_gets_old)
{
    world_t *world = world_with_ann();

    world->service.policy.key_life = 0;
    published(world);
    world->time += 100 * LIFE;
    keep_house(world);
    ck_assert_str_eq(states(world), "s");
}
END_TEST

START_TEST(keys_follow_each_other_through_the_years)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens = do_sign_in(world);

    world->service.policy.session_max = 3650 * DAY;
    tokens = do_sign_in(world);
    for (int hours = 0; hours < 200 * 24; hours += 6) {
        ck_assert_int_eq(do_check(world, tokens.access), AS_OK);
        world->time += 6 * HOUR;
        keep_house(world);
        ck_assert_int_eq(do_refresh(world, &tokens), AS_OK);
        ck_assert_int_le(strlen(states(world)), 2);
    }
    ck_assert_str_eq(states(world), "s");
}
END_TEST

START_TEST(a_key_on_demand_takes_the_place_of_one_that_waits)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens = do_sign_in(world);

    ck_assert_int_eq(as_rotation_next(&world->service, LEAD, pool), APR_SUCCESS);
    ck_assert_int_eq(as_rotation_next(&world->service, LEAD, pool), AS_ENO);
    ck_assert_str_eq(states(world), "sn");
    ck_assert_int_eq(as_rotation_next(&world->service, 2 * SECOND, pool), APR_SUCCESS);
    ck_assert_str_eq(states(world), "sn");
    world->time += 2 * SECOND;
    ck_assert_str_eq(states(world), "os");
    world->time += LEAD;
    keep_house(world);
    ck_assert_str_eq(states(world), "os");
    ck_assert_int_eq(as_keys_renew(&world->service, 0, pool), APR_SUCCESS);
    ck_assert(!same_key(do_sign_in(world).access, tokens.access));
}
END_TEST

START_TEST(a_dropped_key_takes_its_tokens_along_and_nobodys_session)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens = do_sign_in(world);

    ck_assert_int_eq(as_rotation_drop(&world->service, 1, pool), AS_ENO);
    ck_assert_int_eq(as_rotation_next(&world->service, 0, pool), APR_SUCCESS);
    ck_assert_str_eq(states(world), "os");
    ck_assert_int_eq(as_rotation_drop(&world->service, 3, pool), AS_ENO);
    ck_assert_int_eq(as_rotation_drop(&world->service, 2, pool), AS_ENO);
    ck_assert_int_eq(as_rotation_drop(&world->service, 1, pool), APR_SUCCESS);
    ck_assert_int_eq(as_keys_renew(&world->service, 0, pool), APR_SUCCESS);
    ck_assert_int_eq(do_check(world, tokens.access), AS_UNAUTHENTICATED);
    ck_assert_int_eq(do_refresh(world, &tokens), AS_OK);
    ck_assert_int_eq(do_check(world, tokens.access), AS_OK);
}
END_TEST

/* ---- several processes ---- */

typedef struct {
    world_t *world;
    apr_status_t status;
} runner_t;

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *baton)
{
    runner_t *runner = baton;

    runner->status = as_rotation_next(&runner->world->service, LEAD, apr_thread_pool_get(thread));
    return NULL;
}

START_TEST(of_many_processes_one_makes_the_key)
{
    enum { PROCESSES = 6 };
    world_t *world = world_with_ann();
    runner_t runners[PROCESSES];
    apr_thread_t *threads[PROCESSES];
    apr_pool_t *own[PROCESSES];
    int made = 0;

    published(world);
    for (int i = 0; i < PROCESSES; i++) {
        runners[i].world = process_of(world, OLD_SECRET);
        apr_pool_create_unmanaged_ex(&own[i], NULL, NULL);
        ck_assert_int_eq(apr_thread_create(&threads[i], NULL, run, &runners[i], own[i]),
                         APR_SUCCESS);
    }
    for (int i = 0; i < PROCESSES; i++) {
        apr_status_t joined;

        apr_thread_join(&joined, threads[i]);
        ck_assert(runners[i].status == APR_SUCCESS || runners[i].status == AS_ENO);
        made += runners[i].status == APR_SUCCESS;
        apr_pool_destroy(own[i]);
    }
    ck_assert_int_eq(made, 1);
    ck_assert_str_eq(states(world), "sn");
}
END_TEST

START_TEST(a_token_of_a_key_not_yet_loaded_is_good)
{
    world_t *world = world_with_ann(), *other = process_of(world, OLD_SECRET);
    as_tokens_t tokens;

    do_sign_in(world);
    ck_assert_int_eq(published_keys(other), 1);
    ck_assert_int_eq(as_rotation_next(&world->service, 0, pool), APR_SUCCESS);
    ck_assert_int_eq(as_keys_renew(&world->service, 0, pool), APR_SUCCESS);
    tokens = do_sign_in(world);
    apr_sleep(SECOND); /* of the real clock: unknown keys are looked for once a second */
    ck_assert_int_eq(do_check(other, tokens.access), AS_OK);
    ck_assert_int_eq(published_keys(other), 2);
}
END_TEST

START_TEST(two_upkeeps_make_one_key_and_drop_one)
{
    world_t *world = world_with_ann(), *other = process_of(world, OLD_SECRET);

    published(world);
    other->time = world->time += LIFE;
    keep_house(world);
    keep_house(other);
    ck_assert_str_eq(states(other), "sn");
    other->time = world->time += LEAD + KEEP;
    keep_house(other);
    keep_house(world);
    ck_assert_str_eq(states(world), "s");
}
END_TEST

/* ---- secrets ---- */

START_TEST(tokens_and_codes_of_an_older_secret_are_good_while_it_is_in_the_file)
{
    world_t *world = world_with_ann(), *both, *new;
    as_tokens_t tokens = do_sign_in(world), copy = tokens;
    const char *code;

    do_register(world, "bob@example.com");
    code = read_code(world);
    both = process_of(world, NEW_SECRET "\n" OLD_SECRET);
    ck_assert_int_eq(do_check(both, tokens.access), AS_OK);
    ck_assert_int_eq(do_refresh(both, &tokens), AS_OK);
    ck_assert_int_eq(do_refresh(both, &copy), AS_OK); /* the successor once more, as after a loss */
    ck_assert_int_eq(do_verify(both, "bob@example.com", code), AS_OK);

    copy = do_sign_in(world);
    new = process_of(world, NEW_SECRET);
    ck_assert_int_eq(do_refresh(new, &copy), AS_REFRESH_WRONG);
    ck_assert_int_eq(do_check(new, tokens.access), AS_FAULT);
}
END_TEST

static void reseal(world_t *world, int sealed, int current, int shut)
{
    const as_reseal_t *tables;
    as_reseal_t sum = { 0 };
    int n;

    ck_assert_int_eq(as_reseal(&world->service, &tables, &n, pool), APR_SUCCESS);
    for (int i = 0; i < n; i++) {
        sum.sealed += tables[i].sealed;
        sum.current += tables[i].current;
        sum.shut += tables[i].shut;
    }
    ck_assert_int_eq(sum.sealed, sealed);
    ck_assert_int_eq(sum.current, current);
    ck_assert_int_eq(sum.shut, shut);
}

START_TEST(after_sealing_anew_the_old_secret_is_not_needed)
{
    world_t *world = world_with_ann(), *both, *new;
    as_tokens_t tokens = do_sign_in(world), old = do_sign_in(world);

    ck_assert_int_eq(as_rotation_next(&world->service, LEAD, pool), APR_SUCCESS);
    world->outcome = AUTHSVC_TRY_AGAIN;
    do_register(world, "bob@example.com");
    both = process_of(world, NEW_SECRET "\n" OLD_SECRET);
    ck_assert_int_eq(do_refresh(both, &tokens), AS_OK);
    reseal(both, 3, 0, 0);
    reseal(both, 0, 3, 0);

    new = process_of(world, NEW_SECRET);
    new->outcome = AUTHSVC_SENT;
    ck_assert_str_eq(states(new), "sn");
    ck_assert_int_eq(do_check(new, old.access), AS_OK);
    ck_assert_int_eq(do_refresh(new, &tokens), AS_OK);
    ck_assert_int_eq(do_refresh(new, &old), AS_REFRESH_WRONG);
    ck_assert_int_eq(deliver(new), 1);
    ck_assert_str_eq(new->to, "bob@example.com");
}
END_TEST

START_TEST(sealing_anew_goes_through_many_rows)
{
    enum { MESSAGES = 230 };
    world_t *world = world_with_ann(), *both;

    world->outcome = AUTHSVC_TRY_AGAIN;
    for (int i = 0; i < MESSAGES; i++) {
        do_register(world, apr_psprintf(pool, "u%d@example.com", i));
    }
    both = process_of(world, NEW_SECRET "\n" OLD_SECRET);
    reseal(both, MESSAGES, 0, 0); /* no key yet: nobody has signed in */
    reseal(process_of(world, OLD_SECRET), 0, 0, MESSAGES);
}
END_TEST

START_TEST(no_key_is_made_beside_one_that_cannot_be_opened)
{
    world_t *world = world_with_ann(), *both = process_of(world, NEW_SECRET "\n" OLD_SECRET);

    do_sign_in(world);
    ck_assert_int_eq(as_rotation_next(&both->service, 0, pool), APR_SUCCESS);
    world->time += 2 * LIFE;
    keep_house(world);
    ck_assert_str_eq(states(world), "sx");
    ck_assert_int_eq(as_rotation_next(&world->service, LEAD, pool), AS_EFAULT);
    ck_assert_int_eq(as_rotation_drop(&world->service, 2, pool), APR_SUCCESS);
    keep_house(world);
    ck_assert_str_eq(states(world), "sn");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keys");
    TCase *rotation = unit_case(suite, "rotation");
    TCase *processes = unit_case(suite, "processes");
    TCase *secrets = unit_case(suite, "secrets");

    tcase_add_test(rotation, an_old_key_gets_a_successor_that_is_published_before_it_signs);
    tcase_add_test(rotation, a_key_is_dropped_when_no_token_can_need_it);
    tcase_add_test(rotation, without_a_life_no_key_gets_old);
    tcase_add_test(rotation, keys_follow_each_other_through_the_years);
    tcase_add_test(rotation, a_key_on_demand_takes_the_place_of_one_that_waits);
    tcase_add_test(rotation, a_dropped_key_takes_its_tokens_along_and_nobodys_session);
    tcase_add_test(processes, of_many_processes_one_makes_the_key);
    tcase_add_test(processes, a_token_of_a_key_not_yet_loaded_is_good);
    tcase_add_test(processes, two_upkeeps_make_one_key_and_drop_one);
    tcase_add_test(secrets, tokens_and_codes_of_an_older_secret_are_good_while_it_is_in_the_file);
    tcase_add_test(secrets, after_sealing_anew_the_old_secret_is_not_needed);
    tcase_add_test(secrets, sealing_anew_goes_through_many_rows);
    tcase_add_test(secrets, no_key_is_made_beside_one_that_cannot_be_opened);
    return unit_run(suite);
}
