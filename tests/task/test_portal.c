/*
 * test_portal.c - the claims of portal.h, on real threads.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#include "loop/loop.h"
#include "loop/result.h"
#include "task/defer.h"
#include "task/offload.h"
#include "task/portal.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

enum { THREADS = 4, CALLS = 500 };

/* A claim held in the main task of a real run, after which all memory has come
   back. */
static void hold_to_the_last_block(void (*claim)(void))
{
    struct claim c = {claim};
    long blocks = faults_blocks();

    cr_expect_eq(gyre_run(hold_claim, &c), 0);
    cr_expect_eq(faults_blocks(), blocks);
}

#define REAL_CLAIM(name)                                                       \
    static void name(void);                                                    \
    Test(portal, name)                                                         \
    {                                                                          \
        hold_to_the_last_block(name);                                          \
    }                                                                          \
    static void name(void)

static struct gyre_portal portal;

/* ---- threads, and what they ask for ---- */

/* A thread that makes one call, or many. */
struct caller {
    pthread_t thread;
    intptr_t (*fn)(void *arg);
    void *arg;
    int times;
    intptr_t result; /* of the last */
    int refused;     /* as the portal was closed */
    sem_t *called;   /* posted when it is over, or NULL */
};

static void *call(void *arg)
{
    struct caller *c = arg;

    for (int i = 0; i < c->times; i++) {
        c->result = gyre_portal_call(&portal, c->fn, c->arg);
        c->refused += c->result == -EPIPE;
    }
    if (c->called != NULL)
        sem_post(c->called);
    return NULL;
}

static void start(struct caller *c)
{
    if (c->times == 0)
        c->times = 1;
    cr_expect_eq(pthread_create(&c->thread, NULL, call, c), 0);
}

/* Wait for a thread without blocking the loop. */
static intptr_t join(void *arg)
{
    return pthread_join(((struct caller *)arg)->thread, NULL);
}

static void finish(struct caller *c)
{
    cr_expect_eq(gyre_offload(join, c, GYRE_FOREVER), 0);
}

static pthread_t loop_thread;

static intptr_t add(void *sum)
{
    intptr_t *n = sum;
    intptr_t before = *n;

    must(gyre_in_task() && pthread_equal(pthread_self(), loop_thread));
    if (gyre_yield() != 0)
        return -ECANCELED;
    (*n)++;
    return before;
}

/* ---- calling ---- */

REAL_CLAIM(has_calls_run_as_tasks_and_returns_their_results)
{
    intptr_t sum = 41;
    struct caller c = {.fn = add, .arg = &sum};
    struct gyre_scope s;

    loop_thread = pthread_self();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    start(&c);
    finish(&c);
    cr_expect_eq(c.result, 41);
    cr_expect_eq(sum, 42);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t fail(void *arg)
{
    return (intptr_t)arg;
}

static int undone;

static void undo(void *arg)
{
    (*(int *)arg)++;
}

static intptr_t defer_undoing(void *arg)
{
    static struct gyre_defer d;

    gyre_defer(&d, undo, arg);
    return undone;
}

/* On another thread. */
static intptr_t call_and_look(void *arg)
{
    intptr_t before = gyre_portal_call(&portal, defer_undoing, arg);

    return before == 0 && undone == 1;
}

REAL_CLAIM(waits_for_what_a_call_has_deferred_too)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    cr_expect_eq(gyre_offload(call_and_look, &undone, GYRE_FOREVER), 1);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

REAL_CLAIM(whose_calls_fail_tells_the_caller_and_not_the_scope)
{
    struct caller c = {.fn = fail, .arg = (void *)-EIO};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    start(&c);
    finish(&c);
    cr_expect_eq(c.result, -EIO);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

REAL_CLAIM(is_for_any_number_of_threads_at_once)
{
    struct caller c[THREADS];
    intptr_t sum = 0;
    struct gyre_scope s;

    loop_thread = pthread_self();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    for (int i = 0; i < THREADS; i++) {
        c[i] = (struct caller){.fn = add, .arg = &sum, .times = CALLS};
        start(&c[i]);
    }
    for (int i = 0; i < THREADS; i++)
        finish(&c[i]);
    cr_expect_eq(sum, THREADS * CALLS);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* An open portal is all that keeps the run from being called deadlocked. */
REAL_CLAIM(holds_the_loop_while_it_is_open)
{
    struct gyre_future done = {0};
    struct caller c = {.fn = fail, .arg = NULL};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    start(&c);
    cr_expect_eq(gyre_await(&done, gyre_in(MS)), -ETIMEDOUT);
    gyre_portal_close(&portal);
    cr_expect(gyre_loop_alive(gyre_loop_current()) == false);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    pthread_join(c.thread, NULL);
}

static intptr_t call_from_work(void *arg)
{
    return gyre_portal_call(&portal, add, arg);
}

REAL_CLAIM(is_for_offloaded_work_too)
{
    intptr_t sum = 7;
    struct gyre_scope s;

    loop_thread = pthread_self();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    cr_expect_eq(gyre_offload(call_from_work, &sum, GYRE_FOREVER), 7);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- spawning ---- */

static void *ask_for_many(void *arg)
{
    for (intptr_t i = 0; i < 26; i++)
        cr_expect_eq(gyre_portal_spawn(&portal, play, (struct part *)arg + i),
                     0);
    return NULL;
}

REAL_CLAIM(spawns_in_order_without_waiting)
{
    static struct part parts[26];
    pthread_t thread;
    struct gyre_scope s;

    for (int i = 0; i < 26; i++)
        parts[i] = (struct part){.name = (char)('a' + i)};
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    pthread_create(&thread, NULL, ask_for_many, parts);
    pthread_join(thread, NULL); /* the loop stands still, and none waits */
    expect_notes("");
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abcdefghijklmnopqrstuvwxyz");
}

REAL_CLAIM(whose_spawned_tasks_fail_fails_its_scope)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    cr_expect_eq(gyre_portal_spawn(&portal, fail, (void *)-EIO), 0);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), -EIO);
}

/* ---- closing ---- */

REAL_CLAIM(that_is_closed_refuses_and_can_be_opened_again)
{
    struct caller c = {.fn = fail, .arg = (void *)7};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 2; i++) {
        start(&c);
        pthread_join(c.thread, NULL);
        cr_expect_eq(c.result, -EPIPE);
        cr_expect_eq(gyre_portal_spawn(&portal, fail, NULL), -EPIPE);
        gyre_portal_open(&portal, &s);
        start(&c);
        finish(&c);
        cr_expect_eq(c.result, 7);
        gyre_portal_close(&portal);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static sem_t begun;

static intptr_t doze(void *span)
{
    int err;

    sem_post(&begun);
    err = gyre_sleep(gyre_in((gyre_time)(intptr_t)span));
    note(err ? 'D' : 'd');
    return err;
}

static intptr_t await_begin(void *arg)
{
    (void)arg;
    while (sem_wait(&begun) != 0)
        continue;
    return 0;
}

REAL_CLAIM(waits_at_its_end_for_calls_in_flight)
{
    for (int cancelled = 0; cancelled < 2; cancelled++) {
        intptr_t span = cancelled ? 60 * GYRE_SECOND : MS;
        struct caller c = {.fn = doze, .arg = (void *)span};
        struct gyre_scope s;

        sem_init(&begun, 0, 0);
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_portal_open(&portal, &s);
        start(&c);
        cr_expect_eq(gyre_offload(await_begin, NULL, GYRE_FOREVER), 0);
        if (cancelled)
            gyre_scope_cancel(&s);
        gyre_portal_close(&portal);
        expect_notes(cancelled ? "D" : "d");
        pthread_join(c.thread, NULL);
        cr_expect_eq(c.result, cancelled ? -ECANCELED : 0);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}

/* ---- a run that ends meanwhile ---- */

static struct caller callers[THREADS];
static intptr_t counted;

static intptr_t count(void *arg)
{
    (void)arg;
    if (++counted == CALLS)
        gyre_loop_stop(gyre_loop_current());
    return gyre_yield();
}

static intptr_t serve_until_stopped(void *arg)
{
    struct gyre_scope s;
    int err;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    for (int i = 0; i < THREADS; i++) {
        callers[i] = (struct caller){.fn = count, .times = CALLS};
        start(&callers[i]);
    }
    err = gyre_sleep(GYRE_FOREVER);
    gyre_portal_close(&portal);
    return gyre_scope_close(&s, err);
}

/* The threads go on calling while the run unwinds, and when it is no more. */
Test(portal, outlives_its_run_and_loses_no_call)
{
    long blocks = faults_blocks();

    for (int round = 0; round < 20; round++) {
        intptr_t refused = 0;

        counted = 0;
        cr_expect_eq(gyre_run(serve_until_stopped, NULL), -ECANCELED);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(callers[i].thread, NULL);
            refused += callers[i].refused;
        }
        cr_expect_geq(counted, CALLS);
        cr_expect_eq(counted + refused, THREADS * CALLS);
    }
    cr_expect_eq(faults_blocks(), blocks);
}

/* ---- failing ---- */

static int spawn_by_portal(void)
{
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    err = gyre_portal_spawn(&portal, fail, NULL);
    gyre_portal_close(&portal);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    return err;
}

REAL_CLAIM(fails_cleanly_without_memory)
{
    cr_expect_eq(faults_in_memory(spawn_by_portal), 1);
}

static intptr_t stay(void *arg)
{
    (void)arg;
    return gyre_sleep(GYRE_FOREVER);
}

static void use_up_stacks(struct gyre_scope *tolerant)
{
    struct gyre_future f;

    while (gyre_spawn(tolerant, &f, stay, NULL) == 0)
        gyre_future_drop(&f);
    cr_expect_eq(gyre_future_result(&f), -ENOMEM);
}

REAL_CLAIM(tells_the_caller_that_there_is_no_stack)
{
    struct caller c = {.fn = fail, .arg = (void *)7};
    struct gyre_scope s;

    gyre_scope_open_tolerant(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    faults_in_mapping(true);
    use_up_stacks(&s);
    start(&c);
    finish(&c);
    faults_in_mapping(false);
    cr_expect_eq(c.result, -ENOMEM);
    gyre_portal_close(&portal);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

#ifndef NDEBUG
static intptr_t call_from_inside(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_portal_open(&portal, &s);
    return gyre_portal_call(&portal, fail, arg);
}

Test(portal, is_not_called_on_the_loop_s_own_thread, .signal = SIGABRT)
{
    (void)gyre_run(call_from_inside, NULL);
}
#endif
