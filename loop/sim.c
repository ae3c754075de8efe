/*
 * sim.c - a simulated poller: virtual time and virtual readiness.
 *
 * Virtual descriptors have real numbers, reserved by opening /dev/null, so that
 * no number can be taken for both, and tables indexed by descriptor stay small.
 *
 * Invariant: a descriptor is in the list `open` exactly when gyre_sim_open
 * gave its number out and gyre_sim_close did not take it back.
 */
#include "loop/sim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/bell.h"
#include "loop/list.h"

#define EPOCH GYRE_SECOND /* so that GYRE_NOW is past from the start */

struct descriptor {
    struct gyre_list link; /* in gyre_sim.open */
    int fd;
    unsigned asked; /* 0 if it is not watched */
    unsigned ready;
    bool fresh; /* an edge has not been told yet */
    uint64_t tag;
};

struct gyre_sim {
    struct gyre_poller base;
    gyre_time time;
    struct gyre_list open; /* descriptor.link, next to be asked first */
    struct gyre_bell bell; /* of `wake` */
};

static struct descriptor *find(struct gyre_sim *s, int fd)
{
    for (struct gyre_list *i = s->open.next; i != &s->open; i = i->next) {
        struct descriptor *d = GYRE_OWNER(i, struct descriptor, link);

        if (d->fd == fd)
            return d;
    }
    return NULL;
}

static int sim_set(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
                   unsigned to)
{
    struct gyre_sim *s = GYRE_OWNER(p, struct gyre_sim, base);
    struct descriptor *d = find(s, fd);

    (void)from;
    if (d == NULL)
        return -ENOTSUP;
    d->asked = to;
    d->tag = tag;
    d->fresh = true;
    return 0;
}

/* What `d` has to tell, which for an edge is told once. */
static unsigned news(struct descriptor *d)
{
    unsigned events = d->ready & (d->asked | GYRE_HANGUP | GYRE_ERROR);

    if (d->asked == 0 || (d->asked & GYRE_EDGE && !d->fresh))
        return 0;
    d->fresh = false;
    return events;
}

/* Each descriptor once, from where the last call ended: none is starved when
   there are more events than room. */
static int collect(struct gyre_sim *s, struct gyre_poll_event *ev, int n)
{
    struct gyre_list *last = s->open.prev;
    int used = 0;

    while (used < n && !gyre_list_empty(&s->open)) {
        struct gyre_list *i = s->open.next;
        struct descriptor *d = GYRE_OWNER(i, struct descriptor, link);
        unsigned events = news(d);

        gyre_list_remove(i);
        gyre_list_append(&s->open, i);
        if (events != 0)
            ev[used++] =
                (struct gyre_poll_event){.tag = d->tag, .events = events};
        if (i == last)
            break;
    }
    return used;
}

/* Wait in real time, for as long as `ms` says, until somebody wakes us. */
static int wait_for_wake(struct gyre_sim *s, int ms)
{
    struct pollfd p = {.fd = s->bell.ear, .events = POLLIN};
    int n = poll(&p, 1, ms);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (n > 0)
        gyre_bell_hush(&s->bell);
    return n;
}

static int sim_wait(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                    gyre_time until)
{
    struct gyre_sim *s = GYRE_OWNER(p, struct gyre_sim, base);
    int used = collect(s, ev, n);
    int woken;

    if (used > 0)
        return used;
    woken = wait_for_wake(s, until == GYRE_FOREVER ? -1 : 0);
    if (woken != 0)
        return woken < 0 ? woken : 0;
    if (until != GYRE_FOREVER && until > s->time)
        s->time = until;
    return 0;
}

static void sim_wake(struct gyre_poller *p)
{
    gyre_bell_ring(&GYRE_OWNER(p, struct gyre_sim, base)->bell);
}

static gyre_time sim_now(struct gyre_poller *p)
{
    return GYRE_OWNER(p, struct gyre_sim, base)->time;
}

static int sim_fd(struct gyre_poller *p)
{
    (void)p;
    return -ENOTSUP;
}

static void sim_free(struct gyre_poller *p)
{
    struct gyre_sim *s = GYRE_OWNER(p, struct gyre_sim, base);

    while (!gyre_list_empty(&s->open))
        gyre_sim_close(s,
                       GYRE_OWNER(s->open.next, struct descriptor, link)->fd);
    gyre_bell_close(&s->bell);
    free(s);
}

static const struct gyre_poller_ops sim_ops = {
    .name = "sim",
    .simulated = true,
    .set = sim_set,
    .wait = sim_wait,
    .wake = sim_wake,
    .now = sim_now,
    .fd = sim_fd,
    .free = sim_free,
};

int gyre_sim_new(struct gyre_sim **out)
{
    struct gyre_sim *s = calloc(1, sizeof *s);
    int err;

    if (s == NULL)
        return -ENOMEM;
    err = gyre_bell_open(&s->bell);
    if (err) {
        free(s);
        return err;
    }
    s->base.ops = &sim_ops;
    s->time = EPOCH;
    gyre_list_init(&s->open);
    *out = s;
    return 0;
}

struct gyre_poller *gyre_sim_poller(struct gyre_sim *s)
{
    return &s->base;
}

int gyre_sim_open(struct gyre_sim *s)
{
    struct descriptor *d = calloc(1, sizeof *d);
    int err;

    if (d == NULL)
        return -ENOMEM;
    d->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (d->fd < 0) {
        err = -errno;
        free(d);
        return err;
    }
    gyre_list_append(&s->open, &d->link);
    return d->fd;
}

void gyre_sim_close(struct gyre_sim *s, int fd)
{
    struct descriptor *d = find(s, fd);

    if (d == NULL)
        return;
    gyre_list_remove(&d->link);
    close(fd);
    free(d);
}

void gyre_sim_ready(struct gyre_sim *s, int fd, unsigned events)
{
    struct descriptor *d = find(s, fd);

    if (d == NULL)
        return;
    d->ready = events;
    d->fresh = true;
}

void gyre_sim_advance(struct gyre_sim *s, gyre_time span)
{
    s->time = gyre_time_after(s->time, span);
}
