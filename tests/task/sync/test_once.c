/*
 * test_once.c - the claims of once.h.
 */
#include <errno.h>

#include "task/internal.h"
#include "task/scope.h"
#include "task/sync/event.h"
#include "task/sync/once.h"
#include "task/task.h"
#include "tests/task/world.h"

static struct gyre_once o;

/* Wants it done, and does it in a millisecond if it is his turn, or fails; and
   writes down his name: in upper case if it is not done. */
struct client {
    char name;
    int failing;
    gyre_time deadline; /* 0: none */
    int err;
};

static int make(void *arg)
{
    struct client *c = arg;
    int err = gyre_sleep(gyre_in(MS));

    note('.');
    return err ? err : c->failing;
}

static intptr_t want(void *arg)
{
    struct client *c = arg;

    c->err = gyre_once(&o, make, c, c->deadline ? c->deadline : GYRE_FOREVER);
    note(c->err ? (char)(c->name - 'a' + 'A') : c->name);
    return 0;
}

/* Spawn them, who come in this order, each as far as it can. */
static void spawn(struct gyre_scope *s, struct gyre_future *done,
                  struct client *clients, int n)
{
    o = (struct gyre_once){0};
    gyre_scope_open(s, GYRE_FOREVER);
    for (int i = 0; i < n; i++) {
        gyre_spawn(s, &done[i], want, &clients[i]);
        let_others_run();
    }
}

CLAIM(once, is_done_by_the_first_while_the_others_wait, .init = in_order)
{
    struct client c[] = {{'a'}, {'b'}, {'c'}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, c, 3);
    cr_expect_not(gyre_once_is_done(&o));
    cr_expect_eq(gyre_once_owner(&o), gyre_current->id + 1);
    cr_expect_eq(gyre_once_waiting(&o), 2);
    cr_expect_eq(gyre_once(&o, make, &c[0], GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes(".abc");
    cr_expect(gyre_once_is_done(&o));
    cr_expect_eq(gyre_once_owner(&o), 0);
    cr_expect_eq(gyre_once_waiting(&o), 0);
    cr_expect_eq(elapsed(), MS);
    cr_expect_eq(gyre_once(&o, make, &c[0], GYRE_NOW), 0);
    expect_notes("");
}

CLAIM(once, that_is_done_lets_all_go_at_once)
{
    struct client c[] = {{'a'}, {'b'}, {'c'}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, c, 3);
    cr_expect_eq(gyre_await(&done[0], GYRE_FOREVER), 0);
    cr_expect_eq(gyre_once_waiting(&o), 0);
    cr_expect_eq(gyre_once_owner(&o), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    notes[0] = '\0';
}

CLAIM(once, is_tried_by_the_next_if_it_fails_or_is_cancelled)
{
    struct client c[] = {{'a', -EIO}, {'b'}, {'c', 7}, {'d'}, {'e'}};
    struct gyre_future done[5];
    struct gyre_scope s;

    spawn(&s, done, c, 5);
    cr_expect_eq(gyre_sleep(gyre_in(3 * MS / 2)), 0);
    expect_notes(".A");
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes(".B.C.de");
    cr_expect_eq(c[0].err, -EIO);
    cr_expect_eq(c[1].err, -ECANCELED);
    cr_expect_eq(c[2].err, 7);
    cr_expect(gyre_once_is_done(&o));
}

CLAIM(once, is_yet_to_be_done_if_all_have_failed)
{
    struct client c[] = {{'a', -EIO}, {'b', -EIO}, {'c'}};
    struct gyre_future done[2];
    struct gyre_scope s;

    spawn(&s, done, c, 2);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes(".A.B");
    cr_expect_not(gyre_once_is_done(&o));
    cr_expect_eq(gyre_once(&o, make, &c[2], GYRE_FOREVER), 0);
    cr_expect(gyre_once_is_done(&o));
}

CLAIM(once, is_left_by_who_is_cancelled_or_late_while_another_does_it)
{
    struct client c[] = {{'a'}, {'b'}, {'c', .deadline = gyre_in(MS / 2)}};
    struct gyre_future done[3];
    struct gyre_scope s;

    spawn(&s, done, c, 3);
    gyre_future_cancel(&done[1]);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("BC.a");
    cr_expect_eq(c[1].err, -ECANCELED);
    cr_expect_eq(c[2].err, -ETIMEDOUT);
}

CLAIM(once, is_a_cancel_point_even_when_it_is_done)
{
    struct client c = {'a'};
    struct gyre_scope s;

    spawn(&s, NULL, NULL, 0);
    cr_expect_eq(gyre_once(&o, make, &c, GYRE_FOREVER), 0);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_once(&o, make, &c, GYRE_NOW), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static int make_within(void *arg)
{
    cr_expect_eq(gyre_once(&o, make_within, arg, GYRE_FOREVER), -EDEADLK);
    note('w');
    return 0;
}

CLAIM(once, is_not_waited_for_within)
{
    o = (struct gyre_once){0};
    cr_expect_eq(gyre_once(&o, make_within, NULL, GYRE_FOREVER), 0);
    expect_notes("w");
}

static int make_at_once(void *made)
{
    ++*(int *)made;
    return 0;
}

static intptr_t want_at_once(void *made)
{
    return gyre_once(&o, make_at_once, made, GYRE_FOREVER);
}

/* ... as who has no credits left does, when he has seen that it is to be done,
   and before he has his turn. */
CLAIM(once, is_done_once_though_another_did_it_while_this_one_gave_way)
{
    struct gyre_event set = {0};
    struct gyre_scope s;

    gyre_event_set(&set);
    for (int spent = 0; spent < 64; spent++) {
        int made = 0;

        o = (struct gyre_once){0};
        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, want_at_once, &made);
        for (int i = 0; i < spent; i++)
            must(gyre_event_wait(&set, GYRE_FOREVER) == 0);
        must(want_at_once(&made) == 0);
        must(gyre_scope_close(&s, 0) == 0);
        must(made == 1);
    }
}
