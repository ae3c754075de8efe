/* How much stack do tasks need? Measured, by what they run. */
#include <gyre.h>

static intptr_t shallow(void *arg)
{
    (void)arg;
    return 0;
}

static __attribute__((noinline)) intptr_t deep(void *arg)
{
    volatile char room[20000];

    for (size_t i = 0; i < sizeof room; i++)
        room[i] = 1;
    return arg != NULL ? room[0] : 0;
}

static intptr_t program(void *arg)
{
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&scope, NULL, shallow, NULL);
    gyre_spawn(&scope, NULL, deep, NULL);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    struct gyre_run_options options = {.measure_stacks = true};

    return gyre_run_with(&options, program, NULL) != 0;
}
