/*
 * echo_load - what a TCP echo server can take: every connection sends a
 * message, waits until all of it is back, and sends the next.
 *
 *     echo_load -p PORT -c CONNECTIONS -s SIZE [-w WARM_MS] [-d MEASURE_MS]
 *               [-n MESSAGES] [-P SERVER_PID]
 *
 * Raw epoll, edge-triggered, one thread, so that the load costs less than any
 * server.  After the warm-up it measures for a time, and until at least
 * MESSAGES have come back: on a busy machine a time alone may hold too few.
 * Each message bears its number at both ends, and an answer that does not ends
 * the program: a fast wrong server is not fast.
 *
 * cpu_ns is the server's processor time over the measured span, if -P names it.
 * The load is closed (nothing is sent before the answer), so the quantiles are
 * those of a saturated server, not of one under a given rate.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/load/histogram.h"

#define EVENTS 1024

struct connection {
    int fd;
    size_t sent;     /* bytes of the message under way */
    size_t received; /* bytes of its echo */
    uint64_t number; /* of the message under way, from 1 */
    uint64_t since;  /* when it began */
    char *message;   /* `size` bytes */
    char *echo;      /* `size` bytes */
};

struct load {
    unsigned port, connections;
    uint64_t warm, measure; /* nanoseconds */
    uint64_t least;         /* messages to measure */
    size_t size;
    clockid_t server; /* its processor time */
    bool measuring;
    uint64_t total; /* echoes since the start */
    struct histogram latency;
};

static void fail(const char *what)
{
    fprintf(stderr, "echo_load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void push(struct load *l, struct connection *c)
{
    while (c->sent < l->size) {
        ssize_t n =
            send(c->fd, c->message + c->sent, l->size - c->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EAGAIN)
            return;
        if (n < 0)
            fail("send");
        c->sent += (size_t)n;
    }
}

static void begin(struct load *l, struct connection *c, uint64_t now)
{
    size_t tail = l->size - sizeof c->number;

    c->sent = c->received = 0;
    c->since = now;
    c->number++;
    memcpy(c->message, &c->number, sizeof c->number);
    memcpy(c->message + tail, &c->number, sizeof c->number);
    push(l, c);
}

static void finish(struct load *l, struct connection *c)
{
    uint64_t now = bench_clock(CLOCK_MONOTONIC);
    size_t tail = l->size - sizeof c->number;

    if (memcmp(c->echo, &c->number, sizeof c->number) != 0 ||
        memcmp(c->echo + tail, &c->number, sizeof c->number) != 0) {
        errno = EPROTO;
        fail("checking an echo");
    }
    l->total++;
    if (l->measuring)
        histogram_add(&l->latency, now - c->since);
    begin(l, c, now);
}

/*
 * Once is enough: a read that falls short emptied the socket, and one that does
 * not has the whole echo, after which nothing comes until we send.
 */
static void pull(struct load *l, struct connection *c)
{
    ssize_t n = recv(c->fd, c->echo + c->received, l->size - c->received, 0);

    if (n < 0 && errno == EAGAIN)
        return;
    if (n == 0)
        errno = ECONNRESET;
    if (n <= 0)
        fail("recv");
    c->received += (size_t)n;
    if (c->received == l->size)
        finish(l, c);
}

static int dial(unsigned port)
{
    struct sockaddr_in to = bench_loopback(port);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        fail("connect");
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) != 0)
        fail("TCP_NODELAY");
    return fd;
}

/* Connect them all before the first message, lest some start warm. */
static struct connection *connect_all(struct load *l, int poller)
{
    struct connection *all = calloc(l->connections, sizeof *all);
    unsigned i;

    bench_require(all != NULL, "allocating connections");
    for (i = 0; i < l->connections; i++) {
        struct epoll_event e = {.events = EPOLLIN | EPOLLOUT | EPOLLET,
                                .data.ptr = &all[i]};

        all[i].fd = dial(l->port);
        all[i].message = calloc(2, l->size);
        bench_require(all[i].message != NULL, "allocating messages");
        all[i].echo = all[i].message + l->size;
        if (fcntl(all[i].fd, F_SETFL, O_NONBLOCK) != 0 ||
            epoll_ctl(poller, EPOLL_CTL_ADD, all[i].fd, &e) != 0)
            fail("watching a connection");
    }
    return all;
}

/* Keep messages going until `end`, and until `total` have come back. */
static void drive(struct load *l, int poller, uint64_t end, uint64_t total)
{
    struct epoll_event events[EVENTS];

    while (bench_clock(CLOCK_MONOTONIC) < end || l->total < total) {
        int i, n = epoll_wait(poller, events, EVENTS, 100);

        if (n < 0 && errno != EINTR)
            fail("epoll_wait");
        for (i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;

            if (events[i].events & EPOLLOUT)
                push(l, c);
            if (events[i].events & ~(unsigned)EPOLLOUT)
                pull(l, c);
        }
    }
}

static void parse(struct load *l, int argc, char **argv)
{
    int option;

    while ((option = getopt(argc, argv, "p:c:s:w:d:n:P:")) != -1) {
        uint64_t n = optarg == NULL ? 0 : strtoull(optarg, NULL, 10);

        switch (option) {
        case 'p': l->port = (unsigned)n; break;
        case 'c': l->connections = (unsigned)n; break;
        case 's': l->size = n; break;
        case 'w': l->warm = n * 1000000; break;
        case 'd': l->measure = n * 1000000; break;
        case 'n': l->least = n; break;
        case 'P':
            if (clock_getcpuclockid((pid_t)n, &l->server) != 0)
                fail("finding the server's processor time");
            break;
        default: exit(2);
        }
    }
    bench_require(l->port > 0 && l->port < 65536, "-p PORT");
    bench_require(l->connections > 0, "-c CONNECTIONS");
    bench_require(l->size >= sizeof(uint64_t), "-s SIZE of 8 or more");
}

static void print(const struct load *l, uint64_t wall, uint64_t cpu)
{
    const struct histogram *h = &l->latency;

    printf("ops=%" PRIu64 " wall_ns=%" PRIu64 " cpu_ns=%" PRIu64
           " p50_ns=%" PRIu64 " p99_ns=%" PRIu64 " p999_ns=%" PRIu64
           " total=%" PRIu64 "\n",
           h->n, wall, cpu, histogram_quantile(h, 0.5),
           histogram_quantile(h, 0.99), histogram_quantile(h, 0.999), l->total);
}

int main(int argc, char **argv)
{
    struct load l = {.warm = 200000000,
                     .measure = 1000000000,
                     .server = CLOCK_PROCESS_CPUTIME_ID};
    int poller = epoll_create1(EPOLL_CLOEXEC);
    uint64_t wall, cpu;
    struct connection *all;
    unsigned i;

    parse(&l, argc, argv);
    if (poller < 0)
        fail("epoll_create1");
    all = connect_all(&l, poller);
    for (i = 0; i < l.connections; i++)
        begin(&l, &all[i], bench_clock(CLOCK_MONOTONIC));
    drive(&l, poller, bench_clock(CLOCK_MONOTONIC) + l.warm, 0);
    l.measuring = true;
    cpu = bench_clock(l.server);
    wall = bench_clock(CLOCK_MONOTONIC);
    drive(&l, poller, wall + l.measure, l.total + l.least);
    wall = bench_clock(CLOCK_MONOTONIC) - wall;
    cpu = bench_clock(l.server) - cpu;
    print(&l, wall, cpu);
    return 0;
}
