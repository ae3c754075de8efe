/*
 * Connections that are made, say two bytes, are answered, and closed: N of them
 * at any time, and each is followed by another.  Both ends by callbacks, in one
 * loop.
 *
 *     pound KIND OPS N
 *
 * KIND is tcp or pipe.
 */
#include "loop/loop.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/reading.h"
#include "bench/gyre/kind.h"

/* Either end of a connection. */
struct end {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    struct gyre_connecting connecting; /* of who asks */
};

static struct gyre_loop *loop;
static struct gyre_listener *listener;
static struct gyre_addr at;
static uint64_t begun, most;      /* connections */
static uint64_t answered, closed; /* as who asks saw it, and who answers */
static char shared[BENCH_BUFFER]; /* each read is told before the next */

static void say(struct end *e, size_t n)
{
    bench_require(gyre_write_some(e->stream, shared, n, GYRE_NOW) == (ssize_t)n,
                  "gyre_write_some");
}

static void open_end(struct end *e, struct gyre_stream *s,
                     void (*read)(struct gyre_reading *r, ssize_t n))
{
    e->stream = s;
    e->reading = (struct gyre_reading){
        .read = read, .buf = shared, .size = sizeof shared};
    bench_require(gyre_reading_start(&e->reading, s) == 0,
                  "gyre_reading_start");
}

/* ---- who answers ---- */

static void asked(struct gyre_reading *r, ssize_t n)
{
    struct end *e = GYRE_OWNER(r, struct end, reading);

    if (n > 0) {
        say(e, (size_t)n);
        return;
    }
    gyre_close(e->stream);
    free(e);
    if (++closed == most)
        gyre_listener_close(listener);
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    struct end *e = calloc(1, sizeof *e);

    (void)a;
    bench_require(err == 0 && e != NULL, "accepting");
    open_end(e, s, asked);
}

/* ---- who asks ---- */

static void begin(struct end *e)
{
    if (begun == most)
        return;
    begun++;
    bench_require(gyre_connecting_start(&e->connecting, loop, &at) == 0,
                  "gyre_connecting_start");
}

static void told(struct gyre_reading *r, ssize_t n)
{
    struct end *e = GYRE_OWNER(r, struct end, reading);

    bench_require(n == 2, "being answered");
    answered++;
    gyre_close(e->stream);
    begin(e);
}

static void connected(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    struct end *e = GYRE_OWNER(c, struct end, connecting);

    bench_require(err == 0, "connecting");
    open_end(e, s, told);
    say(e, 2);
}

int main(int argc, char **argv)
{
    struct gyre_accepting accepting = {.accepted = accepted};
    uint64_t n = bench_number(argc, argv, 3);
    struct end *ends = calloc(n, sizeof *ends);
    struct bench b;

    most = bench_number(argc, argv, 2);
    bench_require(ends != NULL && gyre_loop_new(&loop) == 0, "starting");
    listener = listen_for(argv[1], loop, &at);
    bench_require(gyre_accepting_start(&accepting, listener) == 0,
                  "gyre_accepting_start");
    bench_start(&b);
    for (uint64_t i = 0; i < n; i++) {
        ends[i].connecting.connected = connected;
        begin(&ends[i]);
    }
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(answered == most && closed == most, "as many connections");
    bench_print(&b, most);
    return 0;
}
