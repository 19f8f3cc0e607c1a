/* SPDX-License-Identifier: Apache-2.0
 * Tests of what people change about their own accounts: how fresh a sign-in has to be, what a
 * changed password ends and what goes on, the token between two factors, app passwords, mail and
 * phone. Run by make check.
 */
#include "unit.h"

#include "people.h"

#define MANY 70 /* more sessions than are ended one by one */

static answer_t change_password(world_t *world, const char *access, const char *from,
                                const char *to)
{
    return call(world, CONTROLLER, "POST /change-password", access,
                "{'password':'%s','newPassword':'%s'}", from, to);
}

static answer_t change_email(world_t *world, const char *access, const char *email)
{
    return call(world, CONTROLLER, "POST /change-email", access, "{'email':'%s'}", email);
}

static answer_t confirm(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /confirm-email", NULL, "{'token':'%s'}", token);
}

static answer_t refresh(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /refresh-token", NULL, "{'refreshToken':'%s'}", token);
}

static answer_t second_step(world_t *world, const char *token, const char *code)
{
    return call(world, CONTROLLER, "POST /two-factor/verify", token, "{'code':'%s'}", code);
}

/* ---- a fresh sign-in ---- */

static const char *const fresh_doors[][2] = {
    { "POST /change-email", "{'email':'bob@example.com'}" },
    { "POST /two-factor/setup", NULL },
    { "POST /two-factor/disable", "{'code':'123456'}" },
    { "POST /app-passwords", "{'name':'git'}" },
    { "POST /google/link", "{'token':'ann - yes'}" },
    { "DELETE /google/link", NULL },
};

START_TEST(after_five_minutes_one_signs_in_again)
{
    world_t *world = with_vendors(world_of_people());
    pair_t ann = sign_up_proven(world, ANN);
    answer_t answer;

    world->time += 5 * MINUTE + SECOND;
    answer = call(world, CONTROLLER, fresh_doors[_i][0], ann.access, fresh_doors[_i][1] ? "%s"
                                                                                      : NULL,
                  fresh_doors[_i][1]);
    ck_refused(answer, 401, "stale");
    ck_assert_str_eq(answer.challenge,
                     "Bearer realm=\"unit\", error=\"insufficient_user_authentication\", "
                     "max_age=300");
    ann = sign_in(world, ANN, PASSWORD);
    world->time += 5 * MINUTE;
    world->log[0] = '\0';
    call(world, CONTROLLER, fresh_doors[_i][0], ann.access, fresh_doors[_i][1] ? "%s" : NULL,
         fresh_doors[_i][1]);
    ck_assert_ptr_null(strstr(world->log, ": stale"));
}
END_TEST

/* A number is a way to a new password: adding one takes what changing the mail takes. */
START_TEST(a_number_takes_a_fresh_sign_in_and_is_told)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    int sent;

    world->time += 5 * MINUTE + SECOND;
    ck_refused(call(world, BIO, "POST /send-sms", ann.access, "{'app_id':'7','phone':'%s'}", PHONE),
               401, "stale");
    ann = sign_in(world, ANN, PASSWORD);
    add_phone(world, ann.access, PHONE);
    sent = world->sent;
    deliver(world);
    ck_assert_int_eq(world->sent, sent + 1);
    ck_assert_str_eq(world->to, ANN);
    ck_assert_ptr_nonnull(strstr(world->text, "phone number"));
}
END_TEST

/* ---- a changed password ---- */

START_TEST(a_changed_password_ends_all_other_sessions_at_once)
{
    world_t *world = world_of_people();
    pair_t ann, others[MANY];
    int n = _i ? MANY : 3;

    if (_i < 2) {
        with_caches(world);
    }
    ann = sign_up_proven(world, ANN);
    for (int i = 0; i < n; i++) {
        others[i] = sign_in(world, ANN, PASSWORD);
        ck_assert_int_eq(me(world, others[i].access), 200);
    }
    ck_assert_int_eq(me(world, ann.access), 200);
    ck_status(change_password(world, ann.access, PASSWORD, OTHER), 204);
    ck_assert_str_eq(audited(world, "change_password"), "ok -");
    for (int i = 0; i < n; i++) {
        ck_assert_int_eq(me(world, others[i].access), 401);
        ck_refused(refresh(world, others[i].refresh), 401, "refresh_wrong");
    }
    ck_assert_int_eq(me(world, ann.access), n > 64 ? 401 : 200);
    ck_assert_int_eq(count(world, "SELECT epoch FROM as_account"), n > 64 ? 2 : 1);
    ck_status(refresh(world, ann.refresh), 200);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
    ck_status(try_sign_in(world, ANN, OTHER), 200);
}
END_TEST

START_TEST(other_nodes_learn_of_it_by_the_feed)
{
    world_t *world = with_caches(world_of_people()), *node = apr_pmemdup(pool, world,
                                                                        sizeof *world);
    pair_t ann = sign_up_proven(world, ANN), other = sign_in(world, ANN, PASSWORD);

    with_caches(node);
    ck_assert_int_eq(me(node, other.access), 200);
    ck_assert_int_eq(me(node, ann.access), 200);
    ck_status(change_password(world, ann.access, PASSWORD, OTHER), 204);
    ck_assert_int_eq(me(node, other.access), 200); /* what it has seen, until the next news */
    node->service.policy.revocation_sync = 0;
    sync_feed(node);
    ck_assert_int_eq(me(node, other.access), 401);
    ck_assert_int_eq(me(node, ann.access), 200);
}
END_TEST

/* bioentrust's refresh rotates nothing: its access tokens are younger than the last rotation. */
START_TEST(a_token_that_no_rotation_made_dies_as_well)
{
    world_t *world = with_caches(world_of_people());
    pair_t ann = sign_up_proven(world, ANN);
    answer_t thief = call(world, BIO, "POST /signin", NULL, "{'email':'%s','password':'%s'}", ANN,
                          PASSWORD), next;

    ck_status(thief, 200);
    world->time += 20 * MINUTE;
    next = call(world, BIO, "GET /refresh", said(&thief, "token.refresh"), NULL);
    ck_status(next, 200);
    ck_assert_int_eq(me(world, said(&next, "token.access")), 200);
    ann = sign_in(world, ANN, PASSWORD);
    if (_i) {
        ck_status(change_password(world, ann.access, PASSWORD, OTHER), 204);
    } else {
        ck_status(call(world, CONTROLLER, "DELETE /sessions", ann.access, NULL), 204);
    }
    ck_assert_int_eq(me(world, said(&next, "token.access")), 401);
    ck_refused(call(world, BIO, "GET /refresh", said(&thief, "token.refresh"), NULL), 401,
               "refresh_wrong");
}
END_TEST

START_TEST(the_old_password_is_asked_and_counted)
{
    world_t *world = with_limits(world_of_people());
    pair_t ann = sign_up_proven(world, ANN);

    for (int i = 0; i < 10; i++) {
        ck_refused(change_password(world, ann.access, OTHER, OTHER), 401, "password_wrong");
    }
    ck_assert_str_eq(audited(world, "change_password"), "password_wrong -");
    ck_refused(change_password(world, ann.access, PASSWORD, OTHER), 429, "throttled");
    ck_refused(try_sign_in(world, ANN, PASSWORD), 429, "throttled");
}
END_TEST

/* ---- between the check of a password and its transaction ---- */

static void recovers(world_t *world, const char *password)
{
    ck_status(restore(world, forgot(world, ANN), password), 200);
}

static void changes(world_t *world, const char *access)
{
    ck_status(change_password(world, access, PASSWORD, OTHER), 204);
}

static void hashes_anew(world_t *world, const char *password)
{
    static const as_argon2id_t dearer = { 16, 2, 1 };

    ck_assert_int_eq(as_hasher_create(&world->service.hasher, &dearer, 1, 1, SECOND, pool),
                     APR_SUCCESS);
    ck_status(try_sign_in(world, ANN, password), 200);
}

START_TEST(a_sign_in_that_comes_too_late_opens_nothing)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);

    rival_acts(world, _i ? recovers : changes, _i ? OTHER : ann.access);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_session WHERE ended_at = 0"),
                     _i ? 0 : 1);
    ck_assert_str_eq(audited(world, "sign_in"), "sign_in_wrong pwd");
}
END_TEST

START_TEST(a_change_that_comes_too_late_changes_nothing)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN), second = sign_in(world, ANN, PASSWORD);
    const char *const with[] = { OTHER, second.access, ann.access };
    const char *const codes[] = { "unauthenticated", "unauthenticated", "password_wrong" };

    rival_acts(world, _i ? changes : recovers, with[_i]);
    ck_status(change_password(world, ann.access, PASSWORD, "the thiefs own"), 401);
    ck_assert_ptr_nonnull(strstr(world->log, codes[_i]));
    ck_status(try_sign_in(world, ANN, OTHER), 200);
}
END_TEST

/* The same password under another salt is no other password. */
START_TEST(a_change_is_not_lost_to_a_hash_made_anew)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);

    rival_acts(world, hashes_anew, PASSWORD);
    ck_status(change_password(world, ann.access, PASSWORD, OTHER), 204);
    ck_status(try_sign_in(world, ANN, OTHER), 200);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
}
END_TEST

START_TEST(a_deletion_that_comes_too_late_deletes_nothing)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);

    rival_acts(world, recovers, OTHER);
    ck_assert_int_eq(call(world, CONTROLLER, "DELETE /me", ann.access, "{'password':'%s'}",
                          PASSWORD).status, 401);
    ck_status(try_sign_in(world, ANN, OTHER), 200);
}
END_TEST

/* What whoever is signed in may write; the last is bioentrust's. */
static const char *const own_doors[][2] = {
    { "POST /change-email", "{'email':'bob@example.com'}" },
    { "POST /change-password", "{'password':'" PASSWORD "','newPassword':'the thiefs own'}" },
    { "DELETE /me", "{'password':'" PASSWORD "'}" },
    { "DELETE /sessions", NULL },
    { "POST /two-factor/setup", NULL },
    { "POST /two-factor/enable", "{'code':'123456'}" },
    { "POST /app-passwords", "{'name':'git'}" },
    { "DELETE /app-passwords/none", NULL },
    { "POST /google/link", "{'token':'ann - yes'}" },
    { "DELETE /google/link", NULL },
    { "POST /accept-invitation", "{'token':'none'}" },
    { "POST /change-team", "{'teamId':'none'}" },
    { "POST /send-sms", "{'app_id':'1','phone':'" PHONE "'}" },
    { "POST /reset-password", "{'email':'" ANN "','password':'the thiefs own'}" },
};

#define OWN_DOORS ((int)(sizeof own_doors / sizeof *own_doors))

static void ends_others(world_t *world, const char *access)
{
    ck_status(call(world, CONTROLLER, "DELETE /sessions", access, NULL), 204);
}

/* The thief's request has passed the door already, or another node has not heard yet. */
START_TEST(nothing_is_done_once_the_end_was_acknowledged)
{
    world_t *world = with_vendors(world_of_people());
    pair_t ann = sign_up_proven(world, ANN), thief = sign_in(world, ANN, PASSWORD);
    const char *const *door = own_doors[_i % OWN_DOORS];
    int by_recovery = _i >= OWN_DOORS, bio = _i % OWN_DOORS >= OWN_DOORS - 2;
    answer_t answer;

    rival_acts(world, by_recovery ? recovers : ends_others, by_recovery ? OTHER : ann.access);
    answer = door[1] ? call(world, bio ? BIO : CONTROLLER, door[0], thief.access, "%s", door[1])
                     : call(world, CONTROLLER, door[0], thief.access, NULL);
    if (strcmp(door[0], "POST /reset-password") == 0) {
        ck_refused(answer, 400, "link_wrong");
    } else {
        ck_assert_int_eq(answer.status, 401);
    }
    ck_status(try_sign_in(world, ANN, by_recovery ? OTHER : PASSWORD), 200);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_app_password"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_factor"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_identity"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_challenge WHERE used_at = 0"), 0);
}
END_TEST

/* ---- the token between two factors ---- */

typedef struct {
    pair_t ann;
    const char *secret, *pending;
} half_t;

static half_t half_in(world_t *world)
{
    half_t half = { .ann = sign_up_proven(world, ANN) };
    answer_t answer;
    int shown;

    half.secret = two_factor_on(world, half.ann.access);
    answer = try_sign_in(world, ANN, PASSWORD);
    ck_status(answer, 200);
    ck_assert(as_json_boolean(as_json_get(answer.body, "isTwoFactorEnable"), &shown) && shown);
    half.pending = said(&answer, "accessToken");
    ck_assert_ptr_null(strchr(half.pending, '.'));
    ck_refused(refresh(world, said(&answer, "refreshToken")), 401, "refresh_wrong");
    return half;
}

START_TEST(a_pending_token_opens_one_door)
{
    world_t *world = world_of_people();
    half_t half = half_in(world);

    ck_assert_int_eq(me(world, half.pending), 401);
    ck_status(call(world, BIO, "GET /protected", half.pending, NULL), 401);
    ck_status(change_password(world, half.pending, PASSWORD, OTHER), 401);
    ck_status(call(world, BIO, "POST /reset-password", half.pending,
                   "{'email':'%s','password':'%s'}", ANN, OTHER), 400);
    ck_status(call(world, CONTROLLER, "POST /two-factor/disable", half.pending, "{'code':'%s'}",
                   totp(world, half.secret)), 401);
    ck_refused(refresh(world, half.pending), 401, "refresh_wrong");
    ck_refused(restore(world, half.pending, OTHER), 400, "link_wrong");
    ck_refused(second_step(world, half.ann.access, "123456"), 400, "not_pending");
    ck_refused(second_step(world, half.pending, wrong(totp(world, half.secret))), 401,
               "two_factor_wrong");
    ck_status(second_step(world, half.pending, totp(world, half.secret)), 200);
    ck_assert_str_eq(audited(world, "sign_in"), "ok pwd otp mfa");
    world->time += STEP;
    ck_refused(second_step(world, half.pending, totp(world, half.secret)), 401, "unauthenticated");
}
END_TEST

START_TEST(a_pending_token_dies_after_five_minutes)
{
    world_t *world = world_of_people();
    half_t half = half_in(world);

    world->time += 5 * MINUTE - SECOND;
    ck_refused(second_step(world, half.pending, wrong(totp(world, half.secret))), 401,
               "two_factor_wrong");
    world->time += SECOND;
    ck_refused(second_step(world, half.pending, totp(world, half.secret)), 401, "unauthenticated");
}
END_TEST

START_TEST(a_pending_token_dies_with_what_it_stands_on)
{
    world_t *world = world_of_people();
    half_t half = half_in(world);

    if (_i == 0) {
        ck_status(change_password(world, half.ann.access, PASSWORD, OTHER), 204);
    } else if (_i == 1) {
        ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    } else {
        ck_status(call(world, CONTROLLER, "POST /two-factor/disable", half.ann.access,
                       "{'code':'%s'}", totp(world, half.secret)), 204);
        world->time += STEP;
    }
    ck_refused(second_step(world, half.pending, totp(world, half.secret)), 401, "unauthenticated");
}
END_TEST

static void steps(world_t *world, const char *pending)
{
    const char *space = strchr(pending, ' ');

    ck_status(second_step(world, apr_pstrmemdup(pool, pending, space - pending), space + 1), 200);
}

START_TEST(of_two_who_step_with_one_token_one_is_let_in)
{
    world_t *world = world_of_people();
    half_t half = half_in(world);
    const char *code = totp(world, half.secret);

    rival_acts(world, steps, apr_pstrcat(pool, half.pending, " ", code, NULL));
    ck_refused(second_step(world, half.pending, code), 401, "unauthenticated");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_session WHERE ended_at = 0"), 2);
}
END_TEST

static void lose_accounts(world_t *world, const char *unused)
{
    (void)unused;
    query(world, "ALTER TABLE as_account RENAME TO as_lost");
}

START_TEST(a_database_that_breaks_between_is_a_fault)
{
    world_t *world = world_of_people();
    half_t half = half_in(world);

    rival_acts(world, lose_accounts, NULL);
    ck_status(second_step(world, half.pending, totp(world, half.secret)), 500);
    query(world, "ALTER TABLE as_lost RENAME TO as_account");
    ck_status(second_step(world, half.pending, totp(world, half.secret)), 200);
}
END_TEST

START_TEST(guesses_are_counted_whatever_the_door)
{
    world_t *world = with_limits(world_of_people());
    half_t half = half_in(world);
    const char *guess = wrong(totp(world, half.secret));
    answer_t again;

    ck_refused(second_step(world, half.pending, guess), 401, "two_factor_wrong");
    ck_refused(second_step(world, half.pending, guess), 401, "two_factor_wrong");
    again = try_sign_in(world, ANN, PASSWORD);
    ck_refused(second_step(world, said(&again, "accessToken"), guess), 401, "two_factor_wrong");
    ck_refused(call(world, TRAINOVA, "POST /login", NULL,
                    "{'email_or_phone':'%s','password':'%s','otp':'%s'}", ANN, PASSWORD, guess),
               400, "two_factor_required");
    ck_refused(call(world, CONTROLLER, "POST /two-factor/disable", half.ann.access,
                    "{'code':'%s'}", guess), 400, "two_factor_wrong");
    ck_refused(second_step(world, said(&again, "accessToken"), totp(world, half.secret)), 429,
               "throttled");
    ck_refused(call(world, AUTHENTICATION, "POST /login", NULL,
                    "{'email':'%s','password':'%s','otp':'%s'}", ANN, PASSWORD,
                    totp(world, half.secret)), 429, "throttled");
}
END_TEST

/* ---- app passwords ---- */

static answer_t app_password(world_t *world, const char *access)
{
    answer_t answer = call(world, CONTROLLER, "POST /app-passwords", access, "{'name':'git'}");

    ck_status(answer, 201);
    return answer;
}

START_TEST(an_app_password_opens_basic_and_nothing_else)
{
    world_t *world = with_caches(world_of_people());
    half_t half = half_in(world);
    answer_t app = app_password(world, half.ann.access);

    ck_assert_int_eq(basic(world, ANN, PASSWORD), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_OK);
    ck_refused(try_sign_in(world, ANN, said(&app, "password")), 401, "sign_in_wrong");
    ck_refused(change_password(world, half.ann.access, said(&app, "password"), OTHER), 401,
               "password_wrong");
    ck_assert_str_eq(audited(world, "app_password"), "ok -");
    ck_assert_int_eq(count(world, apr_psprintf(pool, "SELECT COUNT(*) FROM as_app_password WHERE "
                                               "hash = '%s'", said(&app, "password"))), 0);
    ck_status(call(world, CONTROLLER, apr_pstrcat(pool, "DELETE /app-passwords/", said(&app, "id"),
                                                  NULL), half.ann.access, NULL), 204);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(me(world, half.ann.access), 200);
}
END_TEST

START_TEST(what_is_revoked_elsewhere_is_forgotten_with_the_next_news)
{
    world_t *world = with_caches(world_of_people());
    world_t *node = apr_pmemdup(pool, world, sizeof *world);
    pair_t ann = sign_up_proven(world, ANN);
    answer_t app = app_password(world, ann.access);

    with_caches(node);
    ck_assert_int_eq(basic(node, ANN, said(&app, "password")), AS_OK);
    ck_status(call(world, CONTROLLER, apr_pstrcat(pool, "DELETE /app-passwords/", said(&app, "id"),
                                                  NULL), ann.access, NULL), 204);
    node->service.policy.revocation_sync = 0;
    sync_feed(node);
    ck_assert_int_eq(basic(node, ANN, said(&app, "password")), AS_SIGN_IN_WRONG);
}
END_TEST

START_TEST(another_accounts_app_password_is_none)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN), bob = sign_up_proven(world, BOB);
    answer_t app = app_password(world, ann.access);

    ck_assert_int_eq(basic(world, BOB, said(&app, "password")), AS_SIGN_IN_WRONG);
    ck_refused(call(world, CONTROLLER, apr_pstrcat(pool, "DELETE /app-passwords/",
                                                   said(&app, "id"), NULL), bob.access, NULL), 404,
               "not_found");
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_OK);
}
END_TEST

START_TEST(wrong_app_passwords_are_counted_and_cost_a_hash)
{
    static const char guess[] = "app-aaaaaa-aaaaaa-aaaaaa-aaaaaa";
    world_t *world = with_limits(world_of_people());
    answer_t app = app_password(world, sign_up_proven(world, ANN).access);
    const char *hashed = "a password was hashed";

    ck_assert_int_eq(basic(world, "nobody@example.com", guess), AS_SIGN_IN_WRONG);
    ck_assert_ptr_nonnull(strstr(world->log, hashed));
    for (int i = 0; i < 10; i++) {
        world->log[0] = '\0';
        ck_assert_int_eq(basic(world, ANN, guess), AS_SIGN_IN_WRONG);
        ck_assert_ptr_nonnull(strstr(world->log, hashed));
    }
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_THROTTLED);
    ck_assert_int_eq(basic(world, ANN, guess), AS_THROTTLED);
}
END_TEST

START_TEST(a_required_captcha_closes_basic_for_account_passwords)
{
    world_t *world = with_captcha(world_of_people(), 1u << AS_CAPTCHA_SIGNIN);
    pair_t ann = sign_up_proven(world, ANN);
    answer_t app = app_password(world, ann.access);

    ck_assert_int_eq(basic(world, ANN, PASSWORD), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_OK);
    ck_refused(call(world, TRAINOVA, "POST /login", NULL, "{'email_or_phone':'%s','password':'%s'}",
                    ANN, PASSWORD), 401, "captcha_wrong");
    ck_status(call(world, TRAINOVA, "POST /login", NULL,
                   "{'email_or_phone':'%s','password':'%s','captcha_token':'human'}", ANN,
                   PASSWORD), 200);
}
END_TEST

START_TEST(there_are_fifty_at_most)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);

    for (int i = 0; i < 50; i++) {
        app_password(world, ann.access);
    }
    ck_refused(call(world, CONTROLLER, "POST /app-passwords", ann.access, "{'name':'git'}"), 409,
               "too_many");
}
END_TEST

START_TEST(nobody_is_buried_in_notices)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    int before = count(world, "SELECT COUNT(*) FROM as_outbox");

    for (int i = 0; i < 12; i++) {
        app_password(world, ann.access);
    }
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox"), before + 10);
    world->time += 601 * SECOND;
    app_password(world, sign_in(world, ANN, PASSWORD).access);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox"), before + 11);
}
END_TEST

/* ---- sessions ---- */

START_TEST(one_ends_ones_own_alone)
{
    world_t *world = with_caches(world_of_people());
    pair_t ann = sign_up_proven(world, ANN), second = sign_in(world, ANN, PASSWORD);
    pair_t bob = sign_up_proven(world, BOB);
    const char *id = query(world, "SELECT id FROM as_session ORDER BY rowid LIMIT 1");
    const char *path = apr_pstrcat(pool, "DELETE /sessions/", id, NULL);

    ck_refused(call(world, CONTROLLER, path, bob.access, NULL), 404, "not_found");
    ck_refused(call(world, CONTROLLER, "DELETE /sessions/%00", second.access, NULL), 404,
               "not_found");
    ck_assert_int_eq(me(world, ann.access), 200);
    ck_status(call(world, CONTROLLER, path, second.access, NULL), 204);
    ck_assert_int_eq(me(world, ann.access), 401);
    ck_refused(call(world, CONTROLLER, path, second.access, NULL), 404, "not_found");
}
END_TEST

START_TEST(what_nobody_asked_for_is_not_taken)
{
    world_t *world = world_of_people();
    answer_t up = call(world, CONTROLLER, "POST /sign-up", NULL,
                       "{'email':'%s','password':'%s','firstName':'A','lastName':'B','id':7,"
                       "'roles':['admin'],'role':'admin','email_proven':1,'isTwoFactorEnable':true,"
                       "'photo':'https://x','team':'t','phone':'%s'}", ANN, PASSWORD, PHONE);
    answer_t who = call(world, CONTROLLER, "GET /me", said(&up, "accessToken"), NULL);

    ck_assert_str_eq(as_json_text(pool, as_json_get(who.body, "roles")), "[\"User\"]");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account WHERE email_proven = 0 AND "
                           "phone IS NULL AND photo IS NULL AND number <> 7"), 1);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_role"), 0);
}
END_TEST

/* Without rotation a stolen refresh token would never be noticed. */
START_TEST(no_session_is_laundered_into_one_that_does_not_rotate)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    answer_t bio = call(world, BIO, "POST /signin", NULL, "{'email':'%s','password':'%s'}", ANN,
                        PASSWORD), next;
    const char *first = said(&bio, "token.refresh");

    ck_refused(call(world, BIO, "GET /refresh", ann.refresh, NULL), 401, "refresh_wrong");
    ck_status(call(world, BIO, "GET /refresh", first, NULL), 200);
    next = refresh(world, first); /* from here on the first is old there, too */
    ck_status(next, 200);
    world->time += 31 * SECOND;
    ck_refused(call(world, BIO, "GET /refresh", first, NULL), 401, "refresh_reused");
    ck_refused(refresh(world, said(&next, "refreshToken")), 401, "refresh_wrong");
}
END_TEST

/* ---- mail and phone ---- */

START_TEST(a_mail_changes_once_its_box_has_answered)
{
    world_t *world = with_caches(world_of_people());
    pair_t ann = sign_up_proven(world, ANN);
    const char *token;
    int sent;

    deliver(world);
    sent = world->sent;
    ck_status(change_email(world, ann.access, BOB), 204);
    token = read_token(world);
    ck_assert_int_eq(world->sent, sent + 2); /* the link to the new, a word to the old */
    ck_assert_str_eq(query(world, "SELECT email FROM as_account"), ANN);
    ck_assert_int_eq(me(world, ann.access), 200);
    ck_status(confirm(world, token), 200);
    ck_assert_int_eq(deliver(world), 1);
    ck_assert_str_eq(world->to, ANN);
    ck_assert_int_eq(count(world, "SELECT epoch FROM as_account WHERE email = '" BOB "'"), 2);
    ck_assert_int_eq(me(world, ann.access), 401); /* it names the old one */
    ck_status(refresh(world, ann.refresh), 200);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
    ck_assert_str_eq(audited(world, "confirm_email"), "ok -");
}
END_TEST

START_TEST(a_mail_that_is_taken_meanwhile_is_not_had)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    const char *token;

    ck_status(change_email(world, ann.access, BOB), 204);
    token = read_token(world);
    sign_up(world, BOB, OTHER);
    ck_refused(confirm(world, token), 400, "link_wrong");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account WHERE email = '" ANN "'"), 1);
    ck_assert_int_eq(me(world, ann.access), 200);
}
END_TEST

/* Whoever asks cannot tell whether somebody has the address: only the old box hears of it. */
START_TEST(a_taken_mail_is_not_told_of)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    int sent;

    sign_up_proven(world, BOB);
    deliver(world);
    sent = world->sent;
    ck_status(change_email(world, ann.access, BOB), 204);
    deliver(world);
    ck_assert_int_eq(world->sent, sent + 1);
    ck_assert_str_eq(world->to, ANN);
}
END_TEST

static answer_t send_sms(world_t *world, const char *access, const char *app, const char *phone)
{
    return call(world, BIO, "POST /send-sms", access, "{'app_id':'%s','phone':'%s'}", app, phone);
}

static answer_t verify_sms(world_t *world, const char *app, const char *code, const char *request)
{
    return call(world, BIO, "POST /verify-sms", NULL,
                "{'app_id':'%s','otp':'%s','otp_request_id':'%s'}", app, code, request);
}

START_TEST(a_code_is_bound_to_app_and_request)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN), bob = sign_up_proven(world, BOB);
    answer_t first = send_sms(world, ann.access, "7", PHONE), second;
    const char *code = read_code(world), *id = said(&first, "otp_request_id");

    second = send_sms(world, bob.access, "7", "+442079460001");
    ck_refused(verify_sms(world, "8", code, id), 401, "code_wrong");
    ck_refused(verify_sms(world, "7", code, said(&second, "otp_request_id")), 401, "code_wrong");
    ck_refused(verify_sms(world, "7", code, "0123456789abcdef0123456789abcdef"), 401, "code_wrong");
    ck_status(verify_sms(world, "7", code, id), 200);
    ck_refused(verify_sms(world, "7", code, id), 401, "code_wrong");
    ck_assert_str_eq(query(world, "SELECT phone FROM as_account WHERE email = '" ANN "'"), PHONE);
}
END_TEST

START_TEST(a_wrong_app_counts_as_a_try)
{
    world_t *world = world_of_people();
    answer_t sent = send_sms(world, sign_up_proven(world, ANN).access, "7", PHONE);
    const char *code = read_code(world), *id = said(&sent, "otp_request_id");

    for (int i = 0; i < 5; i++) {
        ck_refused(verify_sms(world, "8", code, id), 401, "code_wrong");
    }
    ck_refused(verify_sms(world, "7", code, id), 401, "code_wrong");
}
END_TEST

START_TEST(numbers_cannot_be_looked_up_without_an_end)
{
    world_t *world = with_limits(world_of_people());
    pair_t ann = sign_up_proven(world, ANN), bob = sign_up_proven(world, BOB);
    int i = 0;

    add_phone(world, bob.access, PHONE);
    while (i < 200 && send_sms(world, ann.access, "7", PHONE).status == 409) {
        i++;
    }
    ck_assert_int_eq(i, 100);
    ck_assert_ptr_nonnull(strstr(world->log, "throttled"));
}
END_TEST

static void add_others(Suite *suite)
{
    TCase *apps = unit_case(suite, "app passwords");
    TCase *sessions = unit_case(suite, "sessions");
    TCase *contacts = unit_case(suite, "contacts");

    tcase_add_test(apps, an_app_password_opens_basic_and_nothing_else);
    tcase_add_test(apps, what_is_revoked_elsewhere_is_forgotten_with_the_next_news);
    tcase_add_test(apps, another_accounts_app_password_is_none);
    tcase_add_test(apps, wrong_app_passwords_are_counted_and_cost_a_hash);
    tcase_add_test(apps, a_required_captcha_closes_basic_for_account_passwords);
    tcase_add_test(apps, there_are_fifty_at_most);
    tcase_add_test(apps, nobody_is_buried_in_notices);
    tcase_add_test(sessions, what_nobody_asked_for_is_not_taken);
    tcase_add_test(sessions, one_ends_ones_own_alone);
    tcase_add_test(sessions, no_session_is_laundered_into_one_that_does_not_rotate);
    tcase_add_test(contacts, a_mail_changes_once_its_box_has_answered);
    tcase_add_test(contacts, a_mail_that_is_taken_meanwhile_is_not_had);
    tcase_add_test(contacts, a_taken_mail_is_not_told_of);
    tcase_add_test(contacts, a_code_is_bound_to_app_and_request);
    tcase_add_test(contacts, a_wrong_app_counts_as_a_try);
    tcase_add_test(contacts, numbers_cannot_be_looked_up_without_an_end);
}

int main(void)
{
    Suite *suite = suite_create("selfservice");
    TCase *fresh = unit_case(suite, "a fresh sign-in");
    TCase *password = unit_case(suite, "a changed password");
    TCase *late = unit_case(suite, "too late");
    TCase *pending = unit_case(suite, "between two factors");

    tcase_add_loop_test(fresh, after_five_minutes_one_signs_in_again, 0,
                        sizeof fresh_doors / sizeof *fresh_doors);
    tcase_add_test(fresh, a_number_takes_a_fresh_sign_in_and_is_told);
    tcase_add_loop_test(password, a_changed_password_ends_all_other_sessions_at_once, 0, 3);
    tcase_add_test(password, other_nodes_learn_of_it_by_the_feed);
    tcase_add_loop_test(password, a_token_that_no_rotation_made_dies_as_well, 0, 2);
    tcase_add_test(password, the_old_password_is_asked_and_counted);
    tcase_add_loop_test(late, a_sign_in_that_comes_too_late_opens_nothing, 0, 2);
    tcase_add_loop_test(late, a_change_that_comes_too_late_changes_nothing, 0, 3);
    tcase_add_test(late, a_change_is_not_lost_to_a_hash_made_anew);
    tcase_add_test(late, a_deletion_that_comes_too_late_deletes_nothing);
    tcase_add_loop_test(late, nothing_is_done_once_the_end_was_acknowledged, 0, 2 * OWN_DOORS);
    tcase_add_test(pending, a_pending_token_opens_one_door);
    tcase_add_test(pending, a_pending_token_dies_after_five_minutes);
    tcase_add_loop_test(pending, a_pending_token_dies_with_what_it_stands_on, 0, 3);
    tcase_add_test(pending, of_two_who_step_with_one_token_one_is_let_in);
    tcase_add_test(pending, a_database_that_breaks_between_is_a_fault);
    tcase_add_test(pending, guesses_are_counted_whatever_the_door);
    add_others(suite);
    return unit_run(suite);
}
