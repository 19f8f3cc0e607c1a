/* SPDX-License-Identifier: Apache-2.0
 * Bringing the schema to this code's version: a lease in as_meta, one numbered step after another.
 * The functions are as_store_migrate and as_store_version of db.h.
 */
#ifndef AS_STORE_MIGRATE_H
#define AS_STORE_MIGRATE_H

#include "store/statements.h"

/* Statements of each step by version, NULL-terminated; there is no step 0. */
extern const char *const *const as_schema_steps[AS_SCHEMA_NEWEST + 1];

#endif
