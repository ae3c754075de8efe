/*
 * paint.c - how deep a stack went.
 *
 * A zeroed stack would do without paint, and cost no memory where nobody went;
 * but a frame that ends in a cleared buffer would look shallower by that, and
 * whoever chose a size by what he read here would have chosen it too small.
 *
 * Volatile, lest the compiler make memset of it: that is called with a frame of
 * its own, below, and a sanitizer's has opinions about the dead frames there.
 */
#include "task/paint.h"

#include <stdint.h>

#include "task/sanitize.h"
#include "task/stack.h"

#define PAINT ((uint64_t)0x9a17ed5a9a17ed5a)
#define ROOM  ((size_t)2048) /* for the callees of who repaints */

static GYRE_UNCHECKED void paint(char *low, char *end)
{
    gyre_sanitize_look(true);
    for (; low < end; low += sizeof(uint64_t))
        *(volatile uint64_t *)(void *)low = PAINT;
    gyre_sanitize_look(false);
}

void gyre_stack_paint(const struct gyre_stack *s)
{
    paint(s->low, s->low + s->size);
}

GYRE_UNCHECKED size_t gyre_stack_depth(const struct gyre_stack *s)
{
    const char *p = s->low, *end = s->low + s->size;

    gyre_sanitize_look(true);
    while (p < end && *(const volatile uint64_t *)(const void *)p == PAINT)
        p += sizeof(uint64_t);
    gyre_sanitize_look(false);
    return (size_t)(end - p);
}

void gyre_stack_repaint(const struct gyre_stack *s)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0) & ~(uintptr_t)7;
    size_t below = here - (uintptr_t)s->low;

    if (below >= s->size)
        gyre_stack_paint(s);
    else if (below > ROOM)
        paint(s->low, s->low + (below - ROOM));
}
