/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl: the second front door on the same library. A command is one row in authsvcctl.c.
 */
#ifndef AS_CTL_CTL_H
#define AS_CTL_CTL_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/json.h"
#include "base/log.h"
#include "ops/service.h"

/* Exit codes. */
enum { CTL_OK = 0, CTL_REFUSED = 1, CTL_USAGE = 2, CTL_UNAVAILABLE = 3 };

/* Where the service's database and secrets are: from -f FILE or from options. */
typedef struct {
    const char *driver;
    apr_array_header_t *params; /* const char * */
    const char *secret_file;
} ctl_settings_t;

typedef struct {
    apr_pool_t *pool;
    as_log_t log;
    ctl_settings_t settings;
    int json;           /* one JSON document instead of text for people */
    apr_table_t *flags; /* by name; "" for those without a value */
    int argc;           /* what follows the command's words, flags aside */
    const char *const *argv;
} ctl_t;

/* arguments is the help's text and the grammar: "--name WORD" in it takes a value, any other
 * "--name" takes none.
 */
typedef struct {
    const char *group, *name; /* "db", "migrate"; a name may be "" */
    const char *arguments;
    int least, most; /* number of arguments, flags aside */
    const char *help;
    int (*run)(ctl_t *ctl); /* returns an exit code */
} ctl_command_t;

/* Fills flags and arguments from what follows the command's words. NULL, or what is wrong; *help:
 * it was asked for.
 */
const char *ctl_arguments(ctl_t *ctl, const ctl_command_t *command, int argc,
                          const char *const *argv, int *help);

/* The flag's value, or NULL if it was not given. */
const char *ctl_flag(const ctl_t *ctl, const char *name);

/* --limit, or 100. 0: what was given is no number from 1 to 1000000, which has been said. */
int ctl_limit(const ctl_t *ctl, apr_int64_t *limit);

/* Reads a fragment of AuthSvcDBDriver, AuthSvcDBDParams and AuthSvcSecretFile lines. NULL, or what
 * is wrong with which line.
 */
const char *ctl_settings_read(ctl_settings_t *settings, const char *path, apr_pool_t *pool);

/* The store of the settings, as the owner of its file when called as root. may_create: a missing
 * file is made.
 */
int ctl_store(ctl_t *ctl, as_store_t **store, int may_create);

/* Log, clock, secrets and store of the settings, for operations that need no more. */
int ctl_service(ctl_t *ctl, as_service_t *service);

/* Says why the store or an operation failed; returns an exit code. */
int ctl_fail(apr_status_t status);

/* Operations' context: clock and store, and the secrets where they are asked for. */
typedef struct {
    as_service_t service;
    as_ctx_t ctx;
} ctl_desk_t;

int ctl_open(ctl_t *ctl, ctl_desk_t *desk, int secrets);

/* Says why an operation was refused; returns an exit code. */
int ctl_exit(as_result_t result);

/* ---- output ---- */

/* A column of a list: the member's name, which is its title, and what it holds: 's' text,
 * 'i' integer, 't' instant (0: none), 'b' yes or no. Hidden ones are for programs alone.
 */
typedef struct {
    const char *name;
    char kind;
    int hidden;
} ctl_column_t;

/* A row as a JSON object; all rows as an array of them. */
as_json_t *ctl_object(const ctl_t *ctl, const as_rows_t *rows, int row,
                      const ctl_column_t *columns);
as_json_t *ctl_array(const ctl_t *ctl, const as_rows_t *rows, const ctl_column_t *columns);

/* An array of objects as a table, or as it is for programs; one object as lines. columns end with
 * one whose name is NULL. Returns CTL_OK.
 */
int ctl_print_list(const ctl_t *ctl, const as_json_t *array, const ctl_column_t *columns);
int ctl_print_object(const ctl_t *ctl, const as_json_t *object, const ctl_column_t *columns);

/* What was done, as a sentence; for programs as {"id", "message"}, id only if it is not NULL. */
int ctl_say(const ctl_t *ctl, const char *id, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The text without what would move a terminal's cursor. */
const char *ctl_printable(apr_pool_t *pool, const char *text);

/* ---- commands ---- */

int ctl_db_migrate(ctl_t *ctl);
int ctl_db_status(ctl_t *ctl);
int ctl_db_check(ctl_t *ctl);
int ctl_secret_create(ctl_t *ctl);
int ctl_role_add(ctl_t *ctl);
int ctl_role_remove(ctl_t *ctl);
int ctl_team_create(ctl_t *ctl);
int ctl_team_list(ctl_t *ctl);
int ctl_team_add(ctl_t *ctl);
int ctl_team_remove(ctl_t *ctl);
int ctl_secret_reseal(ctl_t *ctl);
int ctl_key_list(ctl_t *ctl);
int ctl_key_rotate(ctl_t *ctl);
int ctl_key_drop(ctl_t *ctl);
int ctl_account_list(ctl_t *ctl);
int ctl_account_show(ctl_t *ctl);
int ctl_account_create(ctl_t *ctl);
int ctl_account_disable(ctl_t *ctl);
int ctl_account_enable(ctl_t *ctl);
int ctl_account_delete(ctl_t *ctl);
int ctl_account_release(ctl_t *ctl);
int ctl_account_two_factor_off(ctl_t *ctl);
int ctl_account_password_reset(ctl_t *ctl);
int ctl_invite(ctl_t *ctl);
int ctl_invite_list(ctl_t *ctl);
int ctl_invite_resend(ctl_t *ctl);
int ctl_invite_withdraw(ctl_t *ctl);
int ctl_session_list(ctl_t *ctl);
int ctl_session_revoke(ctl_t *ctl);
int ctl_import(ctl_t *ctl);
int ctl_outbox_list(ctl_t *ctl);
int ctl_outbox_retry(ctl_t *ctl);
int ctl_token_verify(ctl_t *ctl);
int ctl_audit(ctl_t *ctl);

#endif
