/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl import: accounts from a file. Never prints a line that it refuses.
 * Called through its row of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/text.h"
#include "ctl/progress.h"
#include "ops/import.h"

typedef struct {
    const char *path;
    apr_pool_t *pool; /* of one line */
    ctl_progress_t progress;
    int under_way;
} view_t;

static void tell(void *baton, apr_int64_t line, const char *what, int refused)
{
    view_t *view = baton;

    (void)refused;
    ctl_progress_clear(&view->progress);
    fprintf(stderr, "%s:%" APR_INT64_T_FMT ": %s\n", view->path, line,
            ctl_printable(view->pool, what));
    apr_pool_clear(view->pool);
}

static apr_int64_t dealt_with(const as_import_run_t *run)
{
    return run->done.imported + run->done.existing + run->done.refused;
}

static void show(void *baton, const as_import_run_t *run)
{
    view_t *view = baton;

    if (!view->under_way) {
        view->under_way = 1;
        if (run->begun) {
            fprintf(stderr, "authsvcctl: going on at line %" APR_INT64_T_FMT ", where the last run "
                    "stopped\n", run->line);
        }
        ctl_progress_begin(&view->progress, run->done.octets, dealt_with(run));
    }
    ctl_progress_draw(&view->progress, run->done.octets, run->size, dealt_with(run));
}

static int refuse(const char *path, const char *why)
{
    fprintf(stderr, "authsvcctl: %s: %s\n", path, why);
    return CTL_REFUSED;
}

/* Opened before the store: as root we become the database's owner there. */
static int open_file(ctl_t *ctl, const char *path, apr_file_t **file)
{
    apr_status_t status = apr_file_open(file, path, APR_FOPEN_READ, APR_OS_DEFAULT, ctl->pool);
    apr_finfo_t info;
    char why[128];

    if (status == APR_SUCCESS) {
        status = apr_file_info_get(&info, APR_FINFO_TYPE, *file);
    }
    if (status != APR_SUCCESS) {
        return refuse(path, apr_strerror(status, why, sizeof why));
    }
    return info.filetype == APR_REG ? CTL_OK : refuse(path, "it is no regular file");
}

/* The first record that is not empty decides where the name says nothing. */
static const as_format_t *guess(ctl_t *ctl, const char *path, apr_file_t *file)
{
    apr_pool_t *pool;
    as_record_t record = { .text = NULL };
    const as_format_t *format;
    apr_finfo_t info;
    apr_off_t start = 0;

    apr_pool_create(&pool, ctl->pool);
    if (apr_file_info_get(&info, APR_FINFO_SIZE, file) == APR_SUCCESS) {
        as_records_t *records = as_records_create(file, info.size, pool);

        while (as_record_next(records, 0, &record) == APR_SUCCESS && !record.wrong
               && !*record.text) {
        }
    }
    format = as_format_guess(path, record.wrong ? NULL : record.text);
    apr_file_seek(file, APR_SET, &start);
    apr_pool_destroy(pool);
    return format;
}

static int choose_format(ctl_t *ctl, const char *path, apr_file_t *file,
                         const as_format_t **format)
{
    const char *name = ctl_flag(ctl, "format");

    *format = name ? as_format_find(name) : guess(ctl, path, file);
    if (!*format) {
        fprintf(stderr, "authsvcctl: %s takes one of %s\n",
                name ? "--format" : "nobody can tell the file's format: --format",
                as_format_names(ctl->pool));
    }
    return *format ? CTL_OK : CTL_USAGE;
}

/* Of accounts and lines: "1 account", "2 accounts". */
static const char *counted(const ctl_t *ctl, apr_int64_t n, const char *what)
{
    return apr_psprintf(ctl->pool, "%" APR_INT64_T_FMT " %s%s", n, what, n == 1 ? "" : "s");
}

static void report(const ctl_t *ctl, const as_import_run_t *run, apr_int64_t seconds)
{
    const as_progress_t *done = &run->done;
    as_json_t *object = as_json_object(ctl->pool);

    if (ctl->json) {
        as_json_set_integer(object, "imported", done->imported);
        as_json_set_integer(object, "existing", done->existing);
        as_json_set_integer(object, "refused", done->refused);
        as_json_set_integer(object, "seconds", seconds);
        printf("%s\n", as_json_text(ctl->pool, object));
        return;
    }
    printf("%s %simported, %" APR_INT64_T_FMT " already there, %s refused, in %s\n",
           counted(ctl, done->imported, "account"), ctl_flag(ctl, "dry-run") ? "would be " : "",
           done->existing, counted(ctl, done->refused, "line"),
           counted(ctl, seconds, "second"));
}

/* What stopped may go on; what was done before is told, and done again only if asked to. */
static int finish(const ctl_t *ctl, const view_t *view, const as_import_run_t *run,
                  as_result_t result)
{
    apr_time_t began = view->progress.began;

    if (result.code != AS_OK) {
        int code = ctl_exit(result);

        if (code == CTL_UNAVAILABLE && view->under_way && run->done.at) {
            fprintf(stderr, "authsvcctl: it was stopped at line %" APR_INT64_T_FMT " and goes on "
                    "there when it is called again\n", run->line);
        }
        return code;
    }
    if (run->finished) {
        fprintf(stderr, "authsvcctl: that file was done on %s; --again imports it once more\n",
                as_text_time(ctl->pool, run->done.at));
    }
    report(ctl, run, view->under_way ? (apr_time_now() - began) / APR_USEC_PER_SEC : 0);
    return run->done.refused ? CTL_REFUSED : CTL_OK;
}

int ctl_import(ctl_t *ctl)
{
    view_t view = { .path = ctl->argv[0] };
    as_import_in_t in = {
        .dry = ctl_flag(ctl, "dry-run") != NULL,
        .again = ctl_flag(ctl, "again") != NULL,
        .tell = tell,
        .progress = show,
        .baton = &view,
    };
    as_import_run_t run;
    as_result_t result;
    ctl_desk_t desk;
    int code = open_file(ctl, view.path, &in.file);

    code = code == CTL_OK ? choose_format(ctl, view.path, in.file, &in.format) : code;
    code = code == CTL_OK ? ctl_open(ctl, &desk, ctl->settings.secret_file != NULL) : code;
    if (code != CTL_OK) {
        return code;
    }
    apr_pool_create(&view.pool, ctl->pool);
    result = as_import(&desk.ctx, &in, &run);
    ctl_progress_clear(&view.progress);
    return finish(ctl, &view, &run, result);
}
