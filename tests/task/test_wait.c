/*
 * test_wait.c - the claims of wait.h.
 */
#include <errno.h>

#include "loop/job.h"
#include "loop/timer.h"
#include "task/future.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

/* A wait that says when it was abandoned, and may refuse to be. */
struct probe {
    struct gyre_wait wait;
    gyre_time deadline;
    bool refuses;
    int abandoned;
    intptr_t result;
};

static bool abandon(struct gyre_wait *w)
{
    struct probe *p = GYRE_OWNER(w, struct probe, wait);

    p->abandoned++;
    return !p->refuses;
}

static const struct gyre_wait_kind probes = {.abandon = abandon};

static intptr_t park(void *arg)
{
    struct probe *p = arg;

    p->wait.kind = &probes;
    p->result = gyre_wait_park(&p->wait, p->deadline);
    return 0;
}

/* Park a task on `p`; it is parked on return. */
static void park_task(struct gyre_scope *s, struct probe *p)
{
    gyre_spawn(s, NULL, park, p);
    cr_expect_eq(gyre_yield(), 0);
}

TestSuite(wait, .init = in_order);

CLAIM(wait, ends_with_what_it_was_woken_with)
{
    static const intptr_t results[] = {0, 7, -EIO, -ECANCELED, INTPTR_MAX};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct probe p = {.deadline = gyre_in(MS)};

        park_task(&s, &p);
        gyre_wait_wake(&p.wait, results[i]);
        cr_expect_eq(gyre_yield(), 0);
        cr_expect_eq(p.result, results[i]);
        cr_expect_eq(p.abandoned, 0);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(elapsed(), 0);
}

CLAIM(wait, ends_with_ETIMEDOUT_at_its_deadline)
{
    struct probe p = {.deadline = gyre_in(3 * MS)};

    park(&p);
    cr_expect_eq(p.result, -ETIMEDOUT);
    cr_expect_eq(p.abandoned, 1);
    cr_expect_eq(elapsed(), 3 * MS);
}

CLAIM(wait, ends_at_once_if_it_must_not_wait)
{
    struct probe p = {.deadline = GYRE_NOW};

    park(&p);
    cr_expect_eq(p.result, -ETIMEDOUT);
    cr_expect_eq(p.abandoned, 1);
}

CLAIM(wait, ends_with_ECANCELED_when_the_scope_is_cancelled)
{
    struct probe p = {.deadline = GYRE_FOREVER};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    park_task(&s, &p);
    gyre_scope_cancel(&s);
    gyre_scope_cancel(&s);
    cr_expect_eq(p.abandoned, 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(p.result, -ECANCELED);
}

CLAIM(wait, does_not_begin_in_a_cancelled_scope)
{
    static const gyre_time deadlines[] = {GYRE_NOW, GYRE_FOREVER};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    for (size_t i = 0; i < 2; i++) {
        struct probe p = {.deadline = deadlines[i]};

        park(&p);
        cr_expect_eq(p.result, -ECANCELED);
        cr_expect_eq(p.abandoned, 1);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(wait, takes_its_link_off_the_list_if_nothing_else_was_said)
{
    struct gyre_wait w = {0};
    struct gyre_list list;

    gyre_list_init(&list);
    gyre_list_append(&list, &w.link);
    cr_expect_eq(gyre_wait_park(&w, gyre_in(MS)), -ETIMEDOUT);
    cr_expect(gyre_list_empty(&list));
}

/* The three parties, in every order; the first ends it, with a token if it is
   the waker. */
CLAIM(wait, is_ended_by_exactly_one)
{
    static const char *const orders[] = {"wdc", "wcd", "dwc",
                                         "dcw", "cwd", "cdw"};

    for (size_t i = 0; i < 6; i++) {
        struct probe p = {.deadline = gyre_in(MS)};
        struct gyre_scope s;
        intptr_t expected = 0;

        gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
        park_task(&s, &p);
        for (const char *who = orders[i]; *who != '\0'; who++) {
            bool over = who != orders[i];

            if (*who == 'w' && !over)
                gyre_wait_wake(&p.wait, expected = 42);
            else if (*who == 'c')
                gyre_scope_cancel(&s);
            else if (*who == 'd')
                gyre_sim_advance(world->sim, MS);
            if (!over && *who == 'c')
                expected = -ECANCELED;
            if (!over && *who == 'd') {
                (void)!gyre_sleep(gyre_in(1));
                expected = -ETIMEDOUT;
            }
        }
        cr_expect_eq(gyre_scope_close(&s, 0), 0, "%s", orders[i]);
        cr_expect_eq(p.result, expected, "%s", orders[i]);
        cr_expect_eq(p.abandoned, expected != 42, "%s", orders[i]);
    }
}

CLAIM(wait, that_refuses_to_be_abandoned_goes_on_until_it_is_woken)
{
    struct probe p = {.deadline = gyre_in(MS), .refuses = true};
    struct gyre_scope s;

    gyre_scope_open(&s, gyre_in(3 * MS));
    park_task(&s, &p);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    cr_expect_eq(p.abandoned, 1, "by its deadline");
    gyre_sim_advance(world->sim, 2 * MS);
    gyre_scope_cancel(&s);
    cr_expect_eq(p.abandoned, 2, "by a cancellation");
    p.result = -1;
    gyre_wait_wake(&p.wait, 42);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(p.result, 42);
}

static intptr_t wake(void *arg)
{
    int err = gyre_sleep(gyre_in(2 * MS));

    gyre_wait_wake(&((struct probe *)arg)->wait, 0);
    return err;
}

/* It returns its result, so the limit was not told to anybody. */
CLAIM(wait, that_refuses_is_not_told_of_a_limit)
{
    struct probe p = {.deadline = GYRE_FOREVER, .refuses = true};
    struct gyre_scope around, s;

    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_spawn(&around, NULL, wake, &p);
    gyre_scope_open(&s, gyre_in(MS));
    park(&p);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(p.abandoned, 1);
    cr_expect_eq(gyre_scope_close(&s, 5), 5);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
}

/* ---- what was waited for changes hands on the wake ---- */

static struct gyre_list queue;
static int tokens;

static intptr_t take_token(void *arg)
{
    struct gyre_wait w = {0};
    int err = gyre_checkpoint(GYRE_FOREVER);

    (void)arg;
    if (err == 0 && tokens == 0) {
        gyre_list_append(&queue, &w.link);
        err = (int)gyre_wait_park(&w, GYRE_FOREVER);
    } else if (err == 0) {
        tokens--;
    }
    note(err ? 'C' : 't');
    return err;
}

static void give_token(void)
{
    if (gyre_list_empty(&queue)) {
        tokens++;
    } else {
        struct gyre_list *first = queue.next;

        gyre_list_remove(first);
        gyre_wait_wake(GYRE_OWNER(first, struct gyre_wait, link), 0);
    }
}

CLAIM(wait, a_token_handed_over_is_not_lost_to_a_cancellation)
{
    struct gyre_scope s;

    gyre_list_init(&queue);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, take_token, NULL);
    gyre_spawn(&s, NULL, take_token, NULL);
    cr_expect_eq(gyre_yield(), 0);
    give_token();
    gyre_scope_cancel(&s);
    give_token();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("tC");
    cr_expect_eq(tokens, 1);
    cr_expect(gyre_list_empty(&queue));
    tokens = 0;
}

/* ---- turns ---- */

enum { CREDITS = 32 };

/* Passes cancel points, and counts them. */
struct walk {
    gyre_time deadline;
    int points, passed;
    int err;
};

static intptr_t walk(void *arg)
{
    struct walk *w = arg;

    for (w->passed = 0; w->passed < w->points; w->passed++)
        w->err = gyre_checkpoint(w->deadline);
    return 0;
}

/* How far a walk of 100 points gets in each turn that others have. */
static void expect_turns(struct walk w, bool cancelled, const int turns[3])
{
    struct gyre_scope s;

    w.points = 100;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, walk, &w);
    if (cancelled)
        gyre_scope_cancel(&s);
    for (int i = 0; i < 3; i++) {
        (void)!gyre_yield();
        cr_expect_eq(w.passed, turns[i], "turn %d: %d", i, w.passed);
    }
    cr_expect_eq(w.err, cancelled ? -ECANCELED : 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(wait, every_32nd_cancel_point_gives_way)
{
    static const int turns[] = {CREDITS, 2 * CREDITS, 3 * CREDITS};

    expect_turns((struct walk){.deadline = GYRE_FOREVER}, false, turns);
    expect_turns((struct walk){.deadline = gyre_in(MS)}, false, turns);
}

CLAIM(wait, a_task_that_ignores_its_cancellation_starves_nobody)
{
    static const int turns[] = {CREDITS, 2 * CREDITS, 3 * CREDITS};

    expect_turns((struct walk){.deadline = GYRE_FOREVER}, true, turns);
}

CLAIM(wait, who_must_not_wait_does_not_give_way)
{
    static const int turns[] = {100, 100, 100};

    expect_turns((struct walk){.deadline = GYRE_NOW}, false, turns);
}

static intptr_t walk_with_rests(void *arg)
{
    struct walk *w = arg;

    for (; w->passed < w->points; w->passed++) {
        w->err = gyre_checkpoint(w->passed % 2 ? GYRE_NOW : GYRE_FOREVER);
        if (w->passed % CREDITS == CREDITS - 1)
            w->err = gyre_yield();
    }
    return 0;
}

CLAIM(wait, parking_gives_all_credits_back)
{
    struct walk w = {.points = 3 * CREDITS};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, walk_with_rests, &w);
    for (int i = 1; i <= 2; i++) {
        cr_expect_eq(gyre_yield(), 0);
        cr_expect_eq(w.passed, i * CREDITS - 1, "%d", w.passed);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(w.err, 0);
}

/* GYRE_NOW costs a credit like any other, so the next that may wait gives
   way. */
static intptr_t spend_and_wait(void *arg)
{
    struct walk *w = arg;

    w->points = 40;
    w->deadline = GYRE_NOW;
    walk(w);
    note('n');
    w->err = gyre_checkpoint(GYRE_FOREVER);
    note('f');
    return 0;
}

CLAIM(wait, credits_spent_without_waiting_are_spent)
{
    struct walk w = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, spend_and_wait, &w);
    gyre_spawn(&s, NULL, PLAY('o', 0, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("nof");
}

/* ---- outside of tasks ---- */

struct alarm {
    struct gyre_timer timer;
    struct gyre_future *unset, *set;
};

static void go_off(struct gyre_timer *t)
{
    struct alarm *a = GYRE_OWNER(t, struct alarm, timer);

    cr_expect(!gyre_in_task());
    cr_expect_eq(gyre_checkpoint(GYRE_NOW), 0);
    cr_expect_eq(gyre_await(a->unset, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_await(a->set, GYRE_NOW), 5);
    cr_expect_eq(gyre_sleep(GYRE_NOW), 0);
    note('!');
}

CLAIM(wait, callbacks_may_pass_cancel_points_that_do_not_wait)
{
    struct gyre_future unset, set;
    struct alarm a = {.timer.fire = go_off, .unset = &unset, .set = &set};

    gyre_future_init(&unset);
    gyre_future_init(&set);
    gyre_future_set(&set, 5);
    gyre_timer_start(world->loop, &a.timer, gyre_in(MS));
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    expect_notes("!");
}
