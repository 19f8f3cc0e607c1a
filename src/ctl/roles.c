/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl role and team. Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include "ops/membership.h"
#include "store/lists.h"

static int change_role(ctl_t *ctl, as_result_t (*change)(as_ctx_t *, const as_role_in_t *))
{
    const as_role_in_t in = {
        .address = ctl->argv[0], .role = ctl->argv[1], .team = ctl_flag(ctl, "team")
    };
    ctl_desk_t desk;
    int code = ctl_open(ctl, &desk, 0);

    return code == CTL_OK ? ctl_exit(change(&desk.ctx, &in)) : code;
}

int ctl_role_add(ctl_t *ctl)
{
    return change_role(ctl, as_role_add);
}

int ctl_role_remove(ctl_t *ctl)
{
    return change_role(ctl, as_role_remove);
}

int ctl_team_create(ctl_t *ctl)
{
    ctl_desk_t desk;
    const char *id = NULL;
    int code = ctl_open(ctl, &desk, 0);

    if (code == CTL_OK) {
        code = ctl_exit(as_team_create(&desk.ctx, ctl->argv[0], &id));
    }
    return code == CTL_OK ? ctl_say(ctl, id, "new team %s", id) : code;
}

static apr_status_t read_teams(as_db_t *db, void *baton, apr_pool_t *pool)
{
    return as_list_teams(db, baton, pool);
}

int ctl_team_list(ctl_t *ctl)
{
    static const ctl_column_t columns[] = {
        { "id", 's', 0 }, { "name", 's', 0 }, { "members", 'i', 0 }, { "created", 't', 0 },
        { NULL, 0, 0 }
    };
    ctl_desk_t desk;
    as_rows_t rows;
    apr_status_t status;
    int code = ctl_open(ctl, &desk, 0);

    if (code != CTL_OK) {
        return code;
    }
    status = as_store_read(desk.service.store, read_teams, &rows, ctl->pool);
    return status == APR_SUCCESS ? ctl_print_list(ctl, ctl_array(ctl, &rows, columns), columns)
                                 : ctl_fail(status);
}

static int change_membership(ctl_t *ctl, as_result_t (*change)(as_ctx_t *, const char *,
                                                               const char *))
{
    ctl_desk_t desk;
    int code = ctl_open(ctl, &desk, 0);

    return code == CTL_OK ? ctl_exit(change(&desk.ctx, ctl->argv[0], ctl->argv[1])) : code;
}

int ctl_team_add(ctl_t *ctl)
{
    return change_membership(ctl, as_team_join);
}

int ctl_team_remove(ctl_t *ctl)
{
    return change_membership(ctl, as_team_leave);
}
