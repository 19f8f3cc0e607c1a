/* SPDX-License-Identifier: Apache-2.0
 * Argon2id strings and password hashing: published strings, bounds, the decoy, how many hash at
 * once. Never spends a real cost: the smallest ones do. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <argon2.h>
#include <pthread.h>
#include <string.h>

#include "base/status.h"
#include "crypto/password.h"

/* The two calls of libargon2 that hash stand here in its place, so that they can be counted and
 * held.
 */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int hold;   /* whoever comes stays inside until this is 0 */
    int inside; /* threads that hash now */
    int most;   /* the most there ever were */
    int total;
} hashing = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

static void hashing_begins(void)
{
    pthread_mutex_lock(&hashing.mutex);
    hashing.total++;
    hashing.inside++;
    hashing.most = hashing.inside > hashing.most ? hashing.inside : hashing.most;
    pthread_cond_broadcast(&hashing.changed);
    while (hashing.hold) {
        pthread_cond_wait(&hashing.changed, &hashing.mutex);
    }
    pthread_mutex_unlock(&hashing.mutex);
}

static void hashing_ends(void)
{
    pthread_mutex_lock(&hashing.mutex);
    hashing.inside--;
    pthread_mutex_unlock(&hashing.mutex);
}

int argon2id_hash_encoded(const uint32_t t_cost, const uint32_t m_cost, const uint32_t parallelism,
                          const void *pwd, const size_t pwdlen, const void *salt,
                          const size_t saltlen, const size_t hashlen, char *encoded,
                          const size_t encodedlen)
{
    int code;

    hashing_begins();
    code = argon2_hash(t_cost, m_cost, parallelism, pwd, pwdlen, salt, saltlen, NULL, hashlen,
                       encoded, encodedlen, Argon2_id, ARGON2_VERSION_NUMBER);
    hashing_ends();
    return code;
}

int argon2id_verify(const char *encoded, const void *pwd, const size_t pwdlen)
{
    int code;

    hashing_begins();
    code = argon2_verify(encoded, pwd, pwdlen, Argon2_id);
    hashing_ends();
    return code;
}

static const as_argon2id_t tiny = { .memory = 64, .passes = 1, .lanes = 1 };
static const unsigned char salt[AS_ARGON2ID_SALT] = "sixteen octets.";

static as_hasher_t *hasher_of(const as_argon2id_t *cost, int slots, int waiting,
                              apr_interval_time_t wait)
{
    as_hasher_t *hasher;

    ck_assert_int_eq(as_hasher_create(&hasher, cost, slots, waiting, wait, pool), APR_SUCCESS);
    return hasher;
}

static as_hasher_t *plain_hasher(void)
{
    return hasher_of(&tiny, 2, 2, APR_USEC_PER_SEC);
}

/* --- argon2id --- */

START_TEST(costs_are_read_over_the_defaults)
{
    const struct {
        const char *text;
        as_argon2id_t cost;
    } rows[] = {
        { "", { 19456, 2, 1 } },
        { "  ", { 19456, 2, 1 } },
        { "m=47104 t=1 p=1", { 47104, 1, 1 } },
        { "p=4 m=65536", { 65536, 2, 4 } },
        { " t=64", { 19456, 64, 1 } },
        { "m=8", { 8, 2, 1 } },
        { "m=128 p=16", { 128, 2, 16 } },
        { "m=1048576", { 1048576, 2, 1 } },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        as_argon2id_t cost;

        ck_assert_ptr_null(as_argon2id_parse(&cost, pool, rows[i].text));
        ck_assert_mem_eq(&cost, &rows[i].cost, sizeof(cost));
    }
}
END_TEST

START_TEST(wrong_costs_are_named)
{
    const struct {
        const char *text, *said;
    } rows[] = {
        { "m=7", "m must be from 8 to 1048576" }, { "m=1048577", "m must be" },
        { "t=0", "t must be from 1 to 64" },      { "t=65", "t must be" },
        { "p=0", "p must be from 1 to 16" },      { "p=17", "p must be" },
        { "m=127 p=16", "8 times p" },            { "m=8 m=16", "m is given twice" },
        { "m=", "no number" },                    { "m=12k", "no number" },
        { "m=-8", "no number" },                  { "m=4294967304", "no number" },
        { "x=1", "\"x=1\"" },                     { "m", "\"m\"" },
        { "19456", "\"19456\"" },                 { "m=8,t=1", "no number" },
        { "mm=8", "\"mm=8\"" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        as_argon2id_t cost;
        const char *wrong = as_argon2id_parse(&cost, pool, rows[i].text);

        ck_assert_msg(wrong && strstr(wrong, rows[i].said), "%s: %s", rows[i].text, wrong);
    }
}
END_TEST

START_TEST(what_is_hashed_is_verified_and_read)
{
    const as_argon2id_t costs[] = { { 64, 1, 1 }, { 8, 3, 1 }, { 128, 1, 4 } };

    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        const char *phc = as_argon2id_hash(pool, &costs[i], salt, "p\xc3\xa4ssword");
        unsigned char read_salt[AS_ARGON2ID_SALT];
        as_argon2id_t cost;

        ck_assert_int_eq(as_argon2id_verify(phc, "p\xc3\xa4ssword"), APR_SUCCESS);
        ck_assert_int_eq(as_argon2id_verify(phc, "p\xc3\xa4ssworD"), AS_ENO);
        ck_assert_int_eq(as_argon2id_verify(phc, ""), AS_ENO);
        ck_assert_int_eq(as_argon2id_read(phc, &cost, read_salt), 1);
        ck_assert_mem_eq(&cost, &costs[i], sizeof(cost));
        ck_assert_mem_eq(read_salt, salt, sizeof(salt));
        ck_assert_int_eq(as_argon2id_is_phc(phc), 1);
    }
}
END_TEST

/* From the reference implementation's tests: with a salt of 8 octets, so not of our making. */
START_TEST(a_published_string_is_verified_but_not_ours)
{
    const char *phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ"
                      "$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    unsigned char read_salt[AS_ARGON2ID_SALT];
    as_argon2id_t cost;

    ck_assert_int_eq(as_argon2id_verify(phc, "password"), APR_SUCCESS);
    ck_assert_int_eq(as_argon2id_verify(phc, "passwore"), AS_ENO);
    ck_assert_int_eq(as_argon2id_read(phc, &cost, read_salt), 0);
    ck_assert_int_eq(as_argon2id_is_phc(phc), 1);
}
END_TEST

#define SALT_TEXT "c2l4dGVlbiBvY3RldHMuAA"
#define HASH_TEXT "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

START_TEST(strings_beyond_form_or_bounds_are_faults)
{
    const char *rows[] = {
        "",
        "password",
        "$argon2id$",
        "$argon2i$v=19$m=64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2d$v=19$m=64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=16$m=64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$m=64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=7,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=15,t=1,p=2$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=1048577,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=4294967295,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=4294967360,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=65,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=4294967295,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=1024,t=1,p=17$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=0,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=064,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=+64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m= 64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=1,p=1,keyid=AA$" SALT_TEXT "$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=1,p=1$" SALT_TEXT,
        "$argon2id$v=19$m=64,t=1,p=1$$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=1,p=1$" SALT_TEXT "==$" HASH_TEXT,
        "$argon2id$v=19$m=64,t=1,p=1$" SALT_TEXT "$" HASH_TEXT "=",
        "$argon2id$v=19$m=64,t=1,p=1$c2l4dGVlbiBvY3RldHMuAB$" HASH_TEXT,
        apr_pstrcat(pool, "$argon2id$v=19$m=64,t=1,p=1$" SALT_TEXT "$", HASH_TEXT HASH_TEXT,
                    HASH_TEXT HASH_TEXT HASH_TEXT, NULL),
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned char read_salt[AS_ARGON2ID_SALT];
        as_argon2id_t cost;

        ck_assert_msg(as_argon2id_verify(rows[i], "password") == AS_EFAULT, "%s", rows[i]);
        ck_assert_msg(!as_argon2id_read(rows[i], &cost, read_salt), "%s", rows[i]);
        ck_assert_msg(!as_argon2id_is_phc(rows[i]), "%s", rows[i]);
    }
}
END_TEST

/* --- password --- */

START_TEST(passwords_are_hashed_with_a_salt_of_their_own)
{
    as_hasher_t *hasher = plain_hasher();
    const char *one, *other;
    int stale = 1;

    ck_assert_int_eq(as_password_hash(hasher, "correct horse", NULL, &one, pool), APR_SUCCESS);
    ck_assert_int_eq(as_password_hash(hasher, "correct horse", NULL, &other, pool), APR_SUCCESS);
    ck_assert_str_ne(one, other);
    ck_assert_int_eq(as_password_verify(hasher, one, "correct horse", &stale), APR_SUCCESS);
    ck_assert_int_eq(stale, 0);
    ck_assert_int_eq(as_password_verify(hasher, other, "correct horse", NULL), APR_SUCCESS);
    ck_assert_int_eq(as_password_verify(hasher, other, "Correct horse", NULL), AS_ENO);
}
END_TEST

START_TEST(like_makes_equal_passwords_equal_strings)
{
    const as_argon2id_t older = { .memory = 32, .passes = 2, .lanes = 1 };
    as_hasher_t *hasher = plain_hasher();
    const char *stored = as_argon2id_hash(pool, &older, salt, "correct horse");
    const char *phc;

    ck_assert_int_eq(as_password_hash(hasher, "correct horse", stored, &phc, pool), APR_SUCCESS);
    ck_assert_str_eq(phc, stored);
    ck_assert_int_eq(as_password_hash(hasher, "correct hors", stored, &phc, pool), APR_SUCCESS);
    ck_assert_str_ne(phc, stored);
    ck_assert_int_eq(as_password_hash(hasher, "x", "$2y$10$abcdefg", &phc, pool), APR_SUCCESS);
    ck_assert_int_eq(strncmp(phc, "$argon2id$v=19$m=64,t=1,p=1$", 28), 0);
}
END_TEST

START_TEST(stale_tells_of_another_cost)
{
    const as_argon2id_t costs[] = { { 32, 1, 1 }, { 64, 2, 1 }, { 64, 1, 2 }, { 128, 4, 2 } };
    as_hasher_t *hasher = plain_hasher();

    for (size_t i = 0; i < sizeof(costs) / sizeof(costs[0]); i++) {
        const char *phc = as_argon2id_hash(pool, &costs[i], salt, "correct horse");
        int stale = 0;

        ck_assert_int_eq(as_password_verify(hasher, phc, "correct horse", &stale), APR_SUCCESS);
        ck_assert_int_eq(stale, 1);
        ck_assert_int_eq(as_password_verify(hasher, phc, "wrong", &stale), AS_ENO);
        ck_assert_int_eq(stale, 0);
    }
}
END_TEST

/* From crypt_blowfish and the SHA-crypt specification; the apr1 one is from OpenSSL. */
START_TEST(imported_hashes_are_read_and_stale)
{
    const struct {
        const char *phc, *password;
    } rows[] = {
        { "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
        { "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
        { "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U" },
        { "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5", "Hello world!" },
        { "$5$rounds=10000$saltstringsaltst$3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA",
          "Hello world!" },
        { "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEd"
          "FCoEOfaS35inz1", "Hello world!" },
        { "$apr1$r31aaaaa$b8n7wPJw4sF871Uxwz.M31", "Hello world!" },
        { "$1$abcdefgh$f4FAhCjxUf8AsFu5Ck2gF/", "secret-1" },
        { "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=", "test" },
        { "abhPa9xZj5ivU", "secret-1" },
    };
    as_hasher_t *hasher = plain_hasher();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int stale = 0;
        apr_status_t status = as_password_verify(hasher, rows[i].phc, rows[i].password, &stale);

        ck_assert_msg(status == APR_SUCCESS, "%s", rows[i].phc);
        ck_assert_int_eq(as_password_is_readable(rows[i].phc), 1);
        ck_assert_int_eq(stale, 1);
        ck_assert_int_eq(as_password_verify(hasher, rows[i].phc, "wrong", &stale), AS_ENO);
        ck_assert_int_eq(stale, 0);
    }
}
END_TEST

START_TEST(imported_hashes_beyond_their_bounds_are_faults)
{
    const char *rows[] = {
        "$2y$15$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2a$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$6$rounds=1000001$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl",
        "$5$rounds=99999999999999999999$saltstring$5B8vYYiY.CVt1RlTTf8K",
        "$6$rounds=-1$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl",
        "$2y$03$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2y$5$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOe",
        "$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeWW",
        "$5$rounds=999$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$5$rounds=$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$5$saltstringsaltstr$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$5$salt*string$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5",
        "$1$abcdefghi$f4FAhCjxUf8AsFu5Ck2gF/",
        "$1$abcdefgh$f4FAhCjxUf8AsFu5Ck2gF",
        "$apr1$r31aaaaa",
        "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$tnSYvahCwPBHKZUspmcxMfb0.WiB9W.zEaKlOBL35rC",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ==",
        "{SHA}5en6G6MezRroT3XKqkdPOmY/BfR=",
        "{SSHA}5en6G6MezRroT3XKqkdPOmY/BfQ=",
        "abhPa9xZj5ivV",
        "abhPa9xZj5iv",
        "abhPa9xZj5iv:U",
        "abhPa9xZj5-vU",
        "correct horse",
        "$2",
        "$",
        "",
    };
    as_hasher_t *hasher = plain_hasher();

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(as_password_verify(hasher, rows[i], "correct horse", NULL) == AS_EFAULT, "%s",
                      rows[i]);
        ck_assert_msg(!as_password_is_readable(rows[i]), "%s", rows[i]);
    }
}
END_TEST

START_TEST(unknown_accounts_are_hashed_once_and_refused)
{
    as_hasher_t *hasher = plain_hasher();
    const char *phc;
    int before, stale = 1;

    ck_assert_int_eq(as_password_hash(hasher, "correct horse", NULL, &phc, pool), APR_SUCCESS);
    before = hashing.total;
    ck_assert_int_eq(as_password_verify(hasher, phc, "wrong", NULL), AS_ENO);
    ck_assert_int_eq(hashing.total, before + 1);
    ck_assert_int_eq(as_password_verify(hasher, NULL, "correct horse", &stale), AS_ENO);
    ck_assert_int_eq(hashing.total, before + 2);
    ck_assert_int_eq(stale, 0);
}
END_TEST

START_TEST(wrong_guesses_at_other_hashes_cost_a_hash_too)
{
    const as_argon2id_t cheap = { .memory = 8, .passes = 1, .lanes = 1 };
    as_hasher_t *hasher = plain_hasher();
    const char *apr1 = "$apr1$r31aaaaa$b8n7wPJw4sF871Uxwz.M31";
    const char *old = as_argon2id_hash(pool, &cheap, salt, "correct horse");
    int before = hashing.total;

    ck_assert_int_eq(as_password_verify(hasher, apr1, "wrong", NULL), AS_ENO);
    ck_assert_int_eq(hashing.total, before + 1);
    ck_assert_int_eq(as_password_verify(hasher, old, "wrong", NULL), AS_ENO);
    ck_assert_int_eq(hashing.total, before + 3);
    ck_assert_int_eq(as_password_verify(hasher, "no hash at all", "wrong", NULL), AS_EFAULT);
    ck_assert_int_eq(hashing.total, before + 4);
    ck_assert_int_eq(as_password_verify(hasher, old, "correct horse", NULL), APR_SUCCESS);
    ck_assert_int_eq(hashing.total, before + 5);
}
END_TEST

START_TEST(a_hasher_that_cannot_hash_is_not_made)
{
    const as_argon2id_t impossible = { .memory = 64, .passes = 0, .lanes = 1 };
    as_hasher_t *hasher;

    ck_assert_int_eq(as_hasher_create(&hasher, &impossible, 1, 0, 0, pool), AS_EFAULT);
    ck_assert_ptr_null(hasher);
    ck_assert_int_ne(as_hasher_create(&hasher, &tiny, 0, 0, 0, pool), APR_SUCCESS);
    ck_assert_ptr_null(hasher);
}
END_TEST

typedef struct {
    as_hasher_t *hasher;
    const char *phc;
    int rounds;
    int right, busy, others;
} worker_t;

static void *verify_often(void *baton)
{
    worker_t *worker = baton;

    for (int i = 0; i < worker->rounds; i++) {
        apr_status_t status = as_password_verify(worker->hasher, worker->phc, "correct horse",
                                                 NULL);

        worker->right += status == APR_SUCCESS;
        worker->busy += status == AS_EBUSY;
        worker->others += status != APR_SUCCESS && status != AS_EBUSY;
    }
    return NULL;
}

#define THREADS 8
#define ROUNDS 25

START_TEST(never_more_than_the_slots_hash_at_once)
{
    const as_argon2id_t cost = { .memory = 1024, .passes = 1, .lanes = 1 };
    as_hasher_t *hasher = hasher_of(&cost, 2, THREADS, 60 * APR_USEC_PER_SEC);
    const char *phc = as_argon2id_hash(pool, &cost, salt, "correct horse");
    worker_t workers[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker_t){ .hasher = hasher, .phc = phc, .rounds = ROUNDS };
        ck_assert_int_eq(pthread_create(&threads[i], NULL, verify_often, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        ck_assert_int_eq(workers[i].right, ROUNDS);
    }
    ck_assert_int_eq(hashing.most, 2);
}
END_TEST

static void hold(int on)
{
    pthread_mutex_lock(&hashing.mutex);
    hashing.hold = on;
    pthread_cond_broadcast(&hashing.changed);
    pthread_mutex_unlock(&hashing.mutex);
}

static void wait_until_one_hashes(void)
{
    pthread_mutex_lock(&hashing.mutex);
    while (hashing.inside == 0) {
        pthread_cond_wait(&hashing.changed, &hashing.mutex);
    }
    pthread_mutex_unlock(&hashing.mutex);
}

/* While one thread is held inside: nobody may wait in the first row, one may for a moment in the
 * second.
 */
START_TEST(beyond_the_slots_it_is_busy)
{
    const apr_interval_time_t waits[] = { 0, 50000 };

    for (int waiting = 0; waiting < 2; waiting++) {
        as_hasher_t *hasher = hasher_of(&tiny, 1, waiting, waits[waiting]);
        const char *phc = as_argon2id_hash(pool, &tiny, salt, "correct horse");
        worker_t worker = { .hasher = hasher, .phc = phc, .rounds = 1 };
        apr_time_t began;
        pthread_t thread;
        int stale = 1;

        hold(1);
        ck_assert_int_eq(pthread_create(&thread, NULL, verify_often, &worker), 0);
        wait_until_one_hashes();
        began = apr_time_now();
        ck_assert_int_eq(as_password_verify(hasher, phc, "correct horse", &stale), AS_EBUSY);
        ck_assert_int_ge(apr_time_now() - began, waits[waiting] / 2);
        ck_assert_int_eq(stale, 0);
        ck_assert_int_eq(as_password_verify(hasher, NULL, "correct horse", NULL), AS_EBUSY);
        ck_assert_int_eq(as_password_hash(hasher, "correct horse", NULL, &phc, pool), AS_EBUSY);
        ck_assert_ptr_null(phc);
        hold(0);
        pthread_join(thread, NULL);
        ck_assert_int_eq(worker.right, 1);
        ck_assert_int_eq(as_password_hash(hasher, "correct horse", NULL, &phc, pool), APR_SUCCESS);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("password");
    TCase *argon2id = unit_case(suite, "argon2id");
    TCase *passwords = unit_case(suite, "passwords");
    TCase *costs = unit_case(suite, "costs");
    TCase *threads = unit_case(suite, "threads");

    tcase_set_timeout(threads, 60);
    tcase_add_test(argon2id, costs_are_read_over_the_defaults);
    tcase_add_test(argon2id, wrong_costs_are_named);
    tcase_add_test(argon2id, what_is_hashed_is_verified_and_read);
    tcase_add_test(argon2id, a_published_string_is_verified_but_not_ours);
    tcase_add_test(argon2id, strings_beyond_form_or_bounds_are_faults);
    tcase_add_test(passwords, passwords_are_hashed_with_a_salt_of_their_own);
    tcase_add_test(passwords, like_makes_equal_passwords_equal_strings);
    tcase_add_test(passwords, stale_tells_of_another_cost);
    tcase_add_test(passwords, imported_hashes_are_read_and_stale);
    tcase_add_test(passwords, imported_hashes_beyond_their_bounds_are_faults);
    tcase_add_test(costs, unknown_accounts_are_hashed_once_and_refused);
    tcase_add_test(costs, wrong_guesses_at_other_hashes_cost_a_hash_too);
    tcase_add_test(costs, a_hasher_that_cannot_hash_is_not_made);
    tcase_add_test(threads, never_more_than_the_slots_hash_at_once);
    tcase_add_test(threads, beyond_the_slots_it_is_busy);
    return unit_run(suite);
}
