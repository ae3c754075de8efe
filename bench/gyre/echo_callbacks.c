/*
 * TCP echo by callbacks on streams: an accepting, and a reading a connection.
 * What a program that comes from libuv has.
 *
 *     echo_callbacks PORT
 *
 * One buffer is for all, as each read is told of before the next is made; what
 * the kernel does not take at once is copied, and written by a writing, while
 * nothing more is read.
 */
#include <errno.h>
#include <string.h>

#include "loop/loop.h"
#include "io/accepting.h"
#include "io/reading.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/writing.h"
#include "bench/bench.h"

static char shared[BENCH_BUFFER];

struct peer {
    struct gyre_stream *stream;
    struct gyre_reading reading;
};

/* The rest of an echo, with its bytes behind it. */
struct rest {
    struct gyre_writing writing;
    struct peer *peer;
    struct iovec iov;
    char bytes[];
};

static void finish(struct peer *p)
{
    gyre_close(p->stream);
    free(p);
}

static void written(struct gyre_writing *w, int err)
{
    struct rest *rest = GYRE_OWNER(w, struct rest, writing);
    struct peer *p = rest->peer;

    free(rest);
    if (err != 0 || gyre_reading_start(&p->reading, p->stream) != 0)
        finish(p);
}

static void queue(struct peer *p, const char *bytes, size_t n)
{
    struct rest *rest = malloc(sizeof *rest + n);

    bench_require(rest != NULL, "malloc");
    rest->writing = (struct gyre_writing){.written = written};
    rest->peer = p;
    rest->iov = (struct iovec){memcpy(rest->bytes, bytes, n), n};
    gyre_reading_stop(&p->reading);
    gyre_writing_start(&rest->writing, p->stream, &rest->iov, 1);
}

static void echo(struct gyre_reading *r, ssize_t n)
{
    struct peer *p = GYRE_OWNER(r, struct peer, reading);
    ssize_t sent = 0;

    if (n > 0)
        sent = gyre_write_some(p->stream, shared, (size_t)n, GYRE_NOW);
    if (sent == -ETIMEDOUT)
        sent = 0;
    if (n <= 0 || sent < 0)
        finish(p);
    else if (sent < n)
        queue(p, shared + sent, (size_t)(n - sent));
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    struct peer *p = calloc(1, sizeof *p);

    (void)a;
    bench_require(err == 0, "gyre_accepting_start");
    bench_require(p != NULL, "calloc");
    p->stream = s;
    p->reading = (struct gyre_reading){
        .read = echo, .buf = shared, .size = sizeof shared};
    bench_require(gyre_reading_start(&p->reading, s) == 0,
                  "gyre_reading_start");
}

int main(int argc, char **argv)
{
    struct gyre_accepting accepting = {.accepted = accepted};
    struct gyre_listener *listener;
    struct gyre_loop *loop;
    int fd;

    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    fd = bench_listen((unsigned)bench_number(argc, argv, 1));
    bench_require(gyre_listener_adopt(loop, fd, &listener) == 0,
                  "gyre_listener_adopt");
    bench_require(gyre_accepting_start(&accepting, listener) == 0,
                  "gyre_accepting_start");
    return gyre_loop_run(loop) != 0;
}
