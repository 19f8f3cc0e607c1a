/* SPDX-License-Identifier: Apache-2.0
 * A gate: at most so many threads inside, at most so many waiting, none for longer than a limit.
 * Never blocks without bound. Used for whatever is slow: hashing, vendors.
 */
#ifndef AS_BASE_GATE_H
#define AS_BASE_GATE_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct as_gate_t as_gate_t;

/* inside and waiting are numbers of threads of this process; wait is in microseconds. */
apr_status_t as_gate_create(as_gate_t **gate, int inside, int waiting, apr_interval_time_t wait,
                            apr_pool_t *pool);

/* APR_SUCCESS: inside, call as_gate_leave. AS_EBUSY: too many waiting, or waited too long. */
apr_status_t as_gate_enter(as_gate_t *gate);
void as_gate_leave(as_gate_t *gate);

#endif
