/*
 * test_queue_model.c - a model of a queue, and every order of events held to
 * it.
 *
 * Three tasks come to a queue of capacity 0, 1 or 2, each to put, to take, or
 * for whichever of the two is possible first.  In between, in every order, they
 * are cancelled, their deadlines pass, callbacks put and take, and the queue is
 * closed, in either way.  The tasks run after each event; or not before all is
 * over, so that what was handed to a task and what befell it meet.
 *
 * The model has no waiting and no waking: it knows who is there, and what may
 * happen among those who are.  That it agrees says that no item is lost, none
 * comes twice, their order is kept, and nobody waits for what is there.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/sync/queue.h"
#include "task/sync/select.h"
#include "task/task.h"
#include "tests/task/world.h"

enum { TASKS = 3, MOST = 6, CALLED = 9, STEP = 10 };

/*
 * '1', '2', '3': a task comes; 'a', 'b', 'c': it is cancelled; 'A', 'B', 'C':
 * its deadline passes; 'p', 't': a callback puts, takes; 'k', 'K': the queue is
 * closed, closed now.
 */
struct scenario {
    int capacity;
    char kinds[TASKS + 1]; /* 'p'uts, 't'akes, or does 'e'ither */
    char order[MOST + 1];
    bool together; /* what comes after the last task has come */
};

/* What came of it, or should; an item of 0 is none. */
struct outcome {
    int result[TASKS], item[TASKS];
    int put, take, taken; /* by callbacks */
    int putting, taking, dropped;
    int left[MOST];
};

TestSuite(queue_model, .timeout = 60);

/* ---- the model ---- */

struct line {
    int who[TASKS + 1];
    int n;
};

/* Whoever is a callback is number TASKS. */
struct model {
    int capacity;
    bool closed;
    int items[MOST], length;
    struct line putters, takers;
    bool done[TASKS + 1], cancelled[TASKS], late[TASKS];
    int result[TASKS + 1], item[TASKS + 1];
};

static void leave(struct line *l, int who)
{
    int n = 0;

    for (int i = 0; i < l->n; i++) {
        if (l->who[i] != who)
            l->who[n++] = l->who[i];
    }
    l->n = n;
}

static void complete(struct model *m, int who, int result, int item)
{
    leave(&m->putters, who);
    leave(&m->takers, who);
    m->done[who] = true;
    m->result[who] = result;
    m->item[who] = item;
}

static int puts_what(int who)
{
    return who == TASKS ? CALLED : who + 1;
}

static bool move_in(struct model *m)
{
    if (m->putters.n == 0 || m->length >= m->capacity)
        return false;
    m->items[m->length++] = puts_what(m->putters.who[0]);
    complete(m, m->putters.who[0], 0, 0);
    return true;
}

static bool move_out(struct model *m)
{
    if (m->takers.n == 0 || m->length == 0)
        return false;
    complete(m, m->takers.who[0], 0, m->items[0]);
    memmove(m->items, m->items + 1, (size_t)--m->length * sizeof m->items[0]);
    return true;
}

/* Nobody meets himself. */
static bool meet(struct model *m)
{
    for (int i = 0; m->capacity == 0 && i < m->putters.n; i++) {
        for (int j = 0; j < m->takers.n; j++) {
            int p = m->putters.who[i], t = m->takers.who[j];

            if (p == t)
                continue;
            complete(m, p, 0, 0);
            complete(m, t, 0, puts_what(p));
            return true;
        }
    }
    return false;
}

static bool turn_away(struct model *m)
{
    if (!m->closed)
        return false;
    if (m->putters.n > 0)
        complete(m, m->putters.who[0], -EPIPE, 0);
    else if (m->takers.n > 0 && m->length == 0)
        complete(m, m->takers.who[0], -EPIPE, 0);
    else
        return false;
    return true;
}

/* All that may happen among those who are there. */
static void settle(struct model *m)
{
    while (turn_away(m) || move_out(m) || move_in(m) || meet(m))
        continue;
}

static void come(struct model *m, int who, char kind)
{
    if (kind != 't') {
        m->putters.who[m->putters.n++] = who;
        settle(m);
    }
    if (kind != 'p' && !m->done[who]) {
        m->takers.who[m->takers.n++] = who;
        settle(m);
    }
}

static void give_up(struct model *m, int who, int why)
{
    if (!m->done[who])
        complete(m, who, why, 0);
}

static void call(struct model *m, char kind, struct outcome *o)
{
    m->done[TASKS] = false;
    come(m, TASKS, kind);
    give_up(m, TASKS, -ETIMEDOUT);
    if (kind == 'p') {
        o->put = m->result[TASKS];
    } else {
        o->take = m->result[TASKS];
        o->taken = m->item[TASKS];
    }
}

static void start(struct model *m, int who, char kind)
{
    if (m->cancelled[who]) {
        give_up(m, who, -ECANCELED);
        return;
    }
    come(m, who, kind);
    if (m->late[who])
        give_up(m, who, -ETIMEDOUT);
}

static bool is_there(const struct model *m, int who)
{
    for (int i = 0; i < m->putters.n; i++) {
        if (m->putters.who[i] == who)
            return true;
    }
    for (int i = 0; i < m->takers.n; i++) {
        if (m->takers.who[i] == who)
            return true;
    }
    return false;
}

static void model_close(struct model *m, struct outcome *o, bool now)
{
    m->closed = true;
    if (now) {
        o->dropped += m->length;
        m->length = 0;
    }
    settle(m);
}

static void model_event(struct model *m, const struct scenario *c, char event,
                        struct outcome *o)
{
    if (event >= '1' && event <= '3') {
        start(m, event - '1', c->kinds[event - '1']);
    } else if (event >= 'a' && event <= 'c') {
        m->cancelled[event - 'a'] = true;
        if (is_there(m, event - 'a'))
            give_up(m, event - 'a', -ECANCELED);
    } else if (event >= 'A' && event <= 'C') {
        m->late[event - 'A'] = true;
        if (is_there(m, event - 'A'))
            give_up(m, event - 'A', -ETIMEDOUT);
    } else if (event == 'k' || event == 'K') {
        model_close(m, o, event == 'K');
    } else {
        call(m, event, o);
    }
}

static struct outcome model(const struct scenario *c)
{
    struct model m = {.capacity = c->capacity};
    struct outcome o = {0};

    for (const char *e = c->order; *e != '\0'; e++)
        model_event(&m, c, *e, &o);
    o.putting = m.putters.n;
    o.taking = m.takers.n;
    for (int i = 0; i < TASKS; i++) {
        give_up(&m, i, -ECANCELED);
        o.result[i] = m.result[i];
        o.item[i] = m.item[i];
    }
    memcpy(o.left, m.items, (size_t)m.length * sizeof m.items[0]);
    return o;
}

/* ---- the real thing ---- */

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

/* ---- every order ---- */

static long scenarios;

static void describe(const struct scenario *c, const struct outcome *o,
                     const char *whose)
{
    cr_log_error("%s: capacity %d, tasks %s, order %s%s: results %d %d %d, "
                 "items %d %d %d, put %d, take %d (%d), waiting %d %d, "
                 "dropped %d, left %d %d",
                 whose, c->capacity, c->kinds, c->order,
                 c->together ? " together" : "", o->result[0], o->result[1],
                 o->result[2], o->item[0], o->item[1], o->item[2], o->put,
                 o->take, o->taken, o->putting, o->taking, o->dropped,
                 o->left[0], o->left[1]);
}

static void check(const struct scenario *c)
{
    struct outcome expected = model(c), real = perform(c);

    scenarios++;
    if (memcmp(&expected, &real, sizeof real) == 0)
        return;
    describe(c, &expected, "expected");
    describe(c, &real, "got");
    cr_expect(false, "the model disagrees");
}

/* At the larger ones a select never waits on both sides. */
static void check_capacities(struct scenario *c)
{
    bool both = strchr(c->kinds, 'e') != NULL;

    for (c->capacity = 0; c->capacity <= (both ? 0 : 2); c->capacity++)
        check(c);
}

static void check_kinds(struct scenario *c)
{
    for (int i = 0; i < 27; i++) {
        for (int t = 0, n = i; t < TASKS; t++, n /= 3)
            c->kinds[t] = "pte"[n % 3];
        check_capacities(c);
    }
}

static bool all_have_come(const struct scenario *c)
{
    return strchr(c->order, '3') != NULL;
}

/* Three events only once all have come, and together. */
static void check_order(struct scenario *c)
{
    size_t n = strlen(c->order);
    bool last = c->order[n - 1] == '3';

    for (int together = 0; together < (last ? 1 : 2); together++) {
        c->together = together;
        if (n < MOST || (together && c->order[2] == '3'))
            check_kinds(c);
    }
}

/* All orders that begin with what is in `c->order`, where `come` have come. */
static void check_orders(struct scenario *c, int have_come)
{
    static const char events[] = "abcABCptkK";
    size_t n = strlen(c->order);

    if (all_have_come(c))
        check_order(c);
    if (have_come < TASKS) {
        c->order[n] = (char)('1' + have_come);
        check_orders(c, have_come + 1);
    }
    for (int i = 0; i < 10 && n - (size_t)have_come < MOST - TASKS; i++) {
        if (strchr(c->order, events[i]) != NULL)
            continue;
        c->order[n] = events[i];
        check_orders(c, have_come);
        c->order[n] = '\0';
    }
    c->order[n] = '\0';
}

CLAIM(queue_model, agrees_with_a_queue_in_every_order_of_events)
{
    struct scenario c = {0};

    check_orders(&c, 0);
    cr_expect_eq(scenarios, 87333, "%ld scenarios", scenarios);
}
