/* SPDX-License-Identifier: Apache-2.0
 * A service as this httpd runs it: the operations' as_service_t, and what httpd lends it.
 */
#ifndef AS_SERVER_SERVICE_H
#define AS_SERVER_SERVICE_H

#include "server/providers.h"
#include "server/server.h"

/* Where messages of a channel leave: a provider's instance, made when first needed. One thread uses
 * it.
 */
typedef struct {
    const authsvc_delivery_t *provider;
    authsvc_channel_t channel;
    as_lent_t lent;
    void *instance;
    apr_pool_t *pool;
    as_host_t *host;
} as_outlet_t;

/* What one of all children does for all of them, by turns. */
typedef struct {
    as_shm_turn_t outbox, upkeep;
} as_turns_t;

typedef struct as_contacts_t as_contacts_t; /* vendors.c */

struct as_host_t {
    as_service_t service;
    const as_server_config_t *config;
    server_rec *server;              /* the first of those that share the service */
    const char *key;                 /* as_config_key */
    as_write_lock_t write_lock;
    as_turns_t *turns; /* in shared memory */
    as_store_config_t store_config;
    as_outlet_t outlets[AS_CHANNELS];
    as_contacts_t *contacts;         /* with vendors of identities and captchas */
    int fresh;                       /* there was no database file when the server started */
};

/* Brings the schema up to date where the database is a file of this machine; logs what it does. */
void as_host_migrate(as_host_t *host, apr_pool_t *pool);

#endif
