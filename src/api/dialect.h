/* SPDX-License-Identifier: Apache-2.0
 * A dialect: one published contract as rows. A route names its operation, the fields that fill the
 * operation's input and the shape of its output; a dialect adds how a refusal looks. Its OpenAPI
 * document is made of the same rows. Never a
 * policy: that is the operations'. One file a dialect, one row in dialect.c.
 */
#ifndef AS_API_DIALECT_H
#define AS_API_DIALECT_H

#include <stddef.h>

#include <apr_tables.h>

#include "base/json.h"
#include "ops/service.h"

/* ---- fields: what a request brings ---- */

/* Where from. */
typedef enum { AS_IN_BODY, AS_IN_QUERY, AS_IN_PATH, AS_IN_BEARER } as_place_t;

enum {
    AS_REQUIRED = 1, /* must be there */
    AS_NULLABLE = 2, /* null is as good as absent */
    AS_PASSWORD = 4, /* the policy may raise the minimum */
    AS_NAME = 8,     /* no control characters */
    AS_DIGITS = 16,  /* a whole number is as good as the string of its digits */
    AS_REPEATS = 32, /* has to equal the field before it */
};

/* A string. Lengths are code points; max 0 is no bound but the body's. */
typedef struct {
    const char *name; /* "credentials.email" is a member of the object "credentials" */
    unsigned flags;
    apr_size_t offset; /* of a const char * in the operation's input */
    int min, max;
    as_place_t place;
} as_field_t;

#define AS_NAME_MAX 255
#define AS_BIO_MAX 4096

/* ---- what may be wrong with it ---- */

typedef enum {
    AS_NOT_JSON,    /* number: octet offset */
    AS_NOT_OBJECT,
    AS_MISSING,
    AS_NOT_STRING,
    AS_TOO_SHORT,   /* number: least code points */
    AS_TOO_LONG,    /* number: most code points */
    AS_CONTROL,     /* control characters */
    AS_DIFFERENT,   /* not what it repeats */
    AS_VIOLATIONS
} as_violation_kind_t;

typedef struct {
    as_violation_kind_t kind;
    const char *field; /* NULL for the body as a whole */
    apr_int64_t number;
} as_violation_t;

/* A violation as text: phrases are one a kind, with %s for the field and %d for the number, in this
 * order.
 */
const char *as_violation_text(const char *const phrases[AS_VIOLATIONS],
                              const as_violation_t *violation, apr_pool_t *pool);

/* "password must have at least 8 characters" and the like, for contracts that say nothing else. */
extern const char *const as_phrases[AS_VIOLATIONS];

/* ---- shapes: what a reply says ---- */

typedef enum {
    AS_SAY_TEXT,      /* a const char *; NULL is null */
    AS_SAY_INTEGER,   /* an apr_int64_t */
    AS_SAY_BOOLEAN,   /* an int */
    AS_SAY_INSTANT,   /* an apr_int64_t, microseconds since 1970; RFC 3339 in UTC, 0 is null */
    AS_SAY_WORDS,     /* a const char * of words, as an array */
    AS_SAY_TEXTS,     /* count times a const char *, as an array */
    AS_SAY_CONSTANT,  /* the row's own text */
    AS_SAY_OBJECT,    /* rows over the same struct */
} as_saying_t;

typedef struct as_member_t as_member_t;

struct as_member_t {
    const char *name;
    as_saying_t kind;
    apr_size_t offset;          /* in the operation's output */
    int nullable;               /* of texts and instants */
    int count;                  /* of AS_SAY_TEXTS */
    const char *text;           /* of AS_SAY_CONSTANT */
    const as_member_t *members; /* of AS_SAY_OBJECT; end with a NULL name */
};

typedef enum { AS_SHAPE_NULL, AS_SHAPE_TRUE, AS_SHAPE_OBJECT, AS_SHAPE_LIST } as_shape_kind_t;

/* A whole reply. Of a list, members are those of each element, and the output is an as_list_t. */
typedef struct {
    as_shape_kind_t kind;
    const as_member_t *members;
} as_shape_t;

/* ---- routes ---- */

typedef enum {
    AS_PUBLIC,
    AS_BEARER, /* an access token */
    AS_FRESH,  /* one of a sign-in in the last five minutes */
    AS_PENDING, /* a token that awaits a second factor */
    AS_TOKEN,  /* a token of another kind, which the operation judges */
} as_door_t;

/* A dialect's or a route's own status and text for a code; ends with a NULL text. */
typedef struct {
    as_code_t code;
    int status;
    const char *text;
} as_wording_t;

typedef enum {
    AS_NO_CAPTCHA,
    AS_MAY_CAPTCHA, /* the member is read, and asked for where the admin requires it */
    AS_ASKS_CAPTCHA /* asked for wherever there is a provider */
} as_captcha_row_t;

typedef struct {
    const char *method; /* GET answers HEAD, too */
    const char *path;   /* below the mount, "/" the mount itself; "{id}" is any one segment, and
                         * "{vendor}" one that AuthSvcIdentity names */
    as_door_t door;
    as_operation_fn operation; /* NULL: nothing to do but answer */
    const as_field_t *fields;  /* end with a NULL name; NULL: nothing is read */
    apr_size_t in_size, out_size;
    int status;                /* of success */
    const as_shape_t *reply;   /* NULL: no body (204) */
    const as_wording_t *words; /* where it differs from its dialect; NULL: nowhere */
    const char *refusals;      /* statuses it may answer beside those of all, "401 409" */
    as_captcha_row_t captcha;
} as_route_t;

/* A field's row: further members may follow. */
#define AS_FIELD(text, flags, type, member, ...) \
    { text, flags, .offset = offsetof(type, member), __VA_ARGS__ }
#define AS_BOUNDS(least, most) .min = least, .max = most
#define AS_END_OF_FIELDS { .name = NULL }

/* Parts of a route's row: what fills the operation's input, and what is said of its output. */
#define AS_TAKES(type, rows) .fields = rows, .in_size = sizeof(type)
#define AS_GIVES(code, shape, type) .status = code, .reply = shape, .out_size = sizeof(type)
#define AS_SAYS(code, shape) .status = code, .reply = shape

typedef struct as_dialect_t as_dialect_t;

/* ---- requests and replies, without a server ---- */

typedef struct {
    const char *method, *path; /* path: below the mount, "" for the mount itself */
    const char *base;          /* path of the mount */
    const char *query;         /* as sent, or NULL */
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
    const as_route_t *route; /* set by as_api_serve once it is known */
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
    const apr_array_header_t *violations; /* as_violation_t, for AS_INVALID; else may be NULL */
    int status;                           /* after dialect and route */
    const char *text;
    int stated;                           /* the route itself states the text */
} as_refusal_t;

struct as_dialect_t {
    const char *name;          /* value of AuthSvcAPI and of client_id */
    const char *title;         /* for its OpenAPI document */
    const as_route_t *routes;  /* end with a NULL path */
    const as_wording_t *words; /* where it differs from the common ones */
    const char *schema;        /* JSON Schema of a refusal */

    /* The body of a refusal; may change *status (422 for AS_INVALID, say). */
    as_json_t *(*refuse)(as_ctx_t *ctx, const as_refusal_t *refusal, int *status);
};

/* The dialect of that name, or NULL; and all names for messages. */
const as_dialect_t *as_dialect_find(const char *name);
const char *as_dialect_names(apr_pool_t *pool);

extern const as_dialect_t as_dialect_trainova, as_dialect_bioentrust, as_dialect_auth_controller,
    as_dialect_authentication_api;

#endif
