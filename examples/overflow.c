/* A task that needs more stack than it has, on purpose: it is named, and the process dies. */
#include <gyre.h>

static __attribute__((noinline)) int dig(int depth)
{
    volatile char hole[1024];

    for (size_t i = 0; i < sizeof hole; i++)
        hole[i] = (char)depth;
    return depth > 0 ? dig(depth - 1) + hole[depth % 1024] : 0;
}

static intptr_t dig_deep(void *depth)
{
    return dig((int)(intptr_t)depth);
}

static intptr_t spawn_diggers(void *arg)
{
    static const struct gyre_spawn_options options = {.name = "a digger"};
    struct gyre_scope scope;

    (void)arg;
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, NULL, dig_deep, (void *)10);
    gyre_spawn_with(&scope, NULL, dig_deep, (void *)100, &options);
    return gyre_scope_close(&scope, 0);
}

int main(void)
{
    return gyre_run(spawn_diggers, NULL) != 0;
}
