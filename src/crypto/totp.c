/* SPDX-License-Identifier: Apache-2.0
 * Time-based one-time codes. See totp.h.
 * Never leaves a secret on the stack. Called by ops/twofactor.
 */
#include "crypto/totp.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/bytes.h"
#include "crypto/fatal.h"
#include "crypto/random.h"

#define STEP (30 * APR_USEC_PER_SEC)
#define SHA1_BYTES 20
#define MODULUS 1000000 /* ten to the AS_TOTP_DIGITS */
#define UNRESERVED \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~" /* RFC 3986 */

char *as_totp_secret(apr_pool_t *pool)
{
    unsigned char octets[AS_TOTP_SECRET_BYTES];
    char *text;

    as_random_bytes(octets, sizeof octets);
    text = as_base32_encode(pool, octets, sizeof octets);
    as_wipe(octets, sizeof octets);
    as_wipe_with_pool(pool, text, strlen(text));
    return text;
}

void as_totp_code(const unsigned char secret[AS_TOTP_SECRET_BYTES], apr_uint64_t step,
                  char code[AS_TOTP_DIGITS + 1])
{
    unsigned char counter[8], mac[SHA1_BYTES];
    const unsigned char *at;
    apr_uint32_t number;
    size_t made = 0;

    for (int i = 7; i >= 0; i--, step >>= 8) {
        counter[i] = (unsigned char)step;
    }
    if (!EVP_Q_mac(NULL, OSSL_MAC_NAME_HMAC, NULL, "SHA1", NULL, secret, AS_TOTP_SECRET_BYTES,
                   counter, sizeof counter, mac, sizeof mac, &made)
        || made != sizeof mac) {
        as_fatal("HMAC");
    }
    at = mac + (mac[SHA1_BYTES - 1] & 15); /* RFC 4226, section 5.3 */
    number = (apr_uint32_t)(at[0] & 127) << 24 | (apr_uint32_t)at[1] << 16
             | (apr_uint32_t)at[2] << 8 | at[3];
    apr_snprintf(code, AS_TOTP_DIGITS + 1, "%06u", number % MODULUS);
    as_wipe(mac, sizeof mac);
}

apr_int64_t as_totp_verify(const char *secret, const char *code, apr_int64_t now,
                           apr_int64_t last_step)
{
    apr_int64_t current = now / STEP, found = 0;
    unsigned char octets[AS_TOTP_SECRET_BYTES];
    char right[AS_TOTP_DIGITS + 1];

    if (!as_base32_decode(secret, octets, sizeof octets)) {
        return 0;
    }
    for (apr_int64_t step = current - AS_TOTP_DRIFT; step <= current + AS_TOTP_DRIFT; step++) {
        as_totp_code(octets, (apr_uint64_t)step, right);
        if (as_text_equal(right, code) & (step > last_step)) {
            found = step;
        }
    }
    as_wipe(octets, sizeof octets);
    as_wipe(right, sizeof right);
    return found;
}

static const char *percent_encode(const char *text, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, 3 * strlen(text) + 1), *end = out;

    for (; *text; text++) {
        if (strchr(UNRESERVED, *text)) {
            *end++ = *text;
        } else {
            apr_snprintf(end, 4, "%%%02X", (unsigned)(unsigned char)*text);
            end += 3;
        }
    }
    *end = '\0';
    return out;
}

const char *as_totp_url(const char *issuer, const char *account, const char *secret,
                        apr_pool_t *pool)
{
    const char *site = percent_encode(issuer, pool);
    char *url = apr_pstrcat(pool, "otpauth://totp/", site, ":", percent_encode(account, pool),
                            "?secret=", secret, "&issuer=", site,
                            "&algorithm=SHA1&digits=6&period=30", NULL);

    as_wipe_with_pool(pool, url, strlen(url));
    return url;
}
