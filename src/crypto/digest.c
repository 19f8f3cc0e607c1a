/* SPDX-License-Identifier: Apache-2.0
 * SHA-256 in pieces. See digest.h.
 */
#include "crypto/digest.h"

#include <openssl/evp.h>

#include "crypto/fatal.h"

static EVP_MD_CTX *inner(as_digest_t *digest)
{
    return (EVP_MD_CTX *)digest;
}

static apr_status_t release(void *digest)
{
    EVP_MD_CTX_free(digest);
    return APR_SUCCESS;
}

as_digest_t *as_digest_create(apr_pool_t *pool)
{
    EVP_MD_CTX *made = EVP_MD_CTX_new();

    if (!made || EVP_DigestInit_ex(made, EVP_sha256(), NULL) != 1) {
        as_fatal("SHA-256");
    }
    apr_pool_cleanup_register(pool, made, release, apr_pool_cleanup_null);
    return (as_digest_t *)made;
}

void as_digest_add(as_digest_t *digest, const void *octets, apr_size_t len)
{
    if (EVP_DigestUpdate(inner(digest), octets, len) != 1) {
        as_fatal("SHA-256");
    }
}

void as_digest_end(as_digest_t *digest, unsigned char out[AS_DIGEST_BYTES])
{
    if (EVP_DigestFinal_ex(inner(digest), out, NULL) != 1) {
        as_fatal("SHA-256");
    }
}
