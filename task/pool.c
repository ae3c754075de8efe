/*
 * pool.c - threads for work that would block the loop.
 *
 * Invariants, under the lock:
 *   - queued work is in `queue`, running work has a `worker`, and work that is
 *     neither belongs to the loop's thread;
 *   - `workers` has every thread but those that gyre_pool_free left alone,
 *     which hold the pool themselves; so does its owner.
 */
#include "task/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/sanitize.h"

/* Room for getaddrinfo and what it loads; of which only what is used is
   there. */
#define STACK_SIZE ((size_t)1024 * 1024 * GYRE_STACK_FACTOR)

struct gyre_pool {
    struct gyre_loop *loop;       /* not for the threads */
    struct gyre_mailbox *mailbox; /* held */
    unsigned limit;

    pthread_mutex_t lock;     /* of what follows */
    pthread_cond_t more;      /* work in the queue, or the end */
    struct gyre_list queue;   /* gyre_work.link, oldest first */
    unsigned queued;          /* how many these are */
    struct gyre_list workers; /* gyre_worker.link */
    unsigned staff;           /* how many these are */
    unsigned idle;            /* of them, those that wait for work */
    unsigned abandoned;       /* of them, those whose work was */
    unsigned holders;
    bool ending;
};

/* A thread. */
struct gyre_worker {
    struct gyre_list link; /* in gyre_pool.workers, or alone */
    struct gyre_pool *pool;
    pthread_t thread;
    bool abandoned; /* the work it does is nobody's any more */
    bool alone;     /* nobody will join it */
};

/* How many threads there may be: some are lost to work that was abandoned. */
static unsigned most(const struct gyre_pool *p)
{
    return p->limit + (p->abandoned < p->limit ? p->abandoned : p->limit);
}

/* Are there too few for what is queued? */
static bool short_staffed(const struct gyre_pool *p)
{
    return p->queued > p->idle && p->staff < most(p);
}

/* ---- the threads ---- */

/* The next piece of work, with the lock held; NULL when the pool ends, or has a
   thread too many. */
static struct gyre_work *next(struct gyre_pool *p)
{
    struct gyre_work *w;

    if (p->staff > most(p))
        return NULL;
    while (gyre_list_empty(&p->queue) && !p->ending) {
        p->idle++;
        pthread_cond_wait(&p->more, &p->lock);
        p->idle--;
    }
    if (gyre_list_empty(&p->queue))
        return NULL;
    w = GYRE_OWNER(p->queue.next, struct gyre_work, link);
    gyre_list_remove(&w->link);
    p->queued--;
    return w;
}

/* Do `w`, with the lock held but for that. */
static void perform(struct gyre_worker *me, struct gyre_work *w)
{
    struct gyre_pool *p = me->pool;
    bool abandoned;

    w->worker = me;
    pthread_mutex_unlock(&p->lock);
    w->run(w);
    pthread_mutex_lock(&p->lock);
    w->worker = NULL;
    abandoned = me->abandoned;
    pthread_mutex_unlock(&p->lock);
    if (abandoned)
        w->release(w);
    else
        (void)gyre_post(p->mailbox, &w->post); /* the loop is held: it lives */
    pthread_mutex_lock(&p->lock);
    if (abandoned && !me->alone)
        p->abandoned--;
    me->abandoned = false;
}

/* One holder fewer, with the lock held, which is given up. */
static void leave(struct gyre_pool *p)
{
    bool last = --p->holders == 0;

    pthread_mutex_unlock(&p->lock);
    if (!last)
        return;
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    gyre_mailbox_release(p->mailbox);
    free(p);
}

/* Let a thread go, with the lock held: nobody will join it. */
static void dismiss(struct gyre_worker *worker)
{
    gyre_list_remove(&worker->link);
    pthread_detach(worker->thread);
    worker->alone = true;
    worker->pool->staff--;
    worker->pool->holders++;
}

static void *work(void *arg)
{
    struct gyre_worker *me = arg;
    struct gyre_pool *p = me->pool;
    struct gyre_work *w;

    pthread_mutex_lock(&p->lock);
    while ((w = next(p)) != NULL)
        perform(me, w);
    if (!p->ending && !me->alone)
        dismiss(me);
    if (me->alone) {
        free(me);
        leave(p);
    } else {
        pthread_mutex_unlock(&p->lock);
    }
    return NULL;
}

/*
 * Start a thread that takes no signals: they are for the program's own threads.
 * But a fault is the fault of the thread, and kills it unheard if it is
 * blocked.
 */
static int start_thread(pthread_t *thread, void *arg)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
    sigset_t blocked, before;
    pthread_attr_t attr;
    int err = pthread_attr_init(&attr);

    if (err)
        return -ENOMEM;
    sigfillset(&blocked);
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        sigdelset(&blocked, faults[i]);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    err = pthread_attr_setstacksize(&attr, STACK_SIZE);
    if (err == 0)
        err = pthread_create(thread, &attr, work, arg);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return err ? -ENOMEM : 0;
}

/* One thread more, with the lock held, for which it will wait. */
static int recruit(struct gyre_pool *p)
{
    struct gyre_worker *new = calloc(1, sizeof *new);
    int err;

    if (new == NULL)
        return -ENOMEM;
    new->pool = p;
    err = start_thread(&new->thread, new);
    if (err) {
        free(new);
        return err;
    }
    gyre_list_append(&p->workers, &new->link);
    p->staff++;
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

    w->run(w);
    w->done(w);
}

static void enqueue(struct gyre_pool *p, struct gyre_work *w)
{
    gyre_list_append(&p->queue, &w->link);
    p->queued++;
}

static void dequeue(struct gyre_pool *p, struct gyre_work *w)
{
    gyre_list_remove(&w->link);
    p->queued--;
}

int gyre_pool_start(struct gyre_pool *p, struct gyre_work *w)
{
    int err = 0;

    w->post.run = arrive;
    w->job.run = run_here;
    if (gyre_loop_simulated(p->loop)) {
        gyre_job_start(p->loop, &w->job);
        return 0;
    }
    pthread_mutex_lock(&p->lock);
    enqueue(p, w);
    if (short_staffed(p))
        err = recruit(p);
    if (err && p->staff == p->abandoned) {
        dequeue(p, w);
    } else {
        pthread_cond_signal(&p->more);
        err = 0;
    }
    pthread_mutex_unlock(&p->lock);
    return err;
}

bool gyre_pool_stop(struct gyre_pool *p, struct gyre_work *w)
{
    bool queued = gyre_job_started(&w->job);

    gyre_job_stop(p->loop, &w->job);
    pthread_mutex_lock(&p->lock);
    if (gyre_list_linked(&w->link)) {
        dequeue(p, w);
        queued = true;
    }
    pthread_mutex_unlock(&p->lock);
    return queued;
}

bool gyre_pool_abandon(struct gyre_pool *p, struct gyre_work *w)
{
    bool running;

    pthread_mutex_lock(&p->lock);
    running = w->worker != NULL;
    if (running) {
        w->worker->abandoned = true;
        p->abandoned++;
    }

    /* What is queued behind it must not wait with it.  If no thread is to be
       had now, the next to be free will do it. */
    if (running && short_staffed(p))
        (void)recruit(p);
    pthread_mutex_unlock(&p->lock);
    return running;
}

/* ---- the pool ---- */

static unsigned usual_limit(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    return processors > 4 ? (unsigned)processors : 4;
}

int gyre_pool_new(struct gyre_pool **out, struct gyre_loop *l, unsigned limit)
{
    struct gyre_pool *p = calloc(1, sizeof *p);

    if (p == NULL)
        return -ENOMEM;
    if (pthread_mutex_init(&p->lock, NULL) != 0)
        goto free_pool;
    if (pthread_cond_init(&p->more, NULL) != 0)
        goto destroy_lock;
    gyre_list_init(&p->queue);
    gyre_list_init(&p->workers);
    p->loop = l;
    p->mailbox = gyre_mailbox_hold(gyre_loop_mailbox(l));
    p->limit = limit > 0 ? limit : usual_limit();
    p->holders = 1;
    *out = p;
    return 0;
destroy_lock:
    pthread_mutex_destroy(&p->lock);
free_pool:
    free(p);
    return -ENOMEM;
}

/* Let those that are stuck with what nobody wants go, with the lock held. */
static void dismiss_abandoned(struct gyre_pool *p)
{
    struct gyre_list *i = p->workers.next;

    while (i != &p->workers) {
        struct gyre_worker *worker = GYRE_OWNER(i, struct gyre_worker, link);

        i = i->next;
        if (worker->abandoned)
            dismiss(worker);
    }
}

void gyre_pool_free(struct gyre_pool *p)
{
    if (p == NULL)
        return;
    pthread_mutex_lock(&p->lock);
    assert(gyre_list_empty(&p->queue));
    dismiss_abandoned(p);
    p->ending = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    while (!gyre_list_empty(&p->workers)) {
        struct gyre_worker *worker =
            GYRE_OWNER(p->workers.next, struct gyre_worker, link);

        gyre_list_remove(&worker->link);
        pthread_join(worker->thread, NULL);
        free(worker);
    }
    pthread_mutex_lock(&p->lock);
    leave(p);
}
