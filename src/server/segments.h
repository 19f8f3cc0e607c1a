/* SPDX-License-Identifier: Apache-2.0
 * Shared memory that outlives a graceful restart: made once in the parent, inherited by every child
 * of both generations, found again by name and size.
 */
#ifndef AS_SERVER_SEGMENTS_H
#define AS_SERVER_SEGMENTS_H

#include <httpd.h>

/* The segment of that name and size: *fresh is 1 if it was made just now and is all zero. One whose
 * size has changed is a new one; the old one stays with the children that still use it. NULL
 * without memory.
 */
void *as_segment_get(server_rec *s, const char *name, apr_size_t size, int *fresh);

#endif
