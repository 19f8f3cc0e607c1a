/* SPDX-License-Identifier: Apache-2.0
 * Argon2id over libargon2, as PHC strings. See argon2id.h. The only place that sees libargon2.
 * Never runs a cost beyond the bounds, whatever a string says. Called by password.
 */
#include "crypto/argon2id.h"

#include <apr_strings.h>
#include <argon2.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "crypto/base64.h"

#define HASH_BYTES 32
#define HASH_BYTES_MIN 16 /* shorter ones can be met by chance */
#define PHC_MAX 256  /* far beyond any string with a salt and a hash of 64 octets */
#define COST_MAX 64  /* octets of a string's part before the salt */
#define MEMORY_PER_LANE 8

static const struct {
    char name;
    apr_size_t offset;
    apr_uint32_t min, max;
} parameters[] = {
    { 'm', offsetof(as_argon2id_t, memory), MEMORY_PER_LANE, 1048576 },
    { 't', offsetof(as_argon2id_t, passes), 1, 64 },
    { 'p', offsetof(as_argon2id_t, lanes), 1, 16 },
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

static apr_uint32_t *parameter(as_argon2id_t *cost, apr_size_t which)
{
    return (apr_uint32_t *)((char *)cost + parameters[which].offset);
}

/* The first parameter out of bounds, or PARAMETERS. */
static apr_size_t beyond_bounds(as_argon2id_t *cost)
{
    apr_size_t i = 0;

    while (i < PARAMETERS && *parameter(cost, i) >= parameters[i].min
           && *parameter(cost, i) <= parameters[i].max) {
        i++;
    }
    return i;
}

static int fills_lanes(const as_argon2id_t *cost)
{
    return cost->memory >= MEMORY_PER_LANE * cost->lanes;
}

static const char *refuse_cost(as_argon2id_t *cost, apr_pool_t *pool)
{
    const apr_size_t beyond = beyond_bounds(cost);

    if (beyond < PARAMETERS) {
        return apr_psprintf(pool, "%c must be from %u to %u", parameters[beyond].name,
                            parameters[beyond].min, parameters[beyond].max);
    }
    return fills_lanes(cost) ? NULL : "m must be at least 8 times p";
}

/* Takes one word such as "m=19456". NULL, or what is wrong. */
static const char *take_word(as_argon2id_t *cost, unsigned *taken, const char *word,
                             apr_pool_t *pool)
{
    apr_int64_t value;

    for (apr_size_t i = 0; i < PARAMETERS; i++) {
        if (word[0] != parameters[i].name || word[1] != '=') {
            continue;
        }
        if (*taken & 1u << i) {
            return apr_psprintf(pool, "%c is given twice", parameters[i].name);
        }
        *taken |= 1u << i;
        if (!as_text_integer(word + 2, &value) || value < 0 || value > APR_UINT32_MAX) {
            return apr_psprintf(pool, "\"%s\" is no number", word);
        }
        *parameter(cost, i) = (apr_uint32_t)value;
        return NULL;
    }
    return apr_psprintf(pool, "\"%s\" is none of m=KiB, t=passes, p=lanes", word);
}

const char *as_argon2id_parse(as_argon2id_t *cost, apr_pool_t *pool, const char *text)
{
    const char *wrong = NULL;
    unsigned taken = 0;
    char *state;

    *cost = (as_argon2id_t)AS_ARGON2ID_DEFAULT;
    for (char *word = apr_strtok(apr_pstrdup(pool, text), " \t", &state); word && !wrong;
         word = apr_strtok(NULL, " \t", &state)) {
        wrong = take_word(cost, &taken, word, pool);
    }
    return wrong ? wrong : refuse_cost(cost, pool);
}

/* Reads what stands before the salt. Returns the salt's place, or NULL unless the string is
 * Argon2id version 1.3 with a cost within bounds.
 */
static const char *read_cost(const char *phc, as_argon2id_t *cost)
{
    char canonical[COST_MAX];
    int len;

    /* What sscanf takes too kindly (blanks, signs, leading zeros) differs once written again. */
    if (sscanf(phc, "$argon2id$v=19$m=%7u,t=%2u,p=%2u$", &cost->memory, &cost->passes,
               &cost->lanes) != 3
        || beyond_bounds(cost) < PARAMETERS || !fills_lanes(cost)) {
        return NULL;
    }
    len = snprintf(canonical, sizeof(canonical), "$argon2id$v=19$m=%u,t=%u,p=%u$", cost->memory,
                   cost->passes, cost->lanes);
    return strncmp(phc, canonical, (apr_size_t)len) == 0 ? phc + len : NULL;
}

const char *as_argon2id_hash(apr_pool_t *pool, const as_argon2id_t *cost,
                             const unsigned char salt[AS_ARGON2ID_SALT], const char *password)
{
    apr_size_t len = argon2_encodedlen(cost->passes, cost->memory, cost->lanes, AS_ARGON2ID_SALT,
                                       HASH_BYTES, Argon2_id);
    char *phc = apr_palloc(pool, len);
    int code = argon2id_hash_encoded(cost->passes, cost->memory, cost->lanes, password,
                                     strlen(password), salt, AS_ARGON2ID_SALT, HASH_BYTES, phc,
                                     len);

    return code == ARGON2_OK ? phc : NULL;
}

apr_status_t as_argon2id_verify(const char *phc, const char *password)
{
    as_argon2id_t cost;

    if (strlen(phc) > PHC_MAX || !read_cost(phc, &cost)) {
        return AS_EFAULT;
    }
    switch (argon2id_verify(phc, password, strlen(password))) {
    case ARGON2_OK:
        return APR_SUCCESS;
    case ARGON2_VERIFY_MISMATCH:
        return AS_ENO;
    default:
        return AS_EFAULT;
    }
}

int as_argon2id_read(const char *phc, as_argon2id_t *cost, unsigned char salt[AS_ARGON2ID_SALT])
{
    unsigned char hash[HASH_BYTES];
    const char *at = read_cost(phc, cost);

    at = at ? as_base64_read(AS_BASE64, at, salt, AS_ARGON2ID_SALT) : NULL;
    at = at && *at == '$' ? as_base64_read(AS_BASE64, at + 1, hash, sizeof(hash)) : NULL;
    return at && *at == '\0';
}

/* Octets in the base64 that the text begins with, and where it ends; 0 if it is none. */
static apr_size_t octets_of(const char *text, const char **end)
{
    unsigned char octets[PHC_MAX];
    apr_size_t digits = strspn(text, AS_BASE64), len = digits * 6 / 8;

    if (digits % 4 == 1 || len > sizeof(octets)) {
        return 0;
    }
    *end = as_base64_read(AS_BASE64, text, octets, len);
    return *end == text + digits ? len : 0;
}

int as_argon2id_is_phc(const char *phc)
{
    as_argon2id_t cost;
    const char *at = strlen(phc) < PHC_MAX ? read_cost(phc, &cost) : NULL;

    return at && octets_of(at, &at) >= ARGON2_MIN_SALT_LENGTH && *at == '$'
           && octets_of(at + 1, &at) >= HASH_BYTES_MIN && *at == '\0';
}
