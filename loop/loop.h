/*
 * loop.h - the event loop.
 *
 * A loop calls functions back: jobs that are ready to run (loop/job.h), watches
 * whose descriptor is ready (loop/watch.h), timers that are due (loop/timer.h),
 * posts from other threads (loop/mailbox.h) and signals (loop/signal.h).  All
 * are structs in the caller's storage, and once they are stopped the loop holds
 * no pointer to them.  It knows nothing of what their functions do; tasks, one
 * floor up, are to it just more jobs.
 *
 * A loop belongs to the thread that runs it, or embeds it.  While it runs, the
 * calls that start, stop or read what is in it assert that they come from that
 * thread.  Only calls whose comment says so may come from another thread.
 *
 * A pass runs the jobs that were ready at its start; passes go on without
 * polling until 61 jobs have run (more, while the last poll is less than 50 us
 * ago, within reason) or none is ready.  Then the loop polls, waiting no longer
 * than it may, and runs the posts, the watches and the timers that are due, in
 * this order.  So no kind of callback can keep the others from running.
 */
#ifndef GYRE_LOOP_LOOP_H
#define GYRE_LOOP_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "timers/time.h"
#include "loop/allocator.h"

struct gyre_loop;
struct gyre_poller;

/* How to make a loop; a zeroed one gives the defaults. */
struct gyre_loop_options {
    struct gyre_poller *poller;       /* NULL: the system's; the loop's from
                                         then on, if it is made */
    struct gyre_allocator *allocator; /* NULL: libc's */
    uint64_t seed;                    /* 0: jobs run in order; else in one of
                                         the seed's (loop/random.h) */
};

/*
 * Told when gyre_loop_deadline changes behind an embedder's back, in the middle
 * of the call that changes it: so it notes the time, or sets an alarm of its
 * own, and does nothing with the loop.
 */
struct gyre_deadline_hook {
    void (*changed)(struct gyre_deadline_hook *h, gyre_time deadline);
};

#pragma GCC visibility push(default)

/*
 * Make a loop; `options` may be NULL.  The caller frees it.  -ENOMEM, or as
 * gyre_poller_new.
 */
int gyre_loop_new(struct gyre_loop **out);
int gyre_loop_new_with(struct gyre_loop **out,
                       const struct gyre_loop_options *options);

/*
 * Free a loop, which must not be running.  Posts, and signals, not yet
 * delivered are delivered first; whatever is still started is idle from then
 * on, as if it had been stopped, and not touched again.  The poller's own
 * descriptors stay open until the last holder lets go of the loop's mailbox.
 * NULL is left alone.
 *
 * With GYRE_DEBUG=1 in the environment it writes what was still started to
 * standard error, as gyre_loop_print does: to find what was forgotten.
 */
void gyre_loop_free(struct gyre_loop *l);

/*
 * Let go, in the child of a fork, of a loop that the parent goes on with, be it
 * in whichever thread; before the child makes a loop of its own.  The loop's
 * descriptors are closed in the child, but nothing is delivered, and no
 * registration is touched, as those are shared.  Its memory is freed, and what
 * is started idle, unless another thread ran the loop: that may have been
 * changing it.  A child must not return into it if a callback forked; what else
 * it does with such a loop is in vain (gyre_loop_inherited).  One that only
 * execs need not do even this.  NULL is left alone.
 */
void gyre_loop_forget(struct gyre_loop *l);

/*
 * Run callbacks until nothing is awaited any more or gyre_loop_stop is called.
 * Returns 0, or the error that stopped the poller, at the end of the round:
 * under simulation -EDEADLK if what is awaited can never happen.  May be called
 * again.
 */
int gyre_loop_run(struct gyre_loop *l);

/*
 * One round: run the jobs that are ready, poll, and run what is due.  The poll
 * waits no later than `until`, and not at all if nothing is awaited: GYRE_NOW
 * never waits, GYRE_FOREVER waits as gyre_loop_run does.  Returns as that does.
 */
int gyre_loop_once(struct gyre_loop *l, gyre_time until);

/*
 * One step: run the next job of a round, and no other; or, if that has no more,
 * the rest of it from the poll on, with `until` as in gyre_loop_once.  It is
 * for looking at the loop in between.  Under simulation steps do the same as
 * gyre_loop_run in the same order, be it a seed's (loop/random.h): so what goes
 * wrong in a run can be looked at step by step.  But gyre_loop_stop has a run
 * finish its round, and the next step takes no notice of it: who steps asks
 * gyre_loop_stopped.
 */
int gyre_loop_step(struct gyre_loop *l, gyre_time until);

/* Return from gyre_loop_run at the end of this round, which begins no further
   pass and does not wait.  Before a run it has no effect. */
void gyre_loop_stop(struct gyre_loop *l);

/* Did gyre_loop_stop end the latest run, or is it about to end this one? */
bool gyre_loop_stopped(const struct gyre_loop *l);

/*
 * True if there is something to wait for: a job, a watch or a timer that is not
 * in the background, a hold.  When it is false gyre_loop_run returns.
 */
bool gyre_loop_alive(const struct gyre_loop *l);

/*
 * Keep the loop alive for something outside that will be posted: a thread's
 * answer, say.  Holds count; each is released once.  Under simulation time
 * stands still while a hold is out.
 */
void gyre_loop_hold(struct gyre_loop *l);
void gyre_loop_release(struct gyre_loop *l);

/*
 * Count `more` (which may be negative) waits for what the loop cannot count
 * itself: descriptors whose watch is in the background, threads.  They keep the
 * loop alive as a watch in the foreground does.
 */
void gyre_loop_awaits(struct gyre_loop *l, int more);

/*
 * In the child of a fork: is `l` the parent's?  Then what would touch what is
 * shared with it fails, and does nothing: -ECANCELED of running the loop, of
 * its descriptor, and of starting a watch or a signal; -EPIPE of posts.  To
 * free it is to forget it.
 */
bool gyre_loop_inherited(const struct gyre_loop *l);

/* The time as of the latest poll: what callbacks should take for "now". */
gyre_time gyre_loop_now(const struct gyre_loop *l);

/* Where it is kept, for code that reads it very often.  Valid as long as
   `l`. */
const gyre_time *gyre_loop_clock(const struct gyre_loop *l);

/* The time `span` from now, read afresh; saturates at GYRE_FOREVER. */
gyre_time gyre_loop_in(struct gyre_loop *l, gyre_time span);

/* ---- embedding in another loop ---- */

/*
 * The other loop watches gyre_loop_fd for reading, and waits no longer than to
 * gyre_loop_deadline, rounded up: a call that comes too early finds nothing to
 * do.  When the descriptor is readable or the deadline has come, it calls
 * gyre_loop_once with GYRE_NOW.  It asks for the deadline anew before each
 * wait; or, if it cannot do that and sets a timer instead, after each round,
 * and with a hook for what its own callbacks start in between.  What is started
 * counts at once, without a round.  For callbacks alone: tasks are in a run,
 * which has its loop to itself.
 */

/*
 * A descriptor that polls readable when gyre_loop_once has events to deliver;
 * the loop's own, not to be closed.  -ENOTSUP under simulation, or as
 * epoll_create.
 */
int gyre_loop_fd(const struct gyre_loop *l);

/*
 * When gyre_loop_once should be called at the latest: GYRE_NOW while jobs are
 * ready, GYRE_FOREVER if only a descriptor can make it worth while.  May be
 * earlier than the next timer, never later.
 */
gyre_time gyre_loop_deadline(const struct gyre_loop *l);

/* Call `h` when the deadline moves outside of a run or round; NULL to stop. */
void gyre_loop_on_deadline(struct gyre_loop *l, struct gyre_deadline_hook *h);

/* ---- what it has ---- */

/* A pointer of the user's own, NULL at first; the loop never looks at it. */
void gyre_loop_set_data(struct gyre_loop *l, void *data);
void *gyre_loop_data(const struct gyre_loop *l);

/* The allocator the loop was made with, or NULL. */
struct gyre_allocator *gyre_loop_allocator(const struct gyre_loop *l);

/* True if the loop runs on a simulated poller. */
bool gyre_loop_simulated(const struct gyre_loop *l);

#pragma GCC visibility pop

#endif
