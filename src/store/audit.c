/* SPDX-License-Identifier: Apache-2.0
 * Table as_audit. See audit.h.
 */
#include "store/audit.h"

apr_status_t as_audit_insert(as_db_t *db, const as_audit_t *e)
{
    return as_db_exec_one(db, AS_SQL_AUDIT_INSERT,
                          AS_ARGS(AS_S(e->id), AS_I(e->at), AS_S(e->event), AS_S(e->outcome),
                                  AS_S(e->account_id), AS_S(e->session_id), AS_S(e->factors),
                                  AS_S(e->detail), AS_S(e->dialect), AS_S(e->address),
                                  AS_S(e->agent), AS_S(e->request_id)));
}
