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
#include <apr_user.h>

#include "crypto/random.h"
#include "ops/check.h"
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

/* Who acts, for the audit trail: as whoever called, before root is given up. */
static const char *agent_of(apr_pool_t *pool)
{
    apr_uid_t user;
    apr_gid_t group;
    char *name;

    return apr_uid_current(&user, &group, pool) == APR_SUCCESS
                   && apr_uid_name_get(&name, user, pool) == APR_SUCCESS
               ? apr_pstrcat(pool, "authsvcctl by ", name, NULL)
               : "authsvcctl";
}

int ctl_open(ctl_t *ctl, ctl_desk_t *desk, int secrets)
{
    const char *agent = agent_of(ctl->pool);
    int code;

    *desk = (ctl_desk_t){ .service = { .log = ctl->log, .now = wall_clock } };
    code = secrets ? ctl_service(ctl, &desk->service) : ctl_store(ctl, &desk->service.store, 0);
    desk->service.policy.access_ttl = AS_ACCESS_TTL_MAX; /* a revocation outlives any */
    desk->ctx = (as_ctx_t){
        .service = &desk->service,
        .pool = ctl->pool,
        .now = apr_time_now(),
        .request_id = as_random_id(ctl->pool),
        .agent = agent,
    };
    return code;
}

int ctl_exit(as_result_t result)
{
    switch (result.code) {
    case AS_OK:
        return CTL_OK;
    case AS_BUSY:
    case AS_UNAVAILABLE:
        fprintf(stderr, "authsvcctl: the database does not answer, or its schema is another one\n");
        return CTL_UNAVAILABLE;
    default:
        fprintf(stderr, "authsvcctl: %s\n",
                result.detail ? result.detail : as_code_name(result.code));
        return CTL_REFUSED;
    }
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
    return from == to ? ctl_say(ctl, NULL, "schema is at version %d", to)
                      : ctl_say(ctl, NULL, "schema brought from version %d to %d", from, to);
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
    ctl_say(ctl, NULL, "driver %s, schema version %d, this program serves %d to %d",
            ctl->settings.driver, version, AS_SCHEMA_OLDEST, AS_SCHEMA_NEWEST);
    return version >= AS_SCHEMA_OLDEST && version <= AS_SCHEMA_NEWEST ? CTL_OK : CTL_REFUSED;
}

/* Wrong is the schema's version alone: there is nothing more that could be asked. */
static int check_schema(as_store_t *store, apr_pool_t *pool)
{
    int version;
    apr_status_t status = as_store_version(store, &version, pool);

    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    if (version < AS_SCHEMA_OLDEST || version > AS_SCHEMA_NEWEST) {
        fprintf(stderr, "authsvcctl: the schema is at version %d, this program serves %d to %d\n",
                version, AS_SCHEMA_OLDEST, AS_SCHEMA_NEWEST);
        return CTL_REFUSED;
    }
    return CTL_OK;
}

int ctl_db_check(ctl_t *ctl)
{
    static const ctl_column_t columns[] = {
        { "found", 'i', 0 }, { "check", 's', 0 }, { NULL, 0, 0 }
    };
    as_json_t *array = as_json_array(ctl->pool);
    apr_array_header_t *checks;
    as_service_t service;
    apr_int64_t found = 0;
    apr_status_t status;
    int code = ctl_service(ctl, &service);

    code = code == CTL_OK ? check_schema(service.store, ctl->pool) : code;
    if (code != CTL_OK) {
        return code;
    }
    status = as_check_database(&service, &checks, ctl->pool);
    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    for (int i = 0; i < checks->nelts; i++) {
        const as_check_t *check = &APR_ARRAY_IDX(checks, i, as_check_t);
        as_json_t *object = as_json_object(ctl->pool);

        as_json_set_integer(object, "found", check->found);
        as_json_set_string(object, "check", check->what);
        as_json_append(array, object);
        found += check->found;
    }
    ctl_print_list(ctl, array, columns);
    return found == 0 ? CTL_OK : CTL_REFUSED;
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
    return ctl_say(ctl, NULL, "new secret in %s", path);
}
