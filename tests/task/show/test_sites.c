/*
 * test_sites.c - the claims of sites.h.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "loop/job.h"
#include "loop/look.h"
#include "loop/signal.h"
#include "loop/symbol.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/show/backtrace.h"
#include "task/show/sites.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

/* Not inlined, and their calls are not the last things they do: so that they
   are there to be named. */
#define NAMED   __attribute__((noinline)) void
#define STAYS   __asm__ volatile("")
#define A_CROWD 100

static struct gyre_job job;
static struct gyre_timer timer;
static struct gyre_watch watch;
static struct gyre_signal sign;
static struct gyre_sites sites;

static void run(struct gyre_job *j)
{
    (void)j;
}

static void fire(struct gyre_timer *t)
{
    (void)t;
}

static void ready(struct gyre_watch *w, unsigned events)
{
    (void)w;
    (void)events;
}

static void caught(struct gyre_signal *s, unsigned times)
{
    (void)s;
    (void)times;
}

static NAMED start_early(struct gyre_timer *t)
{
    gyre_timer_start(gyre_loop_current(), t, gyre_in(MS));
    STAYS;
}

static NAMED start_late(struct gyre_timer *t)
{
    gyre_timer_start(gyre_loop_current(), t, gyre_in(GYRE_SECOND));
    STAYS;
}

static NAMED start_one_of_each(void)
{
    struct gyre_loop *l = gyre_loop_current();

    job.run = run;
    gyre_job_start(l, &job);
    watch.ready = ready;
    cr_expect_eq(
        gyre_watch_start(l, &watch, gyre_sim_open(world->sim), GYRE_READ), 0);
    sign.caught = caught;
    cr_expect_eq(gyre_signal_start(l, &sign, SIGUSR1), 0);
    start_late(&timer);
    STAYS;
}

static void stop_all(void)
{
    struct gyre_loop *l = gyre_loop_current();

    gyre_job_stop(l, &job);
    gyre_watch_stop(l, &watch);
    gyre_signal_stop(l, &sign);
    gyre_timer_stop(l, &timer);
}

/* The books are the loop's: as long as it exists, but for these claims. */
static void let_go(void)
{
    gyre_probes_stop(gyre_loop_current(), &sites.probes);
    gyre_sites_end(&sites);
}

static const char *print(void)
{
    gyre_loop_print(gyre_loop_current(), paper());
    return read_paper();
}

/* How many of them say that they were started there. */
static int started_in(const char *function)
{
    char words[64];
    int n = 0;

    snprintf(words, sizeof words, "\n    started in %s+0x", function);
    for (const char *at = print(); (at = strstr(at, words)) != NULL; at++)
        n++;
    return n;
}

/* Where a program is not of ELF, or has no unwinder, less can be told. */
static bool is_told(void)
{
    const void *frames[4];

    return gyre_backtrace(gyre_current, frames, 4) > 1 &&
           strncmp(gyre_name_function((uintptr_t)start_late).text, "start",
                   5) == 0;
}

CLAIM(sites, tell_who_started_what)
{
    if (!is_told())
        return;
    timer.fire = fire;
    gyre_sites_start(&sites, gyre_loop_current());
    start_one_of_each();
    cr_expect_eq(started_in("start_one_of_each"), 3, "%s", print());
    cr_expect_eq(started_in("start_late"), 1);
    cr_expect_neq(strstr(print(), "start_late+0x"), NULL);
    cr_expect_neq(strstr(print(), "\n    in start_one_of_each+0x"), NULL);
    stop_all();
    cr_expect_eq(strstr(print(), "started in"), NULL);
    let_go();
}

CLAIM(sites, are_those_of_the_latest_start)
{
    if (!is_told())
        return;
    timer.fire = fire;
    start_early(&timer);
    gyre_sites_start(&sites, gyre_loop_current());
    cr_expect_eq(strstr(print(), "started in"), NULL, "before, of which");
    start_late(&timer);
    start_early(&timer);
    cr_expect_eq(started_in("start_early"), 1);
    gyre_timer_stop(gyre_loop_current(), &timer);
    start_late(&timer);
    cr_expect_eq(started_in("start_late"), 1);
    cr_expect_eq(started_in("start_early"), 0);
    stop_all();
    let_go();
}

CLAIM(sites, are_kept_of_a_crowd_in_the_room_of_those_there_are)
{
    static struct gyre_timer crowd[A_CROWD];

    if (!is_told())
        return;
    gyre_sites_start(&sites, gyre_loop_current());
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < A_CROWD; i++) {
            crowd[i].fire = fire;
            start_late(&crowd[i]);
        }
        cr_expect_eq(started_in("start_late"), A_CROWD);
        for (int i = 0; i < A_CROWD; i++)
            gyre_timer_stop(gyre_loop_current(), &crowd[i]);
    }
    cr_expect_leq(sites.n, A_CROWD + 8, "and a job or two");
    cr_expect_leq(sites.room, 4 * A_CROWD);
    let_go();
}

static intptr_t start_and_print(void *arg)
{
    (void)arg;
    gyre_sites_start(&sites, gyre_loop_current());
    timer.fire = fire;
    start_late(&timer);
    cr_expect_neq(strstr(print(), "calls "), NULL);
    gyre_timer_stop(gyre_loop_current(), &timer);
    let_go();
    return 0;
}

static int attempt(void)
{
    return (int)gyre_simulate(start_and_print, NULL);
}

Test(sites, are_not_kept_if_there_is_no_memory)
{
    cr_expect_gt(faults_in_memory(attempt), 0);
}
