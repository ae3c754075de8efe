/*
 * test_everything.c - a program of fifty tasks that uses all that tasks have,
 * in a thousand orders, and cancelled at each of its cancel points.
 *
 * Whatever happens to its tasks, the books must balance: what was taken is
 * given back, what was put in is taken out or still there.  Each wait has a
 * deadline, so that none is for ever when only one task was cancelled.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "loop/random.h"
#include "task/future.h"
#include "task/gather.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/sim/explore.h"
#include "task/sim/inject.h"
#include "task/sync/barrier.h"
#include "task/sync/condition.h"
#include "task/sync/event.h"
#include "task/sync/mutex.h"
#include "task/sync/once.h"
#include "task/sync/queue.h"
#include "task/sync/rwlock.h"
#include "task/sync/select.h"
#include "task/sync/semaphore.h"
#include "task/task.h"
#include "tests/task/world.h"

enum { TASKS = 50, PERMITS = 2, ROOM = 3 };

#define SOON gyre_in(50 * MS)

static void leave_environment(void)
{
    unsetenv("GYRE_SEED");
    unsetenv("GYRE_POINT");
}

TestSuite(everything, .init = leave_environment, .timeout = 60);

/* What they share, and the books. */
static struct shop {
    struct gyre_semaphore permits;
    struct gyre_mutex mutex;
    struct gyre_condition changed; /* `total` was */
    struct gyre_rwlock lock;       /* of `left` and `right`, which are equal */
    struct gyre_barrier barrier;
    struct gyre_once once;
    struct gyre_event event;
    struct gyre_queue queue;
    int room[ROOM];

    int total, added; /* under the mutex; and as each has noted it */
    int left, right;
    int put, taken; /* sums of items */
    int made;       /* times `once` was done */
    int wrong;
} shop;

static void want(bool it_is_so)
{
    shop.wrong += !it_is_so;
}

/* Some time, or none, so that all may happen before all. */
static gyre_time a_while(void)
{
    return gyre_in((gyre_time)(gyre_loop_random(gyre_loop_current()) % 3) * MS);
}

/* ---- what a task may do ---- */

static int use_permit(void)
{
    int err = gyre_semaphore_acquire(&shop.permits, 1, SOON);

    if (err)
        return err;
    err = gyre_sleep(a_while());
    gyre_semaphore_release(&shop.permits, 1);
    return err;
}

/* A shield lets the second step be made, once the first was. */
static int add_to_total(void)
{
    int err = gyre_mutex_lock(&shop.mutex, SOON), seen;
    struct gyre_scope shield;

    if (err)
        return err;
    seen = shop.total;
    gyre_scope_open_shielded(&shield, SOON);
    err = gyre_sleep(a_while());
    want(shop.total == seen);
    shop.total = seen + 1;
    shop.added++;
    gyre_mutex_unlock(&shop.mutex);
    gyre_condition_notify(&shop.changed);
    return (int)gyre_scope_close(&shield, err);
}

static bool is_three(void *arg)
{
    (void)arg;
    return shop.total >= 3;
}

static int wait_for_three(void)
{
    int err = gyre_mutex_lock(&shop.mutex, SOON);

    if (err)
        return err;
    err = gyre_condition_wait_for(&shop.changed, &shop.mutex, is_three, NULL,
                                  SOON);
    want(err != 0 || shop.total >= 3);
    gyre_mutex_unlock(&shop.mutex);
    return err;
}

static int write_both(void)
{
    int err = gyre_rwlock_write(&shop.lock, SOON);

    if (err)
        return err;
    shop.left++;
    err = gyre_yield();
    shop.right++;
    gyre_rwlock_unlock(&shop.lock);
    return err;
}

static int read_both(void)
{
    int err = gyre_rwlock_read(&shop.lock, SOON);

    if (err)
        return err;
    want(shop.left == shop.right);
    err = gyre_sleep(a_while());
    want(shop.left == shop.right);
    gyre_rwlock_unlock(&shop.lock);
    return err;
}

static int put_item(void)
{
    int item = 1 + (int)(gyre_loop_random(gyre_loop_current()) % 9);
    int err = gyre_queue_put(&shop.queue, &item, SOON);

    shop.put += err == 0 ? item : 0;
    return err;
}

static int take_item(void)
{
    int item;
    int err = gyre_queue_take(&shop.queue, &item, SOON);

    shop.taken += err == 0 ? item : 0;
    return err;
}

static intptr_t sleep_a_while(void *arg)
{
    (void)arg;
    return gyre_sleep(a_while());
}

/* An item, or a future, whichever comes first. */
static int select_one(void)
{
    struct gyre_future f;
    struct gyre_case cases[2];
    struct gyre_scope s;
    int item, n;

    gyre_scope_open(&s, SOON);
    gyre_spawn(&s, &f, sleep_a_while, NULL);
    cases[0] = gyre_case_take(&shop.queue, &item);
    cases[1] = gyre_case_future(&f);
    n = gyre_select(cases, 2, SOON);
    if (n == 0 && cases[0].result == 0)
        shop.taken += item;
    gyre_scope_cancel(&s);
    return (int)gyre_scope_close(&s, n < 0 ? n : 0);
}

static int meet(void)
{
    ssize_t n = gyre_barrier_wait(&shop.barrier, SOON);

    return n < 0 ? (int)n : 0;
}

static int make(void *arg)
{
    int err = gyre_sleep(a_while());

    (void)arg;
    shop.made += err == 0;
    return err;
}

static int make_once(void)
{
    int err = gyre_once(&shop.once, make, NULL, SOON);

    want(err != 0 || shop.made == 1);
    return err;
}

static int set_event(void)
{
    int err = gyre_sleep(a_while());

    gyre_event_set(&shop.event);
    return err;
}

static int wait_for_event(void)
{
    return gyre_event_wait(&shop.event, SOON);
}

static intptr_t seven(void *arg)
{
    return (intptr_t)arg + 7;
}

/* Work for a thread, with memory of the loop's in hand. */
static int offload(void)
{
    struct gyre_allocator *a = gyre_loop_allocator(gyre_loop_current());
    void *block = gyre_resize(a, NULL, 0, 64);
    intptr_t r = gyre_offload(seven, NULL, SOON);

    want(r == 7 || gyre_is_error(r));
    gyre_resize(a, block, 64, 0);
    return r == 7 ? 0 : (int)r;
}

static int race(void)
{
    struct gyre_call calls[3] = {
        {.fn = sleep_a_while}, {.fn = sleep_a_while}, {.fn = sleep_a_while}};
    int n = (int)gyre_gather(calls, 3, GYRE_GATHER_RACE, SOON);

    return n < 0 ? n : 0;
}

/* One goes on, and the other is told to stop. */
static int await_two(void)
{
    struct gyre_future f[2];
    struct gyre_scope s;
    intptr_t r;

    gyre_scope_open_tolerant(&s, SOON);
    gyre_spawn(&s, &f[0], sleep_a_while, NULL);
    gyre_spawn(&s, &f[1], sleep_a_while, NULL);
    r = gyre_await(&f[0], SOON);
    gyre_future_cancel(&f[1]);
    return (int)gyre_scope_close(&s, r);
}

static int (*const deeds[])(void) = {
    use_permit, add_to_total,   wait_for_three, write_both, read_both,
    put_item,   take_item,      select_one,     meet,       make_once,
    set_event,  wait_for_event, offload,        race,       await_two};

/* ---- the program ---- */

static intptr_t work(void *deed)
{
    return (*(int (**)(void))deed)();
}

static void open_shop(void)
{
    shop = (struct shop){.permits.permits = PERMITS, .barrier.parties = 3};
    shop.queue.items = (struct gyre_items){
        .room = shop.room, .size = sizeof shop.room[0], .capacity = ROOM};
}

/* What each makes of it is its own business: all may fail. */
static intptr_t run_shop(void *arg)
{
    size_t n = sizeof deeds / sizeof deeds[0];
    struct gyre_future done[TASKS];
    struct gyre_scope s;

    (void)arg;
    open_shop();
    gyre_scope_open_tolerant(&s, gyre_in(GYRE_SECOND));
    for (size_t i = 0; i < TASKS; i++)
        gyre_spawn(&s, &done[i], work, (void *)(uintptr_t)&deeds[i % n]);
    for (size_t i = 0; i < TASKS; i++)
        (void)!gyre_await(&done[i], GYRE_FOREVER);
    return gyre_scope_close(&s, 0);
}

static int left_in_queue(void)
{
    int sum = 0;

    for (size_t i = 0; i < shop.queue.items.length; i++)
        sum += shop.room[(shop.queue.items.first + i) % ROOM];
    return sum;
}

static int balance(void *arg)
{
    (void)arg;
    want(gyre_semaphore_available(&shop.permits) == PERMITS);
    want(gyre_semaphore_waiting(&shop.permits) == 0);
    want(gyre_mutex_waiting(&shop.mutex) == 0);
    want(gyre_condition_waiting(&shop.changed) == 0);
    want(gyre_rwlock_readers(&shop.lock) == 0);
    want(gyre_rwlock_waiting(&shop.lock) == 0);
    want(gyre_barrier_waiting(&shop.barrier) == 0);
    want(gyre_once_waiting(&shop.once) == 0);
    want(gyre_event_waiting(&shop.event) == 0);
    want(gyre_queue_putting(&shop.queue) + gyre_queue_taking(&shop.queue) == 0);
    want(shop.total == shop.added);
    want(shop.left == shop.right);
    want(shop.put == shop.taken + left_in_queue());
    return shop.wrong == 0 ? 0 : -EILSEQ;
}

static intptr_t run_and_balance(void *arg)
{
    intptr_t result = run_shop(arg);

    return gyre_is_error(result) ? result : balance(arg);
}

/* A thousand orders, in four parts, for a sanitizer takes its time. */
static void balance_from(uint64_t seed)
{
    struct gyre_exploration e = {.first = seed, .runs = 250};

    cr_expect_eq(gyre_explore(&e, run_and_balance, NULL), 0);
    cr_expect_gt(e.schedules, 245);
}

Test(everything, balances_in_a_quarter_of_a_thousand_orders)
{
    balance_from(1);
}

Test(everything, balances_in_the_second_quarter)
{
    balance_from(251);
}

Test(everything, balances_in_the_third_quarter)
{
    balance_from(501);
}

Test(everything, balances_in_the_last_quarter)
{
    balance_from(751);
}

Test(everything, balances_wherever_the_run_is_cancelled)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        struct gyre_injection i = {.check = balance, .seed = seed};

        cr_expect_eq(gyre_inject(&i, run_shop, NULL), 0);
        cr_expect_gt(i.points, 200, "%ju points", (uintmax_t)i.points);
    }
}

Test(everything, balances_wherever_a_task_is_cancelled)
{
    for (uint64_t seed = 0; seed < 2; seed++) {
        struct gyre_injection i = {
            .check = balance, .seed = seed, .only_task = true};

        cr_expect_eq(gyre_inject(&i, run_shop, NULL), 0);
        cr_expect_gt(i.points, 200, "%ju points", (uintmax_t)i.points);
    }
}
