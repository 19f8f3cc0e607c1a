/* SPDX-License-Identifier: Apache-2.0
 * One-time codes and link tokens, both kept as keyed hashes. A code is six digits, ten minutes,
 * five tries, and ten wrong ones a day for each purpose and subject. A link token is 256 random
 * bits, good once. A new one kills the older ones of its kind and subject, and their unsent
 * messages. Never compares before a try is counted. Called by the operations that send and take
 * them, inside their transactions.
 */
#ifndef AS_OPS_CHALLENGES_H
#define AS_OPS_CHALLENGES_H

#include "ops/address.h"

/* What a code or link is for; one row each in challenges.c. */
typedef struct {
    const char *purpose;  /* as the table holds it, at most 16 characters */
    const char *template; /* of the message that carries it; NULL: the reply itself does */
    apr_int64_t life;     /* microseconds */
} as_challenge_kind_t;

extern const as_challenge_kind_t as_code_signup;     /* subject: a pending sign-up's id */
extern const as_challenge_kind_t as_code_recovery;   /* subject: an account's id, and below;
                                                      * bound to the address it goes to */
extern const as_challenge_kind_t as_code_phone;      /* data: the number */
extern const as_challenge_kind_t as_link_restore;    /* data: the address it went to, and below */
extern const as_challenge_kind_t as_link_confirm;
extern const as_challenge_kind_t as_link_invitation; /* subject: an invitation's id */
extern const as_challenge_kind_t as_link_two_factor; /* data: epoch and amr of the first factor */

/* What is asked, of whom. */
typedef struct {
    const as_challenge_kind_t *kind;
    const char *subject;    /* an id; NULL makes a decoy: the same work, no message */
    const as_address_t *to; /* NULL where there is no message */
    const char *data;       /* kept with it, or NULL */
    const char *bound;      /* a code is right only together with this text; NULL: alone */
} as_challenge_order_t;

/* Makes a code and its message; *id (may be NULL) names the challenge. */
apr_status_t as_code_send(as_db_t *db, const as_ctx_t *ctx, const as_challenge_order_t *order,
                          const char **id, apr_pool_t *pool);

/* An answer to a code. */
typedef struct {
    const as_challenge_kind_t *kind;
    const char *subject; /* whose youngest code it is; NULL costs what a wrong one costs */
    const char *id;      /* or the one challenge it answers; NULL: by subject */
    const char *code, *bound;

    int right;        /* it was, and is used up now */
    const char *whom; /* then: the subject, and the data */
    const char *data;
} as_challenge_answer_t;

/* Takes it. A wrong one is counted, so the transaction must be committed either way. Any status but
 * APR_SUCCESS means that nothing was decided.
 */
apr_status_t as_code_answer(as_db_t *db, const as_ctx_t *ctx, as_challenge_answer_t *answer,
                            apr_pool_t *pool);

/* Makes a link token, and the message that carries it unless the order has none; *token may be
 * NULL. An order without subject is a decoy.
 */
apr_status_t as_link_send(as_db_t *db, const as_ctx_t *ctx, const as_challenge_order_t *order,
                          const char **token, apr_pool_t *pool);

/* A link that was found by its token. */
typedef struct {
    const char *id, *subject, *data;
} as_link_t;

/* Looks at it without using it up, outside of a transaction or inside. AS_ENO: it is not live. */
apr_status_t as_link_find(as_db_t *db, const as_ctx_t *ctx, const as_challenge_kind_t *kind,
                          const char *token, as_link_t *link, apr_pool_t *pool);

/* 1 if the text has the form of a link token. */
int as_link_is_one(const char *token);

/* Uses it up. AS_ENO if somebody else has. */
apr_status_t as_link_use(as_db_t *db, const as_ctx_t *ctx, const as_link_t *link);

/* Kills every code or link of a kind and subject with its unsent messages; all kinds of a subject,
 * and what else waits to be sent to it.
 */
apr_status_t as_challenge_end(as_db_t *db, const as_ctx_t *ctx, const as_challenge_kind_t *kind,
                              const char *subject, apr_pool_t *pool);
apr_status_t as_challenges_end(as_db_t *db, const as_ctx_t *ctx, const char *subject,
                               apr_pool_t *pool);

#endif
