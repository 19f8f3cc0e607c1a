/* SPDX-License-Identifier: Apache-2.0
 * authsvcctl token verify: a token by the database's keys and sessions, or by a file of keys alone.
 * Never trusts the algorithm a token names. Called through the rows of authsvcctl.c.
 */
#include "ctl/ctl.h"

#include <stdio.h>
#include <string.h>

#include <apr_file_io.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "crypto/jws.h"
#include "ops/rotation.h"
#include "store/sessions.h"

#define LEEWAY 5 /* seconds, for nbf and iat */
#define ACCESS_TYPE "at+jwt"

typedef struct {
    ctl_t *ctl;
    const char *token;
    as_json_t *claims;
    as_standing_t standing;
} trial_t;

/* Up to max octets of a file; NULL and a line to stderr if there are more, or none can be read. */
static char *read_file(const ctl_t *ctl, apr_file_t *file, const char *name, apr_size_t max)
{
    char *text = apr_palloc(ctl->pool, max + 2);
    apr_size_t len = 0;
    apr_status_t status = apr_file_read_full(file, text, max + 1, &len);

    if ((status != APR_SUCCESS && status != APR_EOF) || len > max) {
        fprintf(stderr, "authsvcctl: %s cannot be read, or is too long\n", name);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

static const char *read_token(const ctl_t *ctl, const char *argument)
{
    apr_file_t *input;
    char *text, *end;

    if (strcmp(argument, "-") != 0) {
        return argument;
    }
    if (apr_file_open_stdin(&input, ctl->pool) != APR_SUCCESS) {
        return NULL;
    }
    text = read_file(ctl, input, "standard input", AS_JWS_MAX + 2); /* and a line's end */
    for (end = text ? text + strlen(text) : NULL; end > text && apr_isspace(end[-1]);) {
        *--end = '\0';
    }
    return text;
}

static const char *keys_of_file(const ctl_t *ctl, const char *path)
{
    apr_file_t *file;
    char why[128];
    apr_status_t status = apr_file_open(&file, path, APR_READ, APR_OS_DEFAULT, ctl->pool);

    if (status != APR_SUCCESS) {
        fprintf(stderr, "authsvcctl: %s: %s\n", path, apr_strerror(status, why, sizeof why));
        return NULL;
    }
    return read_file(ctl, file, path, AS_JWKS_MAX);
}

static int keys_of_store(ctl_t *ctl, ctl_desk_t *desk, const char **jwks)
{
    apr_array_header_t *stored, *keys = apr_array_make(ctl->pool, 4, sizeof(as_signing_key_t *));
    apr_status_t status = as_rotation_read(&desk->service, &stored, ctl->pool, ctl->pool);

    if (status != APR_SUCCESS) {
        return ctl_fail(status);
    }
    for (int i = 0; i < stored->nelts; i++) {
        as_signing_key_t *key = APR_ARRAY_IDX(stored, i, as_stored_key_t).key;

        if (key) {
            APR_ARRAY_PUSH(keys, as_signing_key_t *) = key;
        }
    }
    *jwks = as_json_text(ctl->pool,
                         as_keyring_jwks(as_keyring_create(ctl->pool, keys), ctl->pool));
    return CTL_OK;
}

/* ---- verdicts ---- */

/* What a word of as_jws_verify means. */
static const char *sentence_of(const char *word)
{
    static const struct {
        const char *word, *sentence;
    } rows[] = {
        { "form", "it is no signed token" },
        { "crit", "it has critical extensions" },
        { "kid", "no key of the set is the one it names" },
        { "alg", "its algorithm is not the key's, or neither ES256 nor RS256" },
        { "use", "its key is not for signatures" },
        { "signature", "its signature is wrong" },
        { "set", "the key set is none, or has no keys" },
        { "secret", "the key set holds a secret key" },
        { "twice", "the key set has two keys of one kid" },
        { "key", "its key is malformed or too short" },
    };

    for (apr_size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(rows[i].word, word) == 0) {
            return rows[i].sentence;
        }
    }
    return word;
}

static const char *refuse_claims(const trial_t *t)
{
    apr_int64_t now = apr_time_sec(apr_time_now()), exp, at;
    as_span_t part[AS_JWS_PARTS];
    const char *type = NULL;

    if (as_jws_split(t->token, AS_JWS_MAX, part)) {
        type = as_json_get_string(as_jws_object(t->ctl->pool, part[AS_JWS_HEADER]), "typ");
    }
    if (!type || strcmp(type, ACCESS_TYPE) != 0 || !as_json_is_object(t->claims)) {
        return "it is no access token";
    }
    if (!as_json_get_integer(t->claims, "exp", &exp) || exp <= now) {
        return "it has expired";
    }
    if ((as_json_get(t->claims, "nbf")
         && (!as_json_get_integer(t->claims, "nbf", &at) || at > now + LEEWAY))
        || !as_json_get_integer(t->claims, "iat", &at) || at > now + LEEWAY) {
        return "it is not valid yet";
    }
    return NULL;
}

static apr_status_t read_standing(as_db_t *db, void *baton, apr_pool_t *pool)
{
    trial_t *t = baton;
    const char *session = as_json_get_string(t->claims, "sid");
    const char *account = as_json_get_string(t->claims, "sub");

    return session && account ? as_session_standing(db, session, account, &t->standing, pool)
                              : AS_ENO;
}

/* Whether session and account still stand; *verdict is NULL if they do. */
static int ask_store(ctl_desk_t *desk, trial_t *t, const char **verdict)
{
    apr_status_t status = as_store_read(desk->service.store, read_standing, t, t->ctl->pool);
    apr_int64_t epoch = 0;

    if (status != APR_SUCCESS && status != AS_ENO) {
        return ctl_fail(status);
    }
    as_json_get_integer(t->claims, "epoch", &epoch);
    *verdict = status == AS_ENO ? "its session is not known"
               : t->standing.ended_at || t->standing.disabled_at || epoch < t->standing.epoch
                   ? "it has been revoked"
                   : NULL;
    return CTL_OK;
}

static int print_verdict(const trial_t *t, const as_jws_t *jws, const char *verdict)
{
    static const ctl_column_t columns[] = {
        { "verdict", 's', 0 }, { "alg", 's', 0 }, { "kid", 's', 0 }, { NULL, 0, 0 }
    };
    as_json_t *object = as_json_object(t->ctl->pool);

    as_json_set_boolean(object, "good", !verdict);
    as_json_set_string(object, "verdict", verdict ? verdict : "good");
    as_json_set_string(object, "alg", jws->alg);
    as_json_set_string(object, "kid", jws->kid);
    if (t->claims) {
        as_json_set(object, "payload", t->claims);
    } else {
        as_json_set_string(object, "payload", jws->payload);
    }
    if (!t->ctl->json && jws->payload) {
        fwrite(jws->payload, 1, jws->len, stdout);
        printf("\n");
    }
    ctl_print_object(t->ctl, object, columns);
    return verdict ? CTL_REFUSED : CTL_OK;
}

int ctl_token_verify(ctl_t *ctl)
{
    const char *file = ctl_flag(ctl, "jwks"), *jwks = NULL, *word, *verdict = NULL;
    int signature_only = ctl_flag(ctl, "signature-only") != NULL;
    trial_t t = { .ctl = ctl, .token = read_token(ctl, ctl->argv[0]) };
    ctl_desk_t desk;
    as_jws_t jws;
    int code = file || !t.token ? CTL_OK : ctl_open(ctl, &desk, 1);

    if (code == CTL_OK && !file && t.token) {
        code = keys_of_store(ctl, &desk, &jwks);
    }
    if (code == CTL_OK && file && t.token) {
        jwks = keys_of_file(ctl, file);
    }
    if (code != CTL_OK || !jwks) {
        return code != CTL_OK ? code : CTL_REFUSED;
    }
    if (as_jws_signature(ctl->pool, t.token, jwks, &jws, &word) != AS_JWS_SIGNED) {
        return print_verdict(&t, &jws, sentence_of(word));
    }
    t.claims = as_json_parse(ctl->pool, jws.payload, jws.len, NULL);
    if (!signature_only) {
        verdict = refuse_claims(&t);
    }
    if (!signature_only && !verdict && !file) {
        code = ask_store(&desk, &t, &verdict);
    }
    return code == CTL_OK ? print_verdict(&t, &jws, verdict) : code;
}
