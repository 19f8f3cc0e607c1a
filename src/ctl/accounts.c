/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl account, session and audit. Never prints a password or what it was hashed to.
 * Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>

#include <apr_strings.h>

#include "ops/admin.h"
#include "store/lists.h"

/* What is read for a list, in one go, so that all of it is of one instant. */
typedef struct {
    const char *who; /* NULL: no account is asked for */
    const char *after;
    apr_int64_t limit, now;
    as_account_t account;
    as_rows_t rows, roles, teams;
} question_t;

static const ctl_column_t account_columns[] = {
    { "id", 's', 0 },         { "number", 'i', 1 },      { "email", 's', 0 },
    { "email_proven", 'b', 0 }, { "phone", 's', 0 },     { "phone_proven", 'b', 0 },
    { "first_name", 's', 1 }, { "last_name", 's', 1 },   { "has_password", 'b', 1 },
    { "sign_ins", 'i', 1 },   { "created", 't', 0 },     { "disabled", 't', 0 },
    { "deleted", 't', 1 },    { NULL, 0, 0 }
};

/* What show adds to it. */
static const ctl_column_t shown_columns[] = {
    { "id", 's', 0 },           { "number", 'i', 0 },    { "email", 's', 0 },
    { "email_proven", 'b', 0 }, { "phone", 's', 0 },     { "phone_proven", 'b', 0 },
    { "first_name", 's', 0 },   { "last_name", 's', 0 }, { "has_password", 'b', 0 },
    { "sign_ins", 'i', 0 },     { "created", 't', 0 },   { "disabled", 't', 0 },
    { "deleted", 't', 0 },      { "roles", 's', 0 },     { "team_roles", 's', 0 },
    { "teams", 's', 0 },        { NULL, 0, 0 }
};

static const ctl_column_t session_columns[] = {
    { "id", 's', 0 },      { "dialect", 's', 0 }, { "team", 's', 1 },    { "amr", 's', 0 },
    { "created", 't', 0 }, { "used", 't', 0 },    { "expires", 't', 0 }, { "address", 's', 0 },
    { "agent", 's', 0 },   { NULL, 0, 0 }
};

static const ctl_column_t audit_columns[] = {
    { "at", 't', 0 },      { "event", 's', 0 },   { "outcome", 's', 0 },    { "account", 's', 0 },
    { "session", 's', 1 }, { "factors", 's', 0 }, { "detail", 's', 0 },     { "dialect", 's', 0 },
    { "address", 's', 0 }, { "agent", 's', 0 },   { "request_id", 's', 1 }, { NULL, 0, 0 }
};

static int refuse_unknown(void)
{
    fprintf(stderr, "authsvcctl: there is no such account\n");
    return CTL_REFUSED;
}

/* Opens the store and reads; returns an exit code. */
static int ask(ctl_t *ctl, as_txn_fn read, question_t *question)
{
    ctl_desk_t desk;
    apr_status_t status;
    int code = ctl_open(ctl, &desk, 0);

    if (code != CTL_OK) {
        return code;
    }
    question->now = desk.ctx.now;
    status = as_store_read(desk.service.store, read, question, ctl->pool);
    return status == APR_SUCCESS ? CTL_OK : status == AS_ENO ? refuse_unknown() : ctl_fail(status);
}

/* ---- account ---- */

static apr_status_t read_accounts(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;

    return as_list_accounts(db, q->after ? q->after : "", q->limit, &q->rows, pool);
}

int ctl_account_list(ctl_t *ctl)
{
    question_t q = { .after = ctl_flag(ctl, "after") };
    int code = ctl_limit(ctl, &q.limit) ? ask(ctl, read_accounts, &q) : CTL_USAGE;

    return code == CTL_OK
               ? ctl_print_list(ctl, ctl_array(ctl, &q.rows, account_columns), account_columns)
               : code;
}

static apr_status_t read_account(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;
    apr_status_t status = as_admin_find(db, q->who, &q->account, pool);

    if (status == APR_SUCCESS) {
        status = as_list_account(db, q->account.id, &q->rows, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_list_roles(db, q->account.id, &q->roles, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_list_teams_of(db, q->account.id, &q->teams, pool);
    }
    return status == APR_SUCCESS && q->rows.rows == 0 ? AS_ENO : status;
}

/* The account's own roles as words, those in a team as "TEAM ROLE". */
static void add_roles(const ctl_t *ctl, as_json_t *object, const question_t *q)
{
    as_json_t *own = as_json_array(ctl->pool), *in_teams = as_json_array(ctl->pool);
    as_json_t *teams = as_json_array(ctl->pool);

    for (int i = 0; i < q->roles.rows; i++) {
        const char *role = as_rows_text(&q->roles, i, 0), *team = as_rows_text(&q->roles, i, 1);

        if (team && *team) {
            as_json_append_string(in_teams, apr_pstrcat(ctl->pool, team, " ", role, NULL));
        } else {
            as_json_append_string(own, role);
        }
    }
    for (int i = 0; i < q->teams.rows; i++) {
        as_json_append_string(teams, as_rows_text(&q->teams, i, 0));
    }
    as_json_set(object, "roles", own);
    as_json_set(object, "team_roles", in_teams);
    as_json_set(object, "teams", teams);
}

int ctl_account_show(ctl_t *ctl)
{
    question_t q = { .who = ctl->argv[0] };
    as_json_t *object;
    int code = ask(ctl, read_account, &q);

    if (code != CTL_OK) {
        return code;
    }
    object = ctl_object(ctl, &q.rows, 0, account_columns);
    add_roles(ctl, object, &q);
    return ctl_print_object(ctl, object, shown_columns);
}

int ctl_account_create(ctl_t *ctl)
{
    ctl_desk_t desk;
    const char *id = NULL;
    int code = ctl_open(ctl, &desk, 1);

    if (code == CTL_OK) {
        code = ctl_exit(as_admin_create(&desk.ctx, ctl->argv[0], ctl_flag(ctl, "name"), &id));
    }
    return code == CTL_OK ? ctl_say(ctl, id, "a code to set a password with is on its way to the "
                                    "new account %s", id)
                          : code;
}

static int act(ctl_t *ctl, as_result_t (*operation)(as_ctx_t *, const char *), int secrets,
               const char *done)
{
    ctl_desk_t desk;
    int code = ctl_open(ctl, &desk, secrets);

    if (code == CTL_OK) {
        code = ctl_exit(operation(&desk.ctx, ctl->argv[0]));
    }
    return code == CTL_OK ? ctl_say(ctl, NULL, "%s", done) : code;
}

int ctl_account_disable(ctl_t *ctl)
{
    return act(ctl, as_admin_disable, 0, "disabled, and its sessions have ended");
}

int ctl_account_enable(ctl_t *ctl)
{
    return act(ctl, as_admin_enable, 0, "enabled");
}

int ctl_account_delete(ctl_t *ctl)
{
    return act(ctl, as_admin_delete, 1, "deleted, and its addresses are reserved");
}

int ctl_account_release(ctl_t *ctl)
{
    return act(ctl, as_admin_release, 1, "the address is free");
}

int ctl_account_two_factor_off(ctl_t *ctl)
{
    return act(ctl, as_admin_two_factor_off, 1, "two-factor is off, and its sessions have ended");
}

int ctl_account_password_reset(ctl_t *ctl)
{
    return act(ctl, as_admin_reset, 1, "a code to set a new password with is on its way");
}

/* ---- session ---- */

static apr_status_t read_sessions(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;
    apr_status_t status = as_admin_find(db, q->who, &q->account, pool);

    return status == APR_SUCCESS ? as_list_sessions(db, q->account.id, q->now, &q->rows, pool)
                                 : status;
}

int ctl_session_list(ctl_t *ctl)
{
    question_t q = { .who = ctl->argv[0] };
    int code = ask(ctl, read_sessions, &q);

    return code == CTL_OK
               ? ctl_print_list(ctl, ctl_array(ctl, &q.rows, session_columns), session_columns)
               : code;
}

int ctl_session_revoke(ctl_t *ctl)
{
    const char *all = ctl_flag(ctl, "all");

    if ((all != NULL) == (ctl->argc == 1)) {
        fprintf(stderr, "authsvcctl: session revoke takes one SESSION, or --all EMAIL|ID\n");
        return CTL_USAGE;
    }
    if (all) {
        ctl->argv = (const char *const[]){ all };
        return act(ctl, as_admin_sign_out, 0, "all its sessions have ended");
    }
    return act(ctl, as_admin_end_session, 0, "the session has ended");
}

/* ---- audit ---- */

static apr_status_t read_audit(as_db_t *db, void *baton, apr_pool_t *pool)
{
    question_t *q = baton;
    apr_status_t status = q->who ? as_admin_find(db, q->who, &q->account, pool) : APR_SUCCESS;

    return status == APR_SUCCESS
               ? as_list_audit(db, q->who ? q->account.id : NULL, q->limit, &q->rows, pool)
               : status;
}

int ctl_audit(ctl_t *ctl)
{
    question_t q = { .who = ctl_flag(ctl, "account") };
    int code = ctl_limit(ctl, &q.limit) ? ask(ctl, read_audit, &q) : CTL_USAGE;

    return code == CTL_OK
               ? ctl_print_list(ctl, ctl_array(ctl, &q.rows, audit_columns), audit_columns)
               : code;
}
