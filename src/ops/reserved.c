/* SPDX-License-Identifier: Apache-2.0
 * What deleted accounts keep from others. See reserved.h.
 */
#include "ops/reserved.h"

#include "store/identities.h"

static const char *hash_of(const as_ctx_t *ctx, apr_size_t secret, const char *kind,
                           const char *text, apr_pool_t *pool)
{
    const as_span_t parts[2] = { as_span(kind), as_span(text) };

    return as_mac_text_of(pool, ctx->service->secrets, secret, AS_PURPOSE_ADDRESS, parts);
}

apr_status_t as_reserved_check(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                               apr_pool_t *pool)
{
    apr_status_t status = AS_ENO;

    for (apr_size_t i = 0; status == AS_ENO && i < as_secrets_count(ctx->service->secrets); i++) {
        status = as_reserved_find(db, hash_of(ctx, i, kind, text, pool), pool);
    }
    return status;
}

apr_status_t as_reserve(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                        const char *account_id, apr_pool_t *pool)
{
    return as_reserved_insert(db, hash_of(ctx, 0, kind, text, pool), account_id, ctx->now);
}

apr_status_t as_release(as_db_t *db, const as_ctx_t *ctx, const char *kind, const char *text,
                        int *n, apr_pool_t *pool)
{
    apr_status_t status = APR_SUCCESS;

    *n = 0;
    for (apr_size_t i = 0;
         status == APR_SUCCESS && i < as_secrets_count(ctx->service->secrets); i++) {
        int freed = 0;

        status = as_reserved_delete(db, hash_of(ctx, i, kind, text, pool), &freed);
        *n += freed;
    }
    return status;
}
