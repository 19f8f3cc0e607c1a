/* SPDX-License-Identifier: Apache-2.0
 * Tests of ops/twofactor and of sign-in with it: what a code is good for and how often, what
 * switching on and off ends, and how many guesses there are. Run by make check.
 */
#include "unit.h"

#include <ctype.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "crypto/totp.h"
#include "ops/signup.h"
#include "ops/basic.h"
#include "ops/feed.h"
#include "ops/recovery.h"
#include "ops/reseal.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "ops/throttle.h"
#include "ops/twofactor.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"
#define STEP (30 * SECOND)
#define ENTRIES 1024
#define WRONG "000000"

/* Ann with a session. */
typedef struct {
    world_t *world;
    as_tokens_t tokens;
    as_principal_t principal;
    as_two_factor_setup_t setup;
    as_recovery_codes_t recovery;
} ann_t;

static as_result_t sign_in(world_t *world, const char *password, const char *otp,
                           as_tokens_t *tokens)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .address = ANN, .password = password, .otp = otp };

    return as_sign_in(&ctx, &in, tokens);
}

static as_code_t try_otp(const ann_t *ann, const char *otp)
{
    as_tokens_t tokens;

    return sign_in(ann->world, PASSWORD, otp, &tokens).code;
}

static as_code_t stands(world_t *world, const char *access, as_principal_t *principal)
{
    as_ctx_t ctx = ctx_of(world);

    return as_tokens_check(&ctx, access, principal).code;
}

static as_code_t refresh(world_t *world, as_tokens_t *tokens)
{
    as_ctx_t ctx = ctx_of(world);
    as_refresh_in_t in = { .refresh_token = tokens->refresh };

    return as_refresh(&ctx, &in, tokens).code;
}

static as_ctx_t ctx_as(const ann_t *ann)
{
    as_ctx_t ctx = ctx_of(ann->world);

    ctx.principal = &ann->principal;
    return ctx;
}

static ann_t ann_in(world_t *world)
{
    ann_t ann = { .world = world };
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    as_register_in_t in = { .address = ANN, .password = PASSWORD };
    as_verify_in_t verify = { .address = ANN };

    ck_assert_int_eq(as_register(&ctx, &in, &sent).code, AS_OK);
    verify.code = read_code(world);
    ck_assert_int_eq(as_verify(&ctx, &verify, NULL).code, AS_OK);
    ck_assert_int_eq(sign_in(world, PASSWORD, NULL, &ann.tokens).code, AS_OK);
    ck_assert_int_eq(stands(world, ann.tokens.access, &ann.principal), AS_OK);
    return ann;
}

/* What ann's authenticator shows so many steps from now. */
static const char *code_at(const ann_t *ann, int offset)
{
    unsigned char secret[AS_TOTP_SECRET_BYTES];
    char *code = apr_palloc(pool, AS_TOTP_DIGITS + 1);

    ck_assert(as_base32_decode(ann->setup.secret, secret, sizeof secret));
    as_totp_code(secret, (apr_uint64_t)(ann->world->time / STEP + offset), code);
    return code;
}

static const char *code_now(const ann_t *ann)
{
    return code_at(ann, 0);
}

/* Six digits that no step near now has. */
static const char *wrong_code(const ann_t *ann)
{
    char *code = apr_pstrdup(pool, WRONG);

    for (int offset = -3; offset <= 3; offset++) {
        if (strcmp(code_at(ann, offset), code) == 0) {
            code[0]++;
            offset = -4;
        }
    }
    return code;
}

static as_code_t set_up(ann_t *ann)
{
    as_ctx_t ctx = ctx_as(ann);

    return as_two_factor_setup(&ctx, NULL, &ann->setup).code;
}

static as_code_t enable(ann_t *ann, const char *code)
{
    as_ctx_t ctx = ctx_as(ann);
    as_two_factor_in_t in = { .code = code };

    return as_two_factor_enable(&ctx, &in, &ann->recovery).code;
}

static as_code_t disable(const ann_t *ann, const char *code)
{
    as_ctx_t ctx = ctx_as(ann);
    as_two_factor_in_t in = { .code = code };

    return as_two_factor_disable(&ctx, &in, NULL).code;
}

/* With two-factor on, a step after the code that switched it on. */
static ann_t ann_with_factor(world_t *world)
{
    ann_t ann = ann_in(world);

    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_OK);
    world->time += STEP;
    return ann;
}

static world_t *guarded(void)
{
    world_t *world = world_create();

    world->service.limits = as_limits_format(apr_pcalloc(pool, as_limits_size(ENTRIES)), ENTRIES,
                                             (const unsigned char *)"0123456789abcdef");
    for (as_bucket_t b = 0; b < AS_BUCKETS; b++) {
        world->service.policy.throttles[b] = as_throttle_default(b);
    }
    return world;
}

static apr_status_t count(as_db_t *db, void *baton, apr_pool_t *p)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_RECOVERY_CODE_UNUSED, &rows, p,
                                       AS_ARGS(AS_S(((ann_t *)baton)->principal.account_id)));

    ((ann_t *)baton)->principal.number = rows.rows;
    return status;
}

static apr_int64_t unused_codes(const ann_t *ann)
{
    ann_t question = *ann;

    ck_assert_int_eq(as_store_read(ann->world->service.store, count, &question, pool),
                     APR_SUCCESS);
    return question.principal.number;
}

/* ---- switching on ---- */

START_TEST(a_setup_alone_asks_nobody)
{
    ann_t ann = ann_in(world_create());

    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_uint_eq(strlen(ann.setup.secret), 32);
    ck_assert_ptr_nonnull(strstr(ann.setup.url,
                                 "otpauth://totp/auth.example.com:ann%40example.com?secret="));
    ck_assert_int_eq(try_otp(&ann, NULL), AS_OK);
    ck_assert_int_eq(try_otp(&ann, WRONG), AS_OK);
    ck_assert_int_eq(disable(&ann, code_now(&ann)), AS_TWO_FACTOR_WRONG);
}
END_TEST

START_TEST(the_last_setup_counts)
{
    ann_t ann = ann_in(world_create()), before;

    ck_assert_int_eq(enable(&ann, WRONG), AS_TWO_FACTOR_WRONG);
    ck_assert_int_eq(set_up(&ann), AS_OK);
    before = ann;
    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_int_eq(enable(&ann, code_now(&before)), AS_TWO_FACTOR_WRONG);
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_OK);
    ck_assert_int_eq(set_up(&ann), AS_TWO_FACTOR_ON);
    ck_assert_int_eq(enable(&ann, code_at(&ann, 1)), AS_TWO_FACTOR_ON);
}
END_TEST

START_TEST(switching_on_ends_all_but_this_session)
{
    ann_t ann = ann_in(world_create());
    as_tokens_t other;
    as_principal_t principal;

    ck_assert_int_eq(sign_in(ann.world, PASSWORD, NULL, &other).code, AS_OK);
    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_int_eq(enable(&ann, wrong_code(&ann)), AS_TWO_FACTOR_WRONG);
    ck_assert_int_eq(stands(ann.world, other.access, &principal), AS_OK);
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_OK);
    ck_assert_int_eq(stands(ann.world, other.access, &principal), AS_UNAUTHENTICATED);
    ck_assert_int_eq(refresh(ann.world, &other), AS_REFRESH_WRONG);
    ck_assert_int_eq(stands(ann.world, ann.tokens.access, &principal), AS_OK);
    ck_assert_str_eq(principal.amr, "pwd");
    ck_assert_int_eq(refresh(ann.world, &ann.tokens), AS_OK);
    ck_assert_int_eq(stands(ann.world, ann.tokens.access, &principal), AS_OK);
    ck_assert_str_eq(principal.amr, "pwd otp mfa");
}
END_TEST

START_TEST(remembered_passwords_die)
{
    static const unsigned char key[16] = "sixteen octets..";
    world_t *world = world_create();
    as_service_t *service = &world->service;
    ann_t ann = ann_in(world);
    as_ctx_t ctx = ctx_of(world);
    as_password_in_t in = { .address = ANN, .password = PASSWORD };
    as_principal_t principal;
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    service->policy.revocation_max_age = HOUR;
    service->revocations = as_revocations_format(apr_pcalloc(pool, as_revocations_size(64)), 64);
    service->verdicts = as_verdicts_format(apr_pcalloc(pool, as_verdicts_size(64)), 64, key);
    ck_assert_int_eq(as_feed_sync(service, own), APR_SUCCESS);
    ck_assert_int_eq(as_basic_check(&ctx, &in, &principal).code, AS_OK);
    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_OK);
    ck_assert_int_eq(as_basic_check(&ctx, &in, &principal).code, AS_SIGN_IN_WRONG);
}
END_TEST

/* ---- signing in ---- */

START_TEST(asked_for_after_the_right_password_alone)
{
    ann_t ann = ann_with_factor(world_create());
    as_tokens_t tokens;
    as_principal_t principal;

    ck_assert_int_eq(sign_in(ann.world, "wrong", NULL, &tokens).code, AS_SIGN_IN_WRONG);
    ck_assert_int_eq(sign_in(ann.world, "wrong", code_now(&ann), &tokens).code, AS_SIGN_IN_WRONG);
    ck_assert_int_eq(sign_in(ann.world, PASSWORD, NULL, &tokens).code, AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(sign_in(ann.world, PASSWORD, "", &tokens).code, AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(sign_in(ann.world, PASSWORD, wrong_code(&ann), &tokens).code,
                     AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(sign_in(ann.world, PASSWORD, code_now(&ann), &tokens).code, AS_OK);
    ck_assert_int_eq(stands(ann.world, tokens.access, &principal), AS_OK);
    ck_assert_str_eq(principal.amr, "pwd otp mfa");
}
END_TEST

START_TEST(a_step_is_good_once)
{
    ann_t ann = ann_with_factor(world_create());
    const char *code = code_now(&ann);

    ck_assert_int_eq(try_otp(&ann, code_at(&ann, -1)), AS_TWO_FACTOR_REQUIRED); /* enabled it */
    ck_assert_int_eq(try_otp(&ann, code), AS_OK);
    ck_assert_int_eq(try_otp(&ann, code), AS_TWO_FACTOR_REQUIRED);
    ann.world->time += STEP;
    ck_assert_int_eq(try_otp(&ann, code), AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_OK);
}
END_TEST

START_TEST(clocks_may_drift_by_a_step)
{
    ann_t ann = ann_with_factor(world_create());

    ck_assert_int_eq(try_otp(&ann, code_at(&ann, 2)), AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(try_otp(&ann, code_at(&ann, 1)), AS_OK);
    ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_TWO_FACTOR_REQUIRED); /* before the last */
    ann.world->time += 10 * STEP;
    ck_assert_int_eq(try_otp(&ann, code_at(&ann, -2)), AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(try_otp(&ann, code_at(&ann, -1)), AS_OK);
}
END_TEST

START_TEST(codes_are_read_as_people_type_them)
{
    ann_t ann = ann_with_factor(world_create());
    const char *code = code_now(&ann);
    char *small = apr_pstrdup(pool, ann.recovery.codes[0]);

    for (char *p = small; *p; p++) {
        *p = (char)(*p == '-' ? ' ' : tolower((unsigned char)*p));
    }
    ck_assert_int_eq(try_otp(&ann, apr_psprintf(pool, " %.3s %s", code, code + 3)), AS_OK);
    ck_assert_int_eq(try_otp(&ann, small), AS_OK);
    ck_assert_int_eq(try_otp(&ann, apr_pstrcat(pool, ann.recovery.codes[1], "A", NULL)),
                     AS_TWO_FACTOR_REQUIRED);
}
END_TEST

START_TEST(a_recovery_code_is_good_once)
{
    ann_t ann = ann_with_factor(world_create());

    ck_assert_int_eq(unused_codes(&ann), AS_RECOVERY_CODES);
    for (int i = 0; i < AS_RECOVERY_CODES; i++) {
        ck_assert_uint_ge(strlen(ann.recovery.codes[i]), 23);
        ck_assert_int_eq(try_otp(&ann, ann.recovery.codes[i]), AS_OK);
        ck_assert_int_eq(try_otp(&ann, ann.recovery.codes[i]), AS_TWO_FACTOR_REQUIRED);
        ck_assert_int_eq(unused_codes(&ann), AS_RECOVERY_CODES - 1 - i);
    }
}
END_TEST

START_TEST(a_reset_password_leaves_it_on)
{
    ann_t ann = ann_with_factor(world_create());
    as_ctx_t ctx = ctx_of(ann.world);
    as_forgot_in_t forgot = { .address = ANN };
    as_reset_in_t reset = { .address = ANN, .password = "another horse" };
    as_tokens_t tokens;

    ck_assert_int_eq(as_forgot(&ctx, &forgot, NULL).code, AS_OK);
    reset.code = read_code(ann.world);
    ck_assert_int_eq(as_reset(&ctx, &reset, NULL).code, AS_OK);
    ck_assert_int_eq(sign_in(ann.world, reset.password, NULL, &tokens).code,
                     AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(sign_in(ann.world, reset.password, code_now(&ann), &tokens).code, AS_OK);
}
END_TEST

/* A process of its own signs in; its status is 1 if it was let in. */
static pid_t race(const ann_t *ann, const char *otp)
{
    pid_t child = fork();

    if (child == 0) {
        as_code_t code;

        ann->world->service.store = store_at(ann->world, ann->world->path, 1, 0);
        do {
            code = try_otp(ann, otp);
        } while (code == AS_BUSY || code == AS_UNAVAILABLE);
        _exit(code == AS_OK ? 1 : code == AS_TWO_FACTOR_REQUIRED ? 0 : 2);
    }
    ck_assert_int_gt(child, 0);
    return child;
}

START_TEST(of_two_processes_with_one_code_one_is_let_in)
{
    ann_t ann = ann_with_factor(world_create());

    for (int round = 0; round < 8; round++) {
        const char *otp = round % 2 ? ann.recovery.codes[round] : code_now(&ann);
        pid_t children[] = { race(&ann, otp), race(&ann, otp) };
        int let_in = 0, status;

        for (int i = 0; i < 2; i++) {
            ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
            ck_assert(WIFEXITED(status));
            let_in += WEXITSTATUS(status);
        }
        ck_assert_int_eq(let_in, 1);
        ann.world->time += STEP;
    }
}
END_TEST

START_TEST(a_secret_that_does_not_open_lets_nobody_in)
{
    ann_t ann = ann_with_factor(world_create());
    as_secrets_t *other;
    const char *error;

    ck_assert_int_eq(as_secrets_parse(&other, "fedcba9876543210fedcba9876543210", &error, pool),
                     APR_SUCCESS);
    ann.world->service.secrets = other;
    ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_FAULT);
    ck_assert_int_eq(try_otp(&ann, ann.recovery.codes[0]), AS_TWO_FACTOR_REQUIRED);
    ck_assert_int_eq(try_otp(&ann, NULL), AS_TWO_FACTOR_REQUIRED);
}
END_TEST

START_TEST(sealed_anew_it_goes_on)
{
    ann_t ann = ann_with_factor(world_create());
    as_service_t *service = &ann.world->service;
    const as_reseal_t *tables;
    as_secrets_t *fresh;
    const char *error;
    int n, sealed = 0;

    ck_assert_int_eq(as_secrets_parse(&fresh,
                                      "fedcba9876543210fedcba9876543210\n"
                                      "0123456789abcdef0123456789abcdef", &error, pool),
                     APR_SUCCESS);
    service->secrets = fresh;
    ck_assert_int_eq(as_reseal(service, &tables, &n, pool), APR_SUCCESS);
    for (int i = 0; i < n; i++) {
        sealed += strcmp(tables[i].table, "as_factor") == 0 ? tables[i].sealed : 0;
    }
    ck_assert_int_eq(sealed, 1);
    ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_OK);
    ck_assert_int_eq(try_otp(&ann, ann.recovery.codes[0]), AS_OK);
}
END_TEST

/* ---- guesses ---- */

START_TEST(guesses_are_counted_for_the_account)
{
    ann_t ann = ann_with_factor(guarded());
    as_tokens_t tokens;
    as_result_t result;

    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(try_otp(&ann, wrong_code(&ann)), AS_TWO_FACTOR_REQUIRED);
    }
    result = sign_in(ann.world, PASSWORD, code_now(&ann), &tokens);
    ck_assert_int_eq(result.code, AS_THROTTLED);
    ck_assert_int_gt(result.retry_after, 60);
    ck_assert_int_eq(try_otp(&ann, ann.recovery.codes[0]), AS_THROTTLED);
    ck_assert_int_eq(disable(&ann, code_now(&ann)), AS_THROTTLED);
    ck_assert_int_eq(unused_codes(&ann), AS_RECOVERY_CODES);
}
END_TEST

START_TEST(what_is_right_or_absent_costs_nothing)
{
    ann_t ann = ann_with_factor(guarded());

    for (int i = 0; i < 12; i++) {
        ck_assert_int_eq(try_otp(&ann, NULL), AS_TWO_FACTOR_REQUIRED);
        ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_OK);
        ann.world->time += STEP;
    }
}
END_TEST

START_TEST(a_wrong_one_counts_as_a_sign_in_that_failed)
{
    ann_t ann = ann_with_factor(guarded());

    ann.world->service.policy.throttles[AS_BUCKET_TWOFACTOR].count = 0;
    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(try_otp(&ann, wrong_code(&ann)), AS_TWO_FACTOR_REQUIRED);
    }
    ck_assert_int_eq(try_otp(&ann, code_now(&ann)), AS_THROTTLED);
}
END_TEST

START_TEST(guesses_at_enabling_are_counted)
{
    ann_t ann = ann_in(guarded());

    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(set_up(&ann), AS_OK); /* a new secret buys no guesses */
        ck_assert_int_eq(enable(&ann, wrong_code(&ann)), AS_TWO_FACTOR_WRONG);
    }
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_THROTTLED);
}
END_TEST

/* ---- switching off ---- */

START_TEST(a_right_code_of_either_kind_switches_off)
{
    ann_t ann = ann_with_factor(world_create());
    as_tokens_t other;

    ck_assert_int_eq(sign_in(ann.world, PASSWORD, code_now(&ann), &other).code, AS_OK);
    ck_assert_int_eq(disable(&ann, code_now(&ann)), AS_TWO_FACTOR_WRONG); /* used */
    ck_assert_int_eq(disable(&ann, ""), AS_TWO_FACTOR_WRONG);
    if (_i) {
        ck_assert_int_eq(disable(&ann, ann.recovery.codes[3]), AS_OK);
    } else {
        ck_assert_int_eq(disable(&ann, code_at(&ann, 1)), AS_OK);
    }
    ck_assert_int_eq(unused_codes(&ann), 0);
    ck_assert_int_eq(refresh(ann.world, &other), AS_REFRESH_WRONG);
    ck_assert_int_eq(refresh(ann.world, &ann.tokens), AS_OK);
    ck_assert_int_eq(try_otp(&ann, NULL), AS_OK);
    ck_assert_int_eq(disable(&ann, ann.recovery.codes[4]), AS_TWO_FACTOR_WRONG);
    ck_assert_int_eq(set_up(&ann), AS_OK);
    ck_assert_int_eq(enable(&ann, code_now(&ann)), AS_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("twofactor");
    TCase *on = unit_case(suite, "switching on");
    TCase *in = unit_case(suite, "signing in");
    TCase *guesses = unit_case(suite, "guesses");
    TCase *off = unit_case(suite, "switching off");

    tcase_add_test(on, a_setup_alone_asks_nobody);
    tcase_add_test(on, the_last_setup_counts);
    tcase_add_test(on, switching_on_ends_all_but_this_session);
    tcase_add_test(on, remembered_passwords_die);
    tcase_add_test(in, asked_for_after_the_right_password_alone);
    tcase_add_test(in, a_step_is_good_once);
    tcase_add_test(in, clocks_may_drift_by_a_step);
    tcase_add_test(in, codes_are_read_as_people_type_them);
    tcase_add_test(in, a_recovery_code_is_good_once);
    tcase_add_test(in, a_reset_password_leaves_it_on);
    tcase_add_test(in, of_two_processes_with_one_code_one_is_let_in);
    tcase_add_test(in, a_secret_that_does_not_open_lets_nobody_in);
    tcase_add_test(in, sealed_anew_it_goes_on);
    tcase_add_test(guesses, guesses_are_counted_for_the_account);
    tcase_add_test(guesses, what_is_right_or_absent_costs_nothing);
    tcase_add_test(guesses, a_wrong_one_counts_as_a_sign_in_that_failed);
    tcase_add_test(guesses, guesses_at_enabling_are_counted);
    tcase_add_loop_test(off, a_right_code_of_either_kind_switches_off, 0, 2);
    return unit_run(suite);
}
