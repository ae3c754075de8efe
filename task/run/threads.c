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
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/result.h"
#include "loop/signal.h"
#include "task/run/run.h"
#include "task/task.h"
#include "task/thread.h"

struct crowd;

/* One of the runs. */
struct member {
    struct crowd *crowd;
    unsigned index;
    pthread_t thread;             /* but for the first, who has the caller's */
    struct gyre_mailbox *mailbox; /* while it can be stopped; or NULL */
    struct gyre_loop *loop;
    struct gyre_post stop;
    struct gyre_signal interrupt, terminate;
};

struct crowd {
    struct gyre_run_options options; /* of each */
    bool hears;                      /* of signals */
    intptr_t (*fn)(unsigned index, void *arg);
    void *arg;
    pthread_mutex_t lock; /* of what follows, and of members' mailboxes */
    bool stopped;         /* all are, and who begins is at once */
    intptr_t result;      /* the first error, or 0 */
    unsigned late[2];     /* SIGINT and SIGTERM that nobody was told of */
    unsigned n;           /* members that have begun, or will */
    struct member *members;
};

static void stop_here(struct gyre_post *post)
{
    gyre_loop_stop(GYRE_OWNER(post, struct member, stop)->loop);
}

/* With the lock. */
static void stop_all(struct crowd *c)
{
    if (c->stopped)
        return;
    c->stopped = true;
    for (unsigned i = 0; i < c->n; i++)
        if (c->members[i].mailbox != NULL)
            (void)gyre_post(c->members[i].mailbox, &c->members[i].stop);
}

/* A first error ends all; what they return for that is no other. */
static void fail(struct crowd *c, intptr_t err)
{
    pthread_mutex_lock(&c->lock);
    if (c->result == 0)
        c->result = err;
    stop_all(c);
    pthread_mutex_unlock(&c->lock);
}

/* ---- signals ---- */

/* All members are told, but those that have yet to begin, whom the first of
   them stops.  The next is whose it was before, and two can come at once. */
static void stop_for(struct member *m, int number, unsigned times)
{
    pthread_mutex_lock(&m->crowd->lock);
    stop_all(m->crowd);
    pthread_mutex_unlock(&m->crowd->lock);
    if (times > 1)
        raise(number);
}

static void interrupted(struct gyre_signal *s, unsigned times)
{
    stop_for(GYRE_OWNER(s, struct member, interrupt), SIGINT, times);
}

static void terminated(struct gyre_signal *s, unsigned times)
{
    stop_for(GYRE_OWNER(s, struct member, terminate), SIGTERM, times);
}

static int hear_of(struct member *m, struct gyre_signal *s, int number)
{
    return !m->crowd->hears || gyre_signal_ignored(number)
               ? 0
               : gyre_signal_start(m->loop, s, number);
}

static int hear(struct member *m)
{
    int err;

    m->interrupt = (struct gyre_signal){.caught = interrupted, .once = true};
    m->terminate = (struct gyre_signal){.caught = terminated, .once = true};
    err = hear_of(m, &m->interrupt, SIGINT);
    return err ? err : hear_of(m, &m->terminate, SIGTERM);
}

static void hear_no_more(struct member *m)
{
    m->crowd->late[0] += gyre_signal_stop(m->loop, &m->interrupt);
    m->crowd->late[1] += gyre_signal_stop(m->loop, &m->terminate);
}

/* ---- each of them ---- */

/* The member's main task begins; and ends. */
static int enter(struct member *m)
{
    struct crowd *c = m->crowd;
    int err;

    m->loop = gyre_loop_current();
    err = hear(m);
    pthread_mutex_lock(&c->lock);
    if (c->stopped)
        gyre_loop_stop(m->loop);
    else
        m->mailbox = gyre_loop_mailbox(m->loop);
    pthread_mutex_unlock(&c->lock);
    return err;
}

static void leave(struct member *m)
{
    pthread_mutex_lock(&m->crowd->lock);
    m->mailbox = NULL;
    hear_no_more(m);
    pthread_mutex_unlock(&m->crowd->lock);
}

static intptr_t run_main(void *arg)
{
    struct member *m = arg;
    intptr_t result = enter(m);

    if (result == 0)
        result = m->crowd->fn(m->index, m->crowd->arg);
    leave(m);
    return result;
}

/* A run, to its end: only then is known whether that was its main task's, or a
   deadlock, say. */
static void *run(void *arg)
{
    struct member *m = arg;
    intptr_t result = gyre_run_with(&m->crowd->options, run_main, m);

    if (gyre_is_error(result))
        fail(m->crowd, result);
    return NULL;
}

/* ---- all of them ---- */

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
    pthread_mutex_unlock(&c->lock);
    fail(c, -ENOMEM);
}

/* What came too late to stop anything has its usual effect. */
static void raise_late(const struct crowd *c)
{
    if (c->late[0] > 0 && !c->stopped)
        raise(SIGINT);
    if (c->late[1] > 0 && !c->stopped)
        raise(SIGTERM);
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
    raise_late(c);
    return c->result;
}

intptr_t gyre_run_threads(const struct gyre_run_options *options, unsigned n,
                          intptr_t (*fn)(unsigned index, void *arg), void *arg)
{
    static const struct gyre_run_options defaults;
    struct crowd c = {.options = options != NULL ? *options : defaults,
                      .fn = fn,
                      .arg = arg,
                      .lock = PTHREAD_MUTEX_INITIALIZER,
                      .n = n > 0 ? n : gyre_thread_processors()};
    intptr_t result;

    assert(c.options.loop == NULL && c.options.making.poller == NULL &&
           c.options.making.allocator == NULL);
    c.hears = !c.options.ignore_interrupt;
    c.options.ignore_interrupt = true;
    c.members = malloc(c.n * sizeof *c.members);
    if (c.members == NULL)
        return -ENOMEM;
    result = run_all(&c);
    free(c.members);
    pthread_mutex_destroy(&c.lock);
    return result;
}
