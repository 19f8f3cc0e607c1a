/* SPDX-License-Identifier: Apache-2.0
 * The verdict cache: credentials that were found good are recognised by a keyed hash and not
 * verified again. It says that a credential was good, never that it still is: who finds one checks
 * its expiry and asks the revocation cache each time. Losing an entry costs time only. Read without
 * a lock or a system call. Called by ops/tokens (access tokens) and ops/basic (passwords).
 */
#ifndef AS_SHM_VERDICT_H
#define AS_SHM_VERDICT_H

#include "shm/slots.h"

typedef struct as_verdicts_t as_verdicts_t;

/* Who was found; texts end with a NUL, and what does not fit is not cached. */
typedef struct {
    apr_int64_t issued_at, expires_at, auth_time; /* microseconds since 1970 */
    apr_int64_t epoch, number;
    unsigned char account[16], session[16];
    apr_uint32_t has_session;
    char amr[32], team[36], roles[192], email[256], phone[20];
} as_verdict_t;

/* What kind of credential was hashed: one kind's hash never stands for another's. */
typedef enum { AS_VERDICT_TOKEN = 1, AS_VERDICT_PASSWORD = 2 } as_verdict_kind_t;

/* A credential's name in the cache: 128 bits under a key that never leaves the segment. */
typedef struct {
    apr_uint64_t a, b;
} as_verdict_name_t;

apr_size_t as_verdicts_size(apr_int64_t entries);

/* key: 16 random octets. */
as_verdicts_t *as_verdicts_format(void *memory, apr_int64_t entries, const unsigned char *key);
as_verdicts_t *as_verdicts_attach(void *memory, apr_int64_t entries);

as_verdict_name_t as_verdicts_name(const as_verdicts_t *v, as_verdict_kind_t kind,
                                   const void *octets, apr_size_t len);

/* 1 and the verdict, or 0. ring names the set of keys that verify now: what was verified under
 * another set is not found. Passwords have no keys: 0.
 */
int as_verdicts_find(const as_verdicts_t *v, as_verdict_name_t name, apr_uint64_t ring,
                     as_verdict_t *verdict);

/* Remembers it, in place of an expired or the soonest expiring one of its bucket; or not at all,
 * while somebody else is writing.
 */
void as_verdicts_put(as_verdicts_t *v, as_verdict_name_t name, apr_uint64_t ring,
                     const as_verdict_t *verdict, apr_int64_t now);

#endif
