/*
 * pair.c - WebSockets in a simulated world.
 */
#include "tests/io/http/websocket/pair.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/task.h"
#include "io/http/websocket/incoming.h"

struct pair pair;

int accept_and_serve(struct gyre_http_request *r)
{
    struct gyre_websocket *ws;
    int err;

    pair.accepted = gyre_websocket_accept(r, &pair.serving, &ws, GYRE_FOREVER);
    if (pair.accepted)
        return pair.accepted;
    pair.result = pair.served(ws);
    pair.code = gyre_websocket_code(ws);
    err = gyre_websocket_end(ws, pair.result, GYRE_FOREVER);
    pair.ended++;
    return err;
}

int echo(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    int err;

    while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0) {
        err = gyre_websocket_send(ws, m.kind, m.at, m.length, GYRE_FOREVER);
        if (err)
            break;
    }
    return err;
}

int listen_only(struct gyre_websocket *ws)
{
    struct gyre_websocket_message m;
    int err;

    while ((err = gyre_websocket_receive(ws, &m, GYRE_FOREVER)) > 0)
        continue;
    return err;
}

static const struct gyre_http_route routes[] = {
    {"GET", "/", accept_and_serve},
    {"POST", "/", accept_and_serve},
    {0},
};

static void ignore(struct gyre_http_log *log, const char *peer,
                   const char *what, int err)
{
    (void)log, (void)peer, (void)what, (void)err;
}

static struct gyre_http_log quiet = {.error = ignore};

static void prepare(server_side *served)
{
    pair.served = served;
    pair.accepted = pair.result = 1;
    pair.code = pair.ended = 0;
    if (pair.server_options.log == NULL)
        pair.server_options.log = &quiet;
}

/* ---- a client that says any bytes ---- */

static struct {
    struct gyre_websocket_incoming m;
    struct gyre_buf in, message;
    char text[4000];
} heard;

void raw_open(struct site *s, server_side *served)
{
    char line[200];

    prepare(served);
    memset(&heard, 0, sizeof heard);
    heard.m.limit = 1000000;
    site_open(s, routes, &pair.server_options, pair.weather.capacity);
    cr_expect_eq(gyre_write(s->client, ASK(""), sizeof ASK("") - 1, gyre_in(S)),
                 0);
    do {
        cr_expect_gt(gyre_read_line(s->client, line, sizeof line, gyre_in(S)),
                     0);
    } while (line[0] != '\0');
}

void raw_close(struct site *s)
{
    site_close(s);
    gyre_buf_free(&heard.in);
    gyre_buf_free(&heard.message);
    gyre_buf_free(&heard.m.message);
    memset(&pair, 0, sizeof pair);
}

void raw_say_bytes(struct site *s, const char *bytes, size_t n)
{
    cr_expect_eq(gyre_write(s->client, bytes, n, gyre_in(S)), 0);
}

static void add(const char *what, const void *bytes, size_t n)
{
    size_t used = strlen(heard.text);
    const char *space = n > 0 ? " " : "";

    if (n > 40)
        snprintf(heard.text + used, sizeof heard.text - used, "%s%s of %zu",
                 used > 0 ? "; " : "", what, n);
    else
        snprintf(heard.text + used, sizeof heard.text - used, "%s%s%s%.*s",
                 used > 0 ? "; " : "", what, space, (int)n,
                 (const char *)bytes);
}

static bool add_next(void)
{
    struct gyre_websocket_incoming *m = &heard.m;
    enum gyre_websocket_opcode kind = m->kind;
    char close[16];
    int event = gyre_websocket_incoming_next(m, &heard.in);

    switch (event) {
    case GYRE_WEBSOCKET_NOTHING: return false;
    case GYRE_WEBSOCKET_WHOLE:
        kind = m->kind;
        gyre_websocket_incoming_take(m, &heard.message);
        add(kind == GYRE_WEBSOCKET_TEXT ? "text" : "binary", heard.message.at,
            heard.message.length);
        return true;
    case GYRE_WEBSOCKET_PINGED: add("ping", NULL, 0); return true;
    case GYRE_WEBSOCKET_PONGED:
        add("pong", m->control, m->control_length);
        return true;
    case GYRE_WEBSOCKET_CLOSED:
        snprintf(close, sizeof close, "close %d", m->code);
        add(close, m->control, m->control_length);
        return true;
    default: add("nonsense", NULL, 0); return false;
    }
}

const char *raw_hear_for(struct site *s, gyre_time span)
{
    gyre_time until = gyre_in(span);
    char some[1000];
    ssize_t n;

    heard.text[0] = '\0';
    while ((n = gyre_read(s->client, some, sizeof some, until)) > 0) {
        cr_expect_eq(gyre_buf_append(&heard.in, some, (size_t)n), 0);
        while (add_next())
            continue;
    }
    if (n != -ETIMEDOUT)
        add(n == 0 ? "end" : "reset", NULL, 0);
    let_others_run();
    return heard.text;
}

const char *raw_hear(struct site *s)
{
    return raw_hear_for(s, MS);
}

/* ---- a client of this library ---- */

static intptr_t serve(void *stream)
{
    (void)!gyre_http_serve_stream(pair.server, stream, GYRE_FOREVER);
    return 0;
}

static int connect_pair(struct gyre_http_connector *c, const char *host,
                        int port, bool secure, struct gyre_stream **out,
                        gyre_time deadline)
{
    int err =
        gyre_memory_pair_with(gyre_loop_current(), &pair.weather, pair.ends);

    (void)c, (void)host, (void)port, (void)secure, (void)deadline;
    if (err)
        return err;
    err = gyre_spawn(&pair.scope, NULL, serve, pair.ends[1]);
    if (err) {
        gyre_close(pair.ends[0]);
        gyre_close(pair.ends[1]);
        return err;
    }
    *out = pair.ends[0];
    return 0;
}

int pair_begin(server_side *served)
{
    struct gyre_http_session_options asking = {.connector = &pair.connector};
    int err;

    prepare(served);
    pair.connector.connect = connect_pair;
    err = gyre_http_server_new(&pair.server, routes, &pair.server_options);
    if (err)
        return err;
    err = gyre_http_session_new_with(&pair.session, &asking);
    if (err)
        gyre_http_server_free(pair.server);
    else
        gyre_scope_open_tolerant(&pair.scope, GYRE_FOREVER);
    return err;
}

void pair_end(void)
{
    gyre_http_session_free(pair.session);
    gyre_http_server_stop(pair.server);
    (void)gyre_scope_close(&pair.scope, 0);
    gyre_http_server_free(pair.server);
    memset(&pair, 0, sizeof pair);
}

void pair_open(server_side *served)
{
    cr_expect_eq(pair_begin(served), 0);
}

int pair_connect(const struct gyre_websocket_options *options,
                 struct gyre_websocket **out)
{
    return gyre_websocket_connect(pair.session, "ws://site/", options, out,
                                  GYRE_FOREVER);
}

int send_text(struct gyre_websocket *ws, const char *text)
{
    return gyre_websocket_send(ws, GYRE_WEBSOCKET_TEXT, text, strlen(text),
                               GYRE_FOREVER);
}

const char *receive_text(struct gyre_websocket *ws, gyre_time span)
{
    static char text[100];
    struct gyre_websocket_message m = {0};
    int err = gyre_websocket_receive(ws, &m, gyre_in(span));

    if (err == 1)
        snprintf(text, sizeof text, "%s %.*s",
                 m.kind == GYRE_WEBSOCKET_TEXT ? "text" : "binary",
                 (int)m.length, m.at);
    else
        snprintf(text, sizeof text, "%d", err);
    return text;
}
