/*
 * TCP echo by callbacks on streams: an accepting, and a reading and a writing a
 * connection.  What a program that comes from libuv has.
 *
 *     echo_callbacks PORT
 *
 * A connection reads no more while it writes, as one with a task does.
 */
#include "loop/loop.h"
#include "io/accepting.h"
#include "io/reading.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "io/writing.h"
#include "bench/bench.h"

struct peer {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_writing writing;
    struct iovec iov;
    char buf[BENCH_BUFFER];
};

static void finish(struct peer *p)
{
    gyre_close(p->stream);
    free(p);
}

static void written(struct gyre_writing *w, int err)
{
    struct peer *p = GYRE_OWNER(w, struct peer, writing);

    if (err != 0 || gyre_reading_start(&p->reading, p->stream) != 0)
        finish(p);
}

static void echo(struct gyre_reading *r, ssize_t n)
{
    struct peer *p = GYRE_OWNER(r, struct peer, reading);

    if (n <= 0) {
        finish(p);
        return;
    }
    gyre_reading_stop(r);
    p->iov = (struct iovec){p->buf, (size_t)n};
    gyre_writing_start(&p->writing, p->stream, &p->iov, 1);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    struct peer *p = calloc(1, sizeof *p);

    (void)a;
    bench_require(err == 0, "gyre_accepting_start");
    bench_require(p != NULL, "calloc");
    p->stream = s;
    p->reading = (struct gyre_reading){
        .read = echo, .buf = p->buf, .size = sizeof p->buf};
    p->writing = (struct gyre_writing){.written = written};
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
