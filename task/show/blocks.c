/*
 * blocks.c - a call that stops the whole loop is named.
 */
#include "task/show/blocks.h"

#include <unistd.h>

#include "task/internal.h"
#include "task/show/backtrace.h"
#include "task/show/out.h"
#include "task/show/place.h"
#include "task/show/words.h"

enum { FRAMES = 32 };

GYRE_NOT_INLINED void gyre_blocks(const char *call)
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
    for (size_t i = 1; i < n; i++) { /* the first is this function */
        gyre_put(&to.out, "    in ");
        gyre_put_place(&to.out, frames[i]);
        gyre_put(&to.out, "\n");
    }
    (void)gyre_out_end(&to.out);
}
