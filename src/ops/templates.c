/* SPDX-License-Identifier: Apache-2.0
 * Texts of messages. See templates.h.
 * Built-in texts hold no digits, so that a code stands alone.
 */
#include "ops/templates.h"

#include <string.h>

#include <apr_file_io.h>
#include <apr_strings.h>

#include "base/status.h"
#include "base/text.h"

#define FILE_MAX 65536

typedef struct {
    const char *name;
    const char *txt;  /* with its Subject line */
    const char *html;
    const char *sms;
} built_in_t;

#define PAGE(title, body) \
    "<!DOCTYPE html>\n<html lang=\"en\">\n" \
    "<head><meta charset=\"utf-8\"><title>" title "</title></head>\n" \
    "<body style=\"font-family: sans-serif\">\n" body "</body>\n</html>\n"
#define LINK "<p><a href=\"%{link}\">%{link}</a></p>\n"

/* What an owner is told: the same words in every form. */
#define NOTICE(is, subject, words) \
    { .name = is, .txt = "Subject: " subject "\n\n" words "\n", \
      .html = PAGE(subject, "<p>" words "</p>\n"), .sms = words }

#define CODE "<p style=\"font-size: 2em; letter-spacing: .2em\"><strong>%{code}</strong></p>\n"

static const built_in_t built_in[] = {
    { .name = "signup_code",
      .txt = "Subject: Your code for %{site}\n\n"
             "Welcome to %{site}. This code finishes your sign-up:\n\n"
             "    %{code}\n\n"
             "It is good for %{minutes} minutes. If you did not sign up, ignore this message.\n",
      .html = PAGE("Your code",
                   "<p>Welcome to %{site}. This code finishes your sign-up:</p>\n" CODE
                   "<p>It is good for %{minutes} minutes. If you did not sign up, ignore this "
                   "message.</p>\n"),
      .sms = "%{code} is your sign-up code for %{site}. It is good for %{minutes} minutes." },
    { .name = "recovery_code",
      .txt = "Subject: Your recovery code for %{site}\n\n"
             "Somebody, hopefully you, wants to set a new password at %{site}. "
             "This code lets you:\n\n"
             "    %{code}\n\n"
             "It is good for %{minutes} minutes. If it was not you, ignore this message: "
             "your password\nstays as it is. Never give this code to anybody.\n",
      .html = PAGE("Your recovery code",
                   "<p>Somebody, hopefully you, wants to set a new password at %{site}. "
                   "This code lets you:</p>\n" CODE
                   "<p>It is good for %{minutes} minutes. If it was not you, ignore this "
                   "message: your password stays as it is. Never give this code to anybody.</p>\n"),
      .sms = "%{code} is your recovery code for %{site}. It is good for %{minutes} minutes. "
             "Never give it to anybody." },
    { .name = "phone_code",
      .txt = "Subject: Your code for %{site}\n\n"
             "This code proves your phone number to %{site}:\n\n"
             "    %{code}\n\n"
             "It is good for %{minutes} minutes.\n",
      .html = PAGE("Your code", "<p>This code proves your phone number to %{site}:</p>\n" CODE
                                "<p>It is good for %{minutes} minutes.</p>\n"),
      .sms = "%{code} proves your phone number to %{site}. It is good for %{minutes} minutes." },
    { .name = "restore_link",
      .txt =
          "Subject: Set a new password for %{site}\n\n"
          "Somebody, hopefully you, wants to set a new password at %{site}. This link lets you:\n\n"
          "%{link}\n\n"
          "It is good for %{life}, and once. If it was not you, ignore this message: your\n"
          "password stays as it is. Never hand this link on.\n",
      .html = PAGE("Set a new password",
                   "<p>Somebody, hopefully you, wants to set a new password at %{site}. "
                   "This link lets you:</p>\n" LINK
                   "<p>It is good for %{life}, and once. If it was not you, ignore this message: "
                   "your password stays as it is. Never hand this link on.</p>\n") },
    { .name = "confirm_link",
      .txt = "Subject: Confirm your address for %{site}\n\n"
             "This link tells %{site} that this address is yours:\n\n"
             "%{link}\n\n"
             "It is good for %{life}, and once. If you have no account there, or did not ask\n"
             "for this, ignore this message.\n",
      .html = PAGE("Confirm your address",
                   "<p>This link tells %{site} that this address is yours:</p>\n" LINK
                   "<p>It is good for %{life}, and once. If you have no account there, or did "
                   "not ask for this, ignore this message.</p>\n") },
    { .name = "invitation",
      .txt = "Subject: You are invited to %{site}\n\n"
             "You are invited to %{site}. This link lets you in:\n\n"
             "%{link}\n\n"
             "It is good for %{life}, and for this address alone.\n",
      .html =
          PAGE("You are invited", "<p>You are invited to %{site}. This link lets you in:</p>\n" LINK
                                  "<p>It is good for %{life}, and for this address alone.</p>\n") },
    NOTICE("password_changed", "Your password for %{site} was changed",
           "The password of your account at %{site} was changed just now, and every other\n"
           "device was signed out. If it was not you, recover your account at once."),
    NOTICE("email_asked", "Your account at %{site} is to get another address",
           "Somebody, hopefully you, wants your account at %{site} to go by another e-mail\n"
           "address. It will, once that address has been confirmed. If it was not you, change\n"
           "your password at once."),
    NOTICE("email_changed", "Your account at %{site} has another address",
           "Your account at %{site} goes by another e-mail address from now on. If it was\n"
           "not you, ask whoever runs that site for help at once."),
    NOTICE("phone_changed", "Your account at %{site} has another phone number",
           "Your account at %{site} goes by another phone number from now on, and can be\n"
           "recovered by it. If it was not you, recover your account and ask whoever runs\n"
           "that site for help at once."),
    NOTICE("two_factor_on", "Two-factor is on for %{site}",
           "Your account at %{site} asks for a second factor from now on, and every other\n"
           "device was signed out. If it was not you, recover your account at once."),
    NOTICE("two_factor_off", "Two-factor is off for %{site}",
           "Your account at %{site} asks for no second factor any more. If it was not you,\n"
           "change your password at once."),
    NOTICE("app_password", "A new app password for %{site}",
           "A password for programs was made for your account at %{site}. If it was not\n"
           "you, change your password at once: all app passwords end with it."),
    NOTICE("identity_linked", "A new way to sign in to %{site}",
           "A sign-in by another service was linked to your account at %{site}. If it was\n"
           "not you, unlink it and change your password at once: it does not end with the\n"
           "password."),
};

static const built_in_t *find_built_in(const char *name)
{
    for (apr_size_t i = 0; i < sizeof built_in / sizeof *built_in; i++) {
        if (strcmp(built_in[i].name, name) == 0) {
            return &built_in[i];
        }
    }
    return NULL;
}

/* A file's text; NULL if there is none. A file that is there but cannot be used is a fault, not an
 * absence.
 */
static apr_status_t read_file(const char *dir, const char *name, const char *suffix, char **text,
                              apr_pool_t *pool)
{
    const char *path = apr_pstrcat(pool, dir, "/", name, suffix, NULL);
    apr_status_t status;
    apr_file_t *file;
    apr_size_t len = FILE_MAX;

    *text = NULL;
    status = apr_file_open(&file, path, APR_READ, APR_OS_DEFAULT, pool);
    if (APR_STATUS_IS_ENOENT(status)) {
        return APR_SUCCESS;
    }
    if (status == APR_SUCCESS) {
        *text = apr_pcalloc(pool, FILE_MAX + 1);
        status = apr_file_read_full(file, *text, FILE_MAX, &len);
        apr_file_close(file);
    }
    if (APR_STATUS_IS_EOF(status) && strlen(*text) == len && as_text_points(*text) >= 0) {
        return APR_SUCCESS;
    }
    return AS_EFAULT;
}

static const char *life_of(apr_int64_t life, apr_pool_t *pool)
{
    apr_int64_t minutes = life / (60 * APR_USEC_PER_SEC);
    apr_int64_t n = minutes % (24 * 60) == 0 ? minutes / (24 * 60)
                    : minutes % 60 == 0      ? minutes / 60
                                             : minutes;
    const char *unit = minutes % (24 * 60) == 0 ? "day" : minutes % 60 == 0 ? "hour" : "minute";

    return apr_psprintf(pool, "%" APR_INT64_T_FMT " %s%s", n, unit, n == 1 ? "" : "s");
}

static const char *value_of(const as_template_t *t, const char *name, apr_pool_t *pool)
{
    const char *value = strcmp(name, "code") == 0   ? t->code
                        : strcmp(name, "link") == 0 ? t->link
                        : strcmp(name, "site") == 0 ? t->site
                        : strcmp(name, "life") == 0 ? life_of(t->life, pool)
                        : strcmp(name, "minutes") == 0
                            ? apr_psprintf(pool, "%" APR_INT64_T_FMT,
                                           t->life / (60 * APR_USEC_PER_SEC))
                            : NULL;

    return value ? value : "";
}

static const char *fill(const as_template_t *t, const char *text, int html, apr_pool_t *pool)
{
    const char *out = "", *open, *close;

    while ((open = strstr(text, "%{")) != NULL && (close = strchr(open, '}')) != NULL) {
        const char *value = value_of(t, apr_pstrmemdup(pool, open + 2, close - open - 2), pool);

        out = apr_pstrcat(pool, out, apr_pstrndup(pool, text, open - text),
                          html ? as_text_html(pool, value) : value, NULL);
        text = close + 1;
    }
    return apr_pstrcat(pool, out, text, NULL);
}

static const char *without_returns(char *text)
{
    char *to = text;

    for (const char *from = text; *from; from++) {
        if (*from != '\r') {
            *to++ = *from;
        }
    }
    *to = '\0';
    return text;
}

static apr_status_t load(const as_template_t *t, const char *suffix, const char *fallback,
                         const char **text, apr_pool_t *pool)
{
    char *own = NULL;
    apr_status_t status = APR_SUCCESS;

    if (t->dir) {
        status = read_file(t->dir, t->name, suffix, &own, pool);
    }
    *text = own ? without_returns(own) : fallback;
    return status == APR_SUCCESS && !*text ? AS_EFAULT : status;
}

static apr_status_t split_subject(authsvc_message_t *message, apr_pool_t *pool)
{
    const char *end = strstr(message->text, "\n\n");

    if (strncmp(message->text, "Subject: ", 9) != 0 || !end
        || memchr(message->text, '\n', end - message->text)) {
        return AS_EFAULT;
    }
    message->subject = apr_pstrndup(pool, message->text + 9, end - message->text - 9);
    message->text = end + 2;
    return APR_SUCCESS;
}

apr_status_t as_template_render(const as_template_t *t, authsvc_message_t *message,
                                apr_pool_t *pool)
{
    const built_in_t *row = find_built_in(t->name);
    const char *text, *html;
    apr_status_t status;

    if (!row) {
        return AS_EFAULT;
    }
    if (message->channel == AUTHSVC_SMS) {
        status = load(t, ".sms", row->sms, &text, pool);
        message->text = status == APR_SUCCESS ? fill(t, text, 0, pool) : NULL;
        return status;
    }
    status = load(t, ".txt", row->txt, &text, pool);
    if (status == APR_SUCCESS) {
        status = load(t, ".html", row->html, &html, pool);
    }
    if (status == APR_SUCCESS) {
        message->text = fill(t, text, 0, pool);
        message->html = fill(t, html, 1, pool);
        status = split_subject(message, pool);
    }
    return status;
}
