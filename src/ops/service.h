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
#include "ops/result.h"
#include "store/db.h"

typedef struct as_keys_t as_keys_t; /* ops/keys */

/* What an admin decides. Times are microseconds. */
typedef struct {
    const char *issuer, *audience;
    const char *client_id; /* NULL: the dialect's key */
    apr_int64_t access_ttl, refresh_ttl, session_max, refresh_grace;
    apr_int64_t password_min; /* code points; 0: each contract's own */
    apr_int64_t body_max;     /* octets */
    int disclose; /* refusals may tell that an account exists where a contract says so */
    const char *template_dir; /* NULL: built-in texts */
} as_policy_t;

/* Where messages of one channel leave; send NULL: nowhere, they wait. */
typedef struct {
    authsvc_outcome_t (*send)(void *baton, const authsvc_message_t *message, apr_time_t deadline,
                              const char **reason, apr_pool_t *pool);
    void *baton;
} as_delivery_t;

enum { AS_CHANNEL_EMAIL, AS_CHANNEL_SMS, AS_CHANNELS };

typedef struct {
    as_log_t log;
    apr_int64_t (*now)(void *clock); /* microseconds since 1970 */
    void *clock;
    as_store_t *store;
    const as_secrets_t *secrets;
    as_hasher_t *hasher;
    as_keys_t *keys;
    as_policy_t policy;
    as_delivery_t delivery[AS_CHANNELS];
    void (*wake)(void *waker); /* a message was put into the outbox; may be NULL */
    void *waker;
} as_service_t;

/* Who calls, as a checked access token says. */
typedef struct {
    const char *account_id, *session_id;
    apr_int64_t auth_time; /* microseconds since 1970 */
    const char *amr;       /* words separated by blanks */
    apr_int64_t expires_at;
    apr_int64_t number;
    const char *email, *phone; /* proven ones, or NULL */
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
} as_ctx_t;

/* An operation: reads the struct that a route's fields filled, fills the one its encoder reads. */
typedef as_result_t (*as_operation_fn)(as_ctx_t *ctx, const void *in, void *out);

#endif
