/* SPDX-License-Identifier: Apache-2.0
 * The doors that show a password with every request (HTTP Basic, httpd's form login): the same
 * proof as a sign-in, and a short memory so that Argon2 does not run each time. Opens no session.
 * Called by server/authn_basic.
 */
#ifndef AS_OPS_BASIC_H
#define AS_OPS_BASIC_H

#include "ops/proof.h"

/* AS_OK and the principal, without session and token; refusals and faults as as_proof_by_password,
 * AS_SIGN_IN_WRONG also for an account with a second factor: a password alone is not enough there.
 * What was right is remembered for at most 5 minutes, and asked after at each use: a new password,
 * a lock or a revocation ends it at once. A role given meanwhile is seen after that time.
 */
as_result_t as_basic_check(as_ctx_t *ctx, const as_password_in_t *in, as_principal_t *principal);

#endif
