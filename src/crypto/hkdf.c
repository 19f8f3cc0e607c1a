/* SPDX-License-Identifier: Apache-2.0
 * HKDF with SHA-256 over OpenSSL's EVP_KDF. See hkdf.h.
 * Never keeps a key. Called by mac and seal.
 */
#include "crypto/hkdf.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

/* OpenSSL takes an empty salt, but none that is NULL. */
static OSSL_PARAM octets(const char *name, as_span_t span)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)(span.at ? span.at : ""), span.len);
}

int as_hkdf(as_span_t key, as_span_t salt, as_span_t info, unsigned char *out, apr_size_t len)
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_HKDF, NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    int derived = ctx && EVP_KDF_derive(ctx, out, len, params) == 1;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    if (!derived) {
        as_wipe(out, len);
        ERR_clear_error();
    }
    return derived;
}
