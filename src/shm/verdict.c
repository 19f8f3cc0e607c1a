/* SPDX-License-Identifier: Apache-2.0
 * The verdict cache. See verdict.h.
 */
#include "shm/verdict.h"

#include <string.h>

#include "shm/siphash.h"

#define MAGIC APR_UINT64_C(0x6173766572646301) /* with the layout's version in its last octet */
#define BUCKET 4
#define WORDS (sizeof(as_verdict_t) / sizeof(apr_uint64_t))

typedef struct {
    as_version_t version;
    _Atomic apr_uint64_t a, b, ring;
    _Atomic apr_int64_t expires;
    _Atomic apr_uint64_t words[WORDS]; /* the verdict, word by word: a reader may be overtaken */
} slot_t;

struct as_verdicts_t {
    apr_uint64_t magic, buckets;
    unsigned char key[AS_SIPHASH_KEY];
    as_shm_lock_t lock; /* writers' */
    slot_t slots[];
};

_Static_assert(sizeof(as_verdict_t) % sizeof(apr_uint64_t) == 0, "a verdict is whole words");

static apr_uint64_t buckets_for(apr_int64_t entries)
{
    return (apr_uint64_t)(entries + BUCKET - 1) / BUCKET;
}

apr_size_t as_verdicts_size(apr_int64_t entries)
{
    if (entries < 1 || entries > APR_INT64_C(1) << 24) {
        return 0;
    }
    return sizeof(as_verdicts_t) + buckets_for(entries) * BUCKET * sizeof(slot_t);
}

as_verdicts_t *as_verdicts_format(void *memory, apr_int64_t entries, const unsigned char *key)
{
    as_verdicts_t *v = memory;

    if (!as_shm_lock_init(&v->lock)) {
        return NULL;
    }
    memcpy(v->key, key, sizeof v->key);
    v->buckets = buckets_for(entries);
    v->magic = MAGIC;
    return v;
}

as_verdicts_t *as_verdicts_attach(void *memory, apr_int64_t entries)
{
    as_verdicts_t *v = memory;

    return v->magic == MAGIC && v->buckets == buckets_for(entries) ? v : NULL;
}

as_verdict_name_t as_verdicts_name(const as_verdicts_t *v, as_verdict_kind_t kind,
                                   const void *octets, apr_size_t len)
{
    apr_uint64_t hash[2], both[3];

    as_siphash(v->key, octets, len, hash);
    both[0] = hash[0];
    both[1] = hash[1];
    both[2] = kind;
    as_siphash(v->key, both, sizeof both, hash);
    return (as_verdict_name_t){ hash[0], hash[1] };
}

static slot_t *bucket_of(const as_verdicts_t *v, as_verdict_name_t name)
{
    return (slot_t *)&v->slots[(name.a % v->buckets) * BUCKET];
}

static int is_named(slot_t *slot, as_verdict_name_t name, apr_uint64_t ring)
{
    return atomic_load_explicit(&slot->a, memory_order_relaxed) == name.a
           && atomic_load_explicit(&slot->b, memory_order_relaxed) == name.b
           && atomic_load_explicit(&slot->ring, memory_order_relaxed) == ring;
}

int as_verdicts_find(const as_verdicts_t *v, as_verdict_name_t name, apr_uint64_t ring,
                     as_verdict_t *verdict)
{
    slot_t *bucket = bucket_of(v, name);

    for (int i = 0; i < BUCKET; i++) {
        slot_t *slot = &bucket[i];
        apr_uint64_t seen = as_slot_read_begin(&slot->version);

        if (!seen || !is_named(slot, name, ring)) {
            continue;
        }
        for (apr_size_t w = 0; w < WORDS; w++) {
            apr_uint64_t word = atomic_load_explicit(&slot->words[w], memory_order_relaxed);

            memcpy((char *)verdict + w * sizeof word, &word, sizeof word);
        }
        if (as_slot_read_ok(&slot->version, seen)) {
            return 1;
        }
    }
    return 0;
}

/* What a dead writer left half written is nobody's. */
static void repair(as_verdicts_t *v)
{
    for (apr_uint64_t i = 0; i < v->buckets * BUCKET; i++) {
        slot_t *slot = &v->slots[i];

        if (atomic_load(&slot->version) & 1) {
            atomic_store(&slot->a, 0);
            atomic_store(&slot->b, 0);
            atomic_store(&slot->expires, 0);
            as_slot_write_end(&slot->version, atomic_load(&slot->version));
        }
    }
}

/* The slot of that name, else a free one, else the one that expires first. */
static slot_t *slot_for(as_verdicts_t *v, as_verdict_name_t name, apr_int64_t now)
{
    slot_t *bucket = bucket_of(v, name), *best = bucket;

    for (int i = 0; i < BUCKET; i++) {
        slot_t *slot = &bucket[i];

        if (atomic_load(&slot->a) == name.a && atomic_load(&slot->b) == name.b) {
            return slot;
        }
        if (atomic_load(&best->expires) > now
            && atomic_load(&slot->expires) < atomic_load(&best->expires)) {
            best = slot;
        }
    }
    return best;
}

static void write_slot(slot_t *slot, as_verdict_name_t name, apr_uint64_t ring,
                       const as_verdict_t *verdict)
{
    apr_uint64_t begun = as_slot_write_begin(&slot->version);

    as_fault_point("verdict-slot");
    atomic_store_explicit(&slot->a, name.a, memory_order_relaxed);
    atomic_store_explicit(&slot->b, name.b, memory_order_relaxed);
    atomic_store_explicit(&slot->ring, ring, memory_order_relaxed);
    atomic_store_explicit(&slot->expires, verdict->expires_at, memory_order_relaxed);
    for (apr_size_t w = 0; w < WORDS; w++) {
        apr_uint64_t word;

        memcpy(&word, (const char *)verdict + w * sizeof word, sizeof word);
        atomic_store_explicit(&slot->words[w], word, memory_order_relaxed);
    }
    as_slot_write_end(&slot->version, begun);
}

void as_verdicts_put(as_verdicts_t *v, as_verdict_name_t name, apr_uint64_t ring,
                     const as_verdict_t *verdict, apr_int64_t now)
{
    int died = as_shm_lock_try(&v->lock);

    if (died < 0) {
        return;
    }
    if (died) {
        repair(v);
    }
    write_slot(slot_for(v, name, now), name, ring, verdict);
    as_shm_lock_leave(&v->lock);
}
