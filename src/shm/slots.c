/* SPDX-License-Identifier: Apache-2.0
 * Robust locks, slot versions, the machine's own clock. See slots.h.
 */
#include "shm/slots.h"

#include <errno.h>
#include <time.h>

int as_shm_lock_init(as_shm_lock_t *lock)
{
    pthread_mutexattr_t attributes;
    int good = pthread_mutexattr_init(&attributes) == 0;

    good = good && pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0
           && pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0
           && pthread_mutex_init(&lock->mutex, &attributes) == 0;
    pthread_mutexattr_destroy(&attributes);
    return good;
}

static int entered(as_shm_lock_t *lock, int code)
{
    if (code == EOWNERDEAD) {
        pthread_mutex_consistent(&lock->mutex);
    }
    return code == EOWNERDEAD;
}

int as_shm_lock_enter(as_shm_lock_t *lock)
{
    return entered(lock, pthread_mutex_lock(&lock->mutex));
}

int as_shm_lock_enter_until(as_shm_lock_t *lock, apr_int64_t deadline)
{
    const struct timespec end = { deadline / 1000000, deadline % 1000000 * 1000 };
    int code = pthread_mutex_timedlock(&lock->mutex, &end);

    return code == 0 || code == EOWNERDEAD ? entered(lock, code) : -1;
}

int as_shm_lock_try(as_shm_lock_t *lock)
{
    int code = pthread_mutex_trylock(&lock->mutex);

    return code == EBUSY ? -1 : entered(lock, code);
}

void as_shm_lock_leave(as_shm_lock_t *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

int as_shm_turn_take(as_shm_turn_t *turn, apr_int64_t interval)
{
    apr_int64_t now = as_shm_clock(), last = atomic_load(&turn->last);

    return now - last >= interval && atomic_compare_exchange_strong(&turn->last, &last, now);
}

/* An odd version here is that of a writer who died: it is gone on from. */
apr_uint64_t as_slot_write_begin(as_version_t *version)
{
    apr_uint64_t begun = atomic_load_explicit(version, memory_order_relaxed) | 1;

    atomic_store_explicit(version, begun, memory_order_relaxed);
    atomic_thread_fence(memory_order_release);
    return begun;
}

void as_slot_write_end(as_version_t *version, apr_uint64_t begun)
{
    atomic_store_explicit(version, begun + 1, memory_order_release);
}

apr_int64_t as_shm_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (apr_int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

#ifdef AS_FAULTS
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Stops in the critical section until it is killed there. */
void as_fault_point(const char *name)
{
    const char *wanted = getenv("AUTHSVC_FAULT");

    if (wanted && strcmp(wanted, name) == 0) {
        kill(getpid(), SIGSTOP);
    }
}
#endif
