/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl's main: options, and the rows of its commands. commands.c does what they say.
 */
#include <stdio.h>
#include <string.h>

#include <apr_general.h>
#include <apr_getopt.h>
#include <apr_strings.h>

#include "ctl/ctl.h"
#include "store/driver.h"

static const ctl_command_t commands[] = {
    { "db", "migrate", "", 0, 0, "make the database, or bring its schema up to date",
      ctl_db_migrate },
    { "db", "status", "", 0, 0, "say which version the schema has", ctl_db_status },
    { "secret", "create", "FILE", 1, 1, "write a new secret to a file that is not there yet",
      ctl_secret_create },
    { "secret", "reseal", "", 0, 0, "seal with the first secret what an older one has sealed",
      ctl_secret_reseal },
    { "key", "list", "", 0, 0, "list the signing keys", ctl_key_list },
    { "key", "rotate", "[--now|LEAD]", 0, 1, "make the next signing key, which signs in 1h or LEAD",
      ctl_key_rotate },
    { "key", "drop", "SLOT", 1, 1, "drop a key that does not sign, with all tokens it has signed",
      ctl_key_drop },
    { "role", "add", "EMAIL ROLE [--team ID]", 2, 4, "give a role, everywhere or in a team",
      ctl_role_add },
    { "role", "remove", "EMAIL ROLE [--team ID]", 2, 4,
      "take it away, and the account's access tokens", ctl_role_remove },
    { "team", "create", "NAME", 1, 1, "make a team and print its id", ctl_team_create },
    { "team", "add", "ID EMAIL", 2, 2, "make an account a member", ctl_team_add },
    { .group = NULL },
};

static const apr_getopt_option_t options[] = {
    { "driver", 'd', 1, "database driver (sqlite3 by default)" },
    { "params", 'p', 1, "database parameters, as in AuthSvcDBDParams" },
    { "secret-file", 's', 1, "file of secrets, as in AuthSvcSecretFile" },
    { "file", 'f', 1, "read these three from a fragment of httpd's configuration" },
    { "help", 'h', 0, "print this" },
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
        fprintf(to, "  %-6s %-8s %-22s %s\n", c->group, c->name, c->arguments, c->help);
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
        default:
            return usage(stdout, CTL_OK);
        }
    }
    return status == APR_EOF ? -1 : usage(stderr, CTL_USAGE);
}

static int run(ctl_t *ctl)
{
    for (const ctl_command_t *c = commands; ctl->argc >= 2 && c->group; c++) {
        if (strcmp(c->group, ctl->argv[0]) == 0 && strcmp(c->name, ctl->argv[1]) == 0) {
            ctl->argc -= 2;
            ctl->argv += 2;
            return ctl->argc < c->least || ctl->argc > c->most ? usage(stderr, CTL_USAGE)
                                                               : c->run(ctl);
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
        ctl.argc = argc - reader->ind;
        ctl.argv = argv + reader->ind;
        code = run(&ctl);
    }
    apr_pool_destroy(ctl.pool);
    apr_terminate();
    return code;
}
