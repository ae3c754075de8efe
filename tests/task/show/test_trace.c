/*
 * test_trace.c - the claims of trace.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/job.h"
#include "loop/mailbox.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/scope.h"
#include "task/show/trace.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "tests/support/faults.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

#define HEAD                                                                   \
    "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n"                          \
    "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","                       \
    "\"args\":{\"name\":\"loop\"}},\n"                                         \
    "{\"ph\":\"M\",\"pid\":2,\"name\":\"process_name\","                       \
    "\"args\":{\"name\":\"tasks\"}},\n"                                        \
    "{\"ph\":\"M\",\"pid\":1,\"tid\":1,\"name\":\"thread_name\","              \
    "\"args\":{\"name\":\"polls\"}},\n"                                        \
    "{\"ph\":\"M\",\"pid\":1,\"tid\":2,\"name\":\"thread_name\","              \
    "\"args\":{\"name\":\"callbacks\"}}"
#define TAIL "\n]}\n"

#define NAMED(task, name)                                                      \
    ",\n{\"ph\":\"M\",\"pid\":2,\"tid\":" #task ",\"name\":\"thread_name\","   \
    "\"args\":{\"name\":\"" name "\"}}"
#define TURN(task, ts, dur, name)                                              \
    ",\n{\"ph\":\"X\",\"pid\":2,\"tid\":" #task ",\"ts\":" #ts                 \
    ",\"dur\":" #dur ",\"cat\":\"task\",\"name\":\"" name "\"}"
#define POLL(ts, dur, events)                                                  \
    ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":" #ts ",\"dur\":" #dur        \
    ",\"cat\":\"poll\",\"name\":\"poll\",\"args\":{\"events\":" #events "}}"
#define CALL(kind, ts, dur)                                                    \
    ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":2,\"ts\":" #ts ",\"dur\":" #dur        \
    ",\"cat\":\"" kind "\",\"name\":\"%s\"}"
#define FROM(pid, tid, ts, id, name)                                           \
    ",\n{\"ph\":\"s\",\"pid\":" #pid ",\"tid\":" #tid ",\"ts\":" #ts           \
    ",\"id\":" #id ",\"cat\":\"ready\",\"name\":\"" name "\"}"
#define TO(pid, tid, ts, id, name)                                             \
    ",\n{\"ph\":\"f\",\"pid\":" #pid ",\"tid\":" #tid ",\"ts\":" #ts           \
    ",\"id\":" #id ",\"cat\":\"ready\",\"name\":\"" name "\",\"bp\":\"e\"}"

static const char *written;

/* Write `t`, for `written` to be what there is. */
static int write_out(struct gyre_trace *t)
{
    int err = gyre_trace_write(t, paper());

    written = read_paper();
    return err;
}

static struct gyre_trace *started(size_t records)
{
    struct gyre_trace *t = NULL;

    cr_expect_eq(gyre_trace_new(&t, records), 0);
    if (t != NULL)
        gyre_trace_start(t, gyre_loop_current());
    return t;
}

/* Stop it, write it, and free it. */
static void finish(struct gyre_trace *t)
{
    gyre_trace_stop(t);
    cr_expect_eq(write_out(t), 0);
    gyre_trace_free(t);
}

/* Be busy for so many nanoseconds. */
static intptr_t toil(void *span)
{
    gyre_sim_advance(world->sim, (gyre_time)(intptr_t)span);
    return 0;
}

static int spawn_named(struct gyre_scope *s, const char *name,
                       intptr_t (*fn)(void *arg), void *arg)
{
    struct gyre_spawn_options options = {.name = name};

    return gyre_spawn_with(s, NULL, fn, arg, &options);
}

CLAIM(trace, has_a_slice_a_turn_and_an_arrow_for_what_made_it_ready)
{
    struct gyre_trace *t = started(0);
    struct gyre_scope s;

    toil((void *)1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "kid", toil, (void *)2001);
    toil((void *)500);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    toil((void *)7);
    finish(t);
    cr_expect_str_eq(
        written,
        HEAD NAMED(1, "main") TURN(1, 0.000, 1.500, "main")
            FROM(2, 1, 1.000, 2, "spawn") NAMED(2, "kid")
                TURN(2, 1.500, 2.001, "kid") TO(2, 2, 1.500, 2, "spawn")
                    FROM(2, 2, 3.501, 4, "wake") TURN(1, 3.501, 0.007, "main")
                        TO(2, 1, 3.501, 4, "wake") TAIL);
}

/* ---- what the loop calls ---- */

static struct gyre_event happened;

static void run_job(struct gyre_job *j)
{
    (void)j;
    toil((void *)1000);
    gyre_event_set(&happened);
}

static void fire(struct gyre_timer *t)
{
    (void)t;
    toil((void *)2000);
}

static void run_post(struct gyre_post *p)
{
    (void)p;
    toil((void *)3000);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    (void)events;
    toil((void *)4000);
    gyre_watch_stop(world->loop, w);
}

/* Job, then poll: post, watch, and a timer that is due. */
CLAIM(trace, has_a_slice_for_each_call_and_for_each_poll, .init = in_order)
{
    struct gyre_trace *t = started(0);
    struct gyre_job j = {.run = run_job};
    struct gyre_post p = {.run = run_post};
    struct gyre_timer timer = {.fire = fire};
    struct gyre_watch w = {.ready = ready};
    int fd = gyre_sim_open(world->sim);
    char wanted[4096];

    happened = (struct gyre_event){0};
    gyre_sim_ready(world->sim, fd, GYRE_READ);
    cr_expect_eq(gyre_watch_start(world->loop, &w, fd, GYRE_READ), 0);
    gyre_job_start(world->loop, &j);
    gyre_timer_start(world->loop, &timer, GYRE_NOW);
    cr_expect_eq(gyre_post(gyre_loop_mailbox(world->loop), &p), 0);
    cr_expect_eq(gyre_event_wait(&happened, GYRE_FOREVER), 0);
    cr_expect_eq(gyre_sleep(gyre_in(0)), 0);
    finish(t);
    snprintf(wanted, sizeof wanted,
             HEAD NAMED(1, "main") TURN(1, 0.000, 0.000, "main")
                 FROM(2, 1, 0.000, 2, "wake") CALL("job", 0.000, 1.000)
                     TO(1, 2, 0.000, 2, "wake") FROM(1, 2, 1.000, 4, "wake")
                         TURN(1, 1.000, 0.000, "main")
                             TO(2, 1, 1.000, 4, "wake") POLL(1.000, 0.000, 1)
                                 CALL("post", 1.000, 3.000)
                                     CALL("watch", 4.000, 4.000)
                                         CALL("timer", 8.000, 2.000),
             "run_job", "run_post", "ready", "fire");
    cr_expect_eq(strncmp(written, wanted, strlen(wanted)), 0, "%s", written);
    gyre_sim_close(world->sim, fd);
}

/* ---- arrows ---- */

/* Check that what begins ends, and only that, each once; return how many. */
static int arrows(void)
{
    static char from[1 << 16], to[1 << 16];
    const char *at = written;
    int n = 0;

    memset(from, 0, sizeof from);
    memset(to, 0, sizeof to);
    while ((at = strstr(at, "{\"ph\":\"")) != NULL) {
        char phase = at[7];
        const char *id = strstr(at, "\"id\":");

        at++;
        if (phase != 's' && phase != 'f')
            continue;
        (phase == 's' ? from : to)[atoi(id + 5)]++;
        n++;
    }
    for (size_t i = 0; i < sizeof from; i++)
        must(from[i] == to[i] && from[i] <= 1);
    return n / 2;
}

static intptr_t yield_often(void *arg)
{
    for (intptr_t i = 0; i < (intptr_t)arg; i++) {
        toil((void *)10);
        if (gyre_yield() != 0)
            return -1;
    }
    return 0;
}

static void bustle(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    for (intptr_t i = 0; i < 5; i++)
        spawn_named(&s, "kid", yield_often, (void *)i);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(trace, keeps_the_latest_and_no_arrow_without_both_its_ends)
{
    int n = 0;

    for (size_t records = 1; records < 60; records++) {
        struct gyre_trace *t = started(records);

        bustle();
        finish(t);
        n = arrows();
        must(records < 3 || n > 0);
    }
    cr_expect_eq(n, 5 + 10 + 1);
    cr_expect_eq(unmet, 0);
}

CLAIM(trace, has_no_arrow_from_what_is_not_ready_any_more, .init = in_order)
{
    struct gyre_trace *t = started(0);
    struct gyre_job j = {.run = run_job};

    happened = (struct gyre_event){0};
    gyre_job_start(world->loop, &j);
    gyre_job_stop(world->loop, &j);
    toil((void *)1000);
    gyre_job_start(world->loop, &j);
    cr_expect_eq(gyre_event_wait(&happened, GYRE_FOREVER), 0);
    gyre_job_start(world->loop, &j);
    gyre_job_stop(world->loop, &j);
    finish(t);
    cr_expect_eq(arrows(), 2);
    cr_expect_neq(strstr(written, FROM(2, 1, 1.000, 3, "wake")), NULL);
}

static void run_nothing(struct gyre_job *j)
{
    (void)j;
}

Test(trace, has_no_arrow_from_outside_of_a_run)
{
    struct gyre_job j = {.run = run_nothing};
    struct gyre_trace *t;
    struct world w;

    world_open(&w);
    cr_expect_eq(gyre_trace_new(&t, 0), 0);
    gyre_trace_start(t, w.loop);
    for (int i = 0; i < 3; i++) {
        gyre_job_start(w.loop, &j);
        cr_expect_eq(gyre_loop_run(w.loop), 0);
    }
    finish(t);
    cr_expect_eq(arrows(), 0);
    cr_expect_neq(strstr(written, "\"cat\":\"job\""), NULL);
    cr_expect_eq(strstr(written, "\"ph\":\"f\""), NULL);
    world_close(&w);
}

CLAIM(trace, knows_a_task_that_was_spawned_before_it_began)
{
    struct gyre_trace *t;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "kid", yield_often, (void *)3);
    cr_expect_eq(gyre_yield(), 0);
    t = started(0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    finish(t);
    cr_expect_neq(strstr(written, NAMED(2, "kid")), NULL);
    cr_expect_neq(strstr(written, "wake"), NULL);
    cr_expect_eq(strstr(written, "spawn"), NULL);
}

/* ---- a trace as such ---- */

CLAIM(trace, escapes_names_and_outlives_whom_they_are_of)
{
    struct gyre_trace *t = started(0);
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_named(&s, "a \"b\\\n", toil, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    bustle();
    finish(t);
    cr_expect_neq(strstr(written, NAMED(2, "a \\\"b\\\\\\u000a")), NULL);
}

#define JOB(name)                                                              \
    static void name(struct gyre_job *j)                                       \
    {                                                                          \
        (void)j;                                                               \
    }
#define FOUR(x, name) x(name##0) x(name##1) x(name##2) x(name##3)
#define ALL(x)                                                                 \
    FOUR(x, job0) FOUR(x, job1) FOUR(x, job2) FOUR(x, job3) FOUR(x, job4)
#define COMMA(x) x,

ALL(JOB)

/* A name takes a look at all symbols: as often as there is a record, that would
   be minutes. */
CLAIM(trace, looks_for_each_name_once)
{
    static void (*const jobs[])(struct gyre_job * j) = {ALL(COMMA)};
    enum { JOBS = sizeof jobs / sizeof jobs[0] };
    struct gyre_trace *t = started(500000);
    struct gyre_job job = {0};
    int nowhere = open("/dev/null", O_WRONLY);

    for (int i = 0; i < 50000; i++) {
        job.run = jobs[i % JOBS];
        gyre_job_start(world->loop, &job);
        must(gyre_yield() == 0);
    }
    gyre_job_stop(world->loop, &job); /* in another order it has yet to run */
    cr_expect_eq(gyre_trace_write(t, nowhere), 0);
    close(nowhere);
    gyre_trace_free(t);
}

CLAIM(trace, that_is_started_can_be_written_and_goes_on)
{
    struct gyre_trace *t = started(0);

    toil((void *)1000);
    cr_expect_eq(write_out(t), 0);
    cr_expect_neq(strstr(written, TURN(1, 0.000, 1.000, "main")), NULL);
    cr_expect_eq(gyre_yield(), 0);
    finish(t);
    cr_expect_neq(strstr(written, TURN(1, 1.000, 0.000, "main")), NULL);
}

CLAIM(trace, forgets_when_it_is_started_anew)
{
    struct gyre_trace *t = started(0);

    bustle();
    gyre_trace_stop(t);
    gyre_trace_stop(t);
    bustle();
    gyre_trace_start(t, world->loop);
    finish(t);
    cr_expect_str_eq(written,
                     HEAD NAMED(1, "main") TURN(1, 0.000, 0.000, "main") TAIL);
}

CLAIM(trace, may_have_nothing_to_tell)
{
    struct gyre_trace *t = NULL;

    cr_expect_eq(gyre_trace_new(&t, 0), 0);
    finish(t);
    cr_expect_str_eq(written, HEAD TAIL);
    gyre_trace_free(NULL);
}

static struct gyre_trace *full;

static int make_and_write(void)
{
    struct gyre_trace *t;
    int err = gyre_trace_new(&t, 10);

    if (err)
        return err;
    err = write_out(full);
    gyre_trace_free(t);
    return err;
}

CLAIM(trace, fails_cleanly)
{
    struct gyre_trace *t;

    full = started(0);
    bustle();
    gyre_trace_stop(full);
    cr_expect_eq(faults_in_memory(make_and_write), 3);
    cr_expect_eq(gyre_trace_write(full, -1), -EBADF);
    cr_expect_eq(gyre_trace_new(&t, SIZE_MAX), -ENOMEM);
    gyre_trace_free(full);
}
