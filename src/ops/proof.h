/* SPDX-License-Identifier: Apache-2.0
 * Proving who one is by password: one check for every door, at one cost whoever asks for whatever
 * address. Opens nothing: what a right password is good for, the operations decide.
 * Called by signin, basic, and what asks for the password once more.
 */
#ifndef AS_OPS_PROOF_H
#define AS_OPS_PROOF_H

#include "ops/address.h"
#include "store/pendings.h"
#include "store/sessions.h"

typedef struct {
    const char *address, *email; /* one of them, as typed: any address, or an e-mail address */
    const char *password;
    int captcha; /* ask for one, if that is wanted for a sign-in */
} as_password_in_t;

typedef struct {
    as_address_t address;
    int known, pending;
    as_account_t account; /* if known */
    as_pending_t waiting; /* if pending: a sign-up whose code has not been given */
    const char *rehashed; /* PHC string of the cost in force, or NULL */
    as_code_t outcome;    /* AS_OK, AS_SIGN_IN_WRONG, AS_ACCOUNT_PENDING; record may change it */
} as_proof_t;

/* Fills the proof and has the operation decide: counted by the sign-in bucket, exactly one hash,
 * no connection held meanwhile; then record runs as a transaction, with baton, and may turn the
 * outcome down. AS_OK, the outcome, AS_THROTTLED, or could not tell.
 */
as_result_t as_proof_by_password(as_ctx_t *ctx, as_proof_t *proof, const as_password_in_t *in,
                                 as_txn_fn record, void *baton);

/* AS_OK if another try would be counted, AS_THROTTLED if it would be refused; nothing is counted.
 * For who recognises a right password by other means: beyond the limit nobody learns by it which
 * one is right.
 */
as_result_t as_proof_allowed(as_ctx_t *ctx, const char *address);

/* The password of whoever is signed in, shown once more: counted as a sign-in is. AS_OK,
 * AS_PASSWORD_WRONG (also where the account has none), AS_THROTTLED, or could not tell.
 */
as_result_t as_proof_again(as_ctx_t *ctx, const as_account_t *account, const char *password);

/* What record ends with: the newer hash if the outcome is still AS_OK, and the audit trail's entry.
 * session is the one that was opened, or NULL.
 */
apr_status_t as_proof_record(as_db_t *db, const as_ctx_t *ctx, const char *event,
                             const as_proof_t *proof, const as_session_t *session,
                             apr_pool_t *pool);

#endif
