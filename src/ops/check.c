/* SPDX-License-Identifier: Apache-2.0
 * Checks of a database. See check.h.
 */
#include "ops/check.h"

#include "ops/rotation.h"
#include "store/lists.h"

#define SKEW (5 * APR_USEC_PER_SEC) /* what nodes may differ by */

static const struct {
    const char *what;
    as_sql_t sql;
} relations[] = {
    { "sessions without account", AS_SQL_CHECK_SESSION_ACCOUNT },
    { "live sessions of disabled accounts", AS_SQL_CHECK_SESSION_LIVE },
    { "roles without account", AS_SQL_CHECK_ROLE_ACCOUNT },
    { "roles in no team", AS_SQL_CHECK_ROLE_TEAM },
    { "memberships without account", AS_SQL_CHECK_MEMBER_ACCOUNT },
    { "memberships without team", AS_SQL_CHECK_MEMBER_TEAM },
    { "factors without account", AS_SQL_CHECK_FACTOR_ACCOUNT },
    { "identities without account", AS_SQL_CHECK_IDENTITY_ACCOUNT },
    { "app passwords without account", AS_SQL_CHECK_APP_PASSWORD_ACCOUNT },
    { "invitations without team", AS_SQL_CHECK_INVITATION_TEAM },
    { "deleted accounts that are not erased", AS_SQL_CHECK_DELETED },
    { "missing or double heads of the revocation feed", AS_SQL_CHECK_FEED },
    { "revocations beyond the feed's head", AS_SQL_CHECK_FEED_AHEAD },
    { "audit entries of the future: a node's clock is wrong", AS_SQL_CHECK_CLOCK },
};

typedef struct {
    apr_int64_t horizon;
    apr_array_header_t *checks;
} survey_t;

static apr_status_t check_relations(as_db_t *db, void *baton, apr_pool_t *pool)
{
    const survey_t *survey = baton;
    apr_status_t status = APR_SUCCESS;

    apr_array_clear(survey->checks);
    for (apr_size_t i = 0; status == APR_SUCCESS && i < sizeof relations / sizeof *relations; i++) {
        as_check_t *check = apr_array_push(survey->checks);

        check->what = relations[i].what;
        status = as_list_broken(db, relations[i].sql, survey->horizon, &check->found, pool);
    }
    return status;
}

apr_status_t as_check_database(as_service_t *service, apr_array_header_t **checks,
                               apr_pool_t *pool)
{
    survey_t survey = { .horizon = service->now(service->clock) + SKEW };
    as_check_t shut = { .what = "signing keys that no secret of the file opens" };
    apr_array_header_t *keys;
    apr_status_t status;

    survey.checks = *checks = apr_array_make(pool, 16, sizeof(as_check_t));
    status = as_store_read(service->store, check_relations, &survey, pool);
    if (status == APR_SUCCESS) {
        status = as_rotation_read(service, &keys, pool, pool);
    }
    for (int i = 0; status == APR_SUCCESS && i < keys->nelts; i++) {
        shut.found += APR_ARRAY_IDX(keys, i, as_stored_key_t).state == AS_KEY_SHUT;
    }
    APR_ARRAY_PUSH(*checks, as_check_t) = shut;
    return status;
}
