/* SPDX-License-Identifier: Apache-2.0
 * What authsvcctl does: secrets and the database's schema.
 * Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "crypto/random.h"
#include "store/driver.h"

#define TIMEOUT (10 * APR_USEC_PER_SEC)

int ctl_fail(apr_status_t status)
{
    switch (status) {
    case AS_EUNAVAILABLE:
    case AS_EBUSY:
        fprintf(stderr, "authsvcctl: the database does not answer\n");
        return CTL_UNAVAILABLE;
    case AS_ESCHEMA:
        fprintf(stderr, "authsvcctl: the database's schema is newer than this program\n");
        return CTL_REFUSED;
    default:
        return CTL_REFUSED;
    }
}

/* Files that root makes beside a database would lock its owner out. */
static int become_owner(const char *path, apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_status_t status = apr_stat(&info, path, APR_FINFO_OWNER, pool);

    if (geteuid() != 0) {
        return 1;
    }
    if (APR_STATUS_IS_ENOENT(status)) {
        char *slash = strrchr(apr_pstrdup(pool, path), '/');
        const char *folder = slash ? apr_pstrmemdup(pool, path, strrchr(path, '/') - path) : ".";

        status = apr_stat(&info, *folder ? folder : "/", APR_FINFO_OWNER, pool);
    }
    return status != APR_SUCCESS || info.user == 0
           || (setgid(info.group) == 0 && setuid(info.user) == 0);
}

static apr_int64_t wall_clock(void *clock)
{
    (void)clock;
    return apr_time_now();
}

int ctl_store(ctl_t *ctl, as_store_t **store, int may_create)
{
    const as_driver_t *driver = as_driver_find(ctl->settings.driver);
    as_store_config_t config = {
        .driver = ctl->settings.driver,
        .max = 1,
        .timeout = TIMEOUT,
        .may_create = may_create,
        .log = ctl->log,
    };
    const char *file;

    if (ctl->settings.params->nelts == 0) {
        fprintf(stderr, "authsvcctl: which database? Use -f FILE or --params\n");
        return CTL_USAGE;
    }
    APR_ARRAY_PUSH(ctl->settings.params, const char *) = NULL;
    config.params = (const char *const *)ctl->settings.params->elts;
    file = driver && driver->file ? driver->file(config.params[0]) : NULL;
    if (file && !become_owner(file, ctl->pool)) {
        fprintf(stderr, "authsvcctl: cannot become the owner of %s\n", file);
        return CTL_REFUSED;
    }
    return as_store_create(store, &config, ctl->pool) == APR_SUCCESS ? CTL_OK : CTL_REFUSED;
}

/* Secrets first: their file may be root's alone, and then root is given up. */
int ctl_service(ctl_t *ctl, as_service_t *service)
{
    const char *error = NULL;

    *service = (as_service_t){ .log = ctl->log, .now = wall_clock };
    if (!ctl->settings.secret_file) {
        fprintf(stderr, "authsvcctl: which secrets? Use -f FILE or --secret-file\n");
        return CTL_USAGE;
    }
    if (as_secrets_read((as_secrets_t **)&service->secrets, ctl->settings.secret_file, &error,
                        ctl->pool) != APR_SUCCESS) {
        fprintf(stderr, "authsvcctl: %s\n", error);
        return CTL_REFUSED;
    }
    return ctl_store(ctl, &service->store, 0);
}

int ctl_db_migrate(ctl_t *ctl)
{
    as_store_t *store;
    int from, to, code = ctl_store(ctl, &store, 1);
    apr_status_t status;

    if (code != CTL_OK) {
        return code;
    }
    status = as_store_migrate(store, as_random_id(ctl->pool), &from, &to, ctl->pool);
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    if (from == to) {
        printf("schema is at version %d\n", to);
    } else {
        printf("schema brought from version %d to %d\n", from, to);
    }
    return CTL_OK;
}

int ctl_db_status(ctl_t *ctl)
{
    as_store_t *store;
    int version, code = ctl_store(ctl, &store, 0);
    apr_status_t status;

    if (code != CTL_OK) {
        return code;
    }
    status = as_store_version(store, &version, ctl->pool);
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    printf("driver %s, schema version %d, this program serves %d to %d\n", ctl->settings.driver,
           version, AS_SCHEMA_OLDEST, AS_SCHEMA_NEWEST);
    return version >= AS_SCHEMA_OLDEST && version <= AS_SCHEMA_NEWEST ? CTL_OK : CTL_REFUSED;
}

int ctl_secret_create(ctl_t *ctl)
{
    const char *path = ctl->argv[0];
    char *line = apr_pstrcat(ctl->pool, as_random_token(ctl->pool), "\n", NULL);
    char why[128];
    apr_file_t *file;
    apr_status_t status = apr_file_open(&file, path, APR_WRITE | APR_CREATE | APR_EXCL,
                                        APR_UREAD | APR_UWRITE, ctl->pool);

    if (status == APR_SUCCESS) {
        status = apr_file_write_full(file, line, strlen(line), NULL);
    }
    if (status == APR_SUCCESS) {
        status = apr_file_close(file);
    }
    if (status != APR_SUCCESS) {
        fprintf(stderr, "authsvcctl: %s: %s\n", path, apr_strerror(status, why, sizeof why));
        return CTL_REFUSED;
    }
    printf("new secret in %s\n", path);
    return CTL_OK;
}
