/*
 * test_background.c - the claims of scope.h about tasks in the background.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "loop/result.h"
#include "task/background.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "tests/task/show/dumped.h"
#include "tests/task/world.h"

static const struct gyre_spawn_options background = {.background = true};

/* ---- what one may do in the background for ever ---- */

static intptr_t beat(void *arg)
{
    int err;

    (void)arg;
    do
        err = gyre_sleep(gyre_in(GYRE_SECOND));
    while (err == 0);
    return err;
}

static intptr_t beat_under_a_limit(void *arg)
{
    intptr_t err = -ETIMEDOUT;

    (void)arg;
    while (err == -ETIMEDOUT) {
        struct gyre_scope s;

        gyre_scope_open(&s, gyre_in(GYRE_SECOND));
        err = gyre_scope_close(&s, gyre_sleep(GYRE_FOREVER));
    }
    return err;
}

/* Has another do it, who is therefore in the background as well. */
static intptr_t beat_by_another(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, beat, arg);
    return gyre_scope_close(&s, 0);
}

/* Waits for what the loop counts by way of gyre_awaits_begin. */
static intptr_t await_what_is_outside(void *arg)
{
    struct gyre_wait w = {0};
    intptr_t err;

    (void)arg;
    gyre_awaits_begin(gyre_loop_current());
    err = gyre_wait_park(&w, GYRE_FOREVER);
    gyre_awaits_end(gyre_loop_current());
    return err;
}

static intptr_t (*const pastimes[])(void *arg) = {
    beat, beat_under_a_limit, beat_by_another, await_what_is_outside};

enum { PASTIMES = sizeof pastimes / sizeof pastimes[0] };

/* ---- and the others ---- */

/* Is stuck, beside a task that does that. */
static intptr_t be_stuck_beside(void *pastime)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, *(intptr_t(**)(void *))pastime, NULL,
                    &background);
    return gyre_scope_close(&s, gyre_sleep(GYRE_FOREVER));
}

Test(background, tasks_do_not_hide_a_deadlock)
{
    for (int i = 0; i < PASTIMES; i++) {
        intptr_t (*pastime)(void *) = pastimes[i];

        hear_begin();
        cr_expect_eq(simulate(be_stuck_beside, &pastime), -EDEADLK);
        cr_expect_eq(gyre_run(be_stuck_beside, &pastime), -EDEADLK);
        hear_end();
    }
}

/* Is busy for a while beside it, and then has it end. */
static intptr_t be_busy_beside(void *pastime)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, *(intptr_t(**)(void *))pastime, NULL,
                    &background);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_scope_cancel(&s);
    return gyre_scope_close(&s, 0);
}

Test(background, tasks_go_on_while_others_live)
{
    for (int i = 0; i < PASTIMES; i++) {
        intptr_t (*pastime)(void *) = pastimes[i];

        cr_expect_eq(simulate(be_busy_beside, &pastime), 0);
        cr_expect_eq(gyre_run(be_busy_beside, &pastime), 0);
    }
}

/* ---- once they are cancelled ---- */

/* Cleans up for as long as it takes, when it is cancelled. */
static intptr_t clean_up(void *arg)
{
    struct gyre_scope s;
    int err = gyre_sleep(GYRE_FOREVER);

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(gyre_in(MS)) == 0 ? 's' : 'x');
    return gyre_scope_close(&s, err);
}

/* Is behind a shield already when it is cancelled, and sees it out; parked
   where only the limit of the shield ends the wait. */
static intptr_t sleep_behind_a_shield(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    note(gyre_sleep(GYRE_FOREVER) == -ECANCELED ? 'l' : 'x');
    return gyre_scope_close(&s, 0);
}

static intptr_t sleep_twice_behind_a_shield(void *arg)
{
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(9 * GYRE_SECOND));
    note(gyre_sleep(gyre_in(100 * MS)) == 0 ? 'a' : 'x');
    note(gyre_sleep(gyre_in(100 * MS)) == 0 ? 'b' : 'x');
    return gyre_scope_close(&s, 0);
}

static intptr_t cancel_them(void *fn)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, *(intptr_t(**)(void *))fn, NULL, &background);
    cr_expect_eq(gyre_sleep(gyre_in(MS)), 0);
    gyre_scope_cancel(&s);
    return gyre_scope_close(&s, 0);
}

Test(background, tasks_count_once_they_are_cancelled)
{
    static const struct {
        intptr_t (*fn)(void *arg);
        const char *notes;
    } all[] = {{clean_up, "s"},
               {sleep_behind_a_shield, "l"},
               {sleep_twice_behind_a_shield, "ab"}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        intptr_t (*fn)(void *) = all[i].fn;
        intptr_t r = simulate(cancel_them, &fn);

        cr_expect_eq(r, 0, "%s", gyre_strerror((int)r));
        expect_notes(all[i].notes);
    }
}

static intptr_t spawn_when_cancelled(void *arg)
{
    struct gyre_scope s;
    struct gyre_future f;
    int err = gyre_sleep(GYRE_FOREVER);

    (void)arg;
    gyre_scope_open_shielded(&s, gyre_in(GYRE_SECOND));
    gyre_spawn_with(&s, &f, nap, (void *)(intptr_t)MS, NULL);
    note(gyre_await(&f, GYRE_FOREVER) == 0 ? 'n' : 'x');
    return gyre_scope_close(&s, err);
}

Test(background, tasks_that_are_cancelled_spawn_none)
{
    intptr_t (*fn)(void *) = spawn_when_cancelled;

    cr_expect_eq(simulate(cancel_them, &fn), 0);
    expect_notes("n");
}

/* ---- offloads ---- */

static pthread_barrier_t both_there;

static intptr_t meet(void *arg)
{
    pthread_barrier_wait(&both_there);
    pthread_barrier_wait(&both_there);
    return (intptr_t)arg;
}

static intptr_t offload(void *arg)
{
    note(gyre_offload(meet, arg, GYRE_FOREVER) == 7 ? 'o' : 'x');
    return 0;
}

/* The work cannot be taken back, and nothing else keeps the loop alive. */
static intptr_t cancel_an_offload(void *arg)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, offload, arg, &background);
    cr_expect_eq(gyre_yield(), 0);
    pthread_barrier_wait(&both_there);
    gyre_scope_cancel(&s);
    pthread_barrier_wait(&both_there);
    return gyre_scope_close(&s, 0);
}

Test(background, tasks_see_an_offload_out_once_they_are_cancelled)
{
    pthread_barrier_init(&both_there, NULL, 2);
    cr_expect_eq(gyre_run(cancel_an_offload, (void *)7), 0);
    pthread_barrier_destroy(&both_there);
}
