/* SPDX-License-Identifier: Apache-2.0
 * The cluster's secrets, the keys derived from them, and HMAC-SHA-256 under those. See mac.h.
 * Never keeps a secret itself: only what HKDF made of it. Called by ops/, seal and refresh.
 */
#include "crypto/mac.h"

#include <apr_file_io.h>
#include <apr_strings.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "base/status.h"
#include "crypto/fatal.h"
#include "crypto/hkdf.h"

#define SECRET_MIN 32
#define SECRET_MAX 512
#define FILE_MAX 65536
#define NAME_BYTES 4
#define SALT "mod_authsvc"
#define FORBIDDEN (APR_FPROT_GWRITE | APR_FPROT_WREAD | APR_FPROT_WWRITE)

static const char *const purposes[AS_PURPOSES] = {
    [AS_PURPOSE_REFRESH] = "refresh", [AS_PURPOSE_CODE] = "code", [AS_PURPOSE_LINK] = "link",
    [AS_PURPOSE_ADDRESS] = "address", [AS_PURPOSE_SEAL] = "seal",
};

typedef struct {
    const char *name;
    unsigned char keys[AS_PURPOSES][AS_MAC_BYTES];
    EVP_MAC_CTX *macs[AS_PURPOSES]; /* keyed once; a MAC works on a copy */
} secret_t;

struct as_secrets_t {
    apr_size_t count;
    secret_t of[AS_SECRETS_MAX];
};

static apr_status_t free_macs(void *baton)
{
    as_secrets_t *secrets = baton;

    for (apr_size_t i = 0; i < AS_SECRETS_MAX; i++) {
        for (int purpose = 0; purpose < AS_PURPOSES; purpose++) {
            EVP_MAC_CTX_free(secrets->of[i].macs[purpose]);
        }
    }
    return APR_SUCCESS;
}

static EVP_MAC_CTX *keyed_mac(const unsigned char key[AS_MAC_BYTES])
{
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
    EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

    EVP_MAC_free(mac);
    if (!ctx || !EVP_MAC_init(ctx, key, AS_MAC_BYTES, params)) {
        as_fatal("HMAC");
    }
    return ctx;
}

static void derive(const as_span_t secret, const char *info, unsigned char *out, apr_size_t len)
{
    if (!as_hkdf(secret, as_span(SALT), as_span(info), out, len)) {
        as_fatal("HKDF");
    }
}

static void add_secret(as_secrets_t *secrets, const as_span_t secret, apr_pool_t *pool)
{
    secret_t *added = &secrets->of[secrets->count++];
    unsigned char name[NAME_BYTES];

    derive(secret, "name", name, sizeof(name));
    added->name = as_hex_encode(pool, name, sizeof(name));
    for (int purpose = 0; purpose < AS_PURPOSES; purpose++) {
        derive(secret, purposes[purpose], added->keys[purpose], AS_MAC_BYTES);
        added->macs[purpose] = keyed_mac(added->keys[purpose]);
    }
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The line at text without the blanks around it; *next is the line after it, or NULL. */
static as_span_t take_line(const char *text, const char **next)
{
    const char *end = strchr(text, '\n');

    *next = end ? end + 1 : NULL;
    end = end ? end : text + strlen(text);
    while (text < end && is_blank(*text)) {
        text++;
    }
    while (text < end && is_blank(end[-1])) {
        end--;
    }
    return (as_span_t){ .at = text, .len = (apr_size_t)(end - text) };
}

/* NULL if the secret may follow those already found, else what is wrong with it. */
static const char *refuse_secret(const as_span_t *found, apr_size_t count, as_span_t secret,
                                 apr_pool_t *pool)
{
    int repeated = 0;

    if (secret.len < SECRET_MIN || secret.len > SECRET_MAX) {
        return apr_psprintf(pool, "has %" APR_SIZE_T_FMT " octets, a secret has %d to %d",
                            secret.len, SECRET_MIN, SECRET_MAX);
    }
    for (apr_size_t i = 0; i < count; i++) {
        repeated |= as_bytes_equal(found[i], secret);
    }
    if (repeated) {
        return "repeats an earlier secret";
    }
    if (count == AS_SECRETS_MAX) {
        return apr_psprintf(pool, "is one secret too many, %d are allowed", AS_SECRETS_MAX);
    }
    return NULL;
}

apr_status_t as_secrets_parse(as_secrets_t **secrets, const char *text, const char **error,
                              apr_pool_t *pool)
{
    as_span_t found[AS_SECRETS_MAX];
    apr_size_t count = 0;
    as_secrets_t *made;

    *secrets = NULL;
    *error = NULL;
    for (int number = 1; text; number++) {
        const as_span_t line = take_line(text, &text);
        const char *wrong;

        if (line.len == 0 || *(const char *)line.at == '#') {
            continue;
        }
        wrong = refuse_secret(found, count, line, pool);
        if (wrong) {
            *error = apr_psprintf(pool, "line %d %s", number, wrong);
            return AS_EFAULT;
        }
        found[count++] = line;
    }
    if (count == 0) {
        *error = apr_psprintf(pool, "there is no secret in it, put one of at least %d octets on a "
                              "line", SECRET_MIN);
        return AS_EFAULT;
    }
    made = apr_pcalloc(pool, sizeof(*made));
    as_wipe_with_pool(pool, made->of, sizeof(made->of));
    apr_pool_cleanup_register(pool, made, free_macs, apr_pool_cleanup_null);
    for (apr_size_t i = 0; i < count; i++) {
        add_secret(made, found[i], pool);
    }
    *secrets = made;
    return APR_SUCCESS;
}

/* NULL if a file of that kind may hold secrets, else what is wrong with it. */
static const char *refuse_file(const apr_finfo_t *info)
{
    if (info->filetype != APR_REG) {
        return "is no regular file";
    }
    if (info->protection & FORBIDDEN) {
        return "may be read or written by others, or written by its group: chmod 600 or 640";
    }
    return info->size > FILE_MAX ? "is too long, at most 64 KiB are allowed" : NULL;
}

apr_status_t as_secrets_read(as_secrets_t **secrets, const char *path, const char **error,
                             apr_pool_t *pool)
{
    const char *wrong = NULL;
    char *text = NULL;
    apr_size_t len = 0;
    apr_file_t *file;
    apr_finfo_t info;
    apr_status_t status;

    *secrets = NULL;
    /* Without APR_FOPEN_NONBLOCK a FIFO of that name would hold the server's start. */
    status = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_NONBLOCK, APR_OS_DEFAULT, pool);
    if (status != APR_SUCCESS) {
        *error = apr_psprintf(pool, "%s cannot be opened: %pm", path, &status);
        return status;
    }
    status = apr_file_info_get(&info, APR_FINFO_TYPE | APR_FINFO_PROT | APR_FINFO_SIZE, file);
    wrong = status == APR_SUCCESS ? refuse_file(&info) : "cannot be examined";
    if (wrong) {
        status = AS_EFAULT;
        goto done;
    }
    text = apr_pcalloc(pool, (apr_size_t)info.size + 1);
    status = apr_file_read_full(file, text, (apr_size_t)info.size, &len);
    if ((status != APR_SUCCESS && !APR_STATUS_IS_EOF(status)) || strlen(text) != len) {
        wrong = "cannot be read as text";
        status = AS_EFAULT;
        goto done;
    }
    status = as_secrets_parse(secrets, text, &wrong, pool);
done:
    *error = wrong ? apr_psprintf(pool, "%s: %s", path, wrong) : NULL;
    as_wipe(text, len);
    apr_file_close(file);
    return status;
}

apr_size_t as_secrets_count(const as_secrets_t *secrets)
{
    return secrets->count;
}

const char *as_secret_name(const as_secrets_t *secrets, apr_size_t which)
{
    return secrets->of[which].name;
}

const unsigned char *as_secret_key(const as_secrets_t *secrets, apr_size_t which,
                                   as_purpose_t purpose)
{
    return secrets->of[which].keys[purpose];
}

static int update_part(EVP_MAC_CTX *ctx, as_span_t part)
{
    unsigned char length[8];

    for (int i = 0; i < 8; i++) {
        length[i] = (unsigned char)((apr_uint64_t)part.len >> (56 - 8 * i));
    }
    return EVP_MAC_update(ctx, length, sizeof(length)) && EVP_MAC_update(ctx, part.at, part.len);
}

static void mac_with(const EVP_MAC_CTX *keyed, const as_span_t *parts, int n,
                     unsigned char mac[AS_MAC_BYTES])
{
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_dup(keyed);
    size_t len = 0;
    int sound = ctx != NULL;

    for (int i = 0; sound && i < n; i++) {
        sound = update_part(ctx, parts[i]);
    }
    sound = sound && EVP_MAC_final(ctx, mac, &len, AS_MAC_BYTES) && len == AS_MAC_BYTES;
    EVP_MAC_CTX_free(ctx);
    if (!sound) {
        as_fatal("HMAC");
    }
}

void as_mac(const as_secrets_t *secrets, as_purpose_t purpose, const as_span_t *parts, int n,
            unsigned char mac[AS_MAC_BYTES])
{
    mac_with(secrets->of[0].macs[purpose], parts, n, mac);
}

int as_mac_check(const as_secrets_t *secrets, as_purpose_t purpose, const as_span_t *parts, int n,
                 const unsigned char mac[AS_MAC_BYTES])
{
    const as_span_t given = { .at = mac, .len = AS_MAC_BYTES };
    unsigned char right[AS_MAC_BYTES];
    int matches = 0;

    for (apr_size_t i = 0; i < secrets->count; i++) {
        mac_with(secrets->of[i].macs[purpose], parts, n, right);
        matches |= as_bytes_equal(given, (as_span_t){ .at = right, .len = sizeof(right) });
    }
    as_wipe(right, sizeof(right));
    return matches;
}

const char *as_mac_text(apr_pool_t *pool, const as_secrets_t *secrets, as_purpose_t purpose,
                        const char *what, const char *text)
{
    const as_span_t parts[] = { as_span(what), as_span(text) };
    unsigned char mac[AS_MAC_BYTES];

    as_mac(secrets, purpose, parts, 2, mac);
    return as_hex_encode(pool, mac, sizeof(mac));
}

const char *as_mac_text_of(apr_pool_t *pool, const as_secrets_t *secrets, apr_size_t which,
                           as_purpose_t purpose, const as_span_t parts[2])
{
    unsigned char mac[AS_MAC_BYTES];

    mac_with(secrets->of[which].macs[purpose], parts, 2, mac);
    return as_hex_encode(pool, mac, sizeof(mac));
}

int as_mac_text_check(const as_secrets_t *secrets, as_purpose_t purpose, const char *what,
                      const char *text, const char *mac)
{
    const as_span_t parts[] = { as_span(what), as_span(text) };
    unsigned char given[AS_MAC_BYTES];

    return mac && as_hex_decode(mac, given, sizeof(given))
           && as_mac_check(secrets, purpose, parts, 2, given);
}
