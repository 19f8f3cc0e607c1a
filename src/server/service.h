/* SPDX-License-Identifier: Apache-2.0
 * A service as this httpd runs it: the operations' as_service_t, and what httpd lends it.
 */
#ifndef AS_SERVER_SERVICE_H
#define AS_SERVER_SERVICE_H

#include <apr_global_mutex.h>

#include "server/server.h"

/* Where messages of a channel leave: a provider's instance, made when first needed. One thread uses
 * it.
 */
typedef struct {
    const authsvc_delivery_t *provider;
    authsvc_channel_t channel;
    void *instance;
    apr_pool_t *pool;
    as_host_t *host;
} as_outlet_t;

/* Round the writes to one database of one writer, by all services and children. */
typedef struct {
    apr_global_mutex_t *mutex;
    const char *file;
    const char *database; /* its parameters */
    int ready;            /* in this child */
} as_write_mutex_t;

struct as_host_t {
    as_service_t service;
    const as_server_config_t *config;
    server_rec *server;              /* the first of those that share the service */
    const char *key;                 /* as_config_key */
    as_write_mutex_t *write_mutex;   /* shared by services on the same database */
    as_write_lock_t write_lock;
    as_store_config_t store_config;
    as_outlet_t outlets[AS_CHANNELS];
    authsvc_host_t provider_host;    /* what providers see of this */
    int fresh;                       /* there was no database file when the server started */
};

/* Brings the schema up to date where the database is a file of this machine; logs what it does. */
void as_host_migrate(as_host_t *host, apr_pool_t *pool);

#endif
