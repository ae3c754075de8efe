/*
 * fiber.c - the first function of fibers; the rest is in fiber.h and switch_*.
 */
#include "task/fiber.h"

void gyre_fiber_begin(void *fiber)
{
    struct gyre_fiber *f = fiber;

    gyre_sanitize_enter(&f->sanitizer);
    f->entry(f->arg);
}

void gyre_fiber_adopt(struct gyre_fiber *f)
{
    *f = (struct gyre_fiber){0};
    gyre_sanitize_adopt(&f->sanitizer);
}
