/* SPDX-License-Identifier: Apache-2.0
 * Sealing anew. See reseal.h.
 */
#include "ops/reseal.h"

#include <apr_strings.h>

#include "crypto/seal.h"

/* A sealed column. The select takes the id after which the batch starts and gives ids and sealed
 * texts, the update takes the new text, the id and the old text. Ids are of one kind, 's' or 'i';
 * a row's name is "TABLE/ID", as its owner seals it.
 */
typedef struct {
    const char *table;
    char id;
    as_sql_t select, update;
} column_t;

static const column_t columns[] = {
    { "as_key", 'i', AS_SQL_KEY_SEALED, AS_SQL_KEY_RESEAL },
    { "as_factor", 's', AS_SQL_FACTOR_SEALED, AS_SQL_FACTOR_RESEAL },
    { "as_outbox", 's', AS_SQL_OUTBOX_SEALED, AS_SQL_OUTBOX_RESEAL },
};
enum { COLUMNS = sizeof columns / sizeof *columns };

typedef struct {
    const column_t *column;
    const char *after; /* the last id of the batch before */
    as_rows_t rows;
    const char **fresh; /* by row; NULL: it stays as it is */
    int sealed;
} batch_t;

static as_arg_t id_of(const column_t *column, const char *id)
{
    return column->id == 'i' ? AS_I(apr_atoi64(id)) : AS_S(id);
}

static apr_status_t read_batch(as_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *batch = baton;

    return as_db_select(db, batch->column->select, &batch->rows, pool,
                        AS_ARGS(id_of(batch->column, batch->after)));
}

/* Outside of the transaction: it may be repeated, and others wait for it. */
static void seal_batch(const as_service_t *service, batch_t *batch, as_reseal_t *count,
                       apr_pool_t *pool)
{
    batch->fresh = apr_pcalloc(pool, batch->rows.rows * sizeof *batch->fresh);
    for (int i = 0; i < batch->rows.rows; i++) {
        const char *id = as_rows_text(&batch->rows, i, 0);
        const char *old = as_rows_text(&batch->rows, i, 1);
        const char *row = apr_pstrcat(pool, batch->column->table, "/", id, NULL);
        const char *text;

        if (as_seal_is_current(service->secrets, old)) {
            count->current++;
            continue;
        }
        text = as_unseal(pool, service->secrets, row, old);
        batch->fresh[i] = text ? as_seal(pool, service->secrets, row, text) : NULL;
        count->shut += !batch->fresh[i];
    }
}

/* A row whose text has changed since is somebody's who sealed or wiped it himself. */
static apr_status_t write_batch(as_db_t *db, void *baton, apr_pool_t *pool)
{
    batch_t *batch = baton;
    apr_status_t status = APR_SUCCESS;

    (void)pool;
    batch->sealed = 0;
    for (int i = 0; i < batch->rows.rows && status == APR_SUCCESS; i++) {
        int changed = 0;

        if (batch->fresh[i]) {
            status = as_db_exec(db, batch->column->update, &changed,
                                AS_ARGS(AS_S(batch->fresh[i]),
                                        id_of(batch->column, as_rows_text(&batch->rows, i, 0)),
                                        AS_S(as_rows_text(&batch->rows, i, 1))));
        }
        batch->sealed += changed;
    }
    return status;
}

static apr_status_t reseal(as_service_t *service, const column_t *column, as_reseal_t *count,
                           apr_pool_t *pool)
{
    batch_t batch = { .column = column, .after = column->id == 'i' ? "0" : "" };
    apr_status_t status;
    apr_pool_t *each;

    apr_pool_create(&each, pool);
    do {
        apr_pool_clear(each);
        status = as_store_read(service->store, read_batch, &batch, each);
        if (status != APR_SUCCESS || batch.rows.rows == 0) {
            break;
        }
        seal_batch(service, &batch, count, each);
        status = as_store_write(service->store, write_batch, &batch, each);
        count->sealed += status == APR_SUCCESS ? batch.sealed : 0;
        batch.after = apr_pstrdup(pool, as_rows_text(&batch.rows, batch.rows.rows - 1, 0));
    } while (status == APR_SUCCESS);
    apr_pool_destroy(each);
    return status;
}

apr_status_t as_reseal(as_service_t *service, const as_reseal_t **tables, int *n, apr_pool_t *pool)
{
    as_reseal_t *counts = apr_pcalloc(pool, COLUMNS * sizeof *counts);
    apr_status_t status = APR_SUCCESS;

    *tables = counts;
    *n = COLUMNS;
    for (int i = 0; i < COLUMNS; i++) {
        counts[i].table = columns[i].table;
        if (status == APR_SUCCESS) {
            status = reseal(service, &columns[i], &counts[i], pool);
        }
    }
    return status;
}
