/*
 * kqueue.c - kqueue(2) for Linux, made of epoll.
 *
 * A kqueue is an epoll instance that holds one more for each filter, for epoll
 * knows a descriptor only once and kqueue once a filter, each a level or an
 * edge.  Being an epoll instance it can itself be polled, and watched by a
 * kqueue.
 *
 * Like the real one it forgets a descriptor that is closed even while a dup of
 * it lives, for which there is a `close` in this file; it is gone after fork;
 * adding a filter that is there does not change its EV_CLEAR; a receipt has no
 * flag but EV_ERROR; and it refuses /dev/null (EINVAL), pipes that nobody
 * reads (EPIPE), EVFILT_EXCEPT for what is no socket, and waits of years
 * (EINVAL).  Its waits end early by a sixteenth, for no system promises that
 * they do not.
 *
 * Where it is not like the real one:
 *   - only close() itself is noticed: a number that dup2 or fclose closes
 *     keeps its filters while a dup lives;
 *   - `data` is right for bytes to read and for exits, else 1;
 *   - the error of a socket cannot be had without taking it, so `fflags` is
 *     EIO for any;
 *   - a regular file is never ready, as if it were read to its end;
 *   - of EVFILT_PROC there is NOTE_EXIT, of EVFILT_EXCEPT there is NOTE_OOB; a
 *     process that ended before it was watched is told of, and not ESRCH;
 *   - of EVFILT_VNODE there are NOTE_WRITE, NOTE_EXTEND, NOTE_ATTRIB,
 *     NOTE_RENAME, and NOTE_DELETE, by inotify;
 *   - no other filters, nor NOTE_LOWAT;
 *   - events come filter by filter, and not in the order they happened;
 *   - kqueues within kqueues end at the second, for epoll allows for no more.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/event.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/kqueue/filter.h"

#define LONGEST 100000000 /* seconds that a wait may last */

struct queue {
    struct queue *next; /* in `queues` */
    int kq;             /* holds the epoll instances of the filters */
    int open;           /* filters that are */
    int turn;           /* the filter to begin with */
    struct filter filters[FILTERS];
};

static struct queue *queues;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* ---- queues ---- */

static struct queue *find_queue(int kq)
{
    struct queue *q = queues;

    while (q != NULL && q->kq != kq)
        q = q->next;
    return q;
}

static void free_queue(struct queue *q)
{
    for (int i = 0; i < q->open; i++)
        filter_close(&q->filters[i]);
    if (q->kq >= 0)
        kernel_close(q->kq);
    munmap(q, sizeof *q);
}

/* -1 with errno; then too it is to be freed. */
static int open_queue(struct queue *q)
{
    q->kq = epoll_create1(0);
    if (q->kq < 0)
        return -1;
    while (q->open < FILTERS) {
        struct filter *f = &q->filters[q->open];
        struct epoll_event e = {.events = EPOLLIN};

        if (filter_open(f, (enum filter_kind)q->open++) < 0 ||
            epoll_ctl(q->kq, EPOLL_CTL_ADD, f->epfd, &e) < 0)
            return -1;
    }
    return 0;
}

static void hold(void)
{
    pthread_mutex_lock(&lock);
}

static void let_go(void)
{
    pthread_mutex_unlock(&lock);
}

static void lose_all(void)
{
    while (queues != NULL) {
        struct queue *q = queues;

        queues = q->next;
        free_queue(q);
    }
    let_go();
}

static void see_forks(void)
{
    pthread_atfork(hold, let_go, lose_all);
}

int kqueue(void)
{
    struct queue *q = kernel_memory(sizeof *q);

    if (q == NULL)
        return -1;
    pthread_once(&once, see_forks);
    if (open_queue(q) < 0) {
        int saved = errno;

        free_queue(q);
        errno = saved;
        return -1;
    }
    hold();
    q->next = queues;
    queues = q;
    let_go();
    return q->kq;
}

/* ---- changes and events ---- */

static int change(struct queue *q, const struct kevent *k)
{
    enum filter_kind kind = filter_kind(k);

    return kind == FILTERS ? EINVAL : filter_change(&q->filters[kind], k);
}

/* Make the changes; how many answers are in `events`, or -1 with errno. */
static int change_all(struct queue *q, const struct kevent *changes, int n,
                      struct kevent *events, int room)
{
    int used = 0;

    for (int i = 0; i < n; i++) {
        int err = change(q, &changes[i]);

        if (err == 0 && !(changes[i].flags & EV_RECEIPT))
            continue;
        if (used == room) {
            errno = err;
            return err ? -1 : used;
        }
        events[used] = changes[i];
        events[used].flags = EV_ERROR;
        events[used++].data = err;
    }
    return used;
}

/* The filters take turns to be first, so that none is crowded out. */
static int collect(struct queue *q, struct kevent *events, int room)
{
    int used = 0;

    q->turn = (q->turn + 1) % FILTERS;
    for (int i = 0; i < FILTERS && used < room; i++)
        used += filter_collect(&q->filters[(q->turn + i) % FILTERS],
                               events + used, room - used);
    return used;
}

/* One look, with the changes first: as kevent, but for the wait. */
static int look(int kq, const struct kevent *changes, int nchanges,
                struct kevent *events, int nevents)
{
    struct queue *q;
    int n;

    hold();
    q = find_queue(kq);
    if (q == NULL) {
        n = -1;
        errno = EBADF;
    } else {
        n = change_all(q, changes, nchanges, events, nevents);
        if (n == 0 && nevents > 0)
            n = collect(q, events, nevents);
    }
    let_go();
    return n;
}

static int64_t nanoseconds(const struct timespec *t)
{
    return t->tv_sec * INT64_C(1000000000) + t->tv_nsec;
}

static int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return nanoseconds(&t);
}

/* Wait for something to look at: > 0, 0 when it is `until`, -1 with errno. */
static int wait_for(int kq, int64_t until)
{
    struct pollfd f = {.fd = kq, .events = POLLIN};
    int64_t left = until == INT64_MAX ? 0 : until - now();
    struct timespec t = {.tv_sec = left / 1000000000,
                         .tv_nsec = left % 1000000000};

    if (left < 0)
        return 0;
    return ppoll(&f, 1, until == INT64_MAX ? NULL : &t, NULL);
}

int kevent(int kq, const struct kevent *changes, int nchanges,
           struct kevent *events, int nevents, const struct timespec *timeout)
{
    int64_t until = INT64_MAX;
    int n;

    if (timeout != NULL) {
        if (timeout->tv_sec < 0 || timeout->tv_sec > LONGEST) {
            errno = EINVAL;
            return -1;
        }
        until = now() + nanoseconds(timeout) * 15 / 16;
    }
    n = look(kq, changes, nchanges, events, nevents);
    while (n == 0 && nevents > 0) {
        int ready = wait_for(kq, until);

        if (ready <= 0)
            return ready;
        n = look(kq, NULL, 0, events, nevents);
    }
    return n;
}

/* In place of libc's, so that a closed descriptor's filters go with it. */
int close(int fd)
{
    struct queue **link = &queues, *q;
    int err;

    hold();
    while (*link != NULL && (*link)->kq != fd)
        link = &(*link)->next;
    q = *link;
    if (q != NULL) {
        *link = q->next;
        free_queue(q);
        let_go();
        return 0;
    }
    for (q = queues; q != NULL; q = q->next) {
        for (int i = 0; i < FILTERS; i++)
            filter_lose(&q->filters[i], fd);
    }
    err = kernel_close(fd);
    let_go();
    return err;
}
