/*
 * test_mutex.c - the claims of mutex.h.
 */
#include <errno.h>
#include <signal.h>

#include "loop/job.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/mutex.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Locks `mutex`, writes its name down (in upper case if in vain), keeps it for
   a while and gives it back, or ends with it. */
struct locker {
    struct gyre_mutex *mutex;
    char name;
    gyre_time span;
    bool keeps;
    gyre_time deadline; /* 0: none */
    int err;
};

static intptr_t lock(void *arg)
{
    struct locker *l = arg;

    l->err =
        gyre_mutex_lock(l->mutex, l->deadline ? l->deadline : GYRE_FOREVER);
    note(l->err ? (char)(l->name - 'a' + 'A') : l->name);
    if (l->err)
        return 0;
    if (l->span != 0)
        (void)!gyre_sleep(gyre_in(l->span));
    if (!l->keeps)
        gyre_mutex_unlock(l->mutex);
    return 0;
}

/* Spawn them, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct locker *lockers, int n)
{
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        gyre_spawn(s, &done[i], lock, &lockers[i]);
        let_others_run();
    }
}

CLAIM(mutex, is_for_one_at_a_time_in_order_of_arrival)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'a', MS}, {&m, 'b', MS}, {&m, 'c', MS}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, l, 3);
    cr_expect_eq(gyre_mutex_waiting(&m), 2);
    cr_expect_eq(gyre_mutex_owner(&m), gyre_current->id + 1);
    expect_notes("a");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bc");
    cr_expect_eq(elapsed(), 3 * MS);
    cr_expect_eq(gyre_mutex_owner(&m), 0);
    cr_expect_eq(gyre_mutex_waiting(&m), 0);
}

CLAIM(mutex, is_tried_or_waited_for_until_a_deadline)
{
    struct gyre_mutex m = {0};
    struct locker l = {&m, 'a', 3 * MS};
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, &done, &l, 1);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_mutex_lock(&m, gyre_in(2 * MS)), -ETIMEDOUT);
    cr_expect_eq(elapsed(), 2 * MS);
    cr_expect_eq(gyre_mutex_waiting(&m), 0);
    cr_expect_eq(gyre_mutex_lock(&m, gyre_in(2 * MS)), 0);
    cr_expect_eq(elapsed(), 3 * MS);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(mutex, is_a_cancel_point_even_when_it_is_free)
{
    struct gyre_mutex m = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_mutex_owner(&m), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(mutex, is_not_waited_for_by_its_owner)
{
    struct gyre_mutex m = {0};

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), -EDEADLK);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -EDEADLK);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_owner(&m), 0);
}

/*
 * bpo-27585: release() of asyncio's Lock only set the next waiter's future, and
 * whoever ran first took the lock; so if that waiter was cancelled before it
 * ran, the lock was free and the others went on waiting for it.
 */
CLAIM(mutex, handed_to_one_who_is_then_cancelled_is_his_and_goes_on)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'b', MS}, {&m, 'c'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    spawn(&s, done, l, 2);
    gyre_mutex_unlock(&m);
    gyre_future_cancel(&done[0]);
    cr_expect_eq(gyre_mutex_owner(&m), gyre_current->id + 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bc");
    cr_expect_eq(elapsed(), 0, "he was not told of his cancellation");
}

/*
 * agronholm/anyio PR 1145: a waiter that was cancelled but had not run yet was
 * still in the queue, so release() found nobody alive to hand the lock to, and
 * one who came then saw a queue and waited behind it, for a hand-over by
 * nobody.
 */
CLAIM(mutex, unlocked_while_the_only_waiter_is_cancelled_strands_no_newcomer)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'b'}, {&m, 'c'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    spawn(&s, done, l, 1);
    gyre_future_cancel(&done[0]);
    cr_expect_eq(gyre_mutex_waiting(&m), 0);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_spawn(&s, &done[1], lock, &l[1]);
    let_others_run();
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("Bc");
}

CLAIM(mutex, is_not_taken_from_under_the_next_in_line)
{
    struct gyre_mutex m = {0};
    struct locker l = {&m, 'b'};
    struct gyre_future done;
    struct gyre_scope s;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    spawn(&s, &done, &l, 1);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), 0);
    expect_notes("b");
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(mutex, is_left_by_who_is_cancelled_or_late)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'a', 2 * MS},
                         {&m, 'b'},
                         {&m, 'c', .deadline = gyre_in(MS)},
                         {&m, 'd'}};
    struct gyre_future done[4];
    struct gyre_scope s;

    spawn(&s, done, l, 4);
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_mutex_waiting(&m), 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("aBCd");
    cr_expect_eq(l[1].err, -ECANCELED);
    cr_expect_eq(l[2].err, -ETIMEDOUT);
}

/* ---- the owner ---- */

CLAIM(mutex, whose_owner_has_ended_is_nobodys_until_it_is_recovered)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'a', MS, .keeps = true}, {&m, 'b'}, {&m, 'c'}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, l, 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("BCa");
    cr_expect_eq(l[1].err, -EOWNERDEAD);
    cr_expect_eq(l[2].err, -EOWNERDEAD);
    cr_expect_eq(gyre_mutex_owner(&m), 0);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_FOREVER), -EOWNERDEAD);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -EOWNERDEAD);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), -EOWNERDEAD);
    cr_expect_eq(gyre_mutex_recover(&m), 0);
    cr_expect_eq(gyre_mutex_owner(&m), gyre_current->id);
    cr_expect_eq(gyre_mutex_recover(&m), -EBUSY);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_mutex_recover(&m), -EBUSY);
    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    gyre_mutex_unlock(&m);
}

/* As mutex.h has it; and to unlock it once more does nothing to the others. */
static int inside, mended;

static intptr_t recover(void *mutex)
{
    struct gyre_mutex *m = mutex;
    int err;

    while ((err = gyre_mutex_lock(m, GYRE_FOREVER)) == -EOWNERDEAD) {
        if (gyre_mutex_recover(m) == 0) {
            mended++;
            break;
        }
    }
    cr_expect_eq(inside++, 0);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    inside--;
    gyre_mutex_unlock(m);
    gyre_mutex_unlock(m);
    return 0;
}

CLAIM(mutex, is_recovered_by_one_of_those_who_learn_of_it)
{
    struct gyre_mutex m = {0};
    struct locker l = {&m, 'a', MS, .keeps = true};
    struct gyre_future done;
    struct gyre_scope s;

    spawn(&s, &done, &l, 1);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, NULL, recover, &m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
    cr_expect_eq(mended, 1);
    cr_expect_eq(gyre_mutex_owner(&m), 0);
    cr_expect_eq(elapsed(), 4 * MS);
}

/* He had it when he ended, though he never ran in between. */
CLAIM(mutex, whose_new_owner_ends_with_it_tells_those_behind_him)
{
    struct gyre_mutex m = {0};
    struct locker l[] = {{&m, 'b', .keeps = true}, {&m, 'c'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    spawn(&s, done, l, 2);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("bC");
    cr_expect_eq(l[1].err, -EOWNERDEAD);
}

CLAIM(mutex, names_its_owner_to_those_who_report)
{
    struct gyre_mutex m = {0};
    struct locker l = {&m, 'b'};
    struct gyre_future done;
    struct gyre_scope s;
    const struct gyre_wait *w;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    spawn(&s, &done, &l, 1);
    w = done.task->wait;
    cr_expect_str_eq(w->kind->name, "for a mutex");
    cr_expect_eq(w->on, &m);
    cr_expect_eq(w->kind->owner(w, NULL), gyre_current);
    cr_expect_eq(w->kind->owner(w, gyre_current), NULL);
    gyre_mutex_unlock(&m);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* Two tasks lock two mutexes, each in its own order. */
static struct gyre_mutex both[2];

static intptr_t lock_both(void *first)
{
    int i = (int)(intptr_t)first;
    int err = gyre_mutex_lock(&both[i], GYRE_FOREVER);

    cr_expect_eq(err, 0);
    let_others_run();
    err = gyre_mutex_lock(&both[1 - i], GYRE_FOREVER);
    cr_expect_eq(err, -ECANCELED);
    gyre_mutex_unlock(&both[i]);
    return err;
}

static intptr_t lock_crosswise(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, lock_both, (void *)0);
    gyre_spawn(&s, NULL, lock_both, (void *)1);
    return gyre_scope_close(&s, 0);
}

Test(mutex, locked_crosswise_with_another_ends_the_run)
{
    cr_expect_eq(simulate(lock_crosswise, NULL), -EDEADLK);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_mutex_owner(&both[i]), 0);
}

/* ---- callbacks ---- */

static struct gyre_mutex wanted;

static void lock_in_callback(struct gyre_job *j)
{
    (void)j;
    cr_expect_eq(gyre_mutex_lock(&wanted, GYRE_NOW), -EPERM);
    note('.');
}

CLAIM(mutex, is_not_for_callbacks_which_own_nothing)
{
    struct gyre_job j = {.run = lock_in_callback};

    gyre_job_start(world->loop, &j);
    let_others_run();
    expect_notes(".");
    cr_expect_eq(gyre_mutex_lock(&wanted, GYRE_NOW), 0);
    gyre_mutex_unlock(&wanted);
}

/* ---- programmers' mistakes ---- */

#ifndef NDEBUG

static struct gyre_mutex locked;

static intptr_t unlock(void *arg)
{
    (void)arg;
    gyre_mutex_unlock(&locked);
    return 0;
}

static void have_another_unlock(void)
{
    struct gyre_scope s;

    cr_expect_eq(gyre_mutex_lock(&locked, GYRE_NOW), 0);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, unlock, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_mutex_unlock(&locked);
}

Test(mutex, unlocked_by_another_aborts, .signal = SIGABRT)
{
    hold_in_task(have_another_unlock);
}

#endif
