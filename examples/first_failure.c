/* Wait until one task has failed, and do not cancel the others. */
#include <gyre.h>
#include <stdio.h>

static intptr_t build(void *seconds)
{
    int err = gyre_sleep(gyre_in((intptr_t)seconds * GYRE_SECOND));

    if (err)
        return err;
    return (intptr_t)seconds == 2 ? -EIO : (intptr_t)seconds;
}

static intptr_t program(void *arg)
{
    struct gyre_future builds[3], *all[3];
    struct gyre_case room[3];
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open_tolerant(&scope, GYRE_FOREVER);
    for (intptr_t i = 0; i < 3; i++) {
        all[i] = &builds[i];
        gyre_spawn(&scope, all[i], build, (void *)(i + 1));
    }
    err = gyre_await_failure(all, room, 3, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        printf("%d: %s\n", i + 1,
               !gyre_future_done(all[i])                   ? "is at it still"
               : gyre_is_error(gyre_future_result(all[i])) ? "has failed"
                                                           : "is done");
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
