/*
 * threads.c - the same program on several threads, each in a run of its own.
 *
 * A member can be stopped from the beginning of its main task to the end of
 * that: then its mailbox is here.  The post that stops it lies in the member,
 * which outlives its loop, and that delivers what was posted.
 */
#include "task/run/threads.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/result.h"
#include "task/run/run.h"
#include "task/task.h"

struct crowd;

/* One of the runs. */
struct member {
    struct crowd *crowd;
    unsigned index;
    pthread_t thread;             /* but for the first, who has the caller's */
    struct gyre_mailbox *mailbox; /* while it can be stopped; or NULL */
    struct gyre_loop *loop;
    struct gyre_post stop;
};

struct crowd {
    const struct gyre_run_options *options;
    intptr_t (*fn)(unsigned index, void *arg);
    void *arg;
    pthread_mutex_t lock; /* of what follows, and of members' mailboxes */
    intptr_t result;      /* the first error, or 0 */
    unsigned n;           /* members that have begun, or will */
    struct member *members;
};

static void stop_here(struct gyre_post *post)
{
    gyre_loop_stop(GYRE_OWNER(post, struct member, stop)->loop);
}

/* A first error ends all: with the lock. */
static void fail(struct crowd *c, intptr_t err)
{
    if (c->result != 0)
        return;
    c->result = err;
    for (unsigned i = 0; i < c->n; i++)
        if (c->members[i].mailbox != NULL)
            (void)gyre_post(c->members[i].mailbox, &c->members[i].stop);
}

/* The member's main task begins; and ends. */
static void enter(struct member *m)
{
    struct crowd *c = m->crowd;

    m->loop = gyre_loop_current();
    pthread_mutex_lock(&c->lock);
    if (c->result == 0)
        m->mailbox = gyre_loop_mailbox(m->loop);
    else
        gyre_loop_stop(m->loop);
    pthread_mutex_unlock(&c->lock);
}

static void leave(struct member *m, intptr_t result)
{
    struct crowd *c = m->crowd;

    pthread_mutex_lock(&c->lock);
    m->mailbox = NULL;
    if (gyre_is_error(result))
        fail(c, result);
    pthread_mutex_unlock(&c->lock);
}

static intptr_t run_main(void *arg)
{
    struct member *m = arg;
    intptr_t result;

    enter(m);
    result = m->crowd->fn(m->index, m->crowd->arg);
    leave(m, result);
    return result;
}

/* A run, to its end, which may be one that its main task knows nothing of: a
   deadlock, or no memory. */
static void *run(void *arg)
{
    struct member *m = arg;

    leave(m, gyre_run_with(m->crowd->options, run_main, m));
    return NULL;
}

/* How many processors this process may use, at least 1. */
static unsigned processors(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 0 ? (unsigned)n : 1;
}

/* Begin all but the first, as many as there are threads for. */
static void begin(struct crowd *c)
{
    unsigned begun = 1;

    while (begun < c->n && pthread_create(&c->members[begun].thread, NULL, run,
                                          &c->members[begun]) == 0)
        begun++;
    if (begun == c->n)
        return;
    pthread_mutex_lock(&c->lock);
    c->n = begun;
    fail(c, -ENOMEM);
    pthread_mutex_unlock(&c->lock);
}

static intptr_t run_all(struct crowd *c)
{
    for (unsigned i = 0; i < c->n; i++)
        c->members[i] =
            (struct member){.crowd = c, .index = i, .stop.run = stop_here};
    begin(c);
    run(&c->members[0]);
    for (unsigned i = 1; i < c->n; i++)
        pthread_join(c->members[i].thread, NULL);
    return c->result;
}

intptr_t gyre_run_threads(const struct gyre_run_options *options, unsigned n,
                          intptr_t (*fn)(unsigned index, void *arg), void *arg)
{
    struct crowd c = {.options = options,
                      .fn = fn,
                      .arg = arg,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .n = n > 0 ? n : processors()};
    intptr_t result;

    assert(options == NULL ||
           (options->loop == NULL && options->making.poller == NULL));
    c.members = malloc(c.n * sizeof *c.members);
    if (c.members == NULL)
        return -ENOMEM;
    result = run_all(&c);
    free(c.members);
    pthread_mutex_destroy(&c.lock);
    return result;
}
