/*
 * poller_kqueue.c - the poller of macOS and the BSDs: kqueue, and a pipe.
 *
 * Where kqueue and the contract differ, and what is done about it:
 *
 * - Reading and writing are filters of their own, with an event each; what one
 *   wait brings of a descriptor is put together.  Adding a filter that is
 *   there changes its tag but leaves it a level or an edge, as it was; it is
 *   deleted first.
 * - Closing a descriptor deletes its filters, even while a dup of it lives.
 *   Nothing lingers, so there is no `renew`; and a filter that cannot be
 *   deleted is one that was closed too early.
 * - The end of a filter is EV_EOF.  On the reading filter the peer ended its
 *   half or is gone.  On the writing filter it may as well be our own
 *   shutdown; poll knows which.
 * - There is no filter for a hangup alone.  The reading filter stands in, as
 *   an edge, lest bytes that nobody asked for be told of for ever; such a
 *   watch is therefore told of a hangup once.
 * - Urgent bytes have a filter on macOS and OpenBSD, for sockets.  Elsewhere
 *   they are not told of, and asking for nothing else is -ENOTSUP.
 * - Regular files are ready until their end is reached, and then not; and some
 *   devices are refused (EINVAL), and pipes that nobody reads (EPIPE).  All of
 *   these are always ready for us.
 * - A kqueue does not get through fork: in the child its number is free, and
 *   may soon be another file's.  So only the process that made it closes it.
 *
 * EVFILT_USER would do for `wake`, but is not everywhere, and POSIX lets
 * signal handlers write to pipes.
 */
#include "loop/poller.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/event.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "loop/bell.h"
#include "loop/kevent.h"

#define BATCH  256
#define PLACES (2 * BATCH)

/* Longer waits are made of several, for some systems refuse them. */
#define LONGEST (86400 * GYRE_SECOND)

/* The clock that kevent waits on. */
#ifdef CLOCK_UPTIME_RAW
#define CLOCK CLOCK_UPTIME_RAW
#else
#define CLOCK CLOCK_MONOTONIC
#endif

_Static_assert(sizeof(void *) >= sizeof(uint64_t), "udata holds a tag");

struct kqueue_poller {
    struct gyre_poller base;
    int kq;
    pid_t maker; /* the process whose `kq` it is */
    struct gyre_bell bell;
    struct kevent got[BATCH];
    short places[PLACES]; /* of tags in the caller's events, plus 1 */
};

/* The filters, and what they are for. */
static const struct {
    short filter;
    unsigned short fflags;
    unsigned events;
} filters[] = {
    {EVFILT_READ, 0, GYRE_READ | GYRE_HANGUP},
    {EVFILT_WRITE, 0, GYRE_WRITE},
#ifdef EVFILT_EXCEPT
    {EVFILT_EXCEPT, NOTE_OOB, GYRE_PRIORITY},
#endif
};

enum { FILTERS = sizeof filters / sizeof *filters };

/* How filter `i` is added for the sake of `events`; 0 if it is not needed. */
static unsigned short adding(int i, unsigned events)
{
    unsigned wanted = events & filters[i].events;

    if (wanted == 0)
        return 0;
    return events & GYRE_EDGE || wanted == GYRE_HANGUP ? EV_ADD | EV_CLEAR
                                                       : EV_ADD;
}

/* Nothing can be written to `fd` any more: is it the peer's doing? */
static unsigned ended_by(int fd)
{
    struct pollfd f = {.fd = fd, .events = POLLOUT};

    if (poll(&f, 1, 0) < 1)
        return 0;
    return (f.revents & POLLHUP ? GYRE_HANGUP : 0u) |
           (f.revents & POLLERR ? GYRE_ERROR : 0u);
}

static unsigned from_kevent(const struct kevent *e)
{
    bool end = e->flags & EV_EOF;
    unsigned r = end && e->fflags != 0 ? GYRE_ERROR : 0;

    switch (e->filter) {
    case EVFILT_READ: return r | GYRE_READ | (end ? GYRE_HANGUP : 0u);
    case EVFILT_WRITE:
        return r | GYRE_WRITE | (end ? ended_by((int)e->ident) : 0u);
    default: return end ? GYRE_HANGUP : GYRE_PRIORITY;
    }
}

/* Where in `ev`, of `n` so far, the event of `tag` is or goes. */
static int place_of(struct kqueue_poller *kp, const struct gyre_poll_event *ev,
                    int n, uint64_t tag)
{
    unsigned h = (unsigned)(tag ^ tag >> 32) % PLACES;

    while (kp->places[h] != 0 && ev[kp->places[h] - 1].tag != tag)
        h = (h + 1) % PLACES;
    if (kp->places[h] == 0)
        kp->places[h] = (short)(n + 1);
    return kp->places[h] - 1;
}

/* Put the events in hand together by tag; returns how many that makes. */
static int tell(struct kqueue_poller *kp, struct gyre_poll_event *ev, int got)
{
    int n = 0;

    memset(kp->places, 0, sizeof kp->places);
    for (int i = 0; i < got; i++) {
        const struct kevent *e = &kp->got[i];
        uint64_t tag = (uintptr_t)e->udata;
        int at;

        if (e->ident == (uintptr_t)kp->bell.ear) {
            gyre_bell_hush(&kp->bell);
            continue;
        }
        at = place_of(kp, ev, n, tag);
        if (at == n)
            ev[n++] = (struct gyre_poll_event){.tag = tag};
        ev[at].events |= from_kevent(e);
    }
    return n;
}

/* The changes that lead from `from` to `to`; returns how many. */
static int list_changes(struct kevent *c, int fd, uint64_t tag, unsigned from,
                        unsigned to)
{
    int n = 0;

    for (int i = 0; i < FILTERS; i++) {
        unsigned short was = adding(i, from), is = adding(i, to);

        if (was != 0 && was != is)
            EV_SET(&c[n++], (uintptr_t)fd, filters[i].filter,
                   EV_DELETE | EV_RECEIPT, 0, 0, NULL);
        if (is != 0)
            EV_SET(&c[n++], (uintptr_t)fd, filters[i].filter, is | EV_RECEIPT,
                   filters[i].fflags, 0, (void *)(uintptr_t)tag);
    }
    return n;
}

int gyre_kevent(int kq, const struct kevent *changes, int n,
                struct kevent *events, int room,
                const struct timespec *patience)
{
    int got;

    do
        got = kevent(kq, changes, n, events, room, patience);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

/* What the answer `err` to a change on the way to `to` means to `set`. */
static int judge(const struct kevent *change, int err, unsigned to)
{
    if (change->flags & EV_DELETE)
        return 0;
    if (change->filter != EVFILT_READ && change->filter != EVFILT_WRITE &&
        (to & ~(GYRE_PRIORITY | GYRE_EDGE)) != 0)
        return 0; /* no urgent bytes here, but the rest may be */
    switch (err) {
    case EINVAL:
    case ENODEV:
    case EPIPE: return -EPERM;
    default: return -err;
    }
}

/* Interrupted, they have been made, but there are no receipts: so once more,
   which changes nothing. */
static int change(struct kqueue_poller *kp, int fd, uint64_t tag, unsigned from,
                  unsigned to)
{
    struct kevent c[2 * FILTERS], receipt[2 * FILTERS];
    const struct timespec none = {0};
    int changes = list_changes(c, fd, tag, from, to), n;
    int err = 0;

    n = gyre_kevent(kp->kq, c, changes, receipt, changes, &none);
    if (n < 0)
        return n;
    for (int i = 0; i < n && err == 0; i++)
        err = judge(&c[i], (int)receipt[i].data, to);
    return err;
}

/* 0 if there are filters for `events`, which tell of `fd` what they should. */
static int can_tell(int fd, unsigned events)
{
    struct stat st;
    int i = 0;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))
        return -EPERM;
    while (i < FILTERS && adding(i, events) == 0)
        i++;
    return i < FILTERS ? 0 : -ENOTSUP;
}

static int set(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
               unsigned to)
{
    struct kqueue_poller *kp = (struct kqueue_poller *)p;
    int err = to == 0 ? 0 : can_tell(fd, to);

    if (err)
        return err;
    err = change(kp, fd, tag, from, to);

    /* Some filters may be in place: what is always ready keeps none. */
    if (err)
        change(kp, fd, tag, to, err == -EPERM ? 0 : from);
    return err;
}

static gyre_time now(struct gyre_poller *p)
{
    struct timespec t;

    (void)p;
    clock_gettime(CLOCK, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

static int wait_some(struct kqueue_poller *kp, int n, gyre_time until)
{
    gyre_time left = until - now(&kp->base);
    struct timespec t = {0};

    if (left > LONGEST)
        left = LONGEST;
    if (left > 0) {
        t.tv_sec = left / GYRE_SECOND;
        t.tv_nsec = left % GYRE_SECOND;
    }
    return kevent(kp->kq, NULL, 0, kp->got, n, &t);
}

static int wait_for(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                    gyre_time until)
{
    struct kqueue_poller *kp = (struct kqueue_poller *)p;
    int got;

    if (n > BATCH)
        n = BATCH;

    /* Again if the system was early, or had too far to go. */
    do {
        got = wait_some(kp, n, until);
    } while (got == 0 && now(p) < until);
    if (got < 0)
        return errno == EINTR ? 0 : -errno;
    return tell(kp, ev, got);
}

static void wake(struct gyre_poller *p)
{
    gyre_bell_ring(&((struct kqueue_poller *)p)->bell);
}

static int lend(struct gyre_poller *p)
{
    return ((struct kqueue_poller *)p)->kq;
}

static void free_poller(struct gyre_poller *p)
{
    struct kqueue_poller *kp = (struct kqueue_poller *)p;

    if (kp->kq >= 0 && kp->maker == getpid())
        close(kp->kq);
    gyre_bell_close(&kp->bell);
    free(kp);
}

static const struct gyre_poller_ops kqueue_ops = {
    .name = "kqueue",
    .set = set,
    .wait = wait_for,
    .wake = wake,
    .now = now,
    .fd = lend,
    .free = free_poller,
};

/* The queue first: in a program that was started without a standard stream it
   gets that number, and can be told from one.  A pipe cannot. */
static int open_all(struct kqueue_poller *kp)
{
    int err;

    kp->kq = kqueue();
    if (kp->kq < 0 || fcntl(kp->kq, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    err = gyre_bell_open(&kp->bell);
    return err ? err : change(kp, kp->bell.ear, 0, 0, GYRE_READ);
}

int gyre_poller_new(struct gyre_poller **out)
{
    struct kqueue_poller *kp = calloc(1, sizeof *kp);
    int err;

    if (kp == NULL)
        return -ENOMEM;
    kp->base.ops = &kqueue_ops;
    kp->maker = getpid();
    kp->kq = kp->bell.ear = kp->bell.hammer = -1;
    err = open_all(kp);
    if (err) {
        free_poller(&kp->base);
        return err;
    }
    *out = &kp->base;
    return 0;
}
