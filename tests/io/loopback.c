/*
 * loopback.c - claims held in a task of a real run, over the loopback network.
 */
#include "tests/io/loopback.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/look.h"
#include "loop/loop.h"
#include "task/run/run.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

void hold_on_loopback(void (*claim)(void))
{
    struct claim c = {claim};
    long blocks = faults_blocks();
    int descriptors = faults_descriptors();

    cr_expect_eq(gyre_run(hold_claim, &c), 0);
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

int keep_port(int *port)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct gyre_addr a;

    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){0}, sizeof(int));
    cr_expect_eq(gyre_addr_parse(&a, "::", 0), 0);
    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(getsockname(fd, &a.is.any, &a.length), 0);
    *port = gyre_addr_port(&a);
    return fd;
}

void connect_pair(struct gyre_stream **ours, struct gyre_stream **theirs)
{
    int port;
    struct gyre_listener *l = listen_anywhere(&port);

    cr_expect_eq(gyre_tcp_connect("127.0.0.1", port, ours, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_accept(l, theirs, GYRE_FOREVER), 0);
    gyre_listener_close(l);
}

int connect_to_port(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct gyre_addr a;

    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", port), 0);
    cr_expect_eq(connect(fd, &a.is.any, a.length), 0);
    return fd;
}

void connect_raw(struct gyre_stream **ours, int *theirs)
{
    int port;
    struct gyre_listener *l = listen_anywhere(&port);

    *theirs = connect_to_port(port);
    cr_expect_eq(gyre_accept(l, ours, GYRE_FOREVER), 0);
    gyre_listener_close(l);
}

static ssize_t receive_now(int fd, void *buf, size_t n)
{
    ssize_t got = recv(fd, buf, n, MSG_DONTWAIT);

    return got < 0 ? -errno : got;
}

ssize_t receive_raw(int fd, void *buf, size_t n)
{
    ssize_t got;

    wait_until((got = receive_now(fd, buf, n)) != -EAGAIN);
    return got;
}

/* ---- failures ---- */

struct told told;

static struct gyre_loop *told_by;

static void failed(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)h;
    told.times++;
    told.err = err;
    told.when = gyre_loop_in(told_by, 0);
    snprintf(told.what, sizeof told.what, "%s", what);
}

void hear_failures(void)
{
    static struct gyre_failure_hook hook = {.failed = failed};

    told = (struct told){0};
    told_by = gyre_loop_current();
    gyre_loop_on_failure(told_by, &hook);
}

/* ---- descriptors ---- */

void limit_descriptors(int lowest)
{
    static struct rlimit before;
    struct rlimit limit;

    if (before.rlim_cur == 0)
        getrlimit(RLIMIT_NOFILE, &before);
    limit = before;
    if (lowest >= 0)
        limit.rlim_cur = (rlim_t)lowest;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int used_up[1000];
static int n_used_up;

void use_up_descriptors(void)
{
    int highest = 999, fd;

    while (fcntl(highest, F_GETFD) < 0)
        highest--;
    limit_descriptors(highest + 1);
    while ((fd = dup(0)) >= 0)
        used_up[n_used_up++] = fd;
}

void give_back_descriptors(void)
{
    while (n_used_up > 0)
        close(used_up[--n_used_up]);
    limit_descriptors(-1);
}
