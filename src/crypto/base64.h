/* SPDX-License-Identifier: Apache-2.0
 * Base64 of a known size into the caller's buffer, so that secrets reach no pool.
 * Never takes padding, white space or spare bits that are not zero. Called within crypto/ only.
 */
#ifndef AS_CRYPTO_BASE64_H
#define AS_CRYPTO_BASE64_H

#include <apr.h>

#define AS_BASE64 "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#define AS_BASE64URL "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/* Number of characters that len octets take. */
#define AS_BASE64_TEXT(len) (((len) * 8 + 5) / 6)

/* Reads len octets from the start of a C string in an alphabet of 64. Returns where the next
 * character stands, or NULL; out holds anything then.
 */
const char *as_base64_read(const char *alphabet, const char *text, unsigned char *out,
                           apr_size_t len);

#endif
