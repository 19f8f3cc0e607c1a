/* SPDX-License-Identifier: Apache-2.0
 * Tests of base/fetch.h against a server that misbehaves in every way: deadline and limits hold.
 * Never leaves the loopback. Run by make check.
 */
#include "unit.h"

#include <apr_strings.h>
#include <apr_time.h>
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fetch.h"
#include "base/status.h"

#define MSEC APR_INT64_C(1000)
#define SEC APR_USEC_PER_SEC
#define CONNECTIONS_MAX 512
#define REQUEST_MAX 65536

/* ---- the server ---- */

/* What answers a path; it ends by itself once the client has gone. */
typedef struct {
    const char *path;
    void (*answer)(int fd, const char *request);
} site_t;

static struct {
    int listener, port;
    pthread_t acceptor, threads[CONNECTIONS_MAX];
    int connections;
    const char *header; /* a line of /header */
    SSL_CTX *tls;
} server;

static int requests; /* read whole, by all threads */

static int send_text(int fd, const char *text)
{
    return send(fd, text, strlen(text), MSG_NOSIGNAL) > 0;
}

static void send_ok(int fd, const char *headers, const char *body)
{
    char head[1024];

    snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", strlen(body),
             headers);
    send_text(fd, head);
    send_text(fd, body);
}

static void wait_for_end(int fd)
{
    char octets[1024];

    while (recv(fd, octets, sizeof(octets), 0) > 0) {
    }
}

static void say_hello(int fd, const char *request)
{
    (void)request;
    send_ok(fd, "Content-Type: text/plain; charset=utf-8\r\n", "hello");
}

static void say_request(int fd, const char *request)
{
    send_ok(fd, "", request);
}

static void say_header(int fd, const char *request)
{
    (void)request;
    send_ok(fd, server.header, "");
}

static void say_unavailable(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 503 Away\r\nContent-Length: 4\r\n\r\naway");
}

static void redirect(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 302 Found\r\nLocation: /hello\r\nContent-Length: 0\r\n\r\n");
}

static void hang(int fd, const char *request)
{
    (void)request;
    wait_for_end(fd);
}

static void drip(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
    while (send_text(fd, "x")) {
        apr_sleep(20 * MSEC);
    }
}

static void pour_body(int fd, const char *request)
{
    char block[1025];

    (void)request;
    memset(block, 'x', sizeof(block) - 1);
    block[sizeof(block) - 1] = '\0';
    send_text(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
    while (send_text(fd, block)) {
    }
}

static void pour_head(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 200 OK\r\n");
    while (send_text(fd, "X-More: and more and more and more\r\n")) {
    }
}

static void pour_continues(int fd, const char *request)
{
    (void)request;
    while (send_text(fd, "HTTP/1.1 100 Continue\r\nX-More: and more and more\r\n\r\n")) {
    }
}

static void promise_much(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\nx");
    wait_for_end(fd);
}

static void break_off(int fd, const char *request)
{
    (void)request;
    send_text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
}

static void talk_garbage(int fd, const char *request)
{
    (void)request;
    send_text(fd, "SSH-2.0-OpenSSH_9.2\r\n\r\n");
}

static void say_nothing(int fd, const char *request)
{
    (void)fd;
    (void)request;
}

static const site_t sites[] = {
    { "/hello ", say_hello },
    { "/request ", say_request },
    { "/header ", say_header },
    { "/unavailable ", say_unavailable },
    { "/redirect ", redirect },
    { "/hang ", hang },
    { "/drip ", drip },
    { "/pour-body ", pour_body },
    { "/pour-head ", pour_head },
    { "/pour-continues ", pour_continues },
    { "/promise-much ", promise_much },
    { "/break-off ", break_off },
    { "/garbage ", talk_garbage },
    { "/nothing ", say_nothing },
};

/* A request with as much of a body as its Content-Length says; 0 at the connection's end. */
static int read_request(int fd, char *request)
{
    size_t len = 0, whole = 0;

    do {
        ssize_t got = recv(fd, request + len, REQUEST_MAX - 1 - len, 0);
        const char *body, *length;

        if (got <= 0) {
            return 0;
        }
        len += (size_t)got;
        request[len] = '\0';
        body = strstr(request, "\r\n\r\n");
        length = strstr(request, "Content-Length: ");
        whole = body ? (size_t)(body + 4 - request)
                           + (length ? strtoul(length + 16, NULL, 10) : 0)
                     : SIZE_MAX;
    } while (len < whole);
    return 1;
}

/* Only what closes the connection after its answer leaves the loop. */
static int answer_one(int fd, const char *request)
{
    const char *path = strchr(request, ' ') + 1;

    __atomic_add_fetch(&requests, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < sizeof(sites) / sizeof(sites[0]); i++) {
        if (strncmp(path, sites[i].path, strlen(sites[i].path)) == 0) {
            sites[i].answer(fd, request);
            return i <= 4;
        }
    }
    return 0;
}

static void *serve_connection(void *baton)
{
    const int fd = (int)(intptr_t)baton;
    char *request = malloc(REQUEST_MAX);

    if (server.tls) {
        SSL *ssl = SSL_new(server.tls);
        char octets[100];

        SSL_set_fd(ssl, fd);
        if (SSL_accept(ssl) == 1 && SSL_read(ssl, octets, sizeof(octets)) > 0) {
            __atomic_add_fetch(&requests, 1, __ATOMIC_SEQ_CST);
        }
        SSL_free(ssl);
    } else {
        while (read_request(fd, request) && answer_one(fd, request)) {
        }
    }
    close(fd);
    free(request);
    return NULL;
}

static void *accept_connections(void *baton)
{
    int fd;

    (void)baton;
    while ((fd = accept(server.listener, NULL, NULL)) >= 0) {
        if (server.connections == CONNECTIONS_MAX
            || pthread_create(&server.threads[server.connections], NULL, serve_connection,
                              (void *)(intptr_t)fd) != 0) {
            close(fd);
            continue;
        }
        __atomic_add_fetch(&server.connections, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* A listening socket on a free port. */
static int listen_somewhere(int *port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
    ck_assert_int_eq(listen(fd, 64), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return fd;
}

static as_fetcher_t *fetcher;

static void server_setup(void)
{
    unit_setup();
    signal(SIGPIPE, SIG_IGN);
    memset(&server, 0, sizeof(server));
    requests = 0;
    server.listener = listen_somewhere(&server.port);
    ck_assert_int_eq(pthread_create(&server.acceptor, NULL, accept_connections, NULL), 0);
    ck_assert_int_eq(as_fetcher_create(&fetcher, 16, pool), APR_SUCCESS);
}

/* The client first: that ends the connections, and with them their threads. */
static void server_teardown(void)
{
    unit_teardown();
    shutdown(server.listener, SHUT_RDWR);
    pthread_join(server.acceptor, NULL);
    close(server.listener);
    for (int i = 0; i < server.connections; i++) {
        pthread_join(server.threads[i], NULL);
    }
    SSL_CTX_free(server.tls);
}

/* ---- the client ---- */

static authsvc_response_t response;
static const char *reason;

static const char *url_of(const char *path)
{
    return apr_psprintf(pool, "http://127.0.0.1:%d%s", server.port, path);
}

/* A GET of at most 64 KiB and a time. */
static authsvc_request_t get(const char *path, apr_interval_time_t time)
{
    return (authsvc_request_t){ .method = "GET", .url = url_of(path), .max = 65536,
                                .deadline = apr_time_now() + time };
}

/* Whatever happens, it happens in time, and failures have a reason that tells nothing. */
static apr_status_t fetch(const authsvc_request_t *request)
{
    apr_status_t rv;

    reason = NULL;
    rv = as_fetch(fetcher, request, &response, &reason, pool);
    ck_assert_int_lt(apr_time_now(), request->deadline + 10 * SEC);
    if (rv != APR_SUCCESS) {
        ck_assert_ptr_nonnull(reason);
        ck_assert_ptr_null(strstr(reason, "127.0.0.1"));
        ck_assert_int_eq(response.status, 0);
        ck_assert_uint_eq(response.len, 0);
    }
    return rv;
}

static apr_status_t fetch_path(const char *path)
{
    authsvc_request_t request = get(path, 5 * SEC);

    return fetch(&request);
}

START_TEST(a_reply_is_handed_over_whole)
{
    ck_assert_int_eq(fetch_path("/hello"), APR_SUCCESS);
    ck_assert_int_eq(response.status, 200);
    ck_assert_str_eq(response.type, "text/plain; charset=utf-8");
    ck_assert_str_eq(response.body, "hello");
    ck_assert_uint_eq(response.len, 5);
    ck_assert_int_eq(response.max_age, 0);
}
END_TEST

START_TEST(any_status_is_a_reply)
{
    ck_assert_int_eq(fetch_path("/unavailable"), APR_SUCCESS);
    ck_assert_int_eq(response.status, 503);
    ck_assert_str_eq(response.body, "away");
    ck_assert_str_eq(response.type, "");
}
END_TEST

START_TEST(redirects_are_not_followed)
{
    ck_assert_int_eq(fetch_path("/redirect"), APR_SUCCESS);
    ck_assert_int_eq(response.status, 302);
    ck_assert_str_eq(response.body, "");
    ck_assert_int_eq(requests, 1);
}
END_TEST

START_TEST(connections_are_kept)
{
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(fetch_path("/hello"), APR_SUCCESS);
    }
    ck_assert_int_eq(server.connections, 1);
}
END_TEST

START_TEST(a_post_carries_headers_and_body)
{
    const char *const headers[] = { "Authorization: Bearer abc", "Content-Type: application/json",
                                    NULL };
    authsvc_request_t request = get("/request", 5 * SEC);

    request.method = "POST";
    request.headers = headers;
    request.body = apr_psprintf(pool, "{\"a\":\"%02000d\"}", 7);
    request.body_len = strlen(request.body);
    ck_assert_int_eq(fetch(&request), APR_SUCCESS);
    ck_assert_int_eq(strncmp(response.body, "POST /request HTTP/1.1\r\n", 24), 0);
    ck_assert_ptr_nonnull(strstr(response.body, "\r\nAuthorization: Bearer abc\r\n"));
    ck_assert_ptr_nonnull(strstr(response.body, "\r\nContent-Type: application/json\r\n"));
    ck_assert_ptr_null(strstr(response.body, "Expect"));
    ck_assert_str_eq(strstr(response.body, "\r\n\r\n") + 4, request.body);

    /* nothing of it stays with the connection */
    ck_assert_int_eq(fetch_path("/request"), APR_SUCCESS);
    ck_assert_int_eq(strncmp(response.body, "GET ", 4), 0);
    ck_assert_ptr_null(strstr(response.body, "Authorization"));
    ck_assert_ptr_null(strstr(response.body, "Content-"));
}
END_TEST

START_TEST(the_environment_is_not_asked)
{
    const char *const names[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                  "ALL_PROXY" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        setenv(names[i], "http://127.0.0.1:1/", 1);
    }
    ck_assert_int_eq(fetch_path("/hello"), APR_SUCCESS);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        unsetenv(names[i]);
    }
}
END_TEST

START_TEST(deadlines_hold)
{
    const char *const paths[] = { "/hang", "/drip" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        authsvc_request_t request = get(paths[i], 300 * MSEC);

        ck_assert_int_eq(fetch(&request), APR_TIMEUP);
        ck_assert_int_gt(apr_time_now(), request.deadline - 10 * MSEC);
        ck_assert_int_lt(apr_time_now(), request.deadline + 5 * SEC);
    }
}
END_TEST

START_TEST(what_is_over_is_not_begun)
{
    authsvc_request_t request = get("/hello", -1);

    ck_assert_int_eq(fetch(&request), APR_TIMEUP);
    request.deadline = 0;
    ck_assert_int_eq(as_fetch(fetcher, &request, &response, &reason, pool), APR_TIMEUP);
    ck_assert_int_eq(server.connections, 0);
}
END_TEST

START_TEST(nobody_who_accepts)
{
    authsvc_request_t request = get("/hello", 300 * MSEC);
    int port, fd = listen_somewhere(&port);

    request.url = apr_psprintf(pool, "http://127.0.0.1:%d/", port);
    ck_assert_int_eq(fetch(&request), APR_TIMEUP);
    close(fd);
    request.deadline = apr_time_now() + 5 * SEC;
    ck_assert_int_eq(fetch(&request), AS_EUNAVAILABLE);
}
END_TEST

START_TEST(limits_hold)
{
    const char *const paths[] = { "/pour-body", "/pour-head", "/pour-continues", "/promise-much" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        ck_assert_msg(fetch_path(paths[i]) == AS_EUNAVAILABLE, "%s", paths[i]);
    }
}
END_TEST

START_TEST(a_limit_is_exact)
{
    authsvc_request_t request = get("/hello", 5 * SEC);

    request.max = 5;
    ck_assert_int_eq(fetch(&request), APR_SUCCESS);
    request.max = 4;
    ck_assert_int_eq(fetch(&request), AS_EUNAVAILABLE);
    ck_assert_str_eq(reason, "the reply is longer than allowed");
}
END_TEST

START_TEST(half_replies_are_none)
{
    const char *const paths[] = { "/break-off", "/garbage", "/nothing" };

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        ck_assert_msg(fetch_path(paths[i]) == AS_EUNAVAILABLE, "%s", paths[i]);
    }
}
END_TEST

START_TEST(ages_are_read)
{
    const struct {
        const char *header;
        apr_int64_t age;
    } rows[] = {
        { "Cache-Control: public, max-age=19000, must-revalidate\r\n", 19000 },
        { "cache-control: MAX-AGE=60\r\n", 60 },
        { "Cache-Control: max-age=60\r\nAge: 20\r\n", 40 },
        { "Cache-Control: max-age=60\r\nAge: 60\r\n", 0 },
        { "Cache-Control: max-age=60\r\nAge: soon\r\n", 0 },
        { "Cache-Control: max-age=60\r\nAge: -1\r\n", 0 },
        { "Cache-Control: max-age=60\r\nCache-Control: no-store\r\n", 0 },
        { "Cache-Control: max-age=60, max-age=30\r\n", 30 },
        { "Cache-Control: no-cache, max-age=60\r\n", 0 },
        { "Cache-Control: max-age=-60\r\n", 0 },
        { "Cache-Control: max-age=\r\n", 0 },
        { "Cache-Control: max-age=1x\r\n", 0 },
        { "Cache-Control: s-maxage=60\r\n", 0 },
        { "Cache-Control: max-age=99999999999\r\n", 31536000 },
        { "Cache-Control: max-age=99999999999999999999\r\n", 0 },
        { "Cache-Control:\r\n", 0 },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        server.header = rows[i].header;
        ck_assert_int_eq(fetch_path("/header"), APR_SUCCESS);
        ck_assert_msg(response.max_age == rows[i].age, "%s: %ld", rows[i].header,
                      (long)response.max_age);
    }
}
END_TEST

START_TEST(other_urls_are_not_allowed)
{
    const char *const urls[] = {
        NULL, "", "/hello", "127.0.0.1", "http://", "http://example.com/",
        "http://127.0.0.1.example.com/", "http://localhost.example.com/", "http://localhost./",
        "http://127.0.0.1@example.com/", "http://128.0.0.1/", "http://10.0.0.1/", "http://[::2]/",
        "http://0.0.0.0/", "http://127.1.1.1.1/", "http://127.256.0.1/", "ftp://127.0.0.1/",
        "file:///etc/hostname", "gopher://127.0.0.1/", "dict://127.0.0.1/", "smtp://127.0.0.1/",
        "ws://127.0.0.1/", "javascript:alert(1)", "https://user@example.com/",
        "https://user:word@example.com/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://", "http://127.0.0.1:99999/",
    };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        authsvc_request_t request = get("/hello", 5 * SEC);

        request.url = urls[i];
        ck_assert_msg(fetch(&request) == APR_EINVAL, "%s", urls[i] ? urls[i] : "NULL");
    }
}
END_TEST

START_TEST(loopback_has_several_names)
{
    const char *const hosts[] = { "127.0.0.1", "localhost", "LocalHost", "127.1", "0x7f000001" };

    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        authsvc_request_t request = get("/hello", 5 * SEC);

        request.url = apr_psprintf(pool, "http://%s:%d/hello", hosts[i], server.port);
        ck_assert_msg(fetch(&request) == APR_SUCCESS, "%s: %s", hosts[i], reason);
    }
}
END_TEST

START_TEST(other_requests_are_not_allowed)
{
    const char *const lines[] = {
        "", "X", "X:", "X:  ", ": y", "X y: z", "X: y\r\nZ: z", "X: y\n", "X: \x01", "X: \xff",
        "X;", "Host: example.com", "content-length: 1", "Transfer-Encoding: chunked",
        "Connection: close", "Expect: 100-continue", "Upgrade: h2c", "TE: trailers",
    };
    authsvc_request_t request;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const char *const headers[] = { "X: fine", lines[i], NULL };

        request = get("/hello", 5 * SEC);
        request.headers = headers;
        ck_assert_msg(fetch(&request) == APR_EINVAL, "%s", lines[i]);
    }
    request = get("/hello", 5 * SEC);
    request.method = "DELETE";
    ck_assert_int_eq(fetch(&request), APR_EINVAL);
    request.method = NULL;
    ck_assert_int_eq(fetch(&request), APR_EINVAL);
    request = get("/hello", 5 * SEC);
    request.body = "x";
    request.body_len = 1;
    ck_assert_int_eq(fetch(&request), APR_EINVAL);
    request = get("/hello", 5 * SEC);
    request.max = 0;
    ck_assert_int_eq(fetch(&request), APR_EINVAL);
    request.max = 16777217;
    ck_assert_int_eq(fetch(&request), APR_EINVAL);
    ck_assert_int_eq(server.connections, 0);
}
END_TEST

/* A certificate that nobody vouches for. */
static SSL_CTX *self_signed(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);

    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1,
                               0);
    X509_set_issuer_name(cert, name);
    ck_assert_int_gt(X509_sign(cert, key, EVP_sha256()), 0);
    ck_assert_int_eq(SSL_CTX_use_certificate(ctx, cert), 1);
    ck_assert_int_eq(SSL_CTX_use_PrivateKey(ctx, key), 1);
    X509_free(cert);
    EVP_PKEY_free(key);
    return ctx;
}

START_TEST(tls_is_verified)
{
    authsvc_request_t request = get("/hello", 5 * SEC);

    server.tls = self_signed();
    request.url = apr_psprintf(pool, "https://localhost:%d/hello", server.port);
    ck_assert_int_eq(fetch(&request), AS_EUNAVAILABLE);
    ck_assert_msg(strstr(reason, "certificate") != NULL, "%s", reason);
    ck_assert_int_eq(server.connections, 1);
    ck_assert_int_eq(requests, 0);
}
END_TEST

START_TEST(https_is_never_plain)
{
    authsvc_request_t request = get("/hello", 500 * MSEC);

    request.url = apr_psprintf(pool, "https://localhost:%d/hello", server.port);
    ck_assert_int_ne(fetch(&request), APR_SUCCESS);
    ck_assert_int_eq(requests, 0);
}
END_TEST

/* One thread's exchanges, in a pool of its own. */
static void *fetch_often(void *path)
{
    apr_pool_t *own;
    intptr_t failed = 0;

    apr_pool_create(&own, NULL);
    for (int i = 0; i < 20; i++) {
        authsvc_request_t request = { .method = "GET", .url = path, .max = 100,
                                      .deadline = apr_time_now() + 10 * SEC };
        authsvc_response_t got;
        const char *why;

        failed += as_fetch(fetcher, &request, &got, &why, own) != APR_SUCCESS
                  || strcmp(got.body, "hello") != 0;
    }
    apr_pool_destroy(own);
    return (void *)failed;
}

START_TEST(threads_share_a_fetcher)
{
    char *url = apr_pstrdup(pool, url_of("/hello"));
    pthread_t threads[8];

    for (int i = 0; i < 8; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, fetch_often, url), 0);
    }
    for (int i = 0; i < 8; i++) {
        void *failed;

        pthread_join(threads[i], &failed);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

static void *fetch_hanging(void *path)
{
    authsvc_request_t request = { .method = "GET", .url = path, .max = 100,
                                  .deadline = apr_time_now() + SEC };
    authsvc_response_t got;
    apr_pool_t *own;
    const char *why;
    intptr_t rv;

    apr_pool_create(&own, NULL);
    rv = as_fetch(fetcher, &request, &got, &why, own);
    apr_pool_destroy(own);
    return (void *)rv;
}

START_TEST(too_many_at_once_are_refused_at_once)
{
    char *url = apr_pstrdup(pool, url_of("/hang"));
    pthread_t hanging;
    void *rv;

    ck_assert_int_eq(as_fetcher_create(&fetcher, 0, pool), APR_EINVAL);
    ck_assert_int_eq(as_fetcher_create(&fetcher, 1, pool), APR_SUCCESS);
    ck_assert_int_eq(pthread_create(&hanging, NULL, fetch_hanging, url), 0);
    while (__atomic_load_n(&requests, __ATOMIC_SEQ_CST) == 0) {
        apr_sleep(MSEC);
    }
    ck_assert_int_eq(fetch_path("/hello"), AS_EBUSY);
    pthread_join(hanging, &rv);
    ck_assert_int_eq((intptr_t)rv, APR_TIMEUP);
    ck_assert_int_eq(fetch_path("/hello"), APR_SUCCESS);
}
END_TEST

/* The case of the suite, each of whose tests has a server of its own. */
static TCase *server_case(Suite *suite, const char *name)
{
    TCase *made = tcase_create(name);

    tcase_add_checked_fixture(made, server_setup, server_teardown);
    tcase_set_timeout(made, 30);
    suite_add_tcase(suite, made);
    return made;
}

int main(void)
{
    Suite *suite = suite_create("fetch");
    TCase *replies = server_case(suite, "replies");
    TCase *faults = server_case(suite, "faults");
    TCase *rules = server_case(suite, "rules");
    TCase *threads = server_case(suite, "threads");

    tcase_add_test(replies, a_reply_is_handed_over_whole);
    tcase_add_test(replies, any_status_is_a_reply);
    tcase_add_test(replies, redirects_are_not_followed);
    tcase_add_test(replies, connections_are_kept);
    tcase_add_test(replies, a_post_carries_headers_and_body);
    tcase_add_test(replies, the_environment_is_not_asked);
    tcase_add_test(replies, ages_are_read);
    tcase_add_test(faults, deadlines_hold);
    tcase_add_test(faults, what_is_over_is_not_begun);
    tcase_add_test(faults, nobody_who_accepts);
    tcase_add_test(faults, limits_hold);
    tcase_add_test(faults, a_limit_is_exact);
    tcase_add_test(faults, half_replies_are_none);
    tcase_add_test(rules, other_urls_are_not_allowed);
    tcase_add_test(rules, loopback_has_several_names);
    tcase_add_test(rules, other_requests_are_not_allowed);
    tcase_add_test(rules, tls_is_verified);
    tcase_add_test(rules, https_is_never_plain);
    tcase_add_test(threads, threads_share_a_fetcher);
    tcase_add_test(threads, too_many_at_once_are_refused_at_once);
    return unit_run(suite);
}
