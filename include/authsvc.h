/* SPDX-License-Identifier: Apache-2.0
 *
 * The public header of mod_authsvc: what a provider module needs, and nothing else.
 *
 * mod_authsvc keeps accounts, makes codes and decides who may come in. Whatever leaves the server
 * (a mail, a text message) leaves through a provider: a module of its own, loaded with its own
 * LoadModule line, that registers a table of functions under a group and a name with
 * ap_register_provider. The admin picks it by that name:
 *
 *     LoadModule authsvc_module        modules/mod_authsvc.so
 *     LoadModule authsvc_file_module   modules/mod_authsvc_file.so
 *     AuthSvcDelivery email file
 *
 * The name is looked up while that line is parsed, so a provider registers in its register_hooks
 * function.
 *
 * A delivery provider's life: in the parent, once the configuration has been read, check() may
 * refuse it. In each child process and for each service that uses it, create() makes an instance;
 * one thread at a time then calls send(). An instance ends with the pool it was given.
 *
 * Messages come from an outbox in the database. A message is sent at least once: after a crash it
 * can come again, with the same id. A provider makes its work idempotent by that id, or passes it
 * on so that the receiver can (Message-ID, Idempotency-Key).
 *
 * Rules for providers: never log a message's text or a credential; end every wait by the deadline;
 * free nothing that was handed in; keep nothing of a message after send() has returned.
 */
#ifndef AUTHSVC_H
#define AUTHSVC_H

#include <apr_errno.h>
#include <apr_pools.h>
#include <apr_time.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Version of this header as ap_register_provider wants it. It changes when a table below changes
 * shape.
 */
#define AUTHSVC_PROVIDER_VERSION "1"

/* Group of delivery providers; the entry registered is a const authsvc_delivery_t *. */
#define AUTHSVC_DELIVERY_GROUP "authsvc-delivery"

struct server_rec; /* httpd's, for a provider's own configuration */

/* What a message travels by; also bits for authsvc_delivery_t.channels. */
typedef enum {
    AUTHSVC_EMAIL = 1,
    AUTHSVC_SMS = 2
} authsvc_channel_t;

/* One message, owned by the caller and gone after send(). All text is UTF-8 without control
 * characters but \n.
 */
typedef struct {
    const char *id;            /* 32 hexadecimal digits, the same at every attempt */
    authsvc_channel_t channel;
    const char *to;            /* e-mail address, or E.164 number with its + */
    const char *subject;       /* one line; NULL for SMS */
    const char *text;          /* plain text, lines end with \n */
    const char *html;          /* the same as HTML, or NULL */
    apr_time_t created;        /* when it was written to the outbox, microseconds since 1970 */
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

/* What the host does for a provider. Valid as long as the instance. */
typedef struct authsvc_host_t authsvc_host_t;
struct authsvc_host_t {
    void *baton; /* the host's own */

    /* One line to the error log, formatted by the provider, without secrets. status: APR_SUCCESS or
     * the reason.
     */
    void (*log)(const authsvc_host_t *host, authsvc_level_t level, apr_status_t status,
                const char *line);

    /* The service's clock, microseconds since 1970. */
    apr_time_t (*now)(const authsvc_host_t *host);

    /* The mail as RFC 5322 text with CRLF line ends: From, To, Subject, Date, Message-ID (from the
     * id), Auto-Submitted, and a multipart/alternative body, or text/plain alone where html is
     * NULL. from is a mailbox ("Example <no-reply@example.com>" or an address). NULL if the message
     * is no e-mail, or from or to could break a header.
     */
    const char *(*mime)(const authsvc_host_t *host, const authsvc_message_t *message,
                        const char *from, apr_pool_t *pool);
};

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

    /* Sends one message, until deadline (microseconds since 1970) at the latest. pool lives as long
     * as the call. *reason (one line without secrets, may stay NULL) is kept with the message when
     * it was not sent.
     */
    authsvc_outcome_t (*send)(void *instance, const authsvc_message_t *message, apr_time_t deadline,
                              const char **reason, apr_pool_t *pool);
} authsvc_delivery_t;

#ifdef __cplusplus
}
#endif

#endif
