/* Three runs on one loop, and a timer that was started in the first. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_event rung;

static void ring(struct gyre_timer *t)
{
    (void)t;
    printf("ring!\n");
    gyre_event_set(&rung);
}

static struct gyre_timer alarm_clock = {.fire = ring, .background = true};

static intptr_t set_alarm(void *arg)
{
    (void)arg;
    gyre_timer_start(gyre_loop_current(), &alarm_clock, gyre_in(GYRE_SECOND / 20));
    printf("set\n");
    return 0;
}

static intptr_t fail(void *arg)
{
    (void)arg;
    return -EPIPE;
}

static intptr_t wait_for_alarm(void *arg)
{
    (void)arg;
    return gyre_event_wait(&rung, gyre_in(60 * GYRE_SECOND));
}

int main(void)
{
    struct gyre_run_options options = {0};
    intptr_t why;

    if (gyre_loop_new(&options.loop) != 0)
        return 1;
    (void)gyre_run_with(&options, set_alarm, NULL);
    why = gyre_run_with(&options, fail, NULL);
    printf("%s\n", gyre_strerror((int)why));
    why = gyre_run_with(&options, wait_for_alarm, NULL);
    gyre_loop_free(options.loop);
    return why != 0;
}
