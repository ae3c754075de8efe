/*
 * poller.h - what a loop asks of the operating system.
 *
 * A poller is the only part of the library that knows the system's readiness
 * interface, and the only one that knows the time: whoever knows readiness
 * knows the time, so a simulated poller (loop/sim.h) gives virtual time and
 * virtual descriptors at once.  A loop is made on the poller of the system, or
 * on the one it is told; write another to run Gyre over something else.
 *
 * All calls come from the loop's thread, but for `wake`, and for `free`, which
 * comes from whoever lets go of the loop's mailbox last.
 */
#ifndef GYRE_LOOP_POLLER_H
#define GYRE_LOOP_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"

/* What a descriptor is ready for, or a watch asks for. */
enum {
    GYRE_READ = 1,     /* a read would not block */
    GYRE_WRITE = 2,    /* a write would not block */
    GYRE_PRIORITY = 4, /* out-of-band data, or another exceptional state */
    GYRE_HANGUP = 8,   /* the peer ended its half, or all of it */
    GYRE_ERROR = 16,   /* an error is pending; told without being asked */
    GYRE_EDGE = 32,    /* asked for only: tell of changes, not of states */
};

/* One readiness event, as a poller reports it. */
struct gyre_poll_event {
    uint64_t tag;    /* as given to `set` */
    unsigned events; /* GYRE_READ and so on */
};

struct gyre_poller {
    const struct gyre_poller_ops *ops;
};

struct gyre_poller_ops {
    const char *name;

    /* True if `now` stands still but for `wait`, which may jump to `until`. */
    bool simulated;

    /*
     * Change the events wanted of `fd` from `from` to `to`, where 0 is none.
     * Events carry `tag`, which is neither UINT64_MAX nor the number below it.
     * -EPERM for a descriptor that cannot be polled, and so is always ready;
     * -ENOTSUP for one this poller cannot know.  An error with `to` 0 means
     * that `fd` may have been closed first, and its events go on: see `renew`.
     */
    int (*set)(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
               unsigned to);

    /*
     * Wait for events, for a wake or for `until`, whichever is first, and never
     * end before `until` for no reason.  Fill up to `n` of `ev`, one for each
     * descriptor; return how many (0 on a wake, a signal or the time), or
     * -errno.
     */
    int (*wait)(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                gyre_time until);

    /* End a wait: the one under way, or else the next.  Any thread, and signal
       handlers.  Cannot fail. */
    void (*wake)(struct gyre_poller *p);

    /* The time.  Never 0, and never goes back. */
    gyre_time (*now)(struct gyre_poller *p);

    /* A descriptor that polls readable when `wait` has something to tell, the
       poller's own; -ENOTSUP, or as epoll_create. */
    int (*fd)(struct gyre_poller *p);

    /*
     * Forget all that was set, and what lingers of descriptors that were closed
     * before they were unset; it is then set anew, from 0.  0, or -errno with
     * nothing changed.  NULL where nothing lingers.
     */
    int (*renew)(struct gyre_poller *p);

    void (*free)(struct gyre_poller *p);
};

#pragma GCC visibility push(default)

/* The poller of this system.  The caller frees it, or gives it to a loop.
   -ENOMEM, or as epoll_create, eventfd and timerfd_create, or kqueue. */
int gyre_poller_new(struct gyre_poller **out);

#pragma GCC visibility pop

#endif
