/* SPDX-License-Identifier: Apache-2.0
 * Addresses. See address.h.
 */
#include "ops/address.h"

#include <string.h>

#include "base/text.h"

int as_address_parse(as_address_t *address, const char *raw, apr_pool_t *pool)
{
    if (strchr(raw, '@')) {
        address->channel = AUTHSVC_EMAIL;
        address->text = as_text_email(pool, raw);
    } else {
        address->channel = AUTHSVC_SMS;
        address->text = as_text_phone(pool, raw);
    }
    return address->text != NULL;
}

int as_address_take(as_address_t *address, const char *any, const char *email, apr_pool_t *pool)
{
    if (!email) {
        return as_address_parse(address, any, pool);
    }
    *address = (as_address_t){ .channel = AUTHSVC_EMAIL, .text = as_text_email(pool, email) };
    return address->text != NULL;
}

apr_status_t as_address_account(as_db_t *db, const as_address_t *address, as_account_t *account,
                                apr_pool_t *pool)
{
    return address->channel == AUTHSVC_EMAIL
               ? as_account_by_email(db, address->text, account, pool)
               : as_account_by_phone(db, address->text, account, pool);
}
