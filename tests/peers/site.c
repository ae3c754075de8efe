/*
 * site.c - a server for peers to be strict with: what no example has.
 *
 *     site DIRECTORY [PORT]
 *
 * Of what it answers it prints a line: who asked, method, target, status, and
 * bytes of the reply; so that the tests see which connections were kept.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/result.h"
#include "task/run/run.h"
#include "task/task.h"
#include "io/http/server/request.h"
#include "io/http/server/server.h"
#include "io/http/websocket/websocket.h"

/* ---- what was sent ---- */

static int echo(struct gyre_http_request *r)
{
    const char *type = gyre_http_header(r, "Content-Type");
    char buf[16384];
    ssize_t n = 0;
    int err = gyre_http_set_header(r, "Content-Type",
                                   type ? type : "application/octet-stream");

    if (err == 0)
        err = gyre_http_reply_begin(r, 200, -1);
    while (err == 0) {
        n = gyre_http_read_body(r, buf, sizeof buf, GYRE_FOREVER);
        if (n <= 0)
            return (int)n;
        err = gyre_http_reply_write(r, buf, (size_t)n, GYRE_FOREVER);
    }
    return err;
}

/* The method, how long the body was, and what its bytes add up to. */
static int measure(struct gyre_http_request *r)
{
    struct gyre_json *json = gyre_http_reply_json(r, 200);
    char buf[16384];
    int64_t length = 0, sum = 0;
    ssize_t n;

    while ((n = gyre_http_read_body(r, buf, sizeof buf, GYRE_FOREVER)) > 0) {
        length += n;
        for (ssize_t i = 0; i < n; i++)
            sum += (unsigned char)buf[i];
    }
    if (n < 0)
        return (int)n;
    gyre_json_open(json, '{');
    gyre_json_string(json, "method", gyre_http_method(r));
    gyre_json_number(json, "length", length);
    gyre_json_number(json, "sum", sum);
    return gyre_json_close(json);
}

/* The field of a name. */
static int field(struct gyre_http_request *r)
{
    const char *value = gyre_http_header(r, gyre_http_param(r, "name"));

    return value ? gyre_http_reply_text(r, 200, value) : 404;
}

/* Of the body nothing is read. */
static int refuse(struct gyre_http_request *r)
{
    return gyre_http_reply_text(r, 403, "no\n");
}

/* ---- what is sent ---- */

static int64_t number(struct gyre_http_request *r)
{
    return strtoll(gyre_http_param(r, "n"), NULL, 10);
}

/* So many lines of eight bytes, numbered. */
static int lines(struct gyre_http_request *r, int64_t count, int64_t length)
{
    char buf[16 * 1024 + 1];
    int err = gyre_http_reply_begin(r, 200, length);

    for (int64_t i = 0; err == 0 && i < count;) {
        size_t n = 0;

        for (; n < 16 * 1024 && i < count; n += 8, i++)
            snprintf(buf + n, 9, "%07d\n", (int)i);
        err = gyre_http_reply_write(r, buf, n, GYRE_FOREVER);
    }
    return err;
}

static int sized(struct gyre_http_request *r)
{
    return lines(r, number(r), number(r) * 8);
}

static int chunked(struct gyre_http_request *r)
{
    return lines(r, number(r), -1);
}

/* Announced longer than it is. */
static int cut(struct gyre_http_request *r)
{
    return lines(r, number(r), number(r) * 8 + 1);
}

/* One line at a time, the next when a little time has passed. */
static int slow(struct gyre_http_request *r)
{
    int err = gyre_http_reply_begin(r, 200, -1);

    for (int64_t i = 0; err == 0 && i < number(r); i++) {
        char line[32];

        snprintf(line, sizeof line, "%07d\n", (int)i);
        err = gyre_http_reply_write(r, line, 8, GYRE_FOREVER);
        if (err == 0)
            err = gyre_sleep(gyre_in(20 * GYRE_MILLISECOND));
    }
    return err;
}

static int status(struct gyre_http_request *r)
{
    return (int)number(r);
}

static int redirect(struct gyre_http_request *r)
{
    const char *to = gyre_http_query(r, "to");

    return gyre_http_redirect(r, (int)number(r), to ? to : "/measure");
}

static int set_cookies(struct gyre_http_request *r)
{
    int err = gyre_http_add_header(r, "Set-Cookie", "flavour=oat; Path=/");

    if (err == 0)
        err = gyre_http_add_header(r, "Set-Cookie",
                                   "deep=1; Path=/cookies/deep; HttpOnly");
    return err ? err : gyre_http_reply_text(r, 200, "set\n");
}

static int see_cookies(struct gyre_http_request *r)
{
    const char *cookies = gyre_http_header(r, "Cookie");

    return gyre_http_reply_text(r, 200, cookies ? cookies : "none");
}

/* ---- WebSockets ---- */

static const struct gyre_websocket_options large = {
    .protocols = "chat.2, chat.1", .limit = 16 * 1024 * 1024};

/* Sends back what comes. */
static int socket_echo(struct gyre_http_request *r)
{
    struct gyre_websocket *ws;
    struct gyre_websocket_message m;
    int err = gyre_websocket_accept(r, &large, &ws, GYRE_FOREVER);

    if (err)
        return err;
    while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0) {
        err = gyre_websocket_send(ws, m.kind, m.at, m.length, GYRE_FOREVER);
        if (err)
            break;
    }
    printf("socket closed %d %s\n", gyre_websocket_code(ws),
           gyre_websocket_reason(ws));
    fflush(stdout);
    return gyre_websocket_end(ws, err, GYRE_FOREVER);
}

/* Closes with the code it is asked for. */
static int socket_close(struct gyre_http_request *r)
{
    struct gyre_websocket *ws;
    int err = gyre_websocket_accept(r, NULL, &ws, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_websocket_close(ws, (int)number(r), "as you like", GYRE_FOREVER);
    return gyre_websocket_end(ws, err, GYRE_FOREVER);
}

/* A message of so many parts; then pings, and leaves. */
static int socket_parts(struct gyre_http_request *r)
{
    struct gyre_websocket *ws;
    int err = gyre_websocket_accept(r, NULL, &ws, GYRE_FOREVER);

    if (err)
        return err;
    err = gyre_websocket_begin(ws, GYRE_WEBSOCKET_TEXT, GYRE_FOREVER);
    for (int64_t i = 0; err == 0 && i < number(r); i++) {
        char line[32];

        snprintf(line, sizeof line, "%07d\n", (int)i);
        err = gyre_websocket_write(ws, line, 8, GYRE_FOREVER);
    }
    if (err == 0)
        err = gyre_websocket_finish(ws, GYRE_FOREVER);
    if (err == 0)
        err = gyre_websocket_ping(ws, GYRE_FOREVER);
    return gyre_websocket_end(ws, err, GYRE_FOREVER);
}

/* ---- the whole ---- */

static void tell(struct gyre_http_log *log, const struct gyre_http_access *a)
{
    (void)log;
    printf("%s %.*s %.*s %d %llu\n", a->peer, (int)a->method.length,
           a->method.at ? a->method.at : "", (int)a->target.length,
           a->target.at ? a->target.at : "", a->status,
           (unsigned long long)a->bytes);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const struct gyre_http_route routes[] = {
        {"POST", "/echo", echo},
        {"PUT", "/echo", echo},
        {"GET", "/measure", measure},
        {"POST", "/measure", measure},
        {"PUT", "/measure", measure},
        {"PATCH", "/measure", measure},
        {"DELETE", "/measure", measure},
        {"PROPFIND", "/measure", measure},
        {"GET", "/field/{name}", field},
        {"POST", "/refuse", refuse},
        {"PUT", "/refuse", refuse},
        {"GET", "/sized/{n:int}", sized},
        {"GET", "/chunked/{n:int}", chunked},
        {"GET", "/cut/{n:int}", cut},
        {"GET", "/slow/{n:int}", slow},
        {"GET", "/status/{n:int}", status},
        {"GET", "/redirect/{n:int}", redirect},
        {"POST", "/redirect/{n:int}", redirect},
        {"PUT", "/redirect/{n:int}", redirect},
        {"GET", "/cookies/set", set_cookies},
        {"GET", "/cookies/{path:tail}", see_cookies},
        {"GET", "/socket", socket_echo},
        {"GET", "/socket/close/{n:int}", socket_close},
        {"GET", "/socket/parts/{n:int}", socket_parts},
        {"GET", "/files/{path:tail}", .directory = argc > 1 ? argv[1] : NULL},
        {0},
    };
    struct gyre_http_log log = {.access = tell};
    struct gyre_http_options options = {.log = &log,
                                        .body_limit = 64 * 1024 * 1024};
    int port = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0;
    int err;

    if (argc < 2) {
        fprintf(stderr, "usage: site DIRECTORY [PORT]\n");
        return 2;
    }
    err = gyre_http_run(routes, "127.0.0.1", port, &options);
    if (err)
        fprintf(stderr, "site: %s\n", gyre_strerror(err));
    return err != 0;
}
