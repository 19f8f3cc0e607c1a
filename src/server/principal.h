/* SPDX-License-Identifier: Apache-2.0
 * What the guard notes on a request: who was authenticated, through which door, and why a rule said
 * no. Identity stays with the request that proved it; redirected and inner requests ask their outer
 * ones. Called by the files of this floor that guard or tell.
 */
#ifndef AS_SERVER_PRINCIPAL_H
#define AS_SERVER_PRINCIPAL_H

#include "base/json.h"
#include "server/server.h"

/* What a step-up could cure (RFC 9470), as the rules that refused put it. */
typedef struct {
    int mfa;
    apr_int64_t max_age; /* microseconds; 0: not asked */
} as_step_up_t;

typedef struct {
    const as_principal_t *principal; /* NULL: nobody */
    as_result_t refusal;             /* of a password that was not taken: why */
    const char *kept;                /* Authorization as it was before it was taken away, or NULL */
    int asked;                       /* an expression wanted a principal and there was none */
    int nested;                      /* httpd's own hooks are being asked from within ours */
    int assume_step_up;              /* rules say what they would after one */
    as_step_up_t step_up;
    as_json_t *claims;               /* of the principal's token, read when first asked for */
} as_note_t;

/* This request's note, made when there is none; and NULL instead of making one. */
as_note_t *as_note_of(request_rec *r);
static inline const as_note_t *as_note_find(const request_rec *r)
{
    return ap_get_module_config(r->request_config, &authsvc_module);
}

/* Whoever was authenticated first: this request, the one it was redirected from, or the one it is
 * part of. NULL: nobody.
 */
const as_principal_t *as_principal_of(request_rec *r);

/* The principal becomes the request's, its name r->user as AuthSvcRemoteUser has it; 0 if it has no
 * proven name of that kind.
 */
int as_principal_set(request_rec *r, const as_principal_t *principal);

/* Something of the principal as text: sub, sid, email, phone, roles, team, amr, number, auth_time
 * (seconds). NULL: none, or no such name.
 */
const char *as_principal_value(const as_principal_t *principal, const char *name, apr_pool_t *pool);

/* A claim of the token of this request's principal, or an outer one's; NULL: none. */
const as_json_t *as_principal_claim(request_rec *r, const char *name);

#endif
