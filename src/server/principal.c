/* SPDX-License-Identifier: Apache-2.0
 * Who was authenticated. See principal.h.
 */
#include "server/principal.h"

#include <string.h>

#include <apr_strings.h>
#include <http_log.h>

#include "base/bytes.h"

APLOG_USE_MODULE(authsvc);

as_note_t *as_note_of(request_rec *r)
{
    as_note_t *note = ap_get_module_config(r->request_config, &authsvc_module);

    if (!note) {
        note = apr_pcalloc(r->pool, sizeof *note);
        ap_set_module_config(r->request_config, &authsvc_module, note);
    }
    return note;
}

/* The request whose note names somebody, or NULL. */
static request_rec *proven(request_rec *r)
{
    for (; r; r = r->prev ? r->prev : r->main) {
        const as_note_t *note = as_note_find(r);

        if (note && note->principal) {
            return r;
        }
    }
    return NULL;
}

const as_principal_t *as_principal_of(request_rec *r)
{
    request_rec *first = proven(r);

    return first ? as_note_find(first)->principal : NULL;
}

/* NULL if that was never proven. */
static const char *user_name(const request_rec *r, const as_principal_t *principal)
{
    switch (as_config_dir(r)->remote_user) {
    case AS_USER_EMAIL:
        return principal->email;
    case AS_USER_PHONE:
        return principal->phone;
    case AS_USER_NUMBER:
        return apr_psprintf(r->pool, "%" APR_INT64_T_FMT, principal->number);
    default:
        return principal->account_id;
    }
}

int as_principal_set(request_rec *r, const as_principal_t *principal)
{
    const char *name = user_name(r, principal);

    if (!name) {
        ap_log_rerror(APLOG_MARK, APLOG_INFO, 0, r,
                      "the account has no proven name of the kind AuthSvcRemoteUser asks for");
        return 0;
    }
    r->user = apr_pstrdup(r->pool, name);
    as_note_of(r)->principal = principal;
    return 1;
}

/* ---- what is told of it ---- */

typedef enum { TEXT, NUMBER, INSTANT } kind_t;

#define ROW(name, kind, member) { name, kind, offsetof(as_principal_t, member) }

static const struct {
    const char *name;
    kind_t kind;
    apr_size_t offset;
} values[] = {
    ROW("sub", TEXT, account_id),   ROW("sid", TEXT, session_id),
    ROW("email", TEXT, email),      ROW("phone", TEXT, phone),
    ROW("roles", TEXT, roles),      ROW("team", TEXT, team),
    ROW("amr", TEXT, amr),          ROW("number", NUMBER, number),
    ROW("auth_time", INSTANT, auth_time),
};

static const char *value_text(const void *at, kind_t kind, apr_pool_t *pool)
{
    apr_int64_t number;

    if (kind == TEXT) {
        return *(const char *const *)at;
    }
    number = *(const apr_int64_t *)at;
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, kind == INSTANT ? apr_time_sec(number) : number);
}

const char *as_principal_value(const as_principal_t *principal, const char *name, apr_pool_t *pool)
{
    for (apr_size_t i = 0; i < sizeof values / sizeof *values; i++) {
        if (strcmp(values[i].name, name) == 0) {
            return value_text((const char *)principal + values[i].offset, values[i].kind, pool);
        }
    }
    return NULL;
}

/* The token was verified before it became a principal's; its claims are read once. */
static as_json_t *claims_of(const char *token, apr_pool_t *pool)
{
    const char *begin = strchr(token, '.'), *end = begin ? strchr(begin + 1, '.') : NULL;
    unsigned char *payload;
    apr_size_t len;

    if (!end) {
        return NULL;
    }
    payload = as_base64url_decode(pool, begin + 1, end - begin - 1, &len);
    return payload ? as_json_parse(pool, (const char *)payload, len, NULL) : NULL;
}

const as_json_t *as_principal_claim(request_rec *r, const char *name)
{
    request_rec *first = proven(r);
    as_note_t *note = first ? as_note_of(first) : NULL;

    if (note && !note->claims && note->principal->token) {
        note->claims = claims_of(note->principal->token, first->pool);
    }
    return note && note->claims ? as_json_get(note->claims, name) : NULL;
}
