/*
 * test_sim.c - the claims of sim.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/loop/stage.h"

TestSuite(sim, .init = open_simulated, .fini = close_stage);

Test(sim, its_clock_starts_at_a_second_and_stands_still)
{
    cr_expect_eq(gyre_loop_now(loop), GYRE_SECOND);
    start_job(&a);
    cr_expect_str_eq(run(), "a");
    cr_expect_eq(gyre_loop_in(loop, 0), GYRE_SECOND);
    gyre_sim_advance(sim, 5);
    cr_expect_eq(gyre_loop_in(loop, 0), GYRE_SECOND + 5);
    gyre_sim_advance(sim, GYRE_FOREVER);
    cr_expect_eq(gyre_loop_in(loop, 0), GYRE_FOREVER);
}

static void stop_when_none_left(struct actor *x)
{
    if (--x->left == 0)
        gyre_timer_stop(loop, &x->timer);
    heard();
}

Test(sim, an_hour_passes_at_once)
{
    gyre_time start = gyre_loop_now(loop);

    a.act = stop_when_none_left;
    a.left = 3600 * 10;
    a.timer.every = GYRE_SECOND / 10;
    start_timer(&a, start + a.timer.every);
    run();
    cr_expect_eq(gyre_loop_now(loop), start + 3600 * GYRE_SECOND);
}

Test(sim, what_is_due_needs_no_time_and_fires_while_a_hold_is_out)
{
    gyre_loop_hold(loop);
    start_timer(&a, GYRE_NOW);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "a");

    start_timer(&a, gyre_loop_in(loop, 5));
    gyre_sim_advance(sim, 7);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "a");

    start_timer(&a, gyre_loop_in(loop, 5));
    cr_expect_eq(gyre_loop_once(loop, gyre_loop_now(loop)), 0);
    cr_expect_str_eq(heard(), "", "nor is there a wait for the time it is");
    gyre_timer_stop(loop, &a.timer);
    gyre_loop_release(loop);
}

Test(sim, a_virtual_descriptor_is_ready_when_it_is_said_to_be)
{
    int fd = gyre_sim_open(sim);

    start_watch(&a, fd, GYRE_READ);
    cr_expect_str_eq(turn(), "");
    gyre_sim_ready(sim, fd, GYRE_WRITE);
    cr_expect_str_eq(turn(), "");
    gyre_sim_ready(sim, fd, GYRE_READ | GYRE_WRITE);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_READ);
    cr_expect_str_eq(turn(), "a");
    gyre_sim_ready(sim, fd, GYRE_ERROR | GYRE_HANGUP);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_ERROR | GYRE_HANGUP);
    gyre_sim_ready(sim, fd, 0);
    cr_expect_str_eq(turn(), "");
}

Test(sim, edges_are_told_once)
{
    int fd = gyre_sim_open(sim);

    gyre_sim_ready(sim, fd, GYRE_READ);
    start_watch(&a, fd, GYRE_READ | GYRE_EDGE);
    cr_expect_str_eq(turn(), "a", "of the state it was started in too");
    cr_expect_str_eq(turn(), "");
    gyre_sim_ready(sim, fd, GYRE_READ);
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "");
    start_watch(&a, fd, GYRE_READ | GYRE_EDGE);
    cr_expect_str_eq(turn(), "a", "and again when it is started again");
    cr_expect_str_eq(turn(), "");
}

Test(sim, a_wait_ends_with_the_first_of_readiness_and_deadline)
{
    int fd = gyre_sim_open(sim);
    gyre_time start = gyre_loop_now(loop);

    start_watch(&a, fd, GYRE_READ | GYRE_EDGE);
    start_timer(&b, start + GYRE_SECOND);
    gyre_sim_ready(sim, fd, GYRE_READ);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "a");
    cr_expect_eq(gyre_loop_now(loop), start);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "b");
    cr_expect_eq(gyre_loop_now(loop), start + GYRE_SECOND);
}

Test(sim, a_real_descriptor_is_none_of_its)
{
    int ends[2], fd = gyre_sim_open(sim);

    cr_assert_eq(pipe(ends), 0);
    cr_expect_neq(ends[0], fd, "its numbers are taken");
    cr_expect_eq(gyre_watch_start(loop, &a.watch, ends[0], GYRE_READ),
                 -ENOTSUP);
    cr_expect(!gyre_watch_started(&a.watch));
    cr_expect(!gyre_loop_alive(loop));
    gyre_sim_ready(sim, ends[0], GYRE_READ);
    gyre_sim_close(sim, ends[0]);
    cr_expect_geq(fcntl(ends[0], F_GETFD), 0, "nor closed by it");
    close(ends[0]);
    close(ends[1]);
}

Test(sim, a_closed_descriptor_is_gone)
{
    int fd = gyre_sim_open(sim);

    start_watch(&a, fd, GYRE_READ);
    gyre_sim_ready(sim, fd, GYRE_READ);
    gyre_sim_close(sim, fd);
    gyre_sim_close(sim, fd);
    cr_expect_str_eq(turn(), "");
    cr_expect_eq(fcntl(fd, F_GETFD), -1);
    gyre_watch_stop(loop, &a.watch);
    cr_expect_eq(gyre_watch_start(loop, &a.watch, fd, GYRE_READ), -ENOTSUP);
}

/* More than there is room for in one poll; none is passed over. */
Test(sim, none_of_a_crowd_is_starved)
{
    enum { CROWD = 700, ROUNDS = 30 };
    static struct actor crowd[CROWD];
    uint64_t told;
    int calls[CROWD] = {0};

    for (int i = 0; i < CROWD; i++) {
        int fd = gyre_sim_open(sim);

        crowd[i] = new_actor('.');
        gyre_sim_ready(sim, fd, GYRE_READ);
        start_watch(&crowd[i], fd, GYRE_READ);
    }
    for (int i = 0; i < ROUNDS; i++) {
        turn();
        for (int k = 0; k < CROWD; k++) {
            calls[k] += crowd[k].got != 0;
            crowd[k].got = 0;
        }
    }
    told = gyre_loop_stats(loop).events;
    for (int k = 0; k < CROWD; k++)
        cr_expect_leq(llabs((long long)told / CROWD - calls[k]), 1);
}

/* Not one it was given by chance, but the same whatever happened before. */
Test(sim, it_always_goes_the_same_way)
{
    char first[64] = "";

    for (int i = 0; i < 3; i++) {
        gyre_time now = gyre_loop_now(loop);
        int fd = gyre_sim_open(sim), other = gyre_sim_open(sim);

        start_watch(&c, fd, GYRE_READ | GYRE_EDGE);
        start_watch(&d, other, GYRE_READ | GYRE_EDGE);
        gyre_sim_ready(sim, other, GYRE_READ);
        gyre_sim_ready(sim, fd, GYRE_READ);
        start_timer(&b, now + 10);
        start_timer(&a, now + 10);
        gyre_loop_once(loop, GYRE_FOREVER);
        gyre_loop_once(loop, GYRE_FOREVER);
        if (i == 0)
            strcpy(first, said);
        cr_expect_eq(strlen(said), 4);
        cr_expect_str_eq(heard(), first);
        close_stage();
        open_simulated();
    }
}

Test(sim, one_that_came_to_no_loop_is_freed_by_its_poller)
{
    struct gyre_sim *other;
    struct gyre_poller *p;

    cr_assert_eq(gyre_sim_new(&other), 0);
    p = gyre_sim_poller(other);
    cr_expect_geq(gyre_sim_open(other), 0);
    p->ops->free(p);
}
