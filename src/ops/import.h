/* SPDX-License-Identifier: Apache-2.0
 * Accounts brought from elsewhere, a file at a time: batches, each one transaction together with
 * how far the file has been dealt with, so that a run that was ended goes on where it stopped.
 * Never changes an account that is there, never half makes one. Called by authsvcctl.
 */
#ifndef AS_OPS_IMPORT_H
#define AS_OPS_IMPORT_H

#include "ops/entries.h"
#include "ops/service.h"
#include "store/imports.h"

/* How a run stands. */
typedef struct {
    as_progress_t done; /* since the file's beginning, earlier runs included */
    apr_int64_t size;   /* octets of the file */
    apr_int64_t line;   /* the next one */
    int begun;          /* where it is told first: 1 if an earlier run has stopped there */
    int finished;       /* an earlier run has dealt with all of it: nothing was done now */
} as_import_run_t;

typedef struct {
    apr_file_t *file; /* open, regular, not read yet */
    const as_format_t *format;
    int dry;   /* look, and change nothing; earlier runs do not count */
    int again; /* from the beginning, whatever earlier runs have done */
    /* A line that was refused, or (not refused) something to know about it. */
    void (*tell)(void *baton, apr_int64_t line, const char *what, int refused);
    /* Before the first batch, with the file's place, and after each. */
    void (*progress)(void *baton, const as_import_run_t *run);
    void *baton;
} as_import_in_t;

/* Imports; run is how it ended, whatever the result. AS_INVALID with a detail: the file is not of
 * its format, cannot be read, has changed meanwhile, or is being imported by another run. What was
 * told of a batch that was not committed is told again.
 */
as_result_t as_import(as_ctx_t *ctx, const as_import_in_t *in, as_import_run_t *run);

#endif
