/* SPDX-License-Identifier: Apache-2.0
 * The outbox: the only way out for mail and SMS. A message is written in the transaction that needs
 * it, sealed, and sent later by whichever process claims it. Never sends after a message's code has
 * died. put is called by operations; deliver by server/worker.
 */
#ifndef AS_OPS_OUTBOX_H
#define AS_OPS_OUTBOX_H

#include "ops/address.h"

#define AS_OUTBOX_TOPIC 49 /* characters of a topic with its NUL: purpose, "/", id */

typedef struct {
    const char *template; /* a name of ops/templates */
    const char *topic;    /* a later message of the topic kills this one */
    as_address_t to;
    const char *code;     /* NULL where the template has none */
    const char *token;    /* of a link, whose URL the sender's policy has; NULL as above */
    apr_int64_t dies_at;
    int decoy;            /* costs what a message costs, and is never sent */
} as_letter_t;

/* Writes a message; call as_outbox_wake after the commit. */
apr_status_t as_outbox_put(as_db_t *db, const as_ctx_t *ctx, const as_letter_t *letter,
                           apr_pool_t *pool);

/* Tells an account's owner that something happened to it, by mail, or by SMS where there is none;
 * where there is neither, nothing is written. Nor is it after ten in ten minutes: the address may
 * be a stranger's that was never proven, and nobody is to be buried in mail. template as above.
 */
apr_status_t as_notice_put(as_db_t *db, const as_ctx_t *ctx, const as_account_t *account,
                           const char *template, apr_pool_t *pool);

/* The topic of what is told an account. */
const char *as_notice_topic(const char *account_id, apr_pool_t *pool);

/* How messages name this service: the issuer without its scheme. */
const char *as_policy_site(const as_policy_t *policy);

/* Tells the sender that something may wait. */
void as_outbox_wake(const as_ctx_t *ctx);

/* Claims and sends what is due, a batch; *sent is how many were tried. A status other than
 * APR_SUCCESS: the database did not answer, try later.
 */
apr_status_t as_outbox_deliver(as_service_t *service, int *tried, apr_pool_t *pool);

#endif
