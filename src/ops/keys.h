/* SPDX-License-Identifier: Apache-2.0
 * The signing keys in force: loaded from the store, unsealed, shared by all threads, renewed now
 * and then. Never decides which keys there are: ops/rotation does. Called by tokens, server/handler
 * and upkeep.
 */
#ifndef AS_OPS_KEYS_H
#define AS_OPS_KEYS_H

#include "crypto/keyring.h"
#include "ops/service.h"

/* An empty holder; the first borrower loads. */
apr_status_t as_keys_create(as_keys_t **keys, apr_pool_t *pool);

/* The ring, loaded or (on an empty database) made when needed. Return it in the same thread, soon.
 * AS_EUNAVAILABLE, AS_EBUSY, AS_ESCHEMA, or AS_EFAULT when the secret file opens none of the stored
 * keys.
 */
apr_status_t as_keys_borrow(as_service_t *service, const as_keyring_t **ring, apr_pool_t *pool);
void as_keys_return(as_service_t *service, const as_keyring_t *ring);

/* A number that names the set of keys in force here, 0 before they were loaded. No lock. */
apr_uint64_t as_keys_ring(as_service_t *service);

/* Loads again, unless a load has ended within the last max_age microseconds: then returns what came
 * of that one. One thread loads, others wait for it. After a failure the ring of before stays.
 */
apr_status_t as_keys_renew(as_service_t *service, apr_interval_time_t max_age, apr_pool_t *pool);

#endif
