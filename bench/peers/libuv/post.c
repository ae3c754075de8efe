/*
 * Work from another thread into a libuv loop: a list under a mutex and one
 * uv_async_t, rung only when the list was empty.
 *
 *     post stream OPS         one thread posts OPS items as fast as it can
 *     post pingpong OPS       two loops in two threads hand one item to and fro
 */
#include <string.h>
#include <uv.h>

#include "bench/bench.h"

struct item {
    struct item *next;
};

/* A loop that others post to. */
struct inbox {
    uv_loop_t loop;
    uv_async_t bell;
    uv_mutex_t lock;
    struct item *first, **last; /* under `lock` */
    uint64_t left;              /* items still to come */
    struct inbox *reply_to;     /* or NULL */
};

static struct inbox here, there;
static struct item *items;

static void post(struct inbox *to, struct item *item)
{
    int was_empty;

    item->next = NULL;
    uv_mutex_lock(&to->lock);
    was_empty = to->first == NULL;
    *to->last = item;
    to->last = &item->next;
    uv_mutex_unlock(&to->lock);
    if (was_empty)
        (void)uv_async_send(&to->bell);
}

static struct item *take(struct inbox *in)
{
    struct item *first;

    uv_mutex_lock(&in->lock);
    first = in->first;
    in->first = NULL;
    in->last = &in->first;
    uv_mutex_unlock(&in->lock);
    return first;
}

static void rung(uv_async_t *bell)
{
    struct inbox *in = bell->data;
    struct item *item, *next;

    for (item = take(in); item != NULL; item = next) {
        next = item->next;
        in->left--;
        if (in->reply_to != NULL && (in->left > 0 || in != &here))
            post(in->reply_to, item); /* `here` keeps the last */
    }
    if (in->left == 0)
        uv_stop(&in->loop);
}

static void open_inbox(struct inbox *in, uint64_t n, struct inbox *reply_to)
{
    *in = (struct inbox){.left = n, .reply_to = reply_to};
    in->last = &in->first;
    bench_require(uv_loop_init(&in->loop) == 0, "uv_loop_init");
    bench_require(uv_mutex_init(&in->lock) == 0, "uv_mutex_init");
    bench_require(uv_async_init(&in->loop, &in->bell, rung) == 0,
                  "uv_async_init");
    in->bell.data = in;
}

static void post_all(void *arg)
{
    uint64_t i, n = *(uint64_t *)arg;

    bench_pin(1);
    for (i = 0; i < n; i++)
        post(&here, &items[i]);
}

static void answer(void *arg)
{
    (void)arg;
    bench_pin(1);
    (void)uv_run(&there.loop, UV_RUN_DEFAULT);
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
    open_inbox(&here, n, stream ? NULL : &there);
    open_inbox(&there, n, &here);
    bench_start(&b);
    bench_require(!uv_thread_create(&other, stream ? post_all : answer, &n),
                  "uv_thread_create");
    if (!stream)
        post(&there, &items[0]);
    (void)uv_run(&here.loop, UV_RUN_DEFAULT);
    uv_thread_join(&other);
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
