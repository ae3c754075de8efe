/*
 * timers.c - the queue: who is started, and what happens in a pass.
 *
 * Invariants:
 *   - a timer is started exactly while its `link` is set; then it is in the
 *     heap if its `slot` is 0, and in that slot of the wheel if not;
 *   - between passes no timer is due before the time of the latest one: what
 *     was started before it has fired, what was started since is due then at
 *     the earliest.
 */
#include "timers/timers.h"

#include <assert.h>

#include "timers/internal.h"

static bool started(const struct gyre_timer *t)
{
    return t->link != NULL;
}

static void enter(struct gyre_timers *q, struct gyre_timer *t, gyre_time at)
{
    t->at = at;
    t->order = ++q->order;
    t->awaited = !t->background;
    q->awaited += t->awaited;
    if (!add(&q->wheel, t))
        gyre_timer_heap_add(&q->due, t);
}

static void leave(struct gyre_timers *q, struct gyre_timer *t)
{
    q->awaited -= t->awaited;
    if (t->slot != 0)
        discard(&q->wheel, t);
    else
        gyre_timer_heap_remove(&q->due, t);
}

/* Out of line, so that most are started without a frame. */
static __attribute__((noinline)) void move(struct gyre_timers *q,
                                           struct gyre_timer *t, gyre_time at)
{
    leave(q, t);
    enter(q, t, at);
}

void gyre_timers_start(struct gyre_timers *q, struct gyre_timer *t,
                       gyre_time at)
{
    assert(t->fire != NULL);

    at = at > q->now ? at : q->now;
    if (started(t))
        move(q, t, at);
    else
        enter(q, t, at);
}

void gyre_timers_stop(struct gyre_timers *q, struct gyre_timer *t)
{
    if (started(t))
        leave(q, t);
}

bool gyre_timer_started(const struct gyre_timer *t)
{
    return started(t);
}

gyre_time gyre_timer_due(const struct gyre_timer *t)
{
    return started(t) ? t->at : GYRE_FOREVER;
}

gyre_time gyre_timers_next(const struct gyre_timers *q)
{
    return q->due != NULL ? q->due->at : gyre_timer_wheel_next(&q->wheel);
}

size_t gyre_timers_awaited(const struct gyre_timers *q)
{
    return q->awaited;
}

/* The earliest timer, if it is due; NULL if none is. */
static struct gyre_timer *first_due(struct gyre_timers *q, gyre_time now)
{
    if (q->due == NULL && is_behind(&q->wheel, now)) {
        struct gyre_timer *list = gyre_timer_wheel_advance(&q->wheel, now);

        if (list != NULL)
            gyre_timer_heap_fill(&q->due, list);
    }
    return q->due != NULL && q->due->at <= now ? q->due : NULL;
}

/* The first beat after `now` of a repeating timer that was due at `due`. */
static gyre_time next_beat(gyre_time due, gyre_time every, gyre_time now)
{
    return gyre_time_after(now, every - (now - due) % every);
}

void gyre_timers_fire(struct gyre_timers *q, gyre_time now)
{
    uint64_t last = q->order;
    struct gyre_timer *t;

    assert(now >= q->now);
    q->now = now;

    /*
     * What a fire starts is due at `now` or later, and after all that was
     * started before the pass and is due at `now`: the first such timer to
     * come up ends the pass, and leaves none behind.
     */
    while ((t = first_due(q, now)) != NULL && t->order <= last) {
        assert(t->every >= 0);
        if (q->observer != NULL)
            q->observer->visit(q->observer, t);
        leave(q, t);
        if (t->every > 0)
            enter(q, t, next_beat(t->at, t->every, now));
        t->fire(t);
    }
}

void gyre_timers_observe(struct gyre_timers *q, struct gyre_timer_visitor *v)
{
    q->observer = v;
}

/* Leave a list of timers, linked through `next`, idle. */
static void leave_idle(struct gyre_timer *list)
{
    for (struct gyre_timer *t = list; t != NULL; t = t->next)
        t->link = NULL;
}

void gyre_timers_stop_all(struct gyre_timers *q)
{
    struct gyre_timer_wheel *w = &q->wheel;

    leave_idle(gyre_timer_heap_flatten(&q->due));
    for (int slot = 0; slot < LEVELS * SLOTS; slot++) {
        for (int i = 0; i < LANES; i++) {
            leave_idle(w->slots[slot].lanes[i]);
            w->slots[slot].lanes[i] = NULL;
        }
    }
    for (int level = 0; level < LEVELS; level++)
        w->occupied[level] = 0;
    q->awaited = 0;
}

/* Show a list of timers, linked through `next`. */
static void show(struct gyre_timer *list, struct gyre_timer_visitor *v)
{
    for (struct gyre_timer *t = list; t != NULL; t = t->next)
        v->visit(v, t);
}

void gyre_timers_walk(struct gyre_timers *q, struct gyre_timer_visitor *v)
{
    /* A heap cannot be walked without a stack, nor a stack be had: undo it. */
    if (q->due != NULL) {
        struct gyre_timer *list = gyre_timer_heap_flatten(&q->due);

        show(list, v);
        gyre_timer_heap_fill(&q->due, list);
    }
    for (int slot = 0; slot < LEVELS * SLOTS; slot++) {
        for (int i = 0; i < LANES; i++)
            show(q->wheel.slots[slot].lanes[i], v);
    }
}
