/* SPDX-License-Identifier: Apache-2.0
 * The service every operation works for, and the context of one request or job. All that lies above
 * comes in through here (log, clock, write lock, providers): nothing below asks upward. Filled by
 * server/service, authsvcctl and unit tests.
 */
#ifndef AS_OPS_SERVICE_H
#define AS_OPS_SERVICE_H

#include "authsvc.h"
#include "base/log.h"
#include "crypto/mac.h"
#include "crypto/password.h"
#include "base/gate.h"
#include "ops/result.h"
#include "shm/ratelimit.h"
#include "shm/revocation.h"
#include "shm/verdict.h"
#include "store/db.h"

typedef struct as_keys_t as_keys_t; /* ops/keys */

/* Throttle buckets; one row each in ops/throttle.c. */
typedef enum {
    AS_BUCKET_SIGNIN,
    AS_BUCKET_SEND,
    AS_BUCKET_TWOFACTOR,
    AS_BUCKET_SIGNUP,
    AS_BUCKETS
} as_bucket_t;

#define AS_ACCESS_TTL_MAX (APR_INT64_C(86400) * APR_USEC_PER_SEC)

/* What a captcha can be asked for at. */
typedef enum {
    AS_CAPTCHA_SIGNIN,
    AS_CAPTCHA_SIGNUP,
    AS_CAPTCHA_RECOVERY
} as_captcha_action_t;

/* What an admin decides. Times are microseconds. */
typedef struct {
    const char *issuer, *audience;
    const char *client_id; /* NULL: the dialect's key */
    apr_int64_t access_ttl, refresh_ttl, session_max, refresh_grace;
    apr_int64_t key_life; /* a signing key of this age gets a successor; 0: none does by age */
    apr_int64_t key_lead; /* which is published for this long before it signs */
    apr_int64_t revocation_sync;    /* how often the feed is read */
    apr_int64_t revocation_max_age; /* how old it may be */
    apr_int64_t password_min; /* code points; 0: each contract's own */
    apr_int64_t body_max;     /* octets */
    int disclose; /* refusals may tell that an account exists where a contract says so */
    const char *template_dir; /* NULL: built-in texts */
    int demo;                 /* AuthSvcDemoMode */
    unsigned captcha_required; /* bits 1 << AS_CAPTCHA_… */
    const char *restore_url, *invitation_url, *confirm_url; /* with %{token} where it belongs */
    as_rate_t throttles[AS_BUCKETS]; /* of an account or destination; count 0: off */
} as_policy_t;

/* Where messages of one channel leave; send NULL: nowhere, they wait. */
typedef struct {
    authsvc_outcome_t (*send)(void *baton, const authsvc_message_t *message, apr_time_t deadline,
                              const char **reason, apr_pool_t *pool);
    void *baton;
} as_delivery_t;

enum { AS_CHANNEL_EMAIL, AS_CHANNEL_SMS, AS_CHANNELS };

/* A vendor who tells whose a token is; asked with no connection to the database held. */
typedef struct {
    const char *name; /* as routes have it: "google" */
    authsvc_answer_t (*identify)(void *baton, const char *token, apr_time_t deadline,
                                 authsvc_person_t *person, const char **reason, apr_pool_t *pool);
    void *baton;
} as_vendor_t;

/* Who tells whether a human answered; ask NULL: captchas are off. */
typedef struct {
    authsvc_answer_t (*ask)(void *baton, const authsvc_trial_t *trial, apr_time_t deadline,
                            const char **reason, apr_pool_t *pool);
    void *baton;
} as_captcha_t;

typedef struct {
    as_log_t log;
    apr_int64_t (*now)(void *clock); /* microseconds since 1970 */
    void *clock;
    as_store_t *store;
    const as_secrets_t *secrets;
    as_hasher_t *hasher;
    as_keys_t *keys;
    as_revocations_t *revocations; /* NULL: the store is asked about every token */
    as_verdicts_t *verdicts;       /* NULL: every token is verified each time */
    as_limits_t *limits;           /* NULL: no throttling */
    as_gate_t *askers;             /* how many ask the store when unsure; NULL: no bound */
    as_policy_t policy;
    as_delivery_t delivery[AS_CHANNELS];
    const as_vendor_t *vendors; /* ends with a NULL name; NULL: none */
    as_captcha_t captcha;
    void (*wake)(void *waker); /* a message was put into the outbox; may be NULL */
    void *waker;
} as_service_t;

/* Who calls, as a checked credential says. */
typedef struct {
    const char *account_id;
    const char *session_id; /* NULL behind the Basic and form doors: no session */
    const char *door_id;    /* there: what is drawn anew when a remembered password is void */
    apr_int64_t issued_at, expires_at, auth_time; /* microseconds since 1970 */
    apr_int64_t epoch;      /* credential epoch */
    apr_int64_t number;
    const char *amr, *roles;   /* words separated by blanks */
    const char *team;          /* id, or NULL */
    const char *email, *phone; /* proven ones, or NULL */
    const char *token;         /* for its other claims; NULL behind the other doors */
} as_principal_t;

/* One request or job. */
typedef struct {
    as_service_t *service;
    apr_pool_t *pool;
    apr_int64_t now;
    const char *dialect;                   /* key of the contract, or NULL */
    const char *request_id, *address, *agent; /* of the client; may be NULL */
    const as_principal_t *principal;       /* on routes that ask for a bearer */
    const char *bearer;                    /* the token itself there */
    const char *captcha;                   /* what the client answered; may be NULL */
    int captcha_asked;                     /* the contract asks for one wherever there are any */
} as_ctx_t;

/* An operation: reads the struct that a route's fields filled, fills the one its encoder reads. */
typedef as_result_t (*as_operation_fn)(as_ctx_t *ctx, const void *in, void *out);

#endif
