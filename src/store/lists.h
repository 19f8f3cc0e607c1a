/* SPDX-License-Identifier: Apache-2.0
 * Lists for people, and what should hold between tables. Never a password, a salt or a payload.
 * Every function runs inside a transaction or a read. Called by ops/check and authsvcctl.
 */
#ifndef AS_STORE_LISTS_H
#define AS_STORE_LISTS_H

#include "store/db.h"

/* Up to limit accounts with ids beyond after ("": from the first), and one: id, number, email, its
 * proof, phone, its proof, first name, last name, whether it has a password, number of sign-ins,
 * created, disabled, deleted.
 */
apr_status_t as_list_accounts(as_db_t *db, const char *after, apr_int64_t limit, as_rows_t *rows,
                              apr_pool_t *pool);
apr_status_t as_list_account(as_db_t *db, const char *id, as_rows_t *rows, apr_pool_t *pool);

/* Of an account: role and team id (''); team id and name. */
apr_status_t as_list_roles(as_db_t *db, const char *account_id, as_rows_t *rows, apr_pool_t *pool);
apr_status_t as_list_teams_of(as_db_t *db, const char *account_id, as_rows_t *rows,
                              apr_pool_t *pool);

/* All teams: id, name, number of members, created. */
apr_status_t as_list_teams(as_db_t *db, as_rows_t *rows, apr_pool_t *pool);

/* Live sessions of an account, the oldest first, and of many the 500 youngest: id, dialect, team,
 * amr, created, used, expires, address, agent.
 */
apr_status_t as_list_sessions(as_db_t *db, const char *account_id, apr_int64_t now,
                              as_rows_t *rows, apr_pool_t *pool);

/* Messages, the youngest first: id, topic, channel, state, attempts, created, next try, end,
 * reason.
 */
apr_status_t as_list_outbox(as_db_t *db, apr_int64_t limit, as_rows_t *rows, apr_pool_t *pool);

/* Open invitations, the oldest first: id, email, team ('' for none), role, created, expires. */
apr_status_t as_list_invitations(as_db_t *db, apr_int64_t limit, as_rows_t *rows,
                                 apr_pool_t *pool);

/* The audit trail, the youngest first, of one account or (NULL) of all: at, event, outcome,
 * account, session, factors, detail, dialect, address, agent, request id.
 */
apr_status_t as_list_audit(as_db_t *db, const char *account_id, apr_int64_t limit, as_rows_t *rows,
                           apr_pool_t *pool);

/* How many rows break what an AS_SQL_CHECK_… statement is about; horizon is an instant for those
 * that have a parameter.
 */
apr_status_t as_list_broken(as_db_t *db, as_sql_t check, apr_int64_t horizon, apr_int64_t *n,
                            apr_pool_t *pool);

#endif
