/*
 * test_refusal.c - the claims of tcp.h about accepting when it is refused, time
 * after time.
 */
#include <errno.h>
#include <unistd.h>

#include "task/task.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/support/network.h"
#include "tests/task/world.h"

#define MS   GYRE_MILLISECOND
#define SOON gyre_in(20 * GYRE_SECOND)

static struct gyre_listener *listener;
static int port;

/* Each attempt tries a few connections, for those before a good one may be bad;
   then it pauses, for 10 ms and twice as long each time: so five or six times
   in 200 ms. */
CLAIM_ON_LOOPBACK(refusal, does_not_spin_when_every_accept_is_refused)
{
    struct gyre_stream *s;
    int fd;

    hear_failures();
    listener = listen_anywhere(&port);
    network_refusal = EPERM;
    network_accepts = 0;
    cr_expect_eq(gyre_accept(listener, &s, gyre_in(40 * MS)), -ETIMEDOUT);
    cr_expect_geq(network_accepts, 16);
    cr_expect_leq(network_accepts, 4 * 16);
    cr_expect_eq(gyre_accept(listener, &s, GYRE_NOW), -ETIMEDOUT);
    network_refusal = 0;
    fd = connect_to_port(port);
    cr_expect_eq(gyre_accept(listener, &s, SOON), 0);
    gyre_close(s);
    close(fd);
    cr_expect_eq(told.times, 0, "it is the peers' doing");
    gyre_listener_close(listener);
}

CLAIM_ON_LOOPBACK(refusal, hides_no_shortage_that_comes_after_it)
{
    struct gyre_stream *s;

    hear_failures();
    listener = listen_anywhere(&port);
    network_refusal = EPERM;
    cr_expect_eq(gyre_accept(listener, &s, GYRE_NOW), -ETIMEDOUT);
    network_refusal = ENOBUFS;
    cr_expect_eq(gyre_accept(listener, &s, gyre_in(50 * MS)), -ETIMEDOUT);
    cr_expect_eq(told.times, 1);
    cr_expect_eq(told.err, -ENOBUFS);
    gyre_listener_close(listener);
}

/* The pause passes, whether or not anybody waits for it to. */
CLAIM_ON_LOOPBACK(refusal, ends_for_those_who_wait_for_less_than_it_takes)
{
    struct gyre_stream *s = NULL;
    int fd, err;

    listener = listen_anywhere(&port);
    network_refusal = EPERM;
    cr_expect_eq(gyre_accept(listener, &s, GYRE_NOW), -ETIMEDOUT);
    network_refusal = 0;
    fd = connect_to_port(port);
    wait_until((err = gyre_accept(listener, &s, GYRE_NOW)) != -ETIMEDOUT);
    cr_expect_eq(err, 0);
    gyre_close(s);
    close(fd);
    gyre_listener_close(listener);
}
