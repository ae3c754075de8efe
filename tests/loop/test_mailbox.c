/*
 * test_mailbox.c - the claims of mailbox.h that one thread can show.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "tests/loop/stage.h"

TestSuite(mailbox, .init = open_simulated, .fini = close_stage);

Test(mailbox, posts_run_once_and_in_order)
{
    start_post(&b);
    start_post(&a);
    start_post(&c);
    cr_expect_str_eq(turn(), "bac");
    cr_expect_str_eq(turn(), "");
}

Test(mailbox, a_post_that_waits_already_is_not_queued_twice)
{
    struct gyre_mailbox *m = gyre_loop_mailbox(loop);

    start_post(&a);
    start_post(&b);
    cr_expect_eq(gyre_post(m, &a.post), -EBUSY);
    cr_expect_str_eq(turn(), "ab");
    start_post(&a);
    cr_expect_str_eq(turn(), "a");
}

static void post_again(struct actor *x)
{
    if (--x->left > 0)
        start_post(x);
}

static void free_self(struct actor *x)
{
    free(x);
}

Test(mailbox, it_is_the_posters_again_when_it_runs)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    x->act = free_self;
    a.act = post_again;
    a.left = 3;
    start_post(&a);
    start_post(x);
    cr_expect_str_eq(turn(), "ax");
    cr_expect_str_eq(turn(), "a", "posted anew, it waits for the next round");
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "");
}

Test(mailbox, posts_do_not_keep_the_loop_alive)
{
    start_post(&a);
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_str_eq(run(), "");
    start_job(&b);
    cr_expect_str_eq(run(), "ba");
}

Test(mailbox, it_outlives_its_loop_and_then_refuses)
{
    struct gyre_mailbox *m = gyre_mailbox_hold(gyre_loop_mailbox(loop));

    cr_expect_eq(gyre_mailbox_hold(m), m);
    gyre_mailbox_release(m);
    start_post(&a);
    close_stage();
    cr_expect_str_eq(heard(), "a", "what was accepted is delivered");
    cr_expect_eq(gyre_post(m, &a.post), -EPIPE);
    cr_expect_eq(gyre_post(m, &b.post), -EPIPE);
    gyre_mailbox_release(m);

    open_simulated();
    start_post(&b);
    cr_expect_str_eq(turn(), "b");
}

/* A refused post is the caller's, who may post it elsewhere. */
Test(mailbox, a_refused_post_may_be_posted_elsewhere)
{
    struct gyre_mailbox *m = gyre_mailbox_hold(gyre_loop_mailbox(loop));
    struct gyre_loop *first = loop;
    struct actor x = new_actor('x');

    open_simulated();
    gyre_loop_free(first);
    cr_expect_eq(gyre_post(m, &x.post), -EPIPE);
    start_post(&x);
    cr_expect_str_eq(turn(), "x");
    gyre_mailbox_release(m);
}

static void post_on_signal(int number)
{
    int kept = errno;

    (void)number;
    errno = EDOM;
    gyre_post(gyre_loop_mailbox(loop), &a.post);
    if (errno != EDOM)
        say('!');
    errno = kept;
}

static void raise_signal(struct actor *x)
{
    (void)x;
    raise(SIGUSR1);
}

static void *raise_again(void *arg)
{
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

static void release(struct actor *x)
{
    (void)x;
    gyre_loop_release(loop);
}

Test(mailbox, a_signal_handler_may_post)
{
    struct sigaction action = {.sa_handler = post_on_signal};
    pthread_t self = pthread_self(), thread;

    sigaction(SIGUSR1, &action, NULL);
    b.act = raise_signal;
    start_job(&b);
    cr_expect_str_eq(run(), "ba", "while the loop runs");

    close_stage();
    open_real();
    a.act = release;
    for (int i = 0; i < 50; i++) {
        gyre_loop_hold(loop);
        pthread_create(&thread, NULL, raise_again, &self);
        cr_expect_str_eq(run(), "a", "while it waits");
        pthread_join(thread, NULL);
    }
}

/* A poller like the one it was made with, but for counting its wakes. */
static struct counting {
    struct gyre_poller base;
    struct gyre_poller_ops ops;
    struct gyre_poller *inner;
    int wakes;
} counting;

static int count_set(struct gyre_poller *p, int fd, uint64_t tag, unsigned from,
                     unsigned to)
{
    (void)p;
    return counting.inner->ops->set(counting.inner, fd, tag, from, to);
}

/* As if others had posted, just when the loop was about to wait. */
static int posts_while_waiting;

static int count_wait(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                      gyre_time until)
{
    static struct actor crowd[100];

    (void)p;
    for (int i = 0; i < posts_while_waiting; i++) {
        crowd[i] = new_actor('.');
        start_post(&crowd[i]);
    }
    return counting.inner->ops->wait(counting.inner, ev, n, until);
}

static void count_wake(struct gyre_poller *p)
{
    (void)p;
    counting.wakes++;
    counting.inner->ops->wake(counting.inner);
}

static gyre_time count_now(struct gyre_poller *p)
{
    (void)p;
    return counting.inner->ops->now(counting.inner);
}

static void count_free(struct gyre_poller *p)
{
    (void)p;
    counting.inner->ops->free(counting.inner);
}

static void open_counting(void)
{
    struct gyre_loop_options options = {.poller = &counting.base};

    close_stage();
    cr_assert_eq(gyre_sim_new(&sim), 0);
    counting.inner = gyre_sim_poller(sim);
    counting.ops = (struct gyre_poller_ops){.name = "counting",
                                            .simulated = true,
                                            .set = count_set,
                                            .wait = count_wait,
                                            .wake = count_wake,
                                            .now = count_now,
                                            .free = count_free};
    counting.base.ops = &counting.ops;
    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
}

static void post_crowd(struct actor *x)
{
    struct actor *crowd[] = {&b, &c, &d};

    (void)x;
    for (int i = 0; i < 3; i++)
        start_post(crowd[i]);
}

Test(mailbox, a_loop_that_is_awake_is_not_woken)
{
    open_counting();
    a.act = post_crowd;
    start_job(&a);
    cr_expect_str_eq(run(), "abcd");
    cr_expect_eq(counting.wakes, 0);
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(counting.wakes, 1, "but for posts left when the round ended");
}

Test(mailbox, a_loop_that_sleeps_is_woken_once)
{
    open_counting();
    start_timer(&a, gyre_loop_in(loop, GYRE_SECOND));
    posts_while_waiting = 100;
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_eq(strlen(heard()), 100);
    cr_expect_eq(counting.wakes, 1);
    posts_while_waiting = 0;
    cr_expect_str_eq(run(), "a");
    cr_expect_eq(counting.wakes, 1);
}

/* It does not wait then, and will hear of all that comes. */
Test(mailbox, a_loop_that_polls_with_posts_in_hand_is_not_woken)
{
    struct actor x = new_actor('x');

    open_counting();
    a.act = post_crowd;
    start_job(&a);
    start_timer(&x, gyre_loop_in(loop, GYRE_SECOND));
    posts_while_waiting = 2;
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "abcd..");
    cr_expect_eq(counting.wakes, 0);
    posts_while_waiting = 0;
    cr_expect_str_eq(run(), "x");
}

/* The post of a signal handler, which nobody held the loop for. */
Test(mailbox, a_post_at_the_last_moment_is_no_deadlock)
{
    open_counting();
    gyre_loop_awaits(loop, 1);
    posts_while_waiting = 1;
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), ".");
    posts_while_waiting = 0;
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), -EDEADLK);
}
