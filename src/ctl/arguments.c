/* SPDX-License-Identifier: Apache-2.0
 * What follows a command's words: its flags, wherever they stand, and its arguments. The row's own
 * text is the grammar. Called by authsvcctl and the commands.
 */
#include <stdio.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "base/text.h"
#include "ctl/ctl.h"

#define LIMIT 100
#define LIMIT_MAX 1000000

typedef enum { FLAG_UNKNOWN, FLAG_ALONE, FLAG_VALUE } flag_t;

/* Every command has these. */
#define COMMON "--json|--help|"

static flag_t kind_of(const char *grammar, const char *flag)
{
    apr_size_t len = strlen(flag);

    for (const char *at = strstr(grammar, flag); at; at = strstr(at + 1, flag)) {
        if (at[len] == ' ' && apr_isupper(at[len + 1])) {
            return FLAG_VALUE;
        }
        if (!apr_isalnum(at[len]) && at[len] != '-') {
            return FLAG_ALONE;
        }
    }
    return FLAG_UNKNOWN;
}

/* Takes the flag at argv[*i], and its value after it. */
static const char *take_flag(ctl_t *ctl, const char *grammar, int argc, const char *const *argv,
                             int *i)
{
    const char *flag = argv[*i];
    flag_t kind = kind_of(grammar, flag);

    if (kind == FLAG_UNKNOWN || strlen(flag) < 3) {
        return apr_pstrcat(ctl->pool, "there is no ", flag, " here", NULL);
    }
    if (apr_table_get(ctl->flags, flag + 2)) {
        return apr_pstrcat(ctl->pool, flag, " is given twice", NULL);
    }
    if (kind == FLAG_VALUE && *i + 1 == argc) {
        return apr_pstrcat(ctl->pool, flag, " needs a value", NULL);
    }
    apr_table_setn(ctl->flags, flag + 2, kind == FLAG_VALUE ? argv[++*i] : "");
    return NULL;
}

const char *ctl_arguments(ctl_t *ctl, const ctl_command_t *command, int argc,
                          const char *const *argv, int *help)
{
    const char *grammar = apr_pstrcat(ctl->pool, COMMON, command->arguments, NULL);
    const char **rest = apr_palloc(ctl->pool, (argc + 1) * sizeof *rest);
    const char *wrong = NULL;

    ctl->flags = apr_table_make(ctl->pool, 4);
    ctl->argc = 0;
    for (int i = 0; !wrong && i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            wrong = take_flag(ctl, grammar, argc, argv, &i);
        } else {
            rest[ctl->argc++] = argv[i];
        }
    }
    ctl->argv = rest;
    ctl->json = ctl->json || ctl_flag(ctl, "json");
    *help = ctl_flag(ctl, "help") != NULL;
    return wrong;
}

const char *ctl_flag(const ctl_t *ctl, const char *name)
{
    return apr_table_get(ctl->flags, name);
}

int ctl_limit(const ctl_t *ctl, apr_int64_t *limit)
{
    const char *value = ctl_flag(ctl, "limit");

    *limit = LIMIT;
    if (value && (!as_text_integer(value, limit) || *limit < 1 || *limit > LIMIT_MAX)) {
        fprintf(stderr, "authsvcctl: --limit takes a number from 1 to %d\n", LIMIT_MAX);
        return 0;
    }
    return 1;
}
