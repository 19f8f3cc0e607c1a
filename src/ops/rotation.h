/* SPDX-License-Identifier: Apache-2.0
 * The life of signing keys in the store: made and published, signing, old, dropped. Any process of
 * any node may take the next step, and exactly one succeeds. Never makes a key beside one that
 * cannot be opened, never by age drops one that a living token may need. Called by keys, upkeep and
 * authsvcctl.
 */
#ifndef AS_OPS_ROTATION_H
#define AS_OPS_ROTATION_H

#include <apr_tables.h>

#include "crypto/keyring.h"
#include "ops/service.h"

typedef enum {
    AS_KEY_NEXT,    /* published, signs from its active instant on */
    AS_KEY_SIGNING,
    AS_KEY_OLD,     /* verifies what it signed */
    AS_KEY_SHUT     /* no secret of the file opens it */
} as_key_state_t;

typedef struct {
    apr_int64_t slot;
    as_signing_key_t *key; /* NULL: AS_KEY_SHUT */
    as_key_state_t state;
    apr_int64_t drop_at;   /* of old ones: no token of theirs lives any more; 0: not known yet */
} as_stored_key_t;

/* All keys of the store by slot (as_stored_key_t), as they stand at this moment. They live in
 * keep; pool is for what is needed meanwhile, and wiped with it.
 */
apr_status_t as_rotation_read(as_service_t *service, apr_array_header_t **keys, apr_pool_t *keep,
                              apr_pool_t *pool);

/* Makes the first key of an empty database, which signs at once. AS_ENO: somebody else did. */
apr_status_t as_rotation_begin(as_service_t *service, apr_pool_t *pool);

/* Makes a key that signs lead microseconds from now, in place of one that would sign later.
 * AS_ENO: another next key signs by then already, or another process was first. AS_EFAULT: a stored
 * key cannot be opened.
 */
apr_status_t as_rotation_next(as_service_t *service, apr_int64_t lead, apr_pool_t *pool);

/* Drops a key that does not sign, whatever living tokens it has signed. AS_ENO: there is none in
 * that slot, or it signs.
 */
apr_status_t as_rotation_drop(as_service_t *service, apr_int64_t slot, apr_pool_t *pool);

/* What is due by age: a next key (policy's key_life and key_lead), and the end of old ones.
 * *changed: the ring should be loaded again.
 */
apr_status_t as_rotation_tend(as_service_t *service, int *changed, apr_pool_t *pool);

#endif
