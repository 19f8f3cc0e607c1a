/* SPDX-License-Identifier: Apache-2.0
 * A service for unit tests: SQLite in a folder of the test's own, a clock that stands until it is
 * moved, and a delivery that keeps what it is given. Included after unit.h.
 */
#ifndef AS_UNIT_SERVICE_H
#define AS_UNIT_SERVICE_H

#include <string.h>

#include <apr_file_info.h>
#include <apr_strings.h>

#include "crypto/random.h"
#include "ops/keys.h"
#include "ops/outbox.h"
#include "ops/service.h"

#define SECOND APR_USEC_PER_SEC
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

typedef struct {
    as_service_t service;
    apr_int64_t time;
    const char *path;           /* of the database */
    int sent;                   /* messages delivered */
    char to[256], text[4096];   /* of the last one */
    char code[7], token[128];   /* of the last one that had one: notices come in any order */
    authsvc_outcome_t outcome;  /* of the next delivery */
    char log[1024];             /* last line */
} world_t;

static apr_int64_t world_now(void *clock)
{
    return ((world_t *)clock)->time;
}

static void world_log(void *baton, as_log_level_t level, apr_status_t status, const char *line)
{
    (void)level;
    (void)status;
    apr_cpystrn(((world_t *)baton)->log, line, sizeof ((world_t *)baton)->log);
}

static void keep_secrets(world_t *world)
{
    const char *at = strstr(world->text, "?token=");

    if (at) {
        apr_cpystrn(world->token, at + 7, strcspn(at + 7, " \n") + 1);
        return;
    }
    for (const char *p = world->text; *p; p++) {
        if (strspn(p, "0123456789") == 6) {
            apr_cpystrn(world->code, p, sizeof world->code);
            return;
        }
        p += strspn(p, "0123456789");
        if (!*p) {
            return;
        }
    }
}

static authsvc_outcome_t world_send(void *baton, const authsvc_message_t *message,
                                    apr_time_t deadline, const char **reason, apr_pool_t *p)
{
    world_t *world = baton;

    (void)deadline;
    (void)p;
    *reason = "said by the test";
    if (world->outcome == AUTHSVC_SENT) {
        world->sent++;
        apr_cpystrn(world->to, message->to, sizeof world->to);
        apr_cpystrn(world->text, message->text, sizeof world->text);
        keep_secrets(world);
    }
    return world->outcome;
}

static inline const char *fresh_folder(void)
{
    char *folder = apr_pstrdup(pool, "/tmp/authsvc-unit-XXXXXX");

    ck_assert_ptr_nonnull(mkdtemp(folder));
    return folder;
}

static apr_status_t remove_folder(void *baton)
{
    return system(apr_pstrcat(pool, "rm -rf ", baton, NULL)) == 0 ? APR_SUCCESS : APR_EGENERAL;
}

static inline as_store_t *store_at(world_t *world, const char *path, int max, int may_create)
{
    const char **params = apr_pcalloc(pool, 2 * sizeof *params);
    as_store_config_t config = {
        .driver = "sqlite3",
        .params = params,
        .max = max,
        .timeout = 5 * SECOND,
        .may_create = may_create,
        .log = { .write = world_log, .baton = world },
    };
    as_store_t *store;

    params[0] = path;
    ck_assert_int_eq(as_store_create(&store, &config, pool), APR_SUCCESS);
    return store;
}

static inline world_t *world_create(void)
{
    static const as_argon2id_t cheap = { 8, 1, 1 };
    world_t *world = apr_pcalloc(pool, sizeof *world);
    as_service_t *service = &world->service;
    const char *folder = fresh_folder(), *error;

    apr_pool_pre_cleanup_register(pool, folder, remove_folder);
    world->time = apr_time_from_sec(1900000000);
    world->path = apr_pstrcat(pool, folder, "/authsvc.db", NULL);
    service->log = (as_log_t){ .write = world_log, .baton = world };
    service->now = world_now;
    service->clock = world;
    service->store = store_at(world, world->path, 4, 1);
    ck_assert_int_eq(as_store_migrate(service->store, as_random_id(pool), NULL, NULL, pool),
                     APR_SUCCESS);
    ck_assert_int_eq(as_secrets_parse((as_secrets_t **)&service->secrets,
                                      "0123456789abcdef0123456789abcdef", &error, pool),
                     APR_SUCCESS);
    ck_assert_int_eq(as_hasher_create(&service->hasher, &cheap, 2, 8, SECOND, pool), APR_SUCCESS);
    ck_assert_int_eq(as_keys_create(&service->keys, pool), APR_SUCCESS);
    service->policy = (as_policy_t){
        .issuer = "https://auth.example.com",
        .audience = "https://app.example.com",
        .access_ttl = 15 * MINUTE,
        .refresh_ttl = 30 * DAY,
        .session_max = 90 * DAY,
        .refresh_grace = 30 * SECOND,
        .body_max = 65536,
        .disclose = 1,
    };
    for (int i = 0; i < AS_CHANNELS; i++) {
        service->delivery[i] = (as_delivery_t){ .send = world_send, .baton = world };
    }
    world->outcome = AUTHSVC_SENT;
    return world;
}

static inline as_ctx_t ctx_of(world_t *world)
{
    return (as_ctx_t){ .service = &world->service, .pool = pool, .now = world->time,
                       .dialect = "trainova", .request_id = "r", .address = "192.0.2.1",
                       .agent = "unit" };
}

/* Sends what is due; the number of messages that were tried. */
static inline int deliver(world_t *world)
{
    int tried = 0;

    ck_assert_int_eq(as_outbox_deliver(&world->service, &tried, pool), APR_SUCCESS);
    return tried;
}

/* The six digits of the last message that had any, after sending what is due. */
static inline const char *read_code(world_t *world)
{
    deliver(world);
    return *world->code ? apr_pstrdup(pool, world->code) : NULL;
}

#endif
