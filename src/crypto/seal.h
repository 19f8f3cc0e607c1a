/* SPDX-License-Identifier: Apache-2.0
 * Sealed columns: AES-256-GCM under a key of the cluster's secret, bound to the row they stand in.
 * Never opens what was moved to another row. Called by ops/ (outbox, signing keys, factors).
 *
 * Text form: base64url of version (1 octet, 1) | secret's name (4) | nonce (12) | ciphertext | tag
 * (16). The AES key is HKDF of the secret's seal key with the row's name as info, so that each row
 * has its own.
 */
#ifndef AS_CRYPTO_SEAL_H
#define AS_CRYPTO_SEAL_H

#include "crypto/mac.h"

/* row names table and id ("as_outbox/3f…", at most 1024 octets); it is authenticated, not stored.
 * NULL if OpenSSL fails.
 */
const char *as_seal(apr_pool_t *pool, const as_secrets_t *secrets, const char *row,
                    const char *text);

/* The text, wiped with the pool, or NULL when it was not sealed with any secret for that row. */
char *as_unseal(apr_pool_t *pool, const as_secrets_t *secrets, const char *row, const char *sealed);

/* 1 if the first secret sealed it, so that nothing has to be sealed anew. */
int as_seal_is_current(const as_secrets_t *secrets, const char *sealed);

#endif
