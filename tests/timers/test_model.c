/*
 * test_model.c - the queue against one so simple that it is plainly right.
 *
 * The model is a table searched from end to end.  Both are taken through the
 * same random steps, some of them from inside fire, and must agree on all that
 * can be asked after each.  A failure prints the seed and the step.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "timers/timers.h"

enum { TIMERS = 60, STEPS = 100000, LEVEL_PASSES = 8 };

/* What the model knows of one timer. */
struct entry {
    struct gyre_timer timer; /* first, so that a cast finds the entry */
    bool started;
    bool awaited;
    gyre_time at;
    uint64_t order;
    int shown; /* in the walk under way */
};

static struct gyre_timers q;
static struct entry table[TIMERS];
static gyre_time now; /* of the latest pass */
static uint64_t order;
static uint64_t last; /* what was started before the pass */
static unsigned fires, repeats, nested;
static uint64_t seed;
static long step;

#define AGREE(condition)                                                       \
    cr_assert(condition, "seed %llu, step %ld: " #condition,                   \
              (unsigned long long)seed, step)

/* splitmix64 */
static uint64_t rnd(void)
{
    static uint64_t state;
    uint64_t z = (state += UINT64_C(0x9e3779b97f4a7c15)) + seed;

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A span of any magnitude up to `bits`, often a round one, so that some tie. */
static gyre_time span(unsigned bits)
{
    uint64_t n = rnd() >> (64 - 1 - rnd() % bits);

    return (gyre_time)(rnd() % 3 ? n : n & ~(n >> 1));
}

static bool before(const struct entry *a, const struct entry *b)
{
    return a->at != b->at ? a->at < b->at : a->order < b->order;
}

/* The first of the model to be due; NULL if it is empty. */
static struct entry *earliest(void)
{
    struct entry *first = NULL;

    for (struct entry *e = table; e < table + TIMERS; e++) {
        if (e->started && (first == NULL || before(e, first)))
            first = e;
    }
    return first;
}

static void model_start(struct entry *e, gyre_time at)
{
    e->started = true;
    e->awaited = !e->timer.background;
    e->at = at > now ? at : now;
    e->order = ++order;
}

static void random_start(struct entry *e)
{
    gyre_time at = gyre_time_after(now, span(rnd() % 8 ? 40 : 62));

    switch (rnd() % 16) {
    case 0: at = GYRE_FOREVER; break;
    case 1: at = GYRE_NOW; break;
    case 2: at = now - (gyre_time)(rnd() % 1000); break;
    case 3: at = table[rnd() % TIMERS].at; break;
    default: break;
    }
    e->timer.background = rnd() % 3 == 0;
    e->timer.every = rnd() % 4 == 0 ? span(34) : 0;
    gyre_timers_start(&q, &e->timer, at);
    model_start(e, at);
}

static void random_change(void)
{
    struct entry *e = &table[rnd() % TIMERS];

    if (rnd() % 3 != 0) {
        random_start(e);
    } else {
        gyre_timers_stop(&q, &e->timer);
        e->started = false;
    }
}

static void fire(struct gyre_timer *t)
{
    struct entry *e = (struct entry *)t;

    AGREE(e == earliest());
    AGREE(e->at <= now && e->at != GYRE_FOREVER && e->order <= last);
    fires++;
    e->started = false;
    if (t->every > 0) {
        gyre_time beat = e->at;

        beat += (now - beat) / t->every * t->every;
        model_start(e, gyre_time_after(beat, t->every));
        repeats++;
    }
    AGREE(gyre_timer_started(t) == e->started);
    while (rnd() % 2) {
        random_change();
        nested++;
    }
}

static void pass(gyre_time at)
{
    const struct entry *e;

    now = at;
    last = order;
    gyre_timers_fire(&q, now);
    e = earliest();
    AGREE(e == NULL || e->at > now || e->order > last || e->at == GYRE_FOREVER);
}

static void random_pass(void)
{
    switch (rnd() % 8) {
    case 0: pass(now); break;
    case 1: pass(gyre_time_after(now, span(50))); break;
    case 2:
    case 3:
    case 4: pass(gyre_time_after(now, span(32))); break;
    default:
        if (gyre_timers_next(&q) != GYRE_FOREVER)
            pass(gyre_timers_next(&q));
    }
    /* Leave room ahead: start all over once in a few hundred years. */
    if (now > GYRE_FOREVER / 4 * 3) {
        memset(&q, 0, sizeof q);
        for (struct entry *e = table; e < table + TIMERS; e++)
            *e = (struct entry){.timer.fire = fire};
        now = 0;
        order = 0;
    }
}

static void show(struct gyre_timer_visitor *v, struct gyre_timer *t)
{
    (void)v;
    ((struct entry *)t)->shown++;
}

static void check_walk(void)
{
    struct gyre_timer_visitor v = {.visit = show};

    gyre_timers_walk(&q, &v);
    for (struct entry *e = table; e < table + TIMERS; e++) {
        AGREE(e->shown == e->started);
        e->shown = 0;
    }
}

static void check(void)
{
    const struct entry *first = earliest();
    gyre_time next = gyre_timers_next(&q);
    size_t awaited = 0;

    for (struct entry *e = table; e < table + TIMERS; e++) {
        AGREE(gyre_timer_started(&e->timer) == e->started);
        AGREE(gyre_timer_due(&e->timer) == (e->started ? e->at : GYRE_FOREVER));
        awaited += e->started && e->awaited;
    }
    AGREE(gyre_timers_awaited(&q) == awaited);
    AGREE(next <= (first != NULL ? first->at : GYRE_FOREVER));
    AGREE(next > now || (first != NULL && first->at == next));
    AGREE(first != NULL || next == GYRE_FOREVER);
}

Test(model, the_queue_agrees_with_a_table)
{
    seed = 1;
    for (struct entry *e = table; e < table + TIMERS; e++)
        e->timer.fire = fire;
    for (step = 0; step < STEPS; step++) {
        if (rnd() % 3 != 0)
            random_change();
        else
            random_pass();
        check();
        if (step % 64 == 0)
            check_walk();
    }
    cr_expect(fires > STEPS / 10 && repeats > STEPS / 100 &&
                  nested > STEPS / 10,
              "a dull run: %u fired, %u repeated, "
              "%u changes from inside",
              fires, repeats, nested);
}
