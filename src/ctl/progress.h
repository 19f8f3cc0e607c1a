/* SPDX-License-Identifier: Apache-2.0
 * A bar on a terminal's standard error: how far, how many, how fast, how long still. Never writes
 * where there is no terminal. Called by the commands that take long.
 */
#ifndef AS_CTL_PROGRESS_H
#define AS_CTL_PROGRESS_H

#include <apr_time.h>

typedef struct {
    int on;               /* standard error is a terminal */
    apr_time_t began, drawn;
    apr_int64_t from;     /* where it began, of total */
    apr_int64_t from_n;   /* what had been counted there */
} ctl_progress_t;

/* Begins at from; n have been counted so far. */
void ctl_progress_begin(ctl_progress_t *progress, apr_int64_t from, apr_int64_t n);

/* Draws it, ten times a second at most: at, of total, with n counted. */
void ctl_progress_draw(ctl_progress_t *progress, apr_int64_t at, apr_int64_t total, apr_int64_t n);

/* Takes it off the terminal, so that a line can be written; the next draw brings it back. */
void ctl_progress_clear(ctl_progress_t *progress);

#endif
