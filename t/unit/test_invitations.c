/* SPDX-License-Identifier: Apache-2.0
 * Tests of invitations: for one mail, once, for seven days; who may finish and who accepts, and
 * what is left of one whose team or address is gone. Run by make check.
 */
#include "unit.h"

#include "ops/admin.h"
#include "ops/invitations.h"
#include "ops/membership.h"
#include "store/roles.h"
#include "people.h"

static as_code_t invite(world_t *world, const char *email, const char *team, const char *role)
{
    as_ctx_t ctx = ctx_of(world);
    const as_invite_in_t in = { .email = email, .team = team, .role = role };
    const char *id;

    return as_invite(&ctx, &in, &id).code;
}

/* The token of the link that goes to whoever is invited. */
static const char *invited(world_t *world, const char *email, const char *team, const char *role)
{
    deliver(world); /* what waits is sent in any order */
    ck_assert_int_eq(invite(world, email, team, role), AS_OK);
    return read_token(world);
}

static const char *new_team(world_t *world, const char *name)
{
    as_ctx_t ctx = ctx_of(world);
    const char *id;

    ck_assert_int_eq(as_team_create(&ctx, name, &id).code, AS_OK);
    return id;
}

static answer_t validate(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /validate-invitation-token", NULL, "{'token':'%s'}",
                token);
}

static answer_t finish(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /finish-invitation", NULL,
                "{'newPassword':'%s','token':'%s','firstName':'Ann','lastName':'Smith'}", PASSWORD,
                token);
}

static answer_t accept_by(world_t *world, const char *access, const char *token)
{
    return call(world, CONTROLLER, "POST /accept-invitation", access, "{'token':'%s'}", token);
}

/* Roles as a new sign-in has them. */
static const char *roles_of(world_t *world, const char *email)
{
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;

    ck_assert_int_eq(as_tokens_check(&ctx, sign_in(world, email, PASSWORD).access,
                                     &principal).code, AS_OK);
    return principal.roles;
}

/* ---- the link ---- */

START_TEST(whoever_is_invited_gets_an_account)
{
    world_t *world = world_of_people();
    const char *team = new_team(world, "writers");
    const char *token = invited(world, " Ann@Example.com ", team, "editor");

    ck_assert_str_eq(world->to, ANN);
    for (int i = 0; i < 10; i++) {
        ck_status(validate(world, token), 200);
    }
    ck_status(finish(world, token), 200);
    ck_assert_str_eq(audited(world, "finish_invitation"), "ok -");
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 1);
    ck_assert_str_eq(roles_of(world, ANN), "User editor");
    ck_assert_str_eq(query(world, "SELECT team_id FROM as_session"), team);
    ck_refused(validate(world, token), 400, "link_wrong");
    ck_refused(finish(world, token), 400, "link_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_invitation"), 0);
}
END_TEST

START_TEST(it_is_good_for_seven_days)
{
    world_t *world = world_of_people();
    const char *token = invited(world, ANN, NULL, NULL);

    world->time += 7 * DAY - SECOND;
    ck_status(validate(world, token), 200);
    world->time += SECOND;
    ck_refused(validate(world, token), 400, "link_wrong");
    ck_refused(finish(world, token), 400, "link_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account"), 0);
}
END_TEST

START_TEST(sent_again_the_old_link_is_dead)
{
    world_t *world = world_of_people();
    const char *first = invited(world, ANN, NULL, "editor"), *second;
    as_ctx_t ctx;

    world->time += 6 * DAY;
    ctx = ctx_of(world);
    if (_i) {
        ck_assert_int_eq(as_invite_resend(&ctx, ANN).code, AS_OK);
        second = read_token(world);
    } else {
        second = invited(world, ANN, NULL, "author");
    }
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_invitation"), 1);
    ck_refused(finish(world, first), 400, "link_wrong");
    world->time += 6 * DAY;
    ck_status(finish(world, second), 200);
    ck_assert_str_eq(roles_of(world, ANN), _i ? "User editor" : "User author");
}
END_TEST

START_TEST(withdrawn_it_and_its_unsent_mail_are_dead)
{
    world_t *world = world_of_people();
    const char *token = invited(world, ANN, NULL, NULL);
    as_ctx_t ctx = ctx_of(world);

    world->outcome = AUTHSVC_TRY_AGAIN;
    ck_assert_int_eq(invite(world, BOB, NULL, NULL), AS_OK);
    deliver(world);
    ck_assert_int_eq(as_invite_withdraw(&ctx, BOB).code, AS_OK);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE state = 0"), 0);
    ck_assert_int_eq(as_invite_withdraw(&ctx, ANN).code, AS_OK);
    ck_assert_int_eq(as_invite_withdraw(&ctx, ANN).code, AS_NOT_FOUND);
    ck_refused(validate(world, token), 400, "link_wrong");
    ck_refused(finish(world, token), 400, "link_wrong");
}
END_TEST

START_TEST(what_cannot_be_invited_is_said)
{
    world_t *world = world_of_people();
    as_ctx_t ctx = ctx_of(world);

    ck_assert_int_eq(invite(world, "no address", NULL, NULL), AS_INVALID);
    ck_assert_int_eq(invite(world, PHONE, NULL, NULL), AS_INVALID);
    ck_assert_int_eq(invite(world, ANN, NULL, "a b"), AS_INVALID);
    ck_assert_int_eq(invite(world, ANN, "0123456789abcdef0123456789abcdef", NULL), AS_INVALID);
    ck_assert_int_eq(invite(world, ANN, NULL, NULL), AS_OK);
    ck_assert_int_eq(invite(world, ANN, new_team(world, "writers"), NULL), AS_OK);
    ck_assert_int_eq(as_invite_withdraw(&ctx, ANN).code, AS_INVALID); /* which of the two? */
}
END_TEST

/* ---- who has an account ---- */

START_TEST(an_active_account_finishes_nothing_and_accepts_from_inside)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN), bob = sign_up_proven(world, BOB);
    const char *token = invited(world, ANN, new_team(world, "writers"), "editor");

    ck_status(validate(world, token), 200);
    ck_refused(finish(world, token), 400, "link_wrong");
    ck_status(try_sign_in(world, ANN, PASSWORD), 200);
    ck_refused(accept_by(world, bob.access, token), 400, "link_wrong");
    ck_status(accept_by(world, NULL, token), 401);
    ck_status(accept_by(world, ann.access, token), 200);
    ck_assert_str_eq(audited(world, "accept_invitation"), "ok -");
    ck_refused(accept_by(world, ann.access, token), 400, "link_wrong");
    ck_assert_str_eq(roles_of(world, ANN), "User editor");
    ck_assert_str_eq(roles_of(world, BOB), "User");
}
END_TEST

/* Whoever signed up with ann's mail has not shown that it is his. */
START_TEST(an_unproven_mail_accepts_nothing)
{
    world_t *world = world_of_people();
    pair_t thief = sign_up(world, ANN, PASSWORD);
    const char *token = invited(world, ANN, NULL, "admin");

    ck_refused(accept_by(world, thief.access, token), 400, "link_wrong");
    ck_refused(finish(world, token), 400, "link_wrong");
    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    ck_status(accept_by(world, thief.access, token), 401);
    ck_status(accept_by(world, sign_in(world, ANN, OTHER).access, token), 200);
}
END_TEST

START_TEST(a_sign_up_that_waits_gives_way)
{
    world_t *world = world_of_people();
    const char *code, *token;

    ck_status(call(world, TRAINOVA, "POST /register", NULL,
                   "{'email_or_phone':'%s','password':'%s'}", ANN, OTHER), 200);
    code = read_code(world);
    token = invited(world, ANN, NULL, NULL);
    ck_status(finish(world, token), 200);
    ck_refused(call(world, TRAINOVA, "POST /verify", NULL, "{'email_or_phone':'%s','code':'%s'}",
                    ANN, code), 400, "code_wrong");
    ck_status(try_sign_in(world, ANN, PASSWORD), 200);
    ck_refused(try_sign_in(world, ANN, OTHER), 401, "sign_in_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_pending"), 0);
}
END_TEST

/* ---- what is gone meanwhile ---- */

static apr_status_t drop_teams(as_db_t *db, void *baton, apr_pool_t *p)
{
    (void)baton;
    (void)p;
    return as_db_run(db, "DELETE FROM as_team");
}

/* A role in a team must not become one everywhere. */
START_TEST(of_a_team_that_is_gone_no_role_is_left)
{
    world_t *world = world_of_people();
    const char *token = invited(world, ANN, new_team(world, "writers"), "admin");

    ck_assert_int_eq(as_store_write(world->service.store, drop_teams, NULL, pool), APR_SUCCESS);
    ck_status(finish(world, token), 200);
    ck_assert_str_eq(roles_of(world, ANN), "User");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_role"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_membership"), 0);
}
END_TEST

static void signs_up(world_t *world, const char *email)
{
    sign_up(world, email, OTHER);
}

static void finishes(world_t *world, const char *token)
{
    ck_status(finish(world, token), 200);
}

START_TEST(between_looking_and_finishing_somebody_may_come)
{
    world_t *world = world_of_people();
    const char *token = invited(world, ANN, NULL, "admin");

    rival_acts(world, _i ? finishes : signs_up, _i ? token : ANN);
    ck_refused(finish(world, token), 400, "link_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account"), 1);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_role"), _i);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("invitations");
    TCase *links = unit_case(suite, "the link");
    TCase *accounts = unit_case(suite, "accounts");
    TCase *gone = unit_case(suite, "gone meanwhile");

    tcase_add_test(links, whoever_is_invited_gets_an_account);
    tcase_add_test(links, it_is_good_for_seven_days);
    tcase_add_loop_test(links, sent_again_the_old_link_is_dead, 0, 2);
    tcase_add_test(links, withdrawn_it_and_its_unsent_mail_are_dead);
    tcase_add_test(links, what_cannot_be_invited_is_said);
    tcase_add_test(accounts, an_active_account_finishes_nothing_and_accepts_from_inside);
    tcase_add_test(accounts, an_unproven_mail_accepts_nothing);
    tcase_add_test(accounts, a_sign_up_that_waits_gives_way);
    tcase_add_test(gone, of_a_team_that_is_gone_no_role_is_left);
    tcase_add_loop_test(gone, between_looking_and_finishing_somebody_may_come, 0, 2);
    return unit_run(suite);
}
