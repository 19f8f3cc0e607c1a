/* SPDX-License-Identifier: Apache-2.0
 * Accounts brought from elsewhere. See import.h.
 */
#include "ops/import.h"

#include <apr_strings.h>

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/random.h"
#include "ops/accounts.h"
#include "ops/reserved.h"
#include "ops/trail.h"
#include "store/identities.h"
#include "store/pendings.h"

#define BATCH 500    /* accounts of a transaction */
#define RECORDS 5000 /* of a transaction, refused ones included */
#define RACES 8      /* for a public number that nobody has */
#define BLOCK 65536
#define PATIENCE (60 * APR_USEC_PER_SEC) /* with a database whose writers are many */
#define PAUSE (20 * 1000)                /* between transactions: SQLite's lock knows no queue */

typedef struct {
    as_ctx_t *ctx;
    const as_import_in_t *in;
    as_import_run_t *run;
    as_progress_t stored;
    const char *key; /* what the file's content and format are called in the store */
    as_records_t *records;
    as_layout_t layout;
    int told; /* of the stranger */
    int trailed; /* this run stands in the audit trail */

    /* The batch. */
    apr_pool_t *pool;
    apr_pool_t *scratch; /* of one record */
    as_account_t accounts[BATCH];
    int n;
    apr_int64_t refused; /* of it */
    as_progress_t next;  /* what is stored with it */
    int overtaken;       /* another run has this file */
    int blind;           /* names are reserved, and without secrets nobody can tell which */
} import_t;

static as_result_t unreadable(apr_status_t status)
{
    return as_result_detail(AS_INVALID, APR_STATUS_IS_EINCOMPLETE(status)
                                            ? "the file has become shorter"
                                            : "the file cannot be read");
}

/* ---- the file ---- */

static apr_status_t add_file(as_digest_t *digest, apr_file_t *file, apr_int64_t *size)
{
    char block[BLOCK];
    apr_size_t got;
    apr_off_t start = 0;
    apr_status_t status;

    *size = 0;
    while ((status = apr_file_read_full(file, block, sizeof block, &got)) == APR_SUCCESS
           || (APR_STATUS_IS_EOF(status) && got > 0)) {
        as_digest_add(digest, block, got);
        *size += (apr_int64_t)got;
    }
    return APR_STATUS_IS_EOF(status) ? apr_file_seek(file, APR_SET, &start) : status;
}

/* Read as another format, the same file is another one. */
static apr_status_t name_file(import_t *i)
{
    as_digest_t *digest = as_digest_create(i->ctx->pool);
    const char *format = as_format_name(i->in->format);
    unsigned char octets[AS_DIGEST_BYTES];
    char *key;
    apr_status_t status;

    as_digest_add(digest, format, strlen(format) + 1);
    status = add_file(digest, i->in->file, &i->run->size);
    as_digest_end(digest, octets);
    key = as_hex_encode(i->ctx->pool, octets, sizeof octets);
    key[AS_IMPORT_KEY] = '\0';
    i->key = key;
    return status;
}

static void tell_stranger(import_t *i, apr_int64_t line)
{
    if (i->layout.stranger && !i->told) {
        i->in->tell(i->in->baton, line,
                    apr_pstrcat(i->ctx->pool, "ignored: ", i->layout.stranger, NULL), 0);
        i->told = 1;
    }
}

static as_result_t read_header(import_t *i)
{
    as_record_t record;
    const char *wrong;
    apr_status_t status = as_record_next(i->records, 1, &record);

    if (status != APR_SUCCESS) {
        return APR_STATUS_IS_EOF(status) ? as_result_detail(AS_INVALID, "the header is missing")
                                         : unreadable(status);
    }
    wrong = record.wrong ? record.wrong : as_layout_header(&i->layout, record.text);
    if (wrong) {
        i->in->tell(i->in->baton, record.line, wrong, 1);
    } else {
        tell_stranger(i, record.line);
    }
    return wrong ? as_result_detail(AS_INVALID, "nothing can be read without a header")
                 : as_result(AS_OK);
}

static void keep(import_t *i, const as_account_t *account)
{
    as_account_t *kept = &i->accounts[i->n++];

    *kept = *account;
    kept->id = as_random_id(i->pool);
    kept->door_id = as_random_id(i->pool);
    kept->email = apr_pstrdup(i->pool, account->email);
    kept->phone = apr_pstrdup(i->pool, account->phone);
    kept->first_name = apr_pstrdup(i->pool, account->first_name);
    kept->last_name = apr_pstrdup(i->pool, account->last_name);
    kept->password = apr_pstrdup(i->pool, account->password);
}

static void take(import_t *i, const as_record_t *record)
{
    as_account_t account;
    const char *wrong = as_entry_read(&i->layout, record, &account, i->ctx->now, i->scratch);

    tell_stranger(i, record->line);
    if (wrong) {
        i->refused++;
        i->in->tell(i->in->baton, record->line, wrong, 1);
    } else if (account.email || account.phone) {
        keep(i, &account);
    }
    apr_pool_clear(i->scratch);
}

/* APR_SUCCESS, APR_EOF when that was the last batch, or why the file cannot be read. */
static apr_status_t gather(import_t *i)
{
    int quoted = as_format_has_header(i->in->format);
    apr_status_t status = APR_SUCCESS;
    as_record_t record;

    i->n = 0;
    i->refused = 0;
    for (int read = 0; status == APR_SUCCESS && read < RECORDS && i->n < BATCH; read++) {
        status = as_record_next(i->records, quoted, &record);
        if (status == APR_SUCCESS) {
            take(i, &record);
        }
    }
    i->run->line = as_records_line(i->records);
    return status;
}

/* ---- the batch ---- */

static apr_status_t find(as_db_t *db, const as_account_t *account, int *there, apr_pool_t *pool)
{
    as_account_t other;
    apr_status_t status = AS_ENO;

    if (account->email) {
        status = as_account_by_email(db, account->email, &other, pool);
    }
    if (status == AS_ENO && account->phone) {
        status = as_account_by_phone(db, account->phone, &other, pool);
    }
    *there = status == APR_SUCCESS;
    return status == AS_ENO ? APR_SUCCESS : status;
}

/* A number that is taken gives way to another; an address that is taken does not. */
static apr_status_t insert(as_db_t *db, as_account_t *account, int *there, apr_pool_t *pool)
{
    apr_status_t status = AS_ENO;

    *there = 0;
    for (int race = 0; race < RACES && status == AS_ENO && !*there; race++) {
        account->number = as_random_number();
        status = as_account_insert(db, account);
        if (status == AS_ENO) {
            apr_status_t found = find(db, account, there, pool);

            status = found == APR_SUCCESS ? AS_ENO : found;
        }
    }
    return *there ? APR_SUCCESS : status == AS_ENO ? AS_ERETRY : status;
}

static apr_status_t end_sign_ups(as_db_t *db, const import_t *i, const as_account_t *account,
                                 apr_pool_t *pool)
{
    apr_status_t status = APR_SUCCESS;

    if (account->email) {
        status = as_account_end_sign_up(db, i->ctx, account->email, pool);
    }
    if (status == APR_SUCCESS && account->phone) {
        status = as_account_end_sign_up(db, i->ctx, account->phone, pool);
    }
    return status;
}

/* A deleted account's address is nobody else's. */
static apr_status_t find_reserved(as_db_t *db, const import_t *i, const as_account_t *account,
                                  int *there, apr_pool_t *pool)
{
    const char *const addresses[] = { account->email, account->phone };
    apr_status_t status = AS_ENO;

    for (int k = 0; status == AS_ENO && k < 2; k++) {
        if (addresses[k]) {
            status = as_reserved_check(db, i->ctx, AS_RESERVED_ADDRESS, addresses[k], pool);
        }
    }
    *there = status == APR_SUCCESS;
    return status == AS_ENO ? APR_SUCCESS : status;
}

static apr_status_t insert_all(as_db_t *db, import_t *i, apr_pool_t *pool)
{
    int any, reserved, there;
    apr_status_t status = as_pending_any(db, &any, pool);

    if (status == APR_SUCCESS) {
        status = as_reserved_any(db, &reserved, pool);
    }
    if (status == APR_SUCCESS && reserved && !i->ctx->service->secrets) {
        i->blind = 1;
        return AS_EROLLBACK;
    }
    for (int k = 0; status == APR_SUCCESS && k < i->n; k++) {
        as_account_t *account = &i->accounts[k];

        there = 0;
        if (reserved) {
            status = find_reserved(db, i, account, &there, pool);
        }
        if (status == APR_SUCCESS && !there) {
            status = insert(db, account, &there, pool);
        }
        i->next.imported += !there;
        i->next.existing += there;
        if (status == APR_SUCCESS && !there && any) {
            status = end_sign_ups(db, i, account, pool);
        }
    }
    return status;
}

/* The run's beginning and its end stand in the trail: not each account, nor each batch. */
static apr_status_t leave_trail(as_db_t *db, const import_t *i, apr_pool_t *pool)
{
    const as_progress_t *next = &i->next;

    if (i->trailed && next->octets < i->run->size) {
        return APR_SUCCESS;
    }
    return as_trail_of(db, i->ctx, "import", NULL,
                       apr_psprintf(pool,
                                    "%s: %" APR_INT64_T_FMT " of %" APR_INT64_T_FMT " octets, "
                                    "%" APR_INT64_T_FMT " imported, %" APR_INT64_T_FMT
                                    " existing, %" APR_INT64_T_FMT " refused",
                                    i->key, next->octets, i->run->size, next->imported,
                                    next->existing, next->refused),
                       pool);
}

/* Whether the store still has what this run has left there. A commit whose answer was lost is found
 * here, too: then there is nothing more to do.
 */
static apr_status_t meet_progress(as_db_t *db, import_t *i, int *committed, apr_pool_t *pool)
{
    as_progress_t found = { .at = 0 };
    apr_status_t status = as_import_get(db, i->key, &found, pool);

    *committed = status == APR_SUCCESS && found.at == i->next.at;
    i->overtaken = !*committed && found.at != i->stored.at;
    if (*committed) {
        i->next = found;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

/* at tells each batch from the one before it. */
static void begin_batch(import_t *i)
{
    i->next = i->run->done;
    i->next.at = i->ctx->now > i->stored.at ? i->ctx->now : i->stored.at + 1;
    i->next.octets = as_records_offset(i->records);
    i->next.refused += i->refused;
}

static apr_status_t store_batch(as_db_t *db, void *baton, apr_pool_t *pool)
{
    import_t *i = baton;
    int committed;
    apr_status_t status;

    begin_batch(i);
    status = meet_progress(db, i, &committed, pool);
    if (status != APR_SUCCESS || committed || i->overtaken) {
        return status;
    }
    status = insert_all(db, i, pool);
    if (status == APR_SUCCESS) {
        status = leave_trail(db, i, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_import_put(db, i->key, &i->stored, &i->next, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

/* What a batch would come to. */
static apr_status_t look_at_batch(as_db_t *db, void *baton, apr_pool_t *pool)
{
    import_t *i = baton;
    apr_status_t status = APR_SUCCESS;
    int there;

    begin_batch(i);
    for (int k = 0; status == APR_SUCCESS && k < i->n; k++) {
        status = find(db, &i->accounts[k], &there, pool);
        i->next.imported += !there;
        i->next.existing += there;
    }
    return status;
}

static as_result_t settle_batch(import_t *i)
{
    as_store_t *store = i->ctx->service->store;
    const apr_time_t deadline = apr_time_now() + PATIENCE;
    apr_status_t status;

    do {
        apr_sleep(i->in->dry ? 0 : PAUSE);
        status = i->in->dry ? as_store_read(store, look_at_batch, i, i->pool)
                            : as_store_write(store, store_batch, i, i->pool);
    } while (status == AS_EBUSY && apr_time_now() < deadline);
    if (i->blind) {
        return as_result_detail(AS_INVALID,
                                "accounts were deleted here: their addresses are kept from others "
                                "under the secrets, so name their file");
    }
    if (status != APR_SUCCESS) {
        return as_result_of(status);
    }
    if (i->overtaken) {
        return as_result_detail(AS_INVALID, "another run is importing that file");
    }
    i->trailed = 1;
    i->run->done = i->stored = i->next;
    i->in->progress(i->in->baton, i->run);
    return as_result(AS_OK);
}

/* ---- the run ---- */

static apr_status_t find_progress(as_db_t *db, void *baton, apr_pool_t *pool)
{
    import_t *i = baton;

    return as_import_get(db, i->key, &i->stored, pool);
}

/* Opens the records where the last run has stopped. */
static as_result_t begin(import_t *i)
{
    as_import_run_t *run = i->run;
    as_result_t result = as_result(AS_OK);
    apr_status_t status = name_file(i);

    if (status != APR_SUCCESS) {
        return unreadable(status);
    }
    i->records = as_records_create(i->in->file, run->size, i->ctx->pool);
    if (as_format_has_header(i->in->format)) {
        result = read_header(i);
    }
    if (result.code != AS_OK || i->in->dry) {
        return result;
    }
    status = as_store_read(i->ctx->service->store, find_progress, i, i->ctx->pool);
    if (status != APR_SUCCESS || i->in->again) {
        return status == AS_ENO ? result : as_result_of(status);
    }
    run->done = i->stored;
    run->finished = run->done.octets == run->size;
    run->begun = !run->finished;
    status = as_records_skip(i->records, run->done.octets);
    run->line = as_records_line(i->records);
    return status == APR_SUCCESS ? result : unreadable(status);
}

/* A file's last batch may have been full. */
static int is_over(const import_t *i)
{
    return i->n == 0 && i->refused == 0 && i->trailed && i->run->done.octets == i->run->size;
}

static as_result_t run_batches(import_t *i)
{
    as_result_t result = as_result(AS_OK);
    apr_status_t status = APR_SUCCESS;

    apr_pool_create(&i->pool, i->ctx->pool);
    apr_pool_create(&i->scratch, i->ctx->pool);
    i->in->progress(i->in->baton, i->run);
    while (status == APR_SUCCESS && result.code == AS_OK) {
        apr_pool_clear(i->pool);
        i->ctx->now = i->ctx->service->now(i->ctx->service->clock);
        status = gather(i);
        if (status != APR_SUCCESS && !APR_STATUS_IS_EOF(status)) {
            return unreadable(status);
        }
        if (!is_over(i)) {
            result = settle_batch(i);
        }
    }
    return result;
}

as_result_t as_import(as_ctx_t *ctx, const as_import_in_t *in, as_import_run_t *run)
{
    import_t *i = apr_pcalloc(ctx->pool, sizeof *i);
    as_result_t result;

    *run = (as_import_run_t){ .line = 1 };
    *i = (import_t){
        .ctx = ctx,
        .in = in,
        .run = run,
        .layout = { .format = in->format, .pool = ctx->pool },
    };
    result = begin(i);
    return result.code == AS_OK && !run->finished ? run_batches(i) : result;
}
