/*
 * test_interleaved_conditions.c - two tasks that wait for a condition, one that
 * has the mutex, and every order of events.
 *
 * Both wait.  Then happen, in every order: a third locks the mutex, and is told
 * to let go of it; one is notified and then another, or all are; and each of
 * the two is cancelled, or its deadline passes, or neither.  Between any two of
 * these the tasks that are ready run once, or they do not.
 *
 * The model is a queue: the first of the three that befalls a waiter there says
 * what its call is to return.  So no notification is lost and none comes twice,
 * and whatever it is, the mutex is its own when it returns.
 */
#include <errno.h>
#include <string.h>

#include "loop/timer.h"
#include "task/scope.h"
#include "task/sync/condition.h"
#include "task/task.h"
#include "tests/task/sync/orders.h"
#include "tests/task/world.h"

TestSuite(interleaved_conditions, .init = in_order, .timeout = 60);

enum { WAITERS = 2, PENDING = 1 };

struct waiter {
    struct game *game;
    gyre_time deadline;
    struct gyre_timer timer; /* the model's */
    struct gyre_future done;
    int expected; /* PENDING: it waits */
};

struct game {
    const char *order;
    struct gyre_mutex mutex;
    struct gyre_condition condition;
    struct gyre_scope scope;
    struct waiter waiters[WAITERS]; /* in the order they came */
    struct gate told;               /* who has the mutex, to let go of it */
    gyre_time begin;
    int inside;   /* tasks that have the mutex: one at most */
    int returned; /* calls */
};

/* ---- the model ---- */

static void settle(struct waiter *w, int result)
{
    if (w->expected == PENDING)
        w->expected = result;
}

static void expire(struct gyre_timer *t)
{
    settle(GYRE_OWNER(t, struct waiter, timer), -ETIMEDOUT);
}

static void notify_first(struct game *g)
{
    int i = 0;

    while (i < WAITERS && g->waiters[i].expected != PENDING)
        i++;
    if (i < WAITERS)
        settle(&g->waiters[i], 0);
}

static size_t pending(const struct game *g)
{
    size_t n = 0;

    for (int i = 0; i < WAITERS; i++)
        n += g->waiters[i].expected == PENDING;
    return n;
}

/* ---- tasks ---- */

/* Others run, and may not get in; a cancellation is nobody's business here. */
static void have_the_mutex(struct game *g)
{
    must(++g->inside == 1);
    (void)!gyre_yield();
    must(g->inside-- == 1);
}

static intptr_t wait(void *arg)
{
    struct waiter *w = arg;
    struct game *g = w->game;
    int err;

    must(gyre_mutex_lock(&g->mutex, GYRE_FOREVER) == 0);
    w->timer = (struct gyre_timer){.fire = expire};
    if (w->deadline != GYRE_FOREVER)
        gyre_timer_start(world->loop, &w->timer, w->deadline);
    err = gyre_condition_wait(&g->condition, &g->mutex, w->deadline);
    gyre_timer_stop(world->loop, &w->timer);
    must(err == w->expected);
    g->returned++;
    have_the_mutex(g);
    gyre_mutex_unlock(&g->mutex);
    return 0;
}

static intptr_t lock(void *arg)
{
    struct game *g = arg;

    must(gyre_mutex_lock(&g->mutex, GYRE_FOREVER) == 0);
    must(++g->inside == 1);
    gate_pass(&g->told);
    must(g->inside-- == 1);
    gyre_mutex_unlock(&g->mutex);
    return 0;
}

/* ---- events ---- */

static void cancel(struct waiter *w)
{
    settle(w, -ECANCELED);
    gyre_future_cancel(&w->done);
}

static void notify_all(struct game *g)
{
    for (int i = 0; i < WAITERS; i++)
        settle(&g->waiters[i], 0);
    gyre_condition_notify_all(&g->condition);
}

/* 'C' and 'c' the third locks and is told to let go; 'n', 'm' one is notified,
   'N' all; 'x', 'y' a waiter is cancelled, '1', '2' its deadline passes. */
static void happen(struct game *g, char event)
{
    if (event == 'C') {
        gyre_spawn(&g->scope, NULL, lock, g);
    } else if (event == 'c') {
        gate_open(&g->told);
    } else if (event == 'N') {
        notify_all(g);
    } else if (event == 'n' || event == 'm') {
        notify_first(g);
        gyre_condition_notify(&g->condition);
    } else if (event == 'x' || event == 'y') {
        cancel(&g->waiters[event - 'x']);
    } else {
        must(gyre_sleep(g->waiters[event - '1'].deadline) == 0);
    }
}

static void begin(struct game *g)
{
    g->begin = gyre_in(1);
    gyre_scope_open(&g->scope, GYRE_FOREVER);
    for (int i = 0; i < WAITERS; i++) {
        const char *late = strchr(g->order, '1' + i);
        struct waiter *w = &g->waiters[i];

        *w = (struct waiter){.game = g, .expected = PENDING};
        w->deadline = late ? g->begin + (late - g->order) : GYRE_FOREVER;
        gyre_spawn(&g->scope, &w->done, wait, w);
    }
    must(gyre_yield() == 0);
}

static void perform(struct game *g)
{
    for (const char *e = g->order; *e != '\0'; e++) {
        if (*e == '.')
            must(gyre_yield() == 0);
        else
            happen(g, *e);
        must(gyre_condition_waiting(&g->condition) == pending(g));
    }
    notify_all(g);
    gate_open(&g->told);
    must(gyre_scope_close(&g->scope, 0) == 0);
    must(g->returned == WAITERS && g->inside == 0);
    must(gyre_mutex_owner(&g->mutex) == 0);
}

/* ---- every order ---- */

static long games;

/* The first that goes wrong is enough. */
static void play_game(const char *order, void *arg)
{
    struct game g = {.order = order};

    (void)arg;
    if (unmet > 0)
        return;
    begin(&g);
    perform(&g);
    games++;
    if (unmet > 0)
        cr_log_error("order %s", order);
}

CLAIM(interleaved_conditions, agree_with_a_model)
{
    static const char *const first[] = {"", "x", "1"},
                             *const second[] = {"", "y", "2"},
                             *const notified[] = {"nm", "N"};

    for (int i = 0; i < 18; i++) {
        char set[8] = "Cc";

        strcat(set, notified[i % 2]);
        strcat(set, first[i / 2 % 3]);
        strcat(set, second[i / 6]);
        every_order(set, "Cc nm", play_game, NULL);
    }
    cr_expect_eq(games, 29244, "%ld games", games);
}
