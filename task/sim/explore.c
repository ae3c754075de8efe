/*
 * explore.c - the same program in many orders.
 *
 * An order is known by its print: who ran before each job of the loop, task by
 * task, for tasks are numbered alike in every run.
 */
#include "task/sim/explore.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/environment.h"
#include "loop/list.h"
#include "loop/probe.h"
#include "loop/result.h"
#include "task/internal.h"
#include "task/sim/trial.h"

#define RUNS 100

/* Takes the print of a run. */
struct printer {
    struct gyre_probes base;
    uint64_t print;
};

static void take_print(struct gyre_probes *p, struct gyre_job *j)
{
    struct printer *printer = GYRE_OWNER(p, struct printer, base);
    uint64_t id = gyre_current != NULL ? gyre_current->id : 0;

    (void)j;
    printer->print = (printer->print ^ id) * 0x100000001b3; /* as FNV-1a */
}

static int compare(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return (one > other) - (one < other);
}

/* How many of `n` prints differ; brings them into order. */
static uint64_t count_different(uint64_t *prints, uint64_t n)
{
    uint64_t different = n > 0;

    qsort(prints, n, sizeof *prints, compare);
    for (uint64_t i = 1; i < n; i++)
        different += prints[i] != prints[i - 1];
    return different;
}

/* ---- running ---- */

/* What the run returned comes before what it left: that may be a result. */
static int judge(const struct gyre_trial *t, int err)
{
    return gyre_is_error(t->result) ? (int)t->result : err;
}

static void report(const struct gyre_trial *t, int err)
{
    fprintf(stderr, "gyre: with seed %" PRIu64 ": %s%s%s\n", t->seed,
            err == -ENOTEMPTY ? "left" : gyre_strerror(err),
            t->left[0] != '\0' ? " " : "", t->left);
    fprintf(stderr, "gyre: GYRE_SEED=%" PRIu64 " runs it again\n", t->seed);
}

static int explore(struct gyre_exploration *e, struct gyre_trial *t,
                   uint64_t *prints)
{
    struct printer p = {.base.job_runs = take_print};
    int err = 0;

    t->probes = &p.base;
    for (e->tried = 0; e->tried < e->runs && err == 0; e->tried++) {
        p.print = 0;
        t->seed = e->seed = e->first + e->tried;
        err = judge(t, gyre_trial_run(t));
        prints[e->tried] = p.print;
    }
    e->schedules = count_different(prints, e->tried);
    if (err)
        report(t, err);
    return err;
}

/* Which seeds: as asked for, or the one in the environment. */
static void choose(struct gyre_exploration *e)
{
    const char *seed = gyre_environment("GYRE_SEED");

    if (e->first == 0)
        e->first = 1;
    if (e->runs == 0)
        e->runs = RUNS;
    if (seed == NULL)
        return;
    e->first = strtoull(seed, NULL, 0);
    e->runs = 1;
}

int gyre_explore(struct gyre_exploration *e, intptr_t (*fn)(void *arg),
                 void *arg)
{
    struct gyre_trial t = {.fn = fn, .arg = arg, .stack_size = e->stack_size};
    uint64_t *prints;
    int err;

    choose(e);
    prints = calloc(e->runs, sizeof *prints);
    if (prints == NULL)
        return -ENOMEM;
    err = explore(e, &t, prints);
    free(prints);
    return err;
}
