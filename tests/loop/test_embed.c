/*
 * test_embed.c - the claims of loop.h: a loop inside somebody else's.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/loop/pollers.h"
#include "tests/loop/stage.h"

TestSuite(embed, .init = open_simulated, .fini = close_stage);

Test(embed, the_deadline_is_when_a_round_is_worth_its_while)
{
    gyre_time now = gyre_loop_now(loop);

    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    a.watch.background = true;
    start_watch(&a, gyre_sim_open(sim), GYRE_READ);
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);

    start_timer(&a, now + GYRE_SECOND);
    cr_expect_leq(gyre_loop_deadline(loop), now + GYRE_SECOND);
    cr_expect_gt(gyre_loop_deadline(loop), now);

    start_job(&a);
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_NOW);
    gyre_job_stop(loop, &a.job);
    gyre_timer_stop(loop, &a.timer);
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
}

static void stop_loop(struct actor *x)
{
    (void)x;
    gyre_loop_stop(loop);
}

Test(embed, a_stop_does_not_hasten_the_deadline)
{
    a.act = stop_loop;
    start_job(&a);
    turn();
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
}

/* Who is told of the deadline, and what it was told. */
static struct {
    struct gyre_deadline_hook hook;
    gyre_time told;
    int times;
} guest;

static void note_deadline(struct gyre_deadline_hook *h, gyre_time deadline)
{
    cr_expect_eq(h, &guest.hook);
    cr_expect_eq(deadline, gyre_loop_deadline(loop));
    guest.told = deadline;
    guest.times++;
}

/* True if the guest was told, once, and of `deadline`. */
static bool told_once(gyre_time deadline)
{
    bool right = guest.times == 1 && guest.told == deadline;

    guest.times = 0;
    return right;
}

static void start_and_stop(struct actor *x)
{
    start_timer(&b, gyre_loop_in(loop, 5));
    start_job(&c);
    gyre_job_stop(loop, &c.job);
    (void)x;
}

Test(embed, a_hook_is_told_when_the_deadline_moves_between_rounds)
{
    gyre_time now = gyre_loop_now(loop);

    guest.hook.changed = note_deadline;
    gyre_loop_on_deadline(loop, &guest.hook);
    start_timer(&a, now + 100);
    cr_expect(told_once(now + 100));
    start_timer(&b, now + 50);
    cr_expect(told_once(now + 50));
    start_timer(&c, now + 70);
    cr_expect_eq(guest.times, 0, "it did not move");
    gyre_timer_stop(loop, &b.timer);
    cr_expect(told_once(now + 70));
    start_job(&a);
    cr_expect(told_once(GYRE_NOW));
    start_job(&b);
    cr_expect_eq(guest.times, 0);
    gyre_job_stop(loop, &a.job);
    gyre_job_stop(loop, &b.job);
    cr_expect(told_once(now + 70));

    a.act = start_and_stop;
    start_job(&a);
    cr_expect(told_once(GYRE_NOW));
    turn();
    cr_expect_eq(guest.times, 0, "a round moves it as it likes");
    start_timer(&d, now + 500);
    cr_expect_eq(guest.times, 0, "and the guest asks when it is over");
    gyre_timer_stop(loop, &d.timer);
    gyre_timer_stop(loop, &b.timer);
    cr_expect(told_once(now + 70));

    gyre_loop_on_deadline(loop, NULL);
    gyre_timer_stop(loop, &a.timer);
    gyre_timer_stop(loop, &c.timer);
    cr_expect_eq(guest.times, 0);
}

Test(embed, a_hook_is_told_after_a_round_of_what_is_started_first)
{
    gyre_time due = gyre_loop_in(loop, 5);

    guest.hook.changed = note_deadline;
    gyre_loop_on_deadline(loop, &guest.hook);
    turn();
    start_job(&a);
    cr_expect(told_once(GYRE_NOW), "a job");
    cr_expect_str_eq(run(), "a");
    start_timer(&b, due);
    cr_expect(told_once(due), "a timer");
    gyre_timer_stop(loop, &b.timer);
    cr_expect_eq(gyre_loop_step(loop, GYRE_NOW), 0);
    guest.times = 0;
    gyre_job_start_next(loop, &c.job);
    cr_expect(told_once(GYRE_NOW), "a job to run next");
    cr_expect_str_eq(turn(), "c");
}

static void start_timer_soon(struct actor *x)
{
    start_timer(x, gyre_loop_now(loop) + 5);
}

Test(embed, a_hook_is_told_of_nothing_while_the_loop_is_freed)
{
    guest.hook.changed = note_deadline;
    gyre_loop_on_deadline(loop, &guest.hook);
    a.act = start_timer_soon;
    start_post(&a);
    close_stage();
    cr_expect_str_eq(heard(), "a");
    cr_expect_eq(guest.times, 0);
}

Test(embed, a_simulation_has_no_descriptor)
{
    cr_expect_eq(gyre_loop_fd(loop), -ENOTSUP);
}

TestSuite(embedded, .init = open_real, .fini = close_stage);

static bool readable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, ms) == 1 && p.revents & POLLIN;
}

static bool rings(void)
{
    return readable(gyre_loop_fd(loop), 0);
}

Test(embedded, its_descriptor_is_readable_when_a_watch_is_ready)
{
    int pair[2];

    cr_assert_geq(gyre_loop_fd(loop), 0);
    open_pipe(pair);
    start_watch(&a, pair[0], GYRE_READ);
    cr_expect(!rings(), "nothing is ready");
    put(pair[1], "x");
    cr_expect(rings(), "without a round in between");
    cr_expect_str_eq(turn(), "a");
    cr_expect(rings(), "it was not read");
    drain(pair[0]);
    turn();
    cr_expect(!rings());
    gyre_watch_stop(loop, &a.watch);
    close_pair(pair);
}

Test(embedded, it_may_be_watched_by_another_loop)
{
    struct gyre_loop *inner = loop;
    int fd = gyre_loop_fd(inner), pair[2];

    open_pipe(pair);
    start_watch(&a, pair[0], GYRE_READ);
    open_real();
    start_watch(&b, fd, GYRE_READ);
    cr_expect_str_eq(turn(), "");
    put(pair[1], "x");
    cr_expect_str_eq(turn(), "b");
    close_stage();
    loop = inner;
    close_pair(pair);
}

static void *post_one(void *post)
{
    cr_expect_eq(gyre_post(gyre_loop_mailbox(loop), post), 0);
    return NULL;
}

static void post_from_thread(struct actor *x)
{
    pthread_t thread;

    pthread_create(&thread, NULL, post_one, &x->post);
    pthread_join(thread, NULL);
}

/* Whatever it did last, at rest it must be rung for. */
Test(embedded, a_post_rings_a_loop_at_rest)
{
    post_from_thread(&a);
    cr_expect(rings(), "a new loop");
    cr_expect_str_eq(turn(), "a");
    cr_expect(!rings(), "nothing is left");

    post_from_thread(&a);
    cr_expect(rings(), "after a round");
    cr_expect_str_eq(turn(), "a");

    start_job(&b);
    cr_expect_str_eq(run(), "b");
    post_from_thread(&a);
    cr_expect(rings(), "after a run");
    cr_expect_str_eq(turn(), "a");
}

static void post_other(struct actor *x)
{
    start_post(x->other);
}

Test(embedded, a_post_that_came_too_late_for_the_round_rings)
{
    b.act = post_other;
    b.other = &a;
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(turn(), "b");
    cr_expect(rings());
    cr_expect_str_eq(turn(), "a");
    cr_expect(!rings());
}

/* How long poll(2) may wait, rounded up. */
static int wait_ms(void)
{
    gyre_time deadline = gyre_loop_deadline(loop), now = gyre_loop_in(loop, 0);

    if (deadline == GYRE_FOREVER)
        return -1;
    if (deadline <= now)
        return 0;
    return (int)((deadline - now + GYRE_MILLISECOND - 1) / GYRE_MILLISECOND);
}

static void post_other_from_thread(struct actor *x)
{
    post_from_thread(x->other);
}

static void write_pipe(struct actor *x)
{
    put(x->left, "x");
}

static void read_pipe(struct actor *x)
{
    drain(x->watch.fd);
    if (--x->left > 0)
        start_timer(x->other, gyre_loop_in(loop, GYRE_MILLISECOND));
}

/* A host that knows the descriptor, the deadline, and not to wait in rounds. */
Test(embedded, a_host_needs_no_more_than_descriptor_and_deadline)
{
    int pair[2];

    open_pipe(pair);
    a.act = post_other_from_thread;
    a.other = &b;
    b.act = write_pipe;
    b.left = pair[1];
    c.act = read_pipe;
    c.other = &a;
    c.left = 5;
    start_watch(&c, pair[0], GYRE_READ | GYRE_EDGE);
    start_timer(&a, GYRE_NOW);
    while (c.left > 0) {
        readable(gyre_loop_fd(loop), wait_ms());
        cr_assert_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    }
    cr_expect_str_eq(heard(), "abcabcabcabcabc");
    gyre_watch_stop(loop, &c.watch);
    close_pair(pair);
}
