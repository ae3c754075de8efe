/*
 * inbox.h - a libuv loop that other threads give items to, in its best idiom: a
 * list under a mutex and one uv_async_t, rung only when the list was empty.
 */
#ifndef BENCH_LIBUV_INBOX_H
#define BENCH_LIBUV_INBOX_H

#include <uv.h>

#include "bench/bench.h"

struct item {
    struct item *next;
};

struct inbox {
    uv_loop_t loop;
    uv_async_t bell; /* its data is the inbox */
    uv_mutex_t lock;
    struct item *first, **last; /* under `lock` */
};

static inline void post(struct inbox *to, struct item *item)
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

/* All that are in it, in order. */
static inline struct item *take(struct inbox *in)
{
    struct item *first;

    uv_mutex_lock(&in->lock);
    first = in->first;
    in->first = NULL;
    in->last = &in->first;
    uv_mutex_unlock(&in->lock);
    return first;
}

static inline void open_inbox(struct inbox *in, uv_async_cb rung)
{
    in->first = NULL;
    in->last = &in->first;
    bench_require(uv_loop_init(&in->loop) == 0, "uv_loop_init");
    bench_require(uv_mutex_init(&in->lock) == 0, "uv_mutex_init");
    bench_require(uv_async_init(&in->loop, &in->bell, rung) == 0,
                  "uv_async_init");
    in->bell.data = in;
}

#endif
