/* SPDX-License-Identifier: Apache-2.0
 * Fuzz target: a token up to the first newline, after it a key set, through the JWS reader.
 * Never judges an answer, but what must hold of any. Called by libFuzzer, or by t/fuzz/replay.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "crypto/jws.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

static void hold(int truth)
{
    if (!truth) {
        abort();
    }
}

/* What is signed is an object, by a key of the set and an algorithm of ours. */
static void hold_signed(apr_pool_t *pool, const as_jws_t *jws, const char *jwks)
{
    const as_json_t *set = as_json_parse(pool, jwks, strlen(jwks), NULL);

    hold(as_json_is_object(as_json_parse(pool, jws->payload, strlen(jws->payload), NULL)));
    hold(!strcmp(jws->alg, "RS256") || !strcmp(jws->alg, "ES256"));
    hold(as_json_at(as_json_get(set, "keys"), 0) != NULL);
    hold(jws->kid != NULL || as_json_at(as_json_get(set, "keys"), 1) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
    as_jws_answer_t answer;
    const char *why = "";
    apr_pool_t *pool;
    char *token, *jwks;
    as_jws_t jws;

    hold(apr_initialize() == APR_SUCCESS);
    hold(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    token = apr_pstrmemdup(pool, (const char *)octets, len);
    jwks = strchr(token, '\n');
    if (jwks) {
        *jwks++ = '\0';
    }
    answer = as_jws_verify(pool, token, jwks ? jwks : "", &jws, &why);
    hold((answer == AS_JWS_SIGNED) == (why == NULL));
    hold((answer == AS_JWS_SIGNED) == (jws.payload != NULL));
    if (answer == AS_JWS_SIGNED) {
        hold_signed(pool, &jws, jwks);
    }
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}
