/*
 * servers.c - a server, as tests have it.
 */
#include "tests/io/servers.h"

#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"

/* ---- a server, and what can be asked of it ---- */

struct gyre_server server;
struct gyre_event gate;

void be_stubborn(int seconds)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(seconds * S));
    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    (void)gyre_scope_close(&shield, 0);
}

static int do_as_told(char request)
{
    if (request == 's')
        gyre_server_stop(&server, gyre_in(S));
    if (request == 'x')
        be_stubborn(100);
    if (request == 'g')
        return gyre_event_wait(&gate, SOON);
    return request > '0' && request <= '9'
               ? gyre_sleep(gyre_in((request - '0') * S))
               : 0;
}

intptr_t answer(struct gyre_connection *c)
{
    char request;
    int err;

    cr_expect_eq(c->server, &server);
    cr_expect_null(c->stream->data);
    while ((err = gyre_connection_wait(c, GYRE_FOREVER)) > 0) {
        err = (int)gyre_read(c->stream, &request, 1, GYRE_NOW);
        cr_expect_eq(err, 1);
        err = do_as_told(request);
        if (err == 0)
            err = gyre_write(c->stream, &request, 1, GYRE_FOREVER);
        if (err)
            return err;
    }
    return err;
}

void expect_counts(uint64_t accepted, uint64_t refused, uint64_t finished,
                   uint64_t idle, uint64_t cancelled, uint64_t aborted)
{
    const struct gyre_server_counts *n = &server.counts;

    cr_expect_eq(n->accepted, accepted, "%d accepted", (int)n->accepted);
    cr_expect_eq(n->refused, refused, "%d refused", (int)n->refused);
    cr_expect_eq(n->finished, finished, "%d finished", (int)n->finished);
    cr_expect_eq(n->idle, idle, "%d idle", (int)n->idle);
    cr_expect_eq(n->cancelled, cancelled, "%d cancelled", (int)n->cancelled);
    cr_expect_eq(n->aborted, aborted, "%d aborted", (int)n->aborted);
    cr_expect_eq(n->open, 0);
}

/* ---- over memory, in a simulated time ---- */

struct gyre_stream *clients[VISITORS];
struct gyre_future served[VISITORS];
int visitors;
struct gyre_scope scope;
gyre_time until;

void open_server(void)
{
    server = (struct gyre_server){.handle = answer, .abort = S};
    visitors = 0;
    until = GYRE_FOREVER;
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
}

intptr_t serve_stream(void *stream)
{
    return gyre_serve_stream(&server, stream, until);
}

struct gyre_stream *visit(const char *request)
{
    struct gyre_stream *ends[2];

    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    clients[visitors] = ends[0];
    gyre_spawn(&scope, &served[visitors++], serve_stream, ends[1]);
    if (request[0] != '\0')
        cr_expect_eq(gyre_write(ends[0], request, strlen(request), GYRE_NOW),
                     0);
    let_others_run();
    return ends[0];
}

void close_server(int result)
{
    for (int i = 0; i < visitors; i++) {
        cr_expect_eq(gyre_await(&served[i], SOON), result);
        gyre_close(clients[i]);
    }
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
}

void expect_end(struct gyre_stream *s, ssize_t end, gyre_time when)
{
    char byte;

    cr_expect_eq(gyre_read(s, &byte, 1, SOON), end);
    cr_expect_eq(elapsed(), when, "after %lld ms", (long long)(elapsed() / MS));
}

/* ---- at a listener ---- */

struct gyre_listener *listener;
int port;
struct gyre_future serving;

intptr_t serve_listener(void *l)
{
    return gyre_serve(&server, l, GYRE_FOREVER);
}

void start_server(intptr_t (*handle)(struct gyre_connection *c))
{
    gate = (struct gyre_event){0};
    server = (struct gyre_server){.handle = handle, .abort = 1};
    listener = listen_anywhere(&port);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &serving, serve_listener, listener);
}

struct gyre_stream *connect_and_ask(const char *request)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s, SOON), 0);
    cr_expect_eq(gyre_write(s, request, strlen(request), SOON), 0);
    return s;
}

void finish_server(int result)
{
    cr_expect_eq(gyre_await(&serving, SOON), result);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(listener);
}
