/*
 * test_channel_model.c - channels in every order of events.
 *
 * All on one loop; but what ends a wait comes as a post, as from any other, so
 * that here, too, an event meets what is on its way.
 */
#include <errno.h>
#include <string.h>

#include "task/scope.h"
#include "task/sync/channel.h"
#include "task/task.h"
#include "tests/task/sync/queue_model.h"
#include "tests/task/world.h"

enum { STEP = 10 }; /* nanoseconds from event to event */

struct play {
    const struct scenario *scenario;
    struct outcome outcome;
    gyre_time begin;
    struct gyre_channel *channel;
    struct gyre_future tasks[TASKS];
};

struct actor {
    struct play *play;
    int i;
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

static intptr_t act(void *arg)
{
    struct actor *a = arg;
    struct play *p = a->play;
    int i = a->i, mine = i + 1;
    gyre_time deadline = at(p, (char)('A' + i));
    bool puts = p->scenario->kinds[i] == 'p';
    int *waiting = puts ? &p->outcome.putting : &p->outcome.taking;

    if (gyre_sleep(at(p, (char)('1' + i))) != 0)
        deadline = GYRE_FOREVER;
    ++*waiting;
    p->outcome.result[i] =
        puts ? gyre_channel_put(p->channel, &mine, deadline)
             : gyre_channel_take(p->channel, &p->outcome.item[i], deadline);
    --*waiting;
    must(mine == i + 1);
    return 0;
}

static void happen(struct play *p, char event)
{
    struct outcome *o = &p->outcome;
    int called = CALLED;

    if (event == 'k')
        gyre_channel_close(p->channel);
    else if (event == 'K')
        gyre_channel_close_now(p->channel, drop);
    else if (event == 'p')
        o->put = gyre_channel_put(p->channel, &called, GYRE_NOW);
    else if (event == 't')
        o->take = gyre_channel_take(p->channel, &o->taken, GYRE_NOW);
    else if (event >= 'a' && event <= 'c')
        gyre_future_cancel(&p->tasks[event - 'a']);
}

/* Everybody else goes on until he waits; and what is due comes, also for who
   has only just begun to wait. */
static void settle(void)
{
    for (int i = 0; i < 2; i++)
        must(gyre_sleep(gyre_in(0)) == 0);
}

/* While somebody waits in a channel the clock stands still, but for us. */
static void run_events(struct play *p)
{
    bool together = false;

    must(gyre_sleep(p->begin - 1) == 0);
    gyre_sim_advance(world->sim, 1);
    for (const char *e = p->scenario->order; *e != '\0'; e++) {
        happen(p, *e);
        if (!together || (*e >= 'A' && *e <= 'C'))
            settle();
        together |= p->scenario->together && *e == '0' + TASKS;
        gyre_sim_advance(world->sim, STEP);
    }
    settle();
}

static struct outcome perform(const struct scenario *c)
{
    struct play p = {.scenario = c, .begin = gyre_in(MS)};
    struct actor actors[TASKS];
    struct outcome o;
    struct gyre_scope s;

    must(gyre_channel_new(&p.channel, sizeof(int), (size_t)c->capacity) == 0);
    dropped = 0;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < TASKS; i++) {
        actors[i] = (struct actor){&p, i};
        gyre_spawn(&s, &p.tasks[i], act, &actors[i]);
    }
    run_events(&p);
    o = p.outcome;
    gyre_scope_cancel(&s);
    must(gyre_scope_close(&s, 0) == 0);
    memcpy(o.result, p.outcome.result, sizeof o.result);
    o.dropped = dropped;
    for (int i = 0; gyre_channel_length(p.channel) > 0; i++)
        must(gyre_channel_take(p.channel, &o.left[i], GYRE_NOW) == 0);
    gyre_channel_release(p.channel);
    world_expect_nothing_started(world);
    return o;
}

CLAIM(channel_model, agrees_with_channels_in_every_order_of_events)
{
    long scenarios = model_check(perform, "pt", "aAbBcCptkK");

    cr_expect_eq(scenarios, 48744, "%ld scenarios", scenarios);
}
