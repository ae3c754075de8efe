/*
 * players_locks.c - those who share locks, and what is guarded by them.
 */
#include "tests/task/sim/players.h"

#include <string.h>

#include "task/defer.h"
#include "task/scope.h"
#include "task/sync/barrier.h"
#include "task/sync/condition.h"
#include "task/sync/event.h"
#include "task/sync/mutex.h"
#include "task/sync/once.h"
#include "task/sync/rwlock.h"
#include "task/sync/semaphore.h"

enum { PERMITS = 3 };

static struct {
    struct gyre_semaphore permits;
    struct gyre_mutex mutex;
    struct gyre_condition changed; /* `total` was */
    struct gyre_condition opened;  /* `open` is */
    struct gyre_rwlock lock;       /* of `left` and `right`, which are equal */
    struct gyre_barrier barrier;
    struct gyre_once once;
    struct gyre_event event;

    int total, added; /* under the mutex; and as each has noted it */
    bool open;        /* under the mutex */
    int left, right;
    int made; /* times `once` was done */
    int used; /* permits */
} shop;

/* ---- permits ---- */

static void give_back(void *n)
{
    shop.used -= (int)(intptr_t)n;
    gyre_semaphore_release(&shop.permits, (size_t)(intptr_t)n);
}

static int use_permits(int n)
{
    int err = gyre_semaphore_acquire(&shop.permits, (size_t)n, SOON);

    if (err)
        return err;
    shop.used += n;
    want(shop.used <= PERMITS);
    err = gyre_sleep(a_while());
    give_back((void *)(intptr_t)n);
    return err;
}

static int use_one_permit(void)
{
    return use_permits(1);
}

static int use_many_permits(void)
{
    return use_permits(2 + any_of(2));
}

static int defer_giving_back(void)
{
    struct gyre_defer GYRE_DEFERRED d = {0};
    int err = gyre_semaphore_acquire(&shop.permits, 2, SOON);

    if (err)
        return err;
    shop.used += 2;
    gyre_defer(&d, give_back, (void *)2);
    return gyre_sleep(a_while());
}

/* ---- a mutex, and conditions ---- */

/* A shield lets the second step be made, once the first was. */
static int add_with_lock(void)
{
    int err = gyre_mutex_lock(&shop.mutex, SOON), seen;
    struct gyre_scope shield;

    if (err)
        return err;
    seen = shop.total;
    gyre_scope_open_shielded(&shield, SOON);
    err = gyre_sleep(a_while());
    shop.total = seen + 1;
    shop.added++;
    gyre_mutex_unlock(&shop.mutex);
    gyre_condition_notify(&shop.changed);
    return (int)gyre_scope_close(&shield, err);
}

int add_without_lock(void)
{
    int seen = shop.total, err;

    if (gyre_mutex_owner(&shop.mutex) != 0)
        return 0;
    err = gyre_yield();
    if (err)
        return err;
    shop.total = seen + 1;
    shop.added++;
    return 0;
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

static int wait_until_open(void)
{
    gyre_time deadline = SOON;
    int err = gyre_mutex_lock(&shop.mutex, deadline);

    if (err)
        return err;
    while (err == 0 && !shop.open)
        err = gyre_condition_wait(&shop.opened, &shop.mutex, deadline);
    gyre_mutex_unlock(&shop.mutex);
    return err;
}

static int open_doors(void)
{
    int err = gyre_sleep(a_while());

    if (err == 0)
        err = gyre_mutex_lock(&shop.mutex, SOON);
    if (err)
        return err;
    shop.open = true;
    gyre_condition_notify_all(&shop.opened);
    want(gyre_condition_waiting(&shop.opened) == 0);
    gyre_mutex_unlock(&shop.mutex);
    return 0;
}

/* ---- a lock for reading and writing ---- */

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

/* ---- meetings, and what happens once ---- */

static int meet(void)
{
    ssize_t n = gyre_barrier_wait(&shop.barrier, SOON);

    return n < 0 ? (int)n : 0;
}

/* Whoever comes before the barrier is reset is turned away. */
static int call_meeting_off(void)
{
    int err = gyre_sleep(a_while());

    gyre_barrier_abort(&shop.barrier);
    want(gyre_barrier_waiting(&shop.barrier) == 0);
    if (err == 0)
        err = gyre_yield();
    gyre_barrier_reset(&shop.barrier);
    return err;
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

/* ---- the family ---- */

static int (*const players[])(void) = {
    use_one_permit, use_many_permits, defer_giving_back,
    add_with_lock,  wait_for_three,   wait_until_open,
    open_doors,     write_both,       read_both,
    meet,           call_meeting_off, make_once,
    set_event,      wait_for_event};

static void open_shop(void)
{
    memset(&shop, 0, sizeof shop);
    shop.permits.permits = shop.permits.limit = PERMITS;
    shop.barrier.parties = 2;
}

static void balance(void)
{
    want(gyre_semaphore_available(&shop.permits) == PERMITS);
    want(gyre_semaphore_waiting(&shop.permits) == 0);
    want(gyre_mutex_owner(&shop.mutex) == 0);
    want(gyre_mutex_waiting(&shop.mutex) == 0);
    want(gyre_condition_waiting(&shop.changed) == 0);
    want(gyre_condition_waiting(&shop.opened) == 0);
    want(gyre_rwlock_owner(&shop.lock) == 0);
    want(gyre_rwlock_readers(&shop.lock) == 0);
    want(gyre_rwlock_waiting(&shop.lock) == 0);
    want(gyre_barrier_waiting(&shop.barrier) == 0);
    want(!gyre_barrier_is_aborted(&shop.barrier));
    want(gyre_once_waiting(&shop.once) == 0);
    want(gyre_event_waiting(&shop.event) == 0);
    want(shop.total == shop.added);
    want(shop.left == shop.right);
}

const struct family locks_family = {players, sizeof players / sizeof *players,
                                    open_shop, balance};
