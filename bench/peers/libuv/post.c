/*
 * Work from another thread into a libuv loop (inbox.h).
 *
 *     post stream OPS         one thread posts OPS items as fast as it can
 *     post pingpong OPS       two loops in two threads hand one item to and fro
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"
#include "bench/laps.h"
#include "bench/peers/libuv/inbox.h"

/* A loop that others post to. */
struct side {
    struct inbox inbox;    /* first, so that it is the side */
    uint64_t left;         /* items still to come */
    struct side *reply_to; /* or NULL */
};

static struct side here, there;
static struct item *items;
static struct bench_laps laps; /* of the ping-pong: to and fro */

static void rung(uv_async_t *bell)
{
    struct side *in = bell->data;
    struct item *item, *next;

    for (item = take(&in->inbox); item != NULL; item = next) {
        next = item->next;
        in->left--;
        if (here.reply_to != NULL && in == &here)
            bench_lap(&laps);
        if (in->reply_to != NULL && (in->left > 0 || in != &here))
            post(&in->reply_to->inbox, item); /* `here` keeps the last */
    }
    if (in->left == 0)
        uv_stop(&in->inbox.loop);
}

static void open_side(struct side *in, uint64_t n, struct side *reply_to)
{
    in->left = n;
    in->reply_to = reply_to;
    open_inbox(&in->inbox, rung);
}

static void post_all(void *arg)
{
    uint64_t i, n = *(uint64_t *)arg;

    bench_pin(1);
    for (i = 0; i < n; i++)
        post(&here.inbox, &items[i]);
}

static void answer(void *arg)
{
    (void)arg;
    bench_pin(1);
    (void)uv_run(&there.inbox.loop, UV_RUN_DEFAULT);
}

int main(int argc, char **argv)
{
    int stream = argc > 1 && strcmp(argv[1], "stream") == 0;
    uint64_t n = bench_number(argc, argv, 2);
    uv_thread_t other;
    struct bench b;

    items = malloc(n * sizeof *items);
    bench_require(items != NULL, "malloc");
    memset(items, 1, n * sizeof *items);
    bench_pin(0);
    open_side(&here, n, stream ? NULL : &there);
    open_side(&there, n, &here);
    bench_start(&b);
    bench_laps_start(&laps);
    bench_require(!uv_thread_create(&other, stream ? post_all : answer, &n),
                  "uv_thread_create");
    if (!stream)
        post(&there.inbox, &items[0]);
    (void)uv_run(&here.inbox.loop, UV_RUN_DEFAULT);
    uv_thread_join(&other);
    bench_stop(&b);
    bench_print(&b, n);
    bench_laps_print(&laps);
    return 0;
}
