/*
 * stage.c - a loop to play on, and actors who say their name when called.
 */
#include "tests/loop/stage.h"

#include <criterion/criterion.h>

#include <string.h>

enum { WORDS = 4096 };

struct gyre_loop *loop;
struct gyre_sim *sim;
struct actor a, b, c, d;
char said[WORDS];
static char before[WORDS];

static void set_up(struct gyre_poller *p)
{
    struct gyre_loop_options options = {.poller = p};

    cr_assert_eq(gyre_loop_new_with(&loop, &options), 0);
    a = new_actor('a');
    b = new_actor('b');
    c = new_actor('c');
    d = new_actor('d');
}

void open_simulated(void)
{
    cr_assert_eq(gyre_sim_new(&sim), 0);
    set_up(gyre_sim_poller(sim));
}

void open_real(void)
{
    set_up(NULL);
}

void close_stage(void)
{
    gyre_loop_free(loop);
    loop = NULL;
}

void say(char name)
{
    size_t n = strlen(said);

    cr_assert_lt(n + 1, WORDS, "the stage is too small");
    said[n] = name;
}

const char *heard(void)
{
    strcpy(before, said);
    memset(said, 0, strlen(before));
    return before;
}

static void called(struct actor *x, unsigned got)
{
    x->got = got;
    say(x->name);
    if (x->act != NULL)
        x->act(x);
}

static void run_job(struct gyre_job *j)
{
    called(GYRE_OWNER(j, struct actor, job), 0);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    called(GYRE_OWNER(w, struct actor, watch), events);
}

static void fire(struct gyre_timer *t)
{
    called(GYRE_OWNER(t, struct actor, timer), 0);
}

static void run_post(struct gyre_post *p)
{
    called(GYRE_OWNER(p, struct actor, post), 0);
}

static void caught(struct gyre_signal *s, unsigned times)
{
    called(GYRE_OWNER(s, struct actor, signal), times);
}

struct actor new_actor(char name)
{
    return (struct actor){.name = name,
                          .job = {.run = run_job},
                          .watch = {.ready = ready},
                          .timer = {.fire = fire},
                          .post = {.run = run_post},
                          .signal = {.caught = caught}};
}

void start_job(struct actor *x)
{
    gyre_job_start(loop, &x->job);
}

void start_timer(struct actor *x, gyre_time at)
{
    gyre_timer_start(loop, &x->timer, at);
}

void start_watch(struct actor *x, int fd, unsigned events)
{
    cr_assert_eq(gyre_watch_start(loop, &x->watch, fd, events), 0);
}

void start_post(struct actor *x)
{
    cr_assert_eq(gyre_post(gyre_loop_mailbox(loop), &x->post), 0);
}

void start_signal(struct actor *x, int number)
{
    cr_assert_eq(gyre_signal_start(loop, &x->signal, number), 0);
}

const char *run(void)
{
    cr_assert_eq(gyre_loop_run(loop), 0);
    return heard();
}

const char *turn(void)
{
    cr_assert_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    return heard();
}
