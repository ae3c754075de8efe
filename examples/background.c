/* A heartbeat that does not hide that all others wait for ever. */
#include <gyre.h>

static intptr_t beat(void *arg)
{
    int err;

    (void)arg;
    do
        err = gyre_sleep(gyre_in(GYRE_SECOND));
    while (err == 0);
    return err;
}

static intptr_t wait_for_nothing(void *arg)
{
    struct gyre_spawn_options background = {.background = true};
    struct gyre_event never = {0};
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn_with(&scope, NULL, beat, NULL, &background);
    err = gyre_sleep(gyre_in(2500 * GYRE_MILLISECOND));
    if (err == 0)
        err = gyre_event_wait(&never, GYRE_FOREVER);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(wait_for_nothing, NULL) == -EDEADLK ? 0 : 1;
}
