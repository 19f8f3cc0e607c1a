/* SPDX-License-Identifier: Apache-2.0
 * App passwords. See app_passwords.h.
 */
#include "ops/app_passwords.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/bytes.h"
#include "crypto/random.h"
#include "ops/outbox.h"
#include "ops/tokens.h"
#include "ops/trail.h"

#define PREFIX "app-"
#define BYTES 15
#define GROUP 6
#define TEXT (sizeof PREFIX - 1 + 24 + 3) /* four groups and their dashes */
#define MOST 50

static const char *hash_of(const as_ctx_t *ctx, const char *account_id, const char *password,
                           apr_pool_t *pool)
{
    return as_mac_text(pool, ctx->service->secrets, AS_PURPOSE_CODE,
                       apr_pstrcat(pool, "app/", account_id, NULL), password);
}

int as_app_password_is_one(const char *password)
{
    return strlen(password) == TEXT && strncmp(password, PREFIX, sizeof PREFIX - 1) == 0;
}

static const char *draw(apr_pool_t *pool)
{
    unsigned char octets[BYTES];
    char *code, *text;

    as_random_bytes(octets, sizeof octets);
    code = as_base32_encode(pool, octets, sizeof octets);
    as_wipe(octets, sizeof octets);
    for (char *at = code; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    text = apr_psprintf(pool, PREFIX "%.6s-%.6s-%.6s-%.6s", code, code + GROUP, code + 2 * GROUP,
                        code + 3 * GROUP);
    as_wipe_text(code);
    as_wipe_with_pool(pool, text, strlen(text));
    return text;
}

/* ---- by their owner ---- */

typedef struct {
    as_ctx_t *ctx;
    as_app_password_t row;
    as_app_password_t *rows;
    int n;
    as_ended_t ended;
    as_code_t outcome;
} act_t;

static apr_status_t create(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;
    const as_principal_t *p = a->ctx->principal;
    as_account_t account;
    apr_status_t status = as_account_by_id(db, p->account_id, &account, pool);

    if (status == APR_SUCCESS) {
        status = as_app_passwords_of(db, p->account_id, &a->rows, &a->n, pool);
    }
    a->outcome = a->n >= MOST ? AS_TOO_MANY : AS_OK;
    if (status == APR_SUCCESS && a->outcome == AS_OK) {
        status = as_app_password_insert(db, &a->row);
    }
    if (status == APR_SUCCESS && a->outcome == AS_OK) {
        status = as_notice_put(db, a->ctx, &account, "app_password", pool);
    }
    return status == APR_SUCCESS && a->outcome == AS_OK
               ? as_trail_of(db, a->ctx, "app_password_create", p->account_id, a->row.id, pool)
               : status;
}

as_result_t as_app_password_create(as_ctx_t *ctx, const void *in, void *output)
{
    const char *account_id = ctx->principal->account_id;
    as_app_password_out_t *out = output;
    act_t a = { .ctx = ctx };
    apr_status_t status;

    out->password = draw(ctx->pool);
    a.row = (as_app_password_t){
        .id = as_random_id(ctx->pool),
        .account_id = account_id,
        .name = ((const as_app_password_in_t *)in)->name,
        .hash = hash_of(ctx, account_id, out->password, ctx->pool),
        .created_at = ctx->now,
    };
    out->row = a.row;
    status = as_principal_write(ctx, create, &a);
    if (status == APR_SUCCESS && a.outcome == AS_OK) {
        as_outbox_wake(ctx);
    }
    return status == APR_SUCCESS ? as_result(a.outcome) : as_result_of(status);
}

static apr_status_t list(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;

    return as_app_passwords_of(db, a->ctx->principal->account_id, &a->rows, &a->n, pool);
}

as_result_t as_app_password_list(as_ctx_t *ctx, const void *in, void *out)
{
    act_t a = { .ctx = ctx };
    apr_status_t status = as_store_read(ctx->service->store, list, &a, ctx->pool);
    apr_array_header_t *items = apr_array_make(ctx->pool, a.n, sizeof(as_app_password_t));

    (void)in;
    for (int i = 0; i < a.n; i++) {
        APR_ARRAY_PUSH(items, as_app_password_t) = a.rows[i];
    }
    ((as_list_t *)out)->items = items;
    return as_result_of(status);
}

static apr_status_t drop(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;
    const as_principal_t *p = a->ctx->principal;
    as_account_t account;
    apr_status_t status = as_app_passwords_delete(db, p->account_id, a->row.id, &a->n);

    a->outcome = a->n > 0 ? AS_OK : AS_NOT_FOUND;
    if (status != APR_SUCCESS || a->outcome != AS_OK) {
        return status;
    }
    status = as_account_by_id(db, p->account_id, &account, pool);
    if (status == APR_SUCCESS) {
        status = as_trail_of(db, a->ctx, "app_password_revoke", p->account_id, a->row.id, pool);
    }
    return status == APR_SUCCESS ? as_doors_forget(db, a->ctx, &account, &a->ended, pool) : status;
}

as_result_t as_app_password_revoke(as_ctx_t *ctx, const void *in, void *out)
{
    act_t a = { .ctx = ctx, .row.id = ((const as_id_in_t *)in)->id };
    apr_status_t status = as_principal_write(ctx, drop, &a);

    (void)out;
    if (status == APR_SUCCESS && a.outcome == AS_OK) {
        as_ended_publish(ctx, &a.ended);
    }
    return status == APR_SUCCESS ? as_result(a.outcome) : as_result_of(status);
}

/* ---- at the door ---- */

apr_status_t as_app_password_check(as_db_t *db, const as_ctx_t *ctx, const char *account_id,
                                   const char *password, apr_pool_t *pool)
{
    const char *what = apr_pstrcat(pool, "app/", account_id, NULL), *found = NULL;
    as_app_password_t *rows;
    apr_status_t status;
    int n;

    status = as_app_passwords_of(db, account_id, &rows, &n, pool);
    for (int i = 0; i < n; i++) {
        if (as_mac_text_check(ctx->service->secrets, AS_PURPOSE_CODE, what, password,
                              rows[i].hash)) {
            found = rows[i].id;
        }
    }
    if (status != APR_SUCCESS || !found) {
        return status == APR_SUCCESS ? AS_ENO : status;
    }
    return as_app_password_use(db, found, ctx->now);
}
