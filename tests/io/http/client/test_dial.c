/*
 * test_dial.c - the claims of client.h about where connections come from, and
 * Unix sockets, over real ones.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "io/tcp.h"
#include "io/unix.h"
#include "io/http/client/session.h"
#include "tests/io/http/peers.h"

static char asked[1000]; /* what was, last */

/* Answer one request. */
static intptr_t answer(void *listener)
{
    static const char ok[] = OK("2", "ok");
    struct gyre_stream *s;
    ssize_t n = gyre_accept(listener, &s, GYRE_FOREVER);

    if (n < 0)
        return n;
    n = gyre_read(s, asked, sizeof asked - 1, GYRE_FOREVER);
    if (n > 0) {
        asked[n] = '\0';
        n = gyre_write(s, ok, sizeof ok - 1, GYRE_FOREVER);
    }
    gyre_close(s);
    return n;
}

/* Ask for `url` in a session with `options`, at `listener`, which is closed. */
static void ask_once(struct gyre_http_session_options options, const char *url,
                     struct gyre_listener *listener, const char *comes_to)
{
    struct gyre_scope s;

    cr_expect_eq(gyre_http_session_new_with(&session, &options), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, answer, listener);
    cr_expect_str_eq(ask(url, GYRE_FOREVER), comes_to);
    gyre_scope_cancel(&s);
    (void)gyre_scope_close(&s, 0);
    gyre_http_session_free(session);
    gyre_listener_close(listener);
}

static void ask_at_a_path(void)
{
    struct gyre_http_session_options options = {0};
    struct gyre_listener *listener;
    char folder[] = "/tmp/gyre-XXXXXX", path[64];

    cr_expect_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/socket", folder);
    cr_expect_eq(gyre_unix_listen(gyre_loop_current(), path, 0600, &listener),
                 0);
    options.unix_path = path;
    ask_once(options, "http://any.example/x", listener, "200 ok");
    cr_expect_not_null(
        strstr(asked, "GET /x HTTP/1.1\r\nHost: any.example\r\n"));
    rmdir(folder);
}

Test(dial, asks_at_a_unix_socket_for_any_host)
{
    hold_for_real(ask_at_a_path, 0);
}

/* Ask at a listener from `host`. */
static void ask_from(const char *host, const char *comes_to)
{
    struct gyre_http_session_options options = {0};
    struct gyre_listener *listener;
    struct gyre_addr there, from;
    char url[64];

    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &listener, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_listener_addr(listener, &there), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/", gyre_addr_port(&there));
    cr_expect_eq(gyre_addr_parse(&from, host, 0), 0);
    options.from = &from;
    ask_once(options, url, listener, comes_to);
}

/* The second is nobody's: RFC 5737. */
static void ask_from_here_and_elsewhere(void)
{
    ask_from("127.0.0.1", "200 ok");
    ask_from("192.0.2.1", failure(-EADDRNOTAVAIL));
}

Test(dial, connects_from_where_it_is_told)
{
    hold_for_real(ask_from_here_and_elsewhere, 0);
}
