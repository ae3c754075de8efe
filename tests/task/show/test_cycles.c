/*
 * test_cycles.c - the claims of cycles.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/show/cycles.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

/* ---- finding them ---- */

/* Writes down what it is shown, as "2>3>4 7>8 ". */
struct scribe {
    struct gyre_cycle_visitor base;
    char text[256];
};

static void write_down(struct gyre_cycle_visitor *v, struct gyre_task *first)
{
    struct scribe *s = GYRE_OWNER(v, struct scribe, base);
    const struct gyre_task *t = first;
    size_t n = 0;
    char *to = s->text + strlen(s->text);

    do {
        to += sprintf(to, "%s%d", n > 0 ? ">" : "", (int)t->id);
        t = t->search.to;
        n++;
    } while (t != first);
    cr_expect_eq(gyre_cycle_length(first), n);
    strcpy(to, " ");
}

/* Those there are, twice: a search leaves nothing that would mislead another.
 */
static void expect_cycles(const char *expected, size_t count)
{
    for (int i = 0; i < 2; i++) {
        struct scribe s = {.base.cycle = write_down};

        cr_expect_eq(gyre_cycles_walk(gyre_current->runtime, &s.base), count);
        cr_expect_str_eq(s.text, expected);
    }
}

/* ---- making them ---- */

/* A thing that a task holds, and others wait for. */
struct lock {
    struct gyre_waiters waiters;
    struct gyre_task *holder;
};

static struct gyre_task *holder(const struct gyre_wait *w,
                                const struct gyre_task *last)
{
    return last == NULL ? ((struct lock *)w->on)->holder : NULL;
}

static const struct gyre_wait_kind locks = {.name = "for a lock",
                                            .owner = holder};

/* A task takes one lock, and then waits for another. */
struct greed {
    struct lock *takes, *wants;
};

static intptr_t take_and_want(void *arg)
{
    struct greed *g = arg;
    struct gyre_wait w = {.kind = &locks, .on = g->wants};

    g->takes->holder = gyre_current;
    return gyre_waiters_park(&g->wants->waiters, &w, GYRE_FOREVER);
}

static void let_them(void)
{
    for (int i = 0; i < 5; i++)
        cr_expect_eq(gyre_yield(), 0);
}

/* Spawns `n` tasks: task i takes lock i and wants lock wants[i]. */
#define MOST 8
static struct lock lock[MOST];
static struct greed greed[MOST];

static void people(struct gyre_scope *s, const int *wants, int n)
{
    memset(lock, 0, sizeof lock);
    for (int i = 0; i < n; i++) {
        greed[i] = (struct greed){&lock[i], &lock[wants[i]]};
        gyre_spawn(s, NULL, take_and_want, &greed[i]);
    }
    let_them();
}

static void expect_cycles_of(const int *wants, int n, const char *expected,
                             size_t count)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    people(&s, wants, n);
    expect_cycles(expected, count);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- claims ---- */

CLAIM(cycles, are_none_where_waits_lead_to_an_end)
{
    expect_cycles("", 0);
    expect_cycles_of((int[]){1, 2, 7}, 3, "", 0);
    expect_cycles_of((int[]){7, 7, 7}, 3, "", 0);
}

CLAIM(cycles, are_told_from_the_lowest_task_on)
{
    expect_cycles_of((int[]){1, 2, 0}, 3, "2>3>4 ", 1);
}

CLAIM(cycles, do_not_include_those_who_only_wait_for_them)
{
    expect_cycles_of((int[]){1, 2, 3, 1, 0}, 5, "3>4>5 ", 1);
}

CLAIM(cycles, are_each_told_once)
{
    expect_cycles_of((int[]){1, 0, 3, 2, 4, 0}, 6, "2>3 4>5 6 ", 3);
}

/* ---- futures and scopes ---- */

static intptr_t await(void *f)
{
    return gyre_await(f, GYRE_FOREVER);
}

CLAIM(cycles, lead_through_futures)
{
    struct gyre_future f[2];
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f[0], await, &f[1]);
    gyre_spawn(&s, &f[1], await, &f[0]);
    let_them();
    expect_cycles("2>3 ", 1);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Closes a scope of two, of which the second awaits what we are to return. */
static intptr_t close_over_two(void *own)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, nap, (void *)(intptr_t)(60 * GYRE_SECOND));
    gyre_spawn(&s, NULL, await, own);
    return gyre_scope_close(&s, 0);
}

CLAIM(cycles, lead_through_any_task_that_a_scope_waits_for)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, close_over_two, &f);
    let_them();
    expect_cycles("2>4 ", 1);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Closes a scope of three, who all await what we are to return. */
static intptr_t close_over_three(void *own)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, await, own);
    return gyre_scope_close(&s, 0);
}

CLAIM(cycles, that_share_a_task_are_told_apart)
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, close_over_three, &f);
    let_them();
    expect_cycles("2>3 2>4 2>5 ", 3);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- several things at once ---- */

static void choose(struct gyre_wait *w, struct gyre_wait *chosen)
{
    (void)w;
    (void)chosen;
}

static const struct gyre_wait_kind either = {
    .name = "for either", .owner = holder, .choose = choose};

static intptr_t want_itself_or_another(void *arg)
{
    struct lock *l = arg;
    struct gyre_wait w = {.kind = &either, .on = l};

    l->holder = gyre_current;
    return gyre_waiters_park(&l->waiters, &w, GYRE_FOREVER);
}

CLAIM(cycles, do_not_lead_through_waits_that_something_else_may_end)
{
    struct lock l = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, want_itself_or_another, &l);
    let_them();
    expect_cycles("", 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}
