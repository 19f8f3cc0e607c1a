/* SPDX-License-Identifier: Apache-2.0
 * Texts of messages: files of AuthSvcTemplateDir (NAME.txt, NAME.html, NAME.sms), or those built
 * in. %{code}, %{link}, %{site}, %{minutes} and %{life} (how long code or link are good, in words)
 * are put in. The first line of NAME.txt is "Subject: …", the
 * second is empty. Called by ops/outbox.
 */
#ifndef AS_OPS_TEMPLATES_H
#define AS_OPS_TEMPLATES_H

#include "authsvc.h"

typedef struct {
    const char *dir;  /* NULL: built in */
    const char *name;
    const char *code, *link; /* may be NULL */
    const char *site;        /* host of the issuer */
    apr_int64_t life;        /* the code's or link's, microseconds */
} as_template_t;

/* Fills subject, text and html (or text alone for SMS) of a message whose channel is set.
 * AS_EFAULT: there is no such template, or its file is no valid text of at most 64 KiB.
 */
apr_status_t as_template_render(const as_template_t *template, authsvc_message_t *message,
                                apr_pool_t *pool);

#endif
