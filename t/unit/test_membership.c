/* SPDX-License-Identifier: Apache-2.0
 * Tests of roles, teams and the doors that take a password with every request: what tokens say of a
 * role, what takes it back, whom a password alone lets in, and what its memory forgets. Run by make
 * check.
 */
#include "unit.h"

#include "ops/signup.h"
#include "ops/basic.h"
#include "ops/feed.h"
#include "ops/membership.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"

static world_t *world_with_ann(void)
{
    world_t *world = world_create();
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    as_register_in_t in = { .address = ANN, .password = PASSWORD };
    as_verify_in_t verify = { .address = ANN };

    ck_assert_int_eq(as_register(&ctx, &in, &sent).code, AS_OK);
    verify.code = read_code(world);
    ck_assert_int_eq(as_verify(&ctx, &verify, NULL).code, AS_OK);
    return world;
}

/* Caches as the server makes them, loaded from the feed. */
static void give_memory(world_t *world)
{
    static const unsigned char key[16] = "sixteen octets..";
    as_service_t *service = &world->service;
    apr_pool_t *own; /* it is cleared after each page */

    apr_pool_create(&own, pool);
    service->policy.revocation_max_age = HOUR;
    service->revocations =
        as_revocations_format(apr_pcalloc(pool, as_revocations_size(64)), 64);
    service->verdicts = as_verdicts_format(apr_pcalloc(pool, as_verdicts_size(64)), 64, key);
    ck_assert_int_eq(as_feed_sync(service, own), APR_SUCCESS);
}

static as_tokens_t sign_in(world_t *world)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .address = ANN, .password = PASSWORD };
    as_tokens_t tokens;

    ck_assert_int_eq(as_sign_in(&ctx, &in, &tokens).code, AS_OK);
    return tokens;
}

static as_principal_t principal_of(world_t *world, const char *access)
{
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;

    ck_assert_int_eq(as_tokens_check(&ctx, access, &principal).code, AS_OK);
    return principal;
}

static as_code_t basic(world_t *world, const char *password, as_principal_t *principal)
{
    as_ctx_t ctx = ctx_of(world);
    as_password_in_t in = { .address = ANN, .password = password };

    return as_basic_check(&ctx, &in, principal).code;
}

static as_result_t role(world_t *world, const char *name, const char *team, int remove)
{
    as_ctx_t ctx = ctx_of(world);
    as_role_in_t in = { .address = ANN, .role = name, .team = team };

    return remove ? as_role_remove(&ctx, &in) : as_role_add(&ctx, &in);
}

static const char *team_with_ann(world_t *world, const char *name)
{
    as_ctx_t ctx = ctx_of(world);
    const char *id;

    ck_assert_int_eq(as_team_create(&ctx, name, &id).code, AS_OK);
    ck_assert_int_eq(as_team_join(&ctx, id, ANN).code, AS_OK);
    world->time += SECOND;
    return id;
}

static apr_status_t run(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)p;
    return as_db_run(db, baton);
}

static void run_sql(world_t *world, const char *sql)
{
    ck_assert_int_eq(as_store_write(world->service.store, run, (void *)sql, pool), APR_SUCCESS);
}

static const char *since(world_t *world)
{
    return strstr(world->log, "hashed") ? "hashed" : "remembered";
}

/* ---- roles and teams ---- */

START_TEST(tokens_have_the_roles_of_the_moment)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens = sign_in(world);

    ck_assert_str_eq(principal_of(world, tokens.access).roles, "User");
    ck_assert_int_eq(role(world, "admin", NULL, 0).code, AS_OK);
    ck_assert_int_eq(role(world, "admin", NULL, 0).code, AS_OK);
    ck_assert_str_eq(principal_of(world, tokens.access).roles, "User");
    ck_assert_str_eq(principal_of(world, sign_in(world).access).roles, "User admin");
}
END_TEST

START_TEST(a_role_taken_away_kills_access_tokens_alone)
{
    world_t *world = world_with_ann();
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;
    as_tokens_t tokens, next;
    as_refresh_in_t in;

    ck_assert_int_eq(role(world, "admin", NULL, 0).code, AS_OK);
    tokens = sign_in(world);
    ck_assert_int_eq(role(world, "editor", NULL, 1).code, AS_OK);
    principal_of(world, tokens.access); /* it was not had: nothing is revoked */
    ck_assert_int_eq(role(world, "admin", NULL, 1).code, AS_OK);
    ck_assert_int_eq(as_tokens_check(&ctx, tokens.access, &principal).code, AS_UNAUTHENTICATED);
    in.refresh_token = tokens.refresh;
    ck_assert_int_eq(as_refresh(&ctx, &in, &next).code, AS_OK);
    ck_assert_str_eq(principal_of(world, next.access).roles, "User");
}
END_TEST

START_TEST(a_session_works_in_the_team_last_used_or_the_oldest)
{
    world_t *world = world_with_ann();
    as_principal_t principal = principal_of(world, sign_in(world).access);
    const char *first, *second;

    ck_assert_ptr_null(principal.team);
    first = team_with_ann(world, "first");
    second = team_with_ann(world, "second");
    ck_assert_int_eq(role(world, "captain", second, 0).code, AS_OK);
    principal = principal_of(world, sign_in(world).access);
    ck_assert_str_eq(principal.team, first);
    ck_assert_str_eq(principal.roles, "User");
    run_sql(world, apr_psprintf(pool, "UPDATE as_session SET team_id = '%s'", second));
    principal = principal_of(world, sign_in(world).access);
    ck_assert_str_eq(principal.team, second);
    ck_assert_str_eq(principal.roles, "User captain");
    run_sql(world, apr_psprintf(pool, "DELETE FROM as_membership WHERE team_id = '%s'", second));
    principal = principal_of(world, sign_in(world).access);
    ck_assert_str_eq(principal.team, first);
    ck_assert_str_eq(principal.roles, "User");
}
END_TEST

START_TEST(what_is_wrong_with_a_role_is_said)
{
    world_t *world = world_with_ann();
    as_ctx_t ctx = ctx_of(world);
    as_role_in_t stranger = { .address = "nobody@example.com", .role = "admin" };
    const char *long_name = apr_psprintf(pool, "%065d", 0), *id;

    ck_assert_int_eq(role(world, "", NULL, 0).code, AS_INVALID);
    ck_assert_int_eq(role(world, "two words", NULL, 0).code, AS_INVALID);
    ck_assert_int_eq(role(world, long_name, NULL, 0).code, AS_INVALID);
    ck_assert_int_eq(role(world, long_name + 1, NULL, 0).code, AS_OK);
    ck_assert_int_eq(role(world, "admin", "nowhere", 0).code, AS_INVALID);
    ck_assert_int_eq(as_role_add(&ctx, &stranger).code, AS_INVALID);
    ck_assert_int_eq(as_team_create(&ctx, "", &id).code, AS_INVALID);
    ck_assert_int_eq(as_team_join(&ctx, "nowhere", ANN).code, AS_INVALID);
}
END_TEST

/* ---- passwords with every request ---- */

START_TEST(a_password_lets_in_without_a_session)
{
    world_t *world = world_with_ann();
    as_principal_t principal;

    ck_assert_int_eq(role(world, "admin", NULL, 0).code, AS_OK);
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_ptr_null(principal.session_id);
    ck_assert_ptr_null(principal.token);
    ck_assert_str_eq(principal.email, ANN);
    ck_assert_str_eq(principal.roles, "User admin");
    ck_assert_str_eq(principal.amr, "pwd");
    ck_assert_int_eq(basic(world, "wrong", &principal), AS_SIGN_IN_WRONG);
}
END_TEST

START_TEST(a_second_factor_closes_the_door_once_it_is_on)
{
    world_t *world = world_with_ann();
    as_principal_t principal;

    run_sql(world, "INSERT INTO as_factor (id, account_id, kind, sealed, state, last_step, "
                   "created_at) SELECT id, id, 'totp', 'x', 0, 0, 0 FROM as_account");
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    run_sql(world, "UPDATE as_factor SET state = 1");
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_SIGN_IN_WRONG);
}
END_TEST

START_TEST(a_password_is_remembered_for_a_while)
{
    world_t *world = world_with_ann();
    as_principal_t principal;

    give_memory(world);
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_str_eq(since(world), "hashed");
    *world->log = '\0';
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_str_eq(since(world), "remembered");
    ck_assert_str_eq(principal.email, ANN);
    ck_assert_ptr_null(principal.session_id);
    ck_assert_int_eq(basic(world, PASSWORD "!", &principal), AS_SIGN_IN_WRONG);
    *world->log = '\0';
    world->time += 5 * MINUTE;
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_str_eq(since(world), "hashed");
}
END_TEST

START_TEST(a_new_password_ends_the_memory_of_the_old_one)
{
    world_t *world = world_with_ann();
    as_ctx_t ctx = ctx_of(world);
    as_forgot_in_t forgot = { .address = ANN };
    as_reset_in_t reset = { .address = ANN, .password = "another horse" };
    as_principal_t principal;

    give_memory(world);
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_int_eq(as_forgot(&ctx, &forgot, NULL).code, AS_OK);
    reset.code = read_code(world);
    ck_assert_int_eq(as_reset(&ctx, &reset, NULL).code, AS_OK);
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(basic(world, "another horse", &principal), AS_OK);
}
END_TEST

START_TEST(without_news_the_store_is_asked_about_what_is_remembered)
{
    world_t *world = world_with_ann();
    as_principal_t principal;

    give_memory(world);
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    as_revocations_restart(world->service.revocations);
    *world->log = '\0';
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_OK);
    ck_assert_str_eq(since(world), "remembered");
    run_sql(world, "UPDATE as_account SET disabled_at = 1");
    ck_assert_int_eq(basic(world, PASSWORD, &principal), AS_SIGN_IN_WRONG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("membership");
    TCase *roles = unit_case(suite, "roles and teams");
    TCase *doors = unit_case(suite, "doors");

    tcase_add_test(roles, tokens_have_the_roles_of_the_moment);
    tcase_add_test(roles, a_role_taken_away_kills_access_tokens_alone);
    tcase_add_test(roles, a_session_works_in_the_team_last_used_or_the_oldest);
    tcase_add_test(roles, what_is_wrong_with_a_role_is_said);
    tcase_add_test(doors, a_password_lets_in_without_a_session);
    tcase_add_test(doors, a_second_factor_closes_the_door_once_it_is_on);
    tcase_add_test(doors, a_password_is_remembered_for_a_while);
    tcase_add_test(doors, a_new_password_ends_the_memory_of_the_old_one);
    tcase_add_test(doors, without_news_the_store_is_asked_about_what_is_remembered);
    return unit_run(suite);
}
