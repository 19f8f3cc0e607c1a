/* SPDX-License-Identifier: Apache-2.0
 * Password hashing for the whole process: the cost in force, the schemes that are read, how many
 * hash at once, and a decoy so that unknown accounts cost what known ones do. Never keeps a
 * password. Called by ops/.
 */
#ifndef AS_CRYPTO_PASSWORD_H
#define AS_CRYPTO_PASSWORD_H

#include <apr_pools.h>
#include <apr_time.h>

#include "crypto/argon2id.h"

#define AS_PASSWORD_MAX 128 /* Unicode code points, accepted everywhere */

typedef struct as_hasher_t as_hasher_t;

/* slots: hashes at once in this process; waiting: threads that may wait for a slot, for wait
 * microseconds each.
 */
apr_status_t as_hasher_create(as_hasher_t **hasher, const as_argon2id_t *cost, int slots,
                              int waiting, apr_interval_time_t wait, apr_pool_t *pool);

/* PHC string of the password. With like (a PHC string) its salt and cost are used, so that equal
 * strings mean equal passwords; without, or if like is not ours, a new salt and the cost in force.
 * APR_SUCCESS, AS_EBUSY or AS_EFAULT.
 */
apr_status_t as_password_hash(as_hasher_t *hasher, const char *password, const char *like,
                              const char **phc, apr_pool_t *pool);

/* 1 if as_password_verify can judge by the string: Argon2id, or a hash brought from elsewhere that
 * is whole and within bounds of its own: bcrypt, SHA-crypt ($5$, $6$), MD5-crypt ($1$, $apr1$),
 * {SHA}, or crypt(3)'s first one of 13 characters, which knows 8 octets of a password and no more.
 */
int as_password_is_readable(const char *phc);

/* phc is such a string. APR_SUCCESS, AS_ENO, AS_EBUSY or AS_EFAULT. phc NULL: the decoy is hashed
 * and the answer is AS_ENO. *stale (may be NULL) becomes 1 when the password is right and the
 * string is not of the cost in force.
 */
apr_status_t as_password_verify(as_hasher_t *hasher, const char *phc, const char *password,
                                int *stale);

#endif
