/*
 * test_fork.c - the claims of run.h: what tasks are to the child of a fork.
 *
 * The child says nothing to Criterion; it exits with the number of the first
 * thing that was wrong.
 */
#include <errno.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "task/future.h"
#include "task/offload.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/sync/condition.h"
#include "task/sync/mutex.h"
#include "task/task.h"
#include "tests/support/emulator.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

static struct gyre_scope scope;
static struct gyre_mutex mutex;
static struct gyre_condition condition;
static struct gyre_future future;
static int ran;

static intptr_t run_on(void *arg)
{
    (void)arg;
    while (gyre_sleep(gyre_in(MS)) == 0)
        ran++;
    return 0;
}

static intptr_t lock_for_long(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_mutex_lock(&mutex, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(GYRE_SECOND)), 0);
    gyre_mutex_unlock(&mutex);
    return 0;
}

static int work(void *arg, gyre_time deadline)
{
    (void)arg;
    return (int)gyre_offload(nap, NULL, deadline);
}

static int in_a_shield(void)
{
    struct gyre_scope s;
    int err;

    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    err = gyre_sleep(gyre_in(MS));
    (void)gyre_scope_close(&s, 0);
    return err;
}

static int try_everything(void)
{
    struct gyre_future f;
    int before = ran;

    for (int i = 0; i < 100; i++) {
        if (gyre_sleep(gyre_in(MS)) != -ECANCELED)
            return 1;
        if (gyre_yield() != -ECANCELED || gyre_yield_if_due() != -ECANCELED)
            return 2;
    }
    if (gyre_spawn(&scope, &f, run_on, NULL) != -ECANCELED)
        return 3;
    if (gyre_future_result(&f) != -ECANCELED)
        return 4;
    if (gyre_mutex_lock(&mutex, GYRE_FOREVER) != -ECANCELED)
        return 5;
    if (gyre_await(&future, GYRE_FOREVER) != -ECANCELED)
        return 6;
    if (work(NULL, GYRE_FOREVER) != -ECANCELED)
        return 7;
    if (in_a_shield() != -ECANCELED)
        return 8;
    if (gyre_scope_close(&scope, 0) != -ECANCELED)
        return 9;
    return ran == before ? 0 : 10;
}

CLAIM(fork_in_task, the_child_runs_no_task_of_the_parent)
{
    gyre_scope_open(&scope, GYRE_FOREVER);
    gyre_spawn(&scope, &future, lock_for_long, NULL);
    gyre_spawn(&scope, NULL, run_on, NULL);
    cr_expect_eq(gyre_sleep(gyre_in(2 * MS)), 0);
    cr_expect_gt(ran, 0);
    fork_and_expect(try_everything);
    cr_expect_eq(gyre_await(&future, GYRE_FOREVER), 0);
    gyre_scope_cancel(&scope);
    cr_expect_eq(gyre_scope_close(&scope, 0), 0);
}

/* To lock again cannot be cancelled; here it is not waited for either. */
static int wait_in_vain(void)
{
    return gyre_condition_wait(&condition, &mutex, gyre_in(MS)) == -ECANCELED
               ? 0
               : 1;
}

static intptr_t lock_next(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_mutex_lock(&mutex, GYRE_FOREVER), 0);
    gyre_mutex_unlock(&mutex);
    return 0;
}

CLAIM(fork_in_task, the_child_does_not_wait_where_nothing_can_be_cancelled)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    cr_expect_eq(gyre_mutex_lock(&mutex, GYRE_FOREVER), 0);
    gyre_spawn(&s, NULL, lock_next, NULL);
    let_others_run();
    fork_and_expect(wait_in_vain);
    gyre_mutex_unlock(&mutex);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- what it can do afresh ---- */

static intptr_t twice(void *n)
{
    return 2 * (intptr_t)n;
}

static intptr_t have_it_done(void *n)
{
    return gyre_offload(twice, n, GYRE_FOREVER);
}

/* The parent's threads are not here; the child's run has its own. */
static int offload_afresh(void)
{
    gyre_run_forget();
    return gyre_run(have_it_done, (void *)21) == 42 ? 0 : 1;
}

static intptr_t fork_amid(void *arg)
{
    cr_expect_eq(have_it_done(arg), 10);
    fork_and_expect(offload_afresh);
    return have_it_done(arg);
}

/* Without a watchdog, for the reason that test_run.c gives; and emulators start
   no thread in a child. */
Test(fork_in_task, the_child_may_have_threads_of_its_own)
{
    if (is_emulated())
        return;
    setenv("GYRE_WATCHDOG", "0", 1);
    cr_expect_eq(gyre_run(fork_amid, (void *)5), 10);
}
