/* SPDX-License-Identifier: Apache-2.0
 * Keeps the tokens of links out of logs: the value of every parameter "token" becomes ***, in the
 * request line and in the Referer. Never touches a request that is known to be another's. Called
 * through hooks: mount.c's, and one ahead of mod_log_config's.
 */
#include "server/server.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#define PARAMETER "token"
#define MASK "***"

/* 1 if the name is the parameter's, with octets escaped or not: token, Token, %74oken. */
static int is_parameter(const char *name, apr_size_t len)
{
    const char *end = name + len;

    for (const char *want = PARAMETER; *want; want++) {
        const char hex[] = { name[0], end - name >= 3 ? name[1] : 0, end - name >= 3 ? name[2] : 0,
                             '\0' };
        int escaped = hex[0] == '%' && apr_isxdigit(hex[1]) && apr_isxdigit(hex[2]);
        int octet = escaped ? (int)apr_strtoi64(hex + 1, NULL, 16) : name[0];

        if (name >= end || apr_tolower(octet) != *want) {
            return 0;
        }
        name += escaped ? 3 : 1;
    }
    return name == end;
}

static char *append(char *at, const char *from, apr_size_t len)
{
    memcpy(at, from, len);
    return at + len;
}

/* The text with the parameters between the two offsets masked. */
static char *masked(apr_pool_t *pool, const char *text, apr_size_t from, apr_size_t to)
{
    /* no parameter grows by more than the mask, and each is twice as long */
    char *out = apr_palloc(pool, 2 * strlen(text) + sizeof MASK), *at = append(out, text, from);

    while (from < to) {
        const char *here = text + from;
        const char *ampersand = memchr(here, '&', to - from);
        apr_size_t len = ampersand ? (apr_size_t)(ampersand - here) : to - from;
        const char *equals = memchr(here, '=', len);

        if (equals && is_parameter(here, equals - here)) {
            at = append(at, here, equals + 1 - here);
            at = append(at, MASK, strlen(MASK));
        } else {
            at = append(at, here, len);
        }
        if (ampersand) {
            *at++ = '&';
        }
        from += len + (ampersand != NULL);
    }
    apr_cpystrn(at, text + to, strlen(text + to) + 1);
    return out;
}

/* A URL, or what is before to of a text that begins with one. */
static char *masked_url(apr_pool_t *pool, char *url, apr_size_t to)
{
    const char *query = url ? strchr(url, '?') : NULL;

    return query && query < url + to ? masked(pool, url, query + 1 - url, to) : url;
}

/* A request line ends with its protocol, unless it was a broken one. */
static apr_size_t end_of_target(const char *line)
{
    const char *space = strrchr(line, ' ');

    return space && strncmp(space, " HTTP/", 6) == 0 ? (apr_size_t)(space - line) : strlen(line);
}

void as_mask_referer(request_rec *r)
{
    const char *referer = apr_table_get(r->headers_in, "Referer");

    if (referer && strchr(referer, '?')) {
        apr_table_setn(r->headers_in, "Referer",
                       masked_url(r->pool, apr_pstrdup(r->pool, referer), strlen(referer)));
    }
}

static void mask_request(request_rec *r)
{
    if (r->the_request) {
        r->the_request = masked_url(r->pool, r->the_request, end_of_target(r->the_request));
    }
    if (r->unparsed_uri) {
        r->unparsed_uri = masked_url(r->pool, r->unparsed_uri, strlen(r->unparsed_uri));
    }
    if (r->args) {
        r->args = masked(r->pool, r->args, 0, strlen(r->args));
    }
    if (r->parsed_uri.query) { /* the request line is made of it where it held a password */
        r->parsed_uri.query = masked(r->pool, r->parsed_uri.query, 0, strlen(r->parsed_uri.query));
    }
    as_mask_referer(r);
}

/* A request that was refused before anybody asked whose it is may have been meant for a mount. */
static int may_be_ours(const request_rec *r)
{
    return !r->filename || as_mount_has(r);
}

static int mask_all(request_rec *r)
{
    request_rec *first = r;
    int ours = 0;

    while (first->prev) {
        first = first->prev;
    }
    for (request_rec *each = first; each; each = each->next) {
        ours |= may_be_ours(each);
    }
    for (request_rec *each = first; ours && each; each = each->next) {
        mask_request(each);
    }
    return DECLINED;
}

/* This runs for every request. */
int as_mask_tokens(request_rec *r)
{
    return !r->prev && !r->next && r->filename && *r->filename != *AS_MOUNT_MARK ? DECLINED
                                                                                 : mask_all(r);
}
