/* SPDX-License-Identifier: Apache-2.0
 * Require authsvc-…: one row a rule, its arguments read while the line is parsed. Never asks the
 * database: a principal's roles are those of its token. Called by mod_authz_core.
 */
#include "server/authz.h"

#include <string.h>

#include <httpd.h>
#include <ap_provider.h>
#include <apr_strings.h>
#include <apr_time.h>
#include <http_request.h>
#include <mod_auth.h>

#include "base/text.h"
#include "ops/membership.h"
#include "server/principal.h"

#define FRESH_MAX (365 * 86400 * APR_USEC_PER_SEC)

/* Arguments of a line, as they are read once. */
typedef struct {
    const apr_array_header_t *words; /* const char * */
    apr_int64_t age;                 /* microseconds */
} rule_t;

/* ---- reading lines ---- */

static rule_t *read_words(cmd_parms *cmd, const char *line)
{
    apr_array_header_t *words = apr_array_make(cmd->pool, 2, sizeof(const char *));
    rule_t *rule = apr_pcalloc(cmd->pool, sizeof *rule);
    const char *word;

    while (*(word = ap_getword_conf(cmd->pool, &line))) {
        APR_ARRAY_PUSH(words, const char *) = word;
    }
    rule->words = words;
    return rule;
}

static const char *word_at(const rule_t *rule, int i)
{
    return APR_ARRAY_IDX(rule->words, i, const char *);
}

/* Each reader returns NULL, or what is allowed. */

static const char *read_names(rule_t *rule)
{
    int sound = rule->words->nelts;

    for (int i = 0; i < rule->words->nelts && sound; i++) {
        sound = as_role_is_sound(word_at(rule, i));
    }
    return sound ? NULL
                 : "one name or more of 1 to 64 letters, digits and _ . : - each, any of which "
                   "will do";
}

static const char *read_nothing(rule_t *rule)
{
    return rule->words->nelts ? "no arguments" : NULL;
}

static const char *read_age(rule_t *rule)
{
    return rule->words->nelts == 1 && as_text_duration(word_at(rule, 0), &rule->age)
                   && rule->age >= APR_USEC_PER_SEC && rule->age <= FRESH_MAX
               ? NULL
               : "a duration from 1s to 365d: how long ago the person may have signed in";
}

static const char *read_claim(rule_t *rule)
{
    return rule->words->nelts >= 2
               ? NULL
               : "a claim's name and one value or more, any of which will do";
}

static const char *parse(cmd_parms *cmd, const char *word, const char *line, const void **parsed,
                         const char *(*read)(rule_t *))
{
    rule_t *rule = read_words(cmd, line);
    const char *allowed = read(rule);

    *parsed = rule;
    return allowed ? apr_psprintf(cmd->pool, "Require %s: \"%s\" is not allowed: it takes %s", word,
                                  line, allowed)
                   : NULL;
}

/* ---- the rules ---- */

static int has_word(const char *words, const char *wanted)
{
    apr_size_t len = strlen(wanted);

    while (words && *words) {
        apr_size_t n = strcspn(words, " ");

        if (n == len && memcmp(words, wanted, n) == 0) {
            return 1;
        }
        words += n + (words[n] == ' ');
    }
    return 0;
}

static int has_any(const char *words, const rule_t *rule)
{
    for (int i = 0; i < rule->words->nelts; i++) {
        if (has_word(words, word_at(rule, i))) {
            return 1;
        }
    }
    return 0;
}

static int has_role(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    (void)r;
    return has_any(p->roles, rule);
}

static int has_team(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    (void)r;
    return has_any(p->team, rule);
}

static int is_verified(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    (void)r;
    (void)rule;
    return p->email || p->phone;
}

/* A value as it stands in JSON; a string without its quotes. */
static int is_value(const as_json_t *value, const char *wanted, apr_pool_t *pool)
{
    const char *text = as_json_string(value);

    return strcmp(text ? text : as_json_text(pool, value), wanted) == 0;
}

static int has_claim(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    const as_json_t *claim = as_principal_claim(r, word_at(rule, 0)), *element;

    (void)p;
    for (int i = 1; claim && i < rule->words->nelts; i++) {
        if (is_value(claim, word_at(rule, i), r->pool)) {
            return 1;
        }
        for (apr_size_t k = 0; (element = as_json_at(claim, k)) != NULL; k++) {
            if (is_value(element, word_at(rule, i), r->pool)) {
                return 1;
            }
        }
    }
    return 0;
}

/* What a principal lacks that a step-up would bring is noted: the guard says so, if it matters. */
static int has_mfa(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    as_note_t *note = as_note_of(r);

    (void)rule;
    if (has_word(p->amr, "mfa")) {
        return 1;
    }
    note->step_up.mfa = 1;
    return note->assume_step_up;
}

static int is_fresh(request_rec *r, const as_principal_t *p, const rule_t *rule)
{
    as_note_t *note = as_note_of(r);
    apr_int64_t *least = &note->step_up.max_age;

    if (r->request_time - p->auth_time <= rule->age) {
        return 1;
    }
    *least = *least == 0 || rule->age < *least ? rule->age : *least;
    return note->assume_step_up;
}

/* ---- the table, as mod_authz_core sees it ---- */

/* Rules are about whom this request itself has proven to be: httpd asks them where it has. */
static authz_status check(request_rec *r, const void *parsed,
                          int (*rule)(request_rec *, const as_principal_t *, const rule_t *))
{
    const as_note_t *note = as_note_find(r);

    if (!note || !note->principal) {
        return r->user ? AUTHZ_DENIED : AUTHZ_DENIED_NO_USER;
    }
    return rule(r, note->principal, parsed) ? AUTHZ_GRANTED : AUTHZ_DENIED;
}

#define RULES(RULE)                                     \
    RULE("authsvc-role", has_role, read_names)          \
    RULE("authsvc-team", has_team, read_names)          \
    RULE("authsvc-mfa", has_mfa, read_nothing)          \
    RULE("authsvc-fresh", is_fresh, read_age)           \
    RULE("authsvc-verified", is_verified, read_nothing) \
    RULE("authsvc-claim", has_claim, read_claim)

/* httpd's functions are not told which word they stand for: each rule has two of its own. */
#define FUNCTIONS(word, rule, read)                                                        \
    static const char *parse_##rule(cmd_parms *cmd, const char *line, const void **parsed) \
    {                                                                                      \
        return parse(cmd, word, line, parsed, read);                                       \
    }                                                                                      \
                                                                                           \
    static authz_status check_##rule(request_rec *r, const char *line, const void *parsed) \
    {                                                                                      \
        (void)line;                                                                        \
        return check(r, parsed, rule);                                                     \
    }
#define ROW(word, rule, read) { word, { check_##rule, parse_##rule } },

RULES(FUNCTIONS)

static const struct {
    const char *word;
    authz_provider provider;
} rules[] = { RULES(ROW) };

void as_authz_register(apr_pool_t *pool)
{
    for (apr_size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        ap_register_auth_provider(pool, AUTHZ_PROVIDER_GROUP, rules[i].word,
                                  AUTHZ_PROVIDER_VERSION, &rules[i].provider,
                                  AP_AUTH_INTERNAL_PER_CONF);
    }
}
