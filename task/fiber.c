/*
 * fiber.c - making fibers; the switching is in fiber.h and switch_*.
 */
#include "task/fiber.h"

#include <assert.h>
#include <stdint.h>

enum { SMALLEST = 8192 };

/* The first function on every fiber's stack. */
static void begin(void *arg)
{
    struct gyre_fiber *f = arg;

    gyre_sanitize_enter(&f->sanitizer);
    f->entry(f->arg);
}

void gyre_fiber_init(struct gyre_fiber *f, void *low, size_t size,
                     void (*entry)(void *), void *arg)
{
    uintptr_t top = ((uintptr_t)low + size) & ~(uintptr_t)15;

    assert(size >= SMALLEST);
    *f = (struct gyre_fiber){
        .low = low, .size = size, .entry = entry, .arg = arg};
    gyre_sanitize_init(&f->sanitizer, low, size);
    f->sp = gyre_switch_make((void *)top, begin, f);
}

void gyre_fiber_adopt(struct gyre_fiber *f)
{
    *f = (struct gyre_fiber){0};
    gyre_sanitize_adopt(&f->sanitizer);
}
