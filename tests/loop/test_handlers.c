/*
 * test_handlers.c - a signal handler that is in the middle of its work on one
 * thread while another frees the loop, or forks.
 *
 * The handler wakes the loop's poller, and is held up there by a gate.
 */
#include <criterion/criterion.h>

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/poller.h"
#include "tests/loop/stage.h"

static atomic_bool inside, open_gate, freed;

static void wake_behind_gate(struct gyre_poller *p)
{
    (void)p;
    atomic_store(&inside, true);
    while (!atomic_load(&open_gate))
        sched_yield();
    if (atomic_load(&freed))
        _exit(1);
}

static gyre_time stand_still(struct gyre_poller *p)
{
    (void)p;
    return GYRE_SECOND;
}

static void note_free(struct gyre_poller *p)
{
    (void)p;
    atomic_store(&freed, true);
}

static const struct gyre_poller_ops gated_ops = {
    .name = "gated",
    .wake = wake_behind_gate,
    .now = stand_still,
    .free = note_free,
};

static void *raise_there(void *arg)
{
    raise(SIGUSR1);
    return arg;
}

/* A loop at rest, and a thread whose handler is on its way to wake it. */
static pthread_t hold_up_a_handler(void)
{
    static struct gyre_poller gated = {.ops = &gated_ops};
    struct gyre_loop_options options = {.poller = &gated};
    pthread_t thread;

    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    a = new_actor('a');
    start_signal(&a, SIGUSR1);
    cr_assert_eq(pthread_create(&thread, NULL, raise_there, NULL), 0);
    while (!atomic_load(&inside))
        sched_yield();
    return thread;
}

/* Long enough for a loop to be freed, if nobody waited. */
static void *open_it_late(void *arg)
{
    for (int i = 0; i < 10000; i++)
        sched_yield();
    atomic_store(&open_gate, true);
    return arg;
}

Test(handlers, have_done_with_a_loop_when_it_is_freed)
{
    pthread_t handler = hold_up_a_handler(), keeper;

    cr_assert_eq(pthread_create(&keeper, NULL, open_it_late, NULL), 0);
    gyre_loop_free(loop);
    pthread_join(handler, NULL);
    pthread_join(keeper, NULL);
    cr_expect_str_eq(heard(), "a");
}

/* The child has a loop of its own, and lets go of it too. */
static int be_the_child(void)
{
    gyre_loop_forget(loop);
    open_simulated();
    start_signal(&a, SIGUSR1);
    raise(SIGUSR1);
    if (*turn() != 'a')
        return 1;
    close_stage();
    return 0;
}

Test(handlers, that_did_not_come_along_into_a_child_are_not_waited_for)
{
    pthread_t handler = hold_up_a_handler();
    pid_t child = fork();
    int status;

    if (child == 0) {
        alarm(20);
        _exit(be_the_child());
    }
    cr_expect_eq(waitpid(child, &status, 0), child);
    cr_expect(WIFEXITED(status));
    cr_expect_eq(WEXITSTATUS(status), 0);
    atomic_store(&open_gate, true);
    pthread_join(handler, NULL);
    close_stage();
}
