/* SPDX-License-Identifier: Apache-2.0
 * Mails as RFC 5322 text: headers, encoded words (RFC 2047), multipart/alternative (RFC 2046).
 * Never sends one. Called through the host services of include/authsvc.h.
 */
#ifndef AS_BASE_MIME_H
#define AS_BASE_MIME_H

#include "authsvc.h"

/* Message text with CRLF line ends, or NULL when a header would break (control characters in from,
 * to or subject; no address in from; to is no address). Digits appear in the ids and boundaries of
 * no header, so that the code of a text part is the only run of six digits in the whole message but
 * for the Date.
 */
const char *as_mime_message(const authsvc_message_t *message, const char *from, apr_pool_t *pool);

#endif
