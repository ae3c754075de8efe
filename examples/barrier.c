/* Nobody begins the next step before all have ended this one. */
#include <gyre.h>
#include <stdio.h>

enum { WORKERS = 3, STEPS = 2 };

static struct gyre_barrier together = {.parties = WORKERS};

static intptr_t work(void *arg)
{
    intptr_t number = (intptr_t)arg;

    for (int step = 1; step <= STEPS; step++) {
        ssize_t place;
        int err = gyre_sleep(gyre_in(number * GYRE_SECOND));

        if (err)
            return err;
        printf("%d has done step %d\n", (int)number, step);
        place = gyre_barrier_wait(&together, GYRE_FOREVER);
        if (place < 0)
            return place;
        if (place == 0)
            printf("all have\n");
    }
    return 0;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (intptr_t i = 1; i <= WORKERS; i++)
        gyre_spawn(&scope, NULL, work, (void *)i);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
