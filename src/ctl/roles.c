/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl role and team. Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include "crypto/random.h"
#include "ops/membership.h"

typedef struct {
    as_service_t service;
    as_ctx_t ctx;
} desk_t;

static apr_int64_t wall_clock(void *clock)
{
    (void)clock;
    return apr_time_now();
}

/* A context for operations that need a store and a clock alone. */
static int open_desk(ctl_t *ctl, desk_t *desk)
{
    int code = ctl_store(ctl, &desk->service.store, 0);

    desk->service.log = ctl->log;
    desk->service.now = wall_clock;
    desk->service.policy.access_ttl = AS_ACCESS_TTL_MAX; /* a revocation outlives any */
    desk->ctx = (as_ctx_t){
        .service = &desk->service,
        .pool = ctl->pool,
        .now = apr_time_now(),
        .request_id = as_random_id(ctl->pool),
        .agent = "authsvcctl",
    };
    return code;
}

static int exit_code(as_result_t result)
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

/* EMAIL ROLE [--team ID] */
static int change_role(ctl_t *ctl, as_result_t (*change)(as_ctx_t *, const as_role_in_t *))
{
    as_role_in_t in = { .address = ctl->argv[0], .role = ctl->argv[1] };
    desk_t desk = { .ctx = { 0 } };
    int code;

    if (ctl->argc > 2) {
        if (ctl->argc != 4 || strcmp(ctl->argv[2], "--team") != 0) {
            fprintf(stderr, "authsvcctl: after EMAIL and ROLE only --team ID is allowed\n");
            return CTL_USAGE;
        }
        in.team = ctl->argv[3];
    }
    code = open_desk(ctl, &desk);
    return code == CTL_OK ? exit_code(change(&desk.ctx, &in)) : code;
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
    desk_t desk = { .ctx = { 0 } };
    const char *id;
    int code = open_desk(ctl, &desk);

    if (code == CTL_OK) {
        code = exit_code(as_team_create(&desk.ctx, ctl->argv[0], &id));
    }
    if (code == CTL_OK) {
        printf("new team %s\n", id);
    }
    return code;
}

int ctl_team_add(ctl_t *ctl)
{
    desk_t desk = { .ctx = { 0 } };
    int code = open_desk(ctl, &desk);

    return code == CTL_OK ? exit_code(as_team_join(&desk.ctx, ctl->argv[0], ctl->argv[1])) : code;
}
