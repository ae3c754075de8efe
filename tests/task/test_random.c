/*
 * test_random.c - random programs of tasks, and what must be true of them all.
 *
 * A program is grown from its seed: tasks that sleep, await each other, open
 * scopes of all kinds, spawn, hand tokens on, fail, and cancel, drop and hurry
 * whom they meet.  It runs twice, and must do the same.  The seed is told when
 * something is wrong; SEED=n in the environment runs that one alone.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "loop/result.h"
#include "task/future.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/world.h"

enum { SEEDS = 400, MOST_TASKS = 150, DEEPEST = 5, TOKENS = 2, STEPS = 20 };

/* A task with a future, as those see it who meet it. */
struct kid {
    struct gyre_future future;
    struct gyre_list link; /* in ring.kids */
    bool promised;         /* it has a future that nobody has dropped */
    bool cancelled;
};

/* A scope that all may meet. */
struct ring {
    struct gyre_scope scope;
    struct gyre_list link; /* in program.rings */
    struct gyre_list kids;
};

struct program {
    uint64_t state; /* of the dice */
    uint64_t trace; /* of what happened */
    struct gyre_list rings;
    struct gyre_list waiting; /* for a token: gyre_wait.link */
    int tokens;               /* to be had */
    int spawned, begun, ended;
};

/* What a task knows of itself. */
struct life {
    struct kid *kid;   /* NULL: the first task */
    struct ring *home; /* it was spawned in */
    struct ring *ring; /* it has opened last, or NULL */
    int depth;
};

static struct program program;

static uint64_t dice(uint64_t sides)
{
    program.state ^= program.state << 13;
    program.state ^= program.state >> 7;
    program.state ^= program.state << 17;
    return program.state % sides;
}

static void trace(uint64_t what)
{
    program.trace = (program.trace ^ what) * UINT64_C(0x100000001b3);
}

static gyre_time soon(void)
{
    return gyre_in((gyre_time)dice(20));
}

/* ---- what must be true at every cancel point ---- */

static bool is_cancelled(const struct life *me)
{
    const struct ring *r = me->ring != NULL ? me->ring : me->home;

    return r != NULL && gyre_scope_cancelled(&r->scope);
}

/* `was` said whether we were cancelled before.  If we were, it must fail, and
   if it failed so, we are. */
static int point(const struct life *me, bool was, intptr_t r)
{
    bool asked = me->kid != NULL && me->kid->cancelled && me->ring == NULL;

    must(!was || r == -ECANCELED);
    must(r != -ECANCELED || is_cancelled(me) || asked);
    trace((uint64_t)r);
    return (int)r;
}

/* ---- what a task may do; an error says that it did not work ---- */

static struct ring *some_ring(void)
{
    struct gyre_list *i = program.rings.next;

    for (uint64_t n = dice(8); n > 0 && i->next != &program.rings; n--)
        i = i->next;
    return GYRE_OWNER(i, struct ring, link);
}

static struct kid *some_kid(void)
{
    struct ring *r = some_ring();
    struct gyre_list *i = r->kids.next;

    if (gyre_list_empty(&r->kids))
        return NULL;
    for (uint64_t n = dice(8); n > 0 && i->next != &r->kids; n--)
        i = i->next;
    return GYRE_OWNER(i, struct kid, link);
}

static int sleep_soundly(struct life *me)
{
    gyre_time before = gyre_in(0), deadline = soon();
    gyre_time limit = gyre_current_limit();
    bool was = is_cancelled(me);
    int err = point(me, was, gyre_sleep(deadline));
    gyre_time now = gyre_in(0);

    must(now == before || (now <= deadline && now <= limit));
    must(err != 0 || now >= deadline);
    return err;
}

static int yield(struct life *me)
{
    bool was = is_cancelled(me);

    return point(me, was, gyre_yield());
}

/* Afterwards the kid may be gone.  An error that is not ours was its result. */
static int await(struct life *me)
{
    struct kid *k = some_kid();
    bool was = is_cancelled(me);
    intptr_t r;

    if (k == NULL || !k->promised || k == me->kid)
        return 0;
    r = gyre_await(&k->future, soon());
    must(!was || r == -ECANCELED);
    trace((uint64_t)r);
    return r == -ECANCELED && is_cancelled(me) ? -ECANCELED : 0;
}

static int take_next(struct life *me)
{
    bool was = is_cancelled(me);
    struct gyre_future *f;
    int err;

    if (me->ring == NULL)
        return 0;
    err = gyre_scope_next(&me->ring->scope, &f, soon());
    if (err == 0)
        must(gyre_future_done(f));
    if (err == -ETIMEDOUT || err == -ECHILD || err == -EBUSY)
        err = 0;
    return point(me, was, err);
}

static void give_token(void)
{
    struct gyre_list *first = program.waiting.next;

    if (first == &program.waiting) {
        program.tokens++;
        return;
    }
    gyre_list_remove(first);
    gyre_wait_wake(GYRE_OWNER(first, struct gyre_wait, link), 0);
}

static int take_token(struct life *me)
{
    bool was = is_cancelled(me);
    int err = point(me, was, gyre_checkpoint(GYRE_FOREVER));
    struct gyre_wait w = {0};

    if (err)
        return err;
    if (program.tokens > 0) {
        program.tokens--;
    } else {
        gyre_list_append(&program.waiting, &w.link);
        err = (int)gyre_wait_park(&w, soon());
    }
    if (err == -ETIMEDOUT)
        return 0;
    if (err)
        return point(me, was, err);
    err = sleep_soundly(me);
    give_token();
    return err;
}

static intptr_t square(void *arg)
{
    return (intptr_t)arg * (intptr_t)arg;
}

static int offload(struct life *me)
{
    bool was = is_cancelled(me);
    intptr_t r = gyre_offload(square, (void *)(intptr_t)7, soon());

    must(r == 49 || gyre_is_error(r));
    return r == -ETIMEDOUT || r == 49 ? 0 : point(me, was, r);
}

/* The first ring is left alone: the world must not end too soon. */
static bool is_first(const struct ring *r)
{
    return program.rings.next == &r->link;
}

static int cancel_somebody(struct life *me)
{
    struct ring *r = some_ring();
    struct kid *k = some_kid();

    (void)me;
    if (dice(4) == 0 && !is_first(r)) {
        gyre_scope_cancel(&r->scope);
    } else if (k != NULL && k->promised) {
        k->cancelled |= !gyre_future_done(&k->future);
        gyre_future_cancel(&k->future);
    }
    return 0;
}

static int drop_somebody(struct life *me)
{
    struct kid *k = some_kid();

    (void)me;
    if (k == NULL || !k->promised ||
        gyre_waiters_first(&k->future.waiters) != NULL)
        return 0;
    gyre_future_drop(&k->future);
    k->promised = false;
    return 0;
}

static int hurry_somebody(struct life *me)
{
    struct ring *r = some_ring();
    gyre_time limit = soon();

    (void)me;
    if (limit < r->scope.limit && !is_first(r))
        gyre_scope_limit(&r->scope, limit);
    return 0;
}

static int fail(struct life *me)
{
    return me->depth > 1 && dice(4) == 0 ? -EIO : 0;
}

static int open_ring(struct life *me);
static int spawn(struct life *me);

/* ---- lives ---- */

static int (*const deeds[])(struct life *me) = {
    sleep_soundly, sleep_soundly, yield,     await, await,
    take_next,     take_token,    offload,   spawn, spawn,
    spawn,         open_ring,     open_ring, fail,  cancel_somebody,
    drop_somebody, hurry_somebody};

/* Most stop when something fails, but not all. */
static int live(struct life *me)
{
    int err = 0;

    for (uint64_t n = dice(STEPS); n > 0; n--) {
        uint64_t deed = dice(sizeof deeds / sizeof deeds[0]);

        trace(deed);
        err = deeds[deed](me);
        if (err && dice(4) > 0)
            return err;
    }
    return err;
}

static intptr_t be_born(void *arg)
{
    struct life me = *(struct life *)arg;
    int err;

    free(arg);
    program.begun++;
    trace((uint64_t)me.depth);
    err = live(&me);
    program.ended++;
    return err;
}

static int spawn(struct life *me)
{
    struct ring *r = some_ring();
    struct kid *k;
    struct life *life;

    if (program.spawned == MOST_TASKS || me->depth == DEEPEST)
        return 0;
    k = calloc(1, sizeof *k);
    life = malloc(sizeof *life);
    *life = (struct life){.kid = k, .home = r, .depth = me->depth + 1};
    k->promised = dice(3) > 0;
    gyre_list_append(&r->kids, &k->link);
    program.spawned++;
    return gyre_spawn(&r->scope, k->promised ? &k->future : NULL, be_born,
                      life);
}

static void open_some(struct ring *r)
{
    gyre_time limit = dice(2) ? GYRE_FOREVER : dice(10) ? soon() : GYRE_NOW;

    switch (dice(4)) {
    case 0: gyre_scope_open_tolerant(&r->scope, limit); break;
    case 1: gyre_scope_open_shielded(&r->scope, soon()); break;
    default: gyre_scope_open(&r->scope, limit);
    }
    gyre_list_init(&r->kids);
    gyre_list_append(&program.rings, &r->link);
}

static intptr_t close_ring(struct ring *r, intptr_t result)
{
    intptr_t why = gyre_scope_close(&r->scope, result);

    trace((uint64_t)why);
    gyre_list_remove(&r->link);
    while (!gyre_list_empty(&r->kids)) {
        struct kid *k = GYRE_OWNER(r->kids.next, struct kid, link);

        must(!k->promised || gyre_future_done(&k->future));
        gyre_list_remove(&k->link);
        free(k);
    }
    return why;
}

/* A verdict is our result, or an error that it hides. */
static int open_ring(struct life *me)
{
    struct ring r, *around = me->ring;
    bool was = is_cancelled(me), shielded;
    intptr_t result, why;

    if (me->depth == DEEPEST)
        return 0;
    open_some(&r);
    shielded = r.scope.branch.shielded;
    must(!was || shielded || gyre_scope_cancelled(&r.scope));
    me->ring = &r;
    me->depth++;
    result = live(me);
    me->depth--;
    me->ring = around;
    why = close_ring(&r, result);
    must(why == result || why == 0 || gyre_is_error(why));
    must(why != 0 || result == 0 || result == -ECANCELED);
    return (int)why;
}

/* ---- programs ---- */

static intptr_t first_task(void *arg)
{
    struct life me = {0};
    struct ring r;

    (void)arg;
    gyre_scope_open_tolerant(&r.scope, GYRE_FOREVER);
    gyre_list_init(&r.kids);
    gyre_list_append(&program.rings, &r.link);
    me.ring = &r;
    for (int i = 0; i < 10; i++)
        (void)open_ring(&me);
    (void)close_ring(&r, 0);
    return 0;
}

/* In a world of its own, so that GYRE_SEED stands for one order each time; in
   steps that are drawn on `paper`, unless that is 0. */
static intptr_t run_world(int paper)
{
    struct world w;
    struct gyre_run_options options = {.step = paper};
    intptr_t result;

    world_open(&w);
    options.loop = w.loop;
    result = gyre_run_with(&options, first_task, NULL);
    world_close(&w);
    return result;
}

static uint64_t run(uint64_t seed, int paper)
{
    program =
        (struct program){.state = seed * 2654435761u + 1, .tokens = TOKENS};
    gyre_list_init(&program.rings);
    gyre_list_init(&program.waiting);
    must(run_world(paper) == 0);
    must(program.begun == program.spawned);
    must(program.ended == program.spawned);
    must(program.tokens == TOKENS);
    must(gyre_list_empty(&program.waiting));
    must(gyre_list_empty(&program.rings));
    return program.trace;
}

Test(random, programs_keep_the_rules_and_do_the_same_again)
{
    const char *only = getenv("SEED");
    uint64_t seed = only != NULL ? strtoull(only, NULL, 0) : 1;
    uint64_t last = only != NULL ? seed : SEEDS;
    int tasks = 0;

    for (; seed <= last; seed++) {
        uint64_t trace_of_first = run(seed, 0);

        must(run(seed, 0) == trace_of_first);
        tasks += program.spawned;
        if (unmet > 0) {
            cr_log_error("SEED=%ju", (uintmax_t)seed);
            break;
        }
    }
    cr_expect(only != NULL || tasks > 20 * SEEDS, "%d tasks", tasks);
}

Test(random, programs_do_the_same_in_steps_in_the_order_of_every_seed)
{
    int paper = open("/dev/null", O_WRONLY);
    char seed[4];

    for (int i = 0; i < 8; i++) {
        snprintf(seed, sizeof seed, "%d", i);
        setenv("GYRE_SEED", seed, 1);
        for (uint64_t n = 1; n <= 4; n++)
            cr_expect_eq(run(n, paper), run(n, 0), "GYRE_SEED=%d SEED=%d", i,
                         (int)n);
    }
    close(paper);
}
