/* SPDX-License-Identifier: Apache-2.0
 * A gate that lets so many threads in and so many wait (see gate.h), by the monotonic clock:
 * never does a wait grow because somebody sets the time. Called by whatever is slow.
 */
#include "base/gate.h"

#include <pthread.h>
#include <time.h>

#include "base/status.h"

#define NSEC_PER_SEC 1000000000L

struct as_gate_t {
    pthread_mutex_t mutex;
    pthread_cond_t room; /* signalled once for each place handed over */
    int free;            /* places nobody has, waits for or was handed */
    int waiting;         /* threads that wait, those just handed a place included */
    int handed;          /* places left to a waiting thread, so that no newcomer takes them */
    int waiting_max;
    apr_interval_time_t wait;
};

static apr_status_t destroy(void *baton)
{
    as_gate_t *gate = baton;

    pthread_cond_destroy(&gate->room);
    pthread_mutex_destroy(&gate->mutex);
    return APR_SUCCESS;
}

/* A condition whose waits are measured by the monotonic clock. */
static apr_status_t condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    apr_status_t rv = pthread_condattr_init(&attributes);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (rv == APR_SUCCESS) {
        rv = pthread_cond_init(condition, &attributes);
    }
    pthread_condattr_destroy(&attributes);
    return rv;
}

apr_status_t as_gate_create(as_gate_t **gate, int inside, int waiting, apr_interval_time_t wait,
                            apr_pool_t *pool)
{
    as_gate_t *made = apr_palloc(pool, sizeof(*made));
    apr_status_t rv;

    if (inside < 1 || waiting < 0 || wait < 0) {
        return APR_EINVAL;
    }
    *made = (as_gate_t){ .free = inside, .waiting_max = waiting, .wait = wait };
    rv = pthread_mutex_init(&made->mutex, NULL);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = condition_init(&made->room);
    if (rv != APR_SUCCESS) {
        pthread_mutex_destroy(&made->mutex);
        return rv;
    }
    apr_pool_cleanup_register(pool, made, destroy, apr_pool_cleanup_null);
    *gate = made;
    return APR_SUCCESS;
}

static struct timespec instant_after(apr_interval_time_t wait)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += apr_time_sec(wait);
    at.tv_nsec += apr_time_usec(wait) * 1000;
    if (at.tv_nsec >= NSEC_PER_SEC) {
        at.tv_sec++;
        at.tv_nsec -= NSEC_PER_SEC;
    }
    return at;
}

/* With the mutex held: waits to be handed a place, at most until the time is over. */
static apr_status_t wait_for_place(as_gate_t *gate)
{
    const struct timespec end = instant_after(gate->wait);
    int rv = 0;

    gate->waiting++;
    while (gate->handed == 0 && rv == 0) {
        rv = pthread_cond_timedwait(&gate->room, &gate->mutex, &end);
    }
    gate->waiting--;
    if (gate->handed == 0) {
        return AS_EBUSY;
    }
    gate->handed--;
    return APR_SUCCESS;
}

apr_status_t as_gate_enter(as_gate_t *gate)
{
    apr_status_t rv = AS_EBUSY;

    pthread_mutex_lock(&gate->mutex);
    if (gate->free > 0) {
        gate->free--;
        rv = APR_SUCCESS;
    } else if (gate->waiting - gate->handed < gate->waiting_max) {
        rv = wait_for_place(gate);
    }
    pthread_mutex_unlock(&gate->mutex);
    return rv;
}

void as_gate_leave(as_gate_t *gate)
{
    pthread_mutex_lock(&gate->mutex);
    if (gate->waiting > gate->handed) {
        gate->handed++;
        pthread_cond_signal(&gate->room);
    } else {
        gate->free++;
    }
    pthread_mutex_unlock(&gate->mutex);
}
