/* SPDX-License-Identifier: Apache-2.0
 * Time-based one-time codes (RFC 6238: SHA-1, 6 digits, 30 s) and the secrets they are made of.
 * Never remembers which step was used: that is the caller's. Called by ops/twofactor.
 */
#ifndef AS_CRYPTO_TOTP_H
#define AS_CRYPTO_TOTP_H

#include <apr_pools.h>

#define AS_TOTP_SECRET_BYTES 20
#define AS_TOTP_DIGITS 6
#define AS_TOTP_DRIFT 1 /* steps a clock may be ahead or behind */

/* A new secret: 160 random bits in base32, 32 characters, wiped with the pool. */
char *as_totp_secret(apr_pool_t *pool);

/* The code of a counter (RFC 4226), six digits and a NUL. */
void as_totp_code(const unsigned char secret[AS_TOTP_SECRET_BYTES], apr_uint64_t step,
                  char code[AS_TOTP_DIGITS + 1]);

/* The step whose code it is: within the drift of now (microseconds since 1970) and after last_step,
 * the latest of those that fit. 0 if there is none, or secret (base32) is none. The time depends on
 * the code's length alone.
 */
apr_int64_t as_totp_verify(const char *secret, const char *code, apr_int64_t now,
                           apr_int64_t last_step);

/* otpauth://totp/ISSUER:ACCOUNT?secret=…, which authenticator programs read from a QR code. Both
 * texts are UTF-8 and percent-encoded here. Wiped with the pool.
 */
const char *as_totp_url(const char *issuer, const char *account, const char *secret,
                        apr_pool_t *pool);

#endif
