/* What blocks is done by threads, in a pool of its own, while the loop goes on. */
#include <gyre.h>
#include <stdio.h>
#include <stdlib.h>

/* Some hard thinking. */
static intptr_t think(void *arg)
{
    unsigned n = (unsigned)(intptr_t)arg, steps = 0;

    for (; n != 1; steps++)
        n = n % 2 == 0 ? n / 2 : 3 * n + 1;
    return (intptr_t)steps;
}

static intptr_t ask(void *arg)
{
    static struct gyre_pool thinkers = {.name = "thinkers", .threads = 2};
    struct gyre_pool_stats stats;
    intptr_t steps = gyre_offload_to(&thinkers, think, arg, GYRE_FOREVER);

    stats = gyre_pool_stats(&thinkers);
    printf("%d steps; by %u thread, %u waiting\n", (int)steps, stats.threads, stats.queued);
    gyre_pool_close(&thinkers);
    return steps < 0 ? steps : 0;
}

int main(void)
{
    return gyre_run(ask, (void *)27) != 0;
}
