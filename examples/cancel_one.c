/* One of three is told to stop, and the others go on. */
#include <gyre.h>
#include <stdio.h>

static intptr_t count(void *seconds)
{
    int err = gyre_sleep(gyre_in((intptr_t)seconds * GYRE_SECOND));

    return err ? err : (intptr_t)seconds;
}

static intptr_t program(void *arg)
{
    struct gyre_future counts[3];
    struct gyre_scope scope;
    intptr_t why;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (intptr_t i = 0; i < 3; i++)
        gyre_spawn(&scope, &counts[i], count, (void *)(i + 1));
    gyre_future_cancel(&counts[1]);
    for (int i = 0; i < 3; i++) {
        intptr_t seconds = gyre_await(&counts[i], GYRE_FOREVER);

        if (gyre_is_error(seconds))
            printf("%d: %s\n", i + 1, gyre_strerror((int)seconds));
        else
            printf("%d: has counted to %d\n", i + 1, (int)seconds);
    }
    why = gyre_scope_close(&scope, 0);
    printf("all in all: %d\n", (int)why);
    return why;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
