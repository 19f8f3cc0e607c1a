/* SPDX-License-Identifier: Apache-2.0
 * Tests of recovery through the routes: how long links live and how often they are good, what a new
 * password ends, and what whoever signed up with another's address is left with. Run by make check.
 */
#include "unit.h"

#include <pthread.h>

#include "ops/recovery.h"
#include "people.h"

static answer_t validate(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /validate-restore-token", NULL, "{'token':'%s'}", token);
}

static answer_t confirm(world_t *world, const char *token)
{
    return call(world, CONTROLLER, "POST /confirm-email", NULL, "{'token':'%s'}", token);
}

static answer_t change_email(world_t *world, const char *access, const char *email)
{
    return call(world, CONTROLLER, "POST /change-email", access, "{'email':'%s'}", email);
}

static answer_t restore_by(world_t *world, const char *token, const char *email,
                           const char *password)
{
    return call(world, BIO, "POST /reset-password", token, "{'email':'%s','password':'%s'}",
                email, password);
}

/* A recovery code, sent to an address. */
static const char *forgot_code(world_t *world, const char *address)
{
    deliver(world); /* what waits is sent in any order */
    ck_status(call(world, TRAINOVA, "POST /forgot-password", NULL, "{'email_or_phone':'%s'}",
                   address), 200);
    return read_code(world);
}

static answer_t reset(world_t *world, const char *address, const char *code, const char *password)
{
    return call(world, TRAINOVA, "POST /reset-password", NULL,
                "{'email_or_phone':'%s','code':'%s','password':'%s'}", address, code, password);
}

/* ---- links ---- */

START_TEST(a_restore_link_lives_an_hour)
{
    world_t *world = world_of_people();
    const char *token;

    sign_up_proven(world, ANN);
    token = forgot(world, ANN);
    ck_assert_str_eq(world->to, ANN);
    world->time += HOUR - SECOND;
    ck_status(validate(world, token), 200);
    world->time += SECOND;
    ck_refused(validate(world, token), 400, "link_wrong");
    ck_refused(restore(world, token, OTHER), 400, "link_wrong");
    ck_status(try_sign_in(world, ANN, PASSWORD), 200);
}
END_TEST

START_TEST(a_confirmation_lives_a_day)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up(world, ANN, PASSWORD);
    const char *token = read_token(world);

    world->time += DAY;
    ck_refused(confirm(world, token), 400, "link_wrong");
    ann = sign_in(world, ANN, PASSWORD);
    ck_status(call(world, CONTROLLER, "POST /resend-confirmation", ann.access, NULL), 204);
    token = read_token(world);
    world->time += DAY - SECOND;
    ck_status(confirm(world, token), 200);
    ck_refused(confirm(world, token), 400, "link_wrong");
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 1);
}
END_TEST

START_TEST(a_link_is_good_once_and_looking_costs_nothing)
{
    world_t *world = world_of_people();
    const char *token;

    sign_up_proven(world, ANN);
    token = forgot(world, ANN);
    for (int i = 0; i < 20; i++) {
        ck_status(validate(world, token), 200);
    }
    ck_status(restore(world, token, OTHER), 200);
    ck_assert_str_eq(audited(world, "restore"), "ok -");
    ck_refused(validate(world, token), 400, "link_wrong");
    ck_refused(restore(world, token, PASSWORD), 400, "link_wrong");
    ck_status(try_sign_in(world, ANN, OTHER), 200);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
}
END_TEST

START_TEST(a_link_is_good_for_its_purpose_alone)
{
    world_t *world = world_of_people();
    const char *token, *confirmation;
    pair_t ann = sign_up(world, ANN, PASSWORD);

    confirmation = read_token(world);
    token = forgot(world, ANN);
    ck_refused(confirm(world, token), 400, "link_wrong");
    ck_refused(restore(world, confirmation, OTHER), 400, "link_wrong");
    ck_refused(restore_by(world, confirmation, ANN, OTHER), 400, "link_wrong");
    ck_refused(call(world, CONTROLLER, "POST /finish-invitation", NULL,
                    "{'newPassword':'%s','token':'%s','firstName':'A','lastName':'B'}", OTHER,
                    token), 400, "link_wrong");
    ck_refused(call(world, CONTROLLER, "POST /two-factor/verify", token, "{'code':'123456'}"), 401,
               "unauthenticated");
    ck_refused(call(world, BIO, "DELETE /signout", token, NULL), 401, "refresh_wrong");
    ck_assert_int_eq(me(world, token), 401);
    ck_assert_int_eq(me(world, ann.refresh), 401);
    ck_refused(restore_by(world, ann.refresh, ANN, OTHER), 400, "link_wrong");
    ck_refused(restore(world, ann.access, OTHER), 400, "link_wrong");
    ck_refused(call(world, CONTROLLER, "POST /refresh-token", NULL, "{'refreshToken':'%s'}", token),
               401, "refresh_wrong");
    ck_status(validate(world, token), 200);
}
END_TEST

START_TEST(a_newer_link_kills_the_older_and_its_unsent_mail)
{
    world_t *world = world_of_people();
    const char *first, *second;

    sign_up_proven(world, ANN);
    first = forgot(world, ANN);
    world->outcome = AUTHSVC_TRY_AGAIN;
    second = forgot(world, ANN);
    ck_refused(validate(world, first), 400, "link_wrong");
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'%s'}", ANN), 200);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE reason = 'superseded' AND "
                           "state = 2 AND payload = ''"), 1);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE state = 0"), 1);
    world->outcome = AUTHSVC_SENT;
    world->time += MINUTE;
    second = read_token(world);
    ck_assert_str_ne(first, second);
    ck_status(restore(world, second, OTHER), 200);
}
END_TEST

#define RACERS 6

typedef struct {
    world_t *world;
    const char *token;
    int won;
} racer_t;

static void no_log(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    (void)baton;
    (void)level;
    (void)status;
    (void)line;
}

static void *run(void *baton)
{
    racer_t *racer = baton;
    as_ctx_t ctx = ctx_of(racer->world);
    const as_restore_in_t in = { .token = racer->token, .password = OTHER };
    apr_allocator_t *allocator;
    as_code_t code = AS_BUSY;

    apr_allocator_create(&allocator);
    apr_pool_create_ex(&ctx.pool, NULL, NULL, allocator);
    while (code == AS_BUSY || code == AS_UNAVAILABLE) {
        code = as_restore(&ctx, &in, NULL).code;
    }
    racer->won = code == AS_OK;
    apr_pool_destroy(ctx.pool);
    apr_allocator_destroy(allocator);
    return NULL;
}

START_TEST(of_many_with_one_link_one_sets_a_password)
{
    world_t *world = world_of_people();
    racer_t racers[RACERS];
    pthread_t threads[RACERS];
    int won = 0;

    sign_up_proven(world, ANN);
    racers[0].token = forgot(world, ANN);
    world->service.log.write = no_log;
    for (int i = 0; i < RACERS; i++) {
        racers[i] = (racer_t){ .world = world, .token = racers[0].token };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
        won += racers[i].won;
    }
    ck_assert_int_eq(won, 1);
    ck_assert_int_eq(count(world, "SELECT epoch FROM as_account"), 2);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE state = 0"), 1);
}
END_TEST

static void restores(world_t *world, const char *token)
{
    ck_status(restore(world, token, "the rivals own"), 200);
}

START_TEST(between_looking_and_setting_a_link_can_be_lost)
{
    world_t *world = world_of_people();
    const char *token;

    sign_up_proven(world, ANN);
    token = forgot(world, ANN);
    rival_acts(world, restores, token);
    ck_refused(restore(world, token, OTHER), 400, "link_wrong");
    ck_status(try_sign_in(world, ANN, "the rivals own"), 200);
}
END_TEST

START_TEST(a_link_is_dead_once_the_account_has_another_mail)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    const char *to_old = forgot(world, ANN), *code = forgot_code(world, ANN);

    ck_status(change_email(world, ann.access, BOB), 204);
    ck_status(confirm(world, read_token(world)), 200);
    ck_refused(restore(world, to_old, OTHER), 400, "link_wrong");
    ck_refused(restore_by(world, to_old, BOB, OTHER), 400, "link_wrong");
    ck_refused(reset(world, ANN, code, OTHER), 400, "code_wrong");
    ck_refused(reset(world, BOB, code, OTHER), 400, "code_wrong");
    ck_status(try_sign_in(world, BOB, PASSWORD), 200);
}
END_TEST

/* ---- by access token ---- */

START_TEST(an_access_token_restores_for_five_minutes)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);

    sign_up_proven(world, BOB);
    world->time += 5 * MINUTE + SECOND;
    ck_refused(restore_by(world, ann.access, ANN, OTHER), 400, "link_wrong");
    ann = sign_in(world, ANN, PASSWORD);
    world->time += 5 * MINUTE;
    ck_refused(restore_by(world, ann.access, BOB, OTHER), 400, "link_wrong");
    ck_refused(restore_by(world, "x", ANN, OTHER), 400, "link_wrong");
    ck_status(restore_by(world, ann.access, " Ann@Example.com ", OTHER), 200);
    ck_assert_int_eq(me(world, ann.access), 401);
    ck_refused(restore_by(world, ann.access, ANN, PASSWORD), 400, "link_wrong");
    ck_status(try_sign_in(world, ANN, OTHER), 200);
}
END_TEST

/* A refresh makes a new access token, and the sign-in no younger. */
START_TEST(a_refresh_makes_no_sign_in_fresh)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    answer_t next;

    world->time += 5 * MINUTE + SECOND;
    next = call(world, CONTROLLER, "POST /refresh-token", NULL, "{'refreshToken':'%s'}",
                ann.refresh);
    ck_status(next, 200);
    ck_refused(restore_by(world, said(&next, "accessToken"), ANN, OTHER), 400, "link_wrong");
}
END_TEST

/* ---- what a new password ends ---- */

START_TEST(a_new_password_ends_what_stood_on_the_old)
{
    world_t *world = with_caches(world_of_people());
    pair_t ann = sign_up_proven(world, ANN), second = sign_in(world, ANN, PASSWORD);
    answer_t app = call(world, CONTROLLER, "POST /app-passwords", ann.access, "{'name':'git'}");
    const char *link, *code;

    ck_status(app, 201);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_OK);
    ck_assert_int_eq(me(world, ann.access), 200);
    ck_assert_int_eq(me(world, second.access), 200);
    link = forgot(world, ANN);
    code = forgot_code(world, ANN);
    ck_status(reset(world, ANN, code, OTHER), 200);
    deliver(world);
    ck_assert_ptr_nonnull(strstr(world->text, "was changed just now"));
    ck_assert_int_eq(me(world, ann.access), 401);
    ck_assert_int_eq(me(world, second.access), 401);
    ck_refused(call(world, CONTROLLER, "POST /refresh-token", NULL, "{'refreshToken':'%s'}",
                    second.refresh), 401, "refresh_wrong");
    ck_refused(restore(world, link, PASSWORD), 400, "link_wrong");
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_app_password"), 0);
}
END_TEST

START_TEST(a_second_factor_survives_a_restored_password)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    const char *secret = two_factor_on(world, ann.access);
    answer_t pending;

    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    pending = try_sign_in(world, ANN, OTHER);
    ck_status(pending, 200);
    ck_assert_int_eq(me(world, said(&pending, "accessToken")), 401);
    ck_status(call(world, CONTROLLER, "POST /two-factor/verify", said(&pending, "accessToken"),
                   "{'code':'%s'}", totp(world, secret)), 200);
    ck_assert_str_eq(audited(world, "sign_in"), "ok pwd otp mfa");
}
END_TEST

/* What a thief began with a session that was not his must not outlive the owner's new password. */
START_TEST(a_change_of_mail_that_was_asked_before_dies)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN), owner;
    const char *token;

    ck_status(change_email(world, ann.access, "thief@example.com"), 204);
    deliver(world);
    token = query(world, "SELECT id FROM as_challenge WHERE purpose = 'confirm' AND used_at = 0");
    ck_assert_ptr_nonnull(token);
    if (_i) {
        ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    } else {
        owner = sign_in(world, ANN, PASSWORD);
        ck_status(call(world, CONTROLLER, "POST /change-password", owner.access,
                       "{'password':'%s','newPassword':'%s'}", PASSWORD, OTHER), 204);
    }
    ck_assert_ptr_null(query(world, "SELECT id FROM as_challenge WHERE purpose = 'confirm' AND "
                             "used_at = 0"));
}
END_TEST

START_TEST(a_number_that_was_to_be_proven_before_stays_out)
{
    world_t *world = world_of_people();
    pair_t ann = sign_up_proven(world, ANN);
    answer_t sent = call(world, BIO, "POST /send-sms", ann.access, "{'app_id':'7','phone':'%s'}",
                         PHONE);
    const char *code = read_code(world);

    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    ck_refused(call(world, BIO, "POST /verify-sms", NULL,
                    "{'app_id':'7','otp':'%s','otp_request_id':'%s'}", code,
                    said(&sent, "otp_request_id")), 401, "code_wrong");
    ck_assert_ptr_null(query(world, "SELECT phone FROM as_account"));
}
END_TEST

/* ---- whose address it is ---- */

/* The thief has signed up with ann's address, and added whatever lets him in again. */
START_TEST(the_first_proof_by_recovery_leaves_a_thief_nothing)
{
    world_t *world = with_vendors(with_caches(world_of_people()));
    pair_t thief = sign_up(world, ANN, PASSWORD);
    answer_t app;

    ck_status(call(world, CONTROLLER, "POST /google/link", thief.access,
                   "{'token':'thief thief@example.com yes'}"), 204);
    app = call(world, CONTROLLER, "POST /app-passwords", thief.access, "{'name':'git'}");
    ck_status(app, 201);
    add_phone(world, thief.access, PHONE);
    thief = sign_in(world, ANN, PASSWORD);
    ck_status(restore(world, forgot(world, ANN), OTHER), 200);

    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 1);
    ck_assert_int_eq(me(world, thief.access), 401);
    ck_refused(call(world, CONTROLLER, "POST /google/sign-in", NULL,
                    "{'token':'thief thief@example.com yes'}"), 404, "identity_unknown");
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_SIGN_IN_WRONG);
    ck_assert_ptr_null(query(world, "SELECT phone FROM as_account"));
    ck_refused(reset(world, PHONE, forgot_code(world, PHONE), PASSWORD), 400, "code_wrong");
    ck_status(try_sign_in(world, ANN, OTHER), 200);
}
END_TEST

START_TEST(an_own_confirmation_and_a_later_recovery_drop_nothing)
{
    world_t *world = with_vendors(world_of_people());
    pair_t ann = sign_up(world, ANN, PASSWORD);

    ck_status(call(world, CONTROLLER, "POST /google/link", ann.access, "{'token':'ann - yes'}"),
              204);
    add_phone(world, ann.access, PHONE);
    ck_status(call(world, CONTROLLER, "POST /resend-confirmation", ann.access, NULL), 204);
    ck_status(confirm(world, read_token(world)), 200);
    ck_assert_int_eq(me(world, sign_in(world, ANN, PASSWORD).access), 200);
    ck_status(call(world, CONTROLLER, "POST /google/sign-in", NULL, "{'token':'ann - yes'}"), 200);
    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    ck_status(call(world, CONTROLLER, "POST /google/sign-in", NULL, "{'token':'ann - yes'}"), 200);
    ck_assert_str_eq(query(world, "SELECT phone FROM as_account"), PHONE);
}
END_TEST

/* A code shows that one box is the sender's, and says nothing of another. */
START_TEST(a_code_proves_the_address_it_went_to_alone)
{
    world_t *world = world_of_people();
    pair_t thief = sign_up(world, ANN, PASSWORD);
    const char *code;

    add_phone(world, thief.access, PHONE);
    code = forgot_code(world, PHONE);
    ck_assert_str_eq(world->to, PHONE);
    ck_refused(reset(world, ANN, code, OTHER), 400, "code_wrong");
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 0);
    ck_status(reset(world, PHONE, code, OTHER), 200);
    ck_assert_int_eq(count(world, "SELECT email_proven FROM as_account"), 0);
}
END_TEST

START_TEST(a_pending_change_of_mail_dies_with_the_first_proof)
{
    world_t *world = world_of_people();
    pair_t thief = sign_up(world, ANN, PASSWORD);
    const char *token;

    ck_status(change_email(world, thief.access, "thief@example.com"), 204);
    token = read_token(world);
    ck_status(restore(world, forgot(world, ANN), OTHER), 200);
    ck_refused(confirm(world, token), 400, "link_wrong");
    ck_assert_str_eq(query(world, "SELECT email FROM as_account"), ANN);
}
END_TEST

/* A sign-up that a thief left waiting at ann's address; she comes by another door. */
START_TEST(a_waiting_sign_up_of_a_thief_leads_nowhere)
{
    world_t *world = world_of_people();
    answer_t thief = call(world, BIO, "POST /signup", NULL,
                          "{'email':'%s','password':'%s','first_name':'T','last_name':'T'}", ANN,
                          OTHER);
    const char *code = read_code(world);

    if (_i) {
        sign_up(world, ANN, PASSWORD);
    } else {
        ck_status(call(world, AUTHENTICATION, "POST /register", NULL,
                       "{'name':'Ann','email':'%s','password':'%s','confirm':'%s'}", ANN, PASSWORD,
                       PASSWORD), 201);
    }
    ck_refused(call(world, BIO, "POST /verify-email", NULL, "{'otp':'%s','otp_request_id':'%s'}",
                    code, said(&thief, "otp_request_id")), 401, "code_wrong");
    ck_refused(call(world, TRAINOVA, "POST /verify", NULL, "{'email_or_phone':'%s','code':'%s'}",
                    ANN, code), 400, "code_wrong");
    ck_refused(try_sign_in(world, ANN, OTHER), 401, "sign_in_wrong");
    ck_status(try_sign_in(world, ANN, PASSWORD), 200);
}
END_TEST

/* ---- who asks ---- */

START_TEST(who_may_know_is_told_and_slowed_down)
{
    world_t *world = with_limits(world_of_people());

    for (int i = 0; i < 100; i++) {
        ck_refused(call(world, CONTROLLER, "POST /forgot-password", NULL,
                        "{'email':'nobody%d@example.com'}", i), 404, "account_unknown");
    }
    ck_refused(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'x@example.com'}"),
               429, "throttled");
    world->service.policy.disclose = 0;
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'y@example.com'}"),
              200);
}
END_TEST

/* A door that must not tell, with and without an account behind it. */
static const char *const silent_doors[][3] = {
    { TRAINOVA, "POST /forgot-password", "{'email_or_phone':'%s'}" },
    { TRAINOVA, "POST /resend", "{'email_or_phone':'%s'}" },
    { TRAINOVA, "POST /register", "{'email_or_phone':'%s','password':'another horse'}" },
    { BIO, "POST /forgot-password", "{'email':'%s'}" },
    { CONTROLLER, "POST /forgot-password", "{'email':'%s'}" },
    { AUTHENTICATION, "POST /forgot-password", "{'email':'%s'}" },
};

static int rows_of(const world_t *world)
{
    return count(world, "SELECT (SELECT COUNT(*) FROM as_challenge) + 100 * (SELECT COUNT(*) FROM "
                 "as_outbox) + 10000 * (SELECT COUNT(*) FROM as_audit)");
}

START_TEST(undisclosed_replies_and_work_are_the_same)
{
    const char *const *door = silent_doors[_i];
    const char *cut = strstr(door[2], "%s"), *head = apr_pstrmemdup(pool, door[2], cut - door[2]);
    world_t *world = with_limits(world_of_people());
    answer_t known, unknown;
    int before, between;

    sign_up_proven(world, ANN);
    world->service.policy.disclose = 0;
    before = rows_of(world);
    known = call(world, door[0], door[1], NULL, "%s%s%s", head, ANN, cut + 2);
    between = rows_of(world);
    unknown = call(world, door[0], door[1], NULL, "%s%s%s", head, BOB, cut + 2);
    ck_status(known, 200);
    ck_status(unknown, 200);
    ck_assert_str_eq(as_json_text(pool, known.body), as_json_text(pool, unknown.body));
    ck_assert_int_eq(between - before, rows_of(world) - between);
}
END_TEST

/* Argon2 for whoever asks, without an end, would be a way to keep everybody out. */
START_TEST(wrong_codes_are_counted_against_the_client)
{
    world_t *world = with_limits(world_of_people());
    int i = 0;

    while (i < 200 && reset(world, apr_psprintf(pool, "n%d@example.com", i), "123456",
                            OTHER).status == 400) {
        i++;
    }
    ck_assert_int_eq(i, 100);
    ck_refused(reset(world, ANN, "123456", OTHER), 429, "throttled");
}
END_TEST

START_TEST(decoys_are_forgotten_like_other_messages)
{
    world_t *world = world_of_people();

    world->service.policy.disclose = 0;
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'x@example.com'}"),
              200);
    ck_assert_int_eq(deliver(world), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE state = 2"), 1);
    world->time += 2 * DAY;
    ck_assert_int_eq(as_upkeep_prune(&world->service, pool), APR_SUCCESS);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox"), 0);
}
END_TEST

START_TEST(a_captcha_that_is_required_is_asked_at_every_door)
{
    static const char *const doors[][2] = {
        { TRAINOVA, "{'email_or_phone':'ann@example.com'%s}" },
        { BIO, "{'email':'ann@example.com'%s}" },
        { CONTROLLER, "{'email':'ann@example.com'%s}" },
        { AUTHENTICATION, "{'email':'ann@example.com'%s}" },
    };
    world_t *world = with_captcha(world_of_people(), 1u << AS_CAPTCHA_RECOVERY);
    const char *format = doors[_i][1], *cut = strstr(format, "%s");
    const char *head = apr_pstrmemdup(pool, format, cut - format);

    sign_up_proven(world, ANN);
    ck_refused(call(world, doors[_i][0], "POST /forgot-password", NULL, "%s}", head), 401,
               "captcha_wrong");
    ck_refused(call(world, doors[_i][0], "POST /forgot-password", NULL,
                    "%s,'captcha_token':'machine'}", head), 401, "captcha_wrong");
    ck_refused(call(world, doors[_i][0], "POST /forgot-password", NULL,
                    "%s,'captchaToken':'away'}", head), 503, "unavailable");
    ck_assert_int_eq(deliver(world), 0);
    ck_status(call(world, doors[_i][0], "POST /forgot-password", NULL,
                   "%s,'captchaToken':'human'}", head), 200);
    ck_assert_int_eq(deliver(world), 1);
}
END_TEST

static void add_links(TCase *links)
{
    tcase_add_test(links, a_restore_link_lives_an_hour);
    tcase_add_test(links, a_confirmation_lives_a_day);
    tcase_add_test(links, a_link_is_good_once_and_looking_costs_nothing);
    tcase_add_test(links, a_link_is_good_for_its_purpose_alone);
    tcase_add_test(links, a_newer_link_kills_the_older_and_its_unsent_mail);
    tcase_add_test(links, of_many_with_one_link_one_sets_a_password);
    tcase_add_test(links, between_looking_and_setting_a_link_can_be_lost);
    tcase_add_test(links, a_link_is_dead_once_the_account_has_another_mail);
    tcase_add_test(links, an_access_token_restores_for_five_minutes);
    tcase_add_test(links, a_refresh_makes_no_sign_in_fresh);
}

int main(void)
{
    Suite *suite = suite_create("recovery");
    TCase *ends = unit_case(suite, "what ends");
    TCase *whose = unit_case(suite, "whose address");
    TCase *asking = unit_case(suite, "asking");

    add_links(unit_case(suite, "links"));
    tcase_add_test(ends, a_new_password_ends_what_stood_on_the_old);
    tcase_add_test(ends, a_second_factor_survives_a_restored_password);
    tcase_add_loop_test(ends, a_change_of_mail_that_was_asked_before_dies, 0, 2);
    tcase_add_test(ends, a_number_that_was_to_be_proven_before_stays_out);
    tcase_add_test(whose, the_first_proof_by_recovery_leaves_a_thief_nothing);
    tcase_add_test(whose, an_own_confirmation_and_a_later_recovery_drop_nothing);
    tcase_add_test(whose, a_code_proves_the_address_it_went_to_alone);
    tcase_add_test(whose, a_pending_change_of_mail_dies_with_the_first_proof);
    tcase_add_loop_test(whose, a_waiting_sign_up_of_a_thief_leads_nowhere, 0, 2);
    tcase_add_test(asking, who_may_know_is_told_and_slowed_down);
    tcase_add_loop_test(asking, undisclosed_replies_and_work_are_the_same, 0,
                        sizeof silent_doors / sizeof *silent_doors);
    tcase_add_test(asking, wrong_codes_are_counted_against_the_client);
    tcase_add_test(asking, decoys_are_forgotten_like_other_messages);
    tcase_add_loop_test(asking, a_captcha_that_is_required_is_asked_at_every_door, 0, 4);
    return unit_run(suite);
}
