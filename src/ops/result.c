/* SPDX-License-Identifier: Apache-2.0
 * The table of result codes. See result.h.
 */
#include "ops/result.h"

#include "base/status.h"

static const struct {
    const char *name;
    as_log_level_t level;
    int retry_after;
} codes[AS_CODES] = {
    [AS_OK] = { "ok", AS_LOG_DEBUG, 0 },
    [AS_NOT_FOUND] = { "not_found", AS_LOG_INFO, 0 },
    [AS_METHOD_NOT_ALLOWED] = { "method_not_allowed", AS_LOG_INFO, 0 },
    [AS_TOO_LARGE] = { "too_large", AS_LOG_INFO, 0 },
    [AS_MEDIA_TYPE] = { "media_type", AS_LOG_INFO, 0 },
    [AS_BODY_CUT] = { "body_cut", AS_LOG_INFO, 0 },
    [AS_HEADER_REPEATED] = { "header_repeated", AS_LOG_INFO, 0 },
    [AS_UNAUTHENTICATED] = { "unauthenticated", AS_LOG_INFO, 0 },
    [AS_INVALID] = { "invalid", AS_LOG_INFO, 0 },
    [AS_THROTTLED] = { "throttled", AS_LOG_WARN, 1 },
    [AS_BUSY] = { "busy", AS_LOG_WARN, 1 },
    [AS_UNAVAILABLE] = { "unavailable", AS_LOG_WARN, 5 },
    [AS_FAULT] = { "fault", AS_LOG_ERROR, 0 },
    [AS_ADDRESS_INVALID] = { "address_invalid", AS_LOG_INFO, 0 },
    [AS_ADDRESS_TAKEN] = { "address_taken", AS_LOG_INFO, 0 },
    [AS_CODE_WRONG] = { "code_wrong", AS_LOG_INFO, 0 },
    [AS_SIGN_IN_WRONG] = { "sign_in_wrong", AS_LOG_INFO, 0 },
    [AS_ACCOUNT_PENDING] = { "account_pending", AS_LOG_INFO, 0 },
    [AS_REFRESH_WRONG] = { "refresh_wrong", AS_LOG_INFO, 0 },
    [AS_REFRESH_REUSED] = { "refresh_reused", AS_LOG_WARN, 0 },
    [AS_REFRESH_AHEAD] = { "refresh_ahead", AS_LOG_WARN, 0 },
    [AS_TWO_FACTOR_REQUIRED] = { "two_factor_required", AS_LOG_INFO, 0 },
    [AS_TWO_FACTOR_WRONG] = { "two_factor_wrong", AS_LOG_INFO, 0 },
    [AS_TWO_FACTOR_ON] = { "two_factor_on", AS_LOG_INFO, 0 },
    [AS_ACCOUNT_DELETED] = { "account_deleted", AS_LOG_INFO, 0 },
    [AS_ACCOUNT_UNKNOWN] = { "account_unknown", AS_LOG_INFO, 0 },
    [AS_LINK_WRONG] = { "link_wrong", AS_LOG_INFO, 0 },
    [AS_CAPTCHA_WRONG] = { "captcha_wrong", AS_LOG_INFO, 0 },
    [AS_VENDOR_REFUSED] = { "vendor_refused", AS_LOG_INFO, 0 },
    [AS_IDENTITY_UNKNOWN] = { "identity_unknown", AS_LOG_INFO, 0 },
    [AS_IDENTITY_TAKEN] = { "identity_taken", AS_LOG_INFO, 0 },
    [AS_LAST_WAY_IN] = { "last_way_in", AS_LOG_INFO, 0 },
    [AS_PASSWORD_WRONG] = { "password_wrong", AS_LOG_INFO, 0 },
    [AS_STALE] = { "stale", AS_LOG_INFO, 0 },
    [AS_NOT_PENDING] = { "not_pending", AS_LOG_INFO, 0 },
    [AS_TEAM_UNKNOWN] = { "team_unknown", AS_LOG_INFO, 0 },
    [AS_NOT_A_MEMBER] = { "not_a_member", AS_LOG_INFO, 0 },
    [AS_TOO_MANY] = { "too_many", AS_LOG_INFO, 0 },
    [AS_DEMO] = { "demo", AS_LOG_INFO, 0 },
};

as_result_t as_result(as_code_t code)
{
    return as_result_detail(code, NULL);
}

as_result_t as_result_detail(as_code_t code, const char *detail)
{
    return (as_result_t){ .code = code, .retry_after = codes[code].retry_after, .detail = detail };
}

as_result_t as_result_of(apr_status_t status)
{
    switch (status) {
    case APR_SUCCESS:
        return as_result(AS_OK);
    case AS_EENDED:
        return as_result(AS_UNAUTHENTICATED);
    case AS_EBUSY:
        return as_result(AS_BUSY);
    case AS_EUNAVAILABLE:
    case AS_ESCHEMA:
        return as_result(AS_UNAVAILABLE);
    default:
        return as_result(AS_FAULT);
    }
}

const char *as_code_name(as_code_t code)
{
    return codes[code].name;
}

as_log_level_t as_code_level(as_code_t code)
{
    return codes[code].level;
}
