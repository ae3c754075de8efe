/*
 * watch.c - the table of watches, and the delivery of events to them.
 *
 * Invariants:
 *   - slots[fd].watch is w exactly when w is started on fd, and then w->fd is fd
 *     and w->events is not 0;
 *   - a slot's generation changes with every registration, so an event is fresh
 *     exactly when its tag's generation is its slot's and the slot has a watch;
 *   - a watch is in `always` exactly when its descriptor could not be polled and,
 *     if it is edge-triggered, has not been called yet.
 */
#include "loop/watch.h"
#include "loop/internal.h"

#include <errno.h>
#include <string.h>

#define TOLD_UNASKED (GYRE_HANGUP | GYRE_ERROR)
#define READY_STATES (GYRE_READ | GYRE_WRITE)

static uint64_t tag(int fd, uint32_t generation)
{
    return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* Make room for descriptor `fd` in the table. */
static int reach(struct gyre_loop *l, int fd)
{
    size_t old = l->nslots, n = old > 0 ? old : 32;
    struct slot *slots;

    if ((size_t)fd < old)
        return 0;
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

/* Queue `w` behind the watches that are always ready. */
static void queue_always(struct gyre_loop *l, struct gyre_watch *w)
{
    if (w->link.next == NULL)
        gyre_list_append(&l->always, &w->link);
}

static void leave_always(struct gyre_watch *w)
{
    if (w->link.next == NULL)
        return;
    gyre_list_remove(&w->link);
    w->link.next = NULL;
}

/* Ask the poller for `events`; what it cannot poll is always ready. */
static int ask(struct gyre_loop *l, struct gyre_watch *w, int fd,
               unsigned events)
{
    struct slot *slot = &l->slots[fd];
    struct gyre_poller *p = l->poller;
    int err = p->ops->set(p, fd, tag(fd, slot->generation), w->events, events);

    if (err == -EPERM) {
        queue_always(l, w);
        err = 0;
    }
    return err;
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
    if (!w->background)
        l->watching++;
    return 0;
}

int gyre_watch_start(struct gyre_loop *l, struct gyre_watch *w, int fd,
                     unsigned events)
{
    int err;

    own(l);
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
    w->events = events;
    moved(l);
    return 0;
}

void gyre_watch_stop(struct gyre_loop *l, struct gyre_watch *w)
{
    struct gyre_poller *p = l->poller;

    own(l);
    if (!gyre_watch_started(w))
        return;

    /* It may fail, if the user closed the descriptor first; the generation
       keeps whatever the system still reports from anybody. */
    p->ops->set(p, w->fd, tag(w->fd, l->slots[w->fd].generation), w->events, 0);
    leave_always(w);
    l->slots[w->fd].watch = NULL;
    w->events = 0;
    if (!w->background)
        l->watching--;
}

bool gyre_watch_started(const struct gyre_watch *w)
{
    return w->events != 0;
}

struct gyre_watch *gyre_loop_watch_of(const struct gyre_loop *l, int fd)
{
    return fd >= 0 && (size_t)fd < l->nslots ? l->slots[fd].watch : NULL;
}

static void call(struct gyre_loop *l, struct gyre_watch *w, unsigned events)
{
    events &= w->events | TOLD_UNASKED;
    if (events == 0)
        return;
    l->stats.events++;
    if (l->probes != NULL && l->probes->watch_runs != NULL)
        l->probes->watch_runs(l->probes, w, events);
    w->ready(w, events);
}

static void deliver(struct gyre_loop *l, const struct gyre_event *e)
{
    uint32_t fd = (uint32_t)e->tag;
    struct slot *slot = &l->slots[fd];

    if (slot->watch == NULL || slot->generation != e->tag >> 32)
        l->stats.stale++;
    else
        call(l, slot->watch, e->events);
}

/* Call what is always ready; the level-triggered stay in the list. */
static void call_always(struct gyre_loop *l)
{
    struct gyre_list round;

    gyre_list_init(&round);
    gyre_list_splice(&round, &l->always);
    while (!gyre_list_empty(&round)) {
        struct gyre_watch *w = GYRE_OWNER(round.next, struct gyre_watch, link);

        leave_always(w);
        if (!(w->events & GYRE_EDGE))
            queue_always(l, w);
        call(l, w, READY_STATES);
    }
}

void gyre_watches_run(struct gyre_loop *l, int n)
{
    for (int i = 0; i < n; i++)
        deliver(l, &l->events[i]);
    if (!gyre_list_empty(&l->always))
        call_always(l);
}

void gyre_watches_walk(struct gyre_loop *l, struct gyre_loop_visitor *v)
{
    for (size_t i = 0; i < l->nslots; i++) {
        if (l->slots[i].watch != NULL)
            v->watch(v, l->slots[i].watch);
    }
}

void gyre_watches_free(struct gyre_loop *l)
{
    gyre_resize(l->allocator, l->slots, l->nslots * sizeof *l->slots, 0);
}
