/* SPDX-License-Identifier: Apache-2.0
 * Threads that work without a request. See worker.h.
 */
#include "server/worker.h"

#include <signal.h>

#include <apr_allocator.h>
#include <apr_thread_cond.h>
#include <apr_thread_proc.h>

#include "crypto/random.h"
#include "ops/feed.h"
#include "ops/outbox.h"
#include "ops/upkeep.h"

#define OUTBOX_REST (2 * APR_USEC_PER_SEC)
#define UPKEEP_REST (60 * APR_USEC_PER_SEC)

typedef struct worker_t worker_t;

/* What a thread does, and how long it rests unless it is woken. */
typedef struct {
    const char *name;
    apr_interval_time_t (*rest)(const as_host_t *host);
    void (*begin)(as_host_t *host, apr_pool_t *pool);
    void (*work)(worker_t *worker, apr_pool_t *pool);
} job_t;

struct worker_t {
    const job_t *job;
    as_host_t *host;
    apr_thread_t *thread;
    apr_thread_mutex_t *mutex; /* guards the two below */
    apr_thread_cond_t *changed;
    int woken, stopping;
    int called; /* the last rest ended because somebody woke us; the thread's own */
};

static int stopping(worker_t *worker)
{
    int answer;

    apr_thread_mutex_lock(worker->mutex);
    answer = worker->stopping;
    apr_thread_mutex_unlock(worker->mutex);
    return answer;
}

static void send_messages(worker_t *worker, apr_pool_t *pool)
{
    int tried = 0;

    /* whoever put a message there sends it; what others left behind is looked for by one of all */
    if (!worker->called && !as_shm_turn_take(&worker->host->turns->outbox, OUTBOX_REST / 2)) {
        return;
    }
    while (as_outbox_deliver(&worker->host->service, &tried, pool) == APR_SUCCESS && tried > 0
           && !stopping(worker)) {
        apr_pool_clear(pool);
    }
}

/* Every child needs the keys, one of all tidies up. */
static void keep_house(worker_t *worker, apr_pool_t *pool)
{
    as_host_t *host = worker->host;
    apr_status_t status = as_upkeep_keys(&host->service, pool);

    if (status == APR_SUCCESS && as_shm_turn_take(&host->turns->upkeep, UPKEEP_REST / 2)) {
        status = as_upkeep_prune(&host->service, pool);
    }
    if (status != APR_SUCCESS) {
        as_log(&host->service.log, AS_LOG_WARN, APR_SUCCESS, "upkeep could not finish: %s",
               as_code_name(as_result_of(status).code));
    }
}

static void read_feed(worker_t *worker, apr_pool_t *pool)
{
    as_feed_sync(&worker->host->service, pool); /* a database that is away says so elsewhere */
}

static apr_interval_time_t rest_of_outbox(const as_host_t *host)
{
    (void)host;
    return OUTBOX_REST;
}

static apr_interval_time_t rest_of_upkeep(const as_host_t *host)
{
    (void)host;
    return UPKEEP_REST;
}

/* Every child looks whether it is its turn; the sooner one notices that another has died, the
 * better.
 */
static apr_interval_time_t rest_of_feed(const as_host_t *host)
{
    return host->service.policy.revocation_sync / 2;
}

static const job_t jobs[] = {
    { .name = "outbox", .rest = rest_of_outbox, .work = send_messages },
    { .name = "upkeep", .rest = rest_of_upkeep, .begin = as_host_migrate, .work = keep_house },
    { .name = "feed", .rest = rest_of_feed, .work = read_feed },
};
enum { OUTBOX, UPKEEP, FEED, JOBS };

/* Rests until woken, or for the job's time give or take a quarter, so that children do not march in
 * step.
 */
static void rest(worker_t *worker)
{
    apr_interval_time_t whole = worker->job->rest(worker->host);
    apr_interval_time_t time = whole * 3 / 4 + as_random_below((apr_uint32_t)(whole / 2));

    apr_thread_mutex_lock(worker->mutex);
    if (!worker->woken && !worker->stopping) {
        apr_thread_cond_timedwait(worker->changed, worker->mutex, time);
    }
    worker->called = worker->woken;
    worker->woken = 0;
    apr_thread_mutex_unlock(worker->mutex);
}

static void *APR_THREAD_FUNC run(apr_thread_t *thread, void *baton)
{
    worker_t *worker = baton;
    apr_allocator_t *allocator;
    apr_pool_t *pool;

    if (apr_allocator_create(&allocator) != APR_SUCCESS
        || apr_pool_create_ex(&pool, NULL, NULL, allocator) != APR_SUCCESS) {
        return NULL;
    }
    apr_allocator_owner_set(allocator, pool);
    apr_pool_tag(pool, worker->job->name);
    if (worker->job->begin) {
        worker->job->begin(worker->host, pool);
    }
    while (!stopping(worker)) {
        apr_pool_clear(pool);
        worker->job->work(worker, pool);
        rest(worker);
    }
    apr_pool_destroy(pool);
    apr_thread_exit(thread, APR_SUCCESS);
    return NULL;
}

static void signal_worker(worker_t *worker, int stop)
{
    apr_thread_mutex_lock(worker->mutex);
    worker->woken = 1;
    worker->stopping |= stop;
    apr_thread_cond_signal(worker->changed);
    apr_thread_mutex_unlock(worker->mutex);
}

static void wake(void *waker)
{
    signal_worker(waker, 0);
}

static apr_status_t stop(void *baton)
{
    worker_t *worker = baton;
    apr_status_t status;

    signal_worker(worker, 1);
    return apr_thread_join(&status, worker->thread);
}

/* Signals are for the MPM's own threads. */
static apr_status_t start_thread(worker_t *worker, apr_pool_t *pchild)
{
    sigset_t all, before;
    apr_status_t status;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    status = apr_thread_create(&worker->thread, NULL, run, worker, pchild);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return status;
}

apr_status_t as_worker_start(as_host_t *host, apr_pool_t *pchild)
{
    worker_t *workers = apr_pcalloc(pchild, JOBS * sizeof *workers);
    apr_status_t status = APR_SUCCESS;

    for (int i = 0; i < JOBS && status == APR_SUCCESS; i++) {
        worker_t *worker = &workers[i];

        worker->job = &jobs[i];
        worker->host = host;
        status = apr_thread_mutex_create(&worker->mutex, APR_THREAD_MUTEX_DEFAULT, pchild);
        if (status == APR_SUCCESS) {
            status = apr_thread_cond_create(&worker->changed, pchild);
        }
        if (status == APR_SUCCESS) {
            status = start_thread(worker, pchild);
        }
        if (status == APR_SUCCESS) {
            apr_pool_pre_cleanup_register(pchild, worker, stop);
        }
    }
    host->service.waker = &workers[OUTBOX];
    host->service.wake = wake;
    return status;
}
