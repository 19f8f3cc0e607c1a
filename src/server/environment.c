/* SPDX-License-Identifier: Apache-2.0
 * What the site behind a guard is told of who was let in, and what it is not: names a client took
 * for itself are removed, our credentials stay here. Decides nothing. Called through hooks.
 */
#include "server/server.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_request.h>

#include "server/principal.h"

#define PREFIX "X-Auth-"

/* What is told, by as_principal_value's name. */
static const struct {
    const char *name, *variable, *header;
} told[] = {
    { "sub", "AUTHSVC_SUB", PREFIX "Sub" },     { "email", "AUTHSVC_EMAIL", PREFIX "Email" },
    { "roles", "AUTHSVC_ROLES", PREFIX "Roles" }, { "team", "AUTHSVC_TEAM", PREFIX "Team" },
    { "amr", "AUTHSVC_AMR", PREFIX "Amr" },     { "sid", "AUTHSVC_SID", PREFIX "Sid" },
};

#define TOLD (sizeof told / sizeof *told)

/* A name of ours in any case and with _ for -: backends read both as one. */
static int is_told(const char *name, apr_size_t len)
{
    for (apr_size_t i = 0; i < TOLD; i++) {
        const char *header = told[i].header;
        apr_size_t at = 0;

        while (at < len && header[at]
               && apr_tolower(name[at] == '_' ? '-' : name[at]) == apr_tolower(header[at])) {
            at++;
        }
        if (at == len && !header[at]) {
            return 1;
        }
    }
    return 0;
}

static void remove_told(request_rec *r)
{
    const apr_array_header_t *headers = apr_table_elts(r->headers_in);

    for (int i = 0; i < headers->nelts;) {
        const char *name = APR_ARRAY_IDX(headers, i, apr_table_entry_t).key;

        if (is_told(name, strlen(name))) {
            apr_table_unset(r->headers_in, name); /* all of that name: look at this place again */
        } else {
            i++;
        }
    }
}

/* A proxy drops what Connection names: a client could have what we say dropped by naming it. */
static void unname_told(request_rec *r)
{
    const char *at = apr_table_get(r->headers_in, "Connection"), *kept = "";

    while (at && *at) {
        apr_size_t len = strcspn(at, ", \t");

        if (len > 0 && !is_told(at, len)) {
            kept = apr_pstrcat(r->pool, kept, *kept ? ", " : "", apr_pstrmemdup(r->pool, at, len),
                               NULL);
        }
        at += len + strspn(at + len, ", \t");
    }
    if (*kept) {
        apr_table_setn(r->headers_in, "Connection", kept);
    } else {
        apr_table_unset(r->headers_in, "Connection");
    }
}

static int is_guarded(request_rec *r)
{
    return ap_auth_type(r) && as_config_server(r->server)->host;
}

/* Nobody is known here, and no request before this one could know somebody. Each of this file's
 * hooks runs for every request: this is what most of them are.
 */
static int is_plain(const request_rec *r)
{
    return !r->prev && !r->main && !as_note_find(r);
}

/* Authorization as an outer request had it before its handler began. */
static const char *kept_by(const request_rec *r)
{
    for (; r; r = r->prev ? r->prev : r->main) {
        const as_note_t *note = as_note_find(r);

        if (note && note->kept) {
            return note->kept;
        }
    }
    return NULL;
}

/* For every request, before anybody looks at who it is, whether or not somebody will. */
int as_environment_enter(request_rec *r)
{
    const char *kept = r->prev || r->main ? kept_by(r) : NULL;

    if (kept) {
        apr_table_setn(r->headers_in, "Authorization", kept);
    }
    if (as_config_dir(r)->pass_headers == AS_ON || is_guarded(r)
        || (!is_plain(r) && as_principal_of(r))) {
        remove_told(r);
    }
    return OK;
}

int as_environment_fixups(request_rec *r)
{
    const as_principal_t *principal = is_plain(r) ? NULL : as_principal_of(r);

    if (!principal && !is_guarded(r)) {
        return DECLINED;
    }
    for (apr_size_t i = 0; i < TOLD; i++) {
        const char *value = principal ? as_principal_value(principal, told[i].name, r->pool)
                                      : NULL;

        if (value) {
            apr_table_setn(r->subprocess_env, told[i].variable, value);
        } else {
            apr_table_unset(r->subprocess_env, told[i].variable);
        }
    }
    return DECLINED;
}

/* Authorization, if it holds what one of our doors takes; NULL if not. Headers are looked through
 * last: this runs for every request.
 */
static const char *credential_of(request_rec *r)
{
    const as_principal_t *principal = as_principal_of(r);
    request_rec *each = r;

    if (principal && !principal->session_id) {
        return apr_table_get(r->headers_in, "Authorization");
    }
    for (; each; each = each->prev ? each->prev : each->main) {
        const char *type = ap_auth_type(each);

        if (type && strcasecmp(type, "Bearer") == 0) {
            const char *authorization = apr_table_get(r->headers_in, "Authorization");

            return authorization && ap_strcasestr(authorization, "Bearer") ? authorization : NULL;
        }
    }
    return NULL;
}

/* Just before the handler: inner requests and rewrites had to find things as the client sent them.
 */
int as_environment_leave(request_rec *r)
{
    const as_dir_config_t *dir = as_config_dir(r);
    const as_principal_t *principal;
    const char *authorization;

    if (is_plain(r) && !ap_auth_type(r)) {
        return DECLINED;
    }
    if (r->handler && *r->handler == 'a' && strncmp(r->handler, "authsvc", 7) == 0) {
        return DECLINED; /* a mount of ours is no backend */
    }
    authorization = dir->pass_token == AS_ON ? NULL : credential_of(r);
    if (authorization) {
        as_note_of(r)->kept = authorization;
        apr_table_unset(r->headers_in, "Authorization");
    }
    if (dir->pass_headers == AS_ON && (principal = as_principal_of(r)) != NULL) {
        unname_told(r);
        for (apr_size_t i = 0; i < TOLD; i++) {
            const char *value = as_principal_value(principal, told[i].name, r->pool);

            if (value) {
                apr_table_setn(r->headers_in, told[i].header, value);
            }
        }
    }
    return DECLINED;
}
