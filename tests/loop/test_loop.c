/*
 * test_loop.c - the claims of loop.h: what a run waits for, and how it ends.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "tests/loop/stage.h"

TestSuite(loop, .init = open_simulated, .fini = close_stage);

Test(loop, a_new_loop_awaits_nothing)
{
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    cr_expect_eq(gyre_loop_run(loop), 0);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
}

/* On the system too, where to wait for nothing is to hang. */
Test(loop, a_run_ends_when_nothing_is_awaited_any_more)
{
    start_job(&a);
    cr_expect_str_eq(run(), "a");
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(run(), "a");
    close_stage();

    open_real();
    start_job(&a);
    cr_expect_str_eq(run(), "a");
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(run(), "a");
}

Test(loop, what_is_in_the_background_does_not_keep_it_alive)
{
    int null = gyre_sim_open(sim);

    a.watch.background = true;
    b.timer.background = true;
    start_watch(&a, null, GYRE_READ);
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_str_eq(run(), "");

    start_timer(&c, gyre_loop_in(loop, 2 * GYRE_SECOND));
    cr_expect(gyre_loop_alive(loop));
    cr_expect_str_eq(run(), "bc", "but it is served by the way");
}

Test(loop, background_is_read_when_a_watch_is_started)
{
    int fd = gyre_sim_open(sim);

    for (int i = 0; i < 8; i++) {
        bool first = i & 1, second = i & 2, change = i & 4;

        a.watch.background = first;
        start_watch(&a, fd, GYRE_READ);
        cr_expect_eq(gyre_loop_alive(loop), !first);
        a.watch.background = second;
        cr_expect_eq(gyre_loop_alive(loop), !first);
        if (change) {
            start_watch(&a, fd, GYRE_WRITE);
            cr_expect_eq(gyre_loop_alive(loop), !second);
        }
        gyre_watch_stop(loop, &a.watch);
        cr_expect(!gyre_loop_alive(loop));
    }
}

Test(loop, each_thing_awaited_keeps_it_alive)
{
    start_job(&a);
    cr_expect(gyre_loop_alive(loop));
    gyre_job_stop(loop, &a.job);
    cr_expect(!gyre_loop_alive(loop));

    start_timer(&a, GYRE_FOREVER);
    cr_expect(gyre_loop_alive(loop));
    gyre_timer_stop(loop, &a.timer);
    cr_expect(!gyre_loop_alive(loop));

    gyre_loop_awaits(loop, 3);
    gyre_loop_awaits(loop, -2);
    cr_expect(gyre_loop_alive(loop));
    gyre_loop_awaits(loop, -1);
    cr_expect(!gyre_loop_alive(loop));

    gyre_loop_hold(loop);
    gyre_loop_hold(loop);
    gyre_loop_release(loop);
    cr_expect(gyre_loop_alive(loop));
    gyre_loop_release(loop);
    cr_expect(!gyre_loop_alive(loop));
}

Test(loop, once_waits_no_later_than_it_is_told)
{
    gyre_time start = gyre_loop_now(loop), due = start + GYRE_SECOND;

    start_timer(&a, due);
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_eq(gyre_loop_now(loop), start);
    cr_expect_eq(gyre_loop_once(loop, start + 7), 0);
    cr_expect_eq(gyre_loop_now(loop), start + 7);
    cr_expect_str_eq(heard(), "");
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_loop_now(loop), due);
    cr_expect_str_eq(heard(), "a");
    cr_expect_eq(gyre_loop_once(loop, due + 7), 0);
    cr_expect_eq(gyre_loop_now(loop), due, "nothing is awaited");
}

static void go_into_background(struct actor *x)
{
    x->other->timer.background = true;
    start_timer(x->other, gyre_loop_in(loop, GYRE_SECOND));
}

/* Guards against a run that has begun to wait for what nobody awaits. */
Test(loop, what_a_callback_puts_into_the_background_ends_the_run)
{
    a.act = go_into_background;
    a.other = &b;
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(run(), "a");
    cr_expect(gyre_timer_started(&b.timer));
    cr_expect_lt(gyre_loop_now(loop), gyre_timer_due(&b.timer));
}

/* Nothing of which can ever happen, and with what it ends. */
static void await_descriptor(bool begin)
{
    if (begin)
        start_watch(&a, gyre_sim_open(sim), GYRE_READ);
    else
        gyre_watch_stop(loop, &a.watch);
}

static void await_forever(bool begin)
{
    if (begin)
        start_timer(&a, GYRE_FOREVER);
    else
        gyre_timer_stop(loop, &a.timer);
}

static void await_elsewhere(bool begin)
{
    gyre_loop_awaits(loop, begin ? 1 : -1);
}

Test(loop, under_simulation_a_deadlock_is_an_error)
{
    void (*const waits[])(bool) = {await_descriptor, await_forever,
                                   await_elsewhere};

    for (int i = 0; i < 3; i++) {
        waits[i](true);
        cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
        cr_expect_eq(gyre_loop_run(loop), -EDEADLK);
        cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), -EDEADLK);

        start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
        cr_expect_eq(gyre_loop_run(loop), -EDEADLK);
        cr_expect_str_eq(heard(), "b", "not before all that can has happened");
        waits[i](false);
        cr_expect_eq(gyre_loop_run(loop), 0);
    }
}

static void release(struct actor *x)
{
    (void)x;
    gyre_loop_release(loop);
}

static void *post_a(void *m)
{
    cr_expect_eq(gyre_post(m, &a.post), 0);
    return NULL;
}

static void run_thread(struct actor *x)
{
    static pthread_t thread;

    if (x->left-- > 0)
        pthread_create(&thread, NULL, post_a, gyre_loop_mailbox(loop));
    else
        pthread_join(thread, NULL);
}

Test(loop, a_hold_is_no_deadlock_and_stops_the_clock)
{
    gyre_time start = gyre_loop_now(loop);

    a.act = release;
    b.act = run_thread;
    b.left = 1;
    gyre_loop_hold(loop);
    start_job(&b);
    start_timer(&c, start + GYRE_SECOND);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_loop_now(loop), start);
    cr_expect_str_eq(run(), "bac");
    cr_expect_eq(gyre_loop_now(loop), start + GYRE_SECOND);
    run_thread(&b);
}

static void advance(struct actor *x)
{
    gyre_time now = gyre_loop_now(loop);

    (void)x;
    gyre_sim_advance(sim, GYRE_SECOND);
    cr_expect_eq(gyre_loop_now(loop), now);
    cr_expect_eq(gyre_loop_in(loop, 5), now + GYRE_SECOND + 5);
    cr_expect_eq(gyre_loop_in(loop, GYRE_FOREVER), GYRE_FOREVER);
}

Test(loop, now_is_the_time_of_the_poll_and_in_asks_the_clock)
{
    a.act = advance;
    start_job(&a);
    run();
    start_timer(&a, GYRE_NOW);
    run();
}

Test(loop, posts_are_delivered_when_it_is_freed_and_nothing_else_is)
{
    start_job(&a);
    start_timer(&b, GYRE_SECOND);
    start_watch(&c, gyre_sim_open(sim), GYRE_READ);
    start_signal(&d, SIGUSR1);
    start_post(&a);
    gyre_loop_hold(loop);
    close_stage();
    cr_expect_str_eq(heard(), "a");
    gyre_loop_free(NULL);
}

Test(loop, what_was_started_when_a_loop_was_freed_is_idle)
{
    for (int i = 0; i < 2; i++) {
        start_job(&a);
        start_timer(&b, GYRE_NOW);
        start_timer(&d, gyre_loop_in(loop, GYRE_SECOND));
        start_watch(&c, gyre_sim_open(sim), GYRE_READ);
        start_signal(&d, SIGUSR1);
        cr_expect(gyre_loop_alive(loop));
        close_stage();

        cr_expect_not(gyre_job_started(&a.job));
        cr_expect_not(gyre_timer_started(&b.timer));
        cr_expect_not(gyre_timer_started(&d.timer));
        cr_expect_not(gyre_watch_started(&c.watch));
        cr_expect_not(gyre_signal_started(&d.signal));
        cr_assert_eq(gyre_sim_new(&sim), 0);
        cr_assert_eq(gyre_loop_new_with(&loop,
                                        &(struct gyre_loop_options){
                                            .poller = gyre_sim_poller(sim)}),
                     0);
    }
    start_job(&a);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(run(), "ab", "and may be started on another");
}

/* A simulation whose first wait fails. */
static struct {
    struct gyre_poller_ops ops;
    const struct gyre_poller_ops *inner;
} failing;

static int fail_once(struct gyre_poller *p, struct gyre_poll_event *ev, int n,
                     gyre_time until)
{
    (void)p, (void)ev, (void)n, (void)until;
    failing.ops.wait = failing.inner->wait;
    return -EIO;
}

/* What comes some other way comes in the same round: it may be what lets
   somebody end. */
Test(loop, an_error_of_the_poller_ends_the_run_and_loses_nothing)
{
    struct gyre_poller *p = gyre_sim_poller(sim);

    failing.inner = p->ops;
    failing.ops = *p->ops;
    failing.ops.wait = fail_once;
    p->ops = &failing.ops;
    start_job(&a);
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    start_post(&c);
    cr_expect_eq(gyre_loop_run(loop), -EIO);
    cr_expect_str_eq(heard(), "ac");
    cr_expect_str_eq(run(), "b");
}

static void start_everything(struct actor *x)
{
    start_job(x->other);
    start_timer(x->other, GYRE_NOW);
    start_watch(x->other, gyre_sim_open(sim), GYRE_READ);
    start_signal(x->other, SIGUSR1);
    cr_expect_eq(gyre_post(gyre_loop_mailbox(loop), &x->other->post), -EPIPE);
}

Test(loop, a_post_delivered_at_its_end_may_start_what_it_likes)
{
    struct sigaction before, after;

    sigaction(SIGUSR1, NULL, &before);
    a.act = start_everything;
    a.other = &b;
    start_post(&a);
    close_stage();
    cr_expect_str_eq(heard(), "a");
    sigaction(SIGUSR1, NULL, &after);
    cr_expect_eq(after.sa_handler, before.sa_handler);
}

Test(loop, it_keeps_a_pointer_for_its_user)
{
    cr_expect_eq(gyre_loop_data(loop), NULL);
    gyre_loop_set_data(loop, &a);
    cr_expect_eq(gyre_loop_data(loop), &a);
}

Test(loop, it_knows_if_it_is_simulated)
{
    cr_expect(gyre_loop_simulated(loop));
    close_stage();
    open_real();
    cr_expect(!gyre_loop_simulated(loop));
}
