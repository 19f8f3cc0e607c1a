/* SPDX-License-Identifier: Apache-2.0
 * Table as_account. See accounts.h.
 */
#include "store/accounts.h"

#include <stddef.h>

#define TEXT(member) { 's', offsetof(as_account_t, member) }
#define INTEGER(member) { 'i', offsetof(as_account_t, member) }

static const as_column_t columns[] = {
    TEXT(id),         INTEGER(number),       TEXT(email),     INTEGER(email_proven),
    TEXT(phone),      INTEGER(phone_proven), TEXT(first_name), TEXT(last_name),
    TEXT(bio),        TEXT(photo),           TEXT(password),  TEXT(door_id),
    INTEGER(epoch),
    INTEGER(created_at), INTEGER(disabled_at), INTEGER(deleted_at),
};

static apr_status_t find(as_db_t *db, as_sql_t sql, const char *key, as_account_t *account,
                         apr_pool_t *pool)
{
    return as_db_select_one(db, sql, columns, sizeof columns / sizeof *columns, account, pool,
                            AS_ARGS(AS_S(key)));
}

apr_status_t as_account_by_id(as_db_t *db, const char *id, as_account_t *account, apr_pool_t *pool)
{
    return find(db, AS_SQL_ACCOUNT_BY_ID, id, account, pool);
}

apr_status_t as_account_by_email(as_db_t *db, const char *email, as_account_t *account,
                                 apr_pool_t *pool)
{
    return find(db, AS_SQL_ACCOUNT_BY_EMAIL, email, account, pool);
}

apr_status_t as_account_by_phone(as_db_t *db, const char *phone, as_account_t *account,
                                 apr_pool_t *pool)
{
    return find(db, AS_SQL_ACCOUNT_BY_PHONE, phone, account, pool);
}

apr_status_t as_account_insert(as_db_t *db, const as_account_t *a)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_INSERT,
                          AS_ARGS(AS_S(a->id), AS_I(a->number), AS_S(a->email),
                                  AS_I(a->email_proven), AS_S(a->phone), AS_I(a->phone_proven),
                                  AS_S(a->first_name), AS_S(a->last_name), AS_S(a->bio),
                                  AS_S(a->photo), AS_S(a->password), AS_S(a->door_id),
                                  AS_I(a->created_at)));
}

apr_status_t as_account_sign_in(as_db_t *db, const as_account_t *account)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_SIGN_IN,
                          AS_ARGS(AS_S(account->id), AS_I(account->epoch),
                                  AS_S(account->door_id)));
}

apr_status_t as_account_rehash(as_db_t *db, const char *id, const char *old, const char *phc)
{
    return as_db_exec(db, AS_SQL_ACCOUNT_REHASH, NULL, AS_ARGS(AS_S(phc), AS_S(id), AS_S(old)));
}

apr_status_t as_account_change_password(as_db_t *db, const as_account_t *seen, const char *phc)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_CHANGE_PASSWORD,
                          AS_ARGS(AS_S(phc), AS_S(seen->id), AS_S(seen->password),
                                  AS_I(seen->epoch), AS_S(seen->door_id)));
}

apr_status_t as_account_reset(as_db_t *db, const char *id, const char *phc, as_proves_t proves)
{
    static const as_sql_t statements[] = {
        [AS_PROVES_NOTHING] = AS_SQL_ACCOUNT_RESET,
        [AS_PROVES_EMAIL] = AS_SQL_ACCOUNT_RESET_EMAIL,
        [AS_PROVES_PHONE] = AS_SQL_ACCOUNT_RESET_PHONE,
    };

    return as_db_exec_one(db, statements[proves], AS_ARGS(AS_S(phc), AS_S(id)));
}

apr_status_t as_account_prove_email(as_db_t *db, const char *id, const char *email)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_PROVE_EMAIL, AS_ARGS(AS_S(id), AS_S(email)));
}

apr_status_t as_account_set_email(as_db_t *db, const char *id, const char *email)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_SET_EMAIL,
                          AS_ARGS(AS_S(email), AS_S(id), AS_S(email)));
}

apr_status_t as_account_set_phone(as_db_t *db, const char *id, const char *phone)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_SET_PHONE,
                          AS_ARGS(AS_S(phone), AS_S(id), AS_S(phone)));
}

apr_status_t as_account_drop_phone(as_db_t *db, const char *id)
{
    return as_db_exec(db, AS_SQL_ACCOUNT_DROP_PHONE, NULL, AS_ARGS(AS_S(id)));
}

apr_status_t as_account_erase(as_db_t *db, const char *id, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_ERASE, AS_ARGS(AS_I(now), AS_I(now), AS_S(id)));
}

apr_status_t as_account_set_door(as_db_t *db, const char *id, const char *old, const char *door_id)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_SET_DOOR,
                          AS_ARGS(AS_S(door_id), AS_S(id), AS_S(old)));
}

apr_status_t as_account_disable(as_db_t *db, const char *id, apr_int64_t now)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_DISABLE, AS_ARGS(AS_I(now), AS_S(id)));
}

apr_status_t as_account_enable(as_db_t *db, const char *id)
{
    return as_db_exec_one(db, AS_SQL_ACCOUNT_ENABLE, AS_ARGS(AS_S(id)));
}
