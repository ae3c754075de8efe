/*
 * orders.c - every order of some events.
 */
#include "tests/task/sync/orders.h"

#include <stdbool.h>
#include <string.h>

struct orders {
    const char *events;
    const char *pairs;
    void (*play)(const char *order, void *arg);
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
        o->play(o->order, o->arg);
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
                 void (*play)(const char *order, void *arg), void *arg)
{
    struct orders o = {events, pairs, play, arg, ""};

    extend(&o, strlen(events));
}
