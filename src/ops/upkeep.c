/* SPDX-License-Identifier: Apache-2.0
 * Upkeep. See upkeep.h.
 */
#include "ops/upkeep.h"

#include "ops/keys.h"
#include "ops/rotation.h"
#include "store/outbox.h"

#define HOUR (3600 * APR_USEC_PER_SEC)
#define DAY (24 * HOUR)
#define KEYS_MAX_AGE (30 * APR_USEC_PER_SEC)

/* What is deleted, and how long after it has lost its meaning. A day's tallies are kept by the
 * number of the day.
 */
static const struct {
    as_sql_t sql;
    apr_int64_t keep, unit;
    int parameters;
} prunes[] = {
    { AS_SQL_PENDING_PRUNE, HOUR, 1, 1 },    { AS_SQL_CHALLENGE_PRUNE, HOUR, 1, 1 },
    { AS_SQL_TALLY_PRUNE, DAY, DAY, 1 },     { AS_SQL_SESSION_PRUNE, 7 * DAY, 1, 2 },
    { AS_SQL_REVOCATION_PRUNE, HOUR, 1, 1 }, { AS_SQL_OUTBOX_PRUNE, DAY, 1, 1 },
    { AS_SQL_FACTOR_PRUNE, HOUR, 1, 1 },     { AS_SQL_INVITATION_PRUNE, 30 * DAY, 1, 1 },
};

static apr_status_t prune(as_db_t *db, void *baton, apr_pool_t *pool)
{
    apr_int64_t now = *(apr_int64_t *)baton;
    apr_status_t status = as_outbox_expire(db, now);

    (void)pool;
    for (apr_size_t i = 0; i < sizeof prunes / sizeof *prunes && status == APR_SUCCESS; i++) {
        apr_int64_t before = (now - prunes[i].keep) / prunes[i].unit;

        status = prunes[i].parameters == 2
                     ? as_db_exec(db, prunes[i].sql, NULL, AS_ARGS(AS_I(before), AS_I(before)))
                     : as_db_exec(db, prunes[i].sql, NULL, AS_ARGS(AS_I(before)));
    }
    return status;
}

apr_status_t as_upkeep_keys(as_service_t *service, apr_pool_t *pool)
{
    int changed;
    apr_status_t status = as_rotation_tend(service, &changed, pool);

    return status == APR_SUCCESS ? as_keys_renew(service, changed ? 0 : KEYS_MAX_AGE, pool)
                                 : status;
}

apr_status_t as_upkeep_prune(as_service_t *service, apr_pool_t *pool)
{
    apr_int64_t now = service->now(service->clock);

    return as_store_write(service->store, prune, &now, pool);
}
