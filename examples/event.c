/* Runners wait for the start, and go all at once. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_event gun;

static intptr_t run(void *name)
{
    int err = gyre_event_wait(&gun, GYRE_FOREVER);

    if (err)
        return err;
    printf("%s runs\n", (const char *)name);
    return 0;
}

static intptr_t race(void *arg)
{
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, run, "ann");
    gyre_spawn(&scope, NULL, run, "bob");
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    printf("%zu wait; ready, steady\n", gyre_event_waiting(&gun));
    gyre_event_set(&gun);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(race, NULL) != 0;
}
