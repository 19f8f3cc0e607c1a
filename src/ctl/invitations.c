/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl invite. Never sees a link's token: the message that carries it is sealed.
 * Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include "ops/invitations.h"
#include "store/lists.h"

int ctl_invite(ctl_t *ctl)
{
    const as_invite_in_t in = {
        .email = ctl->argv[0], .team = ctl_flag(ctl, "team"), .role = ctl_flag(ctl, "role")
    };
    ctl_desk_t desk;
    const char *id = NULL;
    int code = ctl_open(ctl, &desk, 1);

    if (code == CTL_OK) {
        code = ctl_exit(as_invite(&desk.ctx, &in, &id));
    }
    return code == CTL_OK ? ctl_say(ctl, id, "a link is on its way, invitation %s", id) : code;
}

static int act(ctl_t *ctl, as_result_t (*operation)(as_ctx_t *, const char *), const char *done)
{
    ctl_desk_t desk;
    int code = ctl_open(ctl, &desk, 1);

    if (code == CTL_OK) {
        code = ctl_exit(operation(&desk.ctx, ctl->argv[0]));
    }
    return code == CTL_OK ? ctl_say(ctl, NULL, "%s", done) : code;
}

int ctl_invite_resend(ctl_t *ctl)
{
    return act(ctl, as_invite_resend, "another link is on its way, and the old one is dead");
}

int ctl_invite_withdraw(ctl_t *ctl)
{
    return act(ctl, as_invite_withdraw, "withdrawn");
}

typedef struct {
    apr_int64_t limit;
    as_rows_t rows;
} listing_t;

static apr_status_t read_invitations(as_db_t *db, void *baton, apr_pool_t *pool)
{
    listing_t *l = baton;

    return as_list_invitations(db, l->limit, &l->rows, pool);
}

int ctl_invite_list(ctl_t *ctl)
{
    static const ctl_column_t columns[] = {
        { "id", 's', 0 },      { "email", 's', 0 },   { "team", 's', 0 }, { "role", 's', 0 },
        { "created", 't', 0 }, { "expires", 't', 0 }, { NULL, 0, 0 }
    };
    ctl_desk_t desk;
    listing_t l;
    apr_status_t status;
    int code = ctl_limit(ctl, &l.limit) ? ctl_open(ctl, &desk, 0) : CTL_USAGE;

    if (code != CTL_OK) {
        return code;
    }
    status = as_store_read(desk.service.store, read_invitations, &l, ctl->pool);
    return status == APR_SUCCESS ? ctl_print_list(ctl, ctl_array(ctl, &l.rows, columns), columns)
                                 : ctl_fail(status);
}
