/* SPDX-License-Identifier: Apache-2.0
 * Tests of restoring a password by link or access token, with a clock that the test moves. Run by
 * make check.
 */
#include "unit.h"

#include "ops/accounts.h"
#include "ops/recovery.h"
#include "ops/sessions.h"
#include "ops/signin.h"
#include "service.h"

#define ANN "ann@example.com"
#define PASSWORD "correct horse"
#define FRESH (5 * MINUTE) /* an access token's sign-in may be so old */

static world_t *world_with_ann(void)
{
    world_t *world = world_create();
    as_ctx_t ctx = ctx_of(world);
    as_create_in_t in = { .email = ANN, .password = PASSWORD };

    ck_assert_int_eq(as_create(&ctx, &in, NULL).code, AS_OK);
    return world;
}

/* The token of a link just asked for; a policy without URLs sends the token alone. */
static const char *ask_link(world_t *world)
{
    as_ctx_t ctx = ctx_of(world);
    as_forgot_in_t in = { .email = ANN };

    ck_assert_int_eq(as_forgot_link(&ctx, &in, NULL).code, AS_OK);
    deliver(world);
    for (const char *line = world->text; line; line = strchr(line, '\n')) {
        line += strspn(line, "\n");
        if (strcspn(line, " \n") == 64) {
            return apr_pstrndup(pool, line, 64);
        }
    }
    ck_abort_msg("no link came");
    return NULL;
}

static const char *sign_in(world_t *world)
{
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .email = ANN, .password = PASSWORD };
    as_tokens_t tokens;

    ck_assert_int_eq(as_sign_in(&ctx, &in, &tokens).code, AS_OK);
    return tokens.access;
}

static as_code_t restore(world_t *world, as_operation_fn operation, const char *token)
{
    as_ctx_t ctx = ctx_of(world);
    as_restore_in_t in = { .token = token, .email = ANN, .password = "new password" };

    return operation(&ctx, &in, NULL).code;
}

START_TEST(a_link_is_good_for_an_hour)
{
    static const as_operation_fn takers[] = { as_restore, as_restore_by_either };

    for (int i = 0; i < 2; i++) {
        world_t *world = world_with_ann();
        const char *token = ask_link(world);

        world->time += HOUR;
        ck_assert_int_eq(restore(world, takers[i], token), AS_LINK_WRONG);
        token = ask_link(world);
        world->time += HOUR - SECOND;
        ck_assert_int_eq(restore(world, takers[i], token), AS_OK);
        ck_assert_int_eq(restore(world, takers[i], token), AS_LINK_WRONG);
    }
}
END_TEST

START_TEST(an_access_token_is_good_for_five_minutes_of_its_sign_in)
{
    world_t *world = world_with_ann();
    const char *token = sign_in(world);

    world->time += FRESH + SECOND;
    ck_assert_int_eq(restore(world, as_restore_by_either, token), AS_LINK_WRONG);
    token = sign_in(world);
    world->time += FRESH - SECOND;
    ck_assert_int_eq(restore(world, as_restore, token), AS_LINK_WRONG);
    ck_assert_int_eq(restore(world, as_restore_by_either, token), AS_OK);
    ck_assert_int_eq(restore(world, as_restore_by_either, token), AS_LINK_WRONG);
}
END_TEST

START_TEST(what_a_refresh_hands_out_is_as_old_as_the_sign_in)
{
    world_t *world = world_with_ann();
    as_ctx_t ctx = ctx_of(world);
    as_sign_in_in_t in = { .email = ANN, .password = PASSWORD };
    as_tokens_t tokens;
    as_refresh_in_t again;

    ck_assert_int_eq(as_sign_in(&ctx, &in, &tokens).code, AS_OK);
    world->time += FRESH + SECOND;
    ctx = ctx_of(world);
    again.refresh_token = tokens.refresh;
    ck_assert_int_eq(as_refresh_access(&ctx, &again, &tokens).code, AS_OK);
    ck_assert_int_eq(restore(world, as_restore_by_either, tokens.access), AS_LINK_WRONG);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("restore");
    TCase *link = unit_case(suite, "link");
    TCase *access = unit_case(suite, "access token");

    tcase_add_test(link, a_link_is_good_for_an_hour);
    tcase_add_test(access, an_access_token_is_good_for_five_minutes_of_its_sign_in);
    tcase_add_test(access, what_a_refresh_hands_out_is_as_old_as_the_sign_in);
    return unit_run(suite);
}
