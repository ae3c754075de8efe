/*
 * test_pool.c - the claims of pool.h, on real threads; what becomes of the
 * threads themselves is in test_crew.c.
 *
 * No thread sleeps here: gates say when each may go on.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "task/internal.h"
#include "task/offload.h"
#include "task/pool.h"
#include "task/run/run.h"
#include "task/scope.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/world.h"

/* A claim held in a real run, with so many threads. */
#define REAL_CLAIM(name, threads)                                              \
    static void name(void);                                                    \
    Test(pool, name)                                                           \
    {                                                                          \
        hold_for_real(name, threads);                                          \
    }                                                                          \
    static void name(void)

/* ---- work ---- */

/* Says that it begins, and ends when it is told. */
static sem_t begun, go;

static intptr_t pass(void *gate)
{
    while (sem_wait(gate) != 0)
        continue;
    return 0;
}

static intptr_t work(void *arg)
{
    sem_post(&begun);
    (void)pass(&go);
    return (intptr_t)arg;
}

static intptr_t answer(void *arg)
{
    return (intptr_t)arg;
}

/* A task that offloads to a pool, and notes what came of it. */
struct client {
    struct gyre_pool *pool;
    intptr_t (*work)(void *arg);
    intptr_t result;
};

static intptr_t offload(void *arg)
{
    struct client *c = arg;

    c->result = gyre_offload_to(c->pool, c->work, (void *)7, GYRE_FOREVER);
    return 0;
}

/* Have every thread of `p`, which are `n`, be busy on return. */
static void occupy(struct gyre_scope *s, struct client *c, int n)
{
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    for (int i = 0; i < n; i++)
        gyre_spawn(s, NULL, offload, c);
    cr_expect_eq(gyre_yield(), 0);
    for (int i = 0; i < n; i++)
        (void)pass(&begun);
}

static void let_go(int n)
{
    for (int i = 0; i < n; i++)
        sem_post(&go);
}

/* ---- which ---- */

/* All threads of one are stuck, and the others go on. */
REAL_CLAIM(of_one_kind_keeps_no_other_waiting, 2)
{
    for (enum gyre_pool_kind stuck = 0; stuck < GYRE_POOLS; stuck++) {
        struct client c = {gyre_run_pool(stuck), work, 0};
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        occupy(&s, &c, 2);
        for (enum gyre_pool_kind kind = 0; kind < GYRE_POOLS; kind++) {
            struct gyre_pool *p = gyre_run_pool(kind);
            intptr_t r =
                gyre_offload_to(p, answer, (void *)5,
                                kind == stuck ? gyre_in(MS) : GYRE_FOREVER);

            cr_expect_eq(r, kind == stuck ? -ETIMEDOUT : 5);
        }
        let_go(2);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(c.result, 7);
    }
}

REAL_CLAIM(for_work_is_where_offloads_go, 1)
{
    struct gyre_pool *p = gyre_run_pool(GYRE_POOL_WORK);

    cr_expect_eq(gyre_offload(answer, (void *)1, GYRE_FOREVER), 1);
    cr_expect_eq(gyre_offload_to(NULL, answer, (void *)2, GYRE_FOREVER), 2);
    cr_expect_eq(gyre_pool_stats(p).done, 2);
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_FILES)).done, 0);
}

Test(pool, of_a_run_is_none_outside_of_tasks)
{
    cr_expect_null(gyre_run_pool(GYRE_POOL_NAMES));
    cr_expect_eq(
        gyre_offload_to(gyre_run_pool(GYRE_POOL_NAMES), answer, NULL, GYRE_NOW),
        -ETIMEDOUT);
}

static atomic_int errands;

static void run_errand(void *arg)
{
    (void)arg;
    errands++;
}

static void forget_errand(void *arg)
{
    (void)arg;
    errands += 100;
}

REAL_CLAIM(may_be_one_s_own_and_used_again_after_it_was_closed, 1)
{
    struct gyre_pool p = {.name = "own", .threads = 2, .stack_size = 1};
    struct client c = {&p, work, 0};

    gyre_pool_close(&p);
    for (int i = 1; i <= 2; i++) {
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        occupy(&s, &c, 2);
        cr_expect_eq(gyre_pool_stats(&p).threads, 2);
        let_go(2);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(gyre_offload_abandonable_to(&p, run_errand, NULL,
                                                 forget_errand, GYRE_FOREVER),
                     0);
        cr_expect_eq(errands, i);
        cr_expect_eq(gyre_pool_stats(&p).done, 3);
        gyre_pool_close(&p);
        cr_expect_eq(gyre_pool_stats(&p).done, 0);
    }
    cr_expect_eq(gyre_pool_stats(gyre_run_pool(GYRE_POOL_WORK)).done, 0);
}

/* ---- how large ---- */

/* How many threads each pool of a run gets, when there is work for more. */
static intptr_t count_threads(void *arg)
{
    unsigned *threads = arg;

    for (enum gyre_pool_kind kind = 0; kind < GYRE_POOLS; kind++) {
        struct client c = {gyre_run_pool(kind), work, 0};
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        occupy(&s, &c, 0);
        for (int i = 0; i < 20; i++)
            gyre_spawn(&s, NULL, offload, &c);
        cr_expect_eq(gyre_yield(), 0);
        threads[kind] = gyre_pool_stats(c.pool).threads;
        let_go(20);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
    return 0;
}

static void expect_threads(const struct gyre_run_options *options,
                           unsigned work_, unsigned files, unsigned names)
{
    const unsigned expected[] = {work_, files, names};
    unsigned threads[GYRE_POOLS];

    cr_expect_eq(gyre_run_with(options, count_threads, threads), 0);
    for (int i = 0; i < GYRE_POOLS; i++)
        cr_expect_eq(threads[i], expected[i], "%d: %u", i, threads[i]);
}

static unsigned usual(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    processors = processors < 4 ? 4 : processors;
    return processors < 20 ? (unsigned)processors : 20;
}

Test(pool, is_as_large_as_the_run_or_the_environment_says)
{
    static const char *const nonsense[] = {
        "", "0", "-1", "+3", "3x", "1025", "99999999999999999999"};
    struct gyre_run_options options = {.threads = {[GYRE_POOL_FILES] = 5}};

    expect_threads(NULL, usual(), usual(), 16);
    setenv("GYRE_WORK_THREADS", "1", 1);
    setenv("GYRE_FILES_THREADS", "2", 1);
    setenv("GYRE_NAMES_THREADS", "3", 1);
    expect_threads(NULL, 1, 2, 3);
    expect_threads(&options, 1, 5, 3);
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++) {
        setenv("GYRE_WORK_THREADS", nonsense[i], 1);
        expect_threads(NULL, usual(), 2, 3);
    }
}

/* ---- room in the queue ---- */

static void refuse_what_is_too_much(struct gyre_pool *p)
{
    struct client busy = {p, work, 0}, queued = {p, answer, 0};
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    occupy(&s, &busy, 1);
    gyre_spawn(&s, &f, offload, &queued);
    gyre_spawn(&s, NULL, offload, &queued);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(gyre_offload_to(p, answer, NULL, GYRE_FOREVER), -EBUSY);
    cr_expect_eq(gyre_pool_stats(p).queued, 2);
    cr_expect_eq(gyre_pool_stats(p).running, 1);
    cr_expect_eq(gyre_pool_stats(p).refused, 1);

    /* Who leaves the queue makes room. */
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_pool_stats(p).queued, 1);
    cr_expect_eq(gyre_offload_to(p, answer, NULL, gyre_in(MS)), -ETIMEDOUT);
    let_go(1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(busy.result, 7);
    cr_expect_eq(gyre_pool_stats(p).done, 2);
    cr_expect_eq(gyre_pool_stats(p).queued, 0);
    cr_expect_eq(gyre_pool_stats(p).running, 0);
}

REAL_CLAIM(with_a_limit_refuses_what_would_have_to_wait_behind_it, 1)
{
    struct gyre_pool p = {.threads = 1, .queue = 2};

    refuse_what_is_too_much(&p);
    gyre_pool_close(&p);
}

CLAIM(pool, under_simulation_has_a_limit_as_well, .init = in_order)
{
    struct gyre_pool p = {.threads = 1, .queue = 1};
    struct client c[3] = {{&p, answer, 0}, {&p, answer, 0}, {&p, answer, 0}};
    struct gyre_scope s;

    for (int round = 1; round <= 2; round++) {
        gyre_scope_open(&s, GYRE_FOREVER);
        for (int i = 0; i < 3; i++)
            gyre_spawn(&s, NULL, offload, &c[i]);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(c[0].result, 7);
        cr_expect_eq(c[1].result, 7);
        cr_expect_eq(c[2].result, -EBUSY);
        cr_expect_eq(gyre_pool_stats(&p).refused, (uint64_t)round);
        cr_expect_eq(gyre_pool_stats(&p).done, (uint64_t)round * 2);
    }
    gyre_pool_close(&p);
}

/* ---- its books ---- */

static gyre_time clock_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

/* Is busy for a while. */
static intptr_t compute(void *span)
{
    gyre_time end = clock_now() + (intptr_t)span;

    while (clock_now() < end)
        continue;
    return 0;
}

static intptr_t offload_compute(void *pool)
{
    return gyre_offload_to(pool, compute, (void *)(intptr_t)(MS / 10),
                           GYRE_FOREVER);
}

/* Three one after the other: the last has waited for two. */
REAL_CLAIM(keeps_books_of_how_long_work_waits_and_takes, 1)
{
    struct gyre_pool *p = gyre_run_pool(GYRE_POOL_FILES);
    gyre_time before = clock_now(), span = MS / 10, all;
    struct gyre_pool_stats stats;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, offload_compute, p);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    all = clock_now() - before;
    stats = gyre_pool_stats(p);
    cr_expect_eq(stats.done, 3);
    cr_expect(stats.ran >= 3 * span && stats.ran <= all);
    cr_expect(stats.longest_run >= span && stats.longest_run < stats.ran);
    cr_expect(stats.longest_wait >= span && stats.longest_wait <= all);
    cr_expect(stats.waited > stats.longest_wait && stats.waited <= 3 * all);
}

static void work_in_vain(void *arg)
{
    (void)work(arg);
}

static intptr_t offload_in_vain(void *pool)
{
    return gyre_offload_abandonable_to(pool, work_in_vain, NULL, forget_errand,
                                       GYRE_FOREVER);
}

REAL_CLAIM(counts_what_nobody_waits_for_any_more, 1)
{
    struct gyre_pool *p = gyre_run_pool(GYRE_POOL_NAMES);
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    occupy(&s, NULL, 0);
    gyre_spawn(&s, &f, offload_in_vain, p);
    cr_expect_eq(gyre_yield(), 0);
    (void)pass(&begun);
    cr_expect_eq(gyre_pool_stats(p).abandoned, 0);
    gyre_future_cancel(&f);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(gyre_pool_stats(p).abandoned, 1);
    cr_expect_eq(gyre_pool_stats(p).running, 1);
    cr_expect_eq(gyre_pool_stats(p).done, 0);
    let_go(1);
    while (gyre_pool_stats(p).abandoned > 0)
        sched_yield();
    cr_expect_eq(gyre_pool_stats(p).running, 0);
    cr_expect_eq(gyre_pool_stats(p).done, 1);
    cr_expect_eq(errands, 100);
}

/* ---- in reports ---- */

/* What the wait of the task of `f` is for. */
static void expect_wait(const struct gyre_future *f, const char *expected)
{
    const struct gyre_wait *w = f->task->wait;
    char text[64], what[32];

    w->kind->describe(w, what, sizeof what);
    snprintf(text, sizeof text, "%s %s", w->kind->name, what);
    cr_expect_str_eq(text, expected);
}

static intptr_t offload_errand(void *pool)
{
    return gyre_offload_abandonable_to(pool, run_errand, NULL, forget_errand,
                                       GYRE_FOREVER);
}

CLAIM(pool, is_named_by_the_waits_for_it, .init = in_order)
{
    struct gyre_pool own = {0};
    struct client names = {gyre_run_pool(GYRE_POOL_NAMES), answer, 0};
    struct client nameless = {&own, answer, 0};
    struct gyre_future f[3];
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f[0], offload, &names);
    gyre_spawn(&s, &f[1], offload, &nameless);
    gyre_spawn(&s, &f[2], offload_errand, gyre_run_pool(GYRE_POOL_FILES));
    cr_expect_eq(gyre_yield(), 0);
    expect_wait(&f[0], "for a thread of the pool names");
    expect_wait(&f[1], "for a thread of the pool pool");
    expect_wait(&f[2], "for a thread of the pool files");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_pool_close(&own);
}

/* ---- threads have names ---- */

/* Not with the calls of a BSD, which the Makefile gives this name. */
#if defined __linux__ && !defined st_mtimespec
static intptr_t look_at_name(void *arg)
{
    return pthread_getname_np(pthread_self(), arg, 16);
}

static intptr_t look_at_names(void *arg)
{
    struct gyre_pool own = {.name = "of-a-very-long-name", .threads = 1};
    char name[16];

    (void)arg;
    cr_expect_eq(gyre_offload_to(gyre_run_pool(GYRE_POOL_NAMES), look_at_name,
                                 name, GYRE_FOREVER),
                 0);
    cr_expect_str_eq(name, "gyre-names");
    cr_expect_eq(gyre_offload_to(&own, look_at_name, name, GYRE_FOREVER), 0);
    cr_expect_str_eq(name, "gyre-of-a-very-");
    gyre_pool_close(&own);
    return 0;
}

Test(pool, has_threads_that_are_called_after_it)
{
    cr_expect_eq(gyre_run(look_at_names, NULL), 0);
}
#endif

/* ---- failing ---- */

static int use_pool(void)
{
    struct gyre_pool p = {.threads = 1};
    int err = (int)gyre_offload_to(&p, answer, NULL, GYRE_FOREVER);

    gyre_pool_close(&p);
    return err;
}

REAL_CLAIM(fails_cleanly_without_memory, 1)
{
    cr_expect_eq(faults_in_memory(use_pool), 2);
}
