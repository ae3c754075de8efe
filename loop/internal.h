/*
 * internal.h - what the files in loop/ share, and nobody else may include.
 */
#ifndef GYRE_LOOP_INTERNAL_H
#define GYRE_LOOP_INTERNAL_H

#include <assert.h>
#include <stdatomic.h>
#include <stddef.h>

#include "timers/timers.h"
#include "loop/allocator.h"
#include "loop/fork.h"
#include "loop/job.h"
#include "loop/list.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/poller.h"
#include "loop/probe.h"
#include "loop/random.h"
#include "loop/ready.h"
#include "loop/signal.h"
#include "loop/watch.h"

#define EVENTS_PER_POLL 256
#define JOBS_PER_ROUND  61 /* then the poller is asked again */
#define EXTENSIONS      64 /* of a round, at most */
#define YOUNG           (50 * GYRE_MICROSECOND) /* may be extended */

/*
 * Who watches a descriptor.  An event carries the generation its registration
 * had, so that one meant for a watch that was stopped or replaced meanwhile,
 * or for another file under the same number, is told by the mismatch.
 */
struct slot {
    struct gyre_watch *watch; /* NULL if none is started */
    uint32_t generation;      /* of the latest registration */
    uint32_t lost;            /* of the latest that could not be withdrawn, and
                                 may go on reporting; 0 if there is none */
};

/* Descriptors whose watches are always ready: see always.c. */
struct always {
    int *fds; /* in the order in which they are called */
    size_t n;
    size_t size;      /* there is room for */
    size_t next, end; /* while they are called */
};

/* Where the signal handler finds a loop: see signal.c. */
struct desk {
    _Atomic(struct desk *) next;
    atomic_ullong wants; /* bit n - 1: signal n; 0: not in the list */
    uint64_t lasting;    /* of these, those wanted more than once */
};

/* What every job looks at comes first, in two cache lines. */
struct gyre_loop {
    struct gyre_ready ready;
    int extensions; /* times a round may be let go on */
    bool running;   /* in a run or a round, by `thread` */
    bool stopping;
    struct gyre_list *passing;  /* where what is to run next goes, while a job
                                   runs; or NULL */
    const char *thread;         /* its gyre_thread_mark */
    struct gyre_probes *probes; /* the first, or NULL */
    struct gyre_deadline_hook *deadline_hook;
    gyre_time now; /* as of the latest poll */
    uint64_t seed; /* passes are shuffled; 0: they are not */
    struct gyre_loop_stats stats;

    struct gyre_poller *poller; /* the mailbox's to free */
    struct gyre_mailbox *mailbox;
    struct gyre_allocator *allocator; /* NULL for libc's */
    struct gyre_list left; /* in the pass, while the job of a step runs */
    int stepped;           /* jobs run by steps since the latest poll */
    unsigned forks;        /* gyre_forks, when it was made */
    uint64_t random;       /* where the numbers of `seed` have come to */

    size_t watching; /* watches in the foreground */
    size_t holds;

    struct slot *slots; /* by descriptor */
    size_t nslots;
    struct always always;
    struct gyre_list signals; /* gyre_signal.link */
    struct gyre_post caught;  /* posted by the signal handler */
    struct desk desk;

    struct gyre_timer_visitor timer_probe; /* hands on to `probes` */
    struct gyre_failure_hook *failure;     /* or NULL */
    gyre_time announced;                   /* the deadline its owner knows */
    void *data;                            /* the user's */

    struct gyre_timers timers;
    struct gyre_poll_event events[EVENTS_PER_POLL];
};

/* Assert that a running loop is called on its own thread. */
static inline void own(const struct gyre_loop *l)
{
    assert(!l->running || l->thread == &gyre_thread_mark);
    (void)l;
}

static_assert(offsetof(struct gyre_loop, ready) == 0, "as ready.h has it");

/* Is a job started? */
static inline bool has_jobs(const struct gyre_loop *l)
{
    return !gyre_list_empty(&l->ready.next) ||
           !gyre_list_empty(&l->ready.pass) || !gyre_list_empty(&l->left);
}

/* Is it the parent's, and this the child of a fork? */
static inline bool inherited(const struct gyre_loop *l)
{
    return l->forks != gyre_forks;
}

/* The deadline may have moved: tell the embedder, if there is one to tell. */
void gyre_loop_deadline_moved(struct gyre_loop *l);

static inline void moved(struct gyre_loop *l)
{
    if (l->deadline_hook != NULL && !l->running)
        gyre_loop_deadline_moved(l);
}

/*
 * Is this its own thread, and nobody to be told of what is started, or that the
 * deadline moved?  What does the rest is out of line, so that most starts need
 * no frame; and it returns the loop, for if it were called last, a probe that
 * asks for a backtrace would not find who started what in it.
 */
static inline bool is_quiet(const struct gyre_loop *l)
{
    return l->ready.quiet == &gyre_thread_mark ||
           (!l->running && l->probes == NULL && l->deadline_hook == NULL);
}

/* It runs, or no longer; or somebody looks on, or nobody does any more. */
static inline void hush(struct gyre_loop *l)
{
    bool quiet = l->running && l->probes == NULL && l->seed == 0;

    l->ready.quiet = quiet ? l->thread : NULL;
}

/* probe.c: call the probes of this name of each table.  There are some. */
void gyre_probe_job_started(struct gyre_loop *l, struct gyre_job *j);
void gyre_probe_job_runs(struct gyre_loop *l, struct gyre_job *j);
void gyre_probe_poll_begins(struct gyre_loop *l, gyre_time until);
void gyre_probe_poll_ended(struct gyre_loop *l, int n);
void gyre_probe_post_runs(struct gyre_loop *l, struct gyre_post *post);
void gyre_probe_signal_runs(struct gyre_loop *l, struct gyre_signal *s,
                            unsigned times);
void gyre_probe_watch_runs(struct gyre_loop *l, struct gyre_watch *w,
                           unsigned events);
void gyre_probe_started(struct gyre_loop *l, const void *object);
void gyre_probe_printed(struct gyre_loop *l, const void *object, int fd);
void gyre_probe_run_ended(struct gyre_loop *l);

/* job.c: run the jobs of one round, or one job of it: false if that has no
   more.  Leave all that are started idle. */
void gyre_jobs_run(struct gyre_loop *l);
bool gyre_jobs_step(struct gyre_loop *l);
void gyre_jobs_drop(struct gyre_loop *l);

/* random.c: bring them into another order. */
void gyre_jobs_shuffle(struct gyre_loop *l, struct gyre_list *jobs);

/* mailbox.c: make one, asleep, that owns `p` from then on. */
int gyre_mailbox_new(struct gyre_mailbox **out, struct gyre_poller *p);

/* Deliver what was posted so far, and let nothing more in. */
void gyre_mailbox_close(struct gyre_loop *l);

/* In the child of a fork: deliver nothing, let nothing in, and free the poller
   whoever may hold on to the mailbox. */
void gyre_mailbox_forget(struct gyre_mailbox *m);

/* From now on a post wakes the poller; from now on none need.  The first says
   if there is no post yet: else do not wait. */
bool gyre_mailbox_sleep(struct gyre_mailbox *m);
void gyre_mailbox_awake(struct gyre_mailbox *m);

/* Is it so?  Any thread. */
bool gyre_mailbox_asleep(const struct gyre_mailbox *m);

/* Deliver what was posted so far. */
void gyre_posts_run(struct gyre_loop *l);

/* always.c: the watch of `fd`, which cannot be polled, is always ready from now
   on, if it is not already: 0 or -ENOMEM.  And no longer; in O(of these).  Call
   all; free the list. */
int gyre_always_add(struct gyre_loop *l, int fd);
void gyre_always_remove(struct gyre_loop *l, int fd);
void gyre_always_run(struct gyre_loop *l);
void gyre_always_drop(struct gyre_loop *l);

/* watch.c: tell `w`, which is started, of what it asked for among `events`. */
void gyre_watch_call(struct gyre_loop *l, struct gyre_watch *w,
                     unsigned events);

/* watch.c: deliver `n` events in hand, and call what is always ready. */
void gyre_watches_run(struct gyre_loop *l, int n);
void gyre_watches_walk(struct gyre_loop *l, struct gyre_loop_visitor *v);

/* Leave all watches idle, and free the table. */
void gyre_watches_drop(struct gyre_loop *l);

/* signal.c: leave all signals idle; let go of what the loop has with the
   process's handlers, in the child of a fork, touching nothing of the loop. */
void gyre_signals_drop(struct gyre_loop *l);
void gyre_signals_forget(struct gyre_loop *l);

/* Is `p` the post by which signals come?  It is no user's. */
static inline bool is_for_signals(const struct gyre_loop *l,
                                  const struct gyre_post *p)
{
    return p == &l->caught;
}

#endif
