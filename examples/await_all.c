/* Wait for all of them; and if that takes too long see who is there, and wait on. */
#include <gyre.h>
#include <stdio.h>

static intptr_t come(void *seconds)
{
    return gyre_sleep(gyre_in((intptr_t)seconds * GYRE_SECOND));
}

static intptr_t program(void *arg)
{
    struct gyre_future guests[3], *all[3];
    struct gyre_scope scope;
    int there = 0;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (intptr_t i = 0; i < 3; i++) {
        all[i] = &guests[i];
        gyre_spawn(&scope, all[i], come, (void *)(i + 1));
    }
    err = gyre_await_all(all, 3, gyre_in(2 * GYRE_SECOND + GYRE_SECOND / 2));
    for (int i = 0; i < 3; i++)
        there += gyre_future_done(all[i]);
    printf("%s: %d are there\n", err ? gyre_strerror(err) : "in time", there);
    if (err == -ETIMEDOUT)
        err = gyre_await_all(all, 3, GYRE_FOREVER);
    if (err == 0)
        printf("all are there\n");
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
