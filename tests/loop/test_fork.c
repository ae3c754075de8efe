/*
 * test_fork.c - the claims of loop.h: what is left to the child of a fork.
 *
 * The child says nothing to Criterion; it exits with the number of the first
 * thing that was wrong.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/loop/pollers.h"
#include "tests/loop/stage.h"
#include "tests/support/forked.h"

TestSuite(fork, .init = open_real, .fini = close_stage);

static int pair[2];
static struct gyre_mailbox *mailbox;

/* A loop of the child's own, on the same descriptor. */
static int use_another(void)
{
    if (gyre_loop_new(&loop) != 0)
        return 5;
    b.act = NULL;
    b.watch.background = true;
    if (gyre_watch_start(loop, &b.watch, pair[0], GYRE_READ) != 0)
        return 6;
    heard();
    if (gyre_loop_once(loop, GYRE_NOW) != 0 || *heard() != 'b')
        return 7;
    gyre_loop_free(loop);
    return 0;
}

static int be_the_child(void)
{
    struct sigaction action;
    int fd = gyre_loop_fd(loop);

    heard();
    gyre_loop_forget(loop);
    if (*heard() != '\0')
        return 1;
    if (close(fd) == 0)
        return 2;
    sigaction(SIGUSR1, NULL, &action);
    if (action.sa_handler != SIG_DFL)
        return 3;
    if (gyre_post(mailbox, &c.post) != -EPIPE)
        return 4;
    gyre_mailbox_release(mailbox);
    return use_another();
}

static void fork_and_wait(struct actor *x)
{
    (void)x;
    fork_and_expect(be_the_child);
}

static void set_up(void)
{
    open_unix(pair);
    put(pair[1], "x");
    mailbox = gyre_mailbox_hold(gyre_loop_mailbox(loop));
    start_watch(&a, pair[0], GYRE_READ);
    start_signal(&a, SIGUSR1);
    gyre_loop_fd(loop);
}

static void clean_up(void)
{
    gyre_watch_stop(loop, &a.watch);
    gyre_mailbox_release(mailbox);
    close_pair(pair);
}

Test(fork, a_loop_forgotten_by_the_child_goes_on_in_the_parent)
{
    set_up();
    start_post(&d);
    fork_and_wait(NULL);
    cr_expect_str_eq(turn(), "da");
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "aa");
    clean_up();
}

Test(fork, a_callback_may_fork)
{
    set_up();
    b.act = fork_and_wait;
    start_job(&b);
    cr_expect_str_eq(turn(), "ba");
    clean_up();
}

/* ---- what the child cannot do ---- */

/* The number of the first call that does not say what it should, or 0. */
static int do_in_vain(void)
{
    static struct gyre_signal s;

    if (!gyre_loop_inherited(loop))
        return 1;
    b.watch.ready = a.watch.ready;
    if (gyre_watch_start(loop, &b.watch, pair[1], GYRE_READ) != -ECANCELED)
        return 2;
    if (gyre_watch_start(loop, &a.watch, pair[0], GYRE_WRITE) != -ECANCELED)
        return 3;
    if (gyre_signal_start(loop, &s, SIGUSR2) != -ECANCELED)
        return 4;
    if (gyre_loop_fd(loop) != -ECANCELED)
        return 5;
    if (gyre_post(mailbox, &c.post) != -EPIPE)
        return 6;
    gyre_watch_stop(loop, &a.watch);
    return 0;
}

/* Outside of a run. */
static int run_in_vain(void)
{
    int wrong = do_in_vain();

    if (wrong)
        return wrong;
    if (gyre_loop_run(loop) != -ECANCELED ||
        gyre_loop_once(loop, GYRE_NOW) != -ECANCELED ||
        gyre_loop_step(loop, GYRE_NOW) != -ECANCELED)
        return 10;
    gyre_loop_free(loop);
    gyre_mailbox_release(mailbox);
    return use_another();
}

static void fork_in_vain(struct actor *x)
{
    (void)x;
    fork_and_expect(do_in_vain);
}

Test(fork, the_child_cannot_touch_what_it_shares_with_the_parent)
{
    set_up();
    fork_and_expect(run_in_vain);
    cr_expect(!gyre_loop_inherited(loop));
    cr_expect_str_eq(turn(), "a");
    b.act = fork_in_vain;
    start_job(&b);
    cr_expect_str_eq(turn(), "ba");
    clean_up();
}

static void *fork_elsewhere(void *arg)
{
    fork_and_wait(NULL);
    gyre_post(mailbox, &c.post);
    return arg;
}

/* An allocator in the middle of whose work another thread forks. */
static void *fork_in_the_middle(struct gyre_allocator *al, void *p, size_t old,
                                size_t size)
{
    void *moved = gyre_resize(NULL, p, old, size);
    pthread_t thread;

    (void)al;
    if (old == 0 || size == 0)
        return moved;
    pthread_create(&thread, NULL, fork_elsewhere, NULL);
    pthread_join(thread, NULL);
    return moved;
}

static void watch_a_high_number(struct actor *x)
{
    int high = dup2(pair[0], 900);

    start_watch(x, high, GYRE_READ);
    gyre_watch_stop(loop, &x->watch);
    close(high);
}

Test(fork, another_thread_may_fork_while_the_loop_changes)
{
    static struct gyre_allocator allocator = {.resize = fork_in_the_middle};
    struct gyre_loop_options options = {.allocator = &allocator};

    close_stage();
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    set_up();
    d.act = watch_a_high_number;
    start_job(&d);
    cr_expect_str_eq(turn(), "dca");
    clean_up();
}

static void release(struct actor *x)
{
    (void)x;
    gyre_loop_release(loop);
}

Test(fork, another_thread_may_fork_while_the_loop_runs)
{
    pthread_t thread;

    set_up();
    c.act = release;
    a.watch.background = true;
    start_watch(&a, pair[0], GYRE_READ | GYRE_EDGE);
    gyre_loop_hold(loop);
    pthread_create(&thread, NULL, fork_elsewhere, NULL);
    cr_expect_eq(*run(), 'a');
    pthread_join(thread, NULL);
    clean_up();
}

/* ---- what it can do afresh ---- */

static void stop_waiting(struct actor *x)
{
    (void)x;
    gyre_loop_release(loop);
}

/* A loop of the child's own, in place of the parent's. */
static int begin_afresh(void)
{
    gyre_loop_forget(loop);
    a.act = b.act = stop_waiting;
    return gyre_loop_new(&loop) == 0 ? 0 : 1;
}

static int run_to_a_timer(void)
{
    if (begin_afresh() != 0)
        return 1;
    gyre_loop_hold(loop);
    gyre_timer_start(loop, &b.timer, gyre_loop_in(loop, GYRE_MILLISECOND));
    if (gyre_loop_run(loop) != 0 || strcmp(heard(), "b") != 0)
        return 2;
    gyre_loop_free(loop);
    return 0;
}

Test(fork, the_child_may_run_a_loop_of_its_own_to_its_timers)
{
    start_timer(&a, gyre_loop_in(loop, GYRE_MILLISECOND));
    fork_and_expect(run_to_a_timer);
    cr_expect_str_eq(run(), "a");
}

static int catch_a_signal(void)
{
    if (begin_afresh() != 0)
        return 1;
    gyre_loop_hold(loop);
    if (gyre_signal_start(loop, &b.signal, SIGUSR1) != 0)
        return 2;
    raise(SIGUSR1);
    if (gyre_loop_run(loop) != 0 || strcmp(heard(), "b") != 0)
        return 3;
    gyre_loop_free(loop);
    return 0;
}

Test(fork, the_child_may_catch_signals_of_its_own)
{
    start_signal(&a, SIGUSR1);
    fork_and_expect(catch_a_signal);
    cr_expect_str_eq(turn(), "", "it was not ours");
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "a");
}

/* Guards against a handler that tells the parent, by what is shared with it, of
   a signal to the child. */
static int be_sent_a_signal(void)
{
    raise(SIGUSR1);
    gyre_loop_forget(loop);
    return 0;
}

Test(fork, a_signal_to_the_child_is_none_to_the_parent)
{
    start_signal(&a, SIGUSR1);
    fork_and_expect(be_sent_a_signal);
    cr_expect_str_eq(turn(), "");
}
