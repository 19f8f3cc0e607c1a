/* SPDX-License-Identifier: Apache-2.0
 * Records of files of accounts. See entries.h.
 */
#include "ops/entries.h"

#include <string.h>

#include <apr_strings.h>

#include "base/json.h"
#include "base/text.h"
#include "crypto/password.h"

#define NAME_POINTS 255 /* what the database's columns take */
#define HASH_MAX 255

/* A record's fields; NULL where it says nothing. */
typedef struct {
    const char *text[AS_FIELDS];
} fields_t;

/* Takes a record apart. NULL, or why it is refused. */
typedef const char *(*split_fn)(as_layout_t *layout, char *record, fields_t *fields,
                                apr_pool_t *pool);

struct as_format_t {
    const char *name;
    int has_header;
    char comment; /* opens a line that says nothing; 0: none does */
    const char *const *endings; /* of a file's name, or parts of it */
    split_fn split;
};

/* Ends with NULL for as_json_other. */
static const char *const names[AS_FIELDS + 1] = {
    [AS_FIELD_EMAIL] = "email",
    [AS_FIELD_PHONE] = "phone",
    [AS_FIELD_HASH] = "password_hash",
    [AS_FIELD_FIRST_NAME] = "first_name",
    [AS_FIELD_LAST_NAME] = "last_name",
    [AS_FIELD_VERIFIED] = "email_verified",
    [AS_FIELD_CREATED] = "created_at",
};

static const char *filled(const char *text)
{
    return text && *text ? text : NULL;
}

/* ---- formats ---- */

/* As mod_authn_file reads them: what follows a second colon is no part of the hash. */
static const char *split_htpasswd(as_layout_t *layout, char *record, fields_t *fields,
                                  apr_pool_t *pool)
{
    char *colon = strchr(record, ':');

    (void)layout;
    (void)pool;
    if (!colon) {
        return "there is no colon after the name";
    }
    *colon = '\0';
    colon[1 + strcspn(colon + 1, ":")] = '\0';
    fields->text[strchr(record, '@') ? AS_FIELD_EMAIL : AS_FIELD_PHONE] = record;
    fields->text[AS_FIELD_HASH] = colon + 1;
    return NULL;
}

static const char *split_csv(as_layout_t *layout, char *record, fields_t *fields, apr_pool_t *pool)
{
    char *cells[AS_COLUMNS_MAX];
    int n = as_csv_split(record, cells, AS_COLUMNS_MAX);

    if (n != layout->columns) {
        return apr_psprintf(pool, "it has %s fields than the header", n < layout->columns ? "fewer"
                                                                                         : "more");
    }
    for (int i = 0; i < AS_FIELDS; i++) {
        fields->text[i] = layout->column[i] < 0 ? NULL : cells[layout->column[i]];
    }
    return NULL;
}

static const char *split_json(as_layout_t *layout, char *record, fields_t *fields,
                              apr_pool_t *pool)
{
    const as_json_t *object = as_json_parse(pool, record, strlen(record), NULL);
    const char *stranger;

    if (!as_json_is_object(object)) {
        return "it is no JSON object";
    }
    for (int i = 0; i < AS_FIELDS; i++) {
        const as_json_t *member = as_json_get(object, names[i]);
        int truth;

        if (!member || as_json_is_null(member)) {
            continue;
        }
        fields->text[i] = i == AS_FIELD_VERIFIED && as_json_boolean(member, &truth)
                              ? truth ? "true" : "false"
                              : as_json_string(member);
        if (!fields->text[i]) {
            return apr_psprintf(pool, "%s is no string", names[i]);
        }
    }
    stranger = layout->stranger ? NULL : as_json_other(object, names);
    layout->stranger = stranger ? apr_pstrdup(layout->pool, stranger) : layout->stranger;
    return NULL;
}

static const as_format_t formats[] = {
    { "htpasswd", 0, '#', (const char *const[]){ "htpasswd", NULL }, split_htpasswd },
    { "csv", 1, 0, (const char *const[]){ ".csv", NULL }, split_csv },
    { "jsonl", 0, 0, (const char *const[]){ ".jsonl", ".ndjson", NULL }, split_json },
};

#define FORMATS (int)(sizeof formats / sizeof *formats)

const as_format_t *as_format_find(const char *name)
{
    for (int i = 0; i < FORMATS; i++) {
        if (strcmp(formats[i].name, name) == 0) {
            return &formats[i];
        }
    }
    return NULL;
}

const char *as_format_names(apr_pool_t *pool)
{
    const char *all = formats[0].name;

    for (int i = 1; i < FORMATS; i++) {
        all = apr_pstrcat(pool, all, ", ", formats[i].name, NULL);
    }
    return all;
}

const char *as_format_name(const as_format_t *format)
{
    return format->name;
}

int as_format_has_header(const as_format_t *format)
{
    return format->has_header;
}

static int ends_in(const char *text, const char *end)
{
    apr_size_t len = strlen(text), of_end = strlen(end);

    return len >= of_end && strcasecmp(text + len - of_end, end) == 0;
}

const as_format_t *as_format_guess(const char *path, const char *record)
{
    for (int i = 0; i < FORMATS; i++) {
        for (const char *const *ending = formats[i].endings; *ending; ending++) {
            if (ends_in(path, *ending)) {
                return &formats[i];
            }
        }
    }
    if (!record || !*record) {
        return NULL;
    }
    if (*record == '{') {
        return as_format_find("jsonl");
    }
    return strchr(record, ':') || *record == '#' ? as_format_find("htpasswd")
           : strchr(record, ',') ? as_format_find("csv")
                                 : NULL;
}

/* ---- the header of CSV ---- */

static int field_of(const char *name)
{
    int i = 0;

    while (i < AS_FIELDS && strcasecmp(names[i], name) != 0) {
        i++;
    }
    return i;
}

const char *as_layout_header(as_layout_t *layout, char *record)
{
    char *cells[AS_COLUMNS_MAX];
    int n = as_csv_split(record, cells, AS_COLUMNS_MAX);

    for (int i = 0; i < AS_FIELDS; i++) {
        layout->column[i] = -1;
    }
    if (n > AS_COLUMNS_MAX) {
        return "there are more columns than can be read";
    }
    for (int i = 0; i < n; i++) {
        int field = field_of(cells[i]);

        if (field == AS_FIELDS) {
            layout->stranger = apr_pstrcat(layout->pool, layout->stranger ? layout->stranger : "",
                                           layout->stranger ? ", " : "", cells[i], NULL);
        } else if (layout->column[field] >= 0) {
            return apr_psprintf(layout->pool, "the header names %s twice", names[field]);
        } else {
            layout->column[field] = i;
        }
    }
    layout->columns = n;
    return layout->column[AS_FIELD_EMAIL] < 0 && layout->column[AS_FIELD_PHONE] < 0
               ? "the header names neither email nor phone"
               : NULL;
}

/* ---- from fields to an account ---- */

static const char *take_addresses(as_account_t *account, const fields_t *fields, apr_pool_t *pool)
{
    const char *email = filled(fields->text[AS_FIELD_EMAIL]);
    const char *phone = filled(fields->text[AS_FIELD_PHONE]);

    account->email = email ? as_text_email(pool, email) : NULL;
    account->phone = phone ? as_text_phone(pool, phone) : NULL;
    if (!email && !phone) {
        return "it names neither an e-mail address nor a phone number";
    }
    if (email && !account->email) {
        return "that is no e-mail address";
    }
    return phone && !account->phone ? "that is no phone number (+ and 8 to 15 digits)" : NULL;
}

static const char *take_hash(as_account_t *account, const fields_t *fields, apr_pool_t *pool)
{
    const char *hash = filled(fields->text[AS_FIELD_HASH]);

    if (hash && (strlen(hash) > HASH_MAX || !as_password_is_readable(hash))) {
        return "its password is no hash of a known kind";
    }
    account->password = hash ? apr_pstrdup(pool, hash) : NULL;
    return NULL;
}

static const char *take_name(const char **name, const char *text, const char *field,
                             apr_pool_t *pool)
{
    text = filled(text);
    if (text && as_text_has_control(text)) {
        return apr_psprintf(pool, "%s holds a control character", field);
    }
    if (text && as_text_points(text) > NAME_POINTS) {
        return apr_psprintf(pool, "%s is longer than %d characters", field, NAME_POINTS);
    }
    *name = text ? apr_pstrdup(pool, text) : NULL;
    return NULL;
}

static const char *take_names(as_account_t *account, const fields_t *fields, apr_pool_t *pool)
{
    const char *wrong = take_name(&account->first_name, fields->text[AS_FIELD_FIRST_NAME],
                                  names[AS_FIELD_FIRST_NAME], pool);

    return wrong ? wrong
                 : take_name(&account->last_name, fields->text[AS_FIELD_LAST_NAME],
                             names[AS_FIELD_LAST_NAME], pool);
}

static const char *take_proof(as_account_t *account, const fields_t *fields)
{
    static const struct {
        const char *word;
        int verified;
    } words[] = {
        { "true", 1 }, { "false", 0 }, { "yes", 1 }, { "no", 0 }, { "1", 1 }, { "0", 0 },
    };
    const char *text = filled(fields->text[AS_FIELD_VERIFIED]);

    account->email_proven = account->email != NULL;
    account->phone_proven = account->phone != NULL;
    if (!text) {
        return NULL;
    }
    for (apr_size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(words[i].word, text) == 0) {
            account->email_proven &= words[i].verified;
            return NULL;
        }
    }
    return "email_verified is neither true nor false";
}

static const char *take_creation(as_account_t *account, const fields_t *fields, apr_int64_t now)
{
    const char *text = filled(fields->text[AS_FIELD_CREATED]);

    account->created_at = now;
    if (!text) {
        return NULL;
    }
    if (!as_text_instant(text, &account->created_at)) {
        return "created_at is no time such as 2026-01-31T12:00:00Z";
    }
    return account->created_at > now ? "created_at lies ahead" : NULL;
}

static int says_nothing(const as_format_t *format, const char *record)
{
    return !record[strspn(record, " \t")] || (format->comment && *record == format->comment);
}

const char *as_entry_read(as_layout_t *layout, const as_record_t *record, as_account_t *account,
                          apr_int64_t now, apr_pool_t *pool)
{
    fields_t fields = { .text = { NULL } };
    const char *wrong = record->wrong;

    *account = (as_account_t){ .id = NULL };
    if (wrong || says_nothing(layout->format, record->text)) {
        return wrong;
    }
    wrong = layout->format->split(layout, record->text, &fields, pool);
    wrong = wrong ? wrong : take_addresses(account, &fields, pool);
    wrong = wrong ? wrong : take_hash(account, &fields, pool);
    wrong = wrong ? wrong : take_names(account, &fields, pool);
    wrong = wrong ? wrong : take_proof(account, &fields);
    return wrong ? wrong : take_creation(account, &fields, now);
}
