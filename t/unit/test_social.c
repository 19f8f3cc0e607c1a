/* SPDX-License-Identifier: Apache-2.0
 * Tests of sign-up and sign-in by vendors: each answer, whose mail counts for what, linking from
 * inside, and that nothing is linked silently. Run by make check.
 */
#include "unit.h"

#include "people.h"

#define GOOGLE "google"
#define FACEBOOK "facebook"

static answer_t by(world_t *world, const char *vendor, const char *what, const char *bearer,
                   const char *token)
{
    return call(world, CONTROLLER, apr_psprintf(pool, "POST /%s/%s", vendor, what), bearer,
                "{'token':'%s'}", token);
}

static answer_t unlink_from(world_t *world, const char *vendor, const char *bearer)
{
    return call(world, CONTROLLER, apr_psprintf(pool, "DELETE /%s/link", vendor), bearer, NULL);
}

static world_t *social_world(void)
{
    return with_vendors(world_of_people());
}

/* ---- signing up and in ---- */

START_TEST(a_person_signs_up_and_in)
{
    world_t *world = social_world();
    answer_t up = by(world, GOOGLE, "sign-up", NULL, "s1 Ann@Example.com yes"), in, who;
    as_ctx_t ctx = ctx_of(world);
    as_principal_t principal;

    ck_status(up, 201);
    who = call(world, CONTROLLER, "GET /me", said(&up, "accessToken"), NULL);
    ck_status(who, 200);
    ck_assert_str_eq(said(&who, "email"), ANN);
    ck_assert_str_eq(said(&who, "firstName"), "Ann Mary");
    ck_assert_str_eq(said(&who, "lastName"), "Smith");
    ck_assert_str_eq(said(&who, "photo"), "https://photos.example.com/ann");
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 1);
    ck_assert_str_eq(audited(world, "register"), "ok fed");
    in = by(world, GOOGLE, "sign-in", NULL, "s1 moved@example.com no");
    ck_status(in, 200);
    ck_assert_str_eq(audited(world, "sign_in"), "ok fed");
    ck_assert_int_eq(as_tokens_check(&ctx, said(&in, "accessToken"), &principal).code, AS_OK);
    ck_assert_str_eq(principal.amr, "fed");
    ck_assert_str_eq(query(world, "SELECT email FROM as_account"), ANN);
}
END_TEST

START_TEST(each_refusal_has_its_answer)
{
    world_t *world = social_world();
    pair_t bob = sign_up_proven(world, BOB);

    ck_refused(by(world, GOOGLE, "sign-in", NULL, "bad"), 401, "vendor_refused");
    ck_refused(by(world, GOOGLE, "sign-in", NULL, ""), 401, "vendor_refused");
    ck_refused(by(world, GOOGLE, "sign-in", NULL, "away"), 503, "unavailable");
    ck_refused(by(world, GOOGLE, "sign-in", NULL, "s1 - yes"), 404, "identity_unknown");
    ck_refused(by(world, "github", "sign-in", NULL, "s1 - yes"), 404, "not_found");
    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com no"), 401, "vendor_refused");
    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s1 bob@example.com yes"), 409,
               "identity_taken");
    ck_status(by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com yes"), 201);
    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s1 other@example.com yes"), 409,
               "identity_taken");
    ck_refused(by(world, FACEBOOK, "sign-in", NULL, "s1 - yes"), 404, "identity_unknown");
    ck_refused(by(world, GOOGLE, "link", bob.access, "s1 - yes"), 409, "identity_taken");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account"), 2);
}
END_TEST

START_TEST(failures_are_counted_against_the_client)
{
    world_t *world = with_limits(social_world());
    int i = 0;

    while (i < 200 && by(world, GOOGLE, "sign-in", NULL, "bad").status == 401) {
        i++;
    }
    ck_assert_int_eq(i, 100);
    ck_refused(by(world, GOOGLE, "sign-in", NULL, "s1 - yes"), 429, "throttled");
}
END_TEST

START_TEST(a_vendor_that_is_away_counts_against_nobody)
{
    world_t *world = with_limits(social_world());

    for (int i = 0; i < 200; i++) {
        ck_refused(by(world, GOOGLE, "sign-in", NULL, "away"), 503, "unavailable");
    }
}
END_TEST

START_TEST(a_second_factor_is_asked_here_too)
{
    world_t *world = social_world();
    answer_t up = by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com yes"), half;
    const char *secret = two_factor_on(world, said(&up, "accessToken"));

    half = by(world, GOOGLE, "sign-in", NULL, "s1 - yes");
    ck_status(half, 200);
    ck_assert_int_eq(me(world, said(&half, "accessToken")), 401);
    ck_status(call(world, CONTROLLER, "POST /two-factor/verify", said(&half, "accessToken"),
                   "{'code':'%s'}", totp(world, secret)), 200);
    ck_assert_str_eq(audited(world, "sign_in"), "ok fed otp mfa");
}
END_TEST

/* ---- whose mail ---- */

START_TEST(a_mail_nobody_vouches_for_stays_unproven)
{
    world_t *world = social_world();
    answer_t up = by(world, FACEBOOK, "sign-up", NULL, "f1 ann@example.com unknown");

    ck_status(up, 201);
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 0);
    ck_status(by(world, FACEBOOK, "sign-up", NULL, "f2 - unknown"), 201);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account WHERE email IS NULL"), 1);
    ck_status(restore(world, forgot(world, ANN), OTHER), 200); /* by the mail's owner */
    ck_refused(by(world, FACEBOOK, "sign-in", NULL, "f1 - unknown"), 404, "identity_unknown");
    ck_assert_int_eq(me(world, said(&up, "accessToken")), 401);
}
END_TEST

START_TEST(a_sign_up_that_waits_gives_way)
{
    world_t *world = social_world();
    const char *code;

    ck_status(call(world, TRAINOVA, "POST /register", NULL,
                   "{'email_or_phone':'%s','password':'%s'}", ANN, PASSWORD), 200);
    code = read_code(world);
    ck_status(by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com yes"), 201);
    ck_refused(call(world, TRAINOVA, "POST /verify", NULL, "{'email_or_phone':'%s','code':'%s'}",
                    ANN, code), 400, "code_wrong");
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
    ck_assert_ptr_null(query(world, "SELECT password FROM as_account"));
}
END_TEST

/* Somebody signed up with ann's mail first: the vendor's word does not hand her that account. */
START_TEST(nothing_is_linked_silently)
{
    world_t *world = social_world();
    pair_t thief = sign_up(world, ANN, PASSWORD);

    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com yes"), 409,
               "identity_taken");
    ck_refused(by(world, GOOGLE, "sign-in", NULL, "s1 ann@example.com yes"), 404,
               "identity_unknown");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_identity"), 0);
    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    ck_assert_int_eq(me(world, thief.access), 401);
    ck_status(by(world, GOOGLE, "link", sign_in(world, ANN, OTHER).access,
                 "s1 ann@example.com yes"), 204);
    ck_status(by(world, GOOGLE, "sign-in", NULL, "s1 - yes"), 200);
}
END_TEST

START_TEST(what_a_vendor_tells_is_checked_as_anybodys_word)
{
    world_t *world = social_world();
    answer_t up = by(world, GOOGLE, "sign-up", NULL, "s1 no\\\\taddress yes");

    ck_status(up, 201);
    ck_assert_ptr_null(query(world, "SELECT email FROM as_account"));
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 0);
    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s\\u00e4 - yes"), 503, "unavailable");
}
END_TEST

/* ---- from inside ---- */

START_TEST(linking_is_told_and_done_once)
{
    world_t *world = social_world();
    pair_t ann = sign_up_proven(world, ANN);
    int sent;

    deliver(world);
    sent = world->sent;
    ck_status(by(world, GOOGLE, "link", ann.access, "s1 - yes"), 204);
    ck_status(by(world, GOOGLE, "link", ann.access, "s1 - yes"), 204);
    deliver(world);
    ck_assert_int_eq(world->sent, sent + 1);
    ck_assert_str_eq(audited(world, "link"), "ok -");
    ck_status(by(world, GOOGLE, "sign-in", NULL, "s1 - yes"), 200);
    ck_status(unlink_from(world, GOOGLE, ann.access), 204);
    ck_refused(by(world, GOOGLE, "sign-in", NULL, "s1 - yes"), 404, "identity_unknown");
    ck_assert_str_eq(audited(world, "unlink"), "ok -");
}
END_TEST

START_TEST(the_last_way_in_stays)
{
    world_t *world = social_world();
    answer_t up = by(world, GOOGLE, "sign-up", NULL, "s1 ann@example.com yes");
    const char *access = said(&up, "accessToken");

    ck_refused(unlink_from(world, GOOGLE, access), 409, "last_way_in");
    ck_status(by(world, GOOGLE, "link", access, "s2 - yes"), 204); /* ends with the vendor, too */
    ck_refused(unlink_from(world, GOOGLE, access), 409, "last_way_in");
    ck_status(by(world, FACEBOOK, "link", access, "f1 - unknown"), 204);
    ck_status(unlink_from(world, GOOGLE, access), 204);
    ck_refused(unlink_from(world, FACEBOOK, access), 409, "last_way_in");
    ck_status(by(world, FACEBOOK, "sign-in", NULL, "f1 - unknown"), 200);
}
END_TEST

static void ends(world_t *world, const char *access)
{
    ck_status(call(world, CONTROLLER, "DELETE /me", access, "{'password':'%s'}", PASSWORD), 204);
}

START_TEST(a_deleted_account_gets_no_identity_any_more)
{
    world_t *world = social_world();
    pair_t ann = sign_up_proven(world, ANN);

    rival_acts(world, ends, ann.access);
    ck_status(by(world, GOOGLE, "link", ann.access, "s1 - yes"), 401);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_identity"), 0);
    ck_status(by(world, GOOGLE, "sign-up", NULL, "s1 other@example.com yes"), 201);
}
END_TEST

static void signs_up(world_t *world, const char *token)
{
    ck_status(by(world, GOOGLE, "sign-up", NULL, token), 201);
}

START_TEST(of_two_who_sign_up_with_one_identity_one_does)
{
    world_t *world = social_world();

    rival_acts(world, signs_up, "s1 first@example.com yes");
    ck_refused(by(world, GOOGLE, "sign-up", NULL, "s1 second@example.com yes"), 409,
               "identity_taken");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account"), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("social");
    TCase *doors = unit_case(suite, "up and in");
    TCase *mails = unit_case(suite, "whose mail");
    TCase *inside = unit_case(suite, "from inside");

    tcase_add_test(doors, a_person_signs_up_and_in);
    tcase_add_test(doors, each_refusal_has_its_answer);
    tcase_add_test(doors, failures_are_counted_against_the_client);
    tcase_add_test(doors, a_vendor_that_is_away_counts_against_nobody);
    tcase_add_test(doors, a_second_factor_is_asked_here_too);
    tcase_add_test(mails, a_mail_nobody_vouches_for_stays_unproven);
    tcase_add_test(mails, a_sign_up_that_waits_gives_way);
    tcase_add_test(mails, nothing_is_linked_silently);
    tcase_add_test(mails, what_a_vendor_tells_is_checked_as_anybodys_word);
    tcase_add_test(inside, linking_is_told_and_done_once);
    tcase_add_test(inside, the_last_way_in_stays);
    tcase_add_test(inside, a_deleted_account_gets_no_identity_any_more);
    tcase_add_test(inside, of_two_who_sign_up_with_one_identity_one_does);
    return unit_run(suite);
}
