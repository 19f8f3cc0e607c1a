/* SPDX-License-Identifier: Apache-2.0
 * Tests of ops/ with a clock that the test moves: codes, pending sign-ups, rotation, recovery, the
 * outbox. Run by make check.
 */
#include "unit.h"

#include "ops/signup.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "ops/upkeep.h"
#include "service.h"
#include "store/outbox.h"
#include "store/pool.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"

static as_code_t do_register(world_t *world, const char *address, const char *password)
{
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    as_register_in_t in = { .address = address, .password = password };

    return as_register(&ctx, &in, &sent).code;
}

static as_code_t do_verify(world_t *world, const char *address, const char *code)
{
    as_ctx_t ctx = ctx_of(world);
    as_verify_in_t in = { .address = address, .code = code };

    return as_verify(&ctx, &in, NULL).code;
}

static as_code_t do_sign_in(world_t *world, const char *address, const char *password,
                            as_tokens_t *tokens)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .address = address, .password = password };

    return as_sign_in(&ctx, &in, tokens).code;
}

static as_code_t do_refresh(world_t *world, const char *token, as_tokens_t *tokens)
{
    as_ctx_t ctx = ctx_of(world);
    as_refresh_in_t in = { .refresh_token = token };

    return as_refresh(&ctx, &in, tokens).code;
}

static as_code_t do_sign_out(world_t *world, const char *token)
{
    as_ctx_t ctx = ctx_of(world);
    as_refresh_in_t in = { .refresh_token = token };

    return as_sign_out(&ctx, &in, NULL).code;
}

static as_code_t do_check(world_t *world, const char *access)
{
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;

    return as_tokens_check(&ctx, access, &principal).code;
}

static as_code_t do_forgot(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);
    as_forgot_in_t in = { .address = address };

    return as_forgot(&ctx, &in, NULL).code;
}

static as_code_t do_reset(world_t *world, const char *address, const char *code,
                          const char *password)
{
    as_ctx_t ctx = ctx_of(world);
    as_reset_in_t in = { .address = address, .code = code, .password = password };

    return as_reset(&ctx, &in, NULL).code;
}

static as_code_t do_resend(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);
    as_resend_in_t in = { .address = address };

    return as_resend(&ctx, &in, NULL).code;
}

/* Any code but the right one. */
static const char *other(const char *code)
{
    char *wrong = apr_pstrdup(pool, code);

    wrong[0] = wrong[0] == '9' ? '0' : wrong[0] + 1;
    return wrong;
}

static world_t *world_with_ann(void)
{
    world_t *world = world_create();

    ck_assert_int_eq(do_register(world, ANN, PASSWORD), AS_OK);
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    return world;
}

/* ---- sign-up ---- */

START_TEST(a_sign_up_becomes_an_account_with_its_code)
{
    world_t *world = world_create();
    as_tokens_t tokens;

    ck_assert_int_eq(do_register(world, " Ann@Example.COM ", PASSWORD), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_ACCOUNT_PENDING);
    ck_assert_int_eq(do_sign_in(world, ANN, "wrong", &tokens), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    ck_assert_str_eq(world->to, ANN);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
    ck_assert_int_eq(do_check(world, tokens.access), AS_OK);
    ck_assert_int_eq(do_register(world, ANN, PASSWORD), AS_ADDRESS_TAKEN);
}
END_TEST

START_TEST(a_code_dies_of_use_of_time_and_of_five_tries)
{
    world_t *world = world_create();
    const char *code;

    do_register(world, ANN, PASSWORD);
    code = read_code(world);
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(do_verify(world, ANN, other(code)), AS_CODE_WRONG);
    }
    ck_assert_int_eq(do_verify(world, ANN, code), AS_CODE_WRONG);

    do_resend(world, ANN);
    code = read_code(world);
    world->time += 10 * MINUTE;
    ck_assert_int_eq(do_verify(world, ANN, code), AS_CODE_WRONG);

    do_resend(world, ANN);
    code = read_code(world);
    world->time += 10 * MINUTE - 1;
    ck_assert_int_eq(do_verify(world, ANN, code), AS_OK);
    ck_assert_int_eq(do_verify(world, ANN, code), AS_CODE_WRONG);
}
END_TEST

START_TEST(ten_wrong_codes_a_day_are_enough)
{
    world_t *world = world_create();
    const char *code = NULL;

    do_register(world, ANN, PASSWORD);
    for (int i = 0; i < 10; i++) {
        if (i % 4 == 0) {
            do_resend(world, ANN);
            code = read_code(world);
        }
        ck_assert_int_eq(do_verify(world, ANN, other(code)), AS_CODE_WRONG);
    }
    do_resend(world, ANN);
    code = read_code(world);
    ck_assert_int_eq(do_verify(world, ANN, code), AS_CODE_WRONG);
    world->time += DAY - HOUR;
    do_resend(world, ANN);
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
}
END_TEST

START_TEST(a_new_code_kills_the_older_one)
{
    world_t *world = world_create();
    const char *first, *second;

    do_register(world, ANN, PASSWORD);
    first = read_code(world);
    do {
        do_resend(world, ANN);
        second = read_code(world);
    } while (strcmp(first, second) == 0);
    ck_assert_int_eq(do_verify(world, ANN, first), AS_CODE_WRONG);
    ck_assert_int_eq(do_verify(world, ANN, second), AS_OK);
}
END_TEST

START_TEST(nobodys_password_rides_on_anothers_code)
{
    world_t *world = world_create();
    as_tokens_t tokens;

    do_register(world, ANN, PASSWORD);
    do_register(world, ANN, "the thief's own");
    do_register(world, ANN, "the thief's own"); /* the conflict is remembered */
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(do_sign_in(world, ANN, "the thief's own", &tokens), AS_SIGN_IN_WRONG);
    do_forgot(world, ANN);
    ck_assert_int_eq(do_reset(world, ANN, read_code(world), "new password"), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, "new password", &tokens), AS_OK);
}
END_TEST

START_TEST(the_same_password_twice_is_no_conflict)
{
    world_t *world = world_create();
    as_tokens_t tokens;

    do_register(world, ANN, PASSWORD);
    do_register(world, ANN, PASSWORD);
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
}
END_TEST

START_TEST(a_pending_sign_up_ends_after_a_day)
{
    world_t *world = world_create();
    as_tokens_t tokens;

    do_register(world, ANN, PASSWORD);
    deliver(world);
    world->time += DAY;
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_SIGN_IN_WRONG);
    world->sent = 0;
    ck_assert_int_eq(do_resend(world, ANN), AS_OK);
    deliver(world);
    ck_assert_int_eq(world->sent, 0);
    do_register(world, ANN, "another one");
    ck_assert_int_eq(do_verify(world, ANN, read_code(world)), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, "another one", &tokens), AS_OK);
}
END_TEST

START_TEST(undisclosed_accounts_look_like_free_addresses)
{
    world_t *world = world_with_ann();
    int sent = world->sent;

    world->service.policy.disclose = 0;
    ck_assert_int_eq(do_register(world, ANN, "somebody else's"), AS_OK);
    deliver(world);
    ck_assert_int_eq(world->sent, sent);
    ck_assert_int_eq(do_forgot(world, "nobody@example.com"), AS_OK);
    ck_assert_int_eq(deliver(world), 0);
}
END_TEST

START_TEST(a_phone_is_an_address_too)
{
    world_t *world = world_create();
    as_tokens_t tokens;

    ck_assert_int_eq(do_register(world, "0044 20 7946-0000", PASSWORD), AS_OK);
    ck_assert_int_eq(do_verify(world, "+442079460000", read_code(world)), AS_OK);
    ck_assert_str_eq(world->to, "+442079460000");
    ck_assert_int_eq(do_sign_in(world, "+44 (20) 7946.0000", PASSWORD, &tokens), AS_OK);
    ck_assert_int_eq(do_register(world, "not an address", PASSWORD), AS_ADDRESS_INVALID);
}
END_TEST

/* ---- passwords ---- */

START_TEST(a_password_of_another_cost_is_hashed_anew_at_sign_in)
{
    static const as_argon2id_t dearer = { 16, 2, 1 };
    world_t *world = world_with_ann();
    as_hasher_t *before = world->service.hasher;
    as_tokens_t tokens;

    ck_assert_int_eq(as_hasher_create(&world->service.hasher, &dearer, 1, 1, SECOND, pool),
                     APR_SUCCESS);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
    world->service.hasher = before;
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
}
END_TEST

START_TEST(odd_passwords_are_plainly_wrong)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens;

    ck_assert_int_eq(do_sign_in(world, ANN, "", &tokens), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(do_sign_in(world, ANN,
                                apr_pstrcat(pool, PASSWORD, apr_psprintf(pool, "%200s", "x"), NULL),
                                &tokens), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(do_sign_in(world, "no address", PASSWORD, &tokens), AS_SIGN_IN_WRONG);
}
END_TEST

/* ---- rotation ---- */

START_TEST(what_a_generation_means)
{
    const as_session_t s = { .generation = 5, .rotated_at = 100, .expires_at = 1000 };
    as_session_t ended = s;

    ended.ended_at = 1;
    ck_assert_int_eq(as_token_age(&s, 5, 200, 30), AS_TOKEN_CURRENT);
    ck_assert_int_eq(as_token_age(&s, 4, 130, 30), AS_TOKEN_PREDECESSOR);
    ck_assert_int_eq(as_token_age(&s, 4, 131, 30), AS_TOKEN_OLD);
    ck_assert_int_eq(as_token_age(&s, 3, 100, 30), AS_TOKEN_OLD);
    ck_assert_int_eq(as_token_age(&s, 6, 100, 30), AS_TOKEN_AHEAD);
    ck_assert_int_eq(as_token_age(&s, 5, 1000, 30), AS_TOKEN_DEAD);
    ck_assert_int_eq(as_token_age(&ended, 5, 200, 30), AS_TOKEN_DEAD);
}
END_TEST

START_TEST(the_predecessor_gets_the_same_successor_for_a_while)
{
    world_t *world = world_with_ann();
    as_tokens_t first, second, again, third;

    do_sign_in(world, ANN, PASSWORD, &first);
    ck_assert_int_eq(do_refresh(world, first.refresh, &second), AS_OK);
    world->time += 30 * SECOND;
    ck_assert_int_eq(do_refresh(world, first.refresh, &again), AS_OK);
    ck_assert_str_eq(second.refresh, again.refresh);
    ck_assert_int_eq(do_refresh(world, second.refresh, &third), AS_OK);
    ck_assert_str_ne(third.refresh, second.refresh);
    ck_assert_int_eq(do_check(world, third.access), AS_OK);
}
END_TEST

START_TEST(an_old_token_ends_the_session_and_its_access_tokens)
{
    world_t *world = world_with_ann();
    as_tokens_t first, second, third, more;

    do_sign_in(world, ANN, PASSWORD, &first);
    do_refresh(world, first.refresh, &second);
    do_refresh(world, second.refresh, &third);
    ck_assert_int_eq(do_refresh(world, first.refresh, &more), AS_REFRESH_REUSED);
    ck_assert_int_eq(do_refresh(world, third.refresh, &more), AS_REFRESH_WRONG);
    ck_assert_int_eq(do_check(world, third.access), AS_UNAUTHENTICATED);
}
END_TEST

START_TEST(the_predecessor_too_late_is_theft)
{
    world_t *world = world_with_ann();
    as_tokens_t first, second, more;

    do_sign_in(world, ANN, PASSWORD, &first);
    do_refresh(world, first.refresh, &second);
    world->time += 30 * SECOND + 1;
    ck_assert_int_eq(do_refresh(world, first.refresh, &more), AS_REFRESH_REUSED);
    ck_assert_int_eq(do_refresh(world, second.refresh, &more), AS_REFRESH_WRONG);
}
END_TEST

START_TEST(a_token_from_the_future_ends_the_session)
{
    world_t *world = world_with_ann();
    const char *backup = apr_pstrcat(pool, world->path, ".bak", NULL);
    as_tokens_t first, second, more;

    do_sign_in(world, ANN, PASSWORD, &first);
    ck_assert_int_eq(system(apr_psprintf(pool, "sqlite3 %s '.backup %s'", world->path, backup)), 0);
    do_refresh(world, first.refresh, &second);
    world->service.store = store_at(world, backup, 2, 0);
    ck_assert_int_eq(do_refresh(world, second.refresh, &more), AS_REFRESH_AHEAD);
    ck_assert_int_eq(do_refresh(world, first.refresh, &more), AS_REFRESH_WRONG);
}
END_TEST

START_TEST(a_session_ends_when_it_is_idle_and_in_any_case)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens;

    do_sign_in(world, ANN, PASSWORD, &tokens);
    world->time += 30 * DAY;
    ck_assert_int_eq(do_refresh(world, tokens.refresh, &tokens), AS_REFRESH_WRONG);

    do_sign_in(world, ANN, PASSWORD, &tokens);
    for (int i = 0; i < 3; i++) {
        world->time += 29 * DAY;
        ck_assert_int_eq(do_refresh(world, tokens.refresh, &tokens), AS_OK);
    }
    world->time += 3 * DAY;
    ck_assert_int_eq(do_refresh(world, tokens.refresh, &tokens), AS_REFRESH_WRONG);
}
END_TEST

START_TEST(an_access_token_never_outlives_its_session)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens;

    world->service.policy.session_max = 5 * MINUTE;
    do_sign_in(world, ANN, PASSWORD, &tokens);
    world->time += 5 * MINUTE;
    ck_assert_int_eq(do_check(world, tokens.access), AS_UNAUTHENTICATED);
}
END_TEST

START_TEST(sign_out_ends_the_session_at_once)
{
    world_t *world = world_with_ann();
    as_tokens_t first, second;

    do_sign_in(world, ANN, PASSWORD, &first);
    do_refresh(world, first.refresh, &second);
    ck_assert_int_eq(do_sign_out(world, first.refresh), AS_OK); /* within its grace */
    ck_assert_int_eq(do_check(world, first.access), AS_UNAUTHENTICATED);
    ck_assert_int_eq(do_check(world, second.access), AS_UNAUTHENTICATED);
    ck_assert_int_eq(do_sign_out(world, second.refresh), AS_REFRESH_WRONG);
    ck_assert_int_eq(do_sign_out(world, "junk"), AS_REFRESH_WRONG);
}
END_TEST

/* ---- recovery ---- */

START_TEST(a_reset_ends_every_session_and_tells_the_owner)
{
    world_t *world = world_with_ann();
    as_tokens_t one, two, more;
    const char *code;

    do_sign_in(world, ANN, PASSWORD, &one);
    do_sign_in(world, ANN, PASSWORD, &two);
    do_forgot(world, ANN);
    code = read_code(world);
    ck_assert_int_eq(do_reset(world, ANN, other(code), "new password"), AS_CODE_WRONG);
    ck_assert_int_eq(do_reset(world, ANN, code, "new password"), AS_OK);
    ck_assert_int_eq(do_reset(world, ANN, code, "once more"), AS_CODE_WRONG);
    ck_assert_int_eq(do_check(world, one.access), AS_UNAUTHENTICATED);
    ck_assert_int_eq(do_refresh(world, two.refresh, &more), AS_REFRESH_WRONG);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &more), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(do_sign_in(world, ANN, "new password", &more), AS_OK);
    ck_assert_int_eq(do_check(world, more.access), AS_OK);
    world->text[0] = '\0';
    deliver(world);
    ck_assert_ptr_nonnull(strstr(world->text, "was changed"));
}
END_TEST

/* ---- the outbox ---- */

START_TEST(a_message_is_tried_again_after_growing_pauses)
{
    static const int pauses[] = { 1, 5, 30, 120 };
    world_t *world = world_create();

    world->outcome = AUTHSVC_TRY_AGAIN;
    do_register(world, ANN, PASSWORD);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_eq(deliver(world), 1);
        world->time += pauses[i] * SECOND - 1;
        ck_assert_int_eq(deliver(world), 0);
        world->time += 1;
    }
    world->outcome = AUTHSVC_SENT;
    ck_assert_int_eq(deliver(world), 1);
    ck_assert_int_eq(world->sent, 1);
    ck_assert_int_eq(deliver(world), 0);
}
END_TEST

START_TEST(no_message_goes_out_after_its_code_has_died)
{
    world_t *world = world_create();

    do_register(world, ANN, PASSWORD);
    do_resend(world, ANN); /* kills the first message before it was sent */
    deliver(world);
    ck_assert_int_eq(world->sent, 1);

    do_resend(world, ANN);
    world->time += 10 * MINUTE;
    deliver(world);
    ck_assert_int_eq(world->sent, 1);
    ck_assert_int_eq(deliver(world), 0);
}
END_TEST

START_TEST(a_refused_message_is_dead)
{
    world_t *world = world_create();

    world->outcome = AUTHSVC_REFUSED;
    do_register(world, ANN, PASSWORD);
    ck_assert_int_eq(deliver(world), 1);
    world->time += MINUTE;
    ck_assert_int_eq(deliver(world), 0);
}
END_TEST

static apr_status_t claim_first(as_db_t *db, void *baton, apr_pool_t *p)
{
    world_t *world = baton;
    as_outbox_t *messages;
    int n;

    ck_assert_int_eq(as_outbox_due(db, world->time, &messages, &n, p), APR_SUCCESS);
    ck_assert_int_eq(n, 1);
    return as_outbox_claim(db, &messages[0], "somebody", world->time + 10 * SECOND);
}

START_TEST(a_killed_senders_message_goes_on_when_its_lease_is_over)
{
    world_t *world = world_create();

    do_register(world, ANN, PASSWORD);
    ck_assert_int_eq(as_store_write(world->service.store, claim_first, world, pool), APR_SUCCESS);
    ck_assert_int_eq(deliver(world), 0);
    world->time += 10 * SECOND + 1;
    ck_assert_int_eq(deliver(world), 1);
    ck_assert_int_eq(world->sent, 1);
}
END_TEST

static apr_status_t count_readable(as_db_t *db, void *baton, apr_pool_t *p)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;

    ck_assert_int_eq(apr_dbd_select(db->store->dbd, p, db->handle, &results,
                                    "SELECT COUNT(*) FROM as_outbox WHERE payload LIKE '%@%' "
                                    "OR (state <> 0 AND payload <> '' AND reason <> '')", 1), 0);
    apr_dbd_get_row(db->store->dbd, p, results, &row, 1);
    *(int *)baton = atoi(apr_dbd_get_entry(db->store->dbd, row, 0));
    return APR_SUCCESS;
}

START_TEST(payloads_are_sealed_and_wiped)
{
    world_t *world = world_create();
    int n = -1;

    do_register(world, ANN, PASSWORD);
    ck_assert_int_eq(as_store_read(world->service.store, count_readable, &n, pool), APR_SUCCESS);
    ck_assert_int_eq(n, 0);
    world->outcome = AUTHSVC_REFUSED;
    deliver(world);
    ck_assert_int_eq(as_store_read(world->service.store, count_readable, &n, pool), APR_SUCCESS);
    ck_assert_int_eq(n, 0);
}
END_TEST

/* ---- keys and upkeep ---- */

START_TEST(another_secret_opens_no_keys_and_makes_none)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens;
    const char *error;

    do_sign_in(world, ANN, PASSWORD, &tokens);
    ck_assert_int_eq(as_secrets_parse((as_secrets_t **)&world->service.secrets,
                                      "another secret, of 32 octets or more", &error, pool),
                     APR_SUCCESS);
    ck_assert_int_eq(as_keys_create(&world->service.keys, pool), APR_SUCCESS);
    ck_assert_int_eq(do_check(world, tokens.access), AS_FAULT);
    ck_assert_ptr_nonnull(strstr(world->log, "does not open signing key"));
}
END_TEST

START_TEST(upkeep_leaves_what_still_matters)
{
    world_t *world = world_with_ann();
    as_tokens_t tokens, more;

    do_sign_in(world, ANN, PASSWORD, &tokens);
    for (int i = 0; i < 20; i++) {
        world->time += DAY;
        ck_assert_int_eq(as_upkeep_prune(&world->service, pool), APR_SUCCESS);
    }
    ck_assert_int_eq(do_refresh(world, tokens.refresh, &more), AS_OK);
    world->time += 100 * DAY;
    ck_assert_int_eq(as_upkeep_prune(&world->service, pool), APR_SUCCESS);
    ck_assert_int_eq(do_refresh(world, more.refresh, &more), AS_REFRESH_WRONG);
    ck_assert_int_eq(do_sign_in(world, ANN, PASSWORD, &tokens), AS_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ops");
    TCase *signup = unit_case(suite, "sign-up");
    TCase *passwords = unit_case(suite, "passwords");
    TCase *sessions = unit_case(suite, "sessions");
    TCase *outbox = unit_case(suite, "outbox");

    tcase_add_test(signup, a_sign_up_becomes_an_account_with_its_code);
    tcase_add_test(signup, a_code_dies_of_use_of_time_and_of_five_tries);
    tcase_add_test(signup, ten_wrong_codes_a_day_are_enough);
    tcase_add_test(signup, a_new_code_kills_the_older_one);
    tcase_add_test(signup, nobodys_password_rides_on_anothers_code);
    tcase_add_test(signup, the_same_password_twice_is_no_conflict);
    tcase_add_test(signup, a_pending_sign_up_ends_after_a_day);
    tcase_add_test(signup, undisclosed_accounts_look_like_free_addresses);
    tcase_add_test(signup, a_phone_is_an_address_too);
    tcase_add_test(passwords, a_password_of_another_cost_is_hashed_anew_at_sign_in);
    tcase_add_test(passwords, odd_passwords_are_plainly_wrong);
    tcase_add_test(sessions, what_a_generation_means);
    tcase_add_test(sessions, the_predecessor_gets_the_same_successor_for_a_while);
    tcase_add_test(sessions, an_old_token_ends_the_session_and_its_access_tokens);
    tcase_add_test(sessions, the_predecessor_too_late_is_theft);
    tcase_add_test(sessions, a_token_from_the_future_ends_the_session);
    tcase_add_test(sessions, a_session_ends_when_it_is_idle_and_in_any_case);
    tcase_add_test(sessions, an_access_token_never_outlives_its_session);
    tcase_add_test(sessions, sign_out_ends_the_session_at_once);
    tcase_add_test(sessions, a_reset_ends_every_session_and_tells_the_owner);
    tcase_add_test(outbox, a_message_is_tried_again_after_growing_pauses);
    tcase_add_test(outbox, no_message_goes_out_after_its_code_has_died);
    tcase_add_test(outbox, a_refused_message_is_dead);
    tcase_add_test(outbox, a_killed_senders_message_goes_on_when_its_lease_is_over);
    tcase_add_test(outbox, payloads_are_sealed_and_wiped);
    tcase_add_test(outbox, another_secret_opens_no_keys_and_makes_none);
    tcase_add_test(outbox, upkeep_leaves_what_still_matters);
    return unit_run(suite);
}
