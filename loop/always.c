/*
 * always.c - watches of what cannot be polled, and so is always ready.
 *
 * They are few, if there are any.  So the loop has their descriptors in an
 * array, which is gone through by who wants one off, and no watch has a link
 * for that.
 *
 * Invariant: while they are called, those before `next` have been, and those
 * from `end` on came since, and wait for the next round.
 */
#include <errno.h>
#include <string.h>

#include "loop/internal.h"

/* Where `fd` is, or else the end. */
static size_t find(const struct always *a, int fd)
{
    size_t i = 0;

    while (i < a->n && a->fds[i] != fd)
        i++;
    return i;
}

static int make_room(struct gyre_loop *l)
{
    struct always *a = &l->always;
    size_t size = a->size > 0 ? 2 * a->size : 4;
    int *fds;

    if (a->n < a->size)
        return 0;
    fds = gyre_resize(l->allocator, a->fds, a->size * sizeof *fds,
                      size * sizeof *fds);
    if (fds == NULL)
        return -ENOMEM;
    a->fds = fds;
    a->size = size;
    return 0;
}

int gyre_always_add(struct gyre_loop *l, int fd)
{
    struct always *a = &l->always;
    int err = 0;

    if (find(a, fd) < a->n)
        return 0;
    err = make_room(l);
    if (err == 0)
        a->fds[a->n++] = fd;
    return err;
}

void gyre_always_remove(struct gyre_loop *l, int fd)
{
    struct always *a = &l->always;
    size_t i = find(a, fd);

    if (i == a->n)
        return;
    a->n--;
    memmove(a->fds + i, a->fds + i + 1, (a->n - i) * sizeof *a->fds);
    a->next -= i < a->next;
    a->end -= i < a->end;
}

void gyre_always_run(struct gyre_loop *l)
{
    struct always *a = &l->always;

    a->next = 0;
    a->end = a->n;
    while (a->next < a->end) {
        int fd = a->fds[a->next++];
        struct gyre_watch *w = l->slots[fd].watch;

        if (w->events & GYRE_EDGE)
            gyre_always_remove(l, fd);
        gyre_watch_call(l, w, GYRE_READ | GYRE_WRITE);
    }
    a->next = a->end = 0;
}

void gyre_always_drop(struct gyre_loop *l)
{
    gyre_resize(l->allocator, l->always.fds,
                l->always.size * sizeof *l->always.fds, 0);
}
