/*
 * pool.c - threads for work that blocks, as a program sees them.
 */
#include "task/pool.h"

#include "task/crew.h"
#include "task/internal.h"

struct gyre_pool *gyre_run_pool(enum gyre_pool_kind kind)
{
    if (gyre_current == NULL)
        return NULL;
    return &gyre_current->runtime->pools[kind];
}

void gyre_pool_close(struct gyre_pool *p)
{
    gyre_crew_free(p->crew);
    p->crew = NULL;
}

struct gyre_pool_stats gyre_pool_stats(const struct gyre_pool *p)
{
    if (p->crew == NULL)
        return (struct gyre_pool_stats){0};
    return gyre_crew_stats(p->crew);
}
