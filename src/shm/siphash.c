/* SPDX-License-Identifier: Apache-2.0
 * SipHash-2-4-128. See siphash.h.
 */
#include "shm/siphash.h"

#include <string.h>

typedef struct {
    apr_uint64_t v0, v1, v2, v3;
} state_t;

static inline apr_uint64_t rotated(apr_uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

/* Eight octets, the first the least, whatever the machine's order. */
static inline apr_uint64_t read_word(const unsigned char *at)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    apr_uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
#else
    apr_uint64_t word = 0;

    for (int i = 7; i >= 0; i--) {
        word = word << 8 | at[i];
    }
    return word;
#endif
}

static inline void rounds(state_t *s, int n)
{
    while (n-- > 0) {
        s->v0 += s->v1;
        s->v1 = rotated(s->v1, 13) ^ s->v0;
        s->v0 = rotated(s->v0, 32);
        s->v2 += s->v3;
        s->v3 = rotated(s->v3, 16) ^ s->v2;
        s->v0 += s->v3;
        s->v3 = rotated(s->v3, 21) ^ s->v0;
        s->v2 += s->v1;
        s->v1 = rotated(s->v1, 17) ^ s->v2;
        s->v2 = rotated(s->v2, 32);
    }
}

static inline void absorb(state_t *s, apr_uint64_t word)
{
    s->v3 ^= word;
    rounds(s, 2);
    s->v0 ^= word;
}

void as_siphash(const unsigned char key[AS_SIPHASH_KEY], const void *octets, apr_size_t len,
                apr_uint64_t out[2])
{
    const apr_uint64_t k0 = read_word(key), k1 = read_word(key + 8);
    const unsigned char *at = octets, *end = at + (len & ~(apr_size_t)7);
    unsigned char last[8] = { 0 };
    state_t s = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du ^ 0xee,
                  k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };

    for (; at < end; at += 8) {
        absorb(&s, read_word(at));
    }
    memcpy(last, at, len & 7);
    last[7] = (unsigned char)len;
    absorb(&s, read_word(last));
    s.v2 ^= 0xee;
    rounds(&s, 4);
    out[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    rounds(&s, 4);
    out[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
