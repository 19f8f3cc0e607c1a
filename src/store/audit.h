/* SPDX-License-Identifier: Apache-2.0
 * Table as_audit: what happened to accounts, append only. Never a secret.
 */
#ifndef AS_STORE_AUDIT_H
#define AS_STORE_AUDIT_H

#include "store/db.h"

/* Any text but id, event and outcome may be NULL. */
typedef struct {
    const char *id;
    apr_int64_t at;
    const char *event, *outcome;         /* "sign_in", "ok" or a result's name */
    const char *account_id, *session_id; /* whom it concerns */
    const char *factors; /* how the person proved himself, words of RFC 8176 */
    const char *detail;  /* which role, team, vendor, …, at most 255 characters */
    const char *dialect, *address, *agent, *request_id;
} as_audit_t;

apr_status_t as_audit_insert(as_db_t *db, const as_audit_t *entry);

#endif
