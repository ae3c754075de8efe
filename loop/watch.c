/*
 * watch.c - the table of watches, and the delivery of events to them.
 *
 * Invariants:
 *   - slots[fd].watch is w exactly when w is started on fd, and then w->fd is
 *     fd and w->events is not 0;
 *   - a slot's generation changes with every registration, so an event is fresh
 *     exactly when its tag's generation is its slot's and the slot has a watch;
 *   - a descriptor is in `always` exactly when it cannot be polled, its watch
 *     asks to read or to write, and, if edge-triggered, is yet to be called;
 *   - if the poller may still report a descriptor that was closed before its
 *     watch was stopped, its slot says which generation is `lost`.
 */
#include "loop/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "loop/internal.h"

#define TOLD_UNASKED (GYRE_HANGUP | GYRE_ERROR)
#define READY_STATES (GYRE_READ | GYRE_WRITE)

static uint64_t tag(int fd, uint32_t generation)
{
    return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* Make room for descriptor `fd` in the table; but not for any number that comes
   along. */
static int reach(struct gyre_loop *l, int fd)
{
    size_t old = l->nslots, n = old > 0 ? old : 32;
    struct slot *slots;

    if ((size_t)fd < old)
        return 0;
    if (fcntl(fd, F_GETFD) < 0)
        return -errno;
    while (n <= (size_t)fd)
        n *= 2;
    slots = gyre_resize(l->allocator, l->slots, old * sizeof *slots,
                        n * sizeof *slots);
    if (slots == NULL)
        return -ENOMEM;
    memset(slots + old, 0, (n - old) * sizeof *slots);
    l->slots = slots;
    l->nslots = n;
    return 0;
}

/* The watch of `fd`, which cannot be polled, asks for `events`. */
static int list(struct gyre_loop *l, int fd, unsigned events)
{
    if (events & READY_STATES)
        return gyre_always_add(l, fd);
    gyre_always_remove(l, fd);
    return 0;
}

/* The poller cannot withdraw a registration: its descriptor was closed, and
   what comes of it from now on is stale. */
static void lose(struct gyre_loop *l, struct slot *slot)
{
    if (l->poller->ops->renew == NULL)
        return;
    slot->lost = slot->generation;
    slot->generation++;
}

/*
 * Ask the poller for `events`; what it cannot poll is always ready.  A started
 * watch may find that its number is another file's by now, of another kind.
 */
static int ask(struct gyre_loop *l, struct gyre_watch *w, int fd,
               unsigned events)
{
    struct slot *slot = &l->slots[fd];
    struct gyre_poller *p = l->poller;
    int err = p->ops->set(p, fd, tag(fd, slot->generation), w->events, events);
    bool polled = err == 0, was_polled = gyre_watch_polled(w);

    if (err == -EPERM)
        err = list(l, fd, events);
    else if (polled && !was_polled)
        gyre_always_remove(l, fd);
    if (err)
        return err;
    if (!polled && was_polled)
        lose(l, slot);
    w->polled = polled;
    return 0;
}

static int register_watch(struct gyre_loop *l, struct gyre_watch *w, int fd,
                          unsigned events)
{
    int err = reach(l, fd);

    if (err)
        return err;
    if (l->slots[fd].watch != NULL)
        return -EBUSY;
    l->slots[fd].generation++;
    err = ask(l, w, fd, events);
    if (err)
        return err;
    l->slots[fd].watch = w;
    w->fd = fd;
    return 0;
}

/* Count `w` as awaited, or not. */
static void count(struct gyre_loop *l, struct gyre_watch *w, bool awaited)
{
    l->watching += (size_t)awaited - (size_t)w->awaited;
    w->awaited = awaited;
}

int gyre_watch_start(struct gyre_loop *l, struct gyre_watch *w, int fd,
                     unsigned events)
{
    int err;

    own(l);
    if (inherited(l))
        return -ECANCELED;
    assert((events & (READY_STATES | GYRE_PRIORITY | GYRE_HANGUP)) != 0);
    if (fd < 0)
        return -EBADF;
    if (gyre_watch_started(w)) {
        assert(w->fd == fd);
        err = ask(l, w, fd, events);
    } else {
        err = register_watch(l, w, fd, events);
    }
    if (err)
        return err;
    w->events = (uint8_t)events;
    count(l, w, !w->background);
    if (l->probes != NULL)
        gyre_probe_started(l, w);
    moved(l);
    return 0;
}

/* That fails only if the descriptor was closed already. */
static void withdraw(struct gyre_loop *l, struct gyre_watch *w)
{
    struct slot *slot = &l->slots[w->fd];
    struct gyre_poller *p = l->poller;
    uint64_t t = tag(w->fd, slot->generation);

    if (p->ops->set(p, w->fd, t, w->events, 0) < 0)
        lose(l, slot);
}

void gyre_watch_stop(struct gyre_loop *l, struct gyre_watch *w)
{
    own(l);
    if (!gyre_watch_started(w))
        return;
    if (!w->polled)
        gyre_always_remove(l, w->fd);
    else if (!inherited(l))
        withdraw(l, w);
    l->slots[w->fd].watch = NULL;
    w->events = 0;
    count(l, w, false);
    moved(l);
}

bool gyre_watch_started(const struct gyre_watch *w)
{
    return w->events != 0;
}

bool gyre_watch_polled(const struct gyre_watch *w)
{
    return gyre_watch_started(w) && w->polled;
}

struct gyre_watch *gyre_loop_watch_of(const struct gyre_loop *l, int fd)
{
    own(l);
    return fd >= 0 && (size_t)fd < l->nslots ? l->slots[fd].watch : NULL;
}

/* Inline, as every event passes here. */
static inline __attribute__((always_inline)) void
call(struct gyre_loop *l, struct gyre_watch *w, unsigned events)
{
    events &= w->events | TOLD_UNASKED;
    if (events == 0)
        return;
    l->stats.events++;
    if (l->probes != NULL)
        gyre_probe_watch_runs(l, w, events);
    w->ready(w, events);
}

void gyre_watch_call(struct gyre_loop *l, struct gyre_watch *w, unsigned events)
{
    call(l, w, events);
}

/* True if the event is of a registration that was lost. */
static bool deliver(struct gyre_loop *l, const struct gyre_poll_event *e)
{
    struct slot *slot = &l->slots[(uint32_t)e->tag];
    uint32_t generation = (uint32_t)(e->tag >> 32);

    if (slot->watch != NULL && slot->generation == generation) {
        call(l, slot->watch, e->events);
        return false;
    }
    l->stats.stale++;
    return slot->lost != 0 && (int32_t)(slot->lost - generation) >= 0;
}

/* Set `w` anew.  If its descriptor is closed it has nothing to tell anyhow. */
static void restore(struct gyre_loop *l, struct gyre_watch *w)
{
    struct gyre_poller *p = l->poller;
    uint64_t t = tag(w->fd, l->slots[w->fd].generation);
    int err = p->ops->set(p, w->fd, t, 0, w->events);

    if (err && err != -EBADF)
        gyre_loop_fail(l, "a watch was lost", err);
}

/*
 * Be rid of what lingers of descriptors closed before their watches were
 * stopped, or, being level-triggered, it would end every wait at once.  If this
 * fails, the next event of that kind has it tried again.  Most that are lost
 * tell of nothing any more, so it is the first event that has this done.
 */
static void renew(struct gyre_loop *l)
{
    if (l->poller->ops->renew(l->poller) < 0)
        return;
    for (size_t i = 0; i < l->nslots; i++) {
        l->slots[i].lost = 0;
        if (l->slots[i].watch != NULL && l->slots[i].watch->polled)
            restore(l, l->slots[i].watch);
    }
}

void gyre_watches_run(struct gyre_loop *l, int n)
{
    bool lost = false;

    for (int i = 0; i < n; i++)
        lost |= deliver(l, &l->events[i]);
    if (lost)
        renew(l);
    if (l->always.n > 0)
        gyre_always_run(l);
}

void gyre_watches_walk(struct gyre_loop *l, struct gyre_loop_visitor *v)
{
    for (size_t i = 0; i < l->nslots; i++) {
        if (l->slots[i].watch != NULL)
            v->watch(v, l->slots[i].watch);
    }
}

static void leave_idle(struct gyre_watch *w)
{
    w->events = 0;
    w->awaited = false;
}

void gyre_watches_drop(struct gyre_loop *l)
{
    for (size_t i = 0; i < l->nslots; i++) {
        if (l->slots[i].watch != NULL)
            leave_idle(l->slots[i].watch);
    }
    gyre_always_drop(l);
    gyre_resize(l->allocator, l->slots, l->nslots * sizeof *l->slots, 0);
}
