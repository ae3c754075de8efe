/*
 * test_interleaved_conditions.c - tasks that wait for a condition, one that has
 * the mutex, and every order of events.
 *
 * Some wait already.  Then happen, in every order: others come, up to three in
 * all; one locks the mutex, and is told to let go of it; one waiter is notified
 * and then another, or all are; and some are cancelled, or their deadlines
 * pass.  Between any two of these the tasks that are ready run once, or they do
 * not.
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

TestSuite(interleaved_conditions, .init = in_order);

enum { WAITERS = 3, PENDING = 1, ABSENT = 2 };

struct waiter {
    struct game *game;
    gyre_time deadline;
    struct gyre_timer timer; /* the model's */
    struct gyre_future done;
    bool cancelled;
    int expected; /* PENDING: it waits; ABSENT: it does not yet */
};

struct game {
    const char *order;
    int present; /* those who wait at the beginning */
    struct gyre_mutex mutex;
    struct gyre_condition condition;
    struct gyre_scope scope;
    struct waiter waiters[WAITERS]; /* in the order they came */
    struct gate told;               /* who has the mutex, to let go of it */
    gyre_time begin;
    int inside; /* tasks that have the mutex: one at most */
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
    int err = gyre_mutex_lock(&g->mutex, GYRE_FOREVER);

    must(err == 0 || w->cancelled);
    if (err)
        return 0;
    w->expected = w->cancelled ? -ECANCELED : PENDING;
    w->timer = (struct gyre_timer){.fire = expire};
    if (w->deadline != GYRE_FOREVER)
        gyre_timer_start(world->loop, &w->timer, w->deadline);
    err = gyre_condition_wait(&g->condition, &g->mutex, w->deadline);
    gyre_timer_stop(world->loop, &w->timer);
    must(err == w->expected);
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

static void come(struct waiter *w)
{
    gyre_spawn(&w->game->scope, &w->done, wait, w);
}

static void cancel(struct waiter *w)
{
    w->cancelled = true;
    settle(w, -ECANCELED);
    gyre_future_cancel(&w->done);
}

static void notify_all(struct game *g)
{
    for (int i = 0; i < WAITERS; i++)
        settle(&g->waiters[i], 0);
    gyre_condition_notify_all(&g->condition);
}

/* 'A', 'B', 'C' a waiter comes; 'x', 'y', 'z' it is cancelled, '1', '2', '3'
   its deadline passes; 'n', 'm' one is notified, 'N' all; 'L' and 'l' another
   locks the mutex and is told to let go. */
static void happen(struct game *g, char event)
{
    if (event >= 'A' && event <= 'C') {
        come(&g->waiters[event - 'A']);
    } else if (event == 'L') {
        gyre_spawn(&g->scope, NULL, lock, g);
    } else if (event == 'l') {
        gate_open(&g->told);
    } else if (event == 'N') {
        notify_all(g);
    } else if (event == 'n' || event == 'm') {
        notify_first(g);
        gyre_condition_notify(&g->condition);
    } else if (event >= 'x' && event <= 'z') {
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

        *w = (struct waiter){.game = g, .expected = ABSENT};
        w->deadline = late ? g->begin + (late - g->order) : GYRE_FOREVER;
        if (i < g->present)
            come(w);
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
    gate_open(&g->told);
    while (gyre_scope_children(&g->scope) > 0) {
        notify_all(g);
        must(gyre_yield() == 0);
    }
    must(gyre_scope_close(&g->scope, 0) == 0);
    must(g->inside == 0);
    must(gyre_mutex_owner(&g->mutex) == 0);
}

/* ---- every order ---- */

static long games;

/* The first that goes wrong is enough. */
static void play_game(const char *order, void *present)
{
    struct game g = {.order = order, .present = *(int *)present};

    if (unmet > 0)
        return;
    begin(&g);
    perform(&g);
    games++;
    if (unmet > 0)
        cr_log_error("order %s", order);
}

/* Every order of the events in each of three words. */
static void play_all(int present, const char *one, const char *two,
                     const char *three)
{
    char set[LONGEST];

    strcat(strcat(strcpy(set, one), two), three);
    every_order(set, "AB BC Ax A1 By B2 Cz C3 Ll nm", play_game, &present);
}

CLAIM(interleaved_conditions, two_who_wait_agree_with_a_model)
{
    static const char *const first[] = {"", "x", "1"}, *const second[] = {
                                                           "", "y", "2"};

    games = 0;
    for (int i = 0; i < 9; i++) {
        char befalls[4] = "";

        strcat(strcat(befalls, first[i % 3]), second[i / 3]);
        play_all(2, "Ll", "nm", befalls);
        play_all(2, "Ll", "N", befalls);
    }
    cr_expect_eq(games, 29244, "%ld games", games);
}

/* One of those who leave may stand between the others. */
CLAIM(interleaved_conditions, three_who_come_agree_with_a_model)
{
    static const char *const befalls[] = {
        "",   "x",  "1",  "y",  "2",  "z",  "3",  "xy", "x2", "1y",
        "12", "xz", "x3", "1z", "13", "yz", "y3", "2z", "23"};

    games = 0;
    for (size_t i = 0; i < sizeof befalls / sizeof *befalls; i++) {
        play_all(0, "ABC", "nm", befalls[i]);
        play_all(0, "ABC", "N", befalls[i]);
    }
    cr_expect_eq(games, 99072, "%ld games", games);
}

CLAIM(interleaved_conditions, and_so_they_do_while_another_has_the_mutex)
{
    static const char *const befalls[] = {"", "x", "1", "y", "2", "z", "3"};

    games = 0;
    for (size_t i = 0; i < sizeof befalls / sizeof *befalls; i++) {
        play_all(0, "ABCLl", "n", befalls[i]);
        play_all(0, "ABCLl", "N", befalls[i]);
    }
    cr_expect_eq(games, 165120, "%ld games", games);
}
