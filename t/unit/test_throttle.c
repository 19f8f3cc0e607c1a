/* SPDX-License-Identifier: Apache-2.0
 * Tests of ops/throttle and of the operations it guards: what is counted, for whom, and what is
 * given back. Run by make check.
 */
#include "unit.h"

#include "ops/signup.h"
#include "ops/recovery.h"
#include "ops/signin.h"
#include "ops/throttle.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"
#define ENTRIES 1024
#define SIGNIN AS_CHARGE(AS_BUCKET_SIGNIN)
#define SIGNUP AS_CHARGE(AS_BUCKET_SIGNUP)

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

static as_result_t charge_from(world_t *world, unsigned buckets, const char *subject,
                               const char *address)
{
    as_ctx_t ctx = ctx_of(world);

    ctx.address = address;
    return as_throttle_charge(&ctx, buckets, subject);
}

static as_code_t settle(world_t *world, unsigned buckets, const char *subject, as_code_t outcome)
{
    as_ctx_t ctx = ctx_of(world);

    return as_throttle_settle(&ctx, buckets, subject, as_result(outcome)).code;
}

/* How many of tries pass, each for a subject of its own and from the same address. */
static int passes_from(world_t *world, const char *address, int tries)
{
    static int serial;
    int passed = 0;

    while (tries-- > 0) {
        passed += charge_from(world, SIGNIN, apr_itoa(pool, serial++), address).code == AS_OK;
    }
    return passed;
}

static as_result_t sign_in(world_t *world, const char *address, const char *password)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .address = address, .password = password };
    as_tokens_t tokens;

    return as_sign_in(&ctx, &in, &tokens);
}

static as_code_t do_register(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    as_register_in_t in = { .address = address, .password = PASSWORD };

    return as_register(&ctx, &in, &sent).code;
}

static as_code_t do_resend(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);

    return as_resend(&ctx, &(as_resend_in_t){ .address = address }, NULL).code;
}

static as_code_t do_forgot(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);

    return as_forgot(&ctx, &(as_forgot_in_t){ .address = address }, NULL).code;
}

static void make_account(world_t *world, const char *address)
{
    as_ctx_t ctx = ctx_of(world);
    as_verify_in_t in = { .address = address };

    ck_assert_int_eq(do_register(world, address), AS_OK);
    in.code = read_code(world);
    ck_assert_int_eq(as_verify(&ctx, &in, NULL).code, AS_OK);
}

/* ---- buckets ---- */

START_TEST(refused_with_the_time_to_wait)
{
    world_t *world = guarded();
    as_result_t result;

    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(charge_from(world, SIGNIN, "ann", "192.0.2.1").code, AS_OK);
    }
    result = charge_from(world, SIGNIN, "ann", "192.0.2.1");
    ck_assert_int_eq(result.code, AS_THROTTLED);
    ck_assert_int_ge(result.retry_after, 29);
    ck_assert_int_le(result.retry_after, 30);
    ck_assert_str_eq(result.detail, "bucket signin of the account");
    ck_assert_int_eq(charge_from(world, SIGNIN, "bob", "192.0.2.1").code, AS_OK);
}
END_TEST

START_TEST(refused_for_one_is_charged_to_none)
{
    world_t *world = guarded();

    for (int i = 0; i < 10; i++) {
        ck_assert_int_eq(charge_from(world, SIGNIN, "ann", "192.0.2.1").code, AS_OK);
    }
    for (int i = 0; i < 200; i++) {
        ck_assert_int_eq(charge_from(world, SIGNIN, "ann", "192.0.2.1").code, AS_THROTTLED);
    }
    ck_assert_int_eq(passes_from(world, "192.0.2.1", 200), 90);
    ck_assert_str_eq(charge_from(world, SIGNIN, "carl", "192.0.2.1").detail,
                     "bucket signin of the client");
}
END_TEST

START_TEST(ipv6_counts_by_its_64)
{
    world_t *world = guarded();

    ck_assert_int_eq(passes_from(world, "2001:db8::1", 60), 60);
    ck_assert_int_eq(passes_from(world, "2001:db8:0:0:ffff::2", 60), 40);
    ck_assert_int_eq(passes_from(world, "2001:db8::1%eth0", 1), 0);
    ck_assert_int_eq(passes_from(world, "2001:db8:0:1::1", 60), 60);
    ck_assert_int_eq(passes_from(world, "192.0.2.7", 60), 60);
    ck_assert_int_eq(passes_from(world, "::ffff:192.0.2.7", 60), 40);
    ck_assert_int_eq(passes_from(world, "::ffff:192.0.2.8", 60), 60);
}
END_TEST

START_TEST(clients_without_an_address_share_a_limit)
{
    world_t *world = guarded();

    ck_assert_int_eq(passes_from(world, NULL, 150), 100);
    ck_assert_int_eq(passes_from(world, "192.0.2.1", 1), 1);
}
END_TEST

START_TEST(only_failures_count_or_only_sendings)
{
    static const struct {
        as_bucket_t bucket;
        as_code_t outcome;
        int counts;
    } rows[] = {
        { AS_BUCKET_SIGNIN, AS_OK, 0 },        { AS_BUCKET_SIGNIN, AS_SIGN_IN_WRONG, 1 },
        { AS_BUCKET_SIGNIN, AS_BUSY, 0 },      { AS_BUCKET_SIGNIN, AS_UNAVAILABLE, 0 },
        { AS_BUCKET_SEND, AS_OK, 1 },          { AS_BUCKET_SEND, AS_ADDRESS_TAKEN, 0 },
        { AS_BUCKET_SEND, AS_FAULT, 0 },       { AS_BUCKET_TWOFACTOR, AS_OK, 0 },
        { AS_BUCKET_TWOFACTOR, AS_CODE_WRONG, 1 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        world_t *world = guarded();
        apr_int64_t count = as_throttle_default(rows[i].bucket).count;
        unsigned bucket = AS_CHARGE(rows[i].bucket);

        for (int n = 0; n < count; n++) {
            ck_assert_int_eq(charge_from(world, bucket, "ann", "192.0.2.1").code, AS_OK);
            ck_assert_int_eq(settle(world, bucket, "ann", rows[i].outcome), rows[i].outcome);
        }
        ck_assert_int_eq(charge_from(world, bucket, "ann", "192.0.2.1").code,
                         rows[i].counts ? AS_THROTTLED : AS_OK);
    }
}
END_TEST

START_TEST(off_is_off)
{
    world_t *world = guarded();

    world->service.policy.throttles[AS_BUCKET_SIGNIN].count = 0;
    ck_assert_int_eq(passes_from(world, "192.0.2.1", 300), 300);
    world->service.limits = NULL;
    for (int i = 0; i < 300; i++) {
        ck_assert_int_eq(charge_from(world, SIGNUP, NULL, "192.0.2.1").code, AS_OK);
    }
}
END_TEST

START_TEST(names_find_buckets)
{
    ck_assert_int_eq(as_throttle_find("SignIn"), AS_BUCKET_SIGNIN);
    ck_assert_int_eq(as_throttle_find("signup"), AS_BUCKET_SIGNUP);
    ck_assert_int_eq(as_throttle_find("sign"), AS_BUCKETS);
    ck_assert_str_eq(as_throttle_names(pool), "signin, send, twofactor, signup");
}
END_TEST

/* ---- operations ---- */

START_TEST(sign_in_counts_wrong_ones_known_or_not)
{
    static const char *const addresses[] = { ANN, "nobody@example.com" };
    world_t *world = guarded();

    make_account(world, ANN);
    for (int i = 0; i < 30; i++) {
        ck_assert_int_eq(sign_in(world, ANN, PASSWORD).code, AS_OK);
    }
    for (int who = 0; who < 2; who++) {
        for (int i = 0; i < 10; i++) {
            ck_assert_int_eq(sign_in(world, addresses[who], "wrong").code, AS_SIGN_IN_WRONG);
        }
        ck_assert_int_eq(sign_in(world, addresses[who], PASSWORD).code, AS_THROTTLED);
    }
    ck_assert_int_eq(sign_in(world, " Ann@EXAMPLE.com ", PASSWORD).code, AS_THROTTLED);
    for (int i = 0; i < 80; i++) { /* the address has had 20 of its 100 */
        ck_assert_int_eq(sign_in(world, "no address", "wrong").code, AS_SIGN_IN_WRONG);
    }
    ck_assert_int_eq(sign_in(world, "bob@example.com", "wrong").code, AS_THROTTLED);
}
END_TEST

START_TEST(five_messages_a_destination)
{
    static as_code_t (*const senders[])(world_t *, const char *) = { do_register, do_resend,
                                                                     do_forgot };
    world_t *world = guarded();

    for (int first = 0; first < 3; first++) {
        const char *address = apr_psprintf(pool, "u%d@example.com", first);

        for (int i = 0; i < 5; i++) {
            ck_assert_int_eq(senders[(first + i) % 3](world, address), AS_OK);
        }
        for (int i = 0; i < 3; i++) {
            ck_assert_int_eq(senders[i](world, address), AS_THROTTLED);
        }
    }
}
END_TEST

START_TEST(sign_ups_that_fail_count_for_the_client)
{
    world_t *world = guarded();

    make_account(world, ANN);
    for (int i = 0; i < 99; i++) {
        ck_assert_int_eq(do_register(world, ANN), AS_ADDRESS_TAKEN);
    }
    ck_assert_int_eq(do_register(world, "no address"), AS_ADDRESS_INVALID);
    ck_assert_int_eq(do_register(world, "bob@example.com"), AS_THROTTLED);
    ck_assert_int_eq(do_forgot(world, ANN), AS_OK); /* nothing was sent to her since the first */
}
END_TEST

START_TEST(a_database_away_counts_as_no_try)
{
    world_t *world = guarded();
    as_store_t *store = world->service.store;

    world->service.store = store_at(world, "/nonexistent/authsvc.db", 1, 0);
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(sign_in(world, ANN, PASSWORD).code, AS_UNAVAILABLE);
    }
    world->service.store = store;
    ck_assert_int_eq(sign_in(world, ANN, PASSWORD).code, AS_SIGN_IN_WRONG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("throttle");
    TCase *buckets = unit_case(suite, "buckets");
    TCase *operations = unit_case(suite, "operations");

    tcase_add_test(buckets, refused_with_the_time_to_wait);
    tcase_add_test(buckets, refused_for_one_is_charged_to_none);
    tcase_add_test(buckets, ipv6_counts_by_its_64);
    tcase_add_test(buckets, clients_without_an_address_share_a_limit);
    tcase_add_test(buckets, only_failures_count_or_only_sendings);
    tcase_add_test(buckets, off_is_off);
    tcase_add_test(buckets, names_find_buckets);
    tcase_add_test(operations, sign_in_counts_wrong_ones_known_or_not);
    tcase_add_test(operations, five_messages_a_destination);
    tcase_add_test(operations, sign_ups_that_fail_count_for_the_client);
    tcase_add_test(operations, a_database_away_counts_as_no_try);
    tcase_set_timeout(operations, 60);
    return unit_run(suite);
}
