/* SPDX-License-Identifier: Apache-2.0
 * SQLite through apr_dbd_sqlite3: write-ahead log, full synchronisation, one writer at a time.
 * Never sets SQLite's own wait: inside apr_dbd's process-wide mutex it keeps the committer out.
 * Called through as_driver_t.
 */
#include "store/driver.h"

#include <dlfcn.h>
#include <string.h>

/* SQLite's primary result codes; the extended ones carry them in their low octet. */
enum { BUSY = 5, LOCKED = 6, READ_ONLY = 8, IO_ERROR = 10, CORRUPT = 11, FULL = 13, CANT_OPEN = 14,
       SCHEMA = 17, NOT_A_DB = 26 };

static const char *const session[] = { "PRAGMA foreign_keys=ON", "PRAGMA synchronous=FULL", NULL };
static const char *const create[] = { "PRAGMA journal_mode=WAL", NULL };

/* The driver answers a plain 1 for most errors; SQLite itself knows better, and is in the process
 * already.
 */
static int extended_code(void *native, int code)
{
    static int (*ask)(void *);

    if (!ask) {
        *(void **)&ask = dlsym(RTLD_DEFAULT, "sqlite3_extended_errcode");
    }
    return native && ask && code == 1 && ask(native) != 0 ? ask(native) : code;
}

static as_db_fault_t fault(void *native, int code)
{
    switch (extended_code(native, code) & 0xff) {
    case BUSY:
    case LOCKED:
        return AS_FAULT_RETRY;
    case SCHEMA:
        return AS_FAULT_STALE;
    case READ_ONLY:
    case IO_ERROR:
    case CORRUPT:
    case FULL:
    case CANT_OPEN:
    case NOT_A_DB:
        return AS_FAULT_LOST;
    default:
        return AS_FAULT_OTHER;
    }
}

static const char *file(const char *params)
{
    return strcmp(params, ":memory:") == 0 ? NULL : params;
}

const as_driver_t as_driver_sqlite3 = {
    .name = "sqlite3",
    .begin = "BEGIN IMMEDIATE",
    .once = "ON CONFLICT DO NOTHING",
    .ascii = "",
    .text = "",
    .table = "",
    .session = session,
    .create = create,
    .one_writer = 1,
    .max = 4,
    .fault = fault,
    .file = file,
};
