/* SPDX-License-Identifier: Apache-2.0
 * Tests of deletion: what is reserved and answered with what, what is dead, and that no table but
 * the audit trail's knows who the person was. Run by make check.
 */
#include "unit.h"

#include "ops/admin.h"
#include "ops/invitations.h"
#include "people.h"

#define NEWER "fedcba9876543210fedcba9876543210\n"
#define OLDER "0123456789abcdef0123456789abcdef\n"

static answer_t delete_with(world_t *world, const char *access, const char *password)
{
    return call(world, CONTROLLER, "DELETE /me", access, "{'password':'%s'}", password);
}

static answer_t social(world_t *world, const char *what, const char *token)
{
    return call(world, CONTROLLER, apr_pstrcat(pool, "POST /google/", what, NULL), NULL,
                "{'token':'%s'}", token);
}

/* Ann with a number and an identity, and gone. */
static pair_t deleted(world_t *world)
{
    pair_t ann = sign_up_proven(world, ANN);

    add_phone(world, ann.access, PHONE);
    ck_status(call(world, CONTROLLER, "POST /google/link", ann.access, "{'token':'s1 - yes'}"),
              204);
    ck_status(delete_with(world, ann.access, PASSWORD), 204);
    return ann;
}

static void put_secrets(world_t *world, const char *text)
{
    const char *error;

    ck_assert_int_eq(as_secrets_parse((as_secrets_t **)&world->service.secrets, text, &error,
                                      pool), APR_SUCCESS);
}

/* ---- who may ---- */

START_TEST(the_password_is_asked_and_counted)
{
    world_t *world = with_caches(with_limits(world_of_people()));
    pair_t ann = sign_up_proven(world, ANN);

    ck_refused(call(world, CONTROLLER, "DELETE /me", ann.access, NULL), 401, "password_wrong");
    ck_refused(call(world, CONTROLLER, "DELETE /me", ann.access, "{'password':null}"), 401,
               "password_wrong");
    for (int i = 0; i < 8; i++) {
        ck_refused(delete_with(world, ann.access, OTHER), 401, "password_wrong");
    }
    ck_refused(delete_with(world, ann.access, PASSWORD), 429, "throttled");
    ck_status(try_sign_in(world, ANN, PASSWORD), 429);
    ck_assert_int_eq(me(world, ann.access), 200);
}
END_TEST

START_TEST(without_a_password_the_sign_in_has_to_be_fresh)
{
    world_t *world = with_vendors(world_of_people());
    answer_t up = social(world, "sign-up", "s1 ann@example.com yes"), in;

    ck_status(up, 201);
    world->time += 5 * MINUTE + SECOND;
    ck_refused(call(world, CONTROLLER, "DELETE /me", said(&up, "accessToken"), NULL), 401,
               "stale");
    in = social(world, "sign-in", "s1 - yes");
    ck_status(call(world, CONTROLLER, "DELETE /me", said(&in, "accessToken"), NULL), 204);
}
END_TEST

START_TEST(everything_is_over_at_once)
{
    world_t *world = with_vendors(with_caches(world_of_people()));
    pair_t ann = sign_up_proven(world, ANN), second = sign_in(world, ANN, PASSWORD);
    answer_t app = call(world, CONTROLLER, "POST /app-passwords", ann.access, "{'name':'git'}");
    const char *link = forgot(world, ANN);

    ck_assert_int_eq(basic(world, ANN, PASSWORD), AS_OK);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_OK);
    ck_assert_int_eq(me(world, second.access), 200);
    world->outcome = AUTHSVC_TRY_AGAIN;
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'%s'}", ANN), 200);
    ck_status(delete_with(world, ann.access, PASSWORD), 204);
    ck_assert_str_eq(audited(world, "delete"), "ok -");
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE state = 0"), 0);
    ck_assert_int_eq(me(world, ann.access), 401);
    ck_assert_int_eq(me(world, second.access), 401);
    ck_assert_int_eq(basic(world, ANN, PASSWORD), AS_SIGN_IN_WRONG);
    ck_assert_int_eq(basic(world, ANN, said(&app, "password")), AS_SIGN_IN_WRONG);
    ck_refused(try_sign_in(world, ANN, PASSWORD), 401, "sign_in_wrong");
    ck_refused(call(world, CONTROLLER, "POST /refresh-token", NULL, "{'refreshToken':'%s'}",
                    second.refresh), 401, "refresh_wrong");
    ck_refused(restore(world, link, OTHER), 400, "link_wrong");
    ck_refused(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'%s'}", ANN), 404,
               "account_unknown");
}
END_TEST

/* ---- what stays reserved ---- */

static void check_reserved(world_t *world)
{
    ck_refused(call(world, TRAINOVA, "POST /register", NULL,
                    "{'email_or_phone':' Ann@example.com','password':'%s'}", PASSWORD), 400,
               "account_deleted");
    ck_refused(call(world, TRAINOVA, "POST /register", NULL,
                    "{'email_or_phone':'0044 2079460000','password':'%s'}", PASSWORD), 400,
               "account_deleted");
    ck_refused(call(world, BIO, "POST /signup", NULL,
                    "{'email':'%s','password':'%s','first_name':'A','last_name':'B'}", ANN,
                    PASSWORD), 409, "account_deleted");
    ck_refused(call(world, CONTROLLER, "POST /sign-up", NULL,
                    "{'email':'%s','password':'%s','firstName':'A','lastName':'B'}", ANN,
                    PASSWORD), 410, "account_deleted");
    ck_refused(call(world, AUTHENTICATION, "POST /register", NULL,
                    "{'name':'A','email':'%s','password':'%s','confirm':'%s'}", ANN, PASSWORD,
                    PASSWORD), 400, "account_deleted");
    ck_refused(social(world, "sign-up", "s2 ann@example.com yes"), 410, "account_deleted");
    ck_refused(social(world, "sign-up", "s1 new@example.com yes"), 410, "account_deleted");
    ck_refused(social(world, "sign-in", "s1 new@example.com yes"), 410, "account_deleted");
}

START_TEST(every_door_says_what_its_contract_says)
{
    world_t *world = with_vendors(world_of_people());
    as_ctx_t ctx = ctx_of(world);
    const as_invite_in_t invitation = { .email = ANN };
    const char *id;
    pair_t bob;

    deleted(world);
    check_reserved(world);
    ck_assert_int_eq(as_invite(&ctx, &invitation, &id).code, AS_INVALID);
    bob = sign_up_proven(world, BOB);
    ck_refused(call(world, CONTROLLER, "POST /google/link", bob.access, "{'token':'s1 - yes'}"),
               409, "identity_taken");
    ck_refused(call(world, BIO, "POST /send-sms", bob.access, "{'app_id':'7','phone':'%s'}",
                    PHONE), 409, "address_taken");
    ck_status(call(world, CONTROLLER, "POST /change-email", bob.access, "{'email':'%s'}", ANN),
              204);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_challenge WHERE data = '" ANN "'"), 0);
}
END_TEST

START_TEST(a_new_secret_in_front_changes_nothing)
{
    world_t *world = with_vendors(world_of_people());

    deleted(world);
    put_secrets(world, NEWER OLDER);
    check_reserved(world);
    put_secrets(world, NEWER);
    sign_up(world, ANN, PASSWORD);
}
END_TEST

START_TEST(what_is_released_anybody_may_have)
{
    world_t *world = with_vendors(world_of_people());
    as_ctx_t ctx = ctx_of(world);

    deleted(world);
    put_secrets(world, NEWER OLDER);
    ck_assert_int_eq(as_admin_release(&ctx, " Ann@example.com").code, AS_OK);
    ck_assert_int_eq(as_admin_release(&ctx, ANN).code, AS_NOT_FOUND);
    sign_up_proven(world, ANN);
    ck_refused(call(world, TRAINOVA, "POST /register", NULL,
                    "{'email_or_phone':'%s','password':'%s'}", PHONE, PASSWORD), 400,
               "account_deleted");
    ck_assert_int_eq(count(world, "SELECT COUNT(DISTINCT number) FROM as_account"), 2);
}
END_TEST

START_TEST(undisclosed_it_looks_like_a_free_address)
{
    world_t *world = with_vendors(world_of_people());
    int sent;

    deleted(world);
    deliver(world);
    sent = world->sent;
    world->service.policy.disclose = 0;
    ck_status(call(world, TRAINOVA, "POST /register", NULL,
                   "{'email_or_phone':'%s','password':'%s'}", ANN, PASSWORD), 200);
    ck_status(call(world, CONTROLLER, "POST /forgot-password", NULL, "{'email':'%s'}", ANN), 200);
    deliver(world);
    ck_assert_int_eq(world->sent, sent);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_pending"), 0);
}
END_TEST

/* ---- what is erased ---- */

/* How many values of a column hold the text. */
static int found_in(const world_t *world, const char *table, const char *column, const char *text)
{
    return count(world, apr_psprintf(pool, "SELECT COUNT(*) FROM %s WHERE instr(lower(CAST(%s AS "
                                     "TEXT)), lower('%s')) > 0", table, column, text));
}

/* The first table and column outside of the audit trail that holds it, or NULL. */
static const char *find_text(const world_t *world, const char *text)
{
    const char *tables = query(world, "SELECT group_concat(name) FROM sqlite_master WHERE "
                               "type = 'table' AND name LIKE 'as_%' AND name <> 'as_audit'");
    char *t_state, *c_state;

    for (char *table = apr_strtok(apr_pstrdup(pool, tables), ",", &t_state); table;
         table = apr_strtok(NULL, ",", &t_state)) {
        const char *columns = query(world, apr_psprintf(pool, "SELECT group_concat(name) FROM "
                                                        "pragma_table_info('%s')", table));

        for (char *column = apr_strtok(apr_pstrdup(pool, columns), ",", &c_state); column;
             column = apr_strtok(NULL, ",", &c_state)) {
            if (found_in(world, table, column, text) > 0) {
                return apr_pstrcat(pool, table, ".", column, NULL);
            }
        }
    }
    return NULL;
}

/* Whatever an account can leave behind. */
static pair_t lively(world_t *world)
{
    pair_t ann = sign_up_proven(world, ANN);
    as_ctx_t ctx = ctx_of(world);
    as_invite_in_t invitation = { .email = ANN, .role = "editor" };
    const char *id;

    add_phone(world, ann.access, PHONE);
    ck_status(restore(world, forgot(world, ANN), PASSWORD), 200); /* a link that was used */
    forgot(world, ANN);                                           /* one that is killed, */
    forgot(world, ANN);                                           /* and one that lives */
    ann = sign_in(world, ANN, PASSWORD);
    ck_assert_int_eq(as_invite(&ctx, &invitation, &id).code, AS_OK);
    ck_status(call(world, CONTROLLER, "POST /accept-invitation", ann.access, "{'token':'%s'}",
                   read_token(world)), 200);
    ck_assert_int_eq(as_invite(&ctx, &invitation, &id).code, AS_OK);
    ck_assert_int_eq(as_invite(&ctx, &invitation, &id).code, AS_OK);
    ck_status(call(world, CONTROLLER, "POST /app-passwords", ann.access, "{'name':'%s'}", ANN),
              201);
    ck_status(call(world, CONTROLLER, "POST /google/link", ann.access,
                   "{'token':'subject-of-ann - yes'}"), 204);
    ck_status(call(world, CONTROLLER, "POST /change-email", ann.access,
                   "{'email':'annsnewbox@example.com'}"), 204);
    ck_status(call(world, BIO, "POST /send-sms", ann.access,
                   "{'app_id':'7','phone':'+442079460009'}"), 200);
    ck_status(call(world, TRAINOVA, "POST /forgot-password", NULL, "{'email_or_phone':'%s'}",
                   PHONE), 200);
    two_factor_on(world, ann.access);
    return ann;
}

START_TEST(no_table_knows_the_person_any_more)
{
    static const char *const texts[] = { ANN, PHONE, "Smith", "subject-of-ann", "annsnewbox",
                                         "442079460009", "192.0.2.1", "argon2id" };
    world_t *world = with_vendors(world_of_people());
    pair_t ann = lively(world);

    ck_assert_ptr_nonnull(find_text(world, ANN));
    ck_assert_ptr_nonnull(find_text(world, "192.0.2.1"));
    ck_status(delete_with(world, ann.access, PASSWORD), 204);
    for (apr_size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *where = find_text(world, texts[i]);

        ck_assert_msg(!where, "%s is in %s", texts[i], where);
    }
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_outbox WHERE payload <> ''"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_factor"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_recovery_code"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_role"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_invitation"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_reserved"), 3);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_challenge WHERE used_at = 0"), 0);
}
END_TEST

START_TEST(invitations_of_an_address_never_proven_stay)
{
    world_t *world = world_of_people();
    as_invite_in_t invitation = { .email = "bob@example.com" };
    pair_t squatter = sign_up(world, "bob@example.com", PASSWORD);
    as_ctx_t ctx = ctx_of(world);
    const char *id;

    ck_assert_int_eq(as_invite(&ctx, &invitation, &id).code, AS_OK);
    ck_status(delete_with(world, squatter.access, PASSWORD), 204);
    ck_assert_str_eq(query(world, "SELECT id FROM as_invitation"), id);
}
END_TEST

START_TEST(addresses_never_proven_are_not_reserved_in_masses)
{
    world_t *world = with_limits(world_of_people());
    pair_t ann = sign_up_proven(world, ANN), last = sign_up(world, "bob@example.com", PASSWORD);

    for (int i = 0; i < 100; i++) {
        pair_t squatter = sign_up(world, apr_psprintf(pool, "victim%d@example.com", i), PASSWORD);
        ck_status(delete_with(world, squatter.access, PASSWORD), 204);
    }
    ck_refused(delete_with(world, last.access, PASSWORD), 429, "throttled");
    ck_status(delete_with(world, ann.access, PASSWORD), 204);
}
END_TEST

START_TEST(an_administrator_deletes_as_thoroughly)
{
    world_t *world = with_vendors(with_caches(world_of_people()));
    pair_t ann = lively(world);
    as_ctx_t ctx = ctx_of(world);
    const char *id;

    ck_assert_int_eq(me(world, ann.access), 200);
    ck_assert_int_eq(as_admin_delete(&ctx, ANN).code, AS_OK);
    ck_assert_int_eq(me(world, ann.access), 401);
    ck_assert_ptr_null(find_text(world, ANN));
    ck_assert_ptr_null(find_text(world, PHONE));
    ck_assert_int_eq(as_admin_delete(&ctx, ANN).code, AS_NOT_FOUND);
    id = query(world, "SELECT id FROM as_account");
    ck_assert_int_eq(as_admin_delete(&ctx, id).code, AS_INVALID);
    ck_assert_int_eq(as_admin_enable(&ctx, id).code, AS_INVALID);
    ck_assert_int_eq(as_admin_disable(&ctx, id).code, AS_INVALID);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_audit WHERE event = 'delete'"), 1);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_audit WHERE event IN ('enable', "
                                  "'disable')"), 0);
    ck_assert_int_eq(count(world, "SELECT COUNT(*) FROM as_account WHERE disabled_at = 0"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("deletion");
    TCase *who = unit_case(suite, "who may");
    TCase *reserved = unit_case(suite, "reserved");
    TCase *erased = unit_case(suite, "erased");

    tcase_add_test(who, the_password_is_asked_and_counted);
    tcase_add_test(who, without_a_password_the_sign_in_has_to_be_fresh);
    tcase_add_test(who, everything_is_over_at_once);
    tcase_add_test(reserved, every_door_says_what_its_contract_says);
    tcase_add_test(reserved, a_new_secret_in_front_changes_nothing);
    tcase_add_test(reserved, what_is_released_anybody_may_have);
    tcase_add_test(reserved, undisclosed_it_looks_like_a_free_address);
    tcase_add_test(erased, no_table_knows_the_person_any_more);
    tcase_add_test(erased, invitations_of_an_address_never_proven_stay);
    tcase_add_test(reserved, addresses_never_proven_are_not_reserved_in_masses);
    tcase_add_test(erased, an_administrator_deletes_as_thoroughly);
    return unit_run(suite);
}
