/*
 * test_ending.c - the claims of ending.h.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/sync/event.h"
#include "io/process/ending.h"
#include "io/stream.h"
#include "tests/io/process/children.h"

struct told {
    struct gyre_ending ending;
    struct gyre_event news;
    int times, err;
};

static void tell(struct gyre_ending *e, int err)
{
    struct told *t = GYRE_OWNER(e, struct told, ending);

    cr_expect(!gyre_ending_started(e));
    t->times++;
    t->err = err;
    gyre_event_set(&t->news);
}

static void start(struct told *t)
{
    *t = (struct told){.ending.ended = tell};
    gyre_ending_start(&t->ending, &child);
    cr_expect(gyre_ending_started(&t->ending));
}

static void expect_told(struct told *t, int err)
{
    cr_expect_eq(gyre_event_wait(&t->news, SOON), 0);
    cr_expect_eq(t->times, 1);
    cr_expect_eq(t->err, err);
}

static void end_child(void)
{
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
}

CLAIM_OF_CHILDREN(ending, is_told_to_all_who_ask_and_to_tasks)
{
    struct told a, b, late;

    run_shell("read line; exit 3");
    start(&a);
    start(&b);
    end_child();
    expect_code(3);
    expect_told(&a, 0);
    expect_told(&b, 0);
    start(&late);
    cr_expect_eq(late.times, 0, "not inside of the call");
    expect_told(&late, 0);
    close_child();
}

CLAIM_OF_CHILDREN(ending, is_not_told_to_who_has_stopped)
{
    struct told early, late;

    run_shell("read line");
    start(&early);
    gyre_ending_stop(&early.ending);
    gyre_ending_stop(&early.ending);
    end_child();
    expect_code(0);
    start(&late);
    gyre_ending_stop(&late.ending);
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(early.times + late.times, 0);
    close_child();
}

CLAIM_OF_CHILDREN(ending, is_silent_once_the_child_is_closed)
{
    struct told running, ended;

    run_shell("read line");
    start(&running);
    close_child();
    cr_expect(!gyre_ending_started(&running.ending));
    run_shell("exit 0");
    expect_code(0);
    start(&ended);
    close_child();
    cr_expect(!gyre_ending_started(&ended.ending));
    cr_expect_eq(gyre_yield(), 0);
    cr_expect_eq(running.times + ended.times, 0);
}

static struct gyre_event freed;

/* libuv/libuv#2172: when may I free it? */
static void free_all(struct gyre_ending *e, int err)
{
    cr_expect_eq(err, 0);
    free(e);
    gyre_process_close(&child);
    gyre_event_set(&freed);
}

CLAIM_OF_CHILDREN(ending, may_be_freed_and_the_child_closed_when_told)
{
    struct gyre_ending *e = calloc(1, sizeof *e);

    gyre_event_clear(&freed);
    e->ended = free_all;
    run_shell("exit 0");
    gyre_ending_start(e, &child);
    cr_expect_eq(gyre_event_wait(&freed, SOON), 0);
}

CLAIM_OF_CHILDREN(ending, that_somebody_else_took_is_told_of)
{
    struct told t;

    run_shell("exit 0");
    start(&t);
    cr_expect_eq(waitpid(child.pid, NULL, 0), child.pid);
    expect_told(&t, -ECHILD);
    gyre_process_close(&child);
}

/* ---- without tasks ---- */

static int calls;

static void count(struct gyre_ending *e, int err)
{
    (void)e;
    cr_expect_eq(err, 0);
    calls++;
}

static void spawn_on(struct gyre_loop *l)
{
    making = (struct gyre_process_options){
        .argv = (const char *[]){"sh", "-c", "read line", NULL},
        .in.is = GYRE_CHILD_PIPE};
    cr_assert_eq(gyre_process_spawn(&child, l, &making), 0);
}

Test(ending, keeps_the_loop_alive_unless_it_is_in_the_background)
{
    struct gyre_ending e = {.ended = count};
    struct gyre_loop *l;

    cr_assert_eq(gyre_loop_new(&l), 0);
    spawn_on(l);
    cr_expect(!gyre_loop_alive(l), "a child alone does not");
    cr_expect_eq(gyre_process_wait(&child, GYRE_NOW), -ETIMEDOUT);
    e.background = true;
    gyre_ending_start(&e, &child);
    cr_expect(!gyre_loop_alive(l));
    gyre_ending_stop(&e);
    e.background = false;
    gyre_ending_start(&e, &child);
    cr_expect(gyre_loop_alive(l));
    cr_expect_eq(gyre_write(child.in, "\n", 1, GYRE_NOW), 0);
    cr_expect_eq(gyre_loop_run(l), 0);
    cr_expect_eq(calls, 1);
    cr_expect(!gyre_loop_alive(l));
    gyre_process_close(&child);
    gyre_loop_free(l);
}
