/*
 * test_server.c - the claims of server.h.
 */
#include "io/server.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/memory.h"
#include "io/reading.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "tests/io/loopback.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define S    GYRE_SECOND
#define SOON gyre_in(20 * S)

/* ---- a server, and what can be asked of it ---- */

static struct gyre_server server;

/* Sleeps on when it is cancelled, for so many seconds. */
static void be_stubborn(int seconds)
{
    struct gyre_scope shield;

    gyre_scope_open_shielded(&shield, gyre_in(seconds * S));
    cr_expect_eq(gyre_sleep(GYRE_FOREVER), -ECANCELED);
    (void)gyre_scope_close(&shield, 0);
}

/* A digit takes so many seconds; 's' stops the server, and 'x' does not hear
   that it is cancelled. */
static int do_as_told(char request)
{
    if (request == 's')
        gyre_server_stop(&server, gyre_in(S));
    if (request == 'x')
        be_stubborn(100);
    return request > '0' && request <= '9'
               ? gyre_sleep(gyre_in((request - '0') * S))
               : 0;
}

static intptr_t answer(struct gyre_connection *c)
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

/* What there is of everything; the first is the sum. */
static void expect_counts(uint64_t accepted, uint64_t refused,
                          uint64_t finished, uint64_t idle, uint64_t cancelled,
                          uint64_t aborted)
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

enum { VISITORS = 5 };

static struct gyre_stream *clients[VISITORS];
static struct gyre_future served[VISITORS];
static int visitors;
static struct gyre_scope scope;
static gyre_time until;

static void open_server(void)
{
    server = (struct gyre_server){.handle = answer, .abort = S};
    visitors = 0;
    until = GYRE_FOREVER;
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
}

static intptr_t serve_stream(void *stream)
{
    return gyre_serve_stream(&server, stream, until);
}

/* One more connection, which asks for that. */
static struct gyre_stream *visit(const char *request)
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

static void close_server(int result)
{
    for (int i = 0; i < visitors; i++) {
        cr_expect_eq(gyre_await(&served[i], SOON), result);
        gyre_close(clients[i]);
    }
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
}

/* Nothing comes but `end`, which it does when the world is that old. */
static void expect_end(struct gyre_stream *s, ssize_t end, gyre_time when)
{
    char byte;

    cr_expect_eq(gyre_read(s, &byte, 1, SOON), end);
    cr_expect_eq(elapsed(), when, "after %lld ms", (long long)(elapsed() / MS));
}

/* asyncio's wait_closed waits for the last client to hang up, and hangs if one
   does not; or, in other years, did not wait at all. */
CLAIM(servers, are_stopped_in_stages_which_are_counted)
{
    struct gyre_stream *idle, *quick, *slow, *stubborn;

    open_server();
    idle = visit("");
    quick = visit("1");
    slow = visit("9");
    stubborn = visit("x");
    cr_expect_eq(server.counts.open, 4);
    gyre_server_stop(&server, gyre_in(2 * S));
    cr_expect(!gyre_future_done(&served[0]));
    expect_end(idle, 0, 0);
    expect_end(quick, 1, S);
    expect_end(quick, 0, S);
    expect_end(slow, 0, 2 * S);
    expect_end(stubborn, -ECONNRESET, 3 * S);
    cr_expect(!gyre_future_done(&served[3]));
    cr_expect_eq(gyre_await(&served[3], GYRE_FOREVER), 0);
    cr_expect_eq(elapsed(), 100 * S);
    close_server(0);
    expect_counts(4, 0, 0, 2, 1, 1);
}

CLAIM(servers, count_who_leaves_by_himself)
{
    open_server();
    for (int i = 0; i < 3; i++)
        visit("");
    gyre_close(clients[0]);
    clients[0] = NULL;
    let_others_run();
    cr_expect_eq(server.counts.finished, 1);
    cr_expect_eq(server.counts.open, 2);
    gyre_server_stop(&server, GYRE_NOW);
    close_server(0);
    expect_counts(3, 0, 1, 2, 0, 0);
}

/* aiohttp closed connections as idle on which a request was just coming in. */
CLAIM(servers, answer_what_has_come_in_the_moment_they_are_stopped)
{
    char byte = '?';

    open_server();
    visit("");
    cr_expect_eq(gyre_write(clients[0], "1", 1, GYRE_NOW), 0);
    gyre_server_stop(&server, gyre_in(2 * S));
    cr_expect_eq(gyre_read(clients[0], &byte, 1, SOON), 1);
    cr_expect_eq(byte, '1');
    expect_end(clients[0], 0, S);
    close_server(0);
    expect_counts(1, 0, 0, 1, 0, 0);
}

/* What a handler has read ahead is a request as well. */
CLAIM(servers, answer_all_that_was_asked_for_before)
{
    char bytes[4] = "";

    open_server();
    visit("111");
    gyre_server_stop(&server, gyre_in(5 * S));
    cr_expect_eq(gyre_read_exact(clients[0], bytes, 3, SOON), 0);
    expect_end(clients[0], 0, 3 * S);
    close_server(0);
    expect_counts(1, 0, 0, 1, 0, 0);
}

CLAIM(servers, may_be_stopped_by_a_handler)
{
    char byte;

    open_server();
    visit("");
    visit("s");
    cr_expect_eq(gyre_read(clients[1], &byte, 1, SOON), 1);
    close_server(0);
    cr_expect_eq(elapsed(), 0);
    expect_counts(2, 0, 0, 2, 0, 0);
}

/* Of several limits the nearest holds, whichever came first. */
CLAIM(servers, may_be_stopped_again_and_then_at_once)
{
    static const struct {
        gyre_time first, second, ended;
    } cases[] = {
        {100 * S, 0, 0},
        {100 * S, 2 * S, 3 * S},
        {2 * S, 100 * S, 2 * S},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        gyre_time began = elapsed();

        open_server();
        visit("9");
        gyre_server_stop(&server, gyre_in(cases[i].first));
        if (cases[i].ended == 3 * S)
            cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
        gyre_server_stop(&server, gyre_in(cases[i].second));
        close_server(0);
        cr_expect_eq(elapsed() - began, cases[i].ended);
        gyre_server_stop(&server, GYRE_NOW);
        expect_counts(1, 0, 0, 0, 1, 0);
    }
}

/* The second is no reason to begin the wait for the stubborn anew. */
CLAIM(servers, may_be_stopped_again_while_they_wait_for_the_cancelled)
{
    open_server();
    visit("x");
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_eq(gyre_sleep(gyre_in(S / 2)), 0);
    gyre_server_stop(&server, GYRE_NOW);
    expect_end(clients[0], -ECONNRESET, S);
    cr_expect_eq(gyre_await(&served[0], GYRE_FOREVER), 0);
    close_server(0);
    expect_counts(1, 0, 0, 0, 0, 1);
}

CLAIM(servers, that_were_stopped_serve_nobody)
{
    open_server();
    gyre_server_stop(&server, GYRE_NOW);
    visit("");
    expect_end(clients[0], 0, 0);
    close_server(0);
    expect_counts(1, 1, 0, 0, 0, 0);
}

/* Guards against one that is let in when there is room, behind the end of all who
   are idle. */
CLAIM(servers, that_are_stopped_let_nobody_in_who_waits_for_room)
{
    open_server();
    server.most = 1;
    visit("3");
    visit("");
    cr_expect_eq(server.counts.open, 1);
    gyre_server_stop(&server, gyre_in(9 * S));
    expect_end(clients[1], 0, 0);
    close_server(0);
    cr_expect_eq(elapsed(), 3 * S);
    expect_counts(2, 1, 0, 1, 0, 0);
}

static struct gyre_stream *released;

static intptr_t release(struct gyre_connection *c)
{
    released = gyre_connection_release(c);
    cr_expect_null(c->stream);
    return 0;
}

CLAIM(servers, leave_alone_what_a_handler_has_released)
{
    char byte;

    open_server();
    server.handle = release;
    visit("");
    cr_expect_eq(gyre_await(&served[0], SOON), 0);
    cr_expect_eq(gyre_write(released, "x", 1, SOON), 0);
    cr_expect_eq(gyre_read(clients[0], &byte, 1, SOON), 1);
    gyre_close(released);
    close_server(0);
    expect_counts(1, 0, 1, 0, 0, 0);
}

/* Stopped between a connection's acceptance and its handler. */
CLAIM(servers, stopped_before_a_handler_had_its_turn_do_not_call_it)
{
    struct gyre_stream *ends[2];

    open_server();
    cr_expect_eq(gyre_memory_pair(gyre_loop_current(), 0, ends), 0);
    clients[visitors] = ends[0];
    gyre_spawn_with(&scope, &served[visitors++], serve_stream, ends[1],
                    &(struct gyre_spawn_options){.eager = true});
    gyre_server_stop(&server, gyre_in(S));
    close_server(0);
    expect_counts(1, 1, 0, 0, 0, 0);
}

/* ---- cancelled, or late ---- */

CLAIM(servers, that_are_cancelled_are_stopped_without_a_limit)
{
    open_server();
    visit("");
    visit("9");
    visit("x");
    gyre_scope_cancel(&scope);
    for (int i = 0; i < visitors; i++)
        gyre_close(clients[i]);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    for (int i = 0; i < visitors; i++)
        cr_expect_eq(gyre_future_result(&served[i]), -ECANCELED);
    expect_counts(3, 0, 0, 1, 1, 1);
}

CLAIM(servers, are_bounded_by_their_deadline)
{
    open_server();
    until = gyre_in(2 * S);
    visit("");
    visit("1");
    visit("9");
    close_server(-ETIMEDOUT);
    cr_expect_eq(elapsed(), 2 * S);
    expect_counts(3, 0, 0, 2, 1, 0);
}

/* ---- handlers ---- */

/* Has its own idea of when to end. */
static intptr_t be_patient(struct gyre_connection *c)
{
    struct gyre_scope own;

    cr_expect_eq(gyre_connection_wait(c, gyre_in(S)), -ETIMEDOUT);
    gyre_scope_open(&own, gyre_in(S));
    cr_expect_eq(gyre_connection_wait(c, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&own, 0), -ETIMEDOUT);
    cr_expect_eq(gyre_connection_wait(c, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_connection_wait(c, GYRE_NOW), 1, "it is still there");
    return 0;
}

CLAIM(servers, leave_it_to_the_handler_how_long_it_is_idle)
{
    open_server();
    server.handle = be_patient;
    visit("");
    cr_expect_eq(gyre_sleep(gyre_in(3 * S)), 0);
    cr_expect_eq(gyre_write(clients[0], "x", 1, GYRE_NOW), 0);
    close_server(0);
    expect_counts(1, 0, 1, 0, 0, 0);
}

/* Will not hear that it is to go. */
static intptr_t be_deaf(struct gyre_connection *c)
{
    int times = 0;

    while (gyre_connection_wait(c, GYRE_FOREVER) == -ECANCELED && times++ < 3)
        cr_expect_eq(gyre_sleep(gyre_in(S)), 0);
    return gyre_sleep(gyre_in(10 * S));
}

CLAIM(servers, cancel_who_goes_on_though_he_was_told_to_go)
{
    open_server();
    server.handle = be_deaf;
    visit("");
    gyre_server_stop(&server, gyre_in(5 * S));
    close_server(0);
    cr_expect_eq(elapsed(), 5 * S);
    expect_counts(1, 0, 0, 0, 1, 0);
}

static intptr_t fail(struct gyre_connection *c)
{
    (void)c;
    return server.counts.accepted == 1 ? -EIO : -ECONNRESET;
}

CLAIM(servers, tell_of_failures_that_are_no_peers_doing)
{
    open_server();
    server.handle = fail;
    visit("");
    visit("");
    close_server(0);
    cr_expect_eq(world->failures, 1);
    cr_expect_eq(world->failure, -EIO);
    world->failures = 0;
    expect_counts(2, 0, 2, 0, 0, 0);
}

/* ---- wrapping ---- */

static bool wraps_for_ever;

/* Shakes hands, which is a byte each way, and makes do with what is beneath. */
static int shake_hands(struct gyre_wrapper *w, struct gyre_stream *beneath,
                       struct gyre_stream **out, gyre_time deadline)
{
    char byte;
    int err;

    cr_expect_eq(w, server.wrapper);
    if (wraps_for_ever)
        be_stubborn(100);
    err = gyre_read_exact(beneath, &byte, 1, deadline);
    if (err == 0)
        err = gyre_write(beneath, &byte, 1, deadline);
    *out = beneath;
    return err == 0 && byte != 'h' ? -EPROTO : err;
}

static struct gyre_wrapper wrapper = {.wrap = shake_hands};

static void open_wrapping_server(void)
{
    wraps_for_ever = false;
    open_server();
    server.wrapper = &wrapper;
}

CLAIM(servers, wrap_what_they_accept)
{
    char bytes[3] = "";

    open_wrapping_server();
    visit("h0");
    cr_expect_eq(gyre_read_exact(clients[0], bytes, 2, SOON), 0);
    cr_expect_str_eq(bytes, "h0");
    visit("bad");
    cr_expect_eq(gyre_read(clients[1], bytes, 2, SOON), 1);
    expect_end(clients[1], 0, 0);
    gyre_server_stop(&server, GYRE_NOW);
    close_server(0);
    expect_counts(2, 1, 0, 1, 0, 0);
}

/* Who connects and says nothing has kept whole servers waiting. */
CLAIM(servers, wrap_within_bounds_and_each_on_its_own)
{
    char byte;

    open_wrapping_server();
    visit("");
    visit("h");
    cr_expect_eq(gyre_read(clients[1], &byte, 1, SOON), 1);
    cr_expect_eq(elapsed(), 0);
    expect_end(clients[0], 0, 10 * S);
    wrapper.time = S;
    visit("");
    expect_end(clients[2], 0, 11 * S);
    wrapper.time = 0;
    gyre_server_stop(&server, GYRE_NOW);
    close_server(0);
    expect_counts(3, 2, 0, 1, 0, 0);
}

CLAIM(servers, stop_wrapping_as_what_is_idle)
{
    open_wrapping_server();
    visit("");
    gyre_server_stop(&server, gyre_in(5 * S));
    expect_end(clients[0], 0, 0);
    close_server(0);
    expect_counts(1, 1, 0, 0, 0, 0);
}

CLAIM(servers, reset_what_is_wrapped_for_ever)
{
    open_wrapping_server();
    wraps_for_ever = true;
    visit("h");
    gyre_server_stop(&server, GYRE_NOW);
    expect_end(clients[0], -ECONNRESET, S);
    cr_expect_eq(gyre_await(&served[0], GYRE_FOREVER), 0);
    close_server(0);
    expect_counts(1, 1, 0, 0, 0, 0);
}

/* ---- over TCP ---- */

static struct gyre_listener *listener;
static int port;
static struct gyre_future serving;

static intptr_t serve_listener(void *l)
{
    return gyre_serve(&server, l, GYRE_FOREVER);
}

static void start(intptr_t (*handle)(struct gyre_connection *c))
{
    server = (struct gyre_server){.handle = handle, .abort = 10 * MS};
    listener = listen_anywhere(&port);
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &serving, serve_listener, listener);
}

static struct gyre_stream *connect_and_ask(const char *request)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &s, SOON), 0);
    cr_expect_eq(gyre_write(s, request, strlen(request), SOON), 0);
    return s;
}

static void wait_for(const uint64_t *count, uint64_t n)
{
    while (*count < n)
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
}

static void finish(int result)
{
    cr_expect_eq(gyre_await(&serving, SOON), result);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(servers, stop_accepting_at_once)
{
    struct gyre_stream *idle, *other;
    char byte;

    start(answer);
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    gyre_server_stop(&server, SOON);
    other = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_await(&serving, SOON), 0);
    cr_expect_eq(gyre_read(other, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    gyre_close(idle);
    gyre_close(other);
    finish(0);
    expect_counts(1, 0, 0, 1, 0, 0);
}

/* The rest may finish, however long that takes. */
CLAIM_ON_LOOPBACK(servers, whose_listener_is_closed_end_what_is_idle)
{
    struct gyre_stream *idle, *busy;
    char byte;

    start(answer);
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    busy = connect_and_ask("1");
    wait_for(&server.counts.accepted, 2);
    gyre_listener_close(listener);
    listener = NULL;
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_read(busy, &byte, 1, SOON), 1);
    gyre_close(idle);
    gyre_close(busy);
    finish(-EBADF);
}

/* Who is full does not look at the listener, but has to hear of it. */
CLAIM_ON_LOOPBACK(servers, that_are_full_hear_that_their_listener_is_closed)
{
    struct gyre_stream *idle;
    char byte;

    start(answer);
    server.most = 1;
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    gyre_listener_close(listener);
    listener = NULL;
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    gyre_close(idle);
    finish(-EBADF);
}

CLAIM_ON_LOOPBACK(servers, that_were_stopped_do_not_mind_a_closed_listener)
{
    start(answer);
    cr_expect_eq(gyre_yield(), 0);
    gyre_listener_close(listener);
    listener = NULL;
    gyre_server_stop(&server, GYRE_NOW);
    finish(0);
}

/* asyncio tries to accept again a second after a shortage, and so went on to
   after it was closed. */
CLAIM_ON_LOOPBACK(servers, stop_while_they_are_short_of_descriptors)
{
    int fd;

    hear_failures();
    start(answer);
    fd = connect_to_port(port);
    use_up_descriptors();
    while (told.times == 0)
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    cr_expect_eq(told.err, -EMFILE);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_eq(gyre_await(&serving, SOON), 0);
    give_back_descriptors();
    close(fd);
    finish(0);
    expect_counts(0, 0, 0, 0, 0, 0);
}

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

/* Not cancelled, and so woken by the reset alone; and the stream stays, for a
   task cannot be told to forget it. */
static void go_on(struct gyre_connection *c)
{
    struct gyre_stream *s = c->stream;
    struct gyre_addr peer;
    char byte;

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

        start(ignore);
        s = connect_and_ask(requests[i]);
        wait_for(&server.counts.accepted, 1);
        cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
        gyre_server_stop(&server, GYRE_NOW);
        cr_expect_eq(gyre_read(s, &byte, 1, SOON), -ECONNRESET);
        gyre_close(s);
        finish(0);
        expect_counts(1, 0, 0, 0, 0, 1);
    }
}

CLAIM_ON_LOOPBACK(servers, of_local_sockets_are_stopped_as_well)
{
    struct gyre_stream *ends[2];
    char byte;

    server = (struct gyre_server){.handle = ignore, .abort = 10 * MS};
    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    until = GYRE_FOREVER;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, serve_stream, ends[1]);
    cr_expect_eq(gyre_write(ends[0], "t", 1, SOON), 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_leq(gyre_read(ends[0], &byte, 1, SOON), 0);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
    gyre_close(ends[0]);
    expect_counts(1, 0, 0, 0, 0, 1);
}

/* ---- so many and no more ---- */

static size_t busiest;

static intptr_t be_busy(struct gyre_connection *c)
{
    char byte;

    busiest = server.counts.open > busiest ? server.counts.open : busiest;
    cr_expect_leq(gyre_read(c->stream, &byte, 1, GYRE_FOREVER), 0);
    return 0;
}

/* Two at a time, and five who come. */
static void start_two(struct gyre_stream *s[5])
{
    busiest = 0;
    start(be_busy);
    server.most = 2;
    for (int i = 0; i < 5; i++)
        s[i] = connect_and_ask("");
    wait_for(&server.counts.accepted, 2);
}

CLAIM_ON_LOOPBACK(servers, have_the_next_wait_to_be_accepted_when_they_are_full)
{
    struct gyre_stream *s[5], *waiting;

    start_two(s);
    cr_expect_eq(gyre_accept(listener, &waiting, SOON), 0,
                 "the third was not accepted");
    gyre_close(waiting);
    for (int i = 0; i < 5; i++)
        gyre_close(s[i]);
    wait_for(&server.counts.finished, 4);
    cr_expect_eq(busiest, 2);
    gyre_server_stop(&server, GYRE_NOW);
    finish(0);
}

CLAIM_ON_LOOPBACK(servers, end_as_ever_when_they_are_full)
{
    enum { STOPPED, CANCELLED, CLOSED };
    static const int results[] = {0, -ECANCELED, -EBADF};
    struct gyre_stream *s[5];

    for (int how = STOPPED; how <= CLOSED; how++) {
        start_two(s);
        if (how == STOPPED) {
            gyre_server_stop(&server, SOON);
        } else if (how == CANCELLED) {
            gyre_scope_cancel(&scope);
        } else {
            gyre_listener_close(listener);
            listener = NULL;
        }
        for (int i = 0; i < 5; i++)
            gyre_close(s[i]);
        cr_expect_eq(gyre_scope_close(&scope, 0), 0);
        cr_expect_eq(gyre_future_result(&serving), results[how]);
        cr_expect_eq(server.counts.accepted, 2);
        gyre_listener_close(listener);
    }
}

/* By whichever of its listeners they come. */
CLAIM_ON_LOOPBACK(servers, have_one_limit_for_all_their_listeners)
{
    int ports[2];
    struct gyre_listener *other;
    struct gyre_future serves_other;
    struct gyre_stream *s[6];

    busiest = 0;
    start(be_busy);
    server.most = 2;
    ports[0] = port;
    other = listen_anywhere(&ports[1]);
    gyre_spawn(&scope, &serves_other, serve_listener, other);
    for (int i = 0; i < 6; i++) {
        port = ports[i % 2];
        s[i] = connect_and_ask("");
    }
    wait_for(&server.counts.accepted, 2);
    for (int i = 0; i < 6; i++)
        gyre_close(s[i]);
    wait_for(&server.counts.finished, 6);
    cr_expect_eq(busiest, 2);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_eq(gyre_await(&serves_other, SOON), 0);
    gyre_listener_close(other);
    finish(0);
    expect_counts(6, 0, 6, 0, 0, 0);
}

/* Who shakes hands is in already. */
CLAIM_ON_LOOPBACK(servers, count_who_is_being_wrapped_among_the_others)
{
    struct gyre_stream *silent, *other;
    char byte;

    start(answer);
    wraps_for_ever = false;
    server.wrapper = &wrapper;
    server.most = 1;
    silent = connect_and_ask("");
    other = connect_and_ask("h");
    wait_for(&server.counts.accepted, 1);
    cr_expect_eq(gyre_sleep(gyre_in(5 * MS)), 0);
    cr_expect_eq(server.counts.accepted, 1);
    gyre_close(silent);
    cr_expect_eq(gyre_read(other, &byte, 1, SOON), 1);
    gyre_close(other);
    wait_for(&server.counts.finished, 1);
    gyre_server_stop(&server, GYRE_NOW);
    finish(0);
    expect_counts(2, 1, 1, 0, 0, 0);
}

/* ---- memory ---- */

static int ask_over(struct gyre_stream *s)
{
    char byte;
    ssize_t n = gyre_write(s, "h0", 2, SOON);

    for (int i = 0; i < 2 && n >= 0; i++)
        n = gyre_read(s, &byte, 1, SOON);
    return (int)n;
}

/* Whom the server has no memory for is told by the end. */
static intptr_t converse(void *arg)
{
    struct gyre_stream *ends[2];
    int err = gyre_memory_pair(gyre_loop_current(), 0, ends), n;

    (void)arg;
    if (err)
        return err;
    server = (struct gyre_server){.handle = answer, .wrapper = &wrapper};
    wraps_for_ever = false;
    until = GYRE_FOREVER;
    gyre_scope_open(&scope, GYRE_FOREVER);
    err = gyre_spawn(&scope, NULL, serve_stream, ends[1]);
    if (err)
        gyre_close(ends[1]);
    n = err ? err : ask_over(ends[0]);
    gyre_server_stop(&server, SOON);
    err = (int)gyre_scope_close(&scope, 0);
    gyre_close(ends[0]);
    expect_counts(server.counts.accepted, server.counts.refused,
                  server.counts.finished, server.counts.idle, 0, 0);
    cr_expect_eq(server.counts.accepted, server.counts.refused +
                                             server.counts.finished +
                                             server.counts.idle);
    return err ? err : n == 1 ? 0 : -ENOMEM;
}

static int scenario(void)
{
    return (int)gyre_run(converse, NULL);
}

Test(servers, survive_the_nth_allocation_failing)
{
    cr_expect_gt(faults_in_memory(scenario), 5);
}
