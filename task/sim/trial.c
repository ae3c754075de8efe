/*
 * trial.c - one run in a simulated world, and what it leaves behind.
 */
#include "task/sim/trial.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "loop/allocator.h"
#include "loop/environment.h"
#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/probe.h"
#include "loop/sim.h"
#include "task/internal.h"
#include "task/run/run.h"

#define DESCRIPTORS 1024 /* of which leaks are found */

int gyre_trial_asked(const char *variable, uint64_t *n)
{
    const char *text = gyre_environment(variable);
    char *end;

    if (text == NULL)
        return false;
    errno = 0;
    *n = strtoull(text, &end, 0);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0)
        return true;
    fprintf(stderr, "gyre: %s=%s is no number\n", variable, text);
    return -EINVAL;
}

/* ---- the books ---- */

/* Blocks and bytes that were given out and not given back. */
struct books {
    struct gyre_allocator base;
    size_t blocks;
    size_t bytes;
};

static void *resize(struct gyre_allocator *a, void *p, size_t old, size_t size)
{
    struct books *b = GYRE_OWNER(a, struct books, base);
    void *new = gyre_resize(NULL, p, old, size);

    if (new == NULL && size > 0)
        return NULL;
    b->blocks += p == NULL;
    b->blocks -= size == 0;
    b->bytes += size - old;
    return new;
}

/* Which descriptors are open; which file is behind one is not asked. */
struct descriptors {
    bool open[DESCRIPTORS];
};

/* One call tells of all of them: which numbers are none is an event. */
static struct descriptors descriptors(void)
{
    struct descriptors d = {{false}};
    struct pollfd fds[DESCRIPTORS];
    struct rlimit limit;
    size_t n = DESCRIPTORS;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < n)
        n = (size_t)limit.rlim_cur;
    for (size_t i = 0; i < n; i++)
        fds[i] = (struct pollfd){.fd = (int)i};
    if (poll(fds, (nfds_t)n, 0) < 0)
        return d;
    for (size_t i = 0; i < n; i++)
        d.open[i] = (fds[i].revents & POLLNVAL) == 0;
    return d;
}

/* How many of `a` are not of `b`. */
static size_t count_more(const struct descriptors *a,
                         const struct descriptors *b)
{
    size_t n = 0;

    for (size_t i = 0; i < DESCRIPTORS; i++)
        n += a->open[i] && !b->open[i];
    return n;
}

/* ---- what is left ---- */

/* Add `n` of them to what is left, if there are any. */
static void leave(struct gyre_trial *t, size_t n, const char *what)
{
    size_t used = strlen(t->left);

    if (n > 0)
        snprintf(t->left + used, sizeof t->left - used, "%s%s: %zu",
                 used > 0 ? ", " : "", what, n);
}

/* A visitor that counts. */
struct census {
    struct gyre_loop_visitor base;
    size_t jobs, watches, timers;
};

static void count_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    (void)j;
    GYRE_OWNER(v, struct census, base)->jobs++;
}

static void count_watch(struct gyre_loop_visitor *v, struct gyre_watch *w)
{
    (void)w;
    GYRE_OWNER(v, struct census, base)->watches++;
}

static void count_timer(struct gyre_loop_visitor *v, struct gyre_timer *timer)
{
    (void)timer;
    GYRE_OWNER(v, struct census, base)->timers++;
}

/* With nothing started a loop is alive for a hold alone. */
static void look(struct gyre_trial *t, struct gyre_loop *l)
{
    struct census c = {.base = {count_job, count_watch, count_timer}};

    gyre_loop_walk(l, &c.base);
    leave(t, c.jobs, "jobs");
    leave(t, c.watches, "watches");
    leave(t, c.timers, "timers");
    if (c.jobs + c.watches + c.timers == 0)
        leave(t, gyre_loop_alive(l), "holds, or the like");
}

/* ---- the run ---- */

/* The main task: from here on cancel points are looked at. */
static intptr_t run_main(void *arg)
{
    const struct gyre_trial *t = arg;
    struct gyre_runtime *rt = gyre_current->runtime;

    gyre_current->fn = t->fn; /* what reports are to name */
    if (t->injector != NULL) {
        rt->injector = t->injector;
        rt->credits = gyre_current->credits = ~CREDITS;
    }
    return t->fn(t->arg);
}

static int run_on(struct gyre_trial *t, struct gyre_loop *l)
{
    struct gyre_run_options options = {
        .loop = l, .stack_size = t->stack_size, .ignore_interrupt = true};

    if (t->probes != NULL)
        gyre_probes_start(l, t->probes);
    t->result = gyre_run_with(&options, run_main, t);
    if (t->probes != NULL)
        gyre_probes_stop(l, t->probes);
    look(t, l);
    gyre_loop_free(l);
    return 0;
}

static int run_in(struct gyre_trial *t, struct gyre_allocator *a)
{
    struct gyre_loop_options options = {.allocator = a, .seed = t->seed};
    struct gyre_sim *sim;
    struct gyre_loop *l;
    int err = gyre_sim_new(&sim);

    if (err)
        return err;
    options.poller = gyre_sim_poller(sim);
    err = gyre_loop_new_with(&l, &options);
    if (err) {
        options.poller->ops->free(options.poller);
        return err;
    }
    return run_on(t, l);
}

int gyre_trial_run(struct gyre_trial *t)
{
    struct books books = {.base.resize = resize};
    struct descriptors had = descriptors(), has;
    int err;

    t->left[0] = '\0';
    err = run_in(t, &books.base);
    if (err)
        return err;
    has = descriptors();
    leave(t, books.blocks, "blocks of memory");
    leave(t, count_more(&has, &had), "descriptors");
    leave(t, count_more(&had, &has), "descriptors closed that others opened");
    return t->left[0] == '\0' ? 0 : -ENOTEMPTY;
}
