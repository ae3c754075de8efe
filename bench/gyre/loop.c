/*
 * What a round of the loop costs that has one callback to make and polls.
 *
 *     loop turn OPS           so many rounds
 *     loop timed MS           as many as there are until a timer ends them
 *     loop alive OPS          asked whether there is anything to wait for
 *
 * A job would be run 61 times between two polls (bench/gyre/ready.c).  A watch
 * of what is always ready is called once a round, behind a poll that does not
 * wait, and so is what libuv's idle handle is.
 */
#include <fcntl.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "bench/bench.h"

static struct gyre_loop *loop;
static uint64_t rounds, most;

static void called(struct gyre_watch *w, unsigned events)
{
    (void)events;
    if (++rounds == most)
        gyre_watch_stop(loop, w);
}

static struct gyre_watch watch = {.ready = called};

static void end(struct gyre_timer *t)
{
    (void)t;
    gyre_watch_stop(loop, &watch);
}

static void start(void)
{
    int fd = open("/dev/null", O_RDONLY);

    bench_require(fd >= 0, "opening /dev/null");
    bench_require(gyre_watch_start(loop, &watch, fd, GYRE_READ) == 0,
                  "gyre_watch_start");
}

static void run(void)
{
    struct bench b;

    start();
    bench_start(&b);
    bench_require(gyre_loop_run(loop) == 0, "gyre_loop_run");
    bench_stop(&b);
    bench_require(most == 0 || rounds == most, "counting the rounds");
    bench_print(&b, rounds);
}

static void run_for(uint64_t ms)
{
    struct gyre_timer timer = {.fire = end};

    gyre_timer_start(loop, &timer,
                     gyre_loop_in(loop, (gyre_time)ms * GYRE_MILLISECOND));
    run();
}

static void ask(uint64_t ops)
{
    uint64_t yes = 0;
    struct bench b;

    start();
    bench_start(&b);
    for (uint64_t i = 0; i < ops; i++)
        yes += gyre_loop_alive(loop);
    bench_stop(&b);
    bench_require(yes == ops, "being alive");
    bench_print(&b, ops);
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    uint64_t n = bench_number(argc, argv, 2);

    bench_require(gyre_loop_new(&loop) == 0, "gyre_loop_new");
    if (strcmp(what, "alive") == 0) {
        ask(n);
    } else if (strcmp(what, "timed") == 0) {
        run_for(n);
    } else {
        most = n;
        run();
    }
    return 0;
}
