/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl: the second front door on the same library. A command is one row in authsvcctl.c.
 */
#ifndef AS_CTL_CTL_H
#define AS_CTL_CTL_H

#include <apr_pools.h>
#include <apr_tables.h>

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
    int argc; /* what follows the command's words */
    const char *const *argv;
} ctl_t;

typedef struct {
    const char *group, *name; /* "db", "migrate" */
    const char *arguments;    /* for the help */
    int least, most;          /* number of arguments */
    const char *help;
    int (*run)(ctl_t *ctl); /* returns an exit code */
} ctl_command_t;

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

int ctl_db_migrate(ctl_t *ctl);
int ctl_db_status(ctl_t *ctl);
int ctl_secret_create(ctl_t *ctl);
int ctl_role_add(ctl_t *ctl);
int ctl_role_remove(ctl_t *ctl);
int ctl_team_create(ctl_t *ctl);
int ctl_team_add(ctl_t *ctl);
int ctl_secret_reseal(ctl_t *ctl);
int ctl_key_list(ctl_t *ctl);
int ctl_key_rotate(ctl_t *ctl);
int ctl_key_drop(ctl_t *ctl);

#endif
