/*
 * test_server_wrapping.c - the claims of server.h about wrapping.
 */
#include "io/server.h"

#include <errno.h>

#include "task/task.h"
#include "io/memory.h"
#include "io/stream.h"
#include "tests/io/servers.h"
#include "tests/support/faults.h"

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

/* Who shakes hands is in already. */
CLAIM_ON_LOOPBACK(servers, count_who_is_being_wrapped_among_the_others)
{
    struct gyre_stream *silent, *other;
    char byte;

    start_server(answer);
    wraps_for_ever = false;
    server.wrapper = &wrapper;
    server.most = 1;
    silent = connect_and_ask("");
    other = connect_and_ask("h");
    wait_until(server.counts.accepted >= 1);
    let_all_settle();
    cr_expect_eq(server.counts.accepted, 1);
    gyre_close(silent);
    cr_expect_eq(gyre_read(other, &byte, 1, SOON), 1);
    gyre_close(other);
    wait_until(server.counts.finished >= 1);
    gyre_server_stop(&server, GYRE_NOW);
    finish_server(0);
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
