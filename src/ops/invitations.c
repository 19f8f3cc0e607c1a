/* SPDX-License-Identifier: Apache-2.0
 * Invitations. See invitations.h.
 */
#include "ops/invitations.h"

#include <string.h>

#include "crypto/random.h"
#include "ops/accounts.h"
#include "ops/challenges.h"
#include "ops/membership.h"
#include "ops/outbox.h"
#include "ops/tokens.h"
#include "ops/trail.h"
#include "store/invitations.h"
#include "store/roles.h"

/* ---- inviting ---- */

typedef struct {
    as_ctx_t *ctx;
    const char *which; /* as typed: an id or an address */
    as_address_t address;
    as_invitation_t invitation;
    const char *wrong; /* why nothing was done, or NULL */
} act_t;

static apr_status_t send_link(as_db_t *db, const act_t *a, apr_pool_t *pool)
{
    const as_challenge_order_t order = {
        .kind = &as_link_invitation,
        .subject = a->invitation.id,
        .to = &(const as_address_t){ .channel = AUTHSVC_EMAIL, .text = a->invitation.email },
        .data = a->invitation.email,
    };

    return as_link_send(db, a->ctx, &order, NULL, pool);
}

/* Whether the address may be invited, and the team is there. */
static apr_status_t judge(as_db_t *db, act_t *a, apr_pool_t *pool)
{
    const char *name;
    as_code_t taken;
    apr_status_t status = as_account_look(db, a->ctx, &a->address, &taken, pool);

    a->wrong = taken == AS_ACCOUNT_DELETED
                   ? "the account of that address was deleted: account release frees it"
                   : NULL;
    if (status == APR_SUCCESS && !a->wrong && *a->invitation.team) {
        status = as_team_name(db, a->invitation.team, &name, pool);
        a->wrong = status == AS_ENO ? "there is no team of that id" : NULL;
    }
    return status == AS_ENO ? APR_SUCCESS : status;
}

/* One that is open takes the new role and end. */
static apr_status_t put(as_db_t *db, act_t *a, apr_pool_t *pool)
{
    as_invitation_t *i = &a->invitation, open;
    apr_status_t status = as_invitation_find(db, i->email, i->team, &open, pool);

    if (status == APR_SUCCESS) {
        i->id = open.id;
        return as_invitation_renew(db, i);
    }
    return status == AS_ENO ? as_invitation_insert(db, i) : status;
}

static apr_status_t invite(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;
    apr_status_t status = judge(db, a, pool);

    if (status != APR_SUCCESS || a->wrong) {
        return status;
    }
    status = put(db, a, pool);
    if (status == APR_SUCCESS) {
        status = send_link(db, a, pool);
    }
    if (status == APR_SUCCESS) {
        status = as_trail_of(db, a->ctx, "invite", NULL, a->invitation.id, pool);
    }
    return status == AS_ENO ? AS_ERETRY : status;
}

static as_result_t act(act_t *a, as_txn_fn body)
{
    as_ctx_t *ctx = a->ctx;
    apr_status_t status = as_store_write(ctx->service->store, body, a, ctx->pool);

    if (status == APR_SUCCESS && a->wrong) {
        return as_result_detail(AS_INVALID, a->wrong);
    }
    if (status == APR_SUCCESS) {
        as_outbox_wake(ctx);
    }
    return status == AS_ENO ? as_result_detail(AS_NOT_FOUND, "there is no such invitation")
                            : as_result_of(status);
}

as_result_t as_invite(as_ctx_t *ctx, const as_invite_in_t *in, const char **id)
{
    act_t a = { .ctx = ctx };
    as_result_t result;

    if (!as_address_take(&a.address, NULL, in->email, ctx->pool)) {
        return as_result_detail(AS_INVALID, "that is no e-mail address");
    }
    if (in->role && !as_role_is_sound(in->role)) {
        return as_result_detail(AS_INVALID, "a role is 1 to 64 letters, digits and _ . : -");
    }
    a.invitation = (as_invitation_t){
        .id = as_random_id(ctx->pool),
        .email = a.address.text,
        .team = in->team ? in->team : "",
        .role = in->role ? in->role : "",
        .created_at = ctx->now,
        .expires_at = ctx->now + as_link_invitation.life,
    };
    result = act(&a, invite);
    *id = a.invitation.id;
    return result;
}

/* The open invitation of an id, or the only one of an address. */
static apr_status_t find_open(as_db_t *db, act_t *a, apr_pool_t *pool)
{
    as_invitation_t *open;
    apr_status_t status;
    int n;

    a->wrong = NULL;
    if (!as_address_take(&a->address, NULL, a->which, pool)) {
        return as_invitation_by_id(db, a->which, &a->invitation, pool);
    }
    status = as_invitations_of(db, a->address.text, &open, &n, pool);
    if (status == APR_SUCCESS && n == 1) {
        a->invitation = open[0];
    }
    a->wrong = n > 1 ? "that address has several: name one by its id" : NULL;
    return status == APR_SUCCESS && n == 0 ? AS_ENO : status;
}

static apr_status_t resend(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;
    apr_status_t status = find_open(db, a, pool);

    if (status != APR_SUCCESS || a->wrong) {
        return status;
    }
    a->invitation.expires_at = a->ctx->now + as_link_invitation.life;
    status = as_invitation_renew(db, &a->invitation);
    if (status == APR_SUCCESS) {
        status = send_link(db, a, pool);
    }
    return status == APR_SUCCESS
               ? as_trail_of(db, a->ctx, "invite_resend", NULL, a->invitation.id, pool)
               : status;
}

as_result_t as_invite_resend(as_ctx_t *ctx, const char *which)
{
    act_t a = { .ctx = ctx, .which = which };

    return act(&a, resend);
}

static apr_status_t withdraw(as_db_t *db, void *baton, apr_pool_t *pool)
{
    act_t *a = baton;
    apr_status_t status = find_open(db, a, pool);

    if (status != APR_SUCCESS || a->wrong) {
        return status;
    }
    status = as_invitation_delete(db, a->invitation.id);
    if (status == APR_SUCCESS) {
        status = as_challenge_end(db, a->ctx, &as_link_invitation, a->invitation.id, pool);
    }
    return status == APR_SUCCESS
               ? as_trail_of(db, a->ctx, "invite_withdraw", NULL, a->invitation.id, pool)
               : status;
}

as_result_t as_invite_withdraw(as_ctx_t *ctx, const char *which)
{
    act_t a = { .ctx = ctx, .which = which };

    return act(&a, withdraw);
}

/* ---- taking ---- */

typedef struct {
    as_ctx_t *ctx;
    const as_invitation_in_t *in;
    as_link_t link;
    as_invitation_t invitation;
    as_account_t account;
    as_code_t taken; /* AS_OK: the address is nobody's yet */
    int right;
} taking_t;

/* The invitation of a token. AS_ENO: none that is open. */
static apr_status_t find_invited(as_db_t *db, taking_t *t, apr_pool_t *pool)
{
    apr_status_t status = as_link_find(db, t->ctx, &as_link_invitation, t->in->token, &t->link,
                                       pool);

    if (status == APR_SUCCESS) {
        status = as_invitation_by_id(db, t->link.subject, &t->invitation, pool);
    }
    return status == APR_SUCCESS && t->invitation.expires_at <= t->ctx->now ? AS_ENO : status;
}

static apr_status_t look(as_db_t *db, void *baton, apr_pool_t *pool)
{
    taking_t *t = baton;
    as_address_t address = { .channel = AUTHSVC_EMAIL };
    apr_status_t status = find_invited(db, t, pool);

    if (status == APR_SUCCESS) {
        address.text = t->invitation.email;
        status = as_account_look(db, t->ctx, &address, &t->taken, pool);
    }
    return status;
}

as_result_t as_invitation_validate(as_ctx_t *ctx, const void *in, void *out)
{
    taking_t t = { .ctx = ctx, .in = in };
    apr_status_t status = as_store_read(ctx->service->store, look, &t, ctx->pool);

    (void)out;
    return status == AS_ENO ? as_result(AS_LINK_WRONG) : as_result_of(status);
}

/* Team and role to the account, and the invitation is gone. */
static apr_status_t hand_over(as_db_t *db, taking_t *t, apr_pool_t *pool)
{
    const as_invitation_t *i = &t->invitation;
    const char *team = *i->team ? i->team : NULL;
    const char *name;
    apr_status_t status = as_link_use(db, t->ctx, &t->link);

    if (status == APR_SUCCESS) {
        status = as_invitation_delete(db, i->id);
    }
    if (status == APR_SUCCESS && team) {
        status = as_team_name(db, team, &name, pool);
        team = status == AS_ENO ? NULL : team;
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    if (status == APR_SUCCESS && team) {
        status = as_membership_insert(db, t->account.id, team, t->ctx->now);
        status = status == AS_ENO ? APR_SUCCESS : status; /* a member already */
    }
    if (status == APR_SUCCESS && *i->role && (team || !*i->team)) {
        status = as_role_insert(db, t->account.id, i->role, team);
        status = status == AS_ENO ? APR_SUCCESS : status;
    }
    return status;
}

static apr_status_t note(as_db_t *db, taking_t *t, const char *event, apr_pool_t *pool)
{
    const as_entry_t entry = {
        .event = event,
        .outcome = t->right ? AS_OK : AS_LINK_WRONG,
        .account_id = t->right ? t->account.id : NULL,
        .detail = t->right ? t->invitation.id : NULL,
    };

    return as_trail_entry(db, t->ctx, &entry, pool);
}

static apr_status_t finish(as_db_t *db, void *baton, apr_pool_t *pool)
{
    taking_t *t = baton;
    as_code_t outcome = AS_LINK_WRONG;
    apr_status_t status = find_invited(db, t, pool);

    if (status == APR_SUCCESS) {
        t->account.email = t->invitation.email;
        status = as_account_make(db, t->ctx, &t->account, &outcome, pool);
    }
    if (status == APR_SUCCESS && outcome == AS_OK) {
        status = hand_over(db, t, pool);
        if (status == AS_ENO) {
            return AS_ERETRY; /* somebody took it between: look again */
        }
    }
    t->right = status == APR_SUCCESS && outcome == AS_OK;
    return status == APR_SUCCESS || status == AS_ENO ? note(db, t, "finish_invitation", pool)
                                                     : status;
}

as_result_t as_invitation_finish(as_ctx_t *ctx, const void *input, void *out)
{
    const as_invitation_in_t *in = input;
    as_service_t *service = ctx->service;
    taking_t t = { .ctx = ctx, .in = in };
    apr_status_t status = as_store_read(service->store, look, &t, ctx->pool);

    (void)out;
    if (status == AS_ENO || (status == APR_SUCCESS && t.taken != AS_OK)) {
        return as_result_detail(AS_LINK_WRONG, status == AS_ENO ? NULL : as_code_name(t.taken));
    }
    t.account = (as_account_t){
        .id = as_random_id(ctx->pool),
        .email_proven = 1,
        .first_name = in->first_name,
        .last_name = in->last_name,
    };
    if (status == APR_SUCCESS) {
        status = as_password_hash(service->hasher, in->password, NULL, &t.account.password,
                                  ctx->pool);
    }
    if (status == APR_SUCCESS) {
        status = as_store_write(service->store, finish, &t, ctx->pool);
    }
    return status == APR_SUCCESS && !t.right ? as_result(AS_LINK_WRONG) : as_result_of(status);
}

static apr_status_t join(as_db_t *db, void *baton, apr_pool_t *pool)
{
    taking_t *t = baton;
    apr_status_t status = find_invited(db, t, pool);

    if (status == APR_SUCCESS) {
        status = as_account_by_id(db, t->ctx->principal->account_id, &t->account, pool);
    }
    if (status == APR_SUCCESS
        && (!t->account.email || !t->account.email_proven
            || strcmp(t->account.email, t->invitation.email) != 0)) {
        status = AS_ENO;
    }
    if (status == APR_SUCCESS) {
        status = hand_over(db, t, pool);
        if (status == AS_ENO) {
            return AS_ERETRY;
        }
    }
    t->right = status == APR_SUCCESS;
    return status == APR_SUCCESS || status == AS_ENO ? note(db, t, "accept_invitation", pool)
                                                     : status;
}

as_result_t as_invitation_accept(as_ctx_t *ctx, const void *in, void *out)
{
    taking_t t = { .ctx = ctx, .in = in };
    apr_status_t status = as_principal_write(ctx, join, &t);

    (void)out;
    return status == APR_SUCCESS && !t.right ? as_result(AS_LINK_WRONG) : as_result_of(status);
}
