/*
 * queue_model.c - a model of queues, and every order of events.
 */
#include "tests/task/sync/queue_model.h"

#include <errno.h>
#include <string.h>

#include "tests/task/world.h"

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

/* ---- every order ---- */

struct check {
    struct outcome (*perform)(const struct scenario *c);
    const char *kinds, *events;
    struct scenario scenario;
    long scenarios;
};

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

static void check(struct check *k)
{
    const struct scenario *c = &k->scenario;
    struct outcome expected = model(c), real = k->perform(c);

    k->scenarios++;
    if (memcmp(&expected, &real, sizeof real) == 0)
        return;
    describe(c, &expected, "expected");
    describe(c, &real, "got");
    cr_expect(false, "the model disagrees");
}

static void check_capacities(struct check *k)
{
    struct scenario *c = &k->scenario;

    for (c->capacity = 0; c->capacity <= 2; c->capacity++)
        check(k);
}

static void check_kinds(struct check *k, int task)
{
    if (task == TASKS) {
        check_capacities(k);
        return;
    }
    for (const char *kind = k->kinds; *kind != '\0'; kind++) {
        k->scenario.kinds[task] = *kind;
        check_kinds(k, task + 1);
    }
}

/* Three events only once all have come, and together. */
static void check_order(struct check *k)
{
    struct scenario *c = &k->scenario;
    size_t n = strlen(c->order);
    bool last = c->order[n - 1] == '3';

    for (int together = 0; together < (last ? 1 : 2); together++) {
        c->together = together;
        if (n < MOST || (together && c->order[2] == '3'))
            check_kinds(k, 0);
    }
}

/* All orders that begin with what is there, where `come` have come. */
static void check_orders(struct check *k, int come)
{
    char *order = k->scenario.order;
    size_t n = strlen(order);

    if (come == TASKS) {
        check_order(k);
    } else {
        order[n] = (char)('1' + come);
        check_orders(k, come + 1);
        order[n] = '\0';
    }
    for (const char *e = k->events; n < MOST && *e != '\0'; e++) {
        if (strchr(order, *e) != NULL || n - (size_t)come == MOST - TASKS)
            continue;
        order[n] = *e;
        check_orders(k, come);
        order[n] = '\0';
    }
}

long model_check(struct outcome (*perform)(const struct scenario *c),
                 const char *kinds, const char *events)
{
    struct check k = {perform, kinds, events, {0}, 0};

    check_orders(&k, 0);
    return k.scenarios;
}
