/* SPDX-License-Identifier: Apache-2.0
 * HMAC-SHA-256 under somebody else's key. See hmac.h.
 * Never keeps the key. Called through the host services.
 */
#include "crypto/hmac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "crypto/fatal.h"

void as_hmac_sha256(const void *key, apr_size_t key_len, const void *text, apr_size_t len,
                    unsigned char mac[AS_HMAC_BYTES])
{
    size_t made = 0;

    if (!EVP_Q_mac(NULL, OSSL_MAC_NAME_HMAC, NULL, "SHA256", NULL, key ? key : "", key_len, text,
                   len, mac, AS_HMAC_BYTES, &made)
        || made != AS_HMAC_BYTES) {
        as_fatal("HMAC");
    }
}
