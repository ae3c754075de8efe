/*
 * test_spawn.c - the claims of scope.h about how tasks may be spawned.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/job.h"
#include "task/internal.h"
#include "task/sanitize.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define KIB ((size_t)1024)

/* ---- eager tasks ---- */

static const struct gyre_spawn_options eager = {.eager = true};

CLAIM(spawn, eager_tasks_run_until_they_end_or_park_and_the_spawner_is_next)
{
    struct part ends = {'e', 0, 7}, parks = {'p', MS, 0}, other = {'o', 0, 0};
    struct gyre_future done, parked;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, play, &other);
    cr_expect_eq(gyre_spawn_with(&s, &done, play, &ends, &eager), 0);
    expect_notes("e");
    cr_expect(gyre_future_done(&done));
    cr_expect_eq(gyre_future_result(&done), 7);
    cr_expect_eq(gyre_spawn_with(&s, &parked, play, &parks, &eager), 0);
    expect_notes("");
    cr_expect_not(gyre_future_done(&parked));
    cr_expect_eq(gyre_scope_children(&s), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("op");
}

static intptr_t yield_and_note(void *name)
{
    int err = gyre_yield();

    note(*(char *)name);
    return err;
}

CLAIM(spawn, eager_tasks_that_give_way_are_left, .init = in_order)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('o', 0, 0));
    gyre_spawn_with(&s, NULL, yield_and_note, "y", &eager);
    note('s');
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("soy");
}

static intptr_t descend(void *depth)
{
    static char names[] = "abcd";
    intptr_t level = (intptr_t)depth;
    struct gyre_scope s;

    note(names[level]);
    gyre_scope_open(&s, GYRE_FOREVER);
    if (level < 3)
        gyre_spawn_with(&s, NULL, descend, (void *)(level + 1), &eager);
    note((char)(names[level] - 'a' + 'A'));
    return gyre_scope_close(&s, 0);
}

CLAIM(spawn, eager_tasks_may_spawn_eager_tasks)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('o', 0, 0));
    gyre_spawn_with(&s, NULL, descend, NULL, &eager);
    note('s');
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcdDCBAso");
}

static intptr_t check_cancelled(void *arg)
{
    (void)arg;
    note('c');
    return gyre_yield();
}

CLAIM(spawn, eager_spawning_is_no_cancel_point)
{
    struct gyre_scope s;
    struct gyre_future done;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_spawn_with(&s, &done, check_cancelled, NULL, &eager), 0);
    expect_notes("c");
    cr_expect(!gyre_future_done(&done), "it gave way once");
    cr_expect_eq(gyre_yield(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&done), -ECANCELED);
}

static intptr_t fail(void *arg)
{
    (void)arg;
    return -EIO;
}

CLAIM(spawn,
      eager_tasks_that_fail_cancel_their_scope_before_the_spawner_goes_on)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_spawn_with(&s, NULL, fail, NULL, &eager), 0);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_yield(), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
}

struct caller {
    struct gyre_job job;
    struct gyre_scope *scope;
    struct part part;
};

static void spawn_eagerly(struct gyre_job *j)
{
    struct caller *c = GYRE_OWNER(j, struct caller, job);

    gyre_spawn_with(c->scope, NULL, play, &c->part, &eager);
    note('j');
}

CLAIM(spawn, eager_tasks_of_a_callback_are_first_in_the_queue)
{
    struct gyre_scope s;
    struct caller c = {
        .job.run = spawn_eagerly, .scope = &s, .part = {'e', 0, 0}};

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_job_start(world->loop, &c.job);
    gyre_spawn(&s, NULL, PLAY('a', 0, 0));
    gyre_spawn(&s, NULL, PLAY('b', 0, 0));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(strlen(notes), 4);
    cr_expect_not_null(strstr(notes, "je"), "%s", notes);
}

/* It was no rest for the spawner: else who spawns one for each of an endless
   row of things that are ready would never give way. */
CLAIM(spawn, eager_tasks_give_the_spawner_no_credits)
{
    struct gyre_future done = {0};
    struct part nothing = {0};
    struct gyre_scope s;
    int n = 0;

    gyre_future_set(&done, 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('o', 0, 0));
    while (n <= CREDITS && notes[0] == '\0') {
        cr_expect_eq(gyre_await(&done, GYRE_FOREVER), 0);
        gyre_spawn_with(&s, NULL, play, &nothing, &eager);
        n++;
    }
    expect_notes("o");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(spawn, eager_or_not_fails_without_a_stack_and_runs_nobody)
{
    static const struct gyre_spawn_options large = {.eager = true,
                                                    .stack_size = 512 * 1024};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('o', 0, 0));
    faults_in_mapping(true);
    cr_expect_eq(gyre_spawn_with(&s, &done, PLAY('e', 0, 0), &large), -ENOMEM);
    faults_in_mapping(false);
    expect_notes("");
    cr_expect_eq(gyre_future_result(&done), -ENOMEM);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("o");
}

/* ---- stacks ---- */

static intptr_t stack_size(void *arg)
{
    (void)arg;
    return (intptr_t)gyre_current->stack->size;
}

CLAIM(spawn, may_ask_for_a_size_of_stack)
{
    static const size_t sizes[] = {16 * KIB, 64 * KIB, 256 * KIB, 4096 * KIB};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const struct gyre_spawn_options sized = {.stack_size = sizes[i]};
        const intptr_t whole = (intptr_t)sizes[i] * GYRE_STACK_FACTOR;
        struct gyre_future done;
        intptr_t size;

        gyre_spawn_with(&s, &done, stack_size, NULL, &sized);
        size = gyre_await(&done, GYRE_FOREVER);
        cr_expect_leq(size, whole);
        cr_expect_gt(size + 4096, whole);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static __attribute__((noinline)) intptr_t dig(void *bytes)
{
    volatile char room[1024];

    room[0] = 1;
    if ((intptr_t)bytes <= (intptr_t)sizeof room)
        return room[0];
    return dig((char *)bytes - sizeof room) * room[0];
}

CLAIM(spawn, a_large_stack_can_be_used)
{
    static const struct gyre_spawn_options sized = {.stack_size = 1 << 20};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, &done, dig, (void *)(700 * KIB), &sized);
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- memory that is lent ---- */

enum { LENT = 64 * 1024 };

static intptr_t stand_on(void *memory)
{
    char here = 0, *volatile p = &here;
    int err = gyre_sleep(gyre_in(MS));

    (void)p;
    cr_expect_eq(err, 0);
#ifndef GYRE_ASAN /* whose frames may be elsewhere */
    cr_expect_lt((uintptr_t)p - (uintptr_t)memory, (uintptr_t)LENT);
#endif
    return (char *)gyre_current - (char *)memory;
}

CLAIM(spawn, a_task_lies_on_the_memory_it_is_lent)
{
    char *memory = malloc(LENT);
    const struct gyre_spawn_options lent = {.stack = memory,
                                            .stack_size = LENT};
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, &done, stand_on, memory, &lent);
    cr_expect_lt((uintptr_t)gyre_await(&done, GYRE_FOREVER), (uintptr_t)LENT);
    memset(memory, 1, LENT);
    gyre_spawn_with(&s, NULL, stand_on, memory, &lent);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    cr_expect_eq(gyre_scope_children(&s), 0);
    memset(memory, 2, LENT);
    gyre_spawn_with(&s, NULL, stand_on, memory, &lent);
    (void)gyre_scope_close(&s, 0);
    free(memory);
}

/* Spawned in turn on the same memory, each at once as the one before ended. */
CLAIM(spawn, memory_that_was_lent_is_free_when_the_future_is_done)
{
    static _Alignas(16) char memory[LENT];
    const struct gyre_spawn_options lent = {
        .stack = memory, .stack_size = LENT, .eager = true};
    struct part sleeps = {'s', MS, 5}, ends = {'e', 0, 6};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 50; i++) {
        struct gyre_future done;

        gyre_spawn_with(&s, &done, play, i % 2 ? &sleeps : &ends, &lent);
        must(gyre_await(&done, GYRE_FOREVER) == (i % 2 ? 5 : 6));
        memset(memory, i, sizeof memory);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    notes[0] = '\0';
}

#ifndef NDEBUG
static void lend_little(void)
{
    static char memory[16 * 1024 - 1];
    const struct gyre_spawn_options lent = {.stack = memory,
                                            .stack_size = sizeof memory};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, dig, NULL, &lent);
    (void)gyre_scope_close(&s, 0);
}

Test(spawn, memory_that_is_too_small_is_a_mistake, .signal = SIGABRT)
{
    fclose(stderr);
    hold_in_task(lend_little);
}
#endif
