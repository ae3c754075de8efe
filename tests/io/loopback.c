/*
 * loopback.c - claims held in a task of a real run, over the loopback network.
 */
#include "tests/io/loopback.h"

#include <sys/socket.h>

#include "task/run.h"
#include "tests/support/faults.h"

struct claim {
    void (*hold)(void);
};

static intptr_t hold(void *arg)
{
    ((struct claim *)arg)->hold();
    return 0;
}

void hold_on_loopback(void (*claim)(void))
{
    struct claim c = {claim};
    long blocks = faults_blocks();
    int descriptors = faults_descriptors();

    cr_expect_eq(gyre_run(hold, &c), 0);
    cr_expect_eq(faults_blocks(), blocks, "memory was not freed");
    cr_expect_eq(faults_descriptors(), descriptors,
                 "descriptors were left open");
}

struct gyre_listener *listen_anywhere(int *port)
{
    struct gyre_listener *l = NULL;
    struct gyre_addr a;

    cr_expect_eq(gyre_tcp_listen("127.0.0.1", 0, &l, GYRE_NOW), 0);
    cr_expect_eq(gyre_listener_addr(l, &a), 0);
    *port = gyre_addr_port(&a);
    return l;
}

void connect_pair(struct gyre_stream **ours, struct gyre_stream **theirs)
{
    int port;
    struct gyre_listener *l = listen_anywhere(&port);

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(l, theirs, GYRE_FOREVER), 0);
    gyre_listener_close(l);
}

void connect_raw(struct gyre_stream **ours, int *theirs)
{
    int port;
    struct gyre_listener *l = listen_anywhere(&port);
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", port), 0);
    *theirs = socket(AF_INET, SOCK_STREAM, 0);
    cr_expect_eq(connect(*theirs, &a.is.any, a.length), 0);
    cr_expect_eq(gyre_accept(l, ours, GYRE_FOREVER), 0);
    gyre_listener_close(l);
}
