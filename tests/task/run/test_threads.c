/*
 * test_threads.c - the claims of threads.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "loop/signal.h"
#include "task/run/run.h"
#include "task/run/threads.h"
#include "task/future.h"
#include "task/task.h"
#include "tests/support/children.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

enum { MEMBERS = 4 };

static atomic_int begun, ended;
static pthread_t threads[MEMBERS];
static struct gyre_loop *loops[MEMBERS];

static void begin_anew(void)
{
    begun = ended = 0;
}

static intptr_t take_part(unsigned index, void *arg)
{
    cr_expect_eq(arg, &begun);
    cr_expect_lt(index, MEMBERS);
    threads[index] = pthread_self();
    loops[index] = gyre_loop_current();
    begun++;
    wait_until(begun == MEMBERS);
    return (intptr_t)index;
}

Test(run_threads, run_the_same_side_by_side_on_loops_of_their_own)
{
    cr_assert_eq(gyre_run_threads(NULL, MEMBERS, take_part, &begun), 0);
    cr_assert_eq(begun, MEMBERS);
    cr_assert(pthread_equal(threads[0], pthread_self()));
    for (int i = 1; i < MEMBERS; i++) {
        cr_assert(!pthread_equal(threads[i], threads[0]));
        cr_assert_neq(loops[i], loops[0]);
    }
}

static intptr_t count(unsigned index, void *arg)
{
    (void)index;
    (void)arg;
    begun++;
    return 0;
}

static void expect_members(int n)
{
    begun = 0;
    cr_assert_eq(gyre_run_threads(NULL, 0, count, NULL), 0);
    cr_assert_eq(begun, n);
}

/* Not with the calls of a BSD, which the Makefile gives this name. */
#if defined __linux__ && !defined st_mtimespec
/* Guards against as many threads as the machine has processors, in a container
   that has one of them. */
Test(run_threads, are_as_many_as_there_are_processors_for_us)
{
    cpu_set_t ours, one;
    int first = 0;

    cr_assert_eq(sched_getaffinity(0, sizeof ours, &ours), 0);
    expect_members(CPU_COUNT(&ours));
    while (!CPU_ISSET(first, &ours))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    cr_assert_eq(sched_setaffinity(0, sizeof one, &one), 0);
    expect_members(1);
}
#else
Test(run_threads, are_as_many_as_there_are_processors)
{
    expect_members((int)sysconf(_SC_NPROCESSORS_ONLN));
}
#endif

/* The one at `*arg` fails when all are there; the others sleep until they are
   told. */
static intptr_t fail_or_sleep(unsigned index, void *arg)
{
    intptr_t result;

    begun++;
    if (index == *(unsigned *)arg) {
        wait_until(begun == MEMBERS);
        return -ENOSPC;
    }
    result = gyre_sleep(gyre_in(1000 * GYRE_SECOND));
    ended += result == -ECANCELED;
    return result;
}

Test(run_threads, end_all_when_one_fails_and_return_its_error)
{
    for (unsigned who = 0; who < MEMBERS; who++) {
        begin_anew();
        cr_assert_eq(gyre_run_threads(NULL, MEMBERS, fail_or_sleep, &who),
                     -ENOSPC);
        cr_assert_eq(ended, MEMBERS - 1);
    }
}

/* Guards against one that begins when the others are over, and is told by
   nobody. */
static intptr_t fail_at_once(unsigned index, void *arg)
{
    (void)arg;
    if (index == MEMBERS - 1)
        return -ENOSPC;
    return gyre_sleep(gyre_in(1000 * GYRE_SECOND));
}

Test(run_threads, end_those_too_that_begin_late)
{
    for (int i = 0; i < 20; i++)
        cr_assert_eq(gyre_run_threads(NULL, MEMBERS, fail_at_once, NULL),
                     -ENOSPC);
}

static intptr_t interrupt(unsigned index, void *arg)
{
    intptr_t result;

    begun++;
    if (index == 1) {
        wait_until(begun == MEMBERS);
        kill(getpid(), *(int *)arg);
    }
    result = gyre_sleep(gyre_in(1000 * GYRE_SECOND));
    ended += result == -ECANCELED;
    return 0;
}

Test(run_threads, end_all_when_they_are_asked_to)
{
    int signals[] = {SIGINT, SIGTERM};

    for (int i = 0; i < 2; i++) {
        begin_anew();
        cr_assert_eq(gyre_run_threads(NULL, MEMBERS, interrupt, &signals[i]),
                     0);
        cr_assert_eq(ended, MEMBERS);
        cr_assert(gyre_signal_unclaimed(signals[i]));
    }
}

/* Guards against a member that begins when the signal has come, and is told by
   nobody. */
static intptr_t interrupt_at_once(unsigned index, void *arg)
{
    (void)arg;
    if (index == 0)
        raise(SIGTERM);
    return gyre_sleep(gyre_in(1000 * GYRE_SECOND)) == -ECANCELED ? 0 : 1;
}

Test(run_threads, end_those_too_that_begin_after_they_were_asked)
{
    for (int i = 0; i < 20; i++)
        cr_assert_eq(gyre_run_threads(NULL, MEMBERS, interrupt_at_once, NULL),
                     0);
}

static volatile sig_atomic_t taken;

static void take(int number)
{
    taken = number;
}

/* Guards against a signal that is lost, as there was nobody left to stop. */
static intptr_t ask_and_end(unsigned index, void *arg)
{
    (void)index;
    (void)arg;
    raise(SIGTERM);
    return 0;
}

Test(run_threads, leave_what_comes_too_late_to_who_had_it_before)
{
    signal(SIGTERM, take);
    cr_assert_eq(gyre_run_threads(NULL, 1, ask_and_end, NULL), 0);
    cr_assert_eq(taken, SIGTERM);
}

static intptr_t ask_in_vain(unsigned index, void *arg)
{
    (void)index;
    (void)arg;
    raise(SIGTERM);
    cr_expect_eq(taken, SIGTERM);
    return gyre_sleep(gyre_in(GYRE_MILLISECOND));
}

Test(run_threads, leave_signals_alone_if_that_is_said)
{
    struct gyre_run_options options = {.ignore_interrupt = true};

    signal(SIGTERM, take);
    cr_assert_eq(gyre_run_threads(&options, 1, ask_in_vain, NULL), 0);
}

static intptr_t deadlock(unsigned index, void *arg)
{
    struct gyre_future never;

    (void)arg;
    if (index != 2)
        return gyre_sleep(gyre_in(1000 * GYRE_SECOND));
    gyre_future_init(&never);
    return gyre_await(&never, GYRE_FOREVER);
}

/* Guards against -ECANCELED, which is all that its main task is told of it. */
Test(run_threads, end_all_when_one_of_the_runs_fails)
{
    cr_assert_eq(gyre_run_threads(NULL, MEMBERS, deadlock, NULL), -EDEADLK);
}

/* ---- what is not to be had ---- */

static int run_one(void)
{
    return (int)gyre_run_threads(NULL, 1, count, NULL);
}

static int run_some(void)
{
    return (int)gyre_run_threads(NULL, MEMBERS, count, NULL);
}

Test(run_threads, leave_nothing_when_there_is_no_memory)
{
    cr_assert_gt(faults_in_memory(run_one), 0);
    cr_assert_gt(faults_in_memory(run_some), 0);
}

static int to_begin;

static intptr_t wait_to_be_told(unsigned index, void *arg)
{
    intptr_t result;

    cr_expect_lt((int)index, to_begin);
    cr_expect_null(arg);
    begun++;
    result = gyre_sleep(gyre_in(1000 * GYRE_SECOND));
    ended += result == -ECANCELED;
    return result;
}

/* All but the first, which begins last. */
static void let_them_begin(void)
{
    while (begun < to_begin - 1)
        sched_yield();
}

/* All that they have is given back by the time it returns: so none is left.
   What watches for stalls would need a thread as well. */
static void expect_no_thread_for_another(void)
{
    struct gyre_run_options options = {.stall_limit = GYRE_FOREVER};
    long blocks = faults_blocks();
    int descriptors = faults_descriptors();

    begin_anew();
    children_threads = to_begin - 1;
    cr_assert_eq(gyre_run_threads(&options, MEMBERS, wait_to_be_told, NULL),
                 -ENOMEM);
    cr_assert_eq(children_threads, 0);
    cr_assert_eq(begun, to_begin);
    cr_assert_eq(ended, to_begin);
    cr_assert_eq(faults_blocks(), blocks);
    cr_assert_eq(faults_descriptors(), descriptors);
}

Test(run_threads, end_those_that_have_begun_if_there_is_no_thread_for_another)
{
    for (to_begin = 1; to_begin < MEMBERS; to_begin++) {
        children_no_thread = let_them_begin;
        expect_no_thread_for_another();
        children_no_thread = NULL; /* they may be late */
        expect_no_thread_for_another();
    }
}
