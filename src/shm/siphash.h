/* SPDX-License-Identifier: Apache-2.0
 * SipHash-2-4 with 128 bits of output (Aumasson and Bernstein): a keyed hash for tables that
 * strangers fill and must not be able to steer. Never a key of the cluster's. Called by the tables
 * of this floor.
 */
#ifndef AS_SHM_SIPHASH_H
#define AS_SHM_SIPHASH_H

#include <apr.h>

#define AS_SIPHASH_KEY 16 /* octets */

void as_siphash(const unsigned char key[AS_SIPHASH_KEY], const void *octets, apr_size_t len,
                apr_uint64_t out[2]);

#endif
