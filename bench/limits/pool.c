/*
 * pool - the limit of work by other threads: a list, a lock and a condition for
 * what is to be done, and a list, a lock and a descriptor for what was.
 *
 *     pool OPS THREADS N       by so many threads, N pieces at a time
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "bench/bench.h"

struct piece {
    struct piece *next;
    uint64_t left; /* times that it is still to be done */
};

struct queue {
    pthread_mutex_t lock;
    struct piece *first, **last;
};

static struct queue todo = {.lock = PTHREAD_MUTEX_INITIALIZER,
                            .last = &todo.first};
static struct queue done = {.lock = PTHREAD_MUTEX_INITIALIZER,
                            .last = &done.first};
static pthread_cond_t more = PTHREAD_COND_INITIALIZER;
static unsigned idle; /* threads, under the lock of `todo` */
static int bell;

/* Under the queue's lock: append it, and say whether it is the first. */
static int append(struct queue *q, struct piece *p)
{
    int first = q->first == NULL;

    p->next = NULL;
    *q->last = p;
    q->last = &p->next;
    return first;
}

/* Under the queue's lock, which has one. */
static struct piece *take(struct queue *q)
{
    struct piece *p = q->first;

    q->first = p->next;
    if (q->first == NULL)
        q->last = &q->first;
    return p;
}

static void give(struct piece *p)
{
    pthread_mutex_lock(&todo.lock);
    append(&todo, p);
    if (idle > 0)
        pthread_cond_signal(&more);
    pthread_mutex_unlock(&todo.lock);
}

static void give_back(struct piece *p)
{
    uint64_t one = 1;
    int first;

    pthread_mutex_lock(&done.lock);
    first = append(&done, p);
    pthread_mutex_unlock(&done.lock);
    if (first)
        bench_require(write(bell, &one, sizeof one) == sizeof one, "write");
}

static void *work(void *arg)
{
    struct piece *p;

    for (;;) {
        pthread_mutex_lock(&todo.lock);
        while (todo.first == NULL) {
            idle++;
            pthread_cond_wait(&more, &todo.lock);
            idle--;
        }
        p = take(&todo);
        pthread_mutex_unlock(&todo.lock);
        give_back(p);
    }
    return arg;
}

static struct piece *take_done(void)
{
    struct piece *all;

    pthread_mutex_lock(&done.lock);
    all = done.first;
    done.first = NULL;
    done.last = &done.first;
    pthread_mutex_unlock(&done.lock);
    return all;
}

/* Have each of them done so many times. */
static void all(int poller, struct piece *pieces, uint64_t n, uint64_t times)
{
    struct epoll_event e;
    struct piece *p, *next;
    uint64_t rung, left = n;

    for (uint64_t i = 0; i < n; i++) {
        pieces[i].left = times;
        give(&pieces[i]);
    }
    while (left > 0) {
        bench_require(epoll_wait(poller, &e, 1, -1) == 1, "epoll_wait");
        bench_require(read(bell, &rung, sizeof rung) == sizeof rung, "read");
        for (p = take_done(); p != NULL; p = next) {
            next = p->next;
            if (--p->left > 0)
                give(p);
            else
                left--;
        }
    }
}

int main(int argc, char **argv)
{
    uint64_t ops = bench_number(argc, argv, 1), n = bench_number(argc, argv, 3);
    uint64_t threads = bench_number(argc, argv, 2);
    struct piece *pieces = calloc(n, sizeof *pieces);
    struct epoll_event e = {.events = EPOLLIN};
    int poller = epoll_create1(0);
    pthread_t thread;
    struct bench b;

    bell = eventfd(0, 0);
    bench_require(pieces != NULL && ops >= n, "starting");
    bench_require(!epoll_ctl(poller, EPOLL_CTL_ADD, bell, &e), "epoll_ctl");
    for (uint64_t i = 0; i < threads; i++)
        bench_require(!pthread_create(&thread, NULL, work, NULL),
                      "pthread_create");
    all(poller, pieces, n, 1); /* the threads are started */
    bench_start(&b);
    all(poller, pieces, n, ops / n);
    bench_stop(&b);
    bench_print(&b, ops / n * n);
    return 0;
}
