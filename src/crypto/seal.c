/* SPDX-License-Identifier: Apache-2.0
 * Sealed columns: AES-256-GCM under a key of the row's own. See seal.h.
 * Never opens what was moved to another row, never leaves a row's key in memory. Called by ops/.
 */
#include "crypto/seal.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "crypto/base64.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"

/* Where what stands in the sealed octets; the tag comes after the ciphertext. */
enum { VERSION = 0, NAME = 1, NONCE = 5, TEXT = 17, TAG_BYTES = 16 };

#define NAME_BYTES (NONCE - NAME)
#define KEY_BYTES 32
#define TEXT_MAX (INT_MAX / 2) /* OpenSSL counts in int */

typedef struct {
    unsigned char *sealed;
    unsigned char *text;
    int len; /* of the text */
} frame_t;

/* Seals text into sealed, or opens sealed into text, under the nonce that stands in sealed. */
static int gcm(int seal, const unsigned char key[KEY_BYTES], as_span_t row, const frame_t *frame)
{
    unsigned char *cipher = frame->sealed + TEXT;
    unsigned char *out = seal ? cipher : frame->text;
    const unsigned char *in = seal ? frame->text : cipher;
    unsigned char *tag = cipher + frame->len;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int n;
    int sound = ctx
                && EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key, frame->sealed + NONCE, seal,
                                      NULL)
                && (seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, tag))
                && EVP_CipherUpdate(ctx, NULL, &n, row.at, (int)row.len)
                && EVP_CipherUpdate(ctx, out, &n, in, frame->len)
                && EVP_CipherFinal_ex(ctx, out + n, &n)
                && (!seal || EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, tag));

    EVP_CIPHER_CTX_free(ctx);
    if (!sound) {
        ERR_clear_error();
    }
    return sound;
}

static int gcm_with(const as_secrets_t *secrets, apr_size_t which, int seal, const char *row,
                    const frame_t *frame)
{
    const as_span_t root = { .at = as_secret_key(secrets, which, AS_PURPOSE_SEAL),
                             .len = AS_MAC_BYTES };
    unsigned char key[KEY_BYTES];
    int done = as_hkdf(root, as_span(NULL), as_span(row), key, sizeof(key))
               && gcm(seal, key, as_span(row), frame);

    as_wipe(key, sizeof(key));
    return done;
}

static int is_named(const as_secrets_t *secrets, apr_size_t which, const unsigned char *sealed)
{
    unsigned char name[NAME_BYTES];

    return as_hex_decode(as_secret_name(secrets, which), name, sizeof(name))
           && memcmp(name, sealed + NAME, sizeof(name)) == 0;
}

const char *as_seal(apr_pool_t *pool, const as_secrets_t *secrets, const char *row,
                    const char *text)
{
    const apr_size_t len = strlen(text);
    frame_t frame = { .text = (unsigned char *)text, .len = (int)len };

    if (len > TEXT_MAX) {
        return NULL;
    }
    frame.sealed = apr_palloc(pool, TEXT + len + TAG_BYTES);
    frame.sealed[VERSION] = 1;
    if (!as_hex_decode(as_secret_name(secrets, 0), frame.sealed + NAME, NAME_BYTES)) {
        return NULL;
    }
    as_random_bytes(frame.sealed + NONCE, TEXT - NONCE);
    return gcm_with(secrets, 0, 1, row, &frame)
               ? as_base64url_encode(pool, frame.sealed, TEXT + len + TAG_BYTES)
               : NULL;
}

char *as_unseal(apr_pool_t *pool, const as_secrets_t *secrets, const char *row, const char *sealed)
{
    frame_t frame = { 0 };
    apr_size_t len;

    frame.sealed = sealed ? as_base64url_decode(pool, sealed, strlen(sealed), &len) : NULL;
    if (!frame.sealed || len < TEXT + TAG_BYTES || len > TEXT_MAX || frame.sealed[VERSION] != 1) {
        return NULL;
    }
    frame.len = (int)(len - TEXT - TAG_BYTES);
    frame.text = apr_pcalloc(pool, (apr_size_t)frame.len + 1);
    as_wipe_with_pool(pool, frame.text, (apr_size_t)frame.len);
    for (apr_size_t i = 0; i < as_secrets_count(secrets); i++) {
        if (is_named(secrets, i, frame.sealed) && gcm_with(secrets, i, 0, row, &frame)) {
            return (char *)frame.text;
        }
    }
    /* GCM writes what it decrypts before it knows whether that is sound. */
    as_wipe(frame.text, (apr_size_t)frame.len);
    return NULL;
}

int as_seal_is_current(const as_secrets_t *secrets, const char *sealed)
{
    unsigned char start[6]; /* whole base64 groups: version, name and one octet of the nonce */

    return sealed && as_base64_read(AS_BASE64URL, sealed, start, sizeof(start))
           && start[VERSION] == 1 && is_named(secrets, 0, start);
}
