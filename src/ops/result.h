/* SPDX-License-Identifier: Apache-2.0
 * What an operation answers: a code, and what only the log may know. Dialects turn codes into
 * statuses and texts. One row a code in result.c. Used by ops/, api/ and server/.
 */
#ifndef AS_OPS_RESULT_H
#define AS_OPS_RESULT_H

#include <apr_errno.h>

#include "base/log.h"

typedef enum {
    AS_OK,

    /* of the request's form, found in api/ */
    AS_NOT_FOUND,          /* no such route, or its provider is not configured */
    AS_METHOD_NOT_ALLOWED, /* the route takes others */
    AS_TOO_LARGE,          /* body over AuthSvcMaxBody */
    AS_MEDIA_TYPE,         /* body of another or no content type */
    AS_BODY_CUT,           /* the client went away in the middle of its body */
    AS_HEADER_REPEATED,    /* two Authorization headers */
    AS_UNAUTHENTICATED,    /* no bearer token, or one that does not stand */
    AS_INVALID,            /* members missing, mistyped or out of bounds: see the violations */
    AS_THROTTLED,          /* too many tries, or messages: see AuthSvcThrottle */

    /* of the service */
    AS_BUSY,        /* too many are waiting for the same thing */
    AS_UNAVAILABLE, /* the database, or a vendor, is away */
    AS_FAULT,       /* ours */

    /* of operations */
    AS_ADDRESS_INVALID, /* neither an e-mail address nor a phone number */
    AS_ADDRESS_TAKEN,   /* an active account has it */
    AS_CODE_WRONG,      /* wrong, expired, used, or tried too often */
    AS_SIGN_IN_WRONG,   /* unknown account or wrong password: nobody can tell which */
    AS_ACCOUNT_PENDING, /* right password, but the code has not been given yet */
    AS_REFRESH_WRONG,   /* no refresh token of a live session */
    AS_REFRESH_REUSED,  /* an old one: the session was ended as stolen */
    AS_REFRESH_AHEAD,   /* newer than the database knows: the session was ended as lost */
    AS_TWO_FACTOR_REQUIRED, /* right password, but no right second factor beside it */
    AS_TWO_FACTOR_WRONG,    /* wrong code, used before, or nothing was set up */
    AS_TWO_FACTOR_ON,       /* it is on already */
    AS_ACCOUNT_DELETED, /* the account of that name was deleted, and the name stays reserved */
    AS_ACCOUNT_UNKNOWN, /* no account has that address */
    AS_LINK_WRONG, /* no token of a link that is live: wrong, expired, used, withdrawn */
    AS_CAPTCHA_WRONG, /* no captcha, or the vendor took it for a machine's */
    AS_VENDOR_REFUSED, /* the vendor says that the token is nobody's, or its mail is not verified */
    AS_IDENTITY_UNKNOWN, /* a good token, but nobody has signed up with it */
    AS_IDENTITY_TAKEN, /* an account has that identity, or its mail */
    AS_LAST_WAY_IN, /* without it nobody could sign in any more */
    AS_PASSWORD_WRONG, /* not the password of whoever is signed in */
    AS_STALE, /* signed in too long ago for this */
    AS_NOT_PENDING, /* nobody waits for a second factor here */
    AS_TEAM_UNKNOWN, /* there is no team of that id */
    AS_NOT_A_MEMBER, /* the account is not in that team */
    AS_TOO_MANY, /* the account has as many of these as it may have */
    AS_DEMO, /* refused in demo mode */
    AS_CODES
} as_code_t;

typedef struct {
    as_code_t code;
    int retry_after;    /* seconds; 0: not said */
    const char *detail; /* for the log, without secrets; may be NULL */
} as_result_t;

/* A result of that code, with retry_after as its row says. */
as_result_t as_result(as_code_t code);

/* The same with a detail for the log. */
as_result_t as_result_detail(as_code_t code, const char *detail);

/* What a mechanism's status means: APR_SUCCESS is AS_OK, a full queue AS_BUSY, an absent database
 * AS_UNAVAILABLE, all else AS_FAULT.
 */
as_result_t as_result_of(apr_status_t status);

/* The code's name in logs and audit ("sign_in_wrong"), and how loudly it is logged. */
const char *as_code_name(as_code_t code);
as_log_level_t as_code_level(as_code_t code);

#endif
