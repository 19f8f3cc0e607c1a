/* SPDX-License-Identifier: Apache-2.0
 * A dialect: one published contract as rows. A route names its operation, the fields that fill the
 * operation's input and the encoder of its output; a dialect adds how a refusal looks. Never a
 * policy: that is the operations'. One file a dialect, one row in dialect.c.
 */
#ifndef AS_API_DIALECT_H
#define AS_API_DIALECT_H

#include <stddef.h>

#include <apr_tables.h>

#include "base/json.h"
#include "ops/service.h"

/* ---- fields: members of the request's body ---- */

enum {
    AS_REQUIRED = 1, /* must be there */
    AS_NULLABLE = 2, /* null is as good as absent */
    AS_PASSWORD = 4, /* the policy may raise the minimum */
    AS_NAME = 8,     /* no control characters */
};

/* A string member. Lengths are code points; max 0 is no bound but the body's. */
typedef struct {
    const char *name;
    unsigned flags;
    apr_size_t offset; /* of a const char * in the operation's input */
    int min, max;
} as_field_t;

#define AS_NAME_MAX 255

/* ---- what may be wrong with a body ---- */

typedef enum {
    AS_NOT_JSON,    /* number: octet offset */
    AS_NOT_OBJECT,
    AS_MISSING,
    AS_NOT_STRING,
    AS_TOO_SHORT,   /* number: least code points */
    AS_TOO_LONG,    /* number: most code points */
    AS_CONTROL      /* control characters */
} as_violation_kind_t;

typedef struct {
    as_violation_kind_t kind;
    const char *field; /* NULL for the body as a whole */
    apr_int64_t number;
} as_violation_t;

/* ---- routes ---- */

typedef enum { AS_PUBLIC, AS_BEARER } as_door_t;

typedef struct as_dialect_t as_dialect_t;

typedef struct {
    const char *method; /* GET answers HEAD, too */
    const char *path;   /* below the mount, "/login" */
    as_door_t door;
    as_operation_fn operation; /* NULL: nothing to do but encode */
    const as_field_t *fields;  /* ends with a NULL name; NULL: the body is not read */
    apr_size_t in_size, out_size;
    int status;                                          /* of success; 204 has no body */
    as_json_t *(*encode)(as_ctx_t *ctx, const void *out); /* NULL: JSON null */
} as_route_t;

/* ---- requests and replies, without a server ---- */

typedef struct {
    const char *method, *path; /* path: below the mount, "" for the mount itself */
    const char *content_type, *authorization, *origin; /* header values, or NULL */
    const char *realm;
    int has_body;              /* a length other than 0, or a transfer coding */
    apr_int64_t length;        /* declared octets, -1 if not declared */
    const apr_array_header_t *origins; /* const char *, those of AuthSvcAllowOrigin; may be NULL */

    /* Reads the body, at most max octets: APR_SUCCESS, APR_ENOSPC (longer), or any other (cut off).
     */
    apr_status_t (*read)(void *baton, apr_size_t max, char **body, apr_size_t *len,
                         apr_pool_t *pool);
    void *baton;
} as_request_t;

typedef struct {
    int status;
    apr_table_t *headers; /* all but Content-Length */
    const char *body;     /* NULL: none */
} as_reply_t;

/* ---- refusals ---- */

typedef struct {
    as_result_t result;
    const char *path;                     /* as in the request */
    const apr_array_header_t *violations; /* as_violation_t, for AS_INVALID */
    int status;                           /* the code's own, before the dialect */
    const char *text;
} as_refusal_t;

/* A dialect's own status and text for a code; ends with a NULL text. */
typedef struct {
    as_code_t code;
    int status;
    const char *text;
} as_wording_t;

struct as_dialect_t {
    const char *name;          /* value of AuthSvcAPI and of client_id */
    const as_route_t *routes;  /* ends with a NULL path */
    const as_wording_t *words; /* where it differs from the common ones */

    /* The body of a refusal; may change *status (422 for AS_INVALID, say). */
    as_json_t *(*refuse)(as_ctx_t *ctx, const as_refusal_t *refusal, int *status);
};

/* The dialect of that name, or NULL; and all names for messages. */
const as_dialect_t *as_dialect_find(const char *name);
const char *as_dialect_names(apr_pool_t *pool);

extern const as_dialect_t as_dialect_trainova, as_dialect_bioentrust;

#endif
