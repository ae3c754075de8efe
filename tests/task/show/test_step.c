/*
 * test_step.c - the claims of step.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/job.h"
#include "loop/mailbox.h"
#include "loop/timer.h"
#include "loop/watch.h"
#include "task/scope.h"
#include "task/show/step.h"
#include "task/sync/event.h"
#include "task/task.h"
#include "tests/task/show/paper.h"
#include "tests/task/world.h"

/* ---- a run, drawn ---- */

static intptr_t wait_for(void *event)
{
    return gyre_event_wait(event, GYRE_FOREVER);
}

static intptr_t say_and_set(void *event)
{
    int err = gyre_sleep(gyre_in(GYRE_SECOND));

    gyre_event_set(event);
    return err;
}

static intptr_t lesson(void *arg)
{
    struct gyre_spawn_options cat = {.name = "cat"}, dog = {.name = "dog"};
    struct gyre_event e = {0};
    struct gyre_scope s;

    (void)arg;
    gyre_scope_open(&s, gyre_in(60 * GYRE_SECOND));
    gyre_spawn_with(&s, NULL, wait_for, &e, &cat);
    gyre_spawn_with(&s, NULL, say_and_set, &e, &dog);
    return gyre_scope_close(&s, 0);
}

/* Run `fn` in a world of its own, in steps that are drawn. */
static const char *drawing_of(intptr_t (*fn)(void *arg), intptr_t result)
{
    struct world w;
    struct gyre_run_options options = {.step = paper()};

    world_open(&w);
    options.loop = w.loop;
    cr_expect_eq(gyre_run_with(&options, fn, NULL), result);
    gyre_loop_free(w.loop);
    return read_paper();
}

Test(step, draws_a_run_after_each_job, .init = in_order)
{
    static const char wanted[] =
        "> #1 main runs\n"
        "ready   #2 cat\n"
        "        #3 dog\n"
        "timers  in 60.000 s, the limit of a scope of #1 main\n"
        "parked  #1 main, for the tasks in its scope, held up by #2, #3\n"
        "\n"
        "> #2 cat runs\n"
        "ready   #3 dog\n"
        "timers  in 60.000 s, the limit of a scope of #1 main\n"
        "parked  #1 main, for the tasks in its scope, held up by #2, #3\n"
        "        #2 cat, for an event\n"
        "\n"
        "> #3 dog runs\n"
        "ready   -\n"
        "timers  in 1.000 s, to wake #3 dog\n"
        "        in 60.000 s, the limit of a scope of #1 main\n"
        "parked  #1 main, for the tasks in its scope, held up by #2, #3\n"
        "        #2 cat, for an event\n"
        "        #3 dog, for a while\n"
        "\n"
        "> poll, 1.000 s, 0 ready\n"
        "> timer time_out\n"
        "ready   #3 dog\n"
        "timers  in 59.000 s, the limit of a scope of #1 main\n"
        "parked  #1 main, for the tasks in its scope, held up by #2, #3\n"
        "        #2 cat, for an event\n"
        "\n"
        "> #3 dog runs\n"
        "ready   #2 cat\n"
        "timers  in 59.000 s, the limit of a scope of #1 main\n"
        "parked  #1 main, for the tasks in its scope, held up by #2\n"
        "\n"
        "> #2 cat runs\n"
        "ready   #1 main\n"
        "timers  in 59.000 s, the limit of a scope of #1 main\n"
        "parked  -\n"
        "\n"
        "> #1 main runs\n"
        "ready   -\n"
        "timers  -\n"
        "parked  -\n"
        "\n";

    for (int i = 0; i < 2; i++)
        cr_expect_str_eq(drawing_of(lesson, 0), wanted);
}

static intptr_t stop_and_sleep(void *arg)
{
    (void)arg;
    gyre_loop_stop(gyre_loop_current());
    return gyre_sleep(GYRE_FOREVER);
}

static intptr_t wait_for_nothing(void *arg)
{
    struct gyre_event e = {0};

    (void)arg;
    return gyre_event_wait(&e, GYRE_FOREVER);
}

Test(step, of_a_run_ends_it_as_it_would_end)
{
    cr_expect_neq(strstr(drawing_of(stop_and_sleep, -ECANCELED),
                         "> #1 main runs\nready   -\n"),
                  NULL);
    cr_expect_neq(strstr(drawing_of(wait_for_nothing, -EDEADLK),
                         "parked  #1 main, for an event\n"),
                  NULL);
}

/* ---- a loop without a run ---- */

static void run_job(struct gyre_job *j)
{
    (void)j;
}

static void run_post(struct gyre_post *p)
{
    (void)p;
}

static struct gyre_post post = {.run = run_post};

static void run_and_post(struct gyre_job *j)
{
    (void)j;
    cr_expect_eq(gyre_post(gyre_loop_mailbox(world->loop), &post), 0);
}

static void fire(struct gyre_timer *t)
{
    (void)t;
}

static void ready(struct gyre_watch *w, unsigned events)
{
    (void)events;
    gyre_watch_stop(world->loop, w);
}

static const char *step(struct world *w)
{
    cr_expect_eq(gyre_step(w->loop, GYRE_FOREVER, paper()), 0);
    return read_paper();
}

Test(step, draws_a_loop_of_callbacks, .init = in_order)
{
    struct gyre_job jobs[2] = {{.run = run_job}, {.run = run_and_post}};
    struct gyre_timer timers[2] = {{.fire = fire}, {.fire = fire}};
    struct gyre_watch watch = {.ready = ready};
    char wanted[512];
    struct world w;
    int fd;

    world_open(&w);
    fd = gyre_sim_open(w.sim);
    gyre_job_start(w.loop, &jobs[0]);
    gyre_job_start(w.loop, &jobs[1]);
    cr_expect_eq(gyre_watch_start(w.loop, &watch, fd, GYRE_READ), 0);
    gyre_timer_start(w.loop, &timers[0], GYRE_FOREVER);
    gyre_timer_start(w.loop, &timers[1], gyre_loop_in(w.loop, 5 * MS));
    snprintf(wanted, sizeof wanted,
             "> job run_job\n"
             "ready   run_and_post\n"
             "watched descriptor %d, to call ready\n"
             "timers  in 0.005 s, to call fire\n"
             "        never, to call fire\n"
             "parked  -\n\n",
             fd);
    cr_expect_str_eq(step(&w), wanted);
    cr_expect_eq(strncmp(step(&w), "> job run_and_post\nready   -\n", 29), 0);
    gyre_sim_ready(w.sim, fd, GYRE_READ);
    cr_expect_str_eq(step(&w), "> poll, 0.000 s, 1 ready\n"
                               "> post run_post\n"
                               "> watch ready\n"
                               "ready   -\n"
                               "timers  in 0.005 s, to call fire\n"
                               "        never, to call fire\n"
                               "parked  -\n\n");
    gyre_timer_stop(w.loop, &timers[0]);
    cr_expect_eq(strncmp(step(&w), "> poll, 0.000 s", 15), 0, "for the post");
    cr_expect_str_eq(step(&w), "> poll, 0.005 s, 0 ready\n"
                               "> timer fire\n"
                               "ready   -\ntimers  -\nparked  -\n\n");
    gyre_sim_close(w.sim, fd);
    world_close(&w);
}

Test(step, draws_few_timers_the_earliest)
{
    struct gyre_timer timers[40];
    struct world w;
    const char *text;

    world_open(&w);
    for (int i = 0; i < 40; i++) {
        timers[i] = (struct gyre_timer){.fire = fire};
        gyre_timer_start(w.loop, &timers[i],
                         gyre_loop_in(w.loop, (40 - i) * MS));
    }
    cr_expect_eq(gyre_draw(w.loop, paper()), 0);
    text = read_paper();
    cr_expect_neq(strstr(text, "timers  in 0.001 s"), NULL);
    cr_expect_neq(strstr(text, "in 0.032 s, to call fire\n"
                               "        and 8 more\n"),
                  NULL, "%s", text);
    cr_expect_eq(gyre_draw(w.loop, -1), -EBADF);
    for (int i = 0; i < 40; i++)
        gyre_timer_stop(w.loop, &timers[i]);
    world_close(&w);
}
