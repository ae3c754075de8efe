/*
 * test_calls_loop.c - a loop whose system calls fail one after the other: the
 * claims of loop.h, watch.h, and poller.h about that.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/signal.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "tests/loop/pollers.h"
#include "tests/support/failing.h"

/* One of each, started in a loop of its own. */
struct party {
    struct gyre_loop *loop;
    struct gyre_watch watch;
    struct gyre_timer timer;
    struct gyre_post post;
    struct gyre_signal signal;
    int ends[2]; /* of a pipe */
    int called;
};

enum { ALL = 1 << 4 };

#define MOMENT (GYRE_MILLISECOND / 10)

/* All have been called, at last; or the time is over. */
static void enter(struct party *p, int who)
{
    p->called |= who;
    if (p->called == ALL - 1)
        gyre_loop_stop(p->loop);
}

static void readable(struct gyre_watch *w, unsigned events)
{
    struct party *p = GYRE_OWNER(w, struct party, watch);

    (void)events;
    gyre_watch_stop(p->loop, w);
    enter(p, 1);
}

/* Nothing else may keep the loop until the signal comes: a watch that is always
   ready is over before. */
static void fired(struct gyre_timer *t)
{
    struct party *p = GYRE_OWNER(t, struct party, timer);

    if (!(p->called & 8))
        gyre_timer_start(p->loop, t, gyre_loop_in(p->loop, MOMENT));
    enter(p, 2);
}

static void posted(struct gyre_post *post)
{
    struct party *p = GYRE_OWNER(post, struct party, post);

    raise(SIGUSR1);
    enter(p, 4);
}

static void caught(struct gyre_signal *s, unsigned times)
{
    struct party *p = GYRE_OWNER(s, struct party, signal);

    (void)times;
    if (write(p->ends[1], "hello", 5) == 5)
        enter(p, 8);
}

static int start(struct party *p)
{
    int err = gyre_watch_start(p->loop, &p->watch, p->ends[0], GYRE_READ);

    if (err == 0)
        err = gyre_signal_start(p->loop, &p->signal, SIGUSR1);
    if (err == 0)
        err = gyre_post(gyre_loop_mailbox(p->loop), &p->post);
    if (err == 0)
        gyre_timer_start(p->loop, &p->timer, gyre_loop_in(p->loop, MOMENT));
    return err;
}

/* Runs until all were called. */
static int run(struct party *p)
{
    int err = start(p);

    if (err == 0)
        err = gyre_loop_run(p->loop);
    if (err == 0 && p->called != ALL - 1)
        err = -ETIME;
    gyre_watch_stop(p->loop, &p->watch);
    gyre_signal_stop(p->loop, &p->signal);
    gyre_timer_stop(p->loop, &p->timer);
    return err;
}

static const struct poller_kind *kind;
static int pipe_ends[2];

static int play(void)
{
    struct gyre_loop_options o = {0};
    struct party p = {.watch.ready = readable,
                      .timer.fire = fired,
                      .post.run = posted,
                      .signal.caught = caught,
                      .ends = {pipe_ends[0], pipe_ends[1]}};
    int err = kind->make(&o.poller);

    if (err)
        return err;
    err = gyre_loop_new_with(&p.loop, &o);
    if (err) {
        o.poller->ops->free(o.poller);
        return err;
    }
    err = run(&p);
    gyre_loop_free(p.loop);
    drain(pipe_ends[0]);
    return err;
}

/* Each is told of, but that a wait was interrupted, which is nobody's
   business; EPERM is for what is always ready; and of each of two it is said
   that the other would have been right. */
static struct promise promised(enum call c, int err)
{
    if (err == EINTR)
        return (struct promise){.hidden = true};
    if (c == CALL_EPOLL_CTL && err == EPERM)
        return (struct promise){.error = -EPERM, .hidden = true};
    if (c == CALL_EPOLL_CTL && (err == EEXIST || err == ENOENT))
        return (struct promise){.error = -EEXIST, .other = -ENOENT};
    if (c == CALL_KEVENT && err == EINVAL)
        return (struct promise){.error = -EINVAL};
    return (struct promise){.error = -err};
}

static const struct scenario party = {play, promised};

static int fail(enum call c, int most)
{
    int sum = 0;

    open_pipe(pipe_ends);
    for (size_t i = 0; i < n_poller_kinds; i++) {
        int failed;

        kind = &poller_kinds[i];
        failed = fails_cleanly_but_up_to(&party, c, most);
        cr_expect_geq(failed, 0, "on %s", kind->name);
        sum += failed;
    }
    close_pair(pipe_ends);
    return sum;
}

/* Without the newest call there is another way to wait. */
Test(calls_loop, a_poller_is_made_whole_or_not_at_all)
{
    int epoll = fail(CALL_EPOLL_CREATE, 0), kqueue = fail(CALL_KQUEUE, 0);
    int bell = fail(CALL_EVENTFD, 0), pipe = fail(CALL_PIPE, 0);

    cr_expect_geq(epoll + kqueue, 3);
    cr_expect_geq(bell + pipe, 5);
    cr_expect_geq(fail(CALL_TIMERFD_CREATE, 0) + kqueue, 3);
}

Test(calls_loop, what_cannot_be_watched_is_told_of)
{
    cr_expect_geq(fail(CALL_EPOLL_CTL, 1) + fail(CALL_KEVENT, 1), 2 * 8);
}

Test(calls_loop, a_wait_that_fails_ends_the_run_but_not_if_interrupted)
{
    int kqueue = fail(CALL_KEVENT_WAIT, 0);

    cr_expect_geq(fail(CALL_EPOLL_WAIT, 1) + kqueue, 2 * 4);
    cr_expect_geq(fail(CALL_TIMERFD_SETTIME, 0) + kqueue, 4);
}
