/*
 * test_stacks.c - the claims of stacks.h, and of highwater.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "task/internal.h"
#include "task/scope.h"
#include "task/show/stacks.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

#define KIB ((size_t)1024)

/* ---- what is written ---- */

static char text[4096];

/* Hear what is written to standard error, from now on; and what was. */
static int heard;

static void listen(void)
{
    FILE *f = tmpfile();

    heard = dup(fileno(f));
    fclose(f);
    dup2(heard, STDERR_FILENO);
}

static void hear(void)
{
    ssize_t n = pread(heard, text, sizeof text - 1, 0);

    text[n > 0 ? n : 0] = '\0';
}

/* What the line says that ends with `name`. */
struct line {
    unsigned long ended, live, deepest, of, would_do;
};

static struct line find(const char *name)
{
    struct line l = {0};
    char *at = strstr(text, name);

    cr_expect_not_null(at, "%s is not in\n%s", name, text);
    while (at != NULL && at > text && at[-1] != '\n')
        at--;
    if (at != NULL)
        cr_expect_eq(sscanf(at, "%lu %lu %lu %lu %lu", &l.ended, &l.live,
                            &l.deepest, &l.of, &l.would_do),
                     5);
    return l;
}

/* ---- tasks of a known depth ---- */

static __attribute__((noinline)) void use(size_t bytes)
{
    volatile char room[1024];

    room[0] = 1;
    if (bytes > sizeof room)
        use(bytes - sizeof room * (size_t)room[0]);
    room[1023] = room[0];
}

static intptr_t shallow(void *arg)
{
    (void)arg;
    return gyre_yield();
}

static intptr_t deep(void *bytes)
{
    use((uintptr_t)bytes);
    return gyre_sleep(gyre_in(0));
}

static intptr_t many(void *arg)
{
    static const struct gyre_spawn_options large = {.name = "diver",
                                                    .stack_size = 512 * 1024};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 30; i++)
        gyre_spawn(&s, NULL, shallow, arg);
    cr_expect_eq(gyre_sleep(gyre_in(0)), 0);
    for (uintptr_t i = 1; i <= 20; i++)
        gyre_spawn(&s, NULL, deep, (void *)(i * KIB));
    gyre_spawn_with(&s, NULL, deep, (void *)(200 * KIB), &large);
    return gyre_scope_close(&s, 0);
}

static intptr_t measured(intptr_t (*fn)(void *arg), void *arg)
{
    struct gyre_run_options options = {.measure_stacks = true};
    struct world w;
    intptr_t result;

    world_open(&w);
    options.loop = w.loop;
    result = gyre_run_with(&options, fn, arg);
    world_close(&w);
    return result;
}

/* Frames of sanitizers are as large as they like. */
static void expect_depth(struct line l, size_t least, size_t most)
{
    cr_expect_leq(l.deepest, l.of);
    cr_expect_geq(l.deepest, least);
    if (GYRE_STACK_FACTOR == 1)
        cr_expect_leq(l.deepest, most);
}

static void expect_report(void)
{
    struct line main, diver, some;

    hear();
    main = find("(main)");
    cr_expect_eq(main.ended, 0);
    cr_expect_eq(main.live, 1);
    diver = find("(diver)");
    cr_expect_eq(diver.ended, 1);
    cr_expect_gt(diver.of, 500 * KIB);
    expect_depth(diver, 200 * KIB, 240 * KIB);
    cr_expect_gt(diver.would_do * GYRE_STACK_FACTOR, 400 * KIB);
    some = find("deep\n");
    cr_expect_eq(some.ended, 20);
    expect_depth(some, 20 * KIB, 28 * KIB);
    some = find("shallow\n");
    cr_expect_eq(some.ended, 30);
    expect_depth(some, 300, 8 * KIB);
    cr_expect(some.would_do == 16 * KIB || GYRE_STACK_FACTOR > 1);
    cr_expect_lt(strstr(text, "deep"), strstr(text, "shallow"), "in order");
}

Test(stacks, of_a_run_that_measures_are_reported_by_function)
{
    listen();
    cr_expect_eq(measured(many, NULL), 0);
    expect_report();
}

Test(stacks, are_measured_if_the_environment_says_so)
{
    listen();
    setenv("GYRE_STACKS", "1", 1);
    cr_expect_eq(simulate(many, NULL), 0);
    unsetenv("GYRE_STACKS");
    expect_report();
}

Test(stacks, are_not_measured_otherwise)
{
    listen();
    cr_expect_eq(simulate(many, NULL), 0);
    hear();
    cr_expect_str_eq(text, "");
}

CLAIM(stacks, cannot_be_told_of_without_measuring)
{
    cr_expect_eq(gyre_stack_report(STDERR_FILENO), -ENOTSUP);
}

static intptr_t report_live(void *fd)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (uintptr_t i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, deep, (void *)(8 * KIB));
    gyre_spawn(&s, NULL, shallow, NULL);
    let_others_run();
    cr_expect_eq(gyre_stack_report((int)(intptr_t)fd), 3);
    return gyre_scope_close(&s, 0);
}

/* In another order those that give way might have ended by then. */
Test(stacks, of_tasks_that_live_are_told_of_as_well, .init = in_order)
{
    struct line l;

    listen();
    cr_expect_eq(measured(report_live, (void *)(intptr_t)heard), 0);
    hear();
    l = find("deep\n");
    cr_expect_eq(l.ended, 0);
    cr_expect_eq(l.live, 3);
    expect_depth(l, 8 * KIB, 16 * KIB);
    cr_expect_eq(find("shallow\n").ended, 1);
}

static intptr_t on_lent(void *memory)
{
    const struct gyre_spawn_options lent = {
        .name = "lodger", .stack = memory, .stack_size = 128 * KIB};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, deep, (void *)(20 * KIB), &lent);
    return gyre_scope_close(&s, 0);
}

Test(stacks, that_are_lent_are_measured_too)
{
    static char memory[128 * 1024];

    listen();
    cr_expect_eq(measured(on_lent, memory), 0);
    hear();
    expect_depth(find("(lodger)"), 20 * KIB, 28 * KIB);
}

/* ---- without memory ---- */

static int measure_in_a_loop_of_its_own(void)
{
    struct gyre_loop_options making = {0};
    struct gyre_run_options options = {.measure_stacks = true};
    struct gyre_sim *sim;
    intptr_t result;

    if (gyre_sim_new(&sim) != 0)
        return -ENOMEM;
    making.poller = gyre_sim_poller(sim);
    options.making = making;
    result = gyre_run_with(&options, many, NULL);
    return (int)result;
}

Test(stacks, are_measured_as_far_as_there_is_memory_to_note_them)
{
    listen();
    cr_expect_gt(faults_in_memory(measure_in_a_loop_of_its_own), 0);
    hear();
    cr_expect_not_null(strstr(text, "more, for which there was no memory"));
}
