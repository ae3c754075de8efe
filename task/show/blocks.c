/*
 * blocks.c - a call that stops the whole loop is named.
 */
#include "task/show/blocks.h"

#include <unistd.h>

#include "task/breach.h"
#include "task/internal.h"
#include "task/show/backtrace.h"
#include "task/show/out.h"
#include "task/show/place.h"
#include "task/show/words.h"

enum { FRAMES = 32 };

/* The first of the frames that is to be shown: those before it are of who makes
   the call known. */
static size_t first_of(const void *const *frames, size_t n, const void *site)
{
    size_t i = 0;

    while (i < n && frames[i] != site)
        i++;
    return i < n ? i : 0;
}

GYRE_NOT_INLINED void gyre_blocks(const char *call, const void *site)
{
    const struct gyre_task *t = gyre_current;
    const void *frames[FRAMES];
    struct gyre_out_fd to;
    size_t n;

    if (t == NULL)
        return;
    gyre_out_init_fd(&to, STDERR_FILENO);
    gyre_put(&to.out, "gyre: task ");
    gyre_put_title(&to.out, t);
    gyre_put_format(&to.out, " blocks the loop in %s\n", call);
    n = gyre_backtrace(t, frames, FRAMES);
    for (size_t i = first_of(frames, n, site); i < n; i++) {
        gyre_put(&to.out, "    in ");
        gyre_put(&to.out, gyre_site_name(t->runtime, frames[i]));
        gyre_put(&to.out, "\n");
    }
    (void)gyre_out_end(&to.out);
}
