/*
 * test_server_reset.c - the claims of server.h about those who go on though
 * they are cancelled: over sockets.
 */
#include "io/server.h"

#include <errno.h>

#include "task/task.h"
#include "io/reading.h"
#include "io/unix.h"
#include "tests/io/servers.h"

/* ---- reset ---- */

struct ear {
    struct gyre_reading reading;
    char byte;
    int err;
    struct gyre_future told;
};

static void heard(struct gyre_reading *r, ssize_t n)
{
    struct ear *e = GYRE_OWNER(r, struct ear, reading);

    e->err = (int)n;
    gyre_future_set(&e->told, 0);
}

/* A handler is about to park, and nobody has a turn before it has. */
static struct gyre_event goes_on;

/* Not cancelled, and so woken by the reset alone; and the stream stays, for a
   task cannot be told to forget it. */
static void go_on(struct gyre_connection *c)
{
    struct gyre_stream *s = c->stream;
    struct gyre_addr peer;
    char byte;

    gyre_event_set(&goes_on);
    cr_expect_lt(gyre_read(s, &byte, 1, SOON), 0);
    cr_expect_lt(gyre_read(s, &byte, 1, SOON), 0);
    cr_expect_lt(gyre_write(s, "x", 1, SOON), 0);
    cr_expect_lt(gyre_shutdown(s, SOON), 0);
    cr_expect_lt(gyre_stream_descriptor(s), 0);
    cr_expect_lt(gyre_stream_peer(s, &peer), 0);
}

static void go_on_by_callback(struct gyre_connection *c)
{
    struct ear e = {.reading = {.read = heard, .size = 1}};

    e.reading.buf = &e.byte;
    gyre_future_init(&e.told);
    cr_expect_eq(gyre_reading_start(&e.reading, c->stream), 0);
    gyre_event_set(&goes_on);
    cr_expect_eq(gyre_await(&e.told, SOON), 0);
    cr_expect_lt(e.err, 0);
    cr_expect_neq(gyre_reading_start(&e.reading, c->stream), 0);
}

static intptr_t ignore(struct gyre_connection *c)
{
    struct gyre_scope shield;
    char request = '?';

    cr_expect_eq(gyre_read(c->stream, &request, 1, SOON), 1);
    gyre_scope_open_shielded(&shield, gyre_in(100 * S));
    if (request == 'c')
        go_on_by_callback(c);
    else
        go_on(c);
    return gyre_scope_close(&shield, 0);
}

CLAIM_ON_LOOPBACK(servers, reset_who_goes_on)
{
    static const char *const requests[] = {"t", "c"};

    for (int i = 0; i < 2; i++) {
        struct gyre_stream *s;
        char byte;

        gyre_event_clear(&goes_on);
        start_server(ignore);
        s = connect_and_ask(requests[i]);
        cr_expect_eq(gyre_event_wait(&goes_on, SOON), 0);
        gyre_server_stop(&server, GYRE_NOW);
        cr_expect_eq(gyre_read(s, &byte, 1, SOON), -ECONNRESET);
        gyre_close(s);
        finish_server(0);
        expect_counts(1, 0, 0, 0, 0, 1);
    }
}

CLAIM_ON_LOOPBACK(servers, of_local_sockets_are_stopped_as_well)
{
    struct gyre_stream *ends[2];
    char byte;

    gyre_event_clear(&goes_on);
    server = (struct gyre_server){.handle = ignore, .abort = 1};
    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    until = GYRE_FOREVER;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, serve_stream, ends[1]);
    cr_expect_eq(gyre_write(ends[0], "t", 1, SOON), 0);
    cr_expect_eq(gyre_event_wait(&goes_on, SOON), 0);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_leq(gyre_read(ends[0], &byte, 1, SOON), 0);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_close(ends[0]);
    expect_counts(1, 0, 0, 0, 0, 1);
}
