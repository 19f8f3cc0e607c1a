/* SPDX-License-Identifier: Apache-2.0
 * One-time codes: six digits, ten minutes, five tries, and ten wrong ones a day for each purpose
 * and subject. A new code kills the older ones and their unsent messages. Never compares before a
 * try is counted. Called by the operations that send and take codes, inside their transactions.
 */
#ifndef AS_OPS_CHALLENGES_H
#define AS_OPS_CHALLENGES_H

#include "ops/address.h"

/* What a code is for; one constant each. */
typedef struct {
    const char *purpose;  /* as the table holds it, at most 16 characters */
    const char *template; /* of the message that carries it */
} as_code_kind_t;

extern const as_code_kind_t as_code_signup;   /* subject: a pending sign-up's id */
extern const as_code_kind_t as_code_recovery; /* subject: an account's id */

/* Makes a code and its message. subject is an id; a NULL subject makes a decoy: the same work, no
 * message.
 */
apr_status_t as_code_send(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                          const char *subject, const as_address_t *to, apr_pool_t *pool);

/* Takes an answer; a NULL subject costs what a wrong one costs. *right: the code was right and is
 * used up now. A wrong one is counted, so the transaction must be committed either way. Any status
 * but APR_SUCCESS means that nothing was decided.
 */
apr_status_t as_code_answer(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                            const char *subject, const char *code, int *right, apr_pool_t *pool);

/* Kills every code of a kind and subject. */
apr_status_t as_code_kill(as_db_t *db, const as_ctx_t *ctx, const as_code_kind_t *kind,
                          const char *subject, apr_pool_t *pool);

#endif
