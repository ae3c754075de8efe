/* Which task waits for which, as a drawing: dump | dot -Tsvg >tasks.svg */
#include <gyre.h>
#include <stdio.h>
#include <unistd.h>

static struct gyre_mutex lock;

static intptr_t hold(void *arg)
{
    int err = gyre_mutex_lock(&lock, GYRE_FOREVER);

    (void)arg;
    if (err)
        return err;
    err = gyre_sleep(gyre_in(GYRE_SECOND));
    gyre_mutex_unlock(&lock);
    return err;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;
    int err;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, hold, NULL);
    gyre_spawn(&scope, NULL, hold, NULL);
    err = gyre_sleep(gyre_in(GYRE_MILLISECOND));
    if (err == 0)
        err = gyre_dump(STDOUT_FILENO, GYRE_DUMP_DOT);
    return gyre_scope_close(&scope, err);
}

int main(void)
{
    return gyre_simulate(program, NULL) != 0;
}
