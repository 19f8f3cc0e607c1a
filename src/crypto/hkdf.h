/* SPDX-License-Identifier: Apache-2.0
 * HKDF (RFC 5869) with SHA-256: one key made into many that have nothing to do with each other.
 * Never keeps a key. Called by mac and seal.
 */
#ifndef AS_CRYPTO_HKDF_H
#define AS_CRYPTO_HKDF_H

#include "base/bytes.h"

/* Extract and expand into len octets (at most 255 * 32) of out; info of at most 1024 octets.
 * 1, or 0 and zeroed octets if OpenSSL fails.
 */
int as_hkdf(as_span_t key, as_span_t salt, as_span_t info, unsigned char *out, apr_size_t len);

#endif
