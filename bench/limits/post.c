/*
 * post - the limit of work from another thread: a list with one atomic head,
 * and a descriptor that is written to only when who takes from it sleeps.
 *
 *     post OPS         one thread posts OPS items as fast as it can
 */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench/bench.h"

struct item {
    struct item *next;
};

static struct item *items, asleep;
static _Atomic(struct item *) top; /* the newest; or `asleep` */
static int bell;
static uint64_t n;

static void post(struct item *item)
{
    struct item *old = atomic_load(&top);
    uint64_t one = 1;

    do
        item->next = old == &asleep ? NULL : old;
    while (!atomic_compare_exchange_weak(&top, &old, item));
    if (old == &asleep)
        bench_require(write(bell, &one, sizeof one) == sizeof one, "write");
}

static void *post_all(void *arg)
{
    bench_pin(1);
    for (uint64_t i = 0; i < n; i++)
        post(&items[i]);
    return arg;
}

/* All that have come, oldest first. */
static struct item *take(void)
{
    struct item *newest = atomic_exchange(&top, NULL), *oldest = NULL, *next;

    for (; newest != NULL; newest = next) {
        next = newest->next;
        newest->next = oldest;
        oldest = newest;
    }
    return oldest;
}

static void sleep_until_one_comes(int poller)
{
    struct item *none = NULL;
    struct epoll_event e;
    uint64_t rung;

    if (!atomic_compare_exchange_strong(&top, &none, &asleep))
        return;
    bench_require(epoll_wait(poller, &e, 1, -1) == 1, "epoll_wait");
    bench_require(read(bell, &rung, sizeof rung) == sizeof rung, "read");
}

static void receive_all(int poller)
{
    struct item *item;
    uint64_t got = 0;

    while (got < n) {
        for (item = take(); item != NULL; item = item->next)
            got++;
        if (got < n)
            sleep_until_one_comes(poller);
    }
}

int main(int argc, char **argv)
{
    int poller = epoll_create1(0);
    struct epoll_event e = {.events = EPOLLIN};
    pthread_t other;
    struct bench b;

    n = bench_number(argc, argv, 1);
    items = malloc(n * sizeof *items);
    bench_require(items != NULL, "malloc");
    memset(items, 1, n * sizeof *items);
    bell = eventfd(0, 0);
    bench_require(!epoll_ctl(poller, EPOLL_CTL_ADD, bell, &e), "epoll_ctl");
    bench_pin(0);
    bench_start(&b);
    bench_require(!pthread_create(&other, NULL, post_all, NULL),
                  "pthread_create");
    receive_all(poller);
    bench_require(!pthread_join(other, NULL), "pthread_join");
    bench_stop(&b);
    bench_print(&b, n);
    return 0;
}
