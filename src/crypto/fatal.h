/* SPDX-License-Identifier: Apache-2.0
 * The end of a process whose primitives fail: going on would mean guessable tokens or unchecked
 * ones. Never returns, never names a key. Called within crypto/ only.
 */
#ifndef AS_CRYPTO_FATAL_H
#define AS_CRYPTO_FATAL_H

#include <stdio.h>
#include <stdlib.h>

/* what is a short name of the primitive. Under httpd standard error is the error log. */
static inline __attribute__((noreturn)) void as_fatal(const char *what)
{
    fprintf(stderr, "mod_authsvc: %s failed, the process ends\n", what);
    abort();
}

#endif
