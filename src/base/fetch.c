/* SPDX-License-Identifier: Apache-2.0
 * One HTTP exchange over libcurl (see fetch.h). The only place that sees libcurl.
 * Never logs, never names a URL or a header in a reason. Called through the host services.
 */
#include "base/fetch.h"

#include <apr_cstr.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <curl/curl.h>
#include <pthread.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"

#define IDLE_MAX 4
#define WAIT_MAX (60 * APR_USEC_PER_SEC)
#define BODY_MAX (16 * 1024 * 1024)
#define HEAD_MAX (64 * 1024)
#define AGE_MAX (365 * 86400)
#define AGENT "mod_authsvc"

/* A handle of curl's keeps its connections; one thread at a time uses it. */
struct as_fetcher_t {
    pthread_mutex_t mutex; /* guards what follows */
    int most, busy, idle;
    CURL *handles[IDLE_MAX]; /* those idle, the one used last on top */
};

/* A reply as it comes in. */
typedef struct {
    apr_pool_t *pool;
    char *body;
    apr_size_t len, size, max;
    apr_size_t head_len;
} reply_t;

/* ---- the fetcher ---- */

static CURLcode global_status;

static void global_init(void)
{
    global_status = curl_global_init(CURL_GLOBAL_DEFAULT);
}

static apr_status_t destroy(void *baton)
{
    as_fetcher_t *fetcher = baton;

    while (fetcher->idle > 0) {
        curl_easy_cleanup(fetcher->handles[--fetcher->idle]);
    }
    pthread_mutex_destroy(&fetcher->mutex);
    return APR_SUCCESS;
}

apr_status_t as_fetcher_create(as_fetcher_t **fetcher, int most, apr_pool_t *pool)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    as_fetcher_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t rv;

    if (most < 1) {
        return APR_EINVAL;
    }
    pthread_once(&once, global_init);
    if (global_status != CURLE_OK) {
        return AS_EFAULT;
    }
    rv = pthread_mutex_init(&made->mutex, NULL);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    made->most = most;
    apr_pool_cleanup_register(pool, made, destroy, apr_pool_cleanup_null);
    *fetcher = made;
    return APR_SUCCESS;
}

static apr_status_t take_handle(as_fetcher_t *fetcher, CURL **curl)
{
    apr_status_t rv = AS_EBUSY;

    *curl = NULL;
    pthread_mutex_lock(&fetcher->mutex);
    if (fetcher->busy < fetcher->most) {
        fetcher->busy++;
        rv = APR_SUCCESS;
        if (fetcher->idle > 0) {
            *curl = fetcher->handles[--fetcher->idle];
        }
    }
    pthread_mutex_unlock(&fetcher->mutex);
    if (rv == APR_SUCCESS && !*curl) {
        *curl = curl_easy_init();
    }
    return rv;
}

static void give_handle(as_fetcher_t *fetcher, CURL *curl)
{
    if (curl) {
        curl_easy_reset(curl); /* forgets the options, keeps the connections */
    }
    pthread_mutex_lock(&fetcher->mutex);
    fetcher->busy--;
    if (curl && fetcher->idle < IDLE_MAX) {
        fetcher->handles[fetcher->idle++] = curl;
        curl = NULL;
    }
    pthread_mutex_unlock(&fetcher->mutex);
    curl_easy_cleanup(curl);
}

/* ---- what may be asked ---- */

/* curl has written addresses in their usual form, and itself never looks localhost up. */
static int is_loopback(const char *host)
{
    struct in_addr address;

    return apr_cstr_casecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0
           || (inet_pton(AF_INET, host, &address) == 1 && strncmp(host, "127.", 4) == 0);
}

static int may_url(CURLU *url)
{
    char *scheme = NULL, *host = NULL;
    int may = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
              && curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK
              && (strcmp(scheme, "https") == 0
                  || (strcmp(scheme, "http") == 0 && is_loopback(host)));

    curl_free(scheme);
    curl_free(host);
    return may;
}

/* A name, a colon and a value that is not blank; the host's own headers are not for sale. */
static int may_header(const char *line)
{
    static const char *const own[] = { "Host", "Connection", "Content-Length", "Expect",
                                       "Transfer-Encoding", "TE", "Trailer", "Upgrade" };
    static const char token[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "!#$%&'*+-.^_`|~";
    const apr_size_t len = strspn(line, token);

    for (apr_size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
        if (len == strlen(own[i]) && apr_cstr_casecmpn(line, own[i], len) == 0) {
            return 0;
        }
    }
    return len > 0 && line[len] == ':' && line[len + 1 + strspn(line + len + 1, " ")]
           && as_text_points(line) >= 0 && !as_text_has_control(line);
}

/* What is not allowed of a request, or NULL and the URL as curl wants it. */
static const char *refuse(const authsvc_request_t *request, CURLU *url)
{
    const int is_post = request->method && strcmp(request->method, "POST") == 0;

    if (!is_post && (!request->method || strcmp(request->method, "GET") != 0)) {
        return "the method is neither GET nor POST";
    }
    if (!is_post && request->body_len > 0) {
        return "a GET has no body";
    }
    if (!request->url
        || curl_url_set(url, CURLUPART_URL, request->url, CURLU_DISALLOW_USER) != CURLUE_OK
        || !may_url(url)) {
        return "the URL is neither https nor plain http to the loopback";
    }
    for (const char *const *line = request->headers; line && *line; line++) {
        if (!may_header(*line)) {
            return "a header is malformed or not the caller's";
        }
    }
    return request->max >= 1 && request->max <= BODY_MAX ? NULL
                                                         : "the reply's limit is out of bounds";
}

/* ---- the reply ---- */

static size_t take_head(char *line, size_t size, size_t count, void *baton)
{
    reply_t *reply = baton;

    (void)line;
    reply->head_len += size * count;
    return reply->head_len <= HEAD_MAX ? size * count : 0;
}

static size_t take_body(char *octets, size_t size, size_t count, void *baton)
{
    reply_t *reply = baton;
    const apr_size_t len = size * count;

    if (len > reply->max - reply->len) {
        return 0;
    }
    if (reply->len + len >= reply->size) {
        char *grown;

        reply->size = 2 * (reply->len + len) + 1;
        grown = apr_palloc(reply->pool, reply->size);
        if (reply->len > 0) {
            memcpy(grown, reply->body, reply->len);
        }
        reply->body = grown;
    }
    memcpy(reply->body + reply->len, octets, len);
    reply->len += len;
    return len;
}

/* Seconds a reply may be kept by one header's directives: 0 if one forbids it, else as before. */
static apr_int64_t read_cache_control(const char *value, apr_int64_t age, apr_pool_t *pool)
{
    static const char max_age[] = "max-age=";
    char *rest, *directive = apr_strtok(apr_pstrdup(pool, value), ", \t", &rest);
    apr_int64_t number;

    for (; directive; directive = apr_strtok(NULL, ", \t", &rest)) {
        if (apr_cstr_casecmp(directive, "no-store") == 0
            || apr_cstr_casecmp(directive, "no-cache") == 0) {
            return 0;
        }
        if (apr_cstr_casecmpn(directive, max_age, strlen(max_age)) == 0
            && as_text_integer(directive + strlen(max_age), &number) && number >= 0) {
            age = number < age ? number : age;
        }
    }
    return age;
}

static const char *header_of(CURL *curl, const char *name, size_t which)
{
    struct curl_header *header;

    return curl_easy_header(curl, name, which, CURLH_HEADER, -1, &header) == CURLHE_OK
               ? header->value
               : NULL;
}

static apr_int64_t max_age_of(CURL *curl, apr_pool_t *pool)
{
    const apr_int64_t untold = APR_INT64_MAX;
    const char *age = header_of(curl, "Age", 0);
    apr_int64_t seconds = untold, passed = 0;
    const char *value;

    for (size_t i = 0; (value = header_of(curl, "Cache-Control", i)); i++) {
        seconds = read_cache_control(value, seconds, pool);
    }
    if (seconds == untold || (age && (!as_text_integer(age, &passed) || passed < 0))) {
        return 0;
    }
    seconds = seconds < AGE_MAX ? seconds : AGE_MAX;
    return passed < seconds ? seconds - passed : 0;
}

static void read_response(authsvc_response_t *response, CURL *curl, const reply_t *reply)
{
    const char *type = NULL;
    long status = 0;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
    if (reply->len > 0) {
        reply->body[reply->len] = '\0';
    }
    *response = (authsvc_response_t){
        .status = (int)status,
        .type = type ? apr_pstrdup(reply->pool, type) : "",
        .body = reply->len > 0 ? reply->body : "",
        .len = reply->len,
        .max_age = max_age_of(curl, reply->pool),
    };
}

/* ---- the exchange ---- */

/* The lines for curl; "Expect:" keeps it from asking before it sends a body. NULL: no memory. */
static struct curl_slist *make_headers(const char *const *lines)
{
    struct curl_slist *list = curl_slist_append(NULL, "Expect:");

    for (; list && lines && *lines; lines++) {
        struct curl_slist *longer = curl_slist_append(list, *lines);

        if (!longer) {
            curl_slist_free_all(list);
        }
        list = longer;
    }
    return list;
}

#define SET(option, value) (rv = rv ? rv : curl_easy_setopt(curl, option, value))

static CURLcode set_options(CURL *curl, CURLU *url, const authsvc_request_t *request,
                            apr_interval_time_t left, reply_t *reply)
{
    CURLcode rv = CURLE_OK;

    SET(CURLOPT_CURLU, url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_USERAGENT, AGENT);
    SET(CURLOPT_TIMEOUT_MS, (long)(left / 1000 + 1));
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* else a hung name server holds us past the deadline */
    SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->max); /* where the length is told ahead */
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, reply);
    SET(CURLOPT_HEADERFUNCTION, take_head);
    SET(CURLOPT_HEADERDATA, reply);
    if (strcmp(request->method, "POST") == 0) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
        SET(CURLOPT_POSTFIELDS, request->body_len > 0 ? request->body : "");
    }
    return rv;
}

static apr_status_t exchange(CURL *curl, CURLU *url, const authsvc_request_t *request,
                             authsvc_response_t *response, const char **reason, apr_pool_t *pool)
{
    const apr_time_t left = request->deadline - apr_time_now();
    struct curl_slist *headers = make_headers(request->headers);
    reply_t reply = { .pool = pool, .max = request->max };
    CURLcode rv = curl && headers ? CURLE_OK : CURLE_OUT_OF_MEMORY;

    if (left <= 0) {
        rv = CURLE_OPERATION_TIMEDOUT;
    }
    SET(CURLOPT_HTTPHEADER, headers);
    rv = rv ? rv : set_options(curl, url, request, left < WAIT_MAX ? left : WAIT_MAX, &reply);
    rv = rv ? rv : curl_easy_perform(curl);
    if (rv == CURLE_OK) {
        read_response(response, curl, &reply);
    } else {
        *reason = rv == CURLE_WRITE_ERROR || rv == CURLE_FILESIZE_EXCEEDED
                      ? "the reply is longer than allowed"
                      : curl_easy_strerror(rv);
    }
    curl_slist_free_all(headers);
    return rv == CURLE_OK ? APR_SUCCESS
           : rv == CURLE_OPERATION_TIMEDOUT ? APR_TIMEUP
                                            : AS_EUNAVAILABLE;
}

apr_status_t as_fetch(as_fetcher_t *fetcher, const authsvc_request_t *request,
                      authsvc_response_t *response, const char **reason, apr_pool_t *pool)
{
    CURLU *url = curl_url();
    CURL *curl;
    apr_status_t rv;

    *response = (authsvc_response_t){ .type = "", .body = "" };
    *reason = url ? refuse(request, url) : "no memory";
    if (*reason) {
        rv = APR_EINVAL;
        goto done;
    }
    rv = take_handle(fetcher, &curl);
    if (rv != APR_SUCCESS) {
        *reason = "too many exchanges are under way";
        goto done;
    }
    rv = exchange(curl, url, request, response, reason, pool);
    give_handle(fetcher, curl);

done:
    curl_url_cleanup(url);
    return rv;
}
