/* A loop, step by step, and what is in it after each. */
#include <gyre.h>

struct lamp {
    struct gyre_job off;
    struct gyre_timer on;
    struct gyre_loop *loop;
    int left;
};

static void switch_on(struct gyre_timer *t)
{
    struct lamp *lamp = GYRE_OWNER(t, struct lamp, on);

    gyre_job_start(lamp->loop, &lamp->off);
}

static void switch_off(struct gyre_job *j)
{
    struct lamp *lamp = GYRE_OWNER(j, struct lamp, off);

    if (--lamp->left > 0)
        gyre_timer_start(lamp->loop, &lamp->on, gyre_loop_in(lamp->loop, GYRE_SECOND));
}

int main(void)
{
    struct lamp lamp = {.off.run = switch_off, .on.fire = switch_on, .left = 2};
    struct gyre_loop_options options = {0};
    struct gyre_sim *sim;

    if (gyre_sim_new(&sim) != 0)
        return 1;
    options.poller = gyre_sim_poller(sim);
    if (gyre_loop_new_with(&lamp.loop, &options) != 0)
        return 1;
    gyre_job_start(lamp.loop, &lamp.off);
    while (gyre_loop_alive(lamp.loop))
        if (gyre_step(lamp.loop, GYRE_FOREVER, 1) != 0)
            return 1;
    gyre_loop_free(lamp.loop);
    return 0;
}
