/*
 * poller_epoll.c - the poller of Linux: epoll, an eventfd, at need a timerfd.
 *
 * How epoll lies, and what is done about it:
 *
 * - It watches open files, not descriptors.  Close a watched descriptor while
 *   a dup of it lives, here or in a child, and its events keep coming, though
 *   no call can name the registration any more: DEL says EBADF, or, once the
 *   number is somebody else's, ENOENT or EPERM.  `set` passes these on.  The
 *   loop tells such events by their tag and drops them, but a level-triggered
 *   one comes back at every wait, at the price of a whole processor.  There is
 *   no cure but a new epoll instance: `renew`.
 * - So a number may be known to epoll that we took for new (dup2 put the old
 *   file back: ADD says EEXIST), or be new to it when we took it for known
 *   (closed and opened again: MOD says ENOENT).  The other call is right then.
 * - The descriptor of an instance goes stale with it.  What `fd` lends is
 *   therefore a second instance around the first: somebody else's loop keeps
 *   it through any number of renewals.
 * - Regular files, directories and /dev/null are refused, with EPERM.
 * - HUP and ERR are told whether asked for or not.  A peer that shut down its
 *   half is RDHUP, without HUP; one that is gone is HUP; the reading end of a
 *   pipe is told HUP without IN, the writing end ERR without OUT.  Whoever
 *   waits for either must be woken by all of these, and learn the rest from
 *   the read or the write.
 * - epoll_wait counts in milliseconds.  epoll_pwait2 does not, but is missing
 *   from older kernels, qemu-user and Valgrind, and forbidden in some
 *   containers.
 *
 * The eventfd and the timerfd are edge-triggered and never read: an edge is
 * consumed by being told of, which saves a system call at each wake.  Their
 * tags are two that no descriptor has.
 */
#include "loop/poller_epoll.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define BATCH 256

#define BELL  UINT64_MAX
#define ALARM (UINT64_MAX - 1)

#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441
#endif

/* Otherwise far deadlines would not fit a timespec. */
_Static_assert(sizeof(time_t) == 8, "time_t has 64 bits");

struct epoll_poller {
    struct gyre_poller base;
    int epfd;
    int lent;           /* holds epfd alone; -1 until asked for */
    int bell;           /* eventfd: somebody called `wake` */
    int alarm;          /* timerfd, or -1: epoll_pwait2 will do */
    gyre_time alarm_at; /* what it was last set to */
    struct epoll_event got[BATCH];
};

static uint32_t to_epoll(unsigned events)
{
    return (events & GYRE_READ ? EPOLLIN : 0u) |
           (events & GYRE_WRITE ? EPOLLOUT : 0u) |
           (events & GYRE_PRIORITY ? EPOLLPRI : 0u) |
           (events & GYRE_HANGUP ? EPOLLRDHUP : 0u) |
           (events & GYRE_EDGE ? EPOLLET : 0u);
}

static unsigned what_is_rare(uint32_t events)
{
    unsigned r = 0;

    if (events & EPOLLPRI)
        r |= GYRE_PRIORITY;
    if (events & EPOLLRDHUP)
        r |= GYRE_READ | GYRE_HANGUP;
    if (events & EPOLLHUP)
        r |= GYRE_READ | GYRE_WRITE | GYRE_HANGUP;
    if (events & EPOLLERR)
        r |= GYRE_READ | GYRE_WRITE | GYRE_ERROR;
    return r;
}

/* Most events tell of bytes, or of room, and of nothing else. */
static inline unsigned from_epoll(uint32_t events)
{
    unsigned r = (events & EPOLLIN ? GYRE_READ : 0u) |
                 (events & EPOLLOUT ? GYRE_WRITE : 0u);

    if (events & ~(uint32_t)(EPOLLIN | EPOLLOUT))
        r |= what_is_rare(events);
    return r;
}

static int add(int epfd, int fd, uint32_t events, uint64_t tag)
{
    struct epoll_event e = {.events = events, .data.u64 = tag};

    return epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e) < 0 ? -errno : 0;
}

static int set(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
               unsigned to)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;
    struct epoll_event e = {.events = to_epoll(to), .data.u64 = tag};
    int op = to == 0     ? EPOLL_CTL_DEL
             : from == 0 ? EPOLL_CTL_ADD
                         : EPOLL_CTL_MOD;

    if (epoll_ctl(ep->epfd, op, fd, &e) == 0)
        return 0;
    if (op == EPOLL_CTL_ADD && errno == EEXIST)
        op = EPOLL_CTL_MOD;
    else if (op == EPOLL_CTL_MOD && errno == ENOENT)
        op = EPOLL_CTL_ADD;
    else
        return -errno;
    return epoll_ctl(ep->epfd, op, fd, &e) < 0 ? -errno : 0;
}

static gyre_time now(struct gyre_poller *p)
{
    struct timespec t;

    (void)p;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

/* GYRE_FOREVER needs no case of its own: it is three hundred years. */
static struct timespec to_timespec(gyre_time t)
{
    return (struct timespec){.tv_sec = t / GYRE_SECOND,
                             .tv_nsec = t % GYRE_SECOND};
}

/* musl does not wrap it. */
static int pwait2(int epfd, struct epoll_event *e, int n, gyre_time span)
{
    struct timespec t = to_timespec(span);

    return (int)syscall(SYS_epoll_pwait2, epfd, e, n, &t, NULL, 0);
}

/* It looks at the descriptor, unless it is missing or forbidden. */
static bool has_pwait2(void)
{
    struct epoll_event e;

    return pwait2(-1, &e, 1, 0) < 0 && errno == EBADF;
}

static gyre_time span_to(struct gyre_poller *p, gyre_time until)
{
    gyre_time t;

    if (until == GYRE_NOW || until == GYRE_FOREVER)
        return until;
    t = now(p);
    return until > t ? until - t : 0;
}

static int set_alarm(struct epoll_poller *ep, gyre_time at)
{
    struct itimerspec t = {.it_value = to_timespec(at)};

    if (at == ep->alarm_at)
        return 0;
    if (timerfd_settime(ep->alarm, TFD_TIMER_ABSTIME, &t, NULL) < 0)
        return -1;
    ep->alarm_at = at;
    return 0;
}

static int wait_for_alarm(struct epoll_poller *ep, int n, gyre_time until)
{
    if (span_to(&ep->base, until) == 0)
        return epoll_wait(ep->epfd, ep->got, n, 0);
    if (set_alarm(ep, until) < 0)
        return -1;
    return epoll_wait(ep->epfd, ep->got, n, -1);
}

/* A timespec costs half as much again as a poll that does not wait. */
static int wait_until(struct epoll_poller *ep, int n, gyre_time until)
{
    gyre_time span = span_to(&ep->base, until);

    if (span == 0 || span == GYRE_FOREVER)
        return epoll_wait(ep->epfd, ep->got, n, span == 0 ? 0 : -1);
    return pwait2(ep->epfd, ep->got, n, span);
}

static int wait_for(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                    gyre_time until)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;
    int got, used = 0;

    if (n > BATCH)
        n = BATCH;
    got =
        ep->alarm < 0 ? wait_until(ep, n, until) : wait_for_alarm(ep, n, until);
    if (got < 0)
        return errno == EINTR ? 0 : -errno;
    for (int i = 0; i < got; i++) {
        uint64_t tag = ep->got[i].data.u64;

        if (tag == BELL || tag == ALARM)
            continue;
        ev[used].tag = tag;
        ev[used++].events = from_epoll(ep->got[i].events);
    }
    return used;
}

/* The write fails, and touches errno, only after 2^64 - 2 wakes. */
static void wake(struct gyre_poller *p)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;
    uint64_t one = 1;

    (void)!write(ep->bell, &one, sizeof one);
}

/* An instance that hears the bell and the alarm alone; or -errno. */
static int open_epoll(const struct epoll_poller *ep)
{
    int epfd = epoll_create1(EPOLL_CLOEXEC);
    int err;

    if (epfd < 0)
        return -errno;
    err = add(epfd, ep->bell, EPOLLIN | EPOLLET, BELL);
    if (err == 0 && ep->alarm >= 0)
        err = add(epfd, ep->alarm, EPOLLIN | EPOLLET, ALARM);
    if (err == 0)
        return epfd;
    close(epfd);
    return err;
}

static int renew(struct gyre_poller *p)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;
    int epfd = open_epoll(ep);
    int err;

    if (epfd < 0)
        return epfd;
    if (ep->lent >= 0) {
        err = add(ep->lent, epfd, EPOLLIN, 0);
        if (err) {
            close(epfd);
            return err;
        }
        /* Not left to close: a child may hold the old one. */
        epoll_ctl(ep->lent, EPOLL_CTL_DEL, ep->epfd, NULL);
    }
    close(ep->epfd);
    ep->epfd = epfd;
    return 0;
}

static int lend(struct gyre_poller *p)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;
    int fd, err;

    if (ep->lent >= 0)
        return ep->lent;
    fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return -errno;
    err = add(fd, ep->epfd, EPOLLIN, 0);
    if (err) {
        close(fd);
        return err;
    }
    return ep->lent = fd;
}

static void shut(int fd)
{
    if (fd >= 0)
        close(fd);
}

static void free_poller(struct gyre_poller *p)
{
    struct epoll_poller *ep = (struct epoll_poller *)p;

    shut(ep->lent);
    shut(ep->epfd);
    shut(ep->alarm);
    shut(ep->bell);
    free(ep);
}

static const struct gyre_poller_ops epoll_ops = {
    .name = "epoll",
    .set = set,
    .wait = wait_for,
    .wake = wake,
    .now = now,
    .fd = lend,
    .renew = renew,
    .free = free_poller,
};

static int open_all(struct epoll_poller *ep, bool timerfd)
{
    ep->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (ep->bell < 0)
        return -errno;
    if (timerfd) {
        ep->alarm = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        if (ep->alarm < 0)
            return -errno;
    }
    ep->epfd = open_epoll(ep);
    return ep->epfd < 0 ? ep->epfd : 0;
}

int gyre_poller_epoll_new(struct gyre_poller **out, bool timerfd)
{
    struct epoll_poller *ep = calloc(1, sizeof *ep);
    int err;

    if (ep == NULL)
        return -ENOMEM;
    ep->base.ops = &epoll_ops;
    ep->epfd = ep->lent = ep->bell = ep->alarm = -1;
    ep->alarm_at = GYRE_FOREVER;
    err = open_all(ep, timerfd || !has_pwait2());
    if (err) {
        free_poller(&ep->base);
        return err;
    }
    *out = &ep->base;
    return 0;
}

int gyre_poller_new(struct gyre_poller **out)
{
    return gyre_poller_epoll_new(out, false);
}
