/* SPDX-License-Identifier: Apache-2.0
 * Random octets, ids and codes. See random.h.
 * Never falls back to a weaker source. Called by ops/ and the rest of crypto/.
 */
#include "crypto/random.h"

#include <apr_strings.h>
#include <openssl/rand.h>

#include "base/bytes.h"
#include "crypto/fatal.h"

#define TOKEN_BYTES 32
#define CODES 1000000
#define NUMBER_MASK ((APR_INT64_C(1) << 53) - 1)

void as_random_bytes(void *out, apr_size_t len)
{
    if (RAND_priv_bytes_ex(NULL, out, len, 0) != 1) {
        as_fatal("the random generator");
    }
}

char *as_random_id(apr_pool_t *pool)
{
    unsigned char id[AS_ID_BYTES];

    as_random_bytes(id, sizeof(id));
    return as_hex_encode(pool, id, sizeof(id));
}

char *as_random_code(apr_pool_t *pool)
{
    return apr_psprintf(pool, "%06u", as_random_below(CODES));
}

char *as_random_token(apr_pool_t *pool)
{
    unsigned char octets[TOKEN_BYTES];
    char *token;

    as_random_bytes(octets, sizeof(octets));
    token = as_base64url_encode(pool, octets, sizeof(octets));
    as_wipe(octets, sizeof(octets));
    return token;
}

apr_int64_t as_random_number(void)
{
    apr_int64_t number;

    do {
        as_random_bytes(&number, sizeof(number));
        number &= NUMBER_MASK;
    } while (number == 0);
    return number;
}

apr_uint32_t as_random_below(apr_uint32_t bound)
{
    /* 2^32 mod bound: the lowest values, without which every remainder is equally likely. */
    const apr_uint32_t surplus = -bound % bound;
    apr_uint32_t drawn;

    do {
        as_random_bytes(&drawn, sizeof(drawn));
    } while (drawn < surplus);
    return drawn % bound;
}
