/* SPDX-License-Identifier: Apache-2.0
 * Base64 of a known size into the caller's buffer. See base64.h.
 * Never reads beyond the NUL. Called within crypto/ only.
 */
#include "crypto/base64.h"

#include <string.h>

const char *as_base64_read(const char *alphabet, const char *text, unsigned char *out,
                           apr_size_t len)
{
    const unsigned char *end = out + len;
    apr_uint32_t bits = 0;
    unsigned held = 0;

    while (out < end) {
        const char *digit = *text ? strchr(alphabet, *text) : NULL;

        if (!digit) {
            return NULL;
        }
        text++;
        bits = (bits << 6 | (apr_uint32_t)(digit - alphabet)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *out++ = (unsigned char)(bits >> held);
        }
    }
    return bits & ((1u << held) - 1) ? NULL : text;
}
