/*
 * world.c - a simulated world to hold claims in, and tasks to people it with.
 */
#include "tests/task/world.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "loop/list.h"
#include "task/task.h"
#include "tests/support/faults.h"

struct world *world;
char notes[256];
int unmet;

/* ---- the world ---- */

static void failed(struct gyre_failure_hook *h, const char *what, int err)
{
    struct world *w = GYRE_OWNER(h, struct world, hook);

    w->failures++;
    w->failure = err;
    snprintf(w->failed, sizeof w->failed, "%s", what);
}

uint64_t world_seed(void)
{
    const char *seed = getenv("GYRE_SEED");

    return seed != NULL ? strtoull(seed, NULL, 0) : 0;
}

void in_order(void)
{
    unsetenv("GYRE_SEED");
}

void world_open(struct world *w)
{
    struct gyre_loop_options options = {0};

    *w = (struct world){.hook.failed = failed};
    w->blocks = faults_blocks();
    w->descriptors = faults_descriptors();
    cr_assert_eq(gyre_sim_new(&w->sim), 0);
    options.poller = gyre_sim_poller(w->sim);
    options.seed = world_seed();
    cr_assert_eq(gyre_loop_new_with(&w->loop, &options), 0);
    gyre_loop_on_failure(w->loop, &w->hook);
    world = w;
    notes[0] = '\0';
}

static void unexpected_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    (void)v;
    cr_expect(false, "job %p is still started", (void *)j);
}

static void unexpected_watch(struct gyre_loop_visitor *v, struct gyre_watch *w)
{
    (void)v;
    cr_expect(false, "watch %p is still started", (void *)w);
}

static void unexpected_timer(struct gyre_loop_visitor *v, struct gyre_timer *t)
{
    (void)v;
    cr_expect(false, "timer %p is still started", (void *)t);
}

void world_expect_nothing_started(struct world *w)
{
    struct gyre_loop_visitor v = {.job = unexpected_job,
                                  .watch = unexpected_watch,
                                  .timer = unexpected_timer};

    gyre_loop_walk(w->loop, &v);
}

void world_expect_idle(struct world *w)
{
    world_expect_nothing_started(w);
    cr_expect(!gyre_loop_alive(w->loop));
}

void world_close(struct world *w)
{
    world_expect_idle(w);
    gyre_loop_free(w->loop);
    cr_expect_eq(faults_blocks(), w->blocks, "memory was not freed");
    cr_expect_eq(faults_descriptors(), w->descriptors,
                 "descriptors were left open");
    world = NULL;
}

intptr_t world_run(struct world *w, intptr_t (*fn)(void *arg), void *arg)
{
    struct gyre_run_options options = {.loop = w->loop};
    intptr_t result = gyre_run_with(&options, fn, arg);

    world_expect_idle(w);
    return result;
}

intptr_t simulate(intptr_t (*fn)(void *arg), void *arg)
{
    struct world w;
    intptr_t result;

    world_open(&w);
    result = world_run(&w, fn, arg);
    world_close(&w);
    return result;
}

intptr_t hold_claim(void *arg)
{
    ((struct claim *)arg)->hold();
    return 0;
}

void hold_in_task(void (*claim)(void))
{
    struct claim c = {claim};

    cr_expect_eq(simulate(hold_claim, &c), 0);
}

void hold_for_real(void (*claim)(void), unsigned threads)
{
    struct gyre_run_options options = {.threads = {threads, threads, threads}};
    struct claim c = {claim};
    long blocks = faults_blocks();

    cr_expect_eq(gyre_run_with(&options, hold_claim, &c), 0);
    while (faults_blocks() != blocks)
        sched_yield();
}

gyre_time elapsed(void)
{
    return gyre_loop_in(world->loop, 0) - GYRE_SECOND;
}

/* Timers fire only when the ready have had their turns. */
void let_others_run(void)
{
    must(gyre_sleep(gyre_in(0)) == 0);
}

void let_all_settle(void)
{
    for (int i = 0; i < 20; i++)
        let_others_run();
}

/* ---- a diary ---- */

void note(char c)
{
    size_t n = strlen(notes);

    cr_expect_lt(n, sizeof notes - 1);
    if (n < sizeof notes - 1) {
        notes[n] = c;
        notes[n + 1] = '\0';
    }
}

static int compare(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

void sort_notes(void)
{
    qsort(notes, strlen(notes), 1, compare);
}

/* ---- tasks ---- */

intptr_t play(void *arg)
{
    const struct part *p = arg;
    int err = p->span != 0 ? gyre_sleep(gyre_in(p->span)) : 0;

    if (p->name != '\0')
        note(err ? (char)toupper((unsigned char)p->name) : p->name);
    return err ? err : p->result;
}

intptr_t nap(void *span)
{
    return gyre_sleep(gyre_in((gyre_time)(intptr_t)span));
}
