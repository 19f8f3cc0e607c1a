/* SPDX-License-Identifier: Apache-2.0
 * Captchas: whether an operation wants one, and what the vendor says. Fails closed. Called by the
 * operations that may be automated, after they have been charged.
 */
#ifndef AS_OPS_CAPTCHA_H
#define AS_OPS_CAPTCHA_H

#include "ops/service.h"

/* AS_OK if the client's answer is good or none is asked for: no provider is configured, or neither
 * AuthSvcCaptchaRequire nor the contract (ctx->captcha_asked) wants one for this. AS_CAPTCHA_WRONG;
 * AS_UNAVAILABLE if the vendor could not tell.
 */
as_result_t as_captcha_ask(as_ctx_t *ctx, as_captcha_action_t use);

/* 1 if every door asks for one there, so that those who cannot show it stay shut. */
int as_captcha_is_required(const as_service_t *service, as_captcha_action_t use);

#endif
