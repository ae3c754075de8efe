/*
 * test_cancel.c - a model of cancellation, and every order of events held to
 * it.
 *
 * A task opens up to three scopes, one in another, any of them shielded, and
 * parks.  Then happen, each or not, in every order: it is woken with a token,
 * its deadline passes, and each scope is cancelled, by its limit or by somebody
 * who asks.  Then it closes the scopes, passing each result on to the next, and
 * may look before each whether it is cancelled.  Events come one by one, so
 * that the task runs in between, or all before it can.
 *
 * The model knows no tree and no states, only the times at which things happen.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

enum {
    DEEPEST = 3,
    EVENTS = DEEPEST + 2,
    NEVER = 100, /* later than all events */
    TOKEN = 42,
};

/* 'w'aker, 'd'eadline, and the scopes '0', '1', '2' from the outermost. */
struct scenario {
    int depth;
    char order[EVENTS + 1];
    unsigned limits;  /* bit i: scope i is cancelled by its limit */
    unsigned shields; /* bit i: scope i is shielded */
    bool together;    /* no chance for the task in between */
    bool looking;     /* before each close */
};

/* What came of it, or should. */
struct outcome {
    intptr_t wait;
    intptr_t close[DEEPEST];
    int looks[DEEPEST]; /* 1 if it saw a cancellation, when looking */
};

/* ---- the model ---- */

static bool bit(unsigned set, int i)
{
    return set >> i & 1;
}

/* When something happens. */
static int time_of(const struct scenario *c, char event)
{
    const char *at = strchr(c->order, event);

    return at != NULL ? (int)(at - c->order) : NEVER;
}

/* Can what befalls scope `outer` be seen in `inner`? */
static bool open_between(const struct scenario *c, int outer, int inner)
{
    for (int i = outer + 1; i <= inner; i++) {
        if (bit(c->shields, i))
            return false;
    }
    return true;
}

/* When scope `i` is first cancelled, on whatever account. */
static int cancelled_at(const struct scenario *c, int i)
{
    int first = NEVER;

    for (int outer = 0; outer <= i; outer++) {
        int t = time_of(c, (char)('0' + outer));

        if (open_between(c, outer, i) && t < first)
            first = t;
    }
    return first;
}

/* What the wait returns: the first event that concerns it wins; if none does,
   it is woken in the end. */
static intptr_t model_wait(const struct scenario *c)
{
    int woken = time_of(c, 'w');
    int late = time_of(c, 'd');
    int cancelled = cancelled_at(c, c->depth - 1);

    if (cancelled < woken && cancelled < late)
        return -ECANCELED;
    return late < woken ? -ETIMEDOUT : TOKEN;
}

/* Was a cancel point inside told of the cancellation of scope `i`?  The wait
   may have been, and each look from a deeper scope. */
static bool told(const struct scenario *c, int i)
{
    int deepest = c->depth - 1;

    if (cancelled_at(c, i) == NEVER)
        return false;
    if (c->looking)
        return true;
    return model_wait(c) == -ECANCELED && open_between(c, i, deepest) &&
           cancelled_at(c, i) <= cancelled_at(c, deepest);
}

static intptr_t model_close(const struct scenario *c, int i, intptr_t result)
{
    int own = time_of(c, (char)('0' + i));
    bool first = own == cancelled_at(c, i);
    bool asked = own != NEVER && first && !bit(c->limits, i);

    if (asked)
        return result == -ECANCELED ? 0 : result;
    if (!told(c, i))
        return result;
    return first ? -ETIMEDOUT : -ECANCELED;
}

static struct outcome model(const struct scenario *c)
{
    struct outcome o = {.wait = model_wait(c)};
    intptr_t result = o.wait;

    for (int i = c->depth - 1; i >= 0; i--) {
        o.looks[i] = c->looking && cancelled_at(c, i) != NEVER;
        result = o.close[i] = model_close(c, i, result);
    }
    return o;
}

/* ---- the real thing ---- */

struct play {
    const struct scenario *scenario;
    struct outcome outcome;
    gyre_time begin; /* event i is at begin + i */
    struct gyre_scope scopes[DEEPEST];
    struct gyre_list waiting; /* for the token: gyre_wait.link */
    struct gyre_wait hold;    /* until the events are over */
    bool holding, over;
    int tokens; /* not given to the task */
};

/* An event that somebody brings about, or the end of all. */
struct event {
    struct gyre_timer timer;
    struct play *play;
    char name;
};

static gyre_time at(const struct play *p, char event)
{
    int t = time_of(p->scenario, event);

    return t == NEVER ? GYRE_FOREVER : p->begin + t;
}

static void give_token(struct play *p)
{
    struct gyre_list *first = p->waiting.next;

    if (first == &p->waiting) {
        p->tokens++;
        return;
    }
    gyre_list_remove(first);
    gyre_wait_wake(GYRE_OWNER(first, struct gyre_wait, link), TOKEN);
}

static void happen(struct gyre_timer *t)
{
    struct event *e = GYRE_OWNER(t, struct event, timer);

    if (e->name == 'w')
        give_token(e->play);
    else
        gyre_scope_cancel(&e->play->scopes[e->name - '0']);
}

/* Whatever the task waits for still, it gets. */
static void end(struct gyre_timer *t)
{
    struct play *p = GYRE_OWNER(t, struct event, timer)->play;

    p->over = true;
    if (p->holding)
        gyre_wait_wake(&p->hold, 0);
    else if (!gyre_list_empty(&p->waiting))
        give_token(p);
}

/* Deadlines and limits happen by themselves. */
static bool is_made(const struct scenario *c, char event)
{
    return event == 'w' || (event != 'd' && !bit(c->limits, event - '0'));
}

static void start_events(struct play *p, struct event events[EVENTS + 1])
{
    const struct scenario *c = p->scenario;

    for (int i = 0; c->order[i] != '\0'; i++) {
        events[i] = (struct event){
            .timer.fire = happen, .play = p, .name = c->order[i]};
        if (is_made(c, c->order[i]))
            gyre_timer_start(world->loop, &events[i].timer, p->begin + i);
    }
    events[EVENTS] = (struct event){.timer.fire = end, .play = p};
    gyre_timer_start(world->loop, &events[EVENTS].timer, p->begin + EVENTS);
}

static void open_scopes(struct play *p)
{
    for (int i = 0; i < p->scenario->depth; i++) {
        struct gyre_scope *s = &p->scopes[i];
        gyre_time limit = GYRE_FOREVER;

        if (bit(p->scenario->limits, i))
            limit = at(p, (char)('0' + i));
        if (!bit(p->scenario->shields, i))
            gyre_scope_open(s, limit);
        else if (limit != GYRE_FOREVER)
            gyre_scope_open_shielded(s, limit);
        else
            gyre_scope_open_shielded(s, p->begin + GYRE_SECOND);
    }
}

static void close_scopes(struct play *p)
{
    intptr_t result = p->outcome.wait;

    for (int i = p->scenario->depth - 1; i >= 0; i--) {
        if (p->scenario->looking)
            p->outcome.looks[i] = gyre_checkpoint(GYRE_NOW) == -ECANCELED;
        result = p->outcome.close[i] = gyre_scope_close(&p->scopes[i], result);
    }
}

static bool refuse(struct gyre_wait *w)
{
    (void)w;
    return false;
}

static const struct gyre_wait_kind holds = {.abandon = refuse};

/* Stay inside, without being told of anything, until all has happened. */
static void linger(struct play *p)
{
    p->hold = (struct gyre_wait){.kind = &holds};
    p->holding = true;
    must(gyre_wait_park(&p->hold, GYRE_FOREVER) == 0);
}

static struct outcome perform(const struct scenario *c)
{
    struct play p = {.scenario = c, .begin = gyre_in(MS)};
    struct event events[EVENTS + 1];
    struct gyre_wait w = {0};
    bool wakes = strchr(c->order, 'w') != NULL;

    gyre_list_init(&p.waiting);
    start_events(&p, events);
    open_scopes(&p);
    if (c->together)
        gyre_sim_advance(world->sim, 2 * MS);
    gyre_list_append(&p.waiting, &w.link);
    p.outcome.wait = gyre_wait_park(&w, at(&p, 'd'));
    must(gyre_list_empty(&p.waiting));
    if (!p.over)
        linger(&p);
    close_scopes(&p);
    must(!wakes || p.tokens + (p.outcome.wait == TOKEN) == 1);
    world_expect_nothing_started(world);
    return p.outcome;
}

/* ---- every order ---- */

static long scenarios;

static void describe(const struct scenario *c, const struct outcome *o,
                     const char *whose)
{
    cr_log_error("%s: depth %d, order %s, limits %x, shields %x%s%s: "
                 "wait %jd, close %jd %jd %jd, looks %d %d %d",
                 whose, c->depth, c->order, c->limits, c->shields,
                 c->together ? ", together" : "", c->looking ? ", looking" : "",
                 (intmax_t)o->wait, (intmax_t)o->close[0],
                 (intmax_t)o->close[1], (intmax_t)o->close[2], o->looks[0],
                 o->looks[1], o->looks[2]);
}

static void check(const struct scenario *c)
{
    struct outcome expected = model(c), real = perform(c);
    bool same = expected.wait == real.wait;

    for (int i = 0; i < c->depth; i++)
        same &= expected.close[i] == real.close[i] &&
                expected.looks[i] == real.looks[i];
    scenarios++;
    if (same)
        return;
    describe(c, &expected, "expected");
    describe(c, &real, "got");
    cr_expect(false, "the model disagrees");
}

static void check_variants(struct scenario c)
{
    unsigned sets = 1u << c.depth;

    for (c.limits = 0; c.limits < sets; c.limits++) {
        for (c.shields = 0; c.shields < sets; c.shields++) {
            for (int i = 0; i < 4; i++) {
                c.together = i & 1;
                c.looking = i & 2;
                check(&c);
            }
        }
    }
}

/* All orders of all sets of events that begin with what is in `c->order`. */
static void check_orders(struct scenario *c)
{
    static const char events[] = "wd012";
    size_t n = strlen(c->order);

    /* Somebody must end the wait, or it would not be one. */
    if (n > 0)
        check_variants(*c);
    for (int i = 0; i < c->depth + 2; i++) {
        if (strchr(c->order, events[i]) != NULL)
            continue;
        c->order[n] = events[i];
        check_orders(c);
        c->order[n] = '\0';
    }
}

CLAIM(cancel, agrees_with_a_model_in_every_order_of_events)
{
    for (int depth = 1; depth <= DEEPEST; depth++) {
        struct scenario c = {.depth = depth};

        check_orders(&c);
    }
    cr_expect_eq(scenarios, 87536, "%ld scenarios", scenarios);
}
