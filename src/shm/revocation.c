/* SPDX-License-Identifier: Apache-2.0
 * The revocation cache. See revocation.h.
 *
 * Why a reader needs no lock: a slot's key changes only while its version is odd, and then only if
 * what stood there had expired, so that who skips it misses nothing that matters. A live entry's
 * two numbers only ever rise, each in one store. What is being added counts from the end of the
 * call that adds it.
 */
#include "shm/revocation.h"

#include <string.h>

#define MAGIC APR_UINT64_C(0x6173766372657601) /* with the layout's version in its last octet */
#define BUCKET 8
#define ALWAYS APR_INT64_MAX

typedef struct {
    as_version_t version;
    _Atomic apr_uint64_t key[2];
    _Atomic apr_int64_t expires;
    _Atomic apr_int64_t least_epoch; /* ALWAYS for a session */
} slot_t;

typedef struct {
    slot_t slots[BUCKET];
} bucket_t;

struct as_revocations_t {
    apr_uint64_t magic;
    apr_uint64_t buckets;
    as_shm_lock_t lock; /* writers'; readers take none */

    _Atomic apr_int64_t fresh;     /* as_shm_clock up to which the feed was read; 0: never */
    _Atomic apr_int64_t turn_until; /* somebody asks the database until then */
    _Atomic apr_int64_t turn_last;  /* when the last turn began */

    _Atomic apr_int64_t full_issued; /* tokens issued up to here are unsure */
    _Atomic apr_int64_t left_out, repairs;

    as_version_t position_version;
    as_feed_position_t position;

    bucket_t table[];
};

static apr_uint64_t buckets_for(apr_int64_t entries)
{
    return ((apr_uint64_t)entries + entries / 2) / BUCKET + 2; /* filled to two thirds at most */
}

apr_size_t as_revocations_size(apr_int64_t entries)
{
    if (entries < 1 || entries > APR_INT64_C(1) << 32) {
        return 0;
    }
    return sizeof(as_revocations_t) + buckets_for(entries) * sizeof(bucket_t);
}

as_revocations_t *as_revocations_format(void *memory, apr_int64_t entries)
{
    as_revocations_t *r = memory;

    if (!as_shm_lock_init(&r->lock)) {
        return NULL;
    }
    r->buckets = buckets_for(entries);
    r->magic = MAGIC;
    return r;
}

as_revocations_t *as_revocations_attach(void *memory, apr_int64_t entries)
{
    as_revocations_t *r = memory;

    return r->magic == MAGIC && r->buckets == buckets_for(entries) ? r : NULL;
}

/* ---- where a key stands ---- */

typedef struct {
    apr_uint64_t a, b;
} key_t128;

static key_t128 key_of(const unsigned char *octets)
{
    key_t128 key;

    memcpy(&key.a, octets, 8);
    memcpy(&key.b, octets + 8, 8);
    return key;
}

/* Ids are random already: each half chooses a bucket. Strangers do not choose ids. */
static apr_uint64_t bucket_of(const as_revocations_t *r, key_t128 key, int which)
{
    apr_uint64_t half = which ? key.b : key.a;

    return (apr_uint64_t)(((unsigned __int128)half * r->buckets) >> 64);
}

static slot_t *slot_at(const as_revocations_t *r, apr_uint64_t bucket, int i)
{
    return (slot_t *)&r->table[bucket].slots[i];
}

static int has_key(const slot_t *slot, key_t128 key)
{
    return atomic_load_explicit(&((slot_t *)slot)->key[0], memory_order_relaxed) == key.a
           && atomic_load_explicit(&((slot_t *)slot)->key[1], memory_order_relaxed) == key.b;
}

/* ---- reading ---- */

/* The entry's least epoch, or 0 if there is no such key. Whether it has expired does not matter: an
 * ended session stays ended, and an epoch does not fall.
 */
static apr_int64_t look_up(const as_revocations_t *r, key_t128 key)
{
    for (int which = 0; which < 2; which++) {
        apr_uint64_t bucket = bucket_of(r, key, which);

        for (int i = 0; i < BUCKET; i++) {
            const slot_t *slot = slot_at(r, bucket, i);
            apr_uint64_t seen = as_slot_read_begin(&slot->version);
            apr_int64_t least;

            if (!seen || !has_key(slot, key)) {
                continue;
            }
            least = atomic_load_explicit(&((slot_t *)slot)->least_epoch, memory_order_relaxed);
            if (as_slot_read_ok(&slot->version, seen)) {
                return least;
            }
        }
    }
    return 0;
}

static int is_unsure(const as_revocations_t *r, const as_standing_question_t *q)
{
    as_revocations_t *w = (as_revocations_t *)r;
    apr_int64_t fresh = atomic_load_explicit(&w->fresh, memory_order_acquire);

    return fresh == 0 || as_shm_clock() - fresh > q->max_age
           || q->issued_at <= atomic_load_explicit(&w->full_issued, memory_order_acquire);
}

/* First whether the news are fresh, then the entries: what made them fresh was added before. */
as_standing_answer_t as_revocations_ask(const as_revocations_t *r, const as_standing_question_t *q)
{
    int unsure = is_unsure(r, q);

    if ((q->session && look_up(r, key_of(q->session)))
        || look_up(r, key_of(q->account)) > q->epoch) {
        return AS_REVOKED;
    }
    return unsure ? AS_UNSURE : AS_STANDS;
}

/* ---- writing ---- */

/* A dead writer's slot holds nothing that was acknowledged; the next one may have it. */
static void repair(as_revocations_t *r)
{
    atomic_fetch_add(&r->repairs, 1);
    for (apr_uint64_t b = 0; b < r->buckets; b++) {
        for (int i = 0; i < BUCKET; i++) {
            slot_t *slot = slot_at(r, b, i);

            if (atomic_load(&slot->version) & 1) {
                atomic_store(&slot->expires, 0);
                atomic_store(&slot->key[0], 0);
                atomic_store(&slot->key[1], 0);
                atomic_store(&slot->least_epoch, 0);
                as_slot_write_end(&slot->version, atomic_load(&slot->version));
            }
        }
    }
    if (atomic_load(&r->position_version) & 1) { /* half a position is none: load afresh */
        memset(&r->position, 0, sizeof r->position);
        as_slot_write_end(&r->position_version, atomic_load(&r->position_version));
        atomic_store(&r->fresh, 0);
    }
}

static void enter(as_revocations_t *r)
{
    if (as_shm_lock_enter(&r->lock)) {
        repair(r);
    }
}

static slot_t *find_slot(as_revocations_t *r, key_t128 key)
{
    for (int n = 0; n < 2 * BUCKET; n++) {
        slot_t *slot = slot_at(r, bucket_of(r, key, n / BUCKET), n % BUCKET);

        if (atomic_load(&slot->version) && has_key(slot, key)) {
            return slot;
        }
    }
    return NULL;
}

/* A slot without a live entry, from the emptier of the key's two buckets. NULL: both are full. */
static slot_t *free_slot(as_revocations_t *r, key_t128 key, apr_int64_t now)
{
    slot_t *best = NULL;
    int most = 0;

    for (int which = 0; which < 2; which++) {
        apr_uint64_t bucket = bucket_of(r, key, which);
        slot_t *found = NULL;
        int n = 0;

        for (int i = 0; i < BUCKET; i++) {
            slot_t *slot = slot_at(r, bucket, i);

            if (atomic_load(&slot->expires) <= now) {
                found = slot;
                n++;
            }
        }
        if (n > most) {
            most = n;
            best = found;
        }
    }
    return best;
}

static void lift(_Atomic apr_int64_t *number, apr_int64_t to)
{
    if (atomic_load(number) < to) {
        atomic_store_explicit(number, to, memory_order_release);
    }
}

static void fill(slot_t *slot, key_t128 key, apr_int64_t least_epoch, apr_int64_t expires)
{
    apr_uint64_t begun = as_slot_write_begin(&slot->version);

    as_fault_point("revocation-slot");
    atomic_store_explicit(&slot->key[0], key.a, memory_order_relaxed);
    atomic_store_explicit(&slot->key[1], key.b, memory_order_relaxed);
    atomic_store_explicit(&slot->least_epoch, least_epoch, memory_order_relaxed);
    atomic_store_explicit(&slot->expires, expires, memory_order_relaxed);
    as_slot_write_end(&slot->version, begun);
}

static void add(as_revocations_t *r, key_t128 key, apr_int64_t least_epoch, apr_int64_t expires,
                apr_int64_t now)
{
    slot_t *slot;

    enter(r);
    slot = find_slot(r, key);
    if (slot) {
        lift(&slot->least_epoch, least_epoch);
        lift(&slot->expires, expires);
    } else if (expires > now && (slot = free_slot(r, key, now)) != NULL) {
        fill(slot, key, least_epoch, expires);
    } else if (expires > now) {
        lift(&r->full_issued, now);
        atomic_fetch_add(&r->left_out, 1);
    }
    as_shm_lock_leave(&r->lock);
}

void as_revocations_add_session(as_revocations_t *r, const unsigned char *session,
                                apr_int64_t expires, apr_int64_t now)
{
    add(r, key_of(session), ALWAYS, expires, now);
}

void as_revocations_add_account(as_revocations_t *r, const unsigned char *account,
                                apr_int64_t least_epoch, apr_int64_t expires, apr_int64_t now)
{
    add(r, key_of(account), least_epoch, expires, now);
}

/* ---- the feed ---- */

int as_revocations_take_turn(as_revocations_t *r, apr_int64_t interval, apr_int64_t lease)
{
    apr_int64_t now = as_shm_clock();
    apr_int64_t until = atomic_load(&r->turn_until);

    if (until > now || now - atomic_load(&r->turn_last) < interval
        || !atomic_compare_exchange_strong(&r->turn_until, &until, now + lease)) {
        return 0;
    }
    atomic_store(&r->turn_last, now);
    return 1;
}

void as_revocations_end_turn(as_revocations_t *r)
{
    atomic_store(&r->turn_until, 0);
}

void as_revocations_position(const as_revocations_t *r, as_feed_position_t *position)
{
    as_revocations_t *w = (as_revocations_t *)r;

    enter(w);
    *position = r->position;
    as_shm_lock_leave(&w->lock);
}

/* A position that somebody has meanwhile forgotten, or taken from another database, is not gone on
 * from: its reader was overtaken.
 */
void as_revocations_advance(as_revocations_t *r, const as_feed_position_t *from,
                            const as_feed_position_t *to, apr_int64_t asked_at, apr_int64_t lease)
{
    apr_uint64_t begun;

    enter(r);
    if (memcmp(r->position.epoch, from->epoch, sizeof from->epoch) == 0
        && r->position.loaded == from->loaded) {
        begun = as_slot_write_begin(&r->position_version);
        as_fault_point("revocation-position");
        r->position = *to;
        as_slot_write_end(&r->position_version, begun);
        lift(&r->fresh, to->loaded ? asked_at : 0);
    }
    atomic_store(&r->turn_until, asked_at ? 0 : as_shm_clock() + lease);
    as_shm_lock_leave(&r->lock);
}

void as_revocations_restart(as_revocations_t *r)
{
    enter(r);
    memset(&r->position, 0, sizeof r->position);
    atomic_store(&r->fresh, 0);
    as_shm_lock_leave(&r->lock);
}

/* ---- state ---- */

void as_revocations_state(as_revocations_t *r, apr_int64_t now, as_revocations_state_t *state)
{
    apr_int64_t fresh = atomic_load(&r->fresh);

    memset(state, 0, sizeof *state);
    state->slots = (apr_int64_t)(r->buckets * BUCKET);
    state->left_out = atomic_load(&r->left_out);
    state->repairs = atomic_load(&r->repairs);
    state->age = fresh ? as_shm_clock() - fresh : -1;
    as_revocations_position(r, &state->position);
    for (apr_uint64_t b = 0; b < r->buckets; b++) {
        for (int i = 0; i < BUCKET; i++) {
            apr_int64_t expires = atomic_load(&slot_at(r, b, i)->expires);

            state->live += expires > now;
            state->expired += expires > 0 && expires <= now;
        }
    }
}

/* A key of a live slot stands in one of its buckets, and only there. */
static int is_in_place(const as_revocations_t *r, apr_uint64_t bucket, const slot_t *slot)
{
    const key_t128 key = { atomic_load(&((slot_t *)slot)->key[0]),
                           atomic_load(&((slot_t *)slot)->key[1]) };
    int times = 0;

    if (bucket_of(r, key, 0) != bucket && bucket_of(r, key, 1) != bucket) {
        return 0;
    }
    for (int n = 0; n < 2 * BUCKET; n++) {
        const slot_t *other = slot_at(r, bucket_of(r, key, n / BUCKET), n % BUCKET);

        times += atomic_load(&((slot_t *)other)->expires) != 0 && has_key(other, key);
    }
    return times == (bucket_of(r, key, 0) == bucket_of(r, key, 1) ? 2 : 1);
}

int as_revocations_check(as_revocations_t *r)
{
    int good = 1;

    enter(r);
    for (apr_uint64_t b = 0; b < r->buckets && good; b++) {
        for (int i = 0; i < BUCKET && good; i++) {
            const slot_t *slot = slot_at(r, b, i);

            good = !(atomic_load(&((slot_t *)slot)->version) & 1)
                   && (atomic_load(&((slot_t *)slot)->expires) == 0 || is_in_place(r, b, slot));
        }
    }
    as_shm_lock_leave(&r->lock);
    return good;
}
