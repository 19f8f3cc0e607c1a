/* SPDX-License-Identifier: Apache-2.0
 * Sign-up and sign-in by vendors. See social.h.
 */
#include "ops/social.h"

#include <string.h>

#include <apr_strings.h>

#include "base/text.h"
#include "crypto/random.h"
#include "ops/accounts.h"
#include "ops/outbox.h"
#include "ops/reserved.h"
#include "ops/signin.h"
#include "ops/throttle.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/identities.h"

#define PATIENCE (5 * APR_USEC_PER_SEC)
#define NAME_MAX_POINTS 255
#define PHOTO_MAX 2048
#define ID_MAX 255

static const unsigned buckets = AS_CHARGE(AS_BUCKET_SIGNIN);

const as_vendor_t *as_vendor_find(const as_service_t *service, const char *name)
{
    const as_vendor_t *vendor = service->vendors;

    while (vendor && vendor->name && strcmp(vendor->name, name) != 0) {
        vendor++;
    }
    return vendor && vendor->name ? vendor : NULL;
}

/* ---- asking the vendor ---- */

typedef struct {
    as_ctx_t *ctx;
    const as_social_in_t *in;
    authsvc_person_t person;
    as_identity_t identity;
    as_account_t account;
    as_entrance_t entrance;
    as_code_t outcome;
} visit_t;

static int is_ascii(const char *text)
{
    apr_size_t len = text ? strlen(text) : 0;

    for (apr_size_t i = 0; i < len; i++) {
        if (text[i] < 0x21 || text[i] > 0x7e) {
            return 0;
        }
    }
    return len > 0 && len <= ID_MAX;
}

static as_result_t identify(visit_t *v)
{
    as_ctx_t *ctx = v->ctx;
    const as_vendor_t *vendor = as_vendor_find(ctx->service, v->in->vendor);
    apr_size_t len = strlen(v->in->token);
    const char *reason = NULL;

    if (!vendor) {
        return as_result(AS_NOT_FOUND);
    }
    if (len == 0 || len > AUTHSVC_TOKEN_MAX) {
        return as_result_detail(AS_VENDOR_REFUSED, "its length");
    }
    switch (vendor->identify(vendor->baton, v->in->token, apr_time_now() + PATIENCE, &v->person,
                             &reason, ctx->pool)) {
    case AUTHSVC_YES:
        break;
    case AUTHSVC_NO:
        return as_result_detail(AS_VENDOR_REFUSED, reason);
    default:
        return as_result_detail(AS_UNAVAILABLE, reason ? reason : "the vendor is away");
    }
    if (!is_ascii(v->person.issuer) || !is_ascii(v->person.subject)) {
        return as_result_detail(AS_UNAVAILABLE, "an issuer or subject that nobody can keep");
    }
    v->identity = (as_identity_t){ .issuer = v->person.issuer, .subject = v->person.subject,
                                   .vendor = vendor->name, .created_at = ctx->now };
    return as_result(AS_OK);
}

/* Asks, runs the transaction, and counts what failed against the client. */
static as_result_t visit(visit_t *v, as_txn_fn body)
{
    as_ctx_t *ctx = v->ctx;
    as_result_t result = as_throttle_charge(ctx, buckets, NULL);
    apr_status_t status;

    if (result.code != AS_OK) {
        return result;
    }
    result = identify(v);
    if (result.code == AS_OK) {
        status = ctx->principal ? as_principal_write(ctx, body, v)
                                : as_store_write(ctx->service->store, body, v, ctx->pool);
        result = status == APR_SUCCESS ? as_result(v->outcome) : as_result_of(status);
    }
    return as_throttle_settle(ctx, buckets, NULL, result);
}

/* The identity's account; AS_ENO with an outcome if it has none. */
static apr_status_t find(as_db_t *db, visit_t *v, apr_pool_t *pool)
{
    const char *issuer = v->person.issuer, *subject = v->person.subject;
    as_identity_t known;
    apr_status_t status = as_identity_find(db, issuer, subject, &known, pool);

    v->outcome = AS_OK;
    v->account = (as_account_t){ .id = NULL };
    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, known.account_id, &v->account, pool);
        return status == AS_ENO ? AS_EFAULT : status; /* no outcome stands for that */
    }
    if (status == AS_ENO) {
        status = as_reserved_check(db, v->ctx, issuer, subject, pool);
        v->outcome = status == APR_SUCCESS ? AS_ACCOUNT_DELETED : AS_IDENTITY_UNKNOWN;
        return status == APR_SUCCESS ? AS_ENO : status;
    }
    return status;
}

static apr_status_t note(as_db_t *db, visit_t *v, const char *event, apr_pool_t *pool)
{
    const as_entry_t entry = {
        .event = event,
        .outcome = v->outcome,
        .account_id = v->account.id,
        .session_id = v->outcome == AS_OK ? v->entrance.opening.session.id : NULL,
        .factors = v->outcome == AS_OK ? v->entrance.opening.session.amr : "fed",
        .detail = v->in->vendor,
    };

    return as_trail_entry(db, v->ctx, &entry, pool);
}

/* ---- sign-in ---- */

static apr_status_t sign_in(as_db_t *db, void *baton, apr_pool_t *pool)
{
    visit_t *v = baton;
    apr_status_t status = find(db, v, pool);

    v->entrance.account = &v->account;
    if (status == APR_SUCCESS && v->account.disabled_at) {
        v->outcome = AS_VENDOR_REFUSED;
    } else if (status == APR_SUCCESS) {
        status = as_entrance_enter(db, &v->entrance, &v->outcome, pool);
    }
    return status == APR_SUCCESS || status == AS_ENO ? note(db, v, "sign_in", pool) : status;
}

as_result_t as_social_sign_in(as_ctx_t *ctx, const void *in, void *out)
{
    visit_t v = { .ctx = ctx, .in = in,
                  .entrance = { .ctx = ctx, .amr = "fed", .stepwise = 1 } };
    as_result_t result = visit(&v, sign_in);

    return as_entrance_tokens(&v.entrance, as_guess_settle(&v.entrance.guess, result), out);
}

/* ---- sign-up ---- */

/* A text a vendor tells of a person, if we could have taken it from the person. */
static const char *sound(const char *text)
{
    apr_ssize_t points = text ? as_text_points(text) : -1;

    return points > 0 && points <= NAME_MAX_POINTS && !as_text_has_control(text) ? text : NULL;
}

static const char *sound_photo(const char *url)
{
    if (!url || strncmp(url, "https://", 8) != 0 || strlen(url) > PHOTO_MAX) {
        return NULL;
    }
    for (const char *at = url; *at; at++) {
        if (*at < 0x21 || *at > 0x7e) {
            return NULL;
        }
    }
    return url;
}

static void take_person(visit_t *v)
{
    const authsvc_person_t *person = &v->person;
    apr_pool_t *pool = v->ctx->pool;
    const char *name = sound(person->name);

    v->account = (as_account_t){
        .id = as_random_id(pool),
        .email = person->email ? as_text_email(pool, person->email) : NULL,
        .email_proven = person->email_verified == AUTHSVC_YES,
        .first_name = sound(person->given_name),
        .last_name = sound(person->family_name),
        .photo = sound_photo(person->photo),
    };
    v->account.email_proven &= v->account.email != NULL;
    if (!v->account.first_name && !v->account.last_name && name) {
        as_text_split_name(pool, name, &v->account.first_name, &v->account.last_name);
    }
}

static apr_status_t make(as_db_t *db, visit_t *v, apr_pool_t *pool)
{
    apr_status_t status;

    take_person(v);
    status = as_account_make(db, v->ctx, &v->account, &v->outcome, pool);
    if (status == APR_SUCCESS && v->outcome == AS_ADDRESS_TAKEN) {
        v->outcome = AS_IDENTITY_TAKEN; /* its owner signs in, and links it from inside */
    }
    if (status != APR_SUCCESS || v->outcome != AS_OK) {
        v->account.id = NULL;
        return status;
    }
    v->identity.account_id = v->account.id;
    status = as_identity_insert(db, &v->identity);
    if (status == AS_ENO) {
        return AS_ERETRY; /* somebody signed up with it between: look again */
    }
    return status == APR_SUCCESS
               ? as_session_open(db, v->ctx, &v->account, v->entrance.amr, &v->entrance.opening,
                                 pool)
               : status;
}

static apr_status_t sign_up(as_db_t *db, void *baton, apr_pool_t *pool)
{
    visit_t *v = baton;
    apr_status_t status;

    status = find(db, v, pool);
    if (status == APR_SUCCESS) {
        v->outcome = AS_IDENTITY_TAKEN;
    } else if (status == AS_ENO && v->outcome == AS_IDENTITY_UNKNOWN) {
        v->outcome = v->person.email_verified == AUTHSVC_NO ? AS_VENDOR_REFUSED : AS_OK;
        status = v->outcome == AS_OK ? make(db, v, pool) : APR_SUCCESS;
    }
    return status == APR_SUCCESS || status == AS_ENO ? note(db, v, "register", pool) : status;
}

as_result_t as_social_sign_up(as_ctx_t *ctx, const void *in, void *out)
{
    visit_t v = { .ctx = ctx, .in = in, .entrance = { .ctx = ctx, .amr = "fed" } };
    as_result_t result = visit(&v, sign_up);

    return result.code == AS_OK ? as_opening_tokens(ctx, &v.account, &v.entrance.opening, out)
                                : result;
}

/* ---- from inside ---- */

static apr_status_t note_own(as_db_t *db, const visit_t *v, const char *event, apr_pool_t *pool)
{
    const as_entry_t entry = {
        .event = event,
        .outcome = v->outcome,
        .account_id = v->ctx->principal->account_id,
        .session_id = v->ctx->principal->session_id,
        .detail = v->in->vendor,
    };

    return as_trail_entry(db, v->ctx, &entry, pool);
}

static apr_status_t give(as_db_t *db, visit_t *v, apr_pool_t *pool)
{
    apr_status_t status = as_account_by_id(db, v->ctx->principal->account_id, &v->account, pool);

    v->identity.account_id = v->account.id;
    if (status == APR_SUCCESS) {
        status = as_identity_insert(db, &v->identity);
        status = status == AS_ENO ? AS_ERETRY : status;
    }
    return status == APR_SUCCESS
               ? as_notice_put(db, v->ctx, &v->account, "identity_linked", pool)
               : status;
}

static apr_status_t link_identity(as_db_t *db, void *baton, apr_pool_t *pool)
{
    visit_t *v = baton;
    const as_principal_t *p = v->ctx->principal;
    apr_status_t status = find(db, v, pool);

    if (status == APR_SUCCESS) {
        v->outcome = strcmp(v->account.id, p->account_id) == 0 ? AS_OK : AS_IDENTITY_TAKEN;
    } else if (status == AS_ENO && v->outcome == AS_IDENTITY_UNKNOWN) {
        v->outcome = AS_OK;
        status = give(db, v, pool);
    } else if (status == AS_ENO) {
        v->outcome = AS_IDENTITY_TAKEN; /* a deleted account's */
    }
    return status == APR_SUCCESS || status == AS_ENO
               ? note_own(db, v, "link", pool)
               : status;
}

as_result_t as_social_link(as_ctx_t *ctx, const void *in, void *out)
{
    visit_t v = { .ctx = ctx, .in = in };
    as_result_t result = visit(&v, link_identity);

    (void)out;
    if (result.code == AS_OK) {
        as_outbox_wake(ctx);
    }
    return result;
}

/* Another way in is a password, or another vendor. */
static apr_status_t has_other(as_db_t *db, visit_t *v, int *other, apr_pool_t *pool)
{
    const char *id = v->ctx->principal->account_id;
    as_identity_t *identities;
    apr_status_t status = as_account_by_id(db, id, &v->account, pool);
    int n = 0;

    if (status == APR_SUCCESS) {
        status = as_identities_of(db, id, &identities, &n, pool);
    }
    *other = v->account.password != NULL;
    for (int i = 0; status == APR_SUCCESS && i < n; i++) {
        *other |= strcmp(identities[i].vendor, v->in->vendor) != 0;
    }
    return status;
}

static apr_status_t unlink_identity(as_db_t *db, void *baton, apr_pool_t *pool)
{
    visit_t *v = baton;
    const as_principal_t *p = v->ctx->principal;
    int other;
    apr_status_t status = has_other(db, v, &other, pool);

    v->outcome = other ? AS_OK : AS_LAST_WAY_IN;
    if (status == APR_SUCCESS && other) {
        status = as_identities_delete(db, p->account_id, v->in->vendor, NULL);
    }
    return status == APR_SUCCESS
               ? note_own(db, v, "unlink", pool)
               : status;
}

as_result_t as_social_unlink(as_ctx_t *ctx, const void *in, void *out)
{
    visit_t v = { .ctx = ctx, .in = in };
    apr_status_t status = as_principal_write(ctx, unlink_identity, &v);

    (void)out;
    return status == APR_SUCCESS ? as_result(v.outcome) : as_result_of(status);
}
