/*
 * ring OPS LOOPS   so many loops, each in a thread of its own, stand in a ring
 *                  and pass on as many items, by posts
 */
#include <pthread.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "bench/bench.h"

enum { LOOPS = 64 };

struct node {
    struct gyre_loop *loop;
    struct gyre_mailbox *mailbox;
    struct node *next;
    uint64_t left; /* arrivals to come */
};

struct item {
    struct gyre_post post;
    struct node *at;
    uint64_t left; /* of its way */
};

static struct node nodes[LOOPS];
static struct item items[LOOPS];
static pthread_barrier_t ready;

static void pass_on(struct item *item, struct node *to)
{
    item->at = to;
    bench_require(gyre_post(to->mailbox, &item->post) == 0, "gyre_post");
}

static void arrived(struct gyre_post *p)
{
    struct item *item = GYRE_OWNER(p, struct item, post);
    struct node *node = item->at;

    if (--item->left > 0)
        pass_on(item, node->next);
    if (--node->left == 0)
        gyre_loop_release(node->loop);
}

static void *run(void *arg)
{
    struct node *node = arg;
    struct item *first = &items[node - nodes];

    bench_require(gyre_loop_new(&node->loop) == 0, "gyre_loop_new");
    node->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(node->loop));
    gyre_loop_hold(node->loop);
    pthread_barrier_wait(&ready);
    pass_on(first, node);
    bench_require(gyre_loop_run(node->loop) == 0, "gyre_loop_run");
    return NULL;
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1), n = bench_number(argc, argv, 2);
    uint64_t each = ops / n / n * n; /* whole rounds */
    pthread_t threads[LOOPS];
    struct bench b;

    bench_require(n <= LOOPS && each > 0, "so many loops");
    bench_require(!pthread_barrier_init(&ready, NULL, (unsigned)n), "barrier");
    for (uint64_t i = 0; i < n; i++) {
        nodes[i].next = &nodes[(i + 1) % n];
        nodes[i].left = items[i].left = each;
        items[i].post.run = arrived;
    }
    bench_start(&b);
    for (uint64_t i = 1; i < n; i++)
        bench_require(!pthread_create(&threads[i], NULL, run, &nodes[i]),
                      "pthread_create");
    run(&nodes[0]);
    for (uint64_t i = 1; i < n; i++)
        bench_require(!pthread_join(threads[i], NULL), "pthread_join");
    bench_stop(&b);
    bench_print(&b, each * n);
    return 0;
}
