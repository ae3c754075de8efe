/*
 * test_server_listening.c - the claims of server.h about listeners, and about
 * serving so many and no more.
 */
#include "io/server.h"

#include <errno.h>
#include <unistd.h>

#include "task/task.h"
#include "io/stream.h"
#include "tests/io/servers.h"

CLAIM_ON_LOOPBACK(servers, stop_accepting_at_once)
{
    struct gyre_stream *idle, *other;
    char byte;

    start_server(answer);
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    gyre_server_stop(&server, SOON);
    other = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_await(&serving, SOON), 0);
    cr_expect_eq(gyre_read(other, &byte, 1, GYRE_NOW), -ETIMEDOUT);
    gyre_close(idle);
    gyre_close(other);
    finish_server(0);
    expect_counts(1, 0, 0, 1, 0, 0);
}

/* The rest may finish, however long that takes. */
CLAIM_ON_LOOPBACK(servers, whose_listener_is_closed_end_what_is_idle)
{
    struct gyre_stream *idle, *busy;
    char byte;

    start_server(answer);
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    busy = connect_and_ask("g");
    wait_until(gyre_event_waiting(&gate) == 1);
    gyre_listener_close(listener);
    listener = NULL;
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    let_all_settle();
    cr_expect(!gyre_future_done(&serving));
    gyre_event_set(&gate);
    cr_expect_eq(gyre_read(busy, &byte, 1, SOON), 1);
    gyre_close(idle);
    gyre_close(busy);
    finish_server(-EBADF);
}

/* Who is full does not look at the listener, but has to hear of it. */
CLAIM_ON_LOOPBACK(servers, that_are_full_hear_that_their_listener_is_closed)
{
    struct gyre_stream *idle;
    char byte;

    start_server(answer);
    server.most = 1;
    idle = connect_and_ask("0");
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 1);
    gyre_listener_close(listener);
    listener = NULL;
    cr_expect_eq(gyre_read(idle, &byte, 1, SOON), 0);
    gyre_close(idle);
    finish_server(-EBADF);
}

CLAIM_ON_LOOPBACK(servers, that_were_stopped_do_not_mind_a_closed_listener)
{
    start_server(answer);
    cr_expect_eq(gyre_yield(), 0);
    gyre_listener_close(listener);
    listener = NULL;
    gyre_server_stop(&server, GYRE_NOW);
    finish_server(0);
}

/* asyncio tries to accept again a second after a shortage, and so went on to
   after it was closed. */
CLAIM_ON_LOOPBACK(servers, stop_while_they_are_short_of_descriptors)
{
    int fd;

    hear_failures();
    start_server(answer);
    fd = connect_to_port(port);
    use_up_descriptors();
    wait_until(told.times > 0);
    cr_expect_eq(told.err, -EMFILE);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_eq(gyre_await(&serving, SOON), 0);
    give_back_descriptors();
    close(fd);
    finish_server(0);
    expect_counts(0, 0, 0, 0, 0, 0);
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
    start_server(be_busy);
    server.most = 2;
    for (int i = 0; i < 5; i++)
        s[i] = connect_and_ask("");
    wait_until(server.counts.accepted >= 2);
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
    wait_until(server.counts.finished >= 4);
    cr_expect_eq(busiest, 2);
    gyre_server_stop(&server, GYRE_NOW);
    finish_server(0);
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
    start_server(be_busy);
    server.most = 2;
    ports[0] = port;
    other = listen_anywhere(&ports[1]);
    gyre_spawn(&scope, &serves_other, serve_listener, other);
    for (int i = 0; i < 6; i++) {
        port = ports[i % 2];
        s[i] = connect_and_ask("");
    }
    wait_until(server.counts.accepted >= 2);
    for (int i = 0; i < 6; i++)
        gyre_close(s[i]);
    wait_until(server.counts.finished >= 6);
    cr_expect_eq(busiest, 2);
    gyre_server_stop(&server, GYRE_NOW);
    cr_expect_eq(gyre_await(&serves_other, SOON), 0);
    gyre_listener_close(other);
    finish_server(0);
    expect_counts(6, 0, 6, 0, 0, 0);
}
