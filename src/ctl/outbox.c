/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl outbox. Never prints whom a message goes to, nor what it says: that is sealed.
 * Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include "ops/admin.h"
#include "store/lists.h"
#include "store/outbox.h"

typedef struct {
    apr_int64_t limit;
    as_rows_t rows;
} question_t;

static const ctl_column_t columns[] = {
    { "id", 's', 0 },      { "topic", 's', 1 },    { "channel", 'i', 1 },
    { "state", 'i', 1 },   { "attempts", 'i', 0 }, { "created", 't', 0 },
    { "next", 't', 0 },    { "dies", 't', 0 },     { "reason", 's', 0 },
    { NULL, 0, 0 }
};

/* What people see of it: words instead of numbers. */
static const ctl_column_t shown[] = {
    { "id", 's', 0 },       { "channel", 's', 0 }, { "state", 's', 0 },
    { "attempts", 'i', 0 }, { "created", 't', 0 }, { "next", 't', 0 },
    { "dies", 't', 0 },     { "reason", 's', 0 },  { NULL, 0, 0 }
};

static apr_status_t read_outbox(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;

    return as_list_outbox(db, q->limit, &q->rows, pool);
}

/* The row with words for its channel and state, and no next try where there is none. */
static as_json_t *describe(const ctl_t *ctl, const as_rows_t *rows, int row)
{
    static const char *const states[] = {
        [AS_OUTBOX_WAITING] = "waiting", [AS_OUTBOX_SENT] = "sent", [AS_OUTBOX_DEAD] = "dead"
    };
    as_json_t *object = ctl_object(ctl, rows, row, columns);
    apr_int64_t state = as_rows_integer(rows, row, 3);

    as_json_set_string(object, "channel",
                       as_rows_integer(rows, row, 2) == AUTHSVC_SMS ? "sms" : "email");
    as_json_set_string(object, "state", states[state]);
    if (state != AS_OUTBOX_WAITING) {
        as_json_set_string(object, "next", NULL);
    }
    return object;
}

int ctl_outbox_list(ctl_t *ctl)
{
    as_json_t *array = as_json_array(ctl->pool);
    question_t q;
    ctl_desk_t desk;
    apr_status_t status;
    int code = ctl_limit(ctl, &q.limit) ? ctl_open(ctl, &desk, 0) : CTL_USAGE;

    if (code != CTL_OK) {
        return code;
    }
    status = as_store_read(desk.service.store, read_outbox, &q, ctl->pool);
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    for (int i = 0; i < q.rows.rows; i++) {
        as_json_append(array, describe(ctl, &q.rows, i));
    }
    return ctl_print_list(ctl, array, shown);
}

int ctl_outbox_retry(ctl_t *ctl)
{
    ctl_desk_t desk;
    int n, code = ctl_open(ctl, &desk, 0);

    if (code == CTL_OK) {
        code = ctl_exit(as_admin_retry(&desk.ctx, ctl->argc ? ctl->argv[0] : NULL, &n));
    }
    return code == CTL_OK ? ctl_say(ctl, NULL, "%d more to be tried now", n) : code;
}
