/*
 * orders.c - every order of some events, and tasks that wait for theirs.
 */
#include "tests/task/sync/orders.h"

#include <string.h>

#include "tests/task/world.h"

struct orders {
    const char *events;
    const char *pairs;
    void (*each)(const char *order, void *arg);
    void *arg;
    char order[LONGEST + 1];
};

static bool has(const char *letters, char c)
{
    return strchr(letters, c) != NULL;
}

/* May `event` come next? */
static bool is_next(const struct orders *o, char event)
{
    if (has(o->order, event))
        return false;
    for (const char *p = o->pairs; *p != '\0'; p += p[2] == ' ' ? 3 : 2) {
        if (p[1] == event && has(o->events, p[0]) && !has(o->order, p[0]))
            return false;
    }
    return true;
}

/* Go on in every way; `missing` events are. */
static void extend(struct orders *o, size_t missing)
{
    size_t n = strlen(o->order);

    if (missing == 0) {
        o->each(o->order, o->arg);
        return;
    }
    for (const char *e = o->events; *e != '\0'; e++) {
        if (!is_next(o, *e))
            continue;
        o->order[n] = *e;
        extend(o, missing - 1);
        o->order[n] = '\0';
        if (n == 0)
            continue;
        o->order[n] = '.';
        o->order[n + 1] = *e;
        extend(o, missing - 1);
        memset(&o->order[n], '\0', 2);
    }
}

void every_order(const char *events, const char *pairs,
                 void (*each)(const char *order, void *arg), void *arg)
{
    struct orders o = {events, pairs, each, arg, ""};

    extend(&o, strlen(events));
}

/* ---- gates ---- */

static bool refuse(struct gyre_wait *w)
{
    (void)w;
    return false;
}

static const struct gyre_wait_kind stays = {.abandon = refuse};

void gate_pass(struct gate *g)
{
    g->wait = (struct gyre_wait){.kind = &stays};
    g->parked = !g->open;
    if (g->parked)
        must(gyre_wait_park(&g->wait, GYRE_FOREVER) == 0);
}

void gate_open(struct gate *g)
{
    g->open = true;
    if (g->parked)
        gyre_wait_wake(&g->wait, 0);
    g->parked = false;
}
