/* SPDX-License-Identifier: Apache-2.0
 * Tests of api/ without a server: the Authorization header, field rows, and the order in which
 * faults are refused. Run by make check.
 */
#include "unit.h"

#include "api/authorization.h"
#include "api/bind.h"
#include "api/route.h"
#include "service.h"

/* ---- the Authorization header ---- */

static const struct {
    const char *header, *token;
    as_bearer_t answer;
} headers[] = {
    { NULL, NULL, AS_BEARER_NONE },
    { "", NULL, AS_BEARER_NONE },
    { "Basic YTpi", NULL, AS_BEARER_NONE },
    { "Basic YTpi, Basic YTpi", NULL, AS_BEARER_REPEATED },
    { "Basic YTpi, Bearer a", NULL, AS_BEARER_REPEATED },
    { "Basic YTpi,Bearer  a", NULL, AS_BEARER_REPEATED },
    { "Digest username=\"a\", realm=\"b c\", uri=\"/\"", NULL, AS_BEARER_NONE },
    { "Digest username=\"a\", Bearer a", NULL, AS_BEARER_REPEATED },
    { "Bearer", NULL, AS_BEARER_NONE },
    { "Bearer   ", NULL, AS_BEARER_NONE },
    { "Bearerx y", NULL, AS_BEARER_NONE },
    { "Bearer a.b.c", "a.b.c", AS_BEARER_TOKEN },
    { "Bearer a,b", "a,b", AS_BEARER_TOKEN }, /* no token, but one header */
    { "bEARER   a.b.c  ", "a.b.c", AS_BEARER_TOKEN },
    { "Bearer a, Bearer b", NULL, AS_BEARER_REPEATED },
    { "Bearer a, Basic YTpi", NULL, AS_BEARER_REPEATED },
};

START_TEST(a_header_is_read)
{
    const char *token = NULL;

    ck_assert_int_eq(as_bearer_parse(headers[_i].header, &token, pool), headers[_i].answer);
    if (headers[_i].token) {
        ck_assert_str_eq(token, headers[_i].token);
    }
}
END_TEST

START_TEST(a_challenge_cannot_be_broken_by_its_realm)
{
    ck_assert_str_eq(as_bearer_challenge("a\"b\\c\r\nX: y", "invalid_token", pool),
                     "Bearer realm=\"a\\\"b\\\\cX: y\", error=\"invalid_token\"");
    ck_assert_str_eq(as_bearer_challenge("app", NULL, pool), "Bearer realm=\"app\"");
}
END_TEST

/* ---- field rows ---- */

typedef struct {
    const char *one, *two, *three;
} input_t;

static const as_field_t fields[] = {
    AS_FIELD("one", AS_REQUIRED, input_t, one, ),
    AS_FIELD("two", AS_REQUIRED | AS_PASSWORD, input_t, two, AS_BOUNDS(2, 4)),
    AS_FIELD("three", AS_NULLABLE | AS_NAME, input_t, three, AS_BOUNDS(0, 3)),
    AS_END_OF_FIELDS,
};

/* What else a row can say. */
static const as_field_t others[] = {
    AS_FIELD("inner.one", AS_REQUIRED, input_t, one, ),
    AS_FIELD("two", AS_REQUIRED | AS_DIGITS, input_t, two, ),
    AS_FIELD("again", AS_REQUIRED | AS_REPEATS, input_t, two, ),
    AS_END_OF_FIELDS,
};

/* A body and what is wrong with it, in the letters of letter_of. */
typedef struct {
    const char *body, *wrong;
} body_t;

static const body_t bodies[] = {
    { "{\"one\":\"\",\"two\":\"ab\"}", "" },
    { "{\"one\":\"x\",\"two\":\"äöüß\",\"three\":\"abc\",\"four\":[1e5,{}]}", "" },
    { "{\"one\":\"x\",\"two\":\"ab\",\"three\":null}", "" },
    { "", "mm" },
    { "{}", "mm" },
    { "{\"one\":null,\"two\":1}", "ss" },
    { "{\"one\":\"x\",\"two\":\"ä\",\"three\":\"abcd\"}", "<>" },
    { "{\"one\":\"x\",\"two\":\"12345\",\"three\":\"a\\nb\"}", ">c" },
    { "[]", "o" },
    { "null", "o" },
    { "{", "j" },
    { "{\"one\":\"x\",\"one\":\"y\",\"two\":\"ab\"}", "j" },
    { "{\"one\":\"\\u0000\",\"two\":\"ab\"}", "j" },
    { "{\"one\":\"\xff\",\"two\":\"ab\"}", "j" },
    { "{\"one\":\"x\",\"two\":\"ab\"} x", "j" },
};

static const body_t other_bodies[] = {
    { "{\"inner\":{\"one\":\"x\"},\"two\":\"7\",\"again\":\"7\"}", "" },
    { "{\"inner\":{\"one\":\"x\"},\"two\":7,\"again\":\"7\"}", "" },
    { "{\"inner\":{\"one\":\"x\"},\"two\":\"7\",\"again\":\"8\"}", "d" },
    { "{\"inner\":{\"one\":\"x\"},\"two\":\"7\"}", "m" },
    { "{\"inner\":{\"one\":\"x\"},\"two\":-7,\"again\":\"-7\"}", "s" },
    { "{\"inner\":{\"one\":\"x\"},\"two\":7.0,\"again\":\"7\"}", "s" },
    { "{\"inner\":{\"one\":1},\"two\":true,\"again\":null}", "sss" },
    { "{\"inner\":\"one\",\"two\":\"\",\"again\":\"\"}", "m" },
    { "{\"inner.one\":\"x\",\"two\":\"\",\"again\":\"\"}", "m" },
};

static char letter_of(as_violation_kind_t kind)
{
    static const char letters[] = { [AS_NOT_JSON] = 'j',   [AS_NOT_OBJECT] = 'o',
                                    [AS_MISSING] = 'm',    [AS_NOT_STRING] = 's',
                                    [AS_TOO_SHORT] = '<',  [AS_TOO_LONG] = '>',
                                    [AS_CONTROL] = 'c',    [AS_DIFFERENT] = 'd' };

    return letters[kind];
}

static apr_array_header_t *bind_rows(const as_field_t *rows, const char *body, apr_int64_t least)
{
    const as_route_t route = { .fields = rows };
    as_input_t input = { .body = body, .len = strlen(body), .password_min = least };
    input_t in = { 0 };

    return as_bind(&route, &input, &in, pool);
}

static void check_body(const as_field_t *rows, const body_t *row)
{
    apr_array_header_t *list = bind_rows(rows, row->body, 0);
    const char *wrong = "";

    for (int i = 0; i < list->nelts; i++) {
        wrong = apr_psprintf(pool, "%s%c", wrong,
                             letter_of(APR_ARRAY_IDX(list, i, as_violation_t).kind));
    }
    ck_assert_str_eq(wrong, row->wrong);
}

START_TEST(a_body_is_bound_or_refused)
{
    check_body(fields, &bodies[_i]);
}
END_TEST

START_TEST(inner_digits_and_repetitions_are_bound_or_refused)
{
    check_body(others, &other_bodies[_i]);
}
END_TEST

/* A query, and what its parameter "one" is; NULL: none that could be taken. */
static const struct {
    const char *query, *value;
} queries[] = {
    { "one=a", "a" },       { "x=1&one=a%2Bb+c&y=2", "a+b c" }, { "one=", "" },
    { "ones=a", NULL },     { "one", NULL },                    { NULL, NULL },
    { "one=a&one=b", NULL }, { "one=%ff", NULL },               { "one=%zz", NULL },
    { "one=%00", NULL },
};

START_TEST(a_query_is_read)
{
    static const as_field_t rows[] = {
        AS_FIELD("one", AS_REQUIRED, input_t, one, .place = AS_IN_QUERY),
        AS_END_OF_FIELDS,
    };
    const as_route_t route = { .fields = rows };
    as_input_t input = { .query = queries[_i].query };
    input_t in = { 0 };

    ck_assert_int_eq(as_bind(&route, &input, &in, pool)->nelts, queries[_i].value ? 0 : 1);
    if (queries[_i].value) {
        ck_assert_str_eq(in.one, queries[_i].value);
    }
}
END_TEST

START_TEST(a_captcha_is_read_where_the_row_says_so)
{
    static const char body[] = "{\"captcha_token\":\"x\"}", bad[] = "{\"captchaToken\":1}";
    static const as_field_t none[] = { AS_END_OF_FIELDS };
    as_route_t route = { .fields = none };
    as_input_t input = { .body = body, .len = strlen(body) };

    as_bind(&route, &input, NULL, pool);
    ck_assert_ptr_null(input.captcha);
    route.captcha = AS_MAY_CAPTCHA;
    ck_assert_int_eq(as_bind(&route, &input, NULL, pool)->nelts, 0);
    ck_assert_str_eq(input.captcha, "x");
    input = (as_input_t){ .body = bad, .len = strlen(bad) };
    ck_assert_int_eq(as_bind(&route, &input, NULL, pool)->nelts, 1);
}
END_TEST

START_TEST(a_violation_is_told_in_words)
{
    as_violation_t violation = { .kind = AS_TOO_SHORT, .field = "a%sb", .number = 8 };

    ck_assert_str_eq(as_violation_text(as_phrases, &violation, pool),
                     "a%sb must have at least 8 characters");
    violation.kind = AS_MISSING;
    ck_assert_str_eq(as_violation_text(as_phrases, &violation, pool), "a%sb is required");
}
END_TEST

START_TEST(a_policy_raises_the_least_length)
{
    static const char body[] = "{\"one\":\"\",\"two\":\"abc\"}";

    ck_assert_int_eq(bind_rows(fields, body, 3)->nelts, 0);
    ck_assert_int_eq(bind_rows(fields, body, 4)->nelts, 1);
    ck_assert_int_eq(bind_rows(fields, body, 1)->nelts, 0);
}
END_TEST

/* ---- one request ---- */

static apr_status_t read_text(void *baton, apr_size_t max, char **body, apr_size_t *len,
                              apr_pool_t *p)
{
    *len = strlen(baton);
    *body = apr_pstrdup(p, baton);
    return *len > max ? APR_ENOSPC : APR_SUCCESS;
}

static apr_status_t read_cut(void *baton, apr_size_t max, char **body, apr_size_t *len,
                             apr_pool_t *p)
{
    (void)max;
    *len = 1;
    *body = apr_pstrdup(p, baton);
    return APR_EGENERAL;
}

static as_reply_t serve(world_t *world, const char *method, const char *path, const char *type,
                        const char *body)
{
    const as_request_t request = {
        .method = method, .path = path, .content_type = type, .realm = "unit",
        .has_body = body != NULL, .length = body ? (apr_int64_t)strlen(body) : -1,
        .read = read_text, .baton = (void *)body,
    };
    as_ctx_t ctx = ctx_of(world);
    as_reply_t reply;

    as_api_serve(&ctx, as_dialect_find("trainova"), NULL, &request, &reply);
    return reply;
}

#define JSON "application/json"

START_TEST(faults_are_refused_in_their_order)
{
    world_t *world = world_create();
    const char *big;

    world->service.policy.body_max = 16;
    big = "{\"email_or_phone\": 1}";
    ck_assert_int_eq(serve(world, "PUT", "/nowhere", "text/plain", big).status, 404);
    ck_assert_int_eq(serve(world, "PUT", "/login", "text/plain", big).status, 405);
    ck_assert_int_eq(serve(world, "POST", "/login", "text/plain", big).status, 413);
    ck_assert_int_eq(serve(world, "POST", "/login", "text/plain", "{").status, 415);
    ck_assert_int_eq(serve(world, "POST", "/login", NULL, "{").status, 415);
    ck_assert_int_eq(serve(world, "POST", "/login", JSON, "{").status, 422);
    ck_assert_int_eq(serve(world, "POST", "/login", NULL, NULL).status, 422);
    ck_assert_int_eq(serve(world, "GET", "/me", NULL, NULL).status, 401);
    ck_assert_int_eq(serve(world, "HEAD", "/me", NULL, NULL).status, 401);
    ck_assert_int_eq(serve(world, "OPTIONS", "/me", NULL, NULL).status, 204);
    ck_assert_int_eq(serve(world, "POST", "/login/", JSON, "{}").status, 404);
    ck_assert_int_eq(serve(world, "POST", "", JSON, "{}").status, 404);
}
END_TEST

START_TEST(content_types_may_have_parameters)
{
    world_t *world = world_create();

    ck_assert_int_eq(serve(world, "POST", "/login", "Application/JSON; charset=utf-8", "{}").status,
                     422);
    ck_assert_int_eq(serve(world, "POST", "/login", "application/json ;x", "{}").status, 422);
    ck_assert_int_eq(serve(world, "POST", "/login", "application/jsonx", "{}").status, 415);
    ck_assert_int_eq(serve(world, "POST", "/login", "application/json, text/html", "{}").status,
                     415);
}
END_TEST

START_TEST(a_body_that_breaks_off_is_refused)
{
    world_t *world = world_create();
    const as_request_t request = { .method = "POST", .path = "/login", .content_type = JSON,
                                   .realm = "unit", .has_body = 1, .length = 10, .read = read_cut,
                                   .baton = (void *)"{" };
    as_ctx_t ctx = ctx_of(world);
    as_reply_t reply;

    as_api_serve(&ctx, as_dialect_find("trainova"), NULL, &request, &reply);
    ck_assert_int_eq(reply.status, 400);
}
END_TEST

START_TEST(one_route_alone_can_be_mounted)
{
    world_t *world = world_create();
    as_request_t request = { .method = "POST", .path = "/login", .realm = "unit", .length = -1 };
    as_ctx_t ctx = ctx_of(world);
    as_reply_t reply;

    as_api_serve(&ctx, as_dialect_find("trainova"), "/login", &request, &reply);
    ck_assert_int_eq(reply.status, 422);
    request.path = "/register";
    as_api_serve(&ctx, as_dialect_find("trainova"), "/login", &request, &reply);
    ck_assert_int_eq(reply.status, 404);
}
END_TEST

START_TEST(refusals_are_logged_without_secrets)
{
    world_t *world = world_create();

    serve(world, "POST", "/login", JSON,
          "{\"email_or_phone\": \"ann@example.com\", \"password\": \"hunter2 hunter2\"}");
    ck_assert_ptr_nonnull(strstr(world->log, "sign_in_wrong"));
    ck_assert_ptr_nonnull(strstr(world->log, "request r"));
    ck_assert_ptr_null(strstr(world->log, "hunter2"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("api");
    TCase *header = unit_case(suite, "authorization");
    TCase *binding = unit_case(suite, "bind");
    TCase *routes = unit_case(suite, "route");

    tcase_add_loop_test(header, a_header_is_read, 0, sizeof headers / sizeof *headers);
    tcase_add_test(header, a_challenge_cannot_be_broken_by_its_realm);
    tcase_add_loop_test(binding, a_body_is_bound_or_refused, 0, sizeof bodies / sizeof *bodies);
    tcase_add_loop_test(binding, inner_digits_and_repetitions_are_bound_or_refused, 0,
                        sizeof other_bodies / sizeof *other_bodies);
    tcase_add_loop_test(binding, a_query_is_read, 0, sizeof queries / sizeof *queries);
    tcase_add_test(binding, a_captcha_is_read_where_the_row_says_so);
    tcase_add_test(binding, a_violation_is_told_in_words);
    tcase_add_test(binding, a_policy_raises_the_least_length);
    tcase_add_test(routes, faults_are_refused_in_their_order);
    tcase_add_test(routes, content_types_may_have_parameters);
    tcase_add_test(routes, a_body_that_breaks_off_is_refused);
    tcase_add_test(routes, one_route_alone_can_be_mounted);
    tcase_add_test(routes, refusals_are_logged_without_secrets);
    return unit_run(suite);
}
