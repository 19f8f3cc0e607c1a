/* SPDX-License-Identifier: Apache-2.0
 * Captchas. See captcha.h.
 */
#include "ops/captcha.h"

#include <string.h>

#define PATIENCE (5 * APR_USEC_PER_SEC)

static const char *const actions[] = {
    [AS_CAPTCHA_SIGNIN] = "signin",
    [AS_CAPTCHA_SIGNUP] = "signup",
    [AS_CAPTCHA_RECOVERY] = "recovery",
};

int as_captcha_is_required(const as_service_t *service, as_captcha_action_t use)
{
    return service->captcha.ask && (service->policy.captcha_required & (1u << use));
}

as_result_t as_captcha_ask(as_ctx_t *ctx, as_captcha_action_t use)
{
    const as_captcha_t *captcha = &ctx->service->captcha;
    const authsvc_trial_t trial = {
        .response = ctx->captcha,
        .address = ctx->address,
        .action = actions[use],
    };
    const char *reason = NULL;

    if (!captcha->ask
        || (!ctx->captcha_asked && !as_captcha_is_required(ctx->service, use))) {
        return as_result(AS_OK);
    }
    if (!trial.response || !*trial.response || strlen(trial.response) > AUTHSVC_TOKEN_MAX) {
        return as_result_detail(AS_CAPTCHA_WRONG, "no captcha");
    }
    switch (captcha->ask(captcha->baton, &trial, apr_time_now() + PATIENCE, &reason, ctx->pool)) {
    case AUTHSVC_YES:
        return as_result(AS_OK);
    case AUTHSVC_NO:
        return as_result_detail(AS_CAPTCHA_WRONG, reason);
    default:
        return as_result_detail(AS_UNAVAILABLE, reason ? reason : "the captcha's vendor is away");
    }
}
