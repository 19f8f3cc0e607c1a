/* SPDX-License-Identifier: Apache-2.0
 * A bar on a terminal. See progress.h.
 */
#include "ctl/progress.h"

#include <stdio.h>
#include <unistd.h>

#define WIDTH 30
#define PERIOD (APR_USEC_PER_SEC / 10)
#define CLEAR "\r\033[K"

void ctl_progress_begin(ctl_progress_t *progress, apr_int64_t from, apr_int64_t n)
{
    *progress = (ctl_progress_t){
        .on = isatty(STDERR_FILENO),
        .began = apr_time_now(),
        .from = from,
        .from_n = n,
    };
}

/* Seconds still to come at the speed so far; -1: nobody knows yet. */
static apr_int64_t remaining(const ctl_progress_t *p, apr_int64_t at, apr_int64_t total)
{
    apr_time_t passed = apr_time_now() - p->began;

    return at > p->from ? (apr_int64_t)((double)passed * (double)(total - at)
                                        / (double)(at - p->from) / APR_USEC_PER_SEC)
                        : -1;
}

void ctl_progress_draw(ctl_progress_t *p, apr_int64_t at, apr_int64_t total, apr_int64_t n)
{
    static const char full[] = "##############################";
    static const char empty[] = "..............................";
    apr_time_t now = apr_time_now();
    double share = total > 0 ? (double)at / (double)total : 1;
    double seconds = (double)(now - p->began) / APR_USEC_PER_SEC;
    apr_int64_t left = remaining(p, at, total);
    int filled = (int)(share * WIDTH);

    if (!p->on || now < p->drawn + PERIOD) {
        return;
    }
    p->drawn = now;
    fprintf(stderr, CLEAR "%3d%% [%.*s%.*s] %" APR_INT64_T_FMT, (int)(share * 100), filled, full,
            WIDTH - filled, empty, n);
    if (seconds > 0) {
        fprintf(stderr, ", %.0f/s", (double)(n - p->from_n) / seconds);
    }
    if (left >= 0) {
        fprintf(stderr, ", %d:%02d left", (int)(left / 60), (int)(left % 60));
    }
    fflush(stderr);
}

void ctl_progress_clear(ctl_progress_t *p)
{
    if (p->on && p->drawn) {
        fprintf(stderr, CLEAR);
        p->drawn = 0;
    }
}
