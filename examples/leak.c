/* What a program forgets, on purpose: a timer, a watch and a job, told at the end of the loop. */
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void too_late(struct gyre_timer *t)
{
    (void)t;
}

static void somebody_writes(struct gyre_watch *w, unsigned events)
{
    (void)w;
    (void)events;
}

static intptr_t forget(void *arg)
{
    static struct gyre_timer timer = {.fire = too_late, .background = true};
    static struct gyre_watch watch = {.ready = somebody_writes, .background = true};
    static int ends[2];

    (void)arg;
    if (pipe(ends) != 0)
        return -errno;
    gyre_timer_start(gyre_loop_current(), &timer, gyre_in(3600 * GYRE_SECOND));
    return gyre_watch_start(gyre_loop_current(), &watch, ends[0], GYRE_READ);
}

int main(void)
{
    setenv("GYRE_DEBUG", "1", 0);
    return gyre_run(forget, NULL) != 0;
}
