/*
 * test_deadlock.c - the claims of run.h about deadlocks.
 */
#include <errno.h>
#include <string.h>

#include "task/future.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/mutex.h"
#include "task/task.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

static intptr_t await(void *f)
{
    return gyre_await(f, GYRE_FOREVER);
}

static intptr_t wait_for_nothing(void *arg)
{
    struct gyre_event e = {0};

    (void)arg;
    return gyre_event_wait(&e, GYRE_FOREVER);
}

/* Two await each other, and one waits for what nobody will do. */
static intptr_t get_stuck(void *arg)
{
    struct gyre_spawn_options options = {.name = "ring"};
    struct gyre_future f[2];
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        gyre_spawn_with(&s, &f[i], await, &f[1 - i], &options);
    options.name = "loner";
    gyre_spawn_with(&s, NULL, wait_for_nothing, NULL, &options);
    return gyre_scope_close(&s, 0);
}

Test(deadlock, is_told_with_all_tasks_before_they_are_cancelled)
{
    hear_begin();
    cr_expect_eq(simulate(get_stuck, NULL), -EDEADLK);
    hear_end();
    expect_dumped(
        "#1 main waits for the tasks in its scope (*), held up by #2, #3, #4; "
        "0.000 s so far\n"
        "    spawned at *\n"
        "  #2 ring waits for a future (*), held up by #3; 0.000 s so far\n"
        "  #3 ring waits for a future (*), held up by #2; 0.000 s so far\n"
        "      2 tasks, same stack:\n"
        "      spawned at *\n"
        "  #4 loner waits for an event (*); 0.000 s so far\n"
        "      spawned at *\n"
        "deadlock among 2 tasks:\n"
        "  #2 ring waits for a future (*), held up by #3; 0.000 s so far\n"
        "  #3 ring waits for a future (*), held up by #2; 0.000 s so far\n"
        "gyre: the run is cancelled: deadlock: nothing that is awaited can "
        "happen\n");
}

/* Takes one mutex, and then the other. */
static intptr_t take_both(void *arg)
{
    struct gyre_mutex **m = arg;
    int err = gyre_mutex_lock(m[0], GYRE_FOREVER);

    cr_expect_eq(err, 0);
    let_others_run();
    err = gyre_mutex_lock(m[1], GYRE_FOREVER);
    gyre_mutex_unlock(m[0]);
    return err;
}

static intptr_t take_in_two_orders(void *arg)
{
    struct gyre_spawn_options options = {.name = "taker"};
    struct gyre_mutex a = {0}, b = {0};
    struct gyre_mutex *orders[][2] = {{&a, &b}, {&b, &a}};
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++)
        gyre_spawn_with(&s, NULL, take_both, orders[i], &options);
    return gyre_scope_close(&s, 0);
}

Test(deadlock, is_told_of_who_holds_what)
{
    hear_begin();
    cr_expect_eq(simulate(take_in_two_orders, NULL), -EDEADLK);
    hear_end();
    cr_expect_not_null(strstr(
        dumped,
        "deadlock among 2 tasks:\n"
        "  #2 taker waits for a mutex (*), held up by #3; 0.000 s so far\n"
        "  #3 taker waits for a mutex (*), held up by #2; 0.000 s so far\n"));
}

static intptr_t stop(void *arg)
{
    gyre_loop_stop(gyre_loop_current());
    return await(arg);
}

Test(deadlock, is_all_that_is_told_so)
{
    struct gyre_future f = {0};

    hear_begin();
    cr_expect_eq(simulate(stop, &f), -ECANCELED);
    hear_end();
    expect_dumped("");
}
