/*
 * test_offload.c - the claims of offload.h.
 *
 * What must happen in an order is ordered by gates; no thread sleeps.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "task/future.h"
#include "task/offload.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* A claim held in a real run, with so many threads. */
#define REAL_CLAIM(name, threads)                                              \
    static void name(void);                                                    \
    Test(offload, name)                                                        \
    {                                                                          \
        hold_for_real(name, threads);                                          \
    }                                                                          \
    static void name(void)

/* ---- work ---- */

/* Says that it begins, and ends when it is told. */
struct gate {
    sem_t begun, go;
    atomic_int worked, released;
    pthread_t by;
};

static struct gate first, second;

static void open_gates(void)
{
    struct gate *gates[] = {&first, &second};

    for (int i = 0; i < 2; i++) {
        sem_init(&gates[i]->begun, 0, 0);
        sem_init(&gates[i]->go, 0, 0);
        gates[i]->worked = 0;
        gates[i]->released = 0;
    }
}

static void pass(sem_t *s)
{
    while (sem_wait(s) != 0)
        continue;
}

static intptr_t work(void *arg)
{
    struct gate *g = arg;

    g->by = pthread_self();
    sem_post(&g->begun);
    pass(&g->go);
    g->worked++;
    return 42;
}

static void work_in_vain(void *arg)
{
    (void)work(arg);
}

static void release(void *arg)
{
    ((struct gate *)arg)->released++;
}

/* Offloads it, and keeps what came of that. */
struct client {
    struct gate *gate;
    gyre_time deadline;
    intptr_t result;
};

static intptr_t offload(void *arg)
{
    struct client *c = arg;

    c->result = gyre_offload(work, c->gate, c->deadline);
    note('o');
    return 0;
}

static intptr_t offload_abandonable(void *arg)
{
    struct client *c = arg;

    c->result =
        gyre_offload_abandonable(work_in_vain, c->gate, release, c->deadline);
    note('a');
    return 0;
}

/* Spawn a client whose work has begun on return. */
static void begin(struct gyre_scope *s, intptr_t (*how)(void *arg),
                  struct client *c)
{
    gyre_spawn(s, NULL, how, c);
    cr_expect_eq(gyre_yield(), 0);
    pass(&c->gate->begun);
}

/* ---- waited for ---- */

static intptr_t who(void *arg)
{
    *(pthread_t *)arg = pthread_self();
    return 7;
}

REAL_CLAIM(has_work_done_by_another_thread, 1)
{
    pthread_t by;

    cr_expect_eq(gyre_offload(who, &by, GYRE_FOREVER), 7);
    cr_expect(!pthread_equal(by, pthread_self()));
    cr_expect_eq(gyre_offload(who, &by, gyre_in(60 * GYRE_SECOND)), 7);
}

REAL_CLAIM(lets_other_tasks_run_meanwhile, 1)
{
    struct client c = {&first, GYRE_FOREVER, 0};
    struct gyre_future f;
    struct gyre_scope s;

    open_gates();
    gyre_scope_open(&s, GYRE_FOREVER);
    begin(&s, offload, &c);
    gyre_spawn(&s, &f, PLAY('t', MS, 7));
    cr_expect_eq(gyre_await(&f, GYRE_FOREVER), 7);
    sem_post(&first.go);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("to");
    cr_expect_eq(c.result, 42);
}

/* With one thread busy, what comes after it waits in the queue. */
REAL_CLAIM(is_a_cancel_point_while_the_work_is_queued, 1)
{
    struct client a = {&first, GYRE_FOREVER, 0};
    struct client b = {&second, GYRE_FOREVER, 0};
    struct gyre_scope around, s;

    open_gates();
    gyre_scope_open(&around, GYRE_FOREVER);
    begin(&around, offload, &a);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, offload, &b);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(b.result, -ECANCELED);

    b.deadline = gyre_in(MS);
    (void)offload(&b);
    cr_expect_eq(b.result, -ETIMEDOUT);
    sem_post(&first.go);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    cr_expect_eq(a.result, 42);
    cr_expect_eq(second.worked, 0, "what was withdrawn never runs");
    expect_notes("ooo");
}

static intptr_t open_later(void *gate)
{
    int err = gyre_sleep(gyre_in(2 * MS));

    sem_post(&((struct gate *)gate)->go);
    return err;
}

REAL_CLAIM(waits_for_work_that_runs_whatever_happens, 1)
{
    struct client c = {&first, gyre_in(60 * GYRE_SECOND), 0};
    struct gyre_scope around, s;

    open_gates();
    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, GYRE_FOREVER);
    begin(&s, offload, &c);
    gyre_scope_cancel(&s);
    gyre_spawn(&around, NULL, open_later, &first);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(c.result, 42);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
}

/* When the work has begun, lets the scope's limit pass, and then the work
   end. */
static intptr_t limit_once_begun(void *scope)
{
    pass(&first.begun);
    gyre_scope_limit(scope, gyre_in(MS));
    return open_later(&first);
}

/* So the limit counts only if somebody else is told of it. */
REAL_CLAIM(that_is_waited_for_is_not_told_of_a_limit, 1)
{
    struct gyre_scope around, s;

    open_gates();
    gyre_scope_open(&around, GYRE_FOREVER);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&around, NULL, limit_once_begun, &s);
    cr_expect_eq(gyre_offload(work, &first, GYRE_FOREVER), 42);
    cr_expect(gyre_scope_cancelled(&s));
    cr_expect_eq(gyre_scope_close(&s, 5), 5);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
}

REAL_CLAIM(does_not_begin_if_it_must_not, 1)
{
    struct gyre_scope s;

    open_gates();
    cr_expect_eq(gyre_offload(work, &first, GYRE_NOW), -ETIMEDOUT);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_offload(work, &first, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_offload(work, &first, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(first.worked, 0);
}

static pthread_barrier_t meeting;

static intptr_t meet(void *arg)
{
    int r = pthread_barrier_wait(&meeting);

    (void)arg;
    return r == 0 || r == PTHREAD_BARRIER_SERIAL_THREAD ? 0 : -EINVAL;
}

static intptr_t offload_meeting(void *arg)
{
    return gyre_offload(meet, arg, GYRE_FOREVER);
}

REAL_CLAIM(has_as_many_threads_as_the_run_was_given, 7)
{
    struct gyre_scope s;

    pthread_barrier_init(&meeting, NULL, 7);
    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 7; i++)
        gyre_spawn(&s, NULL, offload_meeting, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    pthread_barrier_destroy(&meeting);
}

static intptr_t add_one(void *arg)
{
    return (intptr_t)arg + 1;
}

static intptr_t offload_often(void *arg)
{
    intptr_t n = 0;

    for (int i = 0; i < 100 && n == i; i++)
        n = gyre_offload(add_one, (void *)n, GYRE_FOREVER);
    *(intptr_t *)arg = n;
    return 0;
}

REAL_CLAIM(serves_many_tasks, 4)
{
    intptr_t n[50] = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 50; i++)
        gyre_spawn(&s, NULL, offload_often, &n[i]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 50; i++)
        cr_expect_eq(n[i], 100);
}

/* ---- walked away from ---- */

REAL_CLAIM(gives_the_argument_back_when_the_work_is_over, 1)
{
    open_gates();
    sem_post(&first.go);
    cr_expect_eq(
        gyre_offload_abandonable(work_in_vain, &first, release, GYRE_FOREVER),
        0);
    cr_expect_eq(first.worked, 1);
    cr_expect_eq(first.released, 0);
}

REAL_CLAIM(releases_the_argument_if_the_work_never_begins, 1)
{
    struct client a = {&first, GYRE_FOREVER, 0};
    struct client b = {&second, GYRE_FOREVER, 0};
    struct gyre_scope around, s;

    open_gates();
    gyre_scope_open(&around, GYRE_FOREVER);
    begin(&around, offload, &a);
    b.deadline = GYRE_NOW;
    (void)offload_abandonable(&b);
    cr_expect_eq(b.result, -ETIMEDOUT);
    cr_expect_eq(second.released, 1);
    b.deadline = gyre_in(MS);
    (void)offload_abandonable(&b);
    cr_expect_eq(b.result, -ETIMEDOUT);
    cr_expect_eq(second.released, 2);
    b.deadline = GYRE_FOREVER;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, offload_abandonable, &b);
    cr_expect_eq(gyre_yield(), 0);
    gyre_scope_cancel(&s);
    (void)offload_abandonable(&b);
    cr_expect_eq(b.result, -ECANCELED);
    cr_expect_eq(second.released, 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(second.released, 4);
    sem_post(&first.go);
    cr_expect_eq(gyre_scope_close(&around, 0), 0);
    cr_expect_eq(second.worked, 0);
}

static void walk_away_and_end(void)
{
    struct client c = {&first, GYRE_FOREVER, 0};
    struct gyre_scope s;

    open_gates();
    gyre_scope_open(&s, GYRE_FOREVER);
    begin(&s, offload_abandonable, &c);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(c.result, -ECANCELED);
    cr_expect_eq(first.released, 0);
    cr_expect_eq(first.worked, 0);
}

static void end_of_abandoned_work(void)
{
    while (first.released == 0)
        sched_yield();
}

Test(offload, leaves_work_to_its_thread_even_when_the_run_has_ended)
{
    struct gyre_run_options options = {.threads = {1}};
    struct claim c = {walk_away_and_end};
    long blocks = faults_blocks();

    cr_expect_eq(gyre_run_with(&options, hold_claim, &c), 0);
    sem_post(&first.go);
    end_of_abandoned_work();
    cr_expect_eq(first.worked, 1);
    cr_expect_eq(first.released, 1);
    while (faults_blocks() != blocks)
        sched_yield();
}

REAL_CLAIM(goes_on_at_once_when_time_is_up_while_the_work_runs, 1)
{
    struct client c = {&first, GYRE_FOREVER, 0};
    struct gyre_scope s;

    open_gates();
    gyre_scope_open(&s, GYRE_FOREVER);
    begin(&s, offload_abandonable, &c);
    gyre_scope_limit(&s, gyre_in(MS));
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect_eq(c.result, -ECANCELED);
    cr_expect_eq(first.released, 0);

    /* And the next work has a thread, though that one may be stuck. */
    sem_post(&second.go);
    cr_expect_eq(gyre_offload(work, &second, GYRE_FOREVER), 42);
    sem_post(&first.go);
    end_of_abandoned_work();
    cr_expect_eq(first.worked, 1);
    cr_expect_eq(first.released, 1);
}

/* Walks away at a time when the work may be queued, running or over. */
static void add(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

static atomic_int gone;

static void count_gone(void *arg)
{
    (void)arg;
    atomic_fetch_add(&gone, 1);
}

static intptr_t walk_away_sometime(void *arg)
{
    gyre_time patience = (intptr_t)arg;
    static atomic_int sum;
    int err =
        gyre_offload_abandonable(add, &sum, count_gone, gyre_in(patience));

    if (err == 0)
        count_gone(NULL);
    return err == -ETIMEDOUT ? 0 : err;
}

REAL_CLAIM(accounts_for_every_argument_once, 2)
{
    enum { MANY = 2000 };
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 0; i < MANY; i++)
        gyre_spawn(&s, NULL, walk_away_sometime, (void *)(i * 1000));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    while (gone != MANY)
        sched_yield();
}

/* ---- under simulation ---- */

static intptr_t look_around(void *arg)
{
    *(const char **)arg = __builtin_frame_address(0);
    note('w');
    return 7;
}

CLAIM(offload, under_simulation_is_done_by_the_loop_in_its_next_pass,
      .init = in_order)
{
    const char *stack = NULL;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 0, 0));
    gyre_spawn(&s, NULL, PLAY('b', MS, 0));
    cr_expect_eq(gyre_offload(look_around, &stack, GYRE_FOREVER), 7);
    note('c');
    cr_expect_eq(elapsed(), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("awcb");
    cr_expect_gt(labs((long)(stack - (const char *)&stack)), 1L << 20,
                 "it is not done on the task's stack");
}

static intptr_t offload_look(void *arg)
{
    return gyre_offload(look_around, arg, GYRE_FOREVER);
}

CLAIM(offload, under_simulation_can_be_cancelled_before_it_is_done)
{
    const char *stack = NULL;
    struct gyre_future f;
    struct gyre_scope s;

    open_gates();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, offload_look, &stack);
    cr_expect_eq(gyre_yield(), 0);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_future_result(&f), -ECANCELED);
    expect_notes("");
    sem_post(&first.go);
    cr_expect_eq(
        gyre_offload_abandonable(work_in_vain, &first, release, GYRE_FOREVER),
        0);
    cr_expect_eq(first.worked, 1);
    cr_expect_eq(first.released, 0);
}

/* ---- failing ---- */

static intptr_t offload_both(void *arg)
{
    intptr_t r = gyre_offload(add_one, arg, GYRE_FOREVER);

    if (r != 1)
        return r;
    open_gates();
    sem_post(&first.go);
    return gyre_offload_abandonable(work_in_vain, &first, release,
                                    GYRE_FOREVER);
}

static int run_offloads(void)
{
    int err = (int)gyre_run(offload_both, NULL);

    cr_expect(err == 0 || first.worked + first.released <= 1);
    return err;
}

static int simulate_offloads(void)
{
    return (int)gyre_simulate(offload_both, NULL);
}

Test(offload, fails_cleanly_without_memory)
{
    cr_expect_geq(faults_in_memory(run_offloads), 5);
    cr_expect_geq(faults_in_memory(simulate_offloads), 5);
    cr_expect_geq(faults_in_descriptors(run_offloads), 2);
}
