/*
 * loop.c - the event loop.
 *
 * One round runs, in this order:
 *   1. jobs, in passes: those that were ready when a pass began, and passes
 *      until the round's budget is spent or no job is ready,
 *   2. the poller, waiting no longer than it may,
 *   3. the posts that have come from outside,
 *   4. the watches the poller reported,
 *   5. the timers that are due.
 * Jobs started by any of these run in the next pass, timers started by timers
 * in the next round; so no kind of callback can keep the others from running.
 */
#include "loop/loop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/environment.h"
#include "loop/internal.h"

/* Defined as declared: or the compiler forgets which model it is. */
_Thread_local char gyre_thread_mark __attribute__((tls_model("initial-exec")));

/* ---- making and freeing ---- */

static void init(struct gyre_loop *l, struct gyre_poller *p,
                 const struct gyre_loop_options *options)
{
    memset(l, 0, sizeof *l);
    l->poller = p;
    l->allocator = options->allocator;
    l->seed = l->random = options->seed;
    l->forks = gyre_forks;
    l->now = p->ops->now(p);
    l->announced = GYRE_FOREVER;
    gyre_list_init(&l->ready.next);
    gyre_list_init(&l->ready.pass);
    gyre_list_init(&l->left);
    gyre_list_init(&l->signals);
}

static int new_on(struct gyre_loop **out, struct gyre_poller *p,
                  const struct gyre_loop_options *options)
{
    struct gyre_allocator *a = options->allocator;
    struct gyre_loop *l = gyre_resize(a, NULL, 0, sizeof *l);
    int err;

    if (l == NULL)
        return -ENOMEM;
    gyre_forks_count();
    init(l, p, options);
    err = gyre_mailbox_new(&l->mailbox, p);
    if (err) {
        gyre_resize(a, l, sizeof *l, 0);
        return err;
    }
    *out = l;
    return 0;
}

int gyre_loop_new_with(struct gyre_loop **out,
                       const struct gyre_loop_options *options)
{
    static const struct gyre_loop_options defaults;
    struct gyre_poller *p;
    int err = 0;

    if (options == NULL)
        options = &defaults;
    p = options->poller;
    if (p == NULL)
        err = gyre_poller_new(&p);
    if (err)
        return err;
    err = new_on(out, p, options);
    if (err && options->poller == NULL)
        p->ops->free(p);
    return err;
}

int gyre_loop_new(struct gyre_loop **out)
{
    return gyre_loop_new_with(out, NULL);
}

/* Leave what is started idle, and free the loop. */
static void dispose(struct gyre_loop *l)
{
    gyre_signals_drop(l);
    gyre_jobs_drop(l);
    gyre_timers_stop_all(&l->timers);
    gyre_watches_drop(l);
    gyre_mailbox_release(l->mailbox);
    gyre_resize(l->allocator, l, sizeof *l, 0);
}

void gyre_loop_free(struct gyre_loop *l)
{
    if (l == NULL)
        return;
    if (inherited(l)) {
        gyre_loop_forget(l);
        return;
    }
    assert(!l->running);
    if (gyre_environment_number(l, "GYRE_DEBUG", 1) > 0)
        gyre_loop_print(l, STDERR_FILENO);
    l->deadline_hook = NULL;
    gyre_mailbox_close(l); /* first: what it delivers may start things */
    dispose(l);
}

void gyre_loop_forget(struct gyre_loop *l)
{
    bool ours;

    if (l == NULL)
        return;

    /* A thread that did not come along may have been in the middle of things:
       then they cannot be walked, nor freed. */
    ours = !l->running || l->thread == &gyre_thread_mark;
    l->running = false;
    gyre_signals_forget(l);
    gyre_mailbox_forget(l->mailbox);
    if (ours)
        dispose(l);
}

/* ---- running ---- */

bool gyre_loop_alive(const struct gyre_loop *l)
{
    own(l);
    return has_jobs(l) || l->watching > 0 || l->ready.awaiting > 0 ||
           l->holds > 0 || gyre_timers_awaited(&l->timers) > 0;
}

/*
 * Until when a poll may wait.  Not at all if nothing is awaited: whatever still
 * comes in the background comes by the way.
 */
static gyre_time patience(const struct gyre_loop *l, gyre_time until)
{
    gyre_time deadline = gyre_loop_deadline(l);

    if (deadline == GYRE_NOW || l->stopping || !gyre_loop_alive(l))
        return GYRE_NOW;
    return deadline < until ? deadline : until;
}

/*
 * Ask a simulated poller.  While a hold is out, time must not jump: what is
 * held for comes in real time.  And with nothing to jump to and nobody outside,
 * nothing can ever happen any more; but a signal's post may just have come.
 */
static int poll_simulated(struct gyre_loop *l, gyre_time until)
{
    struct gyre_poller *p = l->poller;
    int n;

    if (l->holds > 0 && until > p->ops->now(p))
        return p->ops->wait(p, l->events, EVENTS_PER_POLL, GYRE_FOREVER);
    if (until != GYRE_FOREVER)
        return p->ops->wait(p, l->events, EVENTS_PER_POLL, until);
    n = p->ops->wait(p, l->events, EVENTS_PER_POLL, GYRE_NOW);
    return n == 0 && gyre_mailbox_sleep(l->mailbox) ? -EDEADLK : n;
}

static int ask_poller(struct gyre_loop *l, gyre_time until)
{
    struct gyre_poller *p = l->poller;
    int n;

    if (until != GYRE_NOW && !gyre_mailbox_sleep(l->mailbox)) {
        gyre_mailbox_awake(l->mailbox); /* what comes meanwhile need not ring */
        until = GYRE_NOW;
    }
    if (l->probes != NULL)
        gyre_probe_poll_begins(l, until);
    n = p->ops->simulated ? poll_simulated(l, until)
                          : p->ops->wait(p, l->events, EVENTS_PER_POLL, until);
    gyre_mailbox_awake(l->mailbox);
    l->now = p->ops->now(p);
    l->stepped = 0;
    __atomic_store_n(&l->stats.polls, l->stats.polls + 1, __ATOMIC_RELAXED);
    if (l->probes != NULL)
        gyre_probe_poll_ended(l, n);
    return n;
}

/* Poll, and run what that brings.  If it fails there may be posts all the same,
   and timers, and who would end, for that, must hear of them. */
static int poll_and_run(struct gyre_loop *l, gyre_time until)
{
    int n = ask_poller(l, patience(l, until));

    gyre_posts_run(l);
    gyre_watches_run(l, n);
    gyre_timers_fire(&l->timers, l->now);
    return n < 0 ? n : 0;
}

static int run_round(struct gyre_loop *l, gyre_time until)
{
    gyre_jobs_run(l);
    return poll_and_run(l, until);
}

static void enter(struct gyre_loop *l)
{
    assert(!l->running);
    l->thread = &gyre_thread_mark;
    l->running = true;
    l->stopping = false;
    hush(l);
    gyre_mailbox_awake(l->mailbox);
}

/*
 * Whoever embeds us may now sleep on our descriptor: posts must wake it, those
 * that came since the poll too.
 */
static void leave(struct gyre_loop *l)
{
    if (!gyre_mailbox_sleep(l->mailbox))
        l->poller->ops->wake(l->poller);
    if (l->probes != NULL)
        gyre_probe_run_ended(l);
    l->running = false;
    hush(l);
    l->announced = gyre_loop_deadline(l);
}

int gyre_loop_run(struct gyre_loop *l)
{
    int err = 0;

    if (inherited(l))
        return -ECANCELED;
    enter(l);
    while (err == 0 && !l->stopping && gyre_loop_alive(l))
        err = run_round(l, GYRE_FOREVER);
    leave(l);
    return err;
}

int gyre_loop_once(struct gyre_loop *l, gyre_time until)
{
    int err;

    if (inherited(l))
        return -ECANCELED;
    enter(l);
    err = run_round(l, until);
    leave(l);
    return err;
}

int gyre_loop_step(struct gyre_loop *l, gyre_time until)
{
    int err = 0;

    if (inherited(l))
        return -ECANCELED;
    enter(l);
    if (!gyre_jobs_step(l))
        err = poll_and_run(l, until);
    leave(l);
    return err;
}

bool gyre_loop_inherited(const struct gyre_loop *l)
{
    return inherited(l);
}

void gyre_loop_stop(struct gyre_loop *l)
{
    own(l);
    l->stopping = true;
    l->ready.enough = 0;
}

bool gyre_loop_stopped(const struct gyre_loop *l)
{
    own(l);
    return l->stopping;
}

void gyre_loop_hold(struct gyre_loop *l)
{
    own(l);
    l->holds++;
}

void gyre_loop_release(struct gyre_loop *l)
{
    own(l);
    assert(l->holds > 0);
    l->holds--;
}

void gyre_loop_awaits(struct gyre_loop *l, int more)
{
    own(l);
    l->ready.awaiting += (size_t)more;
    assert(l->ready.awaiting <= SIZE_MAX / 2);
}

/* ---- time ---- */

gyre_time gyre_loop_now(const struct gyre_loop *l)
{
    own(l);
    return l->now;
}

const gyre_time *gyre_loop_clock(const struct gyre_loop *l)
{
    return &l->now;
}

gyre_time gyre_loop_in(struct gyre_loop *l, gyre_time span)
{
    own(l);
    return gyre_time_after(l->poller->ops->now(l->poller), span);
}

/* ---- embedding ---- */

int gyre_loop_fd(const struct gyre_loop *l)
{
    return inherited(l) ? -ECANCELED : l->poller->ops->fd(l->poller);
}

gyre_time gyre_loop_deadline(const struct gyre_loop *l)
{
    own(l);
    if (has_jobs(l) || l->always.n > 0)
        return GYRE_NOW;
    return gyre_timers_next(&l->timers);
}

void gyre_loop_on_deadline(struct gyre_loop *l, struct gyre_deadline_hook *h)
{
    own(l);
    l->deadline_hook = h;
    l->announced = gyre_loop_deadline(l);
}

void gyre_loop_deadline_moved(struct gyre_loop *l)
{
    gyre_time deadline = gyre_loop_deadline(l);

    if (deadline == l->announced)
        return;
    l->announced = deadline;
    l->deadline_hook->changed(l->deadline_hook, deadline);
}

/* ---- what it has ---- */

void gyre_loop_set_data(struct gyre_loop *l, void *data)
{
    own(l);
    l->data = data;
}

void *gyre_loop_data(const struct gyre_loop *l)
{
    own(l);
    return l->data;
}

struct gyre_allocator *gyre_loop_allocator(const struct gyre_loop *l)
{
    return l->allocator;
}

bool gyre_loop_simulated(const struct gyre_loop *l)
{
    return l->poller->ops->simulated;
}
