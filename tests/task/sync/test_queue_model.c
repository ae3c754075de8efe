/*
 * test_queue_model.c - queues in every order of events.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/sync/queue.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "tests/task/sync/queue_model.h"
#include "tests/task/world.h"

enum { STEP = 10 }; /* nanoseconds from event to event */

struct play {
    const struct scenario *scenario;
    struct outcome outcome;
    gyre_time begin;
    struct gyre_queue queue;
    int room[2];
    struct gyre_future tasks[TASKS];
};

/* A task, or an event that a timer brings about. */
struct actor {
    struct gyre_timer timer;
    struct play *play;
    char name;
};

static int dropped;

static void drop(void *item)
{
    must(*(int *)item != 0);
    dropped++;
}

static gyre_time at(const struct play *p, char event)
{
    const char *e = strchr(p->scenario->order, event);

    return e == NULL ? GYRE_FOREVER
                     : p->begin + STEP * (gyre_time)(e - p->scenario->order);
}

static int either(struct gyre_queue *q, const int *mine, int *item,
                  gyre_time deadline)
{
    struct gyre_case cases[] = {gyre_case_put(q, mine),
                                gyre_case_take(q, item)};
    int i = gyre_select_in_order(cases, 2, deadline);

    return i < 0 ? i : (int)cases[i].result;
}

static intptr_t act(void *arg)
{
    struct actor *a = arg;
    struct play *p = a->play;
    int i = a->name - '1', mine = i + 1, *item = &p->outcome.item[i];
    gyre_time deadline = at(p, (char)('A' + i));
    int *result = &p->outcome.result[i];

    if (gyre_sleep(at(p, a->name)) != 0)
        deadline = GYRE_FOREVER;
    if (p->scenario->kinds[i] == 'p')
        *result = gyre_queue_put(&p->queue, &mine, deadline);
    else if (p->scenario->kinds[i] == 't')
        *result = gyre_queue_take(&p->queue, item, deadline);
    else
        *result = either(&p->queue, &mine, item, deadline);
    must(mine == i + 1);
    return 0;
}

static void happen(struct gyre_timer *t)
{
    struct actor *a = GYRE_OWNER(t, struct actor, timer);
    struct play *p = a->play;
    struct outcome *o = &p->outcome;
    int called = CALLED;

    if (a->name == 'k')
        gyre_queue_close(&p->queue);
    else if (a->name == 'K')
        gyre_queue_close_now(&p->queue, drop);
    else if (a->name == 'p')
        o->put = gyre_queue_put(&p->queue, &called, GYRE_NOW);
    else if (a->name == 't')
        o->take = gyre_queue_take(&p->queue, &o->taken, GYRE_NOW);
    else
        gyre_future_cancel(&p->tasks[a->name - 'a']);
}

static void jump(struct gyre_timer *t)
{
    (void)t;
    gyre_sim_advance(world->sim, MS);
}

/* Spawns the tasks, and starts what happens to them; deadlines come by
   themselves. */
static void start_all(struct play *p, struct gyre_scope *s,
                      struct actor *actors)
{
    const char *order = p->scenario->order;

    for (int i = 0; order[i] != '\0'; i++) {
        struct actor *a = &actors[i];
        char name = order[i];

        *a = (struct actor){.timer.fire = happen, .play = p, .name = name};
        if (name >= '1' && name <= '3')
            gyre_spawn(s, &p->tasks[name - '1'], act, a);
        else if (name < 'A' || name > 'C')
            gyre_timer_start(world->loop, &a->timer, p->begin + STEP * i);
    }
}

static struct outcome perform(const struct scenario *c)
{
    struct play p = {.scenario = c, .begin = gyre_in(MS)};
    struct actor actors[MOST];
    struct gyre_timer jumping = {.fire = jump};
    struct gyre_scope s;

    p.queue.items = (struct gyre_items){.room = p.room,
                                        .size = sizeof p.room[0],
                                        .capacity = (size_t)c->capacity};
    dropped = 0;
    gyre_scope_open(&s, GYRE_FOREVER);
    start_all(&p, &s, actors);
    if (c->together)
        gyre_timer_start(world->loop, &jumping, at(&p, '3') + STEP / 2);
    must(gyre_sleep(p.begin + MS / 2) == 0);
    p.outcome.dropped = dropped;
    p.outcome.putting = (int)gyre_queue_putting(&p.queue);
    p.outcome.taking = (int)gyre_queue_taking(&p.queue);
    gyre_scope_cancel(&s);
    must(gyre_scope_close(&s, 0) == 0);
    for (int i = 0; gyre_queue_length(&p.queue) > 0; i++)
        must(gyre_queue_take(&p.queue, &p.outcome.left[i], GYRE_NOW) == 0);
    world_expect_nothing_started(world);
    return p.outcome;
}

CLAIM(queue_model, agrees_with_queues_and_selects_in_every_order_of_events)
{
    long scenarios = model_check(perform, "pte", "aAbBcCptkK");

    cr_expect_eq(scenarios, 164511, "%ld scenarios", scenarios);
}
