/* SPDX-License-Identifier: Apache-2.0
 * Shared memory by name, in the process pool. See segments.h.
 * Never a pointer into this module in there: a restart loads it elsewhere.
 */
#include "server/segments.h"

#include <string.h>

#include <apr_shm.h>
#include <apr_strings.h>

#define REGISTRY "authsvc-segments"

typedef struct segment_t segment_t;
struct segment_t {
    segment_t *next;
    const char *name; /* a copy in the process pool */
    apr_size_t size;
    void *memory;
};

static segment_t **registry(apr_pool_t *process)
{
    void *list = NULL;

    apr_pool_userdata_get(&list, REGISTRY, process);
    if (!list) {
        list = apr_pcalloc(process, sizeof(segment_t *));
        apr_pool_userdata_setn(list, apr_pstrdup(process, REGISTRY), NULL, process);
    }
    return list;
}

static segment_t *make(apr_pool_t *process, const char *name, apr_size_t size)
{
    segment_t *segment = apr_pcalloc(process, sizeof *segment);
    apr_shm_t *shm;

    if (apr_shm_create(&shm, size, NULL, process) != APR_SUCCESS) {
        return NULL;
    }
    segment->name = apr_pstrdup(process, name);
    segment->size = size;
    segment->memory = apr_shm_baseaddr_get(shm);
    memset(segment->memory, 0, size);
    return segment;
}

void *as_segment_get(server_rec *s, const char *name, apr_size_t size, int *fresh)
{
    apr_pool_t *process = s->process->pool;
    segment_t **first = registry(process);

    *fresh = 0;
    for (segment_t *segment = *first; segment; segment = segment->next) {
        if (segment->size == size && strcmp(segment->name, name) == 0) {
            return segment->memory;
        }
    }
    segment_t *made = make(process, name, size);

    if (!made) {
        return NULL;
    }
    *fresh = 1;
    made->next = *first;
    *first = made;
    return made->memory;
}
