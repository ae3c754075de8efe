/*
 * ring OPS LOOPS   so many loops, each in a thread of its own, stand in a ring
 *                  and pass on as many items, from inbox to inbox
 */
#include <uv.h>

#include "bench/bench.h"
#include "bench/peers/libuv/inbox.h"

enum { LOOPS = 64 };

struct node {
    struct inbox inbox; /* first, so that it is the node */
    struct node *next;
    uint64_t left; /* arrivals to come */
};

struct traveller {
    struct item item; /* first, likewise */
    uint64_t left;    /* of its way */
};

static struct node nodes[LOOPS];
static struct traveller travellers[LOOPS];
static uv_barrier_t ready;

static void rung(uv_async_t *bell)
{
    struct node *node = bell->data;
    struct item *item, *next;

    for (item = take(&node->inbox); item != NULL; item = next) {
        struct traveller *t = (struct traveller *)item;

        next = item->next;
        if (--t->left > 0)
            post(&node->next->inbox, item);
        node->left--;
    }
    if (node->left == 0)
        uv_stop(&node->inbox.loop);
}

static void run(void *arg)
{
    struct node *node = arg;

    open_inbox(&node->inbox, rung);
    (void)uv_barrier_wait(&ready);
    post(&node->inbox, &travellers[node - nodes].item);
    (void)uv_run(&node->inbox.loop, UV_RUN_DEFAULT);
    bench_require(node->left == 0, "arriving");
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1), n = bench_number(argc, argv, 2);
    uint64_t each = ops / n / n * n; /* whole rounds */
    uv_thread_t threads[LOOPS];
    struct bench b;

    bench_require(n <= LOOPS && each > 0, "so many loops");
    bench_require(uv_barrier_init(&ready, (unsigned)n) == 0, "barrier");
    for (uint64_t i = 0; i < n; i++) {
        nodes[i].next = &nodes[(i + 1) % n];
        nodes[i].left = travellers[i].left = each;
    }
    bench_start(&b);
    for (uint64_t i = 1; i < n; i++)
        bench_require(uv_thread_create(&threads[i], run, &nodes[i]) == 0,
                      "uv_thread_create");
    run(&nodes[0]);
    for (uint64_t i = 1; i < n; i++)
        uv_thread_join(&threads[i]);
    bench_stop(&b);
    bench_print(&b, each * n);
    return 0;
}
