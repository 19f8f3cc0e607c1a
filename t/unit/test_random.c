/* SPDX-License-Identifier: Apache-2.0
 * Random octets, ids, codes and numbers: shapes, ranges and that no two are the same.
 * Never judges the generator itself. Run by make check.
 */
#include "unit.h"

#include <openssl/rand.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "crypto/random.h"

#define HEX "0123456789abcdef"
#define DIGITS "0123456789"
#define BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Stands here in OpenSSL's place, so that it can fail. */
static int broken;

int RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *buf, size_t num, unsigned int strength)
{
    return broken ? 0 : RAND_bytes_ex(ctx, buf, num, strength);
}

START_TEST(a_broken_generator_ends_the_process)
{
    char said[200] = "";
    int ends[2], status;
    pid_t child;

    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        broken = 1;
        as_random_number();
        _exit(0);
    }
    close(ends[1]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_int_gt(read(ends[0], said, sizeof(said) - 1), 0);
    ck_assert_ptr_nonnull(strstr(said, "the random generator failed"));
    close(ends[0]);
}
END_TEST

START_TEST(octets_fill_the_buffer_and_no_more)
{
    unsigned char octets[130] = { 0 };
    int zeros = 0;

    as_random_bytes(octets + 1, 128);
    for (int i = 1; i <= 128; i++) {
        zeros += octets[i] == 0;
    }
    ck_assert_int_lt(zeros, 16);
    ck_assert_int_eq(octets[0], 0);
    ck_assert_int_eq(octets[129], 0);
}
END_TEST

START_TEST(texts_have_their_alphabet_and_length)
{
    const struct {
        char *(*make)(apr_pool_t *pool);
        const char *alphabet;
        size_t len;
    } rows[] = {
        { as_random_id, HEX, 32 },
        { as_random_code, DIGITS, 6 },
        { as_random_token, BASE64URL, 43 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int n = 0; n < 1000; n++) {
            const char *text = rows[i].make(pool);

            ck_assert_uint_eq(strlen(text), rows[i].len);
            ck_assert_uint_eq(strspn(text, rows[i].alphabet), rows[i].len);
        }
    }
}
END_TEST

START_TEST(no_two_ids_are_the_same)
{
    ck_assert_str_ne(as_random_id(pool), as_random_id(pool));
    ck_assert_str_ne(as_random_token(pool), as_random_token(pool));
}
END_TEST

START_TEST(codes_keep_leading_zeros)
{
    int leading = 0;

    for (int i = 0; i < 1000; i++) {
        leading += as_random_code(pool)[0] == '0';
    }
    ck_assert_int_gt(leading, 40);
    ck_assert_int_lt(leading, 200);
}
END_TEST

START_TEST(numbers_fit_a_double_and_use_all_its_bits)
{
    apr_int64_t all = 0;

    for (int i = 0; i < 1000; i++) {
        apr_int64_t number = as_random_number();

        ck_assert_int_ge(number, 1);
        ck_assert_int_lt(number, APR_INT64_C(1) << 53);
        all |= number;
    }
    ck_assert_int_eq(all, (APR_INT64_C(1) << 53) - 1);
}
END_TEST

START_TEST(below_is_uniform)
{
    int seen[6] = { 0 };

    for (int i = 0; i < 6000; i++) {
        seen[as_random_below(6)]++;
    }
    for (int i = 0; i < 6; i++) {
        ck_assert_int_gt(seen[i], 800);
        ck_assert_int_lt(seen[i], 1200);
    }
}
END_TEST

START_TEST(below_takes_every_bound)
{
    ck_assert_uint_eq(as_random_below(1), 0);
    for (int i = 0; i < 100; i++) {
        ck_assert_uint_lt(as_random_below(0x80000001u), 0x80000001u);
        ck_assert_uint_lt(as_random_below(0xffffffffu), 0xffffffffu);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("random");
    TCase *octets = unit_case(suite, "octets");
    TCase *texts = unit_case(suite, "texts");
    TCase *numbers = unit_case(suite, "numbers");

    tcase_add_test(octets, octets_fill_the_buffer_and_no_more);
    tcase_add_test(octets, a_broken_generator_ends_the_process);
    tcase_add_test(texts, texts_have_their_alphabet_and_length);
    tcase_add_test(texts, no_two_ids_are_the_same);
    tcase_add_test(texts, codes_keep_leading_zeros);
    tcase_add_test(numbers, numbers_fit_a_double_and_use_all_its_bits);
    tcase_add_test(numbers, below_is_uniform);
    tcase_add_test(numbers, below_takes_every_bound);
    return unit_run(suite);
}
