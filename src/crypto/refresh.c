/* SPDX-License-Identifier: Apache-2.0
 * Refresh tokens: making, reading and checking them. See refresh.h.
 * Never stores one, knows no session state. Called by ops/sessions.
 */
#include "crypto/refresh.h"

#include <apr_escape.h>
#include <string.h>

#include "crypto/base64.h"

/* Where what stands in a token's octets. */
enum {
    SESSION = 0,
    GENERATION = AS_ID_BYTES,
    MAC = GENERATION + 8,
    TOKEN_BYTES = MAC + AS_MAC_BYTES,
};

/* What the MAC is over: the token's first octets, and between them the salt, which it lacks. */
static void list_parts(const unsigned char octets[MAC], const char *salt, as_span_t parts[3])
{
    parts[0] = (as_span_t){ .at = octets + SESSION, .len = AS_ID_BYTES };
    parts[1] = as_span(salt);
    parts[2] = (as_span_t){ .at = octets + GENERATION, .len = MAC - GENERATION };
}

/* Writes session and generation as a token holds them. 0 if they cannot be a session's. */
static int write_state(unsigned char octets[MAC], const char *session, apr_int64_t generation)
{
    if (generation < 1 || !as_hex_decode(session, octets + SESSION, AS_ID_BYTES)) {
        return 0;
    }
    for (int i = 0; i < 8; i++) {
        octets[GENERATION + i] = (unsigned char)((apr_uint64_t)generation >> (56 - 8 * i));
    }
    return 1;
}

const char *as_refresh_make(apr_pool_t *pool, const as_secrets_t *secrets, const char *session,
                            const char *salt, apr_int64_t generation)
{
    unsigned char octets[TOKEN_BYTES];
    as_span_t parts[3];
    const char *token;

    if (!write_state(octets, session, generation)) {
        return NULL;
    }
    list_parts(octets, salt, parts);
    as_mac(secrets, AS_PURPOSE_REFRESH, parts, 3, octets + MAC);
    token = as_base64url_encode(pool, octets, sizeof(octets));
    as_wipe(octets, sizeof(octets));
    return token;
}

int as_refresh_parse(as_refresh_t *parts, const char *token)
{
    unsigned char octets[TOKEN_BYTES];
    apr_uint64_t generation = 0;
    const char *end = token ? as_base64_read(AS_BASE64URL, token, octets, sizeof(octets)) : NULL;

    if (!end || *end) {
        return 0;
    }
    for (int i = GENERATION; i < MAC; i++) {
        generation = generation << 8 | octets[i];
    }
    if (generation < 1 || generation > APR_INT64_MAX) {
        return 0;
    }
    apr_escape_hex(parts->session, octets + SESSION, AS_ID_BYTES, 0, NULL);
    parts->generation = (apr_int64_t)generation;
    memcpy(parts->mac, octets + MAC, AS_MAC_BYTES);
    return 1;
}

int as_refresh_check(const as_refresh_t *parts, const as_secrets_t *secrets, const char *salt)
{
    unsigned char octets[MAC];
    as_span_t mac_parts[3];

    if (!write_state(octets, parts->session, parts->generation)) {
        return 0;
    }
    list_parts(octets, salt, mac_parts);
    return as_mac_check(secrets, AS_PURPOSE_REFRESH, mac_parts, 3, parts->mac);
}
