/*
 * https_serve CHAIN KEY [PORT]: an HTTPS server, with the certificates and the key in these files.
 * GET / says hello; POST / sends back what comes, as it comes.  ^C to stop.
 */
#include "../number.h"
#include "tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <signal.h>
#include <stdio.h>

/* ---- what is served ---- */

static int hello(struct gyre_http_request *request)
{
    return gyre_http_reply_text(request, 200, "hello\n");
}

static int echo(struct gyre_http_request *request)
{
    char buf[16384];
    int err = gyre_http_reply_begin(request, 200, -1);

    while (err == 0) {
        ssize_t n = gyre_http_read_body(request, buf, sizeof buf, GYRE_FOREVER);

        if (n <= 0)
            return (int)n;
        err = gyre_http_reply_write(request, buf, (size_t)n, GYRE_FOREVER);
    }
    return err;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", hello},
    {"POST", "/", echo},
    {0},
};

/* ---- connections ---- */

struct server {
    struct gyre_wrapper wrapper; /* of what is accepted, in a task each, with ten seconds' time */
    SSL_CTX *context;
    int port;
    struct gyre_http_server *http;
    struct gyre_signal terminate;
};

static int wrap(struct gyre_wrapper *w, struct gyre_stream *tcp, struct gyre_stream **out,
                gyre_time deadline)
{
    struct tls tls = {.context = GYRE_OWNER(w, struct server, wrapper)->context};
    int err = tls_open(&tls, tcp, out, deadline);

    if (err)
        fprintf(stderr, "handshake: %s\n", tls.why ? tls.why : gyre_strerror(err));
    return err;
}

/* ---- the whole ---- */

/* Accept no more, and finish what is in flight.  (^C cancels all of it: gyre_run sees to that.) */
static void terminated(struct gyre_signal *s, unsigned times)
{
    (void)times;
    gyre_http_server_stop(GYRE_OWNER(s, struct server, terminate)->http);
}

static int announce(const struct gyre_listener *l)
{
    struct gyre_addr addr;
    char text[GYRE_ADDR_TEXT];
    int err = gyre_listener_addr(l, &addr);

    if (err == 0)
        printf("listening on %s\n", gyre_addr_format(&addr, text, sizeof text));
    fflush(stdout);
    return err;
}

static int serve(struct server *server)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_listener *listener;
    int err = gyre_tcp_listen("127.0.0.1", server->port, &listener, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_signal_start(l, &server->terminate, SIGTERM);
    if (err == 0)
        err = announce(listener);
    if (err == 0)
        err = gyre_http_serve(server->http, listener, GYRE_FOREVER);
    gyre_signal_stop(l, &server->terminate);
    gyre_listener_close(listener);
    return err;
}

static intptr_t run(void *arg)
{
    struct server *server = arg;
    struct gyre_http_options options = {.wrapper = &server->wrapper,
                                        .body_limit = 64 * 1024 * 1024};
    int err = gyre_http_server_new(&server->http, routes, &options);

    if (err)
        return err;
    err = serve(server);
    gyre_http_server_free(server->http);
    return err;
}

int main(int argc, char **argv)
{
    struct server server = {.wrapper.wrap = wrap,
                            .terminate = {.caught = terminated, .once = true}};
    intptr_t err;

    if (argc < 3 || argc > 4) {
        fprintf(stderr, "usage: https_serve CHAIN KEY [PORT]\n");
        return 2;
    }
    server.port = argc > 3 ? port_in(argv[3]) : 8443;
    server.context = tls_server_context(argv[1], argv[2]);
    if (server.context == NULL) {
        ERR_print_errors_fp(stderr);
        return 1;
    }
    err = gyre_run(run, &server);
    SSL_CTX_free(server.context);
    if (err && err != -ECANCELED)
        fprintf(stderr, "https_serve: %s\n", gyre_strerror((int)err));
    return err && err != -ECANCELED;
}
