/* SPDX-License-Identifier: Apache-2.0
 *
 * The public header of mod_authsvc: what a provider module needs, and nothing else.
 *
 * mod_authsvc keeps accounts, makes codes and decides who may come in. Whatever leaves the server
 * for somebody else's (a mail, a text message, the question whose token this is) leaves through a
 * provider: a module of its own, loaded with its own LoadModule line, that registers a table of
 * functions under a group and a name with ap_register_provider. There are three groups:
 *
 *     delivery   carries messages to people          AuthSvcDelivery email file
 *     identity   tells whose a vendor's token is     AuthSvcIdentity google
 *     captcha    tells whether a human answered      AuthSvcCaptcha turnstile
 *
 * The admin picks a provider by its name. The name is looked up while that line is parsed, so a
 * provider registers in its register_hooks function, and its LoadModule line comes first.
 *
 * A provider's life: in the parent, once the configuration has been read, check() may refuse it.
 * In each child process and for each service that uses it, create() makes an instance, at the
 * latest when it is first needed; if that fails, it is tried again at the next need. An instance
 * ends with the pool it was given. One thread at a time calls an instance of a delivery; instances
 * of the two other groups are called by many threads at once.
 *
 * Three answers. "No" is not "could not tell": a vendor that is away, slow, or says what nobody
 * can read is AUTHSVC_UNKNOWN, which refuses the request for now (503) and counts against nobody.
 * Only what a vendor clearly said is yes or no.
 *
 * Messages come from an outbox in the database. A message is sent at least once: after a crash it
 * can come again, with the same id. A provider makes its work idempotent by that id, or passes it
 * on so that the receiver can (Message-ID, Idempotency-Key).
 *
 * The host serves its providers in return (authsvc_host_t): log, clock, mails as text, HTTP, signed
 * tokens, JSON, HMAC. A provider needs no library of its own for these, and its vendor's faults
 * are met in one place. For base64, URL escapes and the like there are APR's (apr_base64.h,
 * apr_escape.h), for what all children share httpd's (ap_socache.h).
 *
 * Rules for providers: never log a message's text, a token or a credential; end every wait by the
 * deadline; free nothing that was handed in; keep nothing of it after the call has returned; read
 * secrets from files in the parent, never from the configuration itself.
 *
 * Words used below: all text is UTF-8 and ends with NUL; instants are microseconds since 1970
 * (apr_time_t); lengths are octets without the NUL; a "sentence" is one line for a human without
 * secrets. What a call returns lives as long as the pool it was given.
 */
#ifndef AUTHSVC_H
#define AUTHSVC_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this header, as ap_register_provider wants it. It goes up when anything below changes
 * its shape or meaning, and providers of another version are not found: they are built anew.
 * What is only added at the end of authsvc_host_t raises AUTHSVC_HOST_MINOR instead: a provider
 * that uses an addition asks for host->minor in create(), all others need not care.
 */
#define AUTHSVC_PROVIDER_VERSION "3"
#define AUTHSVC_HOST_MINOR 0

/* The groups, and what the entry registered is a constant pointer to. */
#define AUTHSVC_DELIVERY_GROUP "authsvc-delivery" /* authsvc_delivery_t */
#define AUTHSVC_IDENTITY_GROUP "authsvc-identity" /* authsvc_identity_t */
#define AUTHSVC_CAPTCHA_GROUP "authsvc-captcha"   /* authsvc_captcha_t */

/* The longest token, captcha response or JWS that is looked at. */
#define AUTHSVC_TOKEN_MAX 16384

struct server_rec; /* httpd's, for a provider's own configuration */

/* ---- answers ---- */

/* Nothing that was forgotten is a yes. */
typedef enum {
    AUTHSVC_UNKNOWN, /* could not tell: the vendor is away, or its answer makes no sense */
    AUTHSVC_NO,
    AUTHSVC_YES
} authsvc_answer_t;

/* ---- messages ---- */

/* What a message travels by; also bits for authsvc_delivery_t.channels. */
typedef enum {
    AUTHSVC_EMAIL = 1,
    AUTHSVC_SMS = 2
} authsvc_channel_t;

/* One message, owned by the caller and gone after send(). No control characters but \n. */
typedef struct {
    const char *id;            /* 32 hexadecimal digits, the same at every attempt */
    authsvc_channel_t channel;
    const char *to;            /* e-mail address, or E.164 number with its + */
    const char *subject;       /* one line; NULL for SMS */
    const char *text;          /* plain text, lines end with \n */
    const char *html;          /* the same as HTML, or NULL */
    apr_time_t created;        /* when it was written to the outbox */
    apr_time_t dies;           /* pointless after this instant; 0: never */
} authsvc_message_t;

/* How a send ended. */
typedef enum {
    AUTHSVC_SENT,      /* taken over by the next server for good */
    AUTHSVC_TRY_AGAIN, /* not now: it is tried again later with growing pauses */
    AUTHSVC_REFUSED    /* never: the message is dead */
} authsvc_outcome_t;

typedef enum {
    AUTHSVC_LOG_ERROR,
    AUTHSVC_LOG_WARN,
    AUTHSVC_LOG_INFO,
    AUTHSVC_LOG_DEBUG
} authsvc_level_t;

/* ---- the host ---- */

/* One HTTP exchange. Members that are not set are 0. */
typedef struct {
    const char *method; /* GET or POST */
    const char *url;    /* https, or http to localhost, 127.0.0.0/8 or [::1]; without user */

    /* "Name: value" lines up to a NULL, or NULL for none. Authorization (Basic, Bearer) is one of
     * them. Host, Connection, Expect and what frames the body are the host's own, and refused.
     */
    const char *const *headers;

    /* Of a POST: application/x-www-form-urlencoded unless a header says otherwise. */
    const char *body;
    apr_size_t body_len;

    apr_time_t deadline; /* for all of it: name, connection, TLS, reply; at most 60 s are waited */
    apr_size_t max;      /* octets of the reply's body, 1 to 16777216; one more is a failure */
} authsvc_request_t;

typedef struct {
    int status;          /* as HTTP has it */
    const char *type;    /* Content-Type as sent, or "" */
    const char *body;    /* any octets, and a NUL after them */
    apr_size_t len;
    apr_int64_t max_age; /* seconds it may be kept (Cache-Control, Age), at most a year; 0: do not,
                          * or not told */
} authsvc_response_t;

/* What became of a signed token. */
typedef enum {
    AUTHSVC_JWS_FAULT,       /* could not tell: the key set is broken, or it is one to mistrust */
    AUTHSVC_JWS_REFUSED,     /* no: form, algorithm or signature */
    AUTHSVC_JWS_UNKNOWN_KEY, /* no key of that kid in the set: fetch the set again, but not often */
    AUTHSVC_JWS_SIGNED       /* yes; what it says is still to be judged */
} authsvc_jws_answer_t;

typedef struct {
    const char *payload; /* JSON text of one object without duplicate members */
    const char *kid;     /* as the token named the key; NULL if it did not */
    const char *alg;     /* RS256 or ES256 */
} authsvc_jws_t;

/* Any JSON value. */
typedef struct authsvc_json_t authsvc_json_t;

/* What the host does for a provider; every function may be called in any thread. Valid as long as
 * the instance.
 */
typedef struct authsvc_host_t authsvc_host_t;
struct authsvc_host_t {
    int minor;   /* AUTHSVC_HOST_MINOR of the host */
    void *baton; /* the host's own */

    /* One line to the error log, formatted by the provider, without secrets. status: APR_SUCCESS or
     * the reason.
     */
    void (*log)(const authsvc_host_t *host, authsvc_level_t level, apr_status_t status,
                const char *line);

    /* The service's clock. */
    apr_time_t (*now)(const authsvc_host_t *host);

    /* The mail as RFC 5322 text with CRLF line ends: From, To, Subject, Date, Message-ID (from the
     * id), Auto-Submitted, and a multipart/alternative body, or text/plain alone where html is
     * NULL. from is a mailbox ("Example <no-reply@example.com>" or an address). NULL if the message
     * is no e-mail, or from or to could break a header.
     */
    const char *(*mime)(const authsvc_host_t *host, const authsvc_message_t *message,
                        const char *from, apr_pool_t *pool);

    /* One HTTP request and its whole reply. TLS is always verified (the system's authorities, the
     * URL's name, TLS 1.2 or later). Redirects are answered as any other status, not followed.
     * Proxies, cookies and what the environment says are not used. Connections are kept for the
     * next call.
     *
     * APR_SUCCESS: *response, whatever its status. APR_EINVAL: the request itself is not allowed.
     * APR_TIMEUP: the deadline has passed. Anything else: no whole reply came, or 32 exchanges of
     * this provider were under way already. On failure *reason is a sentence that names neither
     * URL nor headers; the request may or may not have reached the vendor.
     */
    apr_status_t (*fetch)(const authsvc_host_t *host, const authsvc_request_t *request,
                          authsvc_response_t *response, const char **reason, apr_pool_t *pool);

    /* Verifies a compact JWS (RFC 7515) of at most AUTHSVC_TOKEN_MAX octets with the keys of a JWKS
     * text (RFC 7517) of at most 65536 octets and 64 keys. The key is the one the token's kid
     * names; a token without kid is taken only if the set has a single key. The algorithm is the
     * key's, and the token must name the same: RS256 (2048 to 8192 bits) or ES256. Refused: none,
     * HS256 and all else, crit, duplicate members, signatures of another length. Faults: a set with
     * a private or symmetric key in it, or with two keys of one kid; a key that is too short or
     * malformed, if the token names it. *why is a short word for the log unless it is SIGNED.
     *
     * Claims are the provider's to judge, by host->now: iss, aud, exp, nbf, azp, nonce.
     */
    authsvc_jws_answer_t (*verify_jws)(const authsvc_host_t *host, const char *token,
                                       const char *jwks, authsvc_jws_t *jws, const char **why,
                                       apr_pool_t *pool);

    /* JSON of at most 32 levels, read strictly: no duplicate members, no NUL in strings, valid
     * UTF-8, nothing after the value. NULL if it is anything else.
     */
    const authsvc_json_t *(*json_read)(const char *text, apr_size_t len, apr_pool_t *pool);

    /* Member of an object, element of an array from 0; NULL if there is none, or value is something
     * else or NULL, so that calls can be nested.
     */
    authsvc_json_t *(*json_get)(const authsvc_json_t *value, const char *name);
    authsvc_json_t *(*json_at)(const authsvc_json_t *value, apr_size_t index);

    /* The string, or NULL if the value is NULL or no string. */
    const char *(*json_string)(const authsvc_json_t *value);

    /* 1 and what it holds, or 0 if the value is NULL or of another kind: an integer of 64 bits, any
     * number, true (1) or false (0).
     */
    int (*json_integer)(const authsvc_json_t *value, apr_int64_t *integer);
    int (*json_number)(const authsvc_json_t *value, double *number);
    int (*json_boolean)(const authsvc_json_t *value, int *truth);

    /* The text as a JSON string, quotes included; null for NULL or what is not UTF-8. */
    const char *(*json_quote)(const char *text, apr_pool_t *pool);

    /* HMAC-SHA-256 (RFC 2104), for requests that a vendor wants signed. */
    void (*hmac_sha256)(const void *key, apr_size_t key_len, const void *text, apr_size_t len,
                        unsigned char mac[32]);
};

/* ---- delivery ---- */

/* A delivery provider. Static and constant; every function may be called in any thread of its
 * process.
 */
typedef struct {
    const char *name;  /* as in AuthSvcDelivery, lower case */
    unsigned channels; /* AUTHSVC_EMAIL, AUTHSVC_SMS or both */

    /* In the parent, after the configuration was read: NULL if the provider's directives for this
     * server are complete, else a sentence for the admin, which stops the start. May be NULL
     * itself.
     */
    const char *(*check)(struct server_rec *s, authsvc_channel_t channel, apr_pool_t *pool);

    /* In a child: *instance for this server and channel. Any other status than APR_SUCCESS is
     * logged and tried again at the next message.
     */
    apr_status_t (*create)(void **instance, const authsvc_host_t *host, struct server_rec *s,
                           authsvc_channel_t channel, apr_pool_t *pool);

    /* Sends one message, until deadline at the latest. pool lives as long as the call. *reason (a
     * sentence, may stay NULL) is kept with the message when it was not sent.
     */
    authsvc_outcome_t (*send)(void *instance, const authsvc_message_t *message, apr_time_t deadline,
                              const char **reason, apr_pool_t *pool);
} authsvc_delivery_t;

/* ---- identity ---- */

/* Whom a vendor's token belongs to. Issuer and subject together are the identity, for ever; the
 * mail is not. What a vendor does not tell is NULL.
 */
typedef struct {
    const char *issuer;     /* 1 to 255 octets, one spelling whatever the token had */
    const char *subject;    /* 1 to 255 octets, compared octet by octet; never used anew */
    const char *email;      /* as the vendor has it; the host makes it canonical */

    /* YES only if the vendor vouches that the mail is this person's now. NO: it says that the mail
     * is not verified, and a sign-up by it is refused. UNKNOWN: it does not tell, and the mail is
     * kept as one that is still to be proven.
     */
    authsvc_answer_t email_verified;

    const char *name;       /* all of it, for vendors that do not tell the two apart */
    const char *given_name, *family_name;
    const char *photo;      /* an https URL */
} authsvc_person_t;

/* An identity provider. Static and constant, as above. */
typedef struct {
    const char *name; /* as in AuthSvcIdentity, lower case */

    /* As for deliveries. label is what follows a colon in AuthSvcIdentity ("corp" of "oidc:corp"),
     * so that one provider can serve several vendors; NULL if there was none.
     */
    const char *(*check)(struct server_rec *s, const char *label, apr_pool_t *pool);
    apr_status_t (*create)(void **instance, const authsvc_host_t *host, struct server_rec *s,
                           const char *label, apr_pool_t *pool);

    /* Whose token (1 to AUTHSVC_TOKEN_MAX octets, as a client sent it) is this? YES and *person,
     * which comes zeroed, only if the token was made by this vendor, for one of the admin's client
     * ids, and is in its time. *reason: a sentence for the log on NO and UNKNOWN; may stay NULL. No
     * connection to the database is held during the call.
     */
    authsvc_answer_t (*identify)(void *instance, const char *token, apr_time_t deadline,
                                 authsvc_person_t *person, const char **reason, apr_pool_t *pool);
} authsvc_identity_t;

/* ---- captcha ---- */

/* What a client sent to show that it is a human's. */
typedef struct {
    const char *response; /* 1 to AUTHSVC_TOKEN_MAX octets, as the client sent it */
    const char *address;  /* the client's IP address as text, or NULL */
    const char *action;   /* what it is for: signin, signup or recovery */
} authsvc_trial_t;

/* A captcha provider. Static and constant, as above. */
typedef struct {
    const char *name; /* as in AuthSvcCaptcha, lower case */

    /* As for deliveries. */
    const char *(*check)(struct server_rec *s, apr_pool_t *pool);
    apr_status_t (*create)(void **instance, const authsvc_host_t *host, struct server_rec *s,
                           apr_pool_t *pool);

    /* Does the vendor take the response? A response works once: it is asked for a single time. */
    authsvc_answer_t (*ask)(void *instance, const authsvc_trial_t *trial, apr_time_t deadline,
                            const char **reason, apr_pool_t *pool);
} authsvc_captcha_t;

#ifdef __cplusplus
}
#endif

#endif
