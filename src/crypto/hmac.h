/* SPDX-License-Identifier: Apache-2.0
 * HMAC-SHA-256 (RFC 2104) under somebody else's key, as vendors want requests signed.
 * Never used for anything of our own: that is mac.h. Called through the host services.
 */
#ifndef AS_CRYPTO_HMAC_H
#define AS_CRYPTO_HMAC_H

#include <apr.h>

#define AS_HMAC_BYTES 32

/* Key and text may be empty; NULL is then allowed. */
void as_hmac_sha256(const void *key, apr_size_t key_len, const void *text, apr_size_t len,
                    unsigned char mac[AS_HMAC_BYTES]);

#endif
