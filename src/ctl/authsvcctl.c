/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl's main: options, and the rows of its commands. Never does what they say itself: the
 * files beside it do. Called by people and scripts.
 */
#include <stdio.h>
#include <string.h>

#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>

#include "ctl/ctl.h"
#include "store/driver.h"

/* Each row's first line holds its words and arguments: t/guards/commands.sh reads them. */
static const ctl_command_t commands[] = {
    { "db", "migrate", "", 0, 0, "make the database, or bring its schema up to date",
      ctl_db_migrate },
    { "db", "status", "", 0, 0, "say which version the schema has", ctl_db_status },
    { "db", "check", "", 0, 0, "look for what should not be: 1 if there is something",
      ctl_db_check },
    { "secret", "create", "FILE", 1, 1, "write a new secret to a file that is not there yet",
      ctl_secret_create },
    { "secret", "reseal", "", 0, 0, "seal with the first secret what an older one has sealed",
      ctl_secret_reseal },
    { "key", "list", "", 0, 0, "list the signing keys", ctl_key_list },
    { "key", "rotate", "[--now|LEAD]", 0, 1, "make the next signing key, which signs in 1h or LEAD",
      ctl_key_rotate },
    { "key", "drop", "SLOT", 1, 1, "drop a key that does not sign, with all tokens it has signed",
      ctl_key_drop },
    { "account", "list", "[--limit N] [--after ID]", 0, 0, "list accounts by id, 100 or N of them",
      ctl_account_list },
    { "account", "show", "EMAIL|ID", 1, 1, "show an account with its roles and teams",
      ctl_account_show },
    { "account", "create", "EMAIL [--name NAME]", 1, 1,
      "make an account and send it a code to set a password with", ctl_account_create },
    { "account", "disable", "EMAIL|ID", 1, 1, "shut an account and end all its sessions",
      ctl_account_disable },
    { "account", "enable", "EMAIL|ID", 1, 1, "open it again", ctl_account_enable },
    { "account", "delete", "EMAIL|ID", 1, 1,
      "end an account for good; its addresses stay reserved", ctl_account_delete },
    { "account", "release", "ADDRESS", 1, 1, "free the address of a deleted account",
      ctl_account_release },
    { "account", "two-factor-off", "EMAIL|ID", 1, 1,
      "forget its second factor and end all its sessions", ctl_account_two_factor_off },
    { "account", "password-reset", "EMAIL|ID", 1, 1, "send it a code to set a new password with",
      ctl_account_password_reset },
    { "role", "add", "EMAIL ROLE [--team ID]", 2, 2, "give a role, everywhere or in a team",
      ctl_role_add },
    { "role", "remove", "EMAIL ROLE [--team ID]", 2, 2,
      "take it away, and the account's access tokens", ctl_role_remove },
    { "team", "create", "NAME", 1, 1, "make a team and print its id", ctl_team_create },
    { "team", "list", "", 0, 0, "list the teams", ctl_team_list },
    { "team", "add", "ID EMAIL", 2, 2, "make an account a member", ctl_team_add },
    { "team", "remove", "ID EMAIL", 2, 2, "end a membership, and the account's access tokens",
      ctl_team_remove },
    { "invite", "list", "[--limit N]", 0, 0, "list open invitations, the oldest first",
      ctl_invite_list },
    { "invite", "resend", "EMAIL|ID", 1, 1, "send an invitation again; the old link dies",
      ctl_invite_resend },
    { "invite", "withdraw", "EMAIL|ID", 1, 1, "end an invitation and its link",
      ctl_invite_withdraw },
    { "invite", "", "EMAIL [--team ID] [--role ROLE]", 1, 1,
      "invite an address, perhaps into a team, and print the invitation's id", ctl_invite },
    { "session", "list", "EMAIL|ID", 1, 1, "list an account's live sessions", ctl_session_list },
    { "session", "revoke", "SESSION | --all EMAIL|ID", 0, 1,
      "end a session, or all of an account", ctl_session_revoke },
    { "import", "", "[--format FORMAT] [--dry-run] [--again] FILE", 1, 1,
      "make accounts of a file's lines; one that was stopped goes on", ctl_import },
    { "outbox", "list", "[--limit N]", 0, 0, "list messages, the youngest first",
      ctl_outbox_list },
    { "outbox", "retry", "[ID]", 0, 1, "try a waiting message now, or all of them",
      ctl_outbox_retry },
    { "token", "verify", "[--jwks FILE] [--signature-only] TOKEN|-", 1, 1,
      "judge an access token by the database's keys, or a file's", ctl_token_verify },
    { "audit", "", "[--account EMAIL|ID] [--limit N]", 0, 0,
      "list what happened, the youngest first", ctl_audit },
    { .group = NULL },
};

static const apr_getopt_option_t options[] = {
    { "driver", 'd', 1, "database driver (sqlite3 by default)" },
    { "params", 'p', 1, "database parameters, as in AuthSvcDBDParams" },
    { "secret-file", 's', 1, "file of secrets, as in AuthSvcSecretFile" },
    { "file", 'f', 1, "read these three from a fragment of httpd's configuration" },
    { "json", 'j', 0, "print one JSON document instead of text" },
    { "help", 'h', 0, "print this; after a command, what it takes" },
    { NULL, 0, 0, NULL },
};

static void write_line(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    char why[128];

    (void)baton;
    if (level <= AS_LOG_WARN) {
        fprintf(stderr, "authsvcctl: %s%s%s\n", line,
                status != APR_SUCCESS && status < APR_OS_START_USERERR ? ": " : "",
                status != APR_SUCCESS && status < APR_OS_START_USERERR
                    ? apr_strerror(status, why, sizeof why)
                    : "");
    }
}

static int usage(FILE *to, int code)
{
    fprintf(to, "usage: authsvcctl [OPTIONS] COMMAND…\n\ncommands:\n");
    for (const ctl_command_t *c = commands; c->group; c++) {
        fprintf(to, "  %s%s%s %s\n      %s\n", c->group, *c->name ? " " : "", c->name,
                c->arguments, c->help);
    }
    fprintf(to, "\noptions:\n");
    for (const apr_getopt_option_t *o = options; o->name; o++) {
        fprintf(to, "  -%c, --%-12s %s\n", o->optch, o->name, o->description);
    }
    return code;
}

/* Returns an exit code, or -1 to go on with what follows the options. */
static int read_options(ctl_t *ctl, apr_getopt_t *reader)
{
    const char *value, *wrong;
    apr_status_t status;
    int option;

    while ((status = apr_getopt_long(reader, options, &option, &value)) == APR_SUCCESS) {
        switch (option) {
        case 'd':
            ctl->settings.driver = value;
            break;
        case 'p':
            APR_ARRAY_PUSH(ctl->settings.params, const char *) = value;
            break;
        case 's':
            ctl->settings.secret_file = value;
            break;
        case 'f':
            wrong = ctl_settings_read(&ctl->settings, value, ctl->pool);
            if (wrong) {
                fprintf(stderr, "authsvcctl: %s\n", wrong);
                return CTL_USAGE;
            }
            break;
        case 'j':
            ctl->json = 1;
            break;
        default:
            return usage(stdout, CTL_OK);
        }
    }
    return status == APR_EOF ? -1 : usage(stderr, CTL_USAGE);
}

static int command_usage(FILE *to, const ctl_command_t *c, int code)
{
    fprintf(to, "usage: authsvcctl [OPTIONS] %s%s%s %s\n  %s\n", c->group, *c->name ? " " : "",
            c->name, c->arguments, c->help);
    return code;
}

static int run_command(ctl_t *ctl, const ctl_command_t *c, int argc, const char *const *argv)
{
    int help = 0;
    const char *wrong = ctl_arguments(ctl, c, argc, argv, &help);

    if (help) {
        return command_usage(stdout, c, CTL_OK);
    }
    if (wrong) {
        fprintf(stderr, "authsvcctl: %s\n", wrong);
        return command_usage(stderr, c, CTL_USAGE);
    }
    return ctl->argc < c->least || ctl->argc > c->most ? command_usage(stderr, c, CTL_USAGE)
                                                       : c->run(ctl);
}

static int run(ctl_t *ctl, int argc, const char *const *argv)
{
    for (const ctl_command_t *c = commands; argc > 0 && c->group; c++) {
        int words = *c->name ? 2 : 1;

        if (argc >= words && strcmp(c->group, argv[0]) == 0
            && (words == 1 || strcmp(c->name, argv[1]) == 0)) {
            return run_command(ctl, c, argc - words, argv + words);
        }
    }
    return usage(stderr, CTL_USAGE);
}

int main(int argc, const char *const *argv, const char *const *env)
{
    ctl_t ctl = { .log.write = write_line, .settings.driver = "sqlite3" };
    apr_getopt_t *reader;
    int code;

    if (apr_app_initialize(&argc, &argv, &env) != APR_SUCCESS) {
        return CTL_REFUSED;
    }
    apr_pool_create(&ctl.pool, NULL);
    ctl.settings.params = apr_array_make(ctl.pool, 2, sizeof(const char *));
    apr_getopt_init(&reader, ctl.pool, argc, argv);
    code = read_options(&ctl, reader);
    if (code < 0) {
        code = run(&ctl, argc - reader->ind, argv + reader->ind);
    }
    apr_pool_destroy(ctl.pool);
    apr_terminate();
    return code;
}
