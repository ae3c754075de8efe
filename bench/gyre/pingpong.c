/*
 * Eight bytes to and fro over one connection, by callbacks.
 *
 *     pingpong KIND OPS          both ends in one loop
 *     pingpong KIND OPS apart    each in a loop of its own, in its own thread
 *
 * KIND is tcp or pipe.  In one loop it is what reading, writing and polling
 * cost; apart it is how long a loop takes to wake, too.
 */
#include <pthread.h>

#include "loop/loop.h"
#include "io/accepting.h"
#include "io/connecting.h"
#include "io/reading.h"
#include "bench/gyre/kind.h"

/* An end, and the message it has just read: with room for more, so that a read
   tells that there is none. */
struct end {
    struct gyre_stream *stream;
    struct gyre_reading reading;
    uint64_t message[8];
};

static struct gyre_listener *listener;
static uint64_t sent, most; /* pings: each bears its number */

static void finish(struct end *e)
{
    gyre_close(e->stream);
}

static void say(struct end *e, uint64_t message)
{
    bench_require(gyre_write_some(e->stream, &message, sizeof message,
                                  GYRE_NOW) == sizeof message,
                  "gyre_write_some");
}

static void pinged(struct gyre_reading *r, ssize_t n)
{
    struct end *e = GYRE_OWNER(r, struct end, reading);

    if (n == sizeof e->message[0])
        say(e, e->message[0]);
    else
        finish(e);
}

static void ponged(struct gyre_reading *r, ssize_t n)
{
    struct end *e = GYRE_OWNER(r, struct end, reading);

    bench_require(n == sizeof e->message[0] && e->message[0] == sent,
                  "answering what was sent");
    if (sent < most)
        say(e, ++sent);
    else
        finish(e);
}

static void open_end(struct end *e, struct gyre_stream *s,
                     void (*read)(struct gyre_reading *r, ssize_t n))
{
    e->stream = s;
    e->reading = (struct gyre_reading){
        .read = read, .buf = e->message, .size = sizeof e->message};
    bench_require(gyre_reading_start(&e->reading, s) == 0,
                  "gyre_reading_start");
}

static void accepted(struct gyre_accepting *a, struct gyre_stream *s, int err)
{
    static struct end answering;

    bench_require(err == 0, "accepting");
    gyre_accepting_stop(a);
    open_end(&answering, s, pinged);
}

static void connected(struct gyre_connecting *c, struct gyre_stream *s, int err)
{
    static struct end asking;

    (void)c;
    bench_require(err == 0, "connecting");
    open_end(&asking, s, ponged);
    say(&asking, ++sent);
}

static void run(struct gyre_loop *l)
{
    bench_require(gyre_loop_run(l) == 0, "gyre_loop_run");
}

static void *answer(void *l)
{
    bench_pin(1);
    run(l);
    return l;
}

int main(int argc, char **argv)
{
    struct gyre_accepting accepting = {.accepted = accepted};
    struct gyre_connecting connecting = {.connected = connected};
    struct gyre_loop *here, *there;
    int apart = argc > 3;
    struct gyre_addr at;
    pthread_t other;
    struct bench b;

    most = bench_number(argc, argv, 2);
    bench_pin(0);
    bench_require(gyre_loop_new(&here) == 0, "gyre_loop_new");
    there = here;
    bench_require(!apart || gyre_loop_new(&there) == 0, "gyre_loop_new");
    listener = listen_for(argv[1], there, &at);
    bench_require(gyre_accepting_start(&accepting, listener) == 0,
                  "gyre_accepting_start");
    bench_require(gyre_connecting_start(&connecting, here, &at) == 0,
                  "gyre_connecting_start");
    bench_start(&b);
    bench_require(!apart || !pthread_create(&other, NULL, answer, there),
                  "pthread_create");
    run(here);
    bench_require(!apart || !pthread_join(other, NULL), "pthread_join");
    bench_stop(&b);
    bench_require(sent == most, "as many pings");
    bench_print(&b, sent);
    return 0;
}
