/*
 * crew.c - the threads of a pool, and their work.
 *
 * Invariants, under the lock:
 *   - queued work is in `queue`, running work has a `worker`, and work that is
 *     neither belongs to the loop's thread;
 *   - while work is queued and a thread is idle, one is being roused, or will
 *     be by who holds the lock;
 *   - a thread takes the lock once between two pieces of work: what it has done
 *     it hands back when it has the next, or is told that there is none;
 *   - there are no more threads than `most`, but where one has just let go of
 *     abandoned work and is to end: it has nothing to hand back, nor has any
 *     other thread that ends;
 *   - `workers` has every thread but those that gyre_crew_free left alone,
 *     which hold the crew themselves; so does its owner.
 */
#include "task/crew.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "loop/loop.h"
#include "task/sanitize.h"
#include "task/thread.h"

/* Room for getaddrinfo and what it loads; of which only what is used is
   there. */
#define STACK_SIZE ((size_t)1024 * 1024)

/* Stacks are a multiple of this, and no smaller than the least there is, so
   that there is no system that would not have it. */
#define STACK_UNIT  ((size_t)64 * 1024)
#define STACK_LEAST ((size_t)PTHREAD_STACK_MIN)

struct gyre_crew {
    struct gyre_loop *loop;       /* not for the threads */
    bool simulated;               /* there are no threads */
    struct gyre_mailbox *mailbox; /* held */
    const char *name;
    unsigned limit;
    unsigned room; /* in the queue; 0: any amount */
    size_t stack_size;

    pthread_mutex_t lock;         /* of what follows */
    pthread_cond_t more;          /* work in the queue, or the end */
    struct gyre_list queue;       /* gyre_work.link, oldest first */
    unsigned queued;              /* how many these are */
    struct gyre_list workers;     /* gyre_worker.link */
    unsigned staff;               /* how many these are */
    unsigned idle;                /* of them, those that wait for work */
    bool rousing;                 /* one of those is being woken */
    unsigned abandoned;           /* of them, those whose work was */
    unsigned running;             /* pieces of work */
    struct gyre_pool_stats stats; /* but for what is counted above */
    unsigned holders;
    bool ending;
};

/* A thread. */
struct gyre_worker {
    struct gyre_list link; /* in gyre_crew.workers, or alone */
    struct gyre_crew *crew;
    pthread_t thread;
    struct gyre_work *over; /* done, and the loop is yet to hear of it */
    bool abandoned;         /* the work it does is nobody's any more */
    bool alone;             /* nobody will join it */
};

/* How many threads there may be: some are lost to work that was abandoned. */
static unsigned most(const struct gyre_crew *c)
{
    return c->limit + (c->abandoned < c->limit ? c->abandoned : c->limit);
}

/* Are there too few for what is queued? */
static bool short_staffed(const struct gyre_crew *c)
{
    return c->queued > c->idle && c->staff < most(c);
}

/* Must what comes now wait for what runs, though as much already does? */
static bool full(const struct gyre_crew *c)
{
    unsigned more = c->staff < most(c) ? most(c) - c->staff : 0;

    return c->room > 0 && c->queued >= c->room + c->idle + more;
}

/* ---- the books ---- */

/* The time, for any thread. */
static gyre_time now(const struct gyre_crew *c)
{
    struct timespec t;

    if (c->simulated)
        return gyre_loop_now(c->loop);
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

static void account(gyre_time span, gyre_time *sum, gyre_time *longest)
{
    *sum += span;
    if (span > *longest)
        *longest = span;
}

static void begin(struct gyre_crew *c, struct gyre_work *w)
{
    gyre_time at = now(c);

    account(at - w->since, &c->stats.waited, &c->stats.longest_wait);
    w->since = at;
    c->queued--;
    c->running++;
}

static void finish(struct gyre_crew *c, struct gyre_work *w, gyre_time at)
{
    account(at - w->since, &c->stats.ran, &c->stats.longest_run);
    c->running--;
    c->stats.done++;
}

/* ---- the threads ---- */

/*
 * Give up the lock, and wake a thread for what is queued: one at a time, and
 * who comes and finds more than it takes wakes the next.  So as many come as
 * there is work for, but for short work few, as these do it all before others
 * are awake.  The signal is without the lock, or who is woken waits for that.
 */
static void unlock_and_rouse(struct gyre_crew *c)
{
    bool rouse = !gyre_list_empty(&c->queue) && c->idle > 0 && !c->rousing;

    c->rousing |= rouse;
    pthread_mutex_unlock(&c->lock);
    if (rouse)
        pthread_cond_signal(&c->more);
}

/* Tell the loop what is over, without the lock. */
static void hand_back(struct gyre_worker *me)
{
    struct gyre_work *w = me->over;

    me->over = NULL;
    if (w != NULL)
        (void)gyre_post(me->crew->mailbox, &w->post); /* held: it lives */
}

/* Wait for work, with the lock held but for that; once all is handed back. */
static void rest(struct gyre_worker *me)
{
    struct gyre_crew *c = me->crew;

    if (me->over != NULL) {
        pthread_mutex_unlock(&c->lock);
        hand_back(me);
        pthread_mutex_lock(&c->lock);
        return;
    }
    c->idle++;
    pthread_cond_wait(&c->more, &c->lock);
    c->idle--;
    c->rousing = false;
}

/* Be rid of `w`, which was abandoned, with the lock held but for that. */
static void forget(struct gyre_worker *me, struct gyre_work *w)
{
    struct gyre_crew *c = me->crew;

    pthread_mutex_unlock(&c->lock);
    w->release(w);
    pthread_mutex_lock(&c->lock);
    if (!me->alone)
        c->abandoned--;
    me->abandoned = false;
}

/* The next piece of work, with the lock held; NULL when the crew ends, or has a
   thread too many, which is who has kept the lock since it made them so. */
static struct gyre_work *next(struct gyre_worker *me)
{
    struct gyre_crew *c = me->crew;
    struct gyre_work *w;

    if (c->staff > most(c))
        return NULL;
    while (gyre_list_empty(&c->queue) && (me->over != NULL || !c->ending))
        rest(me);
    if (gyre_list_empty(&c->queue))
        return NULL;
    w = GYRE_OWNER(gyre_list_take(&c->queue), struct gyre_work, link);
    begin(c, w);
    return w;
}

/* Do `w`, with the lock held but for that. */
static void perform(struct gyre_worker *me, struct gyre_work *w)
{
    struct gyre_crew *c = me->crew;
    gyre_time at;

    w->worker = me;
    unlock_and_rouse(c);
    hand_back(me);
    w->run(w);
    at = now(c);
    pthread_mutex_lock(&c->lock);
    finish(c, w, at);
    w->worker = NULL;
    if (me->abandoned)
        forget(me, w);
    else
        me->over = w;
}

/* One holder fewer, with the lock held, which is given up. */
static void leave(struct gyre_crew *c)
{
    bool last = --c->holders == 0;

    pthread_mutex_unlock(&c->lock);
    if (!last)
        return;
    pthread_cond_destroy(&c->more);
    pthread_mutex_destroy(&c->lock);
    gyre_mailbox_release(c->mailbox);
    free(c);
}

/* Let a thread go, with the lock held: nobody will join it. */
static void dismiss(struct gyre_worker *worker)
{
    gyre_list_remove(&worker->link);
    pthread_detach(worker->thread);
    worker->alone = true;
    worker->crew->staff--;
    worker->crew->holders++;
}

static void *work(void *arg)
{
    struct gyre_worker *me = arg;
    struct gyre_crew *c = me->crew;
    struct gyre_work *w;

    gyre_thread_name(c->name);
    pthread_mutex_lock(&c->lock);
    while ((w = next(me)) != NULL)
        perform(me, w);
    assert(me->over == NULL);
    if (!c->ending && !me->alone)
        dismiss(me);
    if (me->alone) {
        free(me);
        leave(c);
    } else {
        pthread_mutex_unlock(&c->lock);
    }
    return NULL;
}

/* One thread more, with the lock held, for which it will wait. */
static int recruit(struct gyre_crew *c)
{
    struct gyre_worker *new = calloc(1, sizeof *new);
    int err;

    if (new == NULL)
        return -ENOMEM;
    new->crew = c;
    err = gyre_thread_start(&new->thread, c->stack_size, work, new);
    if (err) {
        free(new);
        return err;
    }
    gyre_list_append(&c->workers, &new->link);
    c->staff++;
    return 0;
}

/* ---- work ---- */

static void arrive(struct gyre_post *post)
{
    struct gyre_work *w = GYRE_OWNER(post, struct gyre_work, post);

    w->done(w);
}

/* Under simulation: all of it. */
static void run_here(struct gyre_job *j)
{
    struct gyre_work *w = GYRE_OWNER(j, struct gyre_work, job);

    begin(w->crew, w);
    w->run(w);
    finish(w->crew, w, now(w->crew));
    w->done(w);
}

/* With the lock held. */
static int start(struct gyre_crew *c, struct gyre_work *w)
{
    int err = 0;

    if (full(c)) {
        c->stats.refused++;
        return -EBUSY;
    }
    c->queued++;
    if (c->simulated) {
        gyre_job_start(c->loop, &w->job);
        return 0;
    }
    if (short_staffed(c))
        err = recruit(c);
    if (err && c->staff == c->abandoned) {
        c->queued--;
        return err;
    }
    gyre_list_append(&c->queue, &w->link);
    return 0;
}

int gyre_crew_start(struct gyre_crew *c, struct gyre_work *w)
{
    int err;

    w->post.run = arrive;
    w->job.run = run_here;
    w->crew = c;
    w->since = now(c);
    pthread_mutex_lock(&c->lock);
    err = start(c, w);
    unlock_and_rouse(c);
    return err;
}

bool gyre_crew_stop(struct gyre_crew *c, struct gyre_work *w)
{
    bool queued = gyre_job_started(&w->job);

    gyre_job_stop(c->loop, &w->job);
    pthread_mutex_lock(&c->lock);
    if (gyre_list_linked(&w->link)) {
        gyre_list_remove(&w->link);
        queued = true;
    }
    if (queued)
        c->queued--;
    pthread_mutex_unlock(&c->lock);
    return queued;
}

bool gyre_crew_abandon(struct gyre_crew *c, struct gyre_work *w)
{
    bool running;

    pthread_mutex_lock(&c->lock);
    running = w->worker != NULL;
    if (running) {
        w->worker->abandoned = true;
        c->abandoned++;
    }

    /* What is queued behind it must not wait with it.  If no thread is to be
       had now, the next to be free will do it. */
    if (running && short_staffed(c))
        (void)recruit(c);
    pthread_mutex_unlock(&c->lock);
    return running;
}

/* ---- the crew ---- */

static unsigned usual_limit(void)
{
    unsigned processors = gyre_thread_processors();

    return processors > 4 ? processors : 4;
}

/* What the pool says, and what is usual where it says nothing. */
static void init(struct gyre_crew *c, const struct gyre_pool *p)
{
    size_t size = p->stack_size > 0 ? p->stack_size : STACK_SIZE;
    size_t least = size > STACK_LEAST ? size : STACK_LEAST;
    size_t units = (least + STACK_UNIT - 1) / STACK_UNIT;

    c->name = p->name != NULL ? p->name : "pool";
    c->limit = p->threads > 0 ? p->threads : usual_limit();
    c->room = p->queue;
    c->stack_size = units * STACK_UNIT * GYRE_STACK_FACTOR;
    gyre_list_init(&c->queue);
    gyre_list_init(&c->workers);
    c->holders = 1;
}

int gyre_crew_new(struct gyre_crew **out, struct gyre_loop *l,
                  const struct gyre_pool *p)
{
    struct gyre_crew *c = calloc(1, sizeof *c);

    if (c == NULL)
        return -ENOMEM;
    if (pthread_mutex_init(&c->lock, NULL) != 0)
        goto free_crew;
    if (pthread_cond_init(&c->more, NULL) != 0)
        goto destroy_lock;
    init(c, p);
    c->loop = l;
    c->simulated = gyre_loop_simulated(l);
    c->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l));
    *out = c;
    return 0;
destroy_lock:
    pthread_mutex_destroy(&c->lock);
free_crew:
    free(c);
    return -ENOMEM;
}

/* Let those that are stuck with what nobody wants go, with the lock held. */
static void dismiss_abandoned(struct gyre_crew *c)
{
    struct gyre_list *i = c->workers.next;

    while (i != &c->workers) {
        struct gyre_worker *worker = GYRE_OWNER(i, struct gyre_worker, link);

        i = i->next;
        if (worker->abandoned)
            dismiss(worker);
    }
}

void gyre_crew_free(struct gyre_crew *c)
{
    if (c == NULL)
        return;
    pthread_mutex_lock(&c->lock);
    assert(gyre_list_empty(&c->queue));
    dismiss_abandoned(c);
    c->ending = true;
    pthread_cond_broadcast(&c->more);
    pthread_mutex_unlock(&c->lock);
    while (!gyre_list_empty(&c->workers)) {
        struct gyre_worker *worker =
            GYRE_OWNER(gyre_list_take(&c->workers), struct gyre_worker, link);

        pthread_join(worker->thread, NULL);
        free(worker);
    }
    pthread_mutex_lock(&c->lock);
    leave(c);
}

struct gyre_pool_stats gyre_crew_stats(struct gyre_crew *c)
{
    struct gyre_pool_stats stats;

    pthread_mutex_lock(&c->lock);
    stats = c->stats;
    stats.threads = c->staff;
    stats.queued = c->queued;
    stats.running = c->running;
    stats.abandoned = c->abandoned;
    pthread_mutex_unlock(&c->lock);
    return stats;
}
