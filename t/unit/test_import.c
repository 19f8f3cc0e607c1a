/* SPDX-License-Identifier: Apache-2.0
 * Files of accounts: records of lines and CSV, what each format says, and runs that stop and go on.
 * Run by make check.
 */
#include "unit.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "ops/signup.h"
#include "ops/import.h"
#include "service.h"

#define SHA1 "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M="
#define DES "abhPa9xZj5ivU"

static apr_file_t *file_of(const char *text, apr_size_t len)
{
    const char *path = apr_pstrcat(pool, fresh_folder(), "/file", NULL);
    apr_off_t start = 0;
    apr_file_t *file;

    apr_pool_pre_cleanup_register(pool, apr_pstrndup(pool, path, strlen(path) - 5), remove_folder);
    ck_assert_int_eq(apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_WRITE | APR_FOPEN_CREATE,
                                   APR_OS_DEFAULT, pool), APR_SUCCESS);
    ck_assert_int_eq(apr_file_write_full(file, text, len, NULL), APR_SUCCESS);
    ck_assert_int_eq(apr_file_seek(file, APR_SET, &start), APR_SUCCESS);
    return file;
}

/* ---- records ---- */

/* All records as "LINE text" or "LINE ! why", joined by "|". */
static const char *records_in(const char *text, apr_size_t len, int quoted)
{
    as_records_t *records = as_records_create(file_of(text, len), (apr_int64_t)len, pool);
    const char *out = "", *gap = "";
    as_record_t record;

    while (as_record_next(records, quoted, &record) == APR_SUCCESS) {
        out = apr_psprintf(pool, "%s%s%d %s%s", out, gap, (int)record.line,
                           record.wrong ? "! " : "", record.wrong ? record.wrong : record.text);
        gap = "|";
    }
    ck_assert(as_records_offset(records) == (apr_int64_t)len);
    return out;
}

#define AS_READ(text, quoted) records_in(text, sizeof(text) - 1, quoted)

START_TEST(lines_end_in_any_way)
{
    ck_assert_str_eq(AS_READ("", 0), "");
    ck_assert_str_eq(AS_READ("a\nb\n", 0), "1 a|2 b");
    ck_assert_str_eq(AS_READ("a\r\nb", 0), "1 a|2 b");
    ck_assert_str_eq(AS_READ("\xef\xbb\xbf" "a\n\n\r\nb\r", 0), "1 a|2 |3 |4 b");
    ck_assert_str_eq(AS_READ("\xef\xbb\xbf", 0), "");
    ck_assert_str_eq(AS_READ("a\n\xef\xbb\xbf" "b\n", 0), "1 a|2 \xef\xbb\xbf" "b");
}
END_TEST

START_TEST(lines_that_cannot_be_read_are_told)
{
    ck_assert_str_eq(AS_READ("a\0b\nc", 0), "1 ! it holds a NUL octet|2 c");
    ck_assert_str_eq(AS_READ("\xff\nc\n\xc3", 0), "1 ! it is not UTF-8|2 c|3 ! it is not UTF-8");
}
END_TEST

static const char *filled_line(apr_size_t len, const char *rest)
{
    char *text = apr_palloc(pool, len + strlen(rest) + 1);

    memset(text, 'x', len);
    memcpy(text + len, rest, strlen(rest) + 1);
    return text;
}

START_TEST(lines_have_a_greatest_length)
{
    const struct {
        apr_size_t len;
        const char *rest, *said;
    } rows[] = {
        { AS_RECORD_MAX, "\nb", "2 b" },
        { AS_RECORD_MAX, "\r\nb", "2 b" },
        { AS_RECORD_MAX + 2, "\nb\n", "1 ! it is longer than 64 KiB|2 b" },
        { 10 * AS_RECORD_MAX, "\nb", "1 ! it is longer than 64 KiB|2 b" },
        { 10 * AS_RECORD_MAX, "", "1 ! it is longer than 64 KiB" },
    };

    for (int quoted = 0; quoted < 2; quoted++) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            const char *text = filled_line(rows[i].len, rows[i].rest);
            const char *got = records_in(text, strlen(text), quoted);

            ck_assert_str_eq(i < 2 ? strchr(got, '|') + 1 : got, rows[i].said);
        }
    }
}
END_TEST

START_TEST(quoted_fields_hold_anything)
{
    ck_assert_str_eq(AS_READ("a,\"b\nc\"\nd", 1), "1 a,\"b\nc\"|3 d");
    ck_assert_str_eq(AS_READ("\"a\"\"\n,\"\r\nb", 1), "1 \"a\"\"\n,\"|3 b");
    ck_assert_str_eq(AS_READ("\"\"\n\"\"\"\"\n", 1), "1 \"\"|2 \"\"\"\"");
}
END_TEST

START_TEST(a_bad_quote_costs_its_line_alone)
{
    ck_assert_str_eq(AS_READ("a,\"b\nc\nd", 1), "1 ! a quote is not closed|2 c|3 d");
    ck_assert_str_eq(AS_READ("a,\"b\"x\nc", 1), "1 ! text follows a field's closing quote|2 c");
    ck_assert_str_eq(AS_READ("a\"b\nc", 1), "1 ! a quote stands inside a field without quotes|2 c");
    ck_assert_str_eq(AS_READ("\"a\nb\"c\nd", 1),
                     "1 ! text follows a field's closing quote"
                     "|2 ! a quote stands inside a field without quotes|3 d");
}
END_TEST

START_TEST(an_open_quote_in_a_long_file_costs_its_line)
{
    const char *text = apr_pstrcat(pool, "\"a\n", filled_line(40000, "\n"),
                                   filled_line(40000, "\nlast"), NULL);
    const char *got = records_in(text, strlen(text), 1);

    ck_assert_int_eq(strncmp(got, "1 ! ", 4), 0);
    ck_assert_ptr_nonnull(strstr(got, "|2 xxx"));
    ck_assert_ptr_nonnull(strstr(got, "|4 last"));
}
END_TEST

START_TEST(reading_goes_on_at_an_offset)
{
    static const char text[] = "a\nb\nc\nd";
    apr_file_t *file = file_of(text, sizeof text - 1);
    as_records_t *records = as_records_create(file, sizeof text - 1, pool);
    as_record_t record;

    ck_assert_int_eq(as_record_next(records, 0, &record), APR_SUCCESS);
    ck_assert_int_eq(as_records_skip(records, 4), APR_SUCCESS);
    ck_assert_int_eq(as_record_next(records, 0, &record), APR_SUCCESS);
    ck_assert_str_eq(record.text, "c");
    ck_assert(record.line == 3);
    ck_assert_int_ne(as_records_skip(records, 100), APR_SUCCESS);
}
END_TEST

START_TEST(a_file_that_shrinks_is_told)
{
    as_records_t *records = as_records_create(file_of("a\n", 2), 10, pool);
    as_record_t record;

    ck_assert(APR_STATUS_IS_EINCOMPLETE(as_record_next(records, 0, &record)));
}
END_TEST

START_TEST(csv_is_split)
{
    const struct {
        const char *record, *fields;
        int n;
    } rows[] = {
        { "", "", 1 },
        { "a", "a", 1 },
        { "a,b,", "a|b|", 3 },
        { ",,", "||", 3 },
        { "\"a,b\",c", "a,b|c", 2 },
        { "\"a \"\"b\"\"\",\"\"", "a \"b\"|", 2 },
        { "\"\"\"\"", "\"", 1 },
        { "a,b,c,d", "a|b|c", 4 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *fields[3];
        int n = as_csv_split(apr_pstrdup(pool, rows[i].record), fields, 3);
        const char *joined = fields[0];

        ck_assert_int_eq(n, rows[i].n);
        for (int k = 1; k < n && k < 3; k++) {
            joined = apr_pstrcat(pool, joined, "|", fields[k], NULL);
        }
        ck_assert_str_eq(joined, rows[i].fields);
    }
}
END_TEST

/* ---- entries ---- */

#define NOW APR_INT64_C(1900000000000000)

/* "email phone hash first last proofs" of a record, "nothing", or why it is refused. */
static const char *said_by(as_layout_t *layout, const char *text)
{
    const as_record_t record = { .text = apr_pstrdup(pool, text), .line = 1 };
    as_account_t a;
    const char *wrong = as_entry_read(layout, &record, &a, NOW, pool);

    if (wrong) {
        return wrong;
    }
    return a.email || a.phone
               ? apr_psprintf(pool, "%s %s %s %s %s %d%d", a.email ? a.email : "-",
                              a.phone ? a.phone : "-", a.password ? a.password : "-",
                              a.first_name ? a.first_name : "-", a.last_name ? a.last_name : "-",
                              (int)a.email_proven, (int)a.phone_proven)
               : "nothing";
}

static as_layout_t layout_of(const char *format, const char *header)
{
    as_layout_t layout = { .format = as_format_find(format), .pool = pool };

    if (header) {
        ck_assert_ptr_null(as_layout_header(&layout, apr_pstrdup(pool, header)));
    }
    return layout;
}

START_TEST(htpasswd_lines_are_read)
{
    as_layout_t layout = layout_of("htpasswd", NULL);

    ck_assert_str_eq(said_by(&layout, "Ann@Example.com:" SHA1),
                     "ann@example.com - " SHA1 " - - 10");
    ck_assert_str_eq(said_by(&layout, "0049 171 1234567:" DES ":rest"),
                     "- +491711234567 " DES " - - 01");
    ck_assert_str_eq(said_by(&layout, "ann@example.com:"), "ann@example.com - - - - 10");
    ck_assert_str_eq(said_by(&layout, "# ann@example.com"), "nothing");
    ck_assert_str_eq(said_by(&layout, " \t"), "nothing");
    ck_assert_str_eq(said_by(&layout, "ann@example.com"), "there is no colon after the name");
    ck_assert_str_eq(said_by(&layout, "ann:" SHA1),
                     "that is no phone number (+ and 8 to 15 digits)");
    ck_assert_str_eq(said_by(&layout, "a@b:" SHA1), "that is no e-mail address");
    ck_assert_str_eq(said_by(&layout, "ann@example.com:secret-1"),
                     "its password is no hash of a known kind");
}
END_TEST

START_TEST(csv_records_are_read)
{
    as_layout_t layout = layout_of("csv", "Phone,x,email,password_hash,first_name,last_name,"
                                          "email_verified");

    ck_assert_str_eq(layout.stranger, "x");
    ck_assert_str_eq(said_by(&layout, ",,ann@example.com," DES ",\"Ann \"\"A\"\"\",Archer,"),
                     "ann@example.com - " DES " Ann \"A\" Archer 10");
    ck_assert_str_eq(said_by(&layout, "+4917112345678,,ann@example.com,,,,FALSE"),
                     "ann@example.com +4917112345678 - - - 01");
    ck_assert_str_eq(said_by(&layout, ",,,,,,"),
                     "it names neither an e-mail address nor a phone number");
    ck_assert_str_eq(said_by(&layout, "a,b"), "it has fewer fields than the header");
    ck_assert_str_eq(said_by(&layout, ",,,,,,,"), "it has more fields than the header");
    ck_assert_str_eq(said_by(&layout, ",,ann@example.com,,,,maybe"),
                     "email_verified is neither true nor false");
    ck_assert_str_eq(said_by(&layout, ",,ann@example.com,,a\tb,,"),
                     "first_name holds a control character");
}
END_TEST

START_TEST(wrong_headers_are_told)
{
    as_layout_t layout = { .format = as_format_find("csv"), .pool = pool };
    char *wide = apr_palloc(pool, AS_COLUMNS_MAX + 1);

    memset(wide, ',', AS_COLUMNS_MAX);
    wide[AS_COLUMNS_MAX] = '\0';
    ck_assert_str_eq(as_layout_header(&layout, apr_pstrdup(pool, "a,b")),
                     "the header names neither email nor phone");
    ck_assert_str_eq(as_layout_header(&layout, apr_pstrdup(pool, "email,EMAIL")),
                     "the header names email twice");
    ck_assert_str_eq(as_layout_header(&layout, wide),
                     "there are more columns than can be read");
}
END_TEST

START_TEST(json_lines_are_read)
{
    as_layout_t layout = layout_of("jsonl", NULL);

    ck_assert_str_eq(said_by(&layout, "{\"email\":\"ann@example.com\",\"phone\":null,"
                                      "\"first_name\":\"\\u00c4nn\",\"email_verified\":false}"),
                     "ann@example.com - - \xc3\x84nn - 00");
    ck_assert_ptr_null(layout.stranger);
    ck_assert_str_eq(said_by(&layout, "{\"phone\":\"+4917112345678\",\"passwordHash\":\"x\"}"),
                     "- +4917112345678 - - - 01");
    ck_assert_str_eq(layout.stranger, "passwordHash");
    ck_assert_str_eq(said_by(&layout, "{\"email\":5}"), "email is no string");
    ck_assert_str_eq(said_by(&layout, "{\"email\":\"a@example.com\",\"first_name\":true}"),
                     "first_name is no string");
    ck_assert_str_eq(said_by(&layout, "[]"), "it is no JSON object");
    ck_assert_str_eq(said_by(&layout, "{\"email\":\"a@example.com\",\"email\":\"b@example.com\"}"),
                     "it is no JSON object");
    ck_assert_str_eq(said_by(&layout, "{}"),
                     "it names neither an e-mail address nor a phone number");
    ck_assert_str_eq(said_by(&layout, ""), "nothing");
}
END_TEST

/* A name of so many code points. */
static const char *with_name(int points)
{
    char *name = apr_palloc(pool, 2 * points + 1);

    for (int i = 0; i < points; i++) {
        memcpy(name + 2 * i, "\xc3\xa4", 2);
    }
    name[2 * points] = '\0';
    return apr_pstrcat(pool, "a@example.com,", name, NULL);
}

START_TEST(names_have_a_greatest_length)
{
    as_layout_t layout = layout_of("csv", "email,last_name");

    ck_assert_ptr_nonnull(strstr(said_by(&layout, with_name(255)), "a@example.com"));
    ck_assert_str_eq(said_by(&layout, with_name(256)), "last_name is longer than 255 characters");
}
END_TEST

START_TEST(times_of_creation_are_read)
{
    as_layout_t layout = layout_of("csv", "email,created_at");
    const struct {
        const char *text;
        apr_int64_t at; /* 0: refused */
    } rows[] = {
        { "", NOW },
        { "1970-01-01T00:00:00Z", 1 }, /* stands for 0 */
        { "2000-02-29T12:00:00.25+02:00", APR_INT64_C(951818400250000) },
        { "2000-02-29 12:00:00z", APR_INT64_C(951825600000000) },
        { "2100-01-01T00:00:00Z", 0 },  { "2001-02-29T00:00:00Z", 0 },
        { "2000-01-01T24:00:00Z", 0 },  { "2000-01-01T00:00:00", 0 },
        { "2000-01-01T00:00:00.Z", 0 }, { "2000-13-01T00:00:00Z", 0 },
        { "2000-01-01", 0 },            { "2000-01-01T00:00:00+24:00", 0 },
        { "1969-12-31T00:00:00Z", 0 },  { "2000-01-01T00:00:00Zx", 0 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const as_record_t record = {
            .text = apr_pstrcat(pool, "a@example.com,", rows[i].text, NULL)
        };
        as_account_t account;
        const char *wrong = as_entry_read(&layout, &record, &account, NOW, pool);

        ck_assert_msg(!wrong == (rows[i].at != 0), "%s: %s", rows[i].text, wrong);
        ck_assert_msg(wrong || account.created_at == (rows[i].at == 1 ? 0 : rows[i].at), "%s",
                      rows[i].text);
    }
}
END_TEST

START_TEST(formats_are_guessed)
{
    const struct {
        const char *path, *record, *format;
    } rows[] = {
        { "users.csv", "a:b", "csv" },
        { "users.JSONL", NULL, "jsonl" },
        { "users.ndjson", "", "jsonl" },
        { "/etc/apache2/.htpasswd", "", "htpasswd" },
        { "users", "{\"email\":\"a@example.com\"}", "jsonl" },
        { "users", "ann@example.com:x", "htpasswd" },
        { "users", "# people", "htpasswd" },
        { "users", "email,phone", "csv" },
        { "users", "email", NULL },
        { "users", NULL, NULL },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const as_format_t *format = as_format_guess(rows[i].path, rows[i].record);

        ck_assert_pstr_eq(format ? as_format_name(format) : NULL, rows[i].format);
    }
}
END_TEST

/* ---- runs ---- */

typedef struct {
    as_import_in_t in;
    as_import_run_t run;
    const char *told;
    int progress;        /* calls */
    apr_file_t *shrinks; /* cut off after the first batch, so that the run ends there */
    void (*between)(void); /* done after the first batch, once */
} run_t;

static void tell(void *baton, apr_int64_t line, const char *what, int refused)
{
    run_t *r = baton;

    r->told = apr_psprintf(pool, "%s%d%s %s\n", r->told, (int)line, refused ? "" : "?", what);
}

static void progress(void *baton, const as_import_run_t *run)
{
    run_t *r = baton;

    if (run->done.imported && r->shrinks) {
        apr_file_trunc(r->shrinks, 1);
    }
    if (run->done.imported && r->between) {
        void (*between)(void) = r->between;

        r->between = NULL;
        between();
    }
    r->progress++;
}

static as_code_t import(world_t *world, run_t *r, const char *format, const char *text)
{
    as_ctx_t ctx = ctx_of(world);

    r->in.file = file_of(text, strlen(text));
    r->in.format = as_format_find(format);
    r->in.tell = tell;
    r->in.progress = progress;
    r->in.baton = r;
    r->told = "";
    r->shrinks = r->shrinks ? r->in.file : NULL;
    return as_import(&ctx, &r->in, &r->run).code;
}

static apr_status_t count(as_db_t *db, void *baton, apr_pool_t *p)
{
    as_rows_t rows;
    apr_status_t status = as_db_select(db, AS_SQL_ACCOUNT_COUNT, &rows, p, AS_NO_ARGS);

    *(int *)baton = (int)as_rows_integer(&rows, 0, 0);
    return status;
}

static int accounts_in(world_t *world)
{
    int n = -1;

    ck_assert_int_eq(as_store_read(world->service.store, count, &n, pool), APR_SUCCESS);
    return n;
}

#define AS_COUNTS(r, a, b, c) \
    ck_assert_msg((r).run.done.imported == (a) && (r).run.done.existing == (b) \
                      && (r).run.done.refused == (c), \
                  "%d %d %d", (int)(r).run.done.imported, (int)(r).run.done.existing, \
                  (int)(r).run.done.refused)

static const char people[] = "ann@example.com:" SHA1 "\n# nobody\nbob\nANN@example.com:" DES "\n"
                             "+4917112345678:" DES;

START_TEST(a_file_is_imported_once)
{
    world_t *world = world_create();
    run_t r = { .told = "" };

    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 2, 1, 1);
    ck_assert_str_eq(r.told, "3 there is no colon after the name\n");
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    ck_assert_int_eq(r.run.finished, 1);
    AS_COUNTS(r, 2, 1, 1);
    ck_assert_str_eq(r.told, "");
    r.in.again = 1;
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    ck_assert_int_eq(r.run.finished, 0);
    AS_COUNTS(r, 0, 3, 1);
    ck_assert_int_eq(accounts_in(world), 2);
}
END_TEST

START_TEST(a_dry_run_changes_nothing)
{
    world_t *world = world_create();
    run_t r = { .in.dry = 1 };

    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 3, 0, 1); /* the same twice is not seen, for nothing was written */
    ck_assert_int_eq(accounts_in(world), 0);
    r.in.dry = 0;
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 2, 1, 1);
    r.in.dry = 1;
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 0, 3, 1);
}
END_TEST

START_TEST(the_same_file_of_another_format_is_another)
{
    world_t *world = world_create();
    run_t r = { .told = "" };

    ck_assert_int_eq(import(world, &r, "jsonl", people), AS_OK);
    ck_assert(r.run.done.imported == 0 && r.run.done.refused == 5);
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 2, 1, 1);
}
END_TEST

START_TEST(files_without_accounts_are_done)
{
    world_t *world = world_create();
    run_t r = { .told = "" };

    ck_assert_int_eq(import(world, &r, "htpasswd", ""), AS_OK);
    ck_assert_int_eq(import(world, &r, "htpasswd", ""), AS_OK);
    ck_assert_int_eq(r.run.finished, 1);
    ck_assert_int_eq(import(world, &r, "csv", ""), AS_INVALID);
    ck_assert_int_eq(import(world, &r, "csv", "name,age\nann,20\n"), AS_INVALID);
    ck_assert_str_eq(r.told, "1 the header names neither email nor phone\n");
}
END_TEST

/* More than a batch holds. */
static const char *crowd(int n)
{
    char *text = apr_palloc(pool, 40 * n + 40), *at;

    at = apr_cpystrn(text, "email,x\n", 40);
    for (int i = 0; i < n; i++) {
        at += apr_snprintf(at, 40, "u%d@example.com,x\n", i);
    }
    return text;
}

START_TEST(a_run_that_was_ended_goes_on)
{
    world_t *world = world_create();
    const char *text = crowd(20000);
    run_t r = { .told = "" };
    int before;

    r.shrinks = r.in.file = file_of("", 0);
    ck_assert_int_eq(import(world, &r, "csv", text), AS_INVALID);
    before = accounts_in(world);
    ck_assert(before > 0 && before < 20000 && before == r.run.done.imported);
    r.shrinks = NULL;
    ck_assert_int_eq(import(world, &r, "csv", text), AS_OK);
    ck_assert_int_eq(r.run.begun, 1);
    AS_COUNTS(r, 20000, 0, 0);
    ck_assert_int_eq(accounts_in(world), 20000);
}
END_TEST

static world_t *shared;
static const char *shared_text;

static void import_it_too(void)
{
    run_t r = { .told = "" };

    ck_assert_int_eq(import(shared, &r, "csv", shared_text), AS_OK);
    ck_assert_int_eq(r.run.begun, 1);
    AS_COUNTS(r, 2000, 0, 0);
}

START_TEST(two_runs_of_a_file_do_not_mix)
{
    run_t r = { .between = import_it_too };

    shared = world_create();
    shared_text = crowd(2000);
    ck_assert_int_eq(import(shared, &r, "csv", shared_text), AS_INVALID);
    AS_COUNTS(r, 500, 0, 0);
    ck_assert_int_eq(accounts_in(shared), 2000);
}
END_TEST

START_TEST(full_batches_end_as_others_do)
{
    world_t *world = world_create();
    run_t r = { .told = "" };

    ck_assert_int_eq(import(world, &r, "csv", crowd(500)), AS_OK);
    ck_assert_int_eq(r.progress, 2);
    AS_COUNTS(r, 500, 0, 0);
    ck_assert_int_eq(import(world, &r, "csv", crowd(501)), AS_OK);
    AS_COUNTS(r, 1, 500, 0);
    ck_assert_int_eq(r.progress, 5);
}
END_TEST

START_TEST(a_sign_up_that_waits_is_ended)
{
    world_t *world = world_create();
    as_ctx_t ctx = ctx_of(world);
    as_code_sent_t sent;
    const as_register_in_t in = { .address = "ann@example.com", .password = "secret-1" };
    as_verify_in_t verify = { .address = "ann@example.com" };
    run_t r = { .told = "" };

    ck_assert_int_eq(as_register(&ctx, &in, &sent).code, AS_OK);
    verify.code = read_code(world);
    ck_assert_int_eq(import(world, &r, "htpasswd", people), AS_OK);
    AS_COUNTS(r, 2, 1, 1);
    ck_assert_int_eq(as_verify(&ctx, &verify, NULL).code, AS_CODE_WRONG);
    ck_assert_int_eq(accounts_in(world), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("import");
    TCase *records = unit_case(suite, "records");
    TCase *entries = unit_case(suite, "entries");
    TCase *runs = unit_case(suite, "runs");

    tcase_set_timeout(runs, 60);
    tcase_add_test(records, lines_end_in_any_way);
    tcase_add_test(records, lines_that_cannot_be_read_are_told);
    tcase_add_test(records, lines_have_a_greatest_length);
    tcase_add_test(records, quoted_fields_hold_anything);
    tcase_add_test(records, a_bad_quote_costs_its_line_alone);
    tcase_add_test(records, an_open_quote_in_a_long_file_costs_its_line);
    tcase_add_test(records, reading_goes_on_at_an_offset);
    tcase_add_test(records, a_file_that_shrinks_is_told);
    tcase_add_test(records, csv_is_split);
    tcase_add_test(entries, htpasswd_lines_are_read);
    tcase_add_test(entries, csv_records_are_read);
    tcase_add_test(entries, wrong_headers_are_told);
    tcase_add_test(entries, json_lines_are_read);
    tcase_add_test(entries, names_have_a_greatest_length);
    tcase_add_test(entries, times_of_creation_are_read);
    tcase_add_test(entries, formats_are_guessed);
    tcase_add_test(runs, a_file_is_imported_once);
    tcase_add_test(runs, a_dry_run_changes_nothing);
    tcase_add_test(runs, the_same_file_of_another_format_is_another);
    tcase_add_test(runs, files_without_accounts_are_done);
    tcase_add_test(runs, a_run_that_was_ended_goes_on);
    tcase_add_test(runs, two_runs_of_a_file_do_not_mix);
    tcase_add_test(runs, full_batches_end_as_others_do);
    tcase_add_test(runs, a_sign_up_that_waits_is_ended);
    return unit_run(suite);
}
