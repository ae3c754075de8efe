/*
 * https_get URL [CA]: prints what is at a URL, https or http.  Trusts the certificates in the file
 * CA, or those that the system does.  Asks the proxy that https_proxy names in the environment.
 */
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>

/* How connections of a session are made. */
struct connector {
    struct gyre_http_connector base;
    SSL_CTX *context;
    const char *why; /* the latest could not be, if that is for TLS to say */
};

/* The session connects, by a proxy or not, and we speak TLS over that. */
static int secure(struct gyre_http_connector *base, const char *host, struct gyre_stream *beneath,
                  struct gyre_stream **out, gyre_time deadline)
{
    struct connector *c = GYRE_OWNER(base, struct connector, base);
    struct tls tls = {.context = c->context, .host = host};
    int err = tls_open(&tls, beneath, out, deadline);

    c->why = tls.why;
    return err;
}

static int print_body(struct gyre_http_response *response)
{
    char buf[16384];
    ssize_t n;

    while ((n = gyre_http_response_read(response, buf, sizeof buf, GYRE_FOREVER)) > 0)
        fwrite(buf, 1, (size_t)n, stdout);
    return (int)n;
}

struct program {
    const char *url;
    struct connector connector;
};

static int get(struct gyre_http_session *session, const char *url)
{
    struct gyre_http_response *response;
    int err = gyre_http_get(session, url, &response, GYRE_FOREVER);

    if (err)
        return err;
    err = print_body(response);
    if (err == 0 && gyre_http_status(response) != 200)
        err = -ENOENT;
    gyre_http_response_free(response);
    return err;
}

static intptr_t run(void *arg)
{
    struct program *p = arg;
    struct gyre_http_session_options options = {.connector = &p->connector.base,
                                                .proxy = getenv("https_proxy"),
                                                .connect_time = 10 * GYRE_SECOND};
    struct gyre_http_session *session;
    int err = gyre_http_session_new_with(&session, &options);

    if (err)
        return err;
    err = get(session, p->url);
    gyre_http_session_free(session);
    return err;
}

int main(int argc, char **argv)
{
    struct program p = {.connector.base.secure = secure};
    intptr_t err;

    if (argc < 2 || argc > 3) {
        fprintf(stderr, "usage: https_get URL [CA]\n");
        return 2;
    }
    p.url = argv[1];
    p.connector.context = tls_client_context(argc > 2 ? argv[2] : NULL);
    if (p.connector.context == NULL) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    err = gyre_run(run, &p);
    SSL_CTX_free(p.connector.context);
    if (err)
        fprintf(stderr, "https_get: %s%s%s\n", gyre_strerror((int)err), p.connector.why ? ": " : "",
                p.connector.why ? p.connector.why : "");
    return err != 0;
}
