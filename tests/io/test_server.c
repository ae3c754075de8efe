/*
 * test_server.c - the claims of server.h: over memory, in a simulated time.
 */
#include "io/server.h"

#include <errno.h>
#include <string.h>

#include "task/task.h"
#include "io/memory.h"
#include "io/stream.h"
#include "tests/io/servers.h"

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

/* Guards against one that is let in when there is room, behind the end of all
   who are idle. */
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
