/*
 * stacks.c - how deep the stacks of tasks went.
 */
#include "task/show/stacks.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "loop/symbol.h"
#include "task/internal.h"

#define LEAST ((size_t)16 * 1024) /* of a stack */

/* As much again to spare, for the path that was not taken this time. */
static size_t enough(size_t depth)
{
    size_t size = LEAST;

    while (size < 2 * depth / GYRE_STACK_FACTOR)
        size *= 2;
    return size;
}

static void print(const struct gyre_mark *m, int fd)
{
    struct gyre_name function = gyre_name_function((uintptr_t)m->fn);

    dprintf(fd, "%8" PRIu64 "%8" PRIu64 "%10zu%10zu%10zu  %s", m->ended,
            m->live, m->deepest, m->size, enough(m->deepest), function.text);
    if (m->name != NULL)
        dprintf(fd, " (%s)", m->name);
    dprintf(fd, "\n");
}

/* The deepest of those that are not as deep as `last`, or, as that, later in
   the table; NULL if there is none. */
static const struct gyre_mark *next(const struct gyre_highwater *h,
                                    const struct gyre_mark *last)
{
    const struct gyre_mark *best = NULL;

    for (const struct gyre_mark *m = h->marks; m < h->marks + h->n; m++) {
        bool later = last == NULL || m->deepest < last->deepest ||
                     (m->deepest == last->deepest && m > last);

        if (later && (best == NULL || m->deepest > best->deepest))
            best = m;
    }
    return best;
}

int gyre_stack_report(int fd)
{
    struct gyre_task *t = gyre_current;
    const struct gyre_highwater *h;
    const struct gyre_mark *m = NULL;
    int lines = 0;

    assert(t != NULL);
    h = &t->runtime->highwater;
    if (!h->on)
        return -ENOTSUP;
    gyre_highwater_look(t->runtime);
    dprintf(fd, "gyre: stacks, by the functions of their tasks\n"
                "   ended    live   deepest        of  would do\n");
    for (; (m = next(h, m)) != NULL; lines++)
        print(m, fd);
    if (h->missed == 0)
        return lines;
    dprintf(fd, "%8" PRIu64 " more, for which there was no memory\n",
            h->missed);
    return lines + 1;
}
