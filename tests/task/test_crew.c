/*
 * test_crew.c - the claims of crew.h, on real threads.
 *
 * No thread sleeps here: gates say when each may go on.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>

#include "loop/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "task/crew.h"
#include "tests/support/children.h"
#include "tests/support/faults.h"

enum { MANY = 200 };

/* Work that says when it begins, and ends when it is told. */
struct chore {
    struct gyre_work work;
    sem_t begun, go;
    pthread_t by;
    int order; /* in which it was done, from 1 */
    int done, released;
};

static struct gyre_loop *l;
static int sequence;
static sem_t releases;

static void run(struct gyre_work *w)
{
    struct chore *c = GYRE_OWNER(w, struct chore, work);

    c->by = pthread_self();
    sem_post(&c->begun);
    while (sem_wait(&c->go) != 0)
        continue;
}

static void done(struct gyre_work *w)
{
    struct chore *c = GYRE_OWNER(w, struct chore, work);

    c->done++;
    c->order = ++sequence;
    gyre_loop_release(l);
}

static void release(struct gyre_work *w)
{
    struct chore *c = GYRE_OWNER(w, struct chore, work);

    c->released++;
    sem_post(&releases);
}

static sem_t doors;

static void release_when_told(struct gyre_work *w)
{
    while (sem_wait(&doors) != 0)
        continue;
    release(w);
}

static void prepare(struct chore *c)
{
    *c = (struct chore){.work = {.run = run, .done = done, .release = release}};
    sem_init(&c->begun, 0, 0);
    sem_init(&c->go, 0, 0);
}

static void start(struct gyre_crew *crew, struct chore *c)
{
    prepare(c);
    gyre_loop_hold(l);
    cr_assert_eq(gyre_crew_start(crew, &c->work), 0);
}

static void await_begin(struct chore *c)
{
    while (sem_wait(&c->begun) != 0)
        continue;
}

static bool has_begun(struct chore *c)
{
    return sem_trywait(&c->begun) == 0;
}

static struct gyre_crew *new_crew(unsigned limit)
{
    struct gyre_pool pool = {.threads = limit};
    struct gyre_crew *crew;

    cr_assert_eq(gyre_crew_new(&crew, l, &pool), 0);
    return crew;
}

static long blocks;

static void set_up(void)
{
    blocks = faults_blocks();
    sequence = 0;
    sem_init(&releases, 0, 0);
    cr_assert_eq(gyre_loop_new(&l), 0);
}

static void tear_down(void)
{
    gyre_loop_free(l);
}

/* All memory comes back; of threads that were left alone, in their own time. */
static void expect_nothing_left(void)
{
    gyre_loop_free(l);
    while (faults_blocks() != blocks)
        sched_yield();
    cr_assert_eq(gyre_loop_new(&l), 0);
}

TestSuite(crew, .init = set_up, .fini = tear_down);

Test(crew, starts_no_thread_before_there_is_work)
{
    struct gyre_crew *crew = new_crew(2);

    gyre_crew_free(crew);
    gyre_crew_free(NULL);
    expect_nothing_left();
}

Test(crew, work_is_done_elsewhere_and_comes_back)
{
    struct gyre_crew *crew = new_crew(2);
    struct chore c;

    start(crew, &c);
    await_begin(&c);
    cr_expect_eq(c.done, 0);
    sem_post(&c.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(c.done, 1);
    cr_expect_eq(c.released, 0);
    cr_expect(!pthread_equal(c.by, pthread_self()));
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, one_thread_takes_work_in_order)
{
    struct gyre_crew *crew = new_crew(1);
    static struct chore c[MANY];

    for (int i = 0; i < MANY; i++) {
        start(crew, &c[i]);
        sem_post(&c[i].go);
    }
    cr_expect_eq(gyre_loop_run(l), 0);
    for (int i = 0; i < MANY; i++) {
        cr_expect_eq(c[i].order, i + 1);
        cr_expect(pthread_equal(c[i].by, c[0].by));
    }
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, has_as_many_threads_as_it_needs_up_to_the_limit)
{
    struct gyre_crew *crew = new_crew(2);
    struct chore a, b, c;

    start(crew, &a);
    start(crew, &b);
    await_begin(&a);
    await_begin(&b);
    start(crew, &c);
    sem_post(&c.go);
    cr_expect(!has_begun(&c), "there was a third thread");
    sem_post(&a.go);
    await_begin(&c);
    sem_post(&b.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect(!pthread_equal(a.by, b.by));
    cr_expect(pthread_equal(c.by, a.by));
    gyre_crew_free(crew);
    expect_nothing_left();
}

/* Their threads may be at rest or on their way to it. */
Test(crew, all_threads_at_rest_come_for_as_much_work)
{
    struct gyre_crew *crew = new_crew(4);
    struct chore c[4];

    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 4; i++)
            start(crew, &c[i]);
        for (int i = 0; i < 4; i++)
            await_begin(&c[i]);
        for (int i = 0; i < 4; i++)
            sem_post(&c[i].go);
        cr_expect_eq(gyre_loop_run(l), 0);
    }
    cr_expect_eq(gyre_crew_stats(crew).threads, 4);
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, no_more_threads_are_woken_than_there_is_work)
{
    enum { ROUNDS = 50 };
    struct gyre_crew *crew = new_crew(4);
    struct chore c[4];

    for (int i = 0; i < 4; i++)
        start(crew, &c[i]);
    for (int i = 0; i < 4; i++)
        sem_post(&c[i].go);
    cr_expect_eq(gyre_loop_run(l), 0);
    children_woken = 0;
    for (int i = 0; i < ROUNDS; i++) {
        start(crew, &c[0]);
        sem_post(&c[0].go);
        cr_expect_eq(gyre_loop_run(l), 0);
    }
    cr_expect_leq(children_woken, ROUNDS);
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, what_is_over_comes_back_before_the_next_piece_is)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore a, b;

    start(crew, &a);
    start(crew, &b);
    sem_post(&a.go);
    while (a.done == 0)
        cr_assert_eq(gyre_loop_once(l, GYRE_FOREVER), 0);
    await_begin(&b);
    cr_expect_eq(b.done, 0);
    sem_post(&b.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(b.done, 1);
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, a_limit_of_0_is_at_least_4)
{
    struct gyre_crew *crew = new_crew(0);
    struct chore c[4];

    for (int i = 0; i < 4; i++)
        start(crew, &c[i]);
    for (int i = 0; i < 4; i++)
        await_begin(&c[i]);
    for (int i = 0; i < 4; i++)
        sem_post(&c[i].go);
    cr_expect_eq(gyre_loop_run(l), 0);
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, queued_work_can_be_taken_back_and_running_work_cannot)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore a, b;

    start(crew, &a);
    await_begin(&a);
    start(crew, &b);
    cr_expect(!gyre_crew_abandon(crew, &b.work), "it has not begun");
    cr_expect(gyre_crew_stop(crew, &b.work));
    gyre_loop_release(l);
    cr_expect(!gyre_crew_stop(crew, &a.work));
    sem_post(&a.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(a.done, 1);
    cr_expect_eq(b.done, 0);
    cr_expect(!has_begun(&b));
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, work_abandoned_while_it_runs_is_released_by_its_thread)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore a, b;

    start(crew, &a);
    await_begin(&a);
    cr_expect(gyre_crew_abandon(crew, &a.work));
    gyre_loop_release(l);

    /* It does not count towards the limit, though its thread may be stuck. */
    start(crew, &b);
    await_begin(&b);
    sem_post(&b.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(b.done, 1);
    cr_expect_eq(a.released, 0);
    sem_post(&a.go);
    while (sem_wait(&releases) != 0)
        continue;
    cr_expect_eq(a.released, 1);
    cr_expect_eq(a.done, 0);
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, what_is_queued_behind_stuck_work_gets_a_thread)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore stuck, queued;

    start(crew, &stuck);
    await_begin(&stuck);
    start(crew, &queued);
    cr_expect(!has_begun(&queued));
    cr_expect(gyre_crew_abandon(crew, &stuck.work));
    gyre_loop_release(l);
    await_begin(&queued);
    sem_post(&queued.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(queued.done, 1);
    sem_post(&stuck.go);
    while (sem_wait(&releases) != 0)
        continue;
    gyre_crew_free(crew);
    expect_nothing_left();
}

/* When what was stuck comes back there is a thread too many, and one ends. */
Test(crew, the_limit_holds_again_when_stuck_work_is_over)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore stuck, next, a, b;

    start(crew, &stuck);
    await_begin(&stuck);
    cr_expect(gyre_crew_abandon(crew, &stuck.work));
    gyre_loop_release(l);
    start(crew, &next);
    await_begin(&next);
    sem_post(&stuck.go);
    while (sem_wait(&releases) != 0)
        continue;
    start(crew, &a);
    start(crew, &b);
    sem_post(&next.go);
    await_begin(&a);
    cr_expect(!has_begun(&b), "one thread does them one after the other");
    sem_post(&a.go);
    sem_post(&b.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_lt(a.order, b.order);
    cr_expect(pthread_equal(a.by, b.by));
    gyre_crew_free(crew);
    expect_nothing_left();
}

/* The thread too many is the one that was stuck, when it is through with all of
   that; another might be one whose work the loop has yet to hear of. */
Test(crew, no_other_thread_leaves_for_one_that_was_stuck)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore stuck, other[3];

    sem_init(&doors, 0, 0);
    start(crew, &stuck);
    stuck.work.release = release_when_told;
    await_begin(&stuck);
    start(crew, &other[0]);
    cr_expect(gyre_crew_abandon(crew, &stuck.work));
    gyre_loop_release(l);
    await_begin(&other[0]);
    sem_post(&stuck.go);
    while (gyre_crew_stats(crew).running > 1)
        sched_yield();
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            start(crew, &other[i]);
        sem_post(&other[i].go);
        cr_expect_eq(gyre_loop_run(l), 0);
        cr_expect_eq(other[i].done, 1);
        cr_expect(pthread_equal(other[i].by, other[0].by));
    }
    sem_post(&doors);
    while (sem_wait(&releases) != 0)
        continue;
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, stuck_threads_are_replaced_once)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore stuck[2], waiting;

    for (int i = 0; i < 2; i++) {
        start(crew, &stuck[i]);
        await_begin(&stuck[i]);
        cr_expect(gyre_crew_abandon(crew, &stuck[i].work));
        gyre_loop_release(l);
    }
    start(crew, &waiting);
    sem_post(&waiting.go);
    for (int i = 0; i < 2; i++)
        sem_post(&stuck[i].go);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(waiting.done, 1);
    cr_expect(pthread_equal(waiting.by, stuck[0].by) ||
                  pthread_equal(waiting.by, stuck[1].by),
              "there was a third thread");
    gyre_crew_free(crew);
    expect_nothing_left();
}

Test(crew, does_not_wait_at_its_end_for_abandoned_work)
{
    struct gyre_crew *crew = new_crew(2);
    struct chore a, b;

    start(crew, &a);
    start(crew, &b);
    await_begin(&a);
    await_begin(&b);
    cr_expect(gyre_crew_abandon(crew, &a.work));
    gyre_loop_release(l);
    sem_post(&b.go);
    cr_expect_eq(gyre_loop_run(l), 0);
    gyre_crew_free(crew);
    cr_expect_eq(a.released, 0);

    /* The loop may be gone, too. */
    gyre_loop_free(l);
    cr_assert_eq(gyre_loop_new(&l), 0);
    sem_post(&a.go);
    while (sem_wait(&releases) != 0)
        continue;
    cr_expect_eq(a.released, 1);
    cr_expect_eq(a.done, 0);
    expect_nothing_left();
}

static void look_at_mask(struct gyre_work *w)
{
    struct chore *c = GYRE_OWNER(w, struct chore, work);
    sigset_t mask;

    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    c->order = sigismember(&mask, SIGINT) && sigismember(&mask, SIGALRM) &&
               sigismember(&mask, SIGCHLD) && !sigismember(&mask, SIGSEGV);
}

static void keep_order(struct gyre_work *w)
{
    GYRE_OWNER(w, struct chore, work)->done++;
    gyre_loop_release(l);
}

Test(crew, threads_take_no_signals_but_their_own_faults)
{
    struct gyre_crew *crew = new_crew(1);
    struct chore c;
    sigset_t before, after;

    pthread_sigmask(SIG_SETMASK, NULL, &before);
    prepare(&c);
    c.work.run = look_at_mask;
    c.work.done = keep_order;
    gyre_loop_hold(l);
    cr_assert_eq(gyre_crew_start(crew, &c.work), 0);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(c.order, 1);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < 32; i++)
        cr_expect_eq(sigismember(&before, i), sigismember(&after, i));
    gyre_crew_free(crew);
}

static int make_and_use(void)
{
    struct gyre_pool pool = {.threads = 1};
    struct gyre_crew *crew;
    struct chore c;
    int err = gyre_crew_new(&crew, l, &pool);

    if (err)
        return err;
    prepare(&c);
    sem_post(&c.go);
    gyre_loop_hold(l);
    err = gyre_crew_start(crew, &c.work);
    if (err)
        gyre_loop_release(l);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(c.done, err == 0);
    gyre_crew_free(crew);
    return err;
}

Test(crew, fails_cleanly_without_memory)
{
    cr_expect_geq(faults_in_memory(make_and_use), 2);
}

/* The only thread is stuck; whoever starts more is told that there is no
   other, rather than left to wait for it. */
static int start_beside_a_stuck_one(void)
{
    long before = faults_blocks();
    struct gyre_pool pool = {.threads = 1};
    struct gyre_crew *crew;
    struct chore stuck, c;
    int err = gyre_crew_new(&crew, l, &pool);

    if (err)
        return err;
    prepare(&stuck);
    prepare(&c);
    err = gyre_crew_start(crew, &stuck.work);
    if (err == 0) {
        await_begin(&stuck);
        cr_expect(gyre_crew_abandon(crew, &stuck.work));
        gyre_loop_hold(l);
        err = gyre_crew_start(crew, &c.work);
        sem_post(&c.go);
        if (err)
            gyre_loop_release(l);
        cr_expect_eq(gyre_loop_run(l), 0);
        sem_post(&stuck.go);
    }
    gyre_crew_free(crew);
    while (faults_blocks() != before)
        sched_yield();
    return err;
}

Test(crew, whose_threads_are_all_stuck_fails_without_memory_for_another)
{
    cr_expect_geq(faults_in_memory(start_beside_a_stuck_one), 3);
}
