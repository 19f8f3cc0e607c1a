/* SPDX-License-Identifier: Apache-2.0
 * The cluster's secrets: what a file of them may be, HKDF against RFC 5869, MACs against values
 * computed by other means. Never uses a secret that guards anything. Run by make check.
 */
#include "unit.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/status.h"
#include "crypto/hkdf.h"
#include "crypto/mac.h"

#define FIRST "correct horse battery staple, and then some"
#define SECOND "0123456789abcdef0123456789abcdef"

static as_secrets_t *secrets_of(const char *text)
{
    as_secrets_t *secrets;
    const char *error;

    ck_assert_int_eq(as_secrets_parse(&secrets, text, &error, pool), APR_SUCCESS);
    ck_assert_ptr_null(error);
    return secrets;
}

static const char *repeat(char c, size_t n)
{
    char *text = apr_pcalloc(pool, n + 1);

    memset(text, c, n);
    return text;
}

static as_span_t unhex(const char *text)
{
    unsigned char *octets = apr_palloc(pool, strlen(text) / 2 + 1);

    ck_assert_int_eq(as_hex_decode(text, octets, strlen(text) / 2), 1);
    return (as_span_t){ .at = octets, .len = strlen(text) / 2 };
}

/* RFC 5869, appendix A: test cases 1 to 3, those with SHA-256. */
START_TEST(hkdf_gives_what_the_rfc_lists)
{
    const struct {
        const char *key, *salt, *info, *okm;
    } rows[] = {
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
          "f0f1f2f3f4f5f6f7f8f9",
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865" },
        { "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
          "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
          "404142434445464748494a4b4c4d4e4f",
          "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
          "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
          "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
          "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
          "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
          "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
          "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
          "cc30c58179ec3e87c14c01d5c1f3434f1d87" },
        { "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const as_span_t okm = unhex(rows[i].okm);
        unsigned char out[128];

        ck_assert_int_eq(as_hkdf(unhex(rows[i].key), unhex(rows[i].salt), unhex(rows[i].info), out,
                                 okm.len), 1);
        ck_assert_mem_eq(out, okm.at, okm.len);
    }
}
END_TEST

START_TEST(hkdf_gives_at_most_255_blocks)
{
    static unsigned char out[255 * 32 + 1];

    ck_assert_int_eq(as_hkdf(as_span(FIRST), as_span(NULL), as_span(NULL), out, 255 * 32), 1);
    ck_assert_int_ne(out[0] | out[1] | out[2] | out[3], 0);
    ck_assert_int_eq(as_hkdf(as_span(FIRST), as_span(NULL), as_span(NULL), out, sizeof(out)), 0);
    ck_assert_int_eq(out[0] | out[1] | out[2] | out[3], 0);
}
END_TEST

/* Computed with another HKDF: salt "mod_authsvc", info the purpose's name. */
START_TEST(derived_keys_stay_what_they_are)
{
    const struct {
        as_purpose_t purpose;
        const char *key;
    } rows[] = {
        { AS_PURPOSE_REFRESH, "31b88adbd42bb9bfa34fdda9592e4185406ece68480e1bc36632dc706ed69997" },
        { AS_PURPOSE_CODE, "9fdabc76043851a326b6cebeb17ca44ef34932748d7e9ccbccbcb8e333c3ae24" },
        { AS_PURPOSE_LINK, "db671968c88d90148803bba7b0f9f27111eb3649b3022b7f2f75591651596115" },
        { AS_PURPOSE_ADDRESS, "f236809565ff50df89319db119b1660aa2b9f3ab9ca7f6a24bfd5a9937067079" },
        { AS_PURPOSE_SEAL, "9599c99b815c82e78d0fd1894f115109207173db01b28fada295c7558903d98c" },
    };
    const as_secrets_t *secrets = secrets_of(FIRST);

    ck_assert_uint_eq(sizeof(rows) / sizeof(rows[0]), AS_PURPOSES);
    ck_assert_str_eq(as_secret_name(secrets, 0), "64bfd5c5");
    for (size_t i = 0; i < AS_PURPOSES; i++) {
        ck_assert_mem_eq(as_secret_key(secrets, 0, rows[i].purpose), unhex(rows[i].key).at,
                         AS_MAC_BYTES);
    }
}
END_TEST

START_TEST(lines_are_trimmed_and_comments_skipped)
{
    const char *text = "# made on a quiet day\n\n \t " FIRST " \t\r\n#" SECOND "\n   \n" SECOND;
    const as_secrets_t *secrets = secrets_of(text);

    ck_assert_uint_eq(as_secrets_count(secrets), 2);
    ck_assert_str_eq(as_secret_name(secrets, 0), as_secret_name(secrets_of(FIRST), 0));
    ck_assert_str_eq(as_secret_name(secrets, 1), as_secret_name(secrets_of(SECOND), 0));
}
END_TEST

START_TEST(bounds_of_a_secret_are_exact)
{
    ck_assert_uint_eq(as_secrets_count(secrets_of(repeat('s', 32))), 1);
    ck_assert_uint_eq(as_secrets_count(secrets_of(repeat('s', 512))), 1);
}
END_TEST

static const char *numbered(int n)
{
    const char *text = "";

    for (int i = 0; i < n; i++) {
        text = apr_psprintf(pool, "%s%s%d\n", text, SECOND, i);
    }
    return text;
}

START_TEST(eight_secrets_are_taken)
{
    ck_assert_uint_eq(as_secrets_count(secrets_of(numbered(AS_SECRETS_MAX))), AS_SECRETS_MAX);
}
END_TEST

START_TEST(wrong_texts_are_refused_without_telling_the_secret)
{
    const struct {
        const char *text, *said;
    } rows[] = {
        { "", "no secret" },
        { "# " FIRST "\n\n", "no secret" },
        { repeat('s', 31), "line 1 has 31 octets" },
        { apr_psprintf(pool, "   %s  \n", repeat('s', 31)), "line 1 has 31 octets" },
        { repeat('s', 513), "line 1 has 513 octets" },
        { FIRST "\nsssss\n", "line 2 has 5 octets" },
        { FIRST "\n" SECOND "\n " FIRST, "line 3 repeats" },
        { numbered(AS_SECRETS_MAX + 1), "line 9 is one secret too many" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        as_secrets_t *secrets;
        const char *error;

        ck_assert_int_eq(as_secrets_parse(&secrets, rows[i].text, &error, pool), AS_EFAULT);
        ck_assert_ptr_null(secrets);
        ck_assert_ptr_nonnull(strstr(error, rows[i].said));
        ck_assert_ptr_null(strstr(error, "sssss"));
        ck_assert_ptr_null(strstr(error, FIRST));
        ck_assert_ptr_null(strstr(error, SECOND));
    }
}
END_TEST

/* A directory of the test's own. */
static const char *make_directory(void)
{
    char *path = apr_pstrdup(pool, "/tmp/authsvc-mac-XXXXXX");

    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

static const char *write_file(const char *directory, const char *text, size_t len, mode_t mode)
{
    const char *path = apr_pstrcat(pool, directory, "/secret", NULL);
    apr_file_t *file;

    ck_assert_int_eq(apr_file_open(&file, path, APR_FOPEN_WRITE | APR_FOPEN_CREATE
                                   | APR_FOPEN_TRUNCATE, APR_OS_DEFAULT, pool), APR_SUCCESS);
    ck_assert_int_eq(apr_file_write_full(file, text, len, NULL), APR_SUCCESS);
    apr_file_close(file);
    ck_assert_int_eq(chmod(path, mode), 0);
    return path;
}

START_TEST(files_are_taken_by_their_mode)
{
    const struct {
        mode_t mode;
        apr_status_t status;
    } rows[] = {
        { 0600, APR_SUCCESS }, { 0400, APR_SUCCESS }, { 0640, APR_SUCCESS }, { 0440, APR_SUCCESS },
        { 0660, AS_EFAULT },   { 0620, AS_EFAULT },   { 0604, AS_EFAULT },   { 0602, AS_EFAULT },
        { 0644, AS_EFAULT },   { 0666, AS_EFAULT },
    };
    const char *directory = make_directory();
    const char *path = NULL;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        as_secrets_t *secrets;
        const char *error;

        path = write_file(directory, FIRST "\n", strlen(FIRST) + 1, rows[i].mode);
        ck_assert_int_eq(as_secrets_read(&secrets, path, &error, pool), rows[i].status);
        ck_assert_int_eq(secrets != NULL, rows[i].status == APR_SUCCESS);
        ck_assert_int_eq(error == NULL, rows[i].status == APR_SUCCESS);
        ck_assert(!error || (strstr(error, path) && strstr(error, "chmod")));
        ck_assert(!error || !strstr(error, FIRST));
        unlink(path);
    }
    rmdir(directory);
}
END_TEST

static void refuse_path(const char *path, const char *said)
{
    as_secrets_t *secrets;
    const char *error;

    ck_assert_int_ne(as_secrets_read(&secrets, path, &error, pool), APR_SUCCESS);
    ck_assert_ptr_null(secrets);
    ck_assert_ptr_nonnull(strstr(error, path));
    ck_assert_msg(strstr(error, said) != NULL, "%s", error);
}

START_TEST(a_link_is_judged_by_where_it_leads)
{
    const char *directory = make_directory();
    const char *link = apr_pstrcat(pool, directory, "/link", NULL);
    const char *file = write_file(directory, FIRST, strlen(FIRST), 0600);
    as_secrets_t *secrets;
    const char *error;

    ck_assert_int_eq(symlink(file, link), 0);
    ck_assert_int_eq(as_secrets_read(&secrets, link, &error, pool), APR_SUCCESS);
    unlink(link);
    ck_assert_int_eq(symlink("/dev/null", link), 0);
    refuse_path(link, "is no regular file");
    unlink(link);
    ck_assert_int_eq(symlink(directory, link), 0);
    refuse_path(link, "is no regular file");
    unlink(link);
    unlink(file);
    rmdir(directory);
}
END_TEST

START_TEST(what_is_no_file_of_secrets_is_refused)
{
    const char *directory = make_directory();
    const char *fifo = apr_pstrcat(pool, directory, "/fifo", NULL);
    const char *long_text = repeat('#', 70000);
    const char *path;

    ck_assert_int_eq(mkfifo(fifo, 0600), 0);
    refuse_path(fifo, "is no regular file");
    refuse_path(directory, "is no regular file");
    refuse_path(apr_pstrcat(pool, directory, "/absent", NULL), "cannot be opened");
    path = write_file(directory, "", 0, 0600);
    refuse_path(path, "no secret");
    path = write_file(directory, FIRST "\0tail", strlen(FIRST) + 5, 0600);
    refuse_path(path, "cannot be read as text");
    path = write_file(directory, long_text, strlen(long_text), 0600);
    refuse_path(path, "too long");
    unlink(path);
    unlink(fifo);
    rmdir(directory);
}
END_TEST

START_TEST(a_mac_is_the_one_computed_elsewhere)
{
    const char *mac = "56405032937dfc84c2fb022694c906533d34ff243820583fa1bec40c6016fffd";
    const as_secrets_t *secrets = secrets_of(FIRST);

    ck_assert_str_eq(as_mac_text(pool, secrets, AS_PURPOSE_CODE, "challenge-1", "012345"), mac);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "challenge-1", "012345", mac), 1);
}
END_TEST

START_TEST(a_mac_is_for_its_parts_purpose_and_secret)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *mac = as_mac_text(pool, secrets, AS_PURPOSE_CODE, "ab", "c");

    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "ab", "c", mac), 1);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "a", "bc", mac), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "abc", "", mac), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "abc", NULL, mac), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_LINK, "ab", "c", mac), 0);
    ck_assert_int_eq(as_mac_text_check(secrets_of(SECOND), AS_PURPOSE_CODE, "ab", "c", mac), 0);
}
END_TEST

START_TEST(lists_of_other_lengths_have_other_macs)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const as_span_t parts[] = { as_span("a"), as_span(""), as_span("") };
    unsigned char mac[AS_MAC_BYTES];

    as_mac(secrets, AS_PURPOSE_LINK, parts, 2, mac);
    ck_assert_int_eq(as_mac_check(secrets, AS_PURPOSE_LINK, parts, 2, mac), 1);
    ck_assert_int_eq(as_mac_check(secrets, AS_PURPOSE_LINK, parts, 1, mac), 0);
    ck_assert_int_eq(as_mac_check(secrets, AS_PURPOSE_LINK, parts, 3, mac), 0);
}
END_TEST

START_TEST(the_first_secret_makes_and_all_open)
{
    const as_secrets_t *before = secrets_of(FIRST);
    const as_secrets_t *during = secrets_of(SECOND "\n" FIRST);
    const as_secrets_t *after = secrets_of(SECOND);
    const char *old = as_mac_text(pool, before, AS_PURPOSE_LINK, "id", "token");
    const char *new = as_mac_text(pool, during, AS_PURPOSE_LINK, "id", "token");

    ck_assert_int_eq(as_mac_text_check(during, AS_PURPOSE_LINK, "id", "token", old), 1);
    ck_assert_int_eq(as_mac_text_check(during, AS_PURPOSE_LINK, "id", "token", new), 1);
    ck_assert_int_eq(as_mac_text_check(after, AS_PURPOSE_LINK, "id", "token", new), 1);
    ck_assert_int_eq(as_mac_text_check(after, AS_PURPOSE_LINK, "id", "token", old), 0);
    ck_assert_int_eq(as_mac_text_check(before, AS_PURPOSE_LINK, "id", "token", new), 0);
}
END_TEST

START_TEST(texts_that_are_no_mac_are_refused)
{
    const as_secrets_t *secrets = secrets_of(FIRST);
    const char *mac = as_mac_text(pool, secrets, AS_PURPOSE_CODE, "id", "1");
    char *upper = apr_pstrdup(pool, mac);

    for (char *c = upper; *c; c++) {
        *c = (char)(*c >= 'a' ? *c - 32 : *c);
    }
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "id", "1", upper), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "id", "1", mac + 2), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "id", "1",
                                       apr_pstrcat(pool, mac, "00", NULL)), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "id", "1", ""), 0);
    ck_assert_int_eq(as_mac_text_check(secrets, AS_PURPOSE_CODE, "id", "1", NULL), 0);
}
END_TEST

START_TEST(keys_are_wiped_with_their_pool)
{
    apr_pool_t *outer = pool;
    const unsigned char *key;
    unsigned char zeros[AS_MAC_BYTES] = { 0 };

    /* A cleared pool keeps its memory, so that what stands there can be seen. */
    ck_assert_int_eq(apr_pool_create(&pool, outer), APR_SUCCESS);
    key = as_secret_key(secrets_of(FIRST), 0, AS_PURPOSE_SEAL);
    ck_assert_mem_ne(key, zeros, sizeof(zeros));
    apr_pool_clear(pool);
    ck_assert_mem_eq(key, zeros, sizeof(zeros));
    apr_pool_destroy(pool);
    pool = outer;
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("mac");
    TCase *keys = unit_case(suite, "keys");
    TCase *texts = unit_case(suite, "texts");
    TCase *files = unit_case(suite, "files");
    TCase *macs = unit_case(suite, "macs");

    tcase_add_test(keys, hkdf_gives_what_the_rfc_lists);
    tcase_add_test(keys, hkdf_gives_at_most_255_blocks);
    tcase_add_test(keys, derived_keys_stay_what_they_are);
    tcase_add_test(keys, keys_are_wiped_with_their_pool);
    tcase_add_test(texts, lines_are_trimmed_and_comments_skipped);
    tcase_add_test(texts, bounds_of_a_secret_are_exact);
    tcase_add_test(texts, eight_secrets_are_taken);
    tcase_add_test(texts, wrong_texts_are_refused_without_telling_the_secret);
    tcase_add_test(files, files_are_taken_by_their_mode);
    tcase_add_test(files, a_link_is_judged_by_where_it_leads);
    tcase_add_test(files, what_is_no_file_of_secrets_is_refused);
    tcase_add_test(macs, a_mac_is_the_one_computed_elsewhere);
    tcase_add_test(macs, a_mac_is_for_its_parts_purpose_and_secret);
    tcase_add_test(macs, lists_of_other_lengths_have_other_macs);
    tcase_add_test(macs, the_first_secret_makes_and_all_open);
    tcase_add_test(macs, texts_that_are_no_mac_are_refused);
    return unit_run(suite);
}
