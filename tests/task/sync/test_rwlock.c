/*
 * test_rwlock.c - the claims of rwlock.h.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>

#include "loop/job.h"
#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/rwlock.h"
#include "task/task.h"
#include "tests/task/world.h"

/* Locks, to read if its name is 'r' and to write if it is 'w'; writes down its
   name (in upper case if in vain), and a dot when it unlocks, after a while;
   or ends without. */
struct locker {
    struct gyre_rwlock *lock;
    char name;
    gyre_time span;
    bool keeps;
    gyre_time deadline; /* 0: none */
    int err;
};

static intptr_t lock(void *arg)
{
    struct locker *l = arg;
    gyre_time deadline = l->deadline ? l->deadline : GYRE_FOREVER;

    if (l->name == 'r')
        l->err = gyre_rwlock_read(l->lock, deadline);
    else
        l->err = gyre_rwlock_write(l->lock, deadline);
    note(l->err ? (char)toupper((unsigned char)l->name) : l->name);
    if (l->err)
        return 0;
    (void)!gyre_sleep(gyre_in(l->span));
    if (!l->keeps) {
        note('.');
        gyre_rwlock_unlock(l->lock);
    }
    return 0;
}

/* Spawn one for each letter, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct locker *lockers, struct gyre_rwlock *l,
                  const char *names)
{
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; names[i] != '\0'; i++) {
        lockers[i].lock = l;
        lockers[i].name = names[i];
        if (lockers[i].span == 0)
            lockers[i].span = MS;
        gyre_spawn(s, &done[i], lock, &lockers[i]);
        let_others_run();
    }
}

CLAIM(rwlock, is_for_any_number_who_read_or_one_who_writes_in_order)
{
    static const struct {
        const char *arrive, *notes;
    } cases[] = {
        {"rrr", "rrr..."},       {"www", "w.w.w."},    {"rwr", "r.w.r."},
        {"wrrwr", "w.rr..w.r."}, {"rrww", "rr..w.w."}, {"wrwr", "w.r.w.r."},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct gyre_rwlock l = {0};
        struct locker lockers[5] = {0};
        struct gyre_future done[5];
        struct gyre_scope s;

        spawn(&s, done, lockers, &l, cases[i].arrive);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        expect_notes(cases[i].notes);
        cr_expect_eq(gyre_rwlock_readers(&l), 0);
        cr_expect_eq(gyre_rwlock_owner(&l), 0);
        cr_expect_eq(gyre_rwlock_waiting(&l), 0);
    }
}

CLAIM(rwlock, knows_who_writes_and_how_many_read_and_wait)
{
    struct gyre_rwlock l = {0};
    struct locker lockers[4] = {0};
    struct gyre_future done[4];
    struct gyre_scope s;
    uint64_t writer = gyre_current->id + 3;

    spawn(&s, done, lockers, &l, "rrwr");
    cr_expect_eq(gyre_rwlock_readers(&l), 2);
    cr_expect_eq(gyre_rwlock_owner(&l), 0);
    cr_expect_eq(gyre_rwlock_waiting(&l), 2);
    cr_expect_eq(gyre_rwlock_read(&l, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_sleep(gyre_in(3 * MS / 2)), 0);
    cr_expect_eq(gyre_rwlock_readers(&l), 0);
    cr_expect_eq(gyre_rwlock_owner(&l), writer);
    cr_expect_eq(gyre_rwlock_waiting(&l), 1);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(rwlock, lets_those_in_who_were_behind_one_who_leaves)
{
    for (int late = 0; late < 2; late++) {
        struct gyre_rwlock l = {0};
        struct locker lockers[4] = {{.span = 3 * MS},
                                    {.deadline = late ? gyre_in(MS) : 0},
                                    {.span = 2 * MS}};
        struct gyre_future done[4];
        struct gyre_scope s;

        spawn(&s, done, lockers, &l, "rwrw");
        if (!late)
            gyre_future_cancel(&done[1]);
        cr_expect_eq(gyre_rwlock_readers(&l), late ? 1 : 2);
        cr_expect_eq(gyre_sleep(gyre_in(3 * MS / 2)), 0);
        expect_notes_in_any_order("Wrr");
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(lockers[1].err, late ? -ETIMEDOUT : -ECANCELED);
        expect_notes("..w.");
    }
}

CLAIM(rwlock, handed_to_one_who_is_then_cancelled_is_his)
{
    static const char *const kinds[] = {"r", "w"};

    for (int i = 0; i < 2; i++) {
        struct gyre_rwlock l = {0};
        struct locker locker = {0};
        struct gyre_future done;
        struct gyre_scope s;

        cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), 0);
        spawn(&s, &done, &locker, &l, kinds[i]);
        gyre_rwlock_unlock(&l);
        gyre_future_cancel(&done);
        cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), -ETIMEDOUT);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        cr_expect_eq(locker.err, 0);
        cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), 0);
        gyre_rwlock_unlock(&l);
    }
}

CLAIM(rwlock, is_not_waited_for_by_who_writes)
{
    struct gyre_rwlock l = {0};

    cr_expect_eq(gyre_rwlock_write(&l, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_rwlock_write(&l, GYRE_FOREVER), -EDEADLK);
    cr_expect_eq(gyre_rwlock_read(&l, GYRE_FOREVER), -EDEADLK);
    gyre_rwlock_unlock(&l);
}

CLAIM(rwlock, is_a_cancel_point_even_when_it_is_free)
{
    struct gyre_rwlock l = {0};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_rwlock_read(&l, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_rwlock_readers(&l), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(rwlock, whose_writer_has_ended_is_nobodys_until_it_is_recovered)
{
    struct gyre_rwlock l = {0};
    struct locker lockers[3] = {{.keeps = true}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, lockers, &l, "wrw");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("RWw");
    cr_expect_eq(lockers[1].err, -EOWNERDEAD);
    cr_expect_eq(lockers[2].err, -EOWNERDEAD);
    cr_expect_eq(gyre_rwlock_owner(&l), 0);
    cr_expect_eq(gyre_rwlock_read(&l, GYRE_FOREVER), -EOWNERDEAD);
    cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), -EOWNERDEAD);
    gyre_rwlock_unlock(&l);
    cr_expect_eq(gyre_rwlock_recover(&l), 0);
    cr_expect_eq(gyre_rwlock_owner(&l), gyre_current->id);
    cr_expect_eq(gyre_rwlock_recover(&l), -EBUSY);
    gyre_rwlock_unlock(&l);
    cr_expect_eq(gyre_rwlock_recover(&l), -EBUSY);
    cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), 0);
    gyre_rwlock_unlock(&l);
}

static struct gyre_rwlock wanted;

static void lock_in_callback(struct gyre_job *j)
{
    (void)j;
    cr_expect_eq(gyre_rwlock_write(&wanted, GYRE_NOW), -EPERM);
    cr_expect_eq(gyre_rwlock_read(&wanted, GYRE_NOW), 0);
    gyre_rwlock_unlock(&wanted);
    note('.');
}

CLAIM(rwlock, lets_callbacks_read_but_not_write)
{
    struct gyre_job j = {.run = lock_in_callback};

    gyre_job_start(world->loop, &j);
    let_others_run();
    expect_notes(".");
    cr_expect_eq(gyre_rwlock_readers(&wanted), 0);
}

/* Handed over by readers, whom nobody knows. */
CLAIM(rwlock, whose_next_writer_ends_with_it_tells_those_behind_him)
{
    struct gyre_rwlock l = {0};
    struct locker lockers[3] = {{0}, {.keeps = true}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, lockers, &l, "rwr");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("r.wR");
    cr_expect_eq(lockers[2].err, -EOWNERDEAD);
}

CLAIM(rwlock, names_who_writes_to_those_who_report)
{
    static const char *const kinds[] = {"r", "w"}, *const told[] = {"to read",
                                                                    "to write"};

    for (int i = 0; i < 2; i++) {
        struct gyre_rwlock l = {0};
        struct locker locker = {0};
        struct gyre_future done;
        struct gyre_scope s;
        const struct gyre_wait *w;
        char text[16];

        cr_expect_eq(gyre_rwlock_write(&l, GYRE_NOW), 0);
        spawn(&s, &done, &locker, &l, kinds[i]);
        w = done.task->wait;
        cr_expect_str_eq(w->kind->name, "for a read-write lock");
        w->kind->describe(w, text, sizeof text);
        cr_expect_str_eq(text, told[i]);
        cr_expect_eq(w->kind->owner(w, NULL), gyre_current);
        cr_expect_eq(w->kind->owner(w, gyre_current), NULL);
        gyre_rwlock_unlock(&l);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
    }
}

/* ---- programmers' mistakes ---- */

#ifndef NDEBUG

static void unlock_what_is_not_locked(void)
{
    struct gyre_rwlock l = {0};

    gyre_rwlock_unlock(&l);
}

Test(rwlock, unlocked_by_who_has_it_not_aborts, .signal = SIGABRT)
{
    hold_in_task(unlock_what_is_not_locked);
}

#endif
