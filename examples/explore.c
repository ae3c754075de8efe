/* It works in one order of the tasks: does it in every order? */
#include <gyre.h>
#include <stdio.h>

static const char *name;

static intptr_t configure(void *arg)
{
    (void)arg;
    name = "server";
    return 0;
}

static intptr_t serve(void *arg)
{
    (void)arg;
    return name != NULL ? 0 : -EINVAL; /* does not wait for it */
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    name = NULL;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, configure, NULL);
    gyre_spawn(&scope, NULL, serve, NULL);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    struct gyre_exploration e = {.runs = 100};
    intptr_t why = gyre_simulate(program, NULL);

    printf("in order: %s\n", why ? gyre_strerror((int)why) : "fine");
    fflush(stdout); /* for what is found is told on standard error */
    why = gyre_explore(&e, program, NULL);
    printf("in any order: %s\n", why ? gyre_strerror((int)why) : "fine");
    return why != -EINVAL;
}
