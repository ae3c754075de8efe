/*
 * inject.c - a program cancelled at each of its cancel points in turn.
 *
 * While there is an injector the credits of tasks are below zero, which is
 * where wait.c leaves the usual path, and tells it.  Under simulation runs are
 * alike, until one is cancelled: so counting is enough to tell points apart.
 */
#include "task/sim/inject.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/environment.h"
#include "loop/list.h"
#include "loop/result.h"
#include "task/internal.h"
#include "task/sim/trial.h"

/* Who cancels, and where that was. */
struct canceller {
    struct gyre_injector base;
    bool only_task;
    uint64_t left; /* points until the one */

    enum gyre_moment moment;
    const void *caller;
    uint64_t task; /* its number */
    struct gyre_name who;
    const char *wait; /* what for, if it was parked */
};

static void take_down(struct canceller *c, const struct gyre_task *t,
                      enum gyre_moment moment, const void *caller)
{
    c->moment = moment;
    c->caller = caller;
    c->task = t->id;
    c->who = gyre_task_title(t);
    c->wait = NULL;
    if (moment == GYRE_PARKED && t->wait->kind != NULL)
        c->wait = t->wait->kind->name;
}

static void at(struct gyre_injector *base, struct gyre_task *t,
               enum gyre_moment moment, const void *caller)
{
    struct canceller *c = GYRE_OWNER(base, struct canceller, base);
    struct gyre_branch *b = c->only_task ? &t->base : &t->runtime->root->branch;

    if (c->left == 0 || --c->left > 0)
        return;
    take_down(c, t, moment, caller);
    if (b->cause == 0)
        gyre_branch_cancel(b, ASKED);
}

static void report(const struct canceller *c, uint64_t point,
                   const struct gyre_trial *t, int err)
{
    static const char *const moments[] = {
        [GYRE_REACHED] = "before it attempted anything",
        [GYRE_PARKED] = "while it waited",
        [GYRE_WOKEN] = "after it was woken",
    };

    fprintf(stderr, "gyre: %s%s%s, ",
            err == -ENOTEMPTY ? "left" : gyre_strerror(err),
            t->left[0] != '\0' ? " " : "", t->left);
    if (c->left > 0) {
        fprintf(stderr, "and was not cancelled\n");
        return;
    }
    fprintf(stderr,
            "cancelled at point %" PRIu64 ", %s%s%s: task #%" PRIu64
            " %s, called from %s\n"
            "gyre: GYRE_POINT=%" PRIu64 " runs it again\n",
            point, moments[c->moment], c->wait != NULL ? " " : "",
            c->wait != NULL ? c->wait : "", c->task, c->who.text,
            gyre_name_site(c->caller).text, point);
}

/* ---- running ---- */

/* What is wrong with a run of `t`, which had `err` to say of it. */
static int judge(const struct gyre_injection *i, const struct gyre_trial *t,
                 bool cancelled, int err)
{
    if (t->result == -EDEADLK)
        err = -EDEADLK;
    if (err == 0 && i->check != NULL)
        err = i->check(t->arg);
    if (err == 0 && !cancelled && gyre_is_error(t->result))
        err = (int)t->result;
    return err;
}

/* Run it, cancelled at point `k` if it gets there: then this is the latest. */
static int run(struct gyre_injection *i, struct gyre_trial *t, uint64_t k)
{
    struct canceller c = {.base.at = at, .only_task = i->only_task, .left = k};
    bool cancelled;
    int err;

    t->injector = &c.base;
    err = gyre_trial_run(t);
    cancelled = c.left == 0;
    if (cancelled)
        i->points = k;
    err = judge(i, t, cancelled, err);
    if (err)
        report(&c, k, t, err);
    return err;
}

int gyre_inject(struct gyre_injection *i, intptr_t (*fn)(void *arg), void *arg)
{
    struct gyre_trial t = {
        .fn = fn, .arg = arg, .seed = i->seed, .stack_size = i->stack_size};
    const char *point = gyre_environment("GYRE_POINT");
    uint64_t k = 0;
    int err;

    i->points = 0;
    if (point != NULL)
        return run(i, &t, strtoull(point, NULL, 0));
    do
        err = run(i, &t, ++k);
    while (err == 0 && i->points == k);
    return err;
}
