/*
 * Many bytes, written 64 KiB at a time and read as they come, over N
 * connections at once, by callbacks: one loop writes, and another, in its own
 * thread, reads.
 *
 *     pump KIND OPS N         OPS mebibytes in all
 *
 * KIND is tcp or pipe.
 */
#include <pthread.h>

#include "loop/loop.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/reading.h"
#include "io/writing.h"
#include "bench/gyre/kind.h"

enum { CHUNK = 65536 };

/* Who writes. */
struct source {
    struct gyre_connecting connecting;
    struct gyre_stream *stream;
    struct gyre_writing writing;
};

/* Who reads. */
struct sink {
    struct gyre_stream *stream;
    struct gyre_reading reading;
};

static struct gyre_listener *listener;
static uint64_t left;            /* chunks to be written */
static uint64_t sinks, received; /* who reads now, and bytes so far */
static char chunk[CHUNK], shared[CHUNK];
static const struct iovec piece = {chunk, sizeof chunk};

/* ---- who reads ---- */

static void came(struct gyre_reading *r, ssize_t n)
{
    struct sink *s = GYRE_OWNER(r, struct sink, reading);

    bench_require(n >= 0, "reading");
    received += (uint64_t)n;
    if (n > 0)
        return;
    gyre_close(s->stream);
    free(s);
    if (--sinks == 0)
        gyre_listener_close(listener);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *stream,
                     int err)
{
    struct sink *s = calloc(1, sizeof *s);

    (void)a;
    bench_require(err == 0 && s != NULL, "accepting");
    s->stream = stream;
    s->reading = (struct gyre_reading){
        .read = came, .buf = shared, .size = sizeof shared};
    bench_require(gyre_reading_start(&s->reading, stream) == 0,
                  "gyre_reading_start");
}

/* ---- who writes ---- */

static void write_chunk(struct source *s)
{
    if (left == 0) {
        gyre_close(s->stream);
        return;
    }
    left--;
    gyre_writing_start(&s->writing, s->stream, &piece, 1);
}

static void written(struct gyre_writing *w, int err)
{
    bench_require(err == 0, "writing");
    write_chunk(GYRE_OWNER(w, struct source, writing));
}

static void connected(struct gyre_connecting *c, struct gyre_stream *stream,
                      int err)
{
    struct source *s = GYRE_OWNER(c, struct source, connecting);

    bench_require(err == 0, "connecting");
    s->stream = stream;
    s->writing.written = written;
    write_chunk(s);
}

static void run(struct gyre_loop *l)
{
    bench_require(gyre_loop_run(l) == 0, "gyre_loop_run");
}

static void *drain(void *l)
{
    bench_pin(1);
    run(l);
    return l;
}

int main(int argc, char **argv)
{
    struct gyre_accepting accepting = {.accepted = accepted};
    uint64_t ops = bench_number(argc, argv, 2);
    uint64_t n = bench_number(argc, argv, 3);
    struct source *sources = calloc(n, sizeof *sources);
    struct gyre_loop *here, *there;
    struct gyre_addr at;
    pthread_t other;
    struct bench b;

    left = ops * ((1 << 20) / CHUNK);
    sinks = n;
    bench_pin(0);
    bench_require(sources != NULL, "malloc");
    bench_require(gyre_loop_new(&here) == 0, "gyre_loop_new");
    bench_require(gyre_loop_new(&there) == 0, "gyre_loop_new");
    listener = listen_for(argv[1], there, &at);
    bench_require(gyre_accepting_start(&accepting, listener) == 0,
                  "gyre_accepting_start");
    bench_start(&b);
    bench_require(!pthread_create(&other, NULL, drain, there),
                  "pthread_create");
    for (uint64_t i = 0; i < n; i++) {
        sources[i].connecting.connected = connected;
        bench_require(
            gyre_connecting_start(&sources[i].connecting, here, &at) == 0,
            "gyre_connecting_start");
    }
    run(here);
    bench_require(!pthread_join(other, NULL), "pthread_join");
    bench_stop(&b);
    bench_require(received == ops << 20, "receiving every byte");
    bench_print(&b, ops);
    return 0;
}
