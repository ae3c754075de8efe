/*
 * test_task.c - the claims of task.h, and of tasks among jobs and callbacks.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "loop/job.h"
#include "loop/timer.h"
#include "task/future.h"
#include "task/internal.h"
#include "task/sanitize.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/emulator.h"
#include "tests/task/world.h"

/* ---- what a task may ask ---- */

CLAIM(task, tells_the_time_by_its_loop)
{
    gyre_time now = gyre_in(0);

    cr_expect_eq(now, gyre_loop_now(world->loop));
    gyre_sim_advance(world->sim, MS);
    cr_expect_eq(gyre_in(0), now + MS, "the clock is read afresh");
    cr_expect_eq(gyre_in(5), now + MS + 5);
    cr_expect_eq(gyre_in(GYRE_FOREVER), GYRE_FOREVER);
    cr_expect_eq(gyre_in(GYRE_FOREVER - 1), GYRE_FOREVER);
    cr_expect_eq(gyre_in(INT64_MIN), GYRE_NOW);
    cr_expect_eq(gyre_loop_current(), world->loop);
}

Test(task, knows_that_it_is_none_outside)
{
    cr_expect(!gyre_in_task());
}

CLAIM(task, knows_that_it_is_one)
{
    cr_expect(gyre_in_task());
}

/* ---- sleeping ---- */

CLAIM(task, sleeps_exactly_to_the_deadline)
{
    static const gyre_time spans[] = {1, MS - 1, MS, 60 * GYRE_SECOND,
                                      3600 * 24 * 365 * GYRE_SECOND};
    gyre_time sum = 0;

    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        cr_expect_eq(gyre_sleep(gyre_in(spans[i])), 0);
        cr_expect_eq(elapsed(), sum += spans[i]);
    }
}

CLAIM(task, sleeps_not_at_all_if_the_deadline_is_past)
{
    gyre_time past[] = {GYRE_NOW, 1, gyre_in(0), gyre_in(-MS)};

    for (size_t i = 0; i < sizeof past / sizeof past[0]; i++)
        cr_expect_eq(gyre_sleep(past[i]), 0);
    cr_expect_eq(elapsed(), 0);
}

CLAIM(task, wakes_with_others_in_order_of_going_to_sleep, .init = in_order)
{
    struct part part[5];
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 5; i++) {
        part[i] = (struct part){(char)('a' + i), MS, 0};
        gyre_spawn(&s, NULL, play, &part[i]);
        cr_expect_eq(gyre_yield(), 0);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcde");
}

/* ---- yielding ---- */

static intptr_t take_turns(void *name)
{
    for (int i = 0; i < 3; i++) {
        note(*(char *)name);
        if (gyre_yield() != 0)
            return -1;
    }
    return 0;
}

CLAIM(task, yields_to_all_that_are_ready, .init = in_order)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, take_turns, "a");
    gyre_spawn(&s, NULL, take_turns, "b");
    gyre_spawn(&s, NULL, take_turns, "c");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcabcabc");
    for (int i = 0; i < 1000; i++)
        cr_expect_eq(gyre_yield(), 0, "alone");
}

struct caller {
    struct gyre_job job;
    struct gyre_timer timer;
    int left;
};

static void call(struct gyre_job *j)
{
    struct caller *c = GYRE_OWNER(j, struct caller, job);

    cr_expect(!gyre_in_task());
    note('j');
    if (--c->left > 0)
        gyre_job_start(world->loop, j);
}

CLAIM(task, takes_turns_with_jobs_that_are_none, .init = in_order)
{
    struct caller c = {.job.run = call, .left = 3};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, take_turns, "a");
    gyre_job_start(world->loop, &c.job);
    gyre_spawn(&s, NULL, take_turns, "b");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("ajbajbajb");
}

/* A stack that is another is farther off; a run has some room in this. */
enum { NEAR = 64 * 1024 };

static const void *stack_of_callback;

static void look_around(struct gyre_job *j)
{
    (void)j;
    stack_of_callback = __builtin_frame_address(0);
}

/* However deep in tasks it was when it was taken. */
Test(task, callbacks_run_on_the_stack_of_the_loop)
{
    struct world w;
    struct gyre_job j = {.run = look_around};
    struct part part = {'a', 0, 0};
    const char *here = __builtin_frame_address(0);

    world_open(&w);
    gyre_job_start(w.loop, &j);
    cr_expect_eq(world_run(&w, play, &part), 0);
    cr_expect_lt((size_t)(here - (const char *)stack_of_callback),
                 (size_t)NEAR);
    stack_of_callback = NULL;
    gyre_job_start(w.loop, &j);
    part.span = MS;
    cr_expect_eq(world_run(&w, play, &part), 0);
    cr_expect_lt((size_t)(here - (const char *)stack_of_callback),
                 (size_t)NEAR);
    world_close(&w);
}

static void count_poll(struct gyre_timer *t)
{
    struct caller *c = GYRE_OWNER(t, struct caller, timer);

    c->left++;
    gyre_timer_start(world->loop, t, GYRE_NOW);
}

/* Yielding tasks are jobs like others: polls and timers get their share. */
CLAIM(task, lets_the_loop_poll_though_tasks_are_always_ready)
{
    struct caller c = {.timer.fire = count_poll};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_timer_start(world->loop, &c.timer, GYRE_NOW);
    for (int i = 0; i < 200; i++)
        gyre_spawn(&s, NULL, take_turns, "");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_timer_stop(world->loop, &c.timer);
    notes[0] = '\0';
    cr_expect_gt(c.left, 2);
}

/* ---- what a task keeps across a switch ---- */

static intptr_t reckon(void *arg)
{
    double x = (double)(intptr_t)arg, sum = 0;
    char text[64], expected[64];

    for (int i = 0; i < 100; i++) {
        sum += x;
        if (gyre_yield() != 0)
            return -1;
    }
    snprintf(text, sizeof text, "%.1f", sum);
    snprintf(expected, sizeof expected, "%.1f", 100 * x);
    cr_expect_str_eq(text, expected);
    return 0;
}

CLAIM(task, keeps_its_variables_while_others_run)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 0; i < 50; i++)
        gyre_spawn(&s, NULL, reckon, (void *)i);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t descend(intptr_t depth)
{
    char room[256];
    intptr_t below;

    snprintf(room, sizeof room, "%jd", (intmax_t)depth);
    if (depth == 0)
        return gyre_sleep(gyre_in(MS));
    below = descend(depth - 1);
    cr_expect_eq(atoi(room), depth);
    return below;
}

CLAIM(task, may_wait_at_any_depth_of_calls)
{
    cr_expect_eq(descend(50), 0);
}

/* ---- many ---- */

static struct gyre_future gate;
static size_t passed;

static intptr_t wait_at_gate(void *arg)
{
    (void)arg;
    passed += (size_t)gyre_await(&gate, GYRE_FOREVER);
    return 0;
}

/* Does the kernel guard a page without splitting the mapping it is in? */
static bool guards_are_free(void)
{
    enum { POPULATE_READ = 22, GUARD_INSTALL = 102 };
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    bool guarded = madvise(page, 4096, GUARD_INSTALL) == 0 &&
                   madvise(page, 4096, POPULATE_READ) != 0;

    munmap(page, 4096);
    return guarded;
}

/* Tools know a few thousand stacks, and without the kernel's own guard pages a
   process has room for no more than 32,000. */
static size_t crowd(void)
{
    bool tool = is_emulated();

#if defined(GYRE_ASAN) || defined(GYRE_TSAN)
    tool = true;
#endif
#ifdef GYRE_VALGRIND
    tool |= RUNNING_ON_VALGRIND != 0;
#endif
    if (tool)
        return 3000;
    if (guards_are_free())
        return 100000;
    cr_log_warn("this kernel has no guard pages: 20,000 tasks, not 100,000");
    return 20000;
}

CLAIM(task, a_hundred_thousand_may_be_parked_at_once)
{
    struct gyre_scope s;

    gyre_future_init(&gate);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (size_t i = 0; i < crowd(); i++)
        cr_expect_eq(gyre_spawn(&s, NULL, wait_at_gate, NULL), 0);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_scope_children(&s), crowd());
    gyre_future_set(&gate, 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(passed, crowd());
}

static intptr_t hang(void *arg)
{
    passed += gyre_await(arg, gyre_in(GYRE_SECOND)) == -ECANCELED;
    return 0;
}

CLAIM(task, a_crowd_is_cancelled_at_once)
{
    struct gyre_scope s;

    passed = 0;
    gyre_future_init(&gate);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (size_t i = 0; i < crowd(); i++)
        cr_expect_eq(gyre_spawn(&s, NULL, hang, &gate), 0);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(passed, crowd());
    cr_expect_eq(elapsed(), 0);
}

CLAIM(task, what_a_burst_needed_is_given_back_in_time)
{
    struct gyre_stacks *stacks = &gyre_current->runtime->supply.usual;
    struct part nap = {0, MS, 0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 1000; i++)
        gyre_spawn(&s, NULL, play, &nap);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(stacks->warm, 1000);
    cr_expect_eq(gyre_sleep(gyre_in(3 * GYRE_SECOND)), 0);
    cr_expect_eq(stacks->warm, 64, "a few are kept");
}
