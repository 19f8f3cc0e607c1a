/* SPDX-License-Identifier: Apache-2.0
 * What the tables in shared memory are built of: a lock that survives the death of its holder, and
 * a sequence lock a slot. Memory is made by server/segment before the children are; here it is laid
 * out. Never a pointer inside a segment: each process may see it elsewhere. Called by the files of
 * this floor.
 */
#ifndef AS_SHM_SLOTS_H
#define AS_SHM_SLOTS_H

#include <pthread.h>
#include <stdatomic.h>

#include <apr.h>

/* A lock of all processes on this machine. */
typedef struct {
    pthread_mutex_t mutex;
} as_shm_lock_t;

/* Once, by the process that lays the segment out. 1, or 0 if the system has no such locks. */
int as_shm_lock_init(as_shm_lock_t *lock);

/* Waits for the lock. 1 if its last holder died inside: what it guards has to be repaired first. */
int as_shm_lock_enter(as_shm_lock_t *lock);
void as_shm_lock_leave(as_shm_lock_t *lock);

/* The same, but not beyond a deadline (microseconds since 1970): -1 if it came first. */
int as_shm_lock_enter_until(as_shm_lock_t *lock, apr_int64_t deadline);

/* The same without waiting: -1 if somebody else is inside. */
int as_shm_lock_try(as_shm_lock_t *lock);

/* Something that one of all processes does now and then: when it was last begun. */
typedef struct {
    _Atomic apr_int64_t last;
} as_shm_turn_t;

/* 1 for one of all who ask within an interval (microseconds); who takes a turn and dies costs one.
 */
int as_shm_turn_take(as_shm_turn_t *turn, apr_int64_t interval);

/* A slot's version: 0 never used, odd while it is written, even when it can be read. A writer holds
 * the lock of its table; a reader holds nothing and reads again what changed under its hands.
 */
typedef _Atomic apr_uint64_t as_version_t;

/* Brackets a write. begin returns what end wants. */
apr_uint64_t as_slot_write_begin(as_version_t *version);
void as_slot_write_end(as_version_t *version, apr_uint64_t begun);

/* The version if the slot can be read, 0 if it is empty or being written. */
static inline apr_uint64_t as_slot_read_begin(const as_version_t *version)
{
    apr_uint64_t seen = atomic_load_explicit((as_version_t *)version, memory_order_acquire);

    return seen & 1 ? 0 : seen;
}

/* 1 if nothing was written since read_begin returned seen. */
static inline int as_slot_read_ok(const as_version_t *version, apr_uint64_t seen)
{
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit((as_version_t *)version, memory_order_relaxed) == seen;
}

/* Microseconds of a clock that nobody sets, the same for all processes of this machine; no system
 * call.
 */
apr_int64_t as_shm_clock(void);

/* A point where a test build stops the process inside a critical section, to be killed there;
 * nothing in other builds. The environment variable AUTHSVC_FAULT names the point.
 */
#ifdef AS_FAULTS
void as_fault_point(const char *name);
#else
#define as_fault_point(name) ((void)0)
#endif

#endif
