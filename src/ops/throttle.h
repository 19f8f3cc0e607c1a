/* SPDX-License-Identifier: Apache-2.0
 * Throttle buckets: how often an account, a destination or a client's address may fail, or have
 * something sent. An operation charges before it does anything and settles with its result, so that
 * tries made at once count as tries made in turn, through whatever door they come.
 * Called by the operations, and by server/config for names and defaults.
 */
#ifndef AS_OPS_THROTTLE_H
#define AS_OPS_THROTTLE_H

#include "ops/service.h"

/* A bucket's bit among those an operation charges. */
#define AS_CHARGE(bucket) (1u << (bucket))

/* Charges each bucket for the subject (an address in canonical form or an account's id; NULL: there
 * is none) and for the client's address, as the bucket's row says. AS_OK, or AS_THROTTLED with the
 * seconds to wait, and nothing is charged.
 */
as_result_t as_throttle_charge(const as_ctx_t *ctx, unsigned buckets, const char *subject);

/* Gives back what does not count after all: what succeeded in a bucket that counts failures, what
 * was not sent in one that counts sendings, and where nothing could be told (busy, unavailable,
 * fault) or nothing was guessed (no second factor). Takes what charge was given; returns the
 * result.
 */
as_result_t as_throttle_settle(const as_ctx_t *ctx, unsigned buckets, const char *subject,
                               as_result_t result);

/* The bucket of that name, or AS_BUCKETS; all names for messages; the rate where nothing is set. */
as_bucket_t as_throttle_find(const char *name);
const char *as_throttle_names(apr_pool_t *pool);
as_rate_t as_throttle_default(as_bucket_t bucket);

#endif
