/*
 * players_tasks.c - those who have tasks of their own, and threads.
 */
#include "tests/task/sim/players.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/future.h"
#include "task/gather.h"
#include "task/local.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/start.h"
#include "task/sync/event.h"
#include "task/sync/many.h"

static struct {
    int begun, over;    /* abandonable work that somebody, or nobody, awaited */
    int opened, closed; /* servers */
} shop;

/* ---- several tasks ---- */

static int race(void)
{
    struct gyre_call calls[3] = {
        {.fn = sleep_a_while}, {.fn = sleep_a_while}, {.fn = sleep_a_while}};
    int n = (int)gyre_gather(calls, 3, GYRE_GATHER_RACE, SOON);

    return n < 0 ? n : 0;
}

/* One goes on, and the other is told to stop. */
static int await_one(void)
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

static int await_both(void)
{
    struct gyre_future f[2], *both[] = {&f[0], &f[1]};
    struct gyre_scope s;
    int err;

    gyre_scope_open_tolerant(&s, SOON);
    gyre_spawn(&s, &f[0], sleep_a_while, NULL);
    gyre_spawn(&s, &f[1], sleep_a_while, NULL);
    err = gyre_await_all(both, 2, SOON);
    want(err != 0 || (gyre_future_done(&f[0]) && gyre_future_done(&f[1])));
    return (int)gyre_scope_close(&s, err);
}

static intptr_t fail_after_a_while(void *arg)
{
    int err = gyre_sleep(a_while());

    (void)arg;
    return err ? err : -EIO;
}

static int await_failure(void)
{
    struct gyre_future f[2], *both[] = {&f[0], &f[1]};
    struct gyre_case room[2];
    struct gyre_scope s;
    int err;

    gyre_scope_open_tolerant(&s, SOON);
    gyre_spawn(&s, &f[0], sleep_a_while, NULL);
    gyre_spawn(&s, &f[1], fail_after_a_while, NULL);
    err = gyre_await_failure(both, room, 2, SOON);
    want(err != 0 || gyre_future_done(&f[1]) ||
         gyre_is_error(gyre_future_result(&f[0])));
    gyre_scope_cancel(&s);
    return (int)gyre_scope_close(&s, err);
}

/* As they are completed, each once. */
static int take_next(void)
{
    struct gyre_future f[3], *done;
    struct gyre_scope s;
    int n = 0, err;

    gyre_scope_open_tolerant(&s, SOON);
    for (int i = 0; i < 3; i++)
        gyre_spawn(&s, &f[i], sleep_a_while, NULL);
    while ((err = gyre_scope_next(&s, &done, SOON)) == 0)
        n += done >= f && done < f + 3;
    want(err != -ECHILD || n == 3);
    return (int)gyre_scope_close(&s, err == -ECHILD ? 0 : err);
}

/* ---- tasks of other kinds ---- */

static intptr_t serve(void *stop)
{
    int err = gyre_sleep(a_while());

    if (err)
        return err;
    shop.opened++;
    gyre_started(5);
    err = gyre_event_wait(stop, SOON);
    shop.closed++;
    return err;
}

static int start_server(void)
{
    struct gyre_event stop = {0};
    struct gyre_scope s;
    intptr_t r;

    gyre_scope_open(&s, SOON);
    r = gyre_spawn_start(&s, NULL, serve, &stop, SOON);
    want(r == 5 || gyre_is_error(r));
    gyre_event_set(&stop);
    return (int)gyre_scope_close(&s, gyre_is_error(r) ? r : 0);
}

static intptr_t beat(void *arg)
{
    int err = 0;

    (void)arg;
    while (err == 0)
        err = gyre_sleep(gyre_in(MS));
    return err;
}

/* One in the background, which would go on for ever. */
static int have_a_heartbeat(void)
{
    static const struct gyre_spawn_options background = {.background = true};
    struct gyre_scope s;
    int err;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, beat, NULL, &background);
    err = gyre_sleep(a_while());
    gyre_scope_cancel(&s);
    return (int)gyre_scope_close(&s, err);
}

/* One that runs before its spawner goes on. */
static int spawn_eagerly(void)
{
    static const struct gyre_spawn_options eager = {.eager = true};
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, SOON);
    gyre_spawn_with(&s, &f, sleep_a_while, NULL, &eager);
    return (int)gyre_scope_close(&s, gyre_await(&f, SOON));
}

static struct gyre_local_key key;

static intptr_t expect_value(void *value)
{
    int err = gyre_sleep(a_while());

    want(gyre_local(&key) == value);
    return err;
}

static int bind_value(void)
{
    struct gyre_local GYRE_LOCAL b = {0};
    struct gyre_scope s;
    int value;

    gyre_local_bind(&b, &key, &value);
    gyre_scope_open(&s, SOON);
    gyre_spawn(&s, NULL, expect_value, &value);
    return (int)gyre_scope_close(&s, (int)expect_value(&value));
}

static int compute(void)
{
    int err = 0;

    for (int i = 0; i < 10 && err == 0; i++)
        err = gyre_yield_if_due();
    return err;
}

/* ---- threads ---- */

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

static void count_up(void *n)
{
    ++*(int *)n;
}

static void release(void *n)
{
    shop.over++;
    free(n);
}

static int offload_what_may_be_abandoned(void)
{
    int *n = calloc(1, sizeof *n), err;

    if (n == NULL)
        return -ENOMEM;
    shop.begun++;
    err = gyre_offload_abandonable(count_up, n, release, SOON);
    if (err)
        return err;
    want(*n == 1);
    release(n);
    return 0;
}

/* ---- the family ---- */

static int (*const players[])(void) = {
    race,       await_one,    await_both,       await_failure,
    take_next,  start_server, have_a_heartbeat, spawn_eagerly,
    bind_value, compute,      offload,          offload_what_may_be_abandoned};

static void open_shop(void)
{
    memset(&shop, 0, sizeof shop);
}

static void balance(void)
{
    want(shop.begun == shop.over);
    want(shop.opened == shop.closed);
}

const struct family tasks_family = {players, sizeof players / sizeof *players,
                                    open_shop, balance};
