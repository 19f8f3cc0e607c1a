/* SPDX-License-Identifier: Apache-2.0
 * Two-factor: time-based codes and recovery codes, each good once, asked of an account through
 * every door once it has switched them on. Never compares before a guess was counted.
 * The check is called by the operations that let somebody in; the others through route rows.
 */
#ifndef AS_OPS_TWOFACTOR_H
#define AS_OPS_TWOFACTOR_H

#include "ops/service.h"

#define AS_RECOVERY_CODES 10

/* ---- for operations that let somebody in ---- */

/* A second factor that is asked for; begins with these three, the rest zero. */
typedef struct {
    const as_ctx_t *ctx;
    const char *account_id;
    const char *code; /* as typed, blanks, dashes and small letters allowed; NULL: none given */

    int on;             /* the account has two-factor on */
    const char *kind;   /* what the code was: "totp" or "recovery_code", or NULL */
    int charged;        /* it counts against the account, until it is settled */
    as_result_t result;
} as_guess_t;

/* Inside a transaction, before anything is opened: guess->result becomes AS_OK (right, and used up
 * now; or two-factor is off), AS_TWO_FACTOR_REQUIRED (no code given), AS_TWO_FACTOR_WRONG or
 * AS_THROTTLED. Commit either way. Run again with its transaction it is counted once. Any status
 * but APR_SUCCESS means that nothing was decided.
 */
apr_status_t as_factor_check(as_db_t *db, as_guess_t *guess, apr_pool_t *pool);

/* After the transaction, whatever came of it: gives the charge back unless the result says that the
 * guess has failed. Returns the result, with the guess's own detail and time to wait.
 */
as_result_t as_guess_settle(const as_guess_t *guess, as_result_t result);

/* The words of RFC 8176 with those of a second factor. */
const char *as_amr_with_factor(const char *amr, apr_pool_t *pool);

/* ---- operations of whoever is signed in; how long ago, the route says ---- */

typedef struct {
    const char *secret; /* base32, to be typed */
    const char *url;    /* otpauth://…, to be shown as a QR code */
} as_two_factor_setup_t;

/* A new secret that is not on before a code of it was given to as_two_factor_enable; an older one
 * that was never switched on is forgotten. AS_TWO_FACTOR_ON. out is an as_two_factor_setup_t.
 */
as_result_t as_two_factor_setup(as_ctx_t *ctx, const void *in, void *out);

typedef struct {
    const char *code;
} as_two_factor_in_t;

typedef struct {
    const char *codes[AS_RECOVERY_CODES];
} as_recovery_codes_t;

/* Switches on what was set up. The session counts as two-factor from its next access token on, all
 * others end with their access tokens, doors forget passwords, and the owner is told.
 * AS_TWO_FACTOR_WRONG
 * (also without a setup), AS_TWO_FACTOR_ON, AS_THROTTLED. out is an as_recovery_codes_t: they are
 * told this once.
 */
as_result_t as_two_factor_enable(as_ctx_t *ctx, const void *in, void *out);

/* Forgets secret and recovery codes; takes a code of either kind. Ends what enabling ends.
 * AS_TWO_FACTOR_WRONG (also when it is off), AS_THROTTLED.
 */
as_result_t as_two_factor_disable(as_ctx_t *ctx, const void *in, void *out);

#endif
