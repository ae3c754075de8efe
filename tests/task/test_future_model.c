/*
 * test_future_model.c - a model of awaiting a future, and every order of events
 * held to it.
 *
 * Up to three tasks come to await a future, alone or as one case of a select.
 * In between, in every order, it is set, they are cancelled, and their
 * deadlines pass.  The tasks run after each event; or not before all is over.
 *
 * Of these things four happen, or fewer: so in some orders it is set and one
 * befalls each of three tasks, in others both befall two.  Both befalling all
 * three, and it being set, would be seven; and a future knows its waiters one
 * by one, so that no more is to be learnt of that.  Tasks are alike, and come
 * in the order of their names.
 *
 * The model knows only the times at which things happen.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "tests/task/world.h"

enum { TASKS = 3, MOST = 7, NEVER = 100, STEP = 10, VALUE = 42 };

/* '1', '2', '3': a task comes; 'a', 'b', 'c': it is cancelled; 'A', 'B', 'C':
   its deadline passes; 's': the future is set. */
struct scenario {
    int tasks;
    unsigned selects; /* bit i: task i does not await it alone */
    char order[MOST + 1];
    bool together; /* what comes after the last task has come */
};

/* ---- the model ---- */

static int time_of(const struct scenario *c, char event)
{
    const char *at = strchr(c->order, event);

    return at != NULL ? (int)(at - c->order) : NEVER;
}

/* Whoever comes and finds it done has it, whatever else has been, unless he was
   cancelled; after that, the first event counts. */
static intptr_t model(const struct scenario *c, int i)
{
    int come = time_of(c, (char)('1' + i));
    int cancelled = time_of(c, (char)('a' + i));
    int late = time_of(c, (char)('A' + i));
    int set = time_of(c, 's');

    if (cancelled < come)
        return -ECANCELED;
    if (late < come)
        late = come;
    if (set < late && set < cancelled)
        return VALUE;
    return late < cancelled ? -ETIMEDOUT : -ECANCELED;
}

/* ---- the real thing ---- */

struct play {
    const struct scenario *scenario;
    gyre_time begin;
    struct gyre_future future;
    struct gyre_future tasks[TASKS];
    intptr_t result[TASKS];
};

/* A task, or an event that a timer brings about. */
struct actor {
    struct gyre_timer timer;
    struct play *play;
    char name;
};

static gyre_time at(const struct play *p, char event)
{
    int t = time_of(p->scenario, event);

    return t == NEVER ? GYRE_FOREVER : p->begin + STEP * (gyre_time)t;
}

static intptr_t await_or_select(struct play *p, bool selects,
                                gyre_time deadline)
{
    struct gyre_event never = {0};
    struct gyre_case cases[] = {gyre_case_event(&never),
                                gyre_case_future(&p->future)};
    int chosen;

    if (!selects)
        return gyre_await(&p->future, deadline);
    chosen = gyre_select(cases, 2, deadline);
    must(chosen != 0);
    return chosen < 0 ? chosen : cases[chosen].result;
}

static intptr_t act(void *arg)
{
    struct actor *a = arg;
    struct play *p = a->play;
    int i = a->name - '1';
    gyre_time deadline = at(p, (char)('A' + i));

    if (gyre_sleep(at(p, a->name)) != 0)
        deadline = GYRE_FOREVER;
    p->result[i] = await_or_select(p, p->scenario->selects >> i & 1, deadline);
    return 0;
}

static void happen(struct gyre_timer *t)
{
    struct actor *a = GYRE_OWNER(t, struct actor, timer);

    if (a->name == 's')
        gyre_future_set(&a->play->future, VALUE);
    else
        gyre_future_cancel(&a->play->tasks[a->name - 'a']);
}

static void jump(struct gyre_timer *t)
{
    (void)t;
    gyre_sim_advance(world->sim, MS);
}

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

static void perform(struct play *p)
{
    struct actor actors[MOST];
    struct gyre_timer jumping = {.fire = jump};
    struct gyre_scope s;
    char last = (char)('0' + p->scenario->tasks);

    p->begin = gyre_in(MS);
    gyre_scope_open(&s, GYRE_FOREVER);
    start_all(p, &s, actors);
    if (p->scenario->together)
        gyre_timer_start(world->loop, &jumping, at(p, last) + STEP / 2);
    must(gyre_sleep(p->begin + MS / 2) == 0);
    gyre_scope_cancel(&s);
    must(gyre_scope_close(&s, 0) == 0);
    must(gyre_waiters_count(&p->future.waiters) == 0);
    world_expect_nothing_started(world);
}

/* ---- every order ---- */

static long scenarios;

static void check(const struct scenario *c)
{
    struct play p = {.scenario = c};

    perform(&p);
    scenarios++;
    for (int i = 0; i < c->tasks; i++) {
        if (p.result[i] != model(c, i))
            cr_expect(false, "%s%s, selects %x: task %d gets %jd, not %jd",
                      c->order, c->together ? " together" : "", c->selects,
                      i + 1, (intmax_t)p.result[i], (intmax_t)model(c, i));
    }
}

static void check_variants(struct scenario *c)
{
    static const unsigned selects[] = {2, 5};

    for (int i = 0; i < 4; i++) {
        c->selects = selects[i / 2];
        c->together = i % 2;
        check(c);
    }
}

/* All orders that begin with what is in `c->order`, where `come` have come. */
static void check_orders(struct scenario *c, int come, int events)
{
    static const char names[] = "aAbBcC";
    size_t n = strlen(c->order);

    if (come == c->tasks)
        check_variants(c);
    if (come < c->tasks) {
        c->order[n] = (char)('1' + come);
        check_orders(c, come + 1, events);
        c->order[n] = '\0';
    }
    for (int i = -1; i < 2 * c->tasks && events < MOST - TASKS; i++) {
        char name = i < 0 ? 's' : names[i];

        if (strchr(c->order, name) != NULL)
            continue;
        c->order[n] = name;
        check_orders(c, come, events + 1);
        c->order[n] = '\0';
    }
}

CLAIM(future_model, agrees_with_a_future_in_every_order_of_events)
{
    for (int tasks = 1; tasks <= TASKS; tasks++) {
        struct scenario c = {.tasks = tasks};

        check_orders(&c, 0, 0);
    }
    cr_expect_eq(scenarios, 146536, "%ld scenarios", scenarios);
}
