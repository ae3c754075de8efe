/*
 * Eight bytes to and fro over one connection, in libuv's best idiom:
 * uv_try_write in the read callback, into one place each time, where libuv's
 * own benchmark makes a request a write.
 *
 *     pingpong KIND OPS          both ends in one loop
 *     pingpong KIND OPS apart    each in a loop of its own, in its own thread
 *
 * KIND is tcp or pipe.
 */
#include "bench/peers/libuv/kind.h"

/* An end, and the message it has just read: with room for more, so that a read
   tells that there is none. */
struct side {
    union end end;
    uint64_t message[8];
};

static union end listener;
static struct side asking, answering;
static uv_loop_t other_loop;
static uint64_t sent, most; /* pings: each bears its number */

static void finish(uv_stream_t *s)
{
    uv_close((uv_handle_t *)s, NULL);
}

static void say(uv_stream_t *s, uint64_t message)
{
    uv_buf_t buf = uv_buf_init((char *)&message, sizeof message);

    bench_require(uv_try_write(s, &buf, 1) == sizeof message, "uv_try_write");
}

static void lend(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct side *s = (struct side *)h;

    (void)suggested;
    *buf = uv_buf_init((char *)s->message, sizeof s->message);
}

static void pinged(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    if (n == sizeof answering.message[0])
        say(s, answering.message[0]);
    else if (n != 0)
        finish(s);
}

static void ponged(uv_stream_t *s, ssize_t n, const uv_buf_t *buf)
{
    (void)buf;
    if (n == 0)
        return;
    bench_require(n == sizeof asking.message[0] && asking.message[0] == sent,
                  "answering what was sent");
    if (sent < most)
        say(s, ++sent);
    else
        finish(s);
}

static void accepted(uv_stream_t *l, int status)
{
    bench_require(status == 0, "accepting");
    accept_end(l, &answering.end);
    uv_close((uv_handle_t *)l, NULL);
    bench_require(uv_read_start(&answering.end.stream, lend, pinged) == 0,
                  "uv_read_start");
}

static void connected(uv_connect_t *c, int status)
{
    (void)c;
    bench_require(status == 0, "connecting");
    bench_require(uv_read_start(&asking.end.stream, lend, ponged) == 0,
                  "uv_read_start");
    say(&asking.end.stream, ++sent);
}

static void run(uv_loop_t *loop)
{
    bench_require(uv_run(loop, UV_RUN_DEFAULT) == 0, "uv_run");
}

static void answer(void *loop)
{
    bench_pin(1);
    run(loop);
}

int main(int argc, char **argv)
{
    uv_loop_t *here = uv_default_loop(), *there = here;
    int apart = argc > 3;
    uv_connect_t connecting;
    uv_thread_t other;
    struct bench b;

    most = bench_number(argc, argv, 2);
    bench_pin(0);
    if (apart) {
        there = &other_loop;
        bench_require(uv_loop_init(there) == 0, "uv_loop_init");
    }
    listen_for(argv[1], there, &listener, accepted);
    connect_end(here, &asking.end, &connecting, connected);
    bench_start(&b);
    bench_require(!apart || !uv_thread_create(&other, answer, there),
                  "uv_thread_create");
    run(here);
    bench_require(!apart || !uv_thread_join(&other), "uv_thread_join");
    bench_stop(&b);
    bench_require(sent == most, "as many pings");
    bench_print(&b, sent);
    return 0;
}
