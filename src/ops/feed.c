/* SPDX-License-Identifier: Apache-2.0
 * Revocations on their way into shared memory. See feed.h.
 */
#include "ops/feed.h"

#include <string.h>

#include <apr_strings.h>

#include "base/bytes.h"
#include "ops/tokens.h"
#include "store/feed.h"

#define LEASE (2 * APR_USEC_PER_SEC) /* a killed reader's turn ends after this */

/* One page of news. */
typedef struct {
    as_service_t *service;
    as_feed_position_t from, to;
    as_feed_head_t head;
    as_feed_row_t *rows;
    int n;
} page_t;

static apr_status_t read_page(as_db_t *db, void *baton, apr_pool_t *pool)
{
    page_t *page = baton;
    apr_status_t status = as_feed_head(db, &page->head, pool);

    return status == APR_SUCCESS ? as_feed_rows(db, page->from.seq, &page->rows, &page->n, pool)
                                 : status;
}

/* Another database, one set back, or a gap where rows were pruned unread: what is known counts no
 * more.
 */
static int is_broken(const page_t *page)
{
    if (!*page->from.epoch) {
        return 0;
    }
    return strcmp(page->from.epoch, page->head.epoch) != 0 || page->head.seq < page->from.seq
           || (page->from.loaded && page->n > 0 && page->rows[0].seq != page->from.seq + 1);
}

static void add_row(as_service_t *service, const as_feed_row_t *row, apr_int64_t now)
{
    unsigned char id[AS_REVOCATION_KEY];

    if (row->session_id && as_hex_decode(row->session_id, id, sizeof id)) {
        as_revocations_add_session(service->revocations, id, row->expires_at, now);
    } else if (row->account_id && as_hex_decode(row->account_id, id, sizeof id)) {
        as_revocations_add_account(service->revocations, id, row->least_epoch, row->expires_at,
                                   now);
    }
}

/* Takes a page over; *more says whether there is another. */
static void take_page(page_t *page, apr_int64_t asked_at, int *more)
{
    as_service_t *service = page->service;
    apr_int64_t now = service->now(service->clock);

    for (int i = 0; i < page->n; i++) {
        add_row(service, &page->rows[i], now);
    }
    *more = page->n == AS_FEED_PAGE;
    page->to = page->from;
    apr_cpystrn(page->to.epoch, page->head.epoch, sizeof page->to.epoch);
    if (page->n > 0) {
        page->to.seq = page->rows[page->n - 1].seq;
    } else if (page->head.seq > page->to.seq) {
        page->to.seq = page->head.seq; /* all up to there is pruned: it had expired */
    }
    page->to.loaded |= !*more;
    as_revocations_advance(service->revocations, &page->from, &page->to, *more ? 0 : asked_at,
                           LEASE);
    page->from = page->to;
}

apr_status_t as_feed_sync(as_service_t *service, apr_pool_t *pool)
{
    as_revocations_t *revocations = service->revocations;
    page_t page = { .service = service };
    int more = 1;

    if (!revocations
        || !as_revocations_take_turn(revocations, service->policy.revocation_sync, LEASE)) {
        return APR_SUCCESS;
    }
    as_revocations_position(revocations, &page.from);
    while (more) {
        apr_int64_t asked_at = as_shm_clock();
        apr_status_t status = as_store_read(service->store, read_page, &page, pool);

        if (status != APR_SUCCESS) {
            as_revocations_end_turn(revocations);
            return status;
        }
        if (is_broken(&page)) {
            as_log(&service->log, AS_LOG_WARN, APR_SUCCESS,
                   "the revocation feed has a gap or another epoch: all of it is loaded again");
            as_revocations_restart(revocations);
            memset(&page.from, 0, sizeof page.from);
        } else {
            take_page(&page, asked_at, &more);
        }
        apr_pool_clear(pool);
    }
    return APR_SUCCESS;
}

void as_feed_publish_session(const as_ctx_t *ctx, const char *session_id)
{
    as_service_t *service = ctx->service;
    apr_int64_t now = service->now(service->clock);
    unsigned char id[AS_REVOCATION_KEY];

    if (service->revocations && as_hex_decode(session_id, id, sizeof id)) {
        as_revocations_add_session(service->revocations, id, now + as_tokens_memory(service), now);
    }
}

void as_feed_publish_account(const as_ctx_t *ctx, const char *account_id, apr_int64_t least_epoch)
{
    as_service_t *service = ctx->service;
    apr_int64_t now = service->now(service->clock);
    unsigned char id[AS_REVOCATION_KEY];

    if (service->revocations && as_hex_decode(account_id, id, sizeof id)) {
        as_revocations_add_account(service->revocations, id, least_epoch,
                                   now + as_tokens_memory(service), now);
    }
}
