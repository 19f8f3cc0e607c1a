/* SPDX-License-Identifier: Apache-2.0
 * The status codes that mechanisms return beside APR's own. "No" and "could not tell" are never one
 * code. Never seen by clients: ops/ turns them into results. Used by every floor.
 */
#ifndef AS_BASE_STATUS_H
#define AS_BASE_STATUS_H

#include <apr_errno.h>

enum {
    /* the answer is no: a wrong password, signature or code */
    AS_ENO = APR_OS_START_USERERR + 7000,
    AS_EBUSY,        /* too many are waiting already, or the wait was too long: try later */
    AS_EUNAVAILABLE, /* the database or another server did not answer */
    AS_EROLLBACK,    /* asked by a transaction's function: undo, and do not try again */
    AS_ERETRY,       /* asked by a transaction's function or by the database: undo, run it again */
    AS_EENDED,       /* whoever is acting may not any more: the session or account has ended */
    AS_ESCHEMA,      /* the database's schema is missing, too old or too new */
    AS_EFAULT        /* a fault of ours or of the configuration; the log has it */
};

#endif
