/* Ten visitors, three at a time. */
#include <gyre.h>
#include <stdio.h>

static struct gyre_semaphore doors = {.permits = 3, .limit = 3};
static int inside, most;

static intptr_t visit(void *arg)
{
    int err = gyre_semaphore_acquire(&doors, 1, GYRE_FOREVER);

    (void)arg;
    if (err)
        return err;
    inside++;
    if (inside > most)
        most = inside;
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    inside--;
    gyre_semaphore_release(&doors, 1);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    gyre_time start = gyre_in(0);
    intptr_t why;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 10; i++)
        gyre_spawn(&scope, NULL, visit, NULL);
    why = gyre_scope_close(&scope, 0);
    printf("at most %d inside, %d seconds in all\n", most,
           (int)((gyre_in(0) - start) / GYRE_SECOND));
    return why;
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
