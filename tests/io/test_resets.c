/*
 * test_resets.c - connections that are reset, by whom and when: the claims of
 * gyre_tcp_reset_on_close.
 *
 * Who was reset has the first thing he says refused; whose peer has but closed
 * says that in vain, and has only the next refused.
 */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/tcp.h"
#include "io/tcp_options.h"
#include "tests/io/loopback.h"

#define SOON gyre_in(20 * GYRE_SECOND)

/* `ours` is who resets: the one that has connected, or the one that was
   accepted. */
static struct gyre_stream *ours, *theirs;

static void connect_both(bool accepted)
{
    if (accepted)
        connect_pair(&theirs, &ours);
    else
        connect_pair(&ours, &theirs);
}

static void reset_ours(void)
{
    cr_expect_eq(gyre_tcp_reset_on_close(ours), 0);
    gyre_close(ours);
}

/* An end alone is no error of the socket's, and would not be told of. */
static void expect_reset(void)
{
    struct pollfd p = {.fd = gyre_stream_descriptor(theirs)};
    int err;

    cr_expect_eq(poll(&p, 1, 20000), 1);
    cr_expect(p.revents & (POLLERR | POLLHUP));
    err = gyre_write(theirs, "x", 1, SOON);
    cr_expect(err == -ECONNRESET || err == -EPIPE, "%d", err);
    gyre_close(theirs);
}

static void expect_end(void)
{
    char byte;

    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
}

CLAIM_ON_LOOPBACK(resets, come_of_who_has_connected)
{
    char byte;

    connect_both(false);
    reset_ours();
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), -ECONNRESET);
    expect_reset();
}

CLAIM_ON_LOOPBACK(resets, come_after_the_end_of_who_has_connected)
{
    connect_both(false);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    expect_end();
    reset_ours();
    expect_reset();
}

CLAIM_ON_LOOPBACK(resets, come_after_the_end_of_who_was_accepted)
{
    connect_both(true);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    expect_end();
    reset_ours();
    expect_reset();
}

/* Somebody has ended it behind our back. */
CLAIM_ON_LOOPBACK(resets, come_after_an_end_that_we_did_not_make)
{
    connect_both(true);
    cr_expect_eq(shutdown(gyre_stream_descriptor(ours), SHUT_WR), 0);
    expect_end();
    reset_ours();
    expect_reset();
}

CLAIM_ON_LOOPBACK(resets, come_of_a_listener_that_is_closed_to_who_waits)
{
    struct gyre_listener *l;
    char byte;
    int port;

    l = listen_anywhere(&port);
    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, &theirs, SOON), 0);
    gyre_listener_close(l);
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), -ECONNRESET);
    gyre_close(theirs);
}
