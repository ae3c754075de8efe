/*
 * Work from another thread into a loop: a post each.
 *
 *     post stream OPS         one thread posts OPS items as fast as it can
 *     post pingpong OPS       two loops in two threads hand one item to and fro
 *     post alone OPS          a loop has one item, and posts it to itself again
 */
#include <pthread.h>
#include <string.h>

#include "loop/loop.h"
#include "loop/mailbox.h"
#include "bench/bench.h"
#include "bench/laps.h"

/* A loop that others post to, kept alive by a hold until all has come. */
struct inbox {
    struct gyre_loop *loop;
    struct gyre_mailbox *mailbox;
    uint64_t left; /* items still to come */
};

static struct inbox here, there;
static struct gyre_post *items;
static uint64_t n;
static struct bench_laps laps; /* of the ping-pong: to and fro */

static void post(struct inbox *to, struct gyre_post *item)
{
    bench_require(gyre_post(to->mailbox, item) == 0, "gyre_post");
}

static void count(struct inbox *in)
{
    if (--in->left == 0)
        gyre_loop_release(in->loop);
}

static void arrived(struct gyre_post *item)
{
    (void)item;
    count(&here);
}

static void pong(struct gyre_post *item);

static void ping(struct gyre_post *item)
{
    item->run = pong;
    count(&there);
    post(&here, item);
}

static void pong(struct gyre_post *item)
{
    item->run = ping;
    bench_lap(&laps);
    count(&here);
    if (here.left > 0)
        post(&there, item);
}

static void again(struct gyre_post *item)
{
    count(&here);
    if (here.left > 0)
        post(&here, item);
}

static void open_inbox(struct inbox *in)
{
    in->left = n;
    bench_require(gyre_loop_new(&in->loop) == 0, "gyre_loop_new");
    in->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(in->loop));
    gyre_loop_hold(in->loop);
}

static void *post_all(void *arg)
{
    bench_pin(1);
    for (uint64_t i = 0; i < n; i++)
        post(&here, &items[i]);
    return arg;
}

static void *answer(void *arg)
{
    bench_pin(1);
    open_inbox(&there);
    post(&there, items);
    bench_require(gyre_loop_run(there.loop) == 0, "gyre_loop_run");
    return arg;
}

/* Run `here`, beside another thread that does `rest`, unless that is NULL. */
static void run_beside(void *(*rest)(void *))
{
    pthread_t other;

    if (rest != NULL)
        bench_require(!pthread_create(&other, NULL, rest, NULL),
                      "pthread_create");
    bench_require(gyre_loop_run(here.loop) == 0, "gyre_loop_run");
    if (rest != NULL)
        bench_require(!pthread_join(other, NULL), "pthread_join");
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int stream = strcmp(what, "stream") == 0;
    int alone = strcmp(what, "alone") == 0;
    struct bench b;

    n = bench_number(argc, argv, 2);
    items = malloc(n * sizeof *items);
    bench_require(items != NULL, "malloc");
    memset(items, 0, n * sizeof *items);
    for (uint64_t i = 0; i < n; i++)
        items[i].run = stream ? arrived : alone ? again : ping;
    bench_pin(0);
    open_inbox(&here);
    bench_start(&b);
    bench_laps_start(&laps);
    if (alone)
        post(&here, items);
    run_beside(stream ? post_all : alone ? NULL : answer);
    bench_stop(&b);
    bench_print(&b, n);
    bench_laps_print(&laps);
    return 0;
}
