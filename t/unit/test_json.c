/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/json.h: what is refused, what is read, what is written.
 * Never looks inside a value. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <string.h>

#include "base/json.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))
#define KIB64 65536

static as_json_t *parse(const char *text)
{
    return as_json_parse(pool, text, strlen(text), NULL);
}

static const char *const good[] = {
    "null", "true", "false", "0", "-1", "1.5", "\"\"", "[]", "{}", " [ 1 , 2 ] \r\n\t",
    "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}",
    "\"\\u00e9\\ud83d\\ude00\\n\\\\\"", "\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\"",
    "9223372036854775807", "-9223372036854775808",
    "[\"\\\\\",[],\"\\\"\",[[]]]",
};

START_TEST(good_text_is_parsed)
{
    ck_assert_ptr_nonnull(parse(good[_i]));
}
END_TEST

static const char *const bad[] = {
    "", " ", "\n", "{", "[", "}", "]", "{]", "[}", "[1", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}",
    "{\"a\":1,}", "{a:1}", "{'a':1}", "{1:1}", "nul", "NULL", "True", "NaN", "Infinity",
    "undefined", "+1", "01", "1.", ".5", "1e", "0x1", "- 1", "\"", "\"\\\"", "\"a\nb\"", "\"\t\"",
    "\"\\x41\"", "\"\\u12\"", "// c\n1", "1 // c", "/* c */ 1",
    "{} {}", "{}x", "1 2", "[] ,", "{\"a\":1}\"", "null\xff",
    "\xef\xbb\xbf{}",
    "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}", "{\"x\":[{\"b\":1,\"b\":1}]}",
    "\"\\u0000\"", "{\"a\\u0000b\":1}", "\"a\\u0000b\"",
    "\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
    "{\"\xc3\":1}", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800x\"",
    "9223372036854775808", "-9223372036854775809", "99999999999999999999999999999999999999999",
    "1e999", "-1e999",
};

START_TEST(bad_text_is_refused)
{
    ck_assert_ptr_null(parse(bad[_i]));
}
END_TEST

START_TEST(a_nul_is_refused_wherever_it_stands)
{
    static const char inside[] = "{\"a\":\"b\0c\"}";
    static const char after[] = "{}\0";

    ck_assert_ptr_null(as_json_parse(pool, inside, sizeof(inside) - 1, NULL));
    ck_assert_ptr_null(as_json_parse(pool, after, sizeof(after) - 1, NULL));
    ck_assert_ptr_nonnull(as_json_parse(pool, "{}x", 2, NULL));
}
END_TEST

START_TEST(a_fault_has_its_offset)
{
    apr_size_t offset = 99;

    ck_assert_ptr_null(as_json_parse(pool, "{\"a\":1,\"b\":x}", 13, &offset));
    ck_assert_uint_ge(offset, 11);
    ck_assert_uint_le(offset, 13);
    ck_assert_ptr_null(as_json_parse(pool, "", 0, &offset));
    ck_assert_uint_eq(offset, 0);
    offset = 99;
    ck_assert_ptr_nonnull(as_json_parse(pool, "[]", 2, &offset));
    ck_assert_uint_eq(offset, 99);
}
END_TEST

static char *nested(int levels)
{
    char *text = apr_palloc(pool, 2 * levels + 1);

    memset(text, '[', levels);
    memset(text + levels, ']', levels);
    text[2 * levels] = '\0';
    return text;
}

START_TEST(thirty_two_levels_are_the_limit)
{
    apr_size_t offset = 0;
    const char *deep = nested(33);

    ck_assert_ptr_nonnull(parse(nested(32)));
    ck_assert_ptr_null(as_json_parse(pool, deep, strlen(deep), &offset));
    ck_assert_uint_eq(offset, 32);
    /* Brackets side by side are not depth. */
    ck_assert_ptr_nonnull(parse(apr_pstrcat(pool, "[", nested(31), ",", nested(31), "]", NULL)));
    ck_assert_ptr_null(parse(apr_pstrcat(pool, "[", nested(31), ",", nested(32), "]", NULL)));
    /* No string hides a bracket that a parser would see. */
    ck_assert_ptr_null(parse(apr_pstrcat(pool, "[\"\\\\\",", nested(32), "]", NULL)));
    ck_assert_ptr_null(parse(apr_pstrcat(pool, "[\"\\\"\",", nested(32), "]", NULL)));
}
END_TEST

START_TEST(a_body_of_brackets_is_cheap)
{
    char *text = apr_palloc(pool, KIB64);

    memset(text, '[', KIB64);
    for (int i = 0; i < 1000; i++) {
        ck_assert_ptr_null(as_json_parse(pool, text, KIB64, NULL));
    }
    for (int i = 0; i < KIB64; i++) {
        text[i] = "{\"a\":"[i % 5];
    }
    ck_assert_ptr_null(as_json_parse(pool, text, KIB64, NULL));
    memset(text, '\\', KIB64);
    text[0] = '"';
    ck_assert_ptr_null(as_json_parse(pool, text, KIB64, NULL));
    memset(text, ']', KIB64);
    ck_assert_ptr_null(as_json_parse(pool, text, KIB64, NULL));
}
END_TEST

START_TEST(members_and_elements_are_found)
{
    const as_json_t *value = parse("{\"s\":\"t\",\"n\":null,\"i\":-7,\"r\":7.0,\"a\":[1,\"x\"]}");
    const as_json_t *array = as_json_get(value, "a");

    ck_assert_int_eq(as_json_is_object(value), 1);
    ck_assert_int_eq(as_json_is_object(array), 0);
    ck_assert_int_eq(as_json_is_null(as_json_get(value, "n")), 1);
    ck_assert_int_eq(as_json_is_null(as_json_get(value, "s")), 0);
    ck_assert_str_eq(as_json_get_string(value, "s"), "t");
    ck_assert_ptr_null(as_json_get_string(value, "i"));
    ck_assert_ptr_null(as_json_get_string(value, "n"));
    ck_assert_ptr_null(as_json_get(value, "none"));
    ck_assert_ptr_null(as_json_get(value, "S"));
    ck_assert_str_eq(as_json_string(as_json_at(array, 1)), "x");
    ck_assert_ptr_null(as_json_at(array, 2));
    ck_assert_ptr_null(as_json_at(value, 0));
    ck_assert_ptr_null(as_json_get(array, "s"));
}
END_TEST

START_TEST(nothing_is_found_in_null)
{
    apr_int64_t number;

    ck_assert_int_eq(as_json_is_object(NULL), 0);
    ck_assert_int_eq(as_json_is_null(NULL), 0);
    ck_assert_ptr_null(as_json_get(NULL, "a"));
    ck_assert_ptr_null(as_json_at(NULL, 0));
    ck_assert_ptr_null(as_json_string(NULL));
    ck_assert_ptr_null(as_json_get_string(NULL, "a"));
    ck_assert_int_eq(as_json_integer(NULL, &number), 0);
    ck_assert_int_eq(as_json_get_integer(NULL, "a", &number), 0);
}
END_TEST

START_TEST(integers_are_whole_and_of_64_bits)
{
    const as_json_t *value = parse("{\"max\":9223372036854775807,\"min\":-9223372036854775808,"
                                   "\"real\":7.0,\"exp\":1e3,\"text\":\"7\",\"true\":true}");
    apr_int64_t number = 0;

    ck_assert_int_eq(as_json_get_integer(value, "max", &number), 1);
    ck_assert_int_eq(number, APR_INT64_MAX);
    ck_assert_int_eq(as_json_get_integer(value, "min", &number), 1);
    ck_assert_int_eq(number, APR_INT64_MIN);
    number = 5;
    ck_assert_int_eq(as_json_get_integer(value, "real", &number), 0);
    ck_assert_int_eq(as_json_get_integer(value, "exp", &number), 0);
    ck_assert_int_eq(as_json_get_integer(value, "text", &number), 0);
    ck_assert_int_eq(as_json_get_integer(value, "true", &number), 0);
    ck_assert_int_eq(as_json_get_integer(value, "none", &number), 0);
    ck_assert_int_eq(number, 5);
}
END_TEST

START_TEST(numbers_and_truths_are_told_apart)
{
    const char *text = "[1, -2.5, true, false, null, \"1\", []]";
    as_json_t *array = as_json_parse(pool, text, strlen(text), NULL);
    double number = 0;
    int truth = -1;

    ck_assert_int_eq(as_json_number(as_json_at(array, 0), &number), 1);
    ck_assert(number > 0.99 && number < 1.01);
    ck_assert_int_eq(as_json_number(as_json_at(array, 1), &number), 1);
    ck_assert(number > -2.51 && number < -2.49);
    ck_assert_int_eq(as_json_boolean(as_json_at(array, 2), &truth), 1);
    ck_assert_int_eq(truth, 1);
    ck_assert_int_eq(as_json_boolean(as_json_at(array, 3), &truth), 1);
    ck_assert_int_eq(truth, 0);
    for (apr_size_t i = 0; i < 8; i++) {
        ck_assert_int_eq(as_json_number(as_json_at(array, i), &number), i < 2);
        ck_assert_int_eq(as_json_boolean(as_json_at(array, i), &truth), i == 2 || i == 3);
    }
}
END_TEST

START_TEST(any_text_is_quoted)
{
    ck_assert_str_eq(as_json_quote(pool, ""), "\"\"");
    ck_assert_str_eq(as_json_quote(pool, "a\"\\\n\x01\xc3\xa9"), "\"a\\\"\\\\\\n\\u0001\xc3\xa9\"");
    ck_assert_str_eq(as_json_quote(pool, "\xff"), "null");
    ck_assert_str_eq(as_json_quote(pool, NULL), "null");
}
END_TEST

START_TEST(members_are_written_in_order)
{
    as_json_t *object = as_json_object(pool);
    as_json_t *array = as_json_array(pool);

    as_json_set_string(object, "z", "\xc3\xa9\"\\\n\x01/");
    as_json_set_integer(object, "a", APR_INT64_MIN);
    as_json_set_boolean(object, "yes", 2);
    as_json_set_boolean(object, "no", 0);
    as_json_set_string(object, "null", NULL);
    as_json_set_string(object, "broken", "\xff");
    as_json_set(object, "array", array);
    as_json_set(object, "none", NULL);
    as_json_append_string(array, "x");
    as_json_append_string(array, NULL);
    as_json_append_integer(array, 7);
    as_json_append(array, NULL);
    as_json_append(array, as_json_object(pool));
    ck_assert_str_eq(as_json_text(pool, object),
                     "{\"z\":\"\xc3\xa9\\\"\\\\\\n\\u0001/\",\"a\":-9223372036854775808,"
                     "\"yes\":true,\"no\":false,\"null\":null,\"broken\":null,"
                     "\"array\":[\"x\",null,7,null,{}],\"none\":null}");
    as_json_set_integer(object, "z", 1);
    ck_assert_int_eq(strncmp(as_json_text(pool, object), "{\"z\":1,", 7), 0);
}
END_TEST

START_TEST(any_value_has_a_text)
{
    ck_assert_str_eq(as_json_text(pool, NULL), "null");
    ck_assert_str_eq(as_json_text(pool, parse("true")), "true");
    ck_assert_str_eq(as_json_text(pool, parse("\"x\"")), "\"x\"");
    ck_assert_str_eq(as_json_text(pool, parse(" [ ] ")), "[]");
}
END_TEST

START_TEST(a_member_outlives_the_pool_it_was_made_in)
{
    as_json_t *object = as_json_object(pool);
    apr_pool_t *inner;
    as_json_t *made;

    ck_assert_int_eq(apr_pool_create(&inner, pool), APR_SUCCESS);
    made = as_json_object(inner);
    as_json_set_string(made, "a", "b");
    as_json_set(object, "first", made);
    as_json_set(object, "second", made);
    as_json_set(object, "part", as_json_get(as_json_parse(inner, "{\"x\":[1]}", 9, NULL), "x"));
    apr_pool_destroy(inner);
    ck_assert_str_eq(as_json_text(pool, object),
                     "{\"first\":{\"a\":\"b\"},\"second\":{\"a\":\"b\"},\"part\":[1]}");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *reading = unit_case(suite, "parse");
    TCase *depth = unit_case(suite, "depth");
    TCase *access = unit_case(suite, "access");
    TCase *writing = unit_case(suite, "write");

    tcase_add_loop_test(reading, good_text_is_parsed, 0, COUNT(good));
    tcase_add_loop_test(reading, bad_text_is_refused, 0, COUNT(bad));
    tcase_add_test(reading, a_nul_is_refused_wherever_it_stands);
    tcase_add_test(reading, a_fault_has_its_offset);
    tcase_add_test(depth, thirty_two_levels_are_the_limit);
    tcase_add_test(depth, a_body_of_brackets_is_cheap);
    tcase_add_test(access, members_and_elements_are_found);
    tcase_add_test(access, nothing_is_found_in_null);
    tcase_add_test(access, integers_are_whole_and_of_64_bits);
    tcase_add_test(access, numbers_and_truths_are_told_apart);
    tcase_add_test(writing, any_text_is_quoted);
    tcase_add_test(writing, members_are_written_in_order);
    tcase_add_test(writing, any_value_has_a_text);
    tcase_add_test(writing, a_member_outlives_the_pool_it_was_made_in);
    return unit_run(suite);
}
