/*
 * test_look.c - the claims of look.h and probe.h: looking on.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loop/probe.h"
#include "loop/result.h"
#include "loop/symbol.h"
#include "tests/loop/stage.h"

TestSuite(look, .init = open_simulated, .fini = close_stage);

static struct {
    struct gyre_failure_hook hook;
    const char *what;
    int err;
} failure;

static void note_failure(struct gyre_failure_hook *h, const char *what, int err)
{
    cr_expect_eq(h, &failure.hook);
    failure.what = what;
    failure.err = err;
}

Test(look, a_failure_goes_to_the_hook)
{
    failure.hook.failed = note_failure;
    gyre_loop_on_failure(loop, &failure.hook);
    gyre_loop_fail(loop, "a thing", -ENOMEM);
    cr_expect_str_eq(failure.what, "a thing");
    cr_expect_eq(failure.err, -ENOMEM);
}

Test(look, without_a_hook_a_failure_is_a_line_on_standard_error)
{
    int ends[2], true_stderr = dup(STDERR_FILENO);
    char line[200] = "";

    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    failure.hook.failed = note_failure;
    gyre_loop_on_failure(loop, &failure.hook);
    gyre_loop_on_failure(loop, NULL);
    gyre_loop_fail(loop, "a thing", -ENOMEM);
    dup2(true_stderr, STDERR_FILENO);
    cr_expect_gt(read(ends[0], line, sizeof line - 1), 0);
    cr_expect_neq(strstr(line, "a thing"), NULL);
    cr_expect_neq(strstr(line, gyre_strerror(-ENOMEM)), NULL);
    cr_expect_eq(line[strlen(line) - 1], '\n');
    cr_expect_eq(failure.what, NULL);
    close(true_stderr);
    close(ends[0]);
    close(ends[1]);
}

static void see_job(struct gyre_loop_visitor *v, struct gyre_job *j)
{
    (void)v;
    say(GYRE_OWNER(j, struct actor, job)->name);
}

static void see_watch(struct gyre_loop_visitor *v, struct gyre_watch *w)
{
    (void)v;
    say(GYRE_OWNER(w, struct actor, watch)->name);
}

static void see_timer(struct gyre_loop_visitor *v, struct gyre_timer *t)
{
    (void)v;
    say(GYRE_OWNER(t, struct actor, timer)->name);
}

static struct gyre_loop_visitor each_kind[] = {
    {.job = see_job}, {.watch = see_watch}, {.timer = see_timer}};

/* Every name in `names` is in what a visitor of `kind` says, and no other. */
static void expect_seen(int kind, const char *names)
{
    const char *words;

    gyre_loop_walk(loop, &each_kind[kind]);
    words = heard();
    cr_expect_eq(strlen(words), strlen(names));
    for (; *names != '\0'; names++)
        cr_expect_neq(strchr(words, *names), NULL, "'%c' not seen", *names);
}

static void look_round(struct actor *x)
{
    x->act = NULL;
    start_job(&c);
    heard();
    expect_seen(0, "bc");
}

Test(look, a_walk_shows_what_is_started_each_once)
{
    for (int kind = 0; kind < 3; kind++)
        expect_seen(kind, "");
    start_job(&a);
    start_job(&b);
    start_watch(&b, gyre_sim_open(sim), GYRE_READ);
    start_watch(&c, gyre_sim_open(sim), GYRE_READ);
    start_timer(&a, GYRE_NOW);
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    start_timer(&c, GYRE_FOREVER);
    expect_seen(0, "ab");
    expect_seen(1, "bc");
    expect_seen(2, "abc");

    gyre_timer_stop(loop, &a.timer);
    gyre_watch_stop(loop, &c.watch);
    a.act = look_round;
    cr_expect_str_eq(turn(), "bc", "a looked at a pass half done");
    expect_seen(0, "");
    expect_seen(1, "b");
    expect_seen(2, "bc");
}

static void job_started(struct gyre_probes *p, struct gyre_job *j)
{
    (void)p, (void)j;
    say('s');
}

static void job_runs(struct gyre_probes *p, struct gyre_job *j)
{
    (void)p;
    cr_expect(!gyre_job_started(j));
    say('J');
}

static gyre_time polled_until;
static int poll_gave;

static void poll_begins(struct gyre_probes *p, gyre_time until)
{
    (void)p;
    polled_until = until;
    say('<');
}

static void poll_ended(struct gyre_probes *p, int n)
{
    (void)p;
    poll_gave = n;
    say('>');
}

static void post_runs(struct gyre_probes *p, struct gyre_post *post)
{
    (void)p, (void)post;
    say('P');
}

static void watch_runs(struct gyre_probes *p, struct gyre_watch *w,
                       unsigned events)
{
    (void)p;
    cr_expect(gyre_watch_started(w));
    cr_expect_eq(events, GYRE_READ);
    say('W');
}

static void signal_runs(struct gyre_probes *p, struct gyre_signal *s,
                        unsigned times)
{
    (void)p, (void)s;
    cr_expect_eq(times, 2);
    say('S');
}

static void timer_runs(struct gyre_probes *p, struct gyre_timer *t)
{
    (void)p;
    cr_expect_leq(gyre_timer_due(t), gyre_loop_now(loop));
    say('T');
}

static void run_ended(struct gyre_probes *p)
{
    (void)p;
    say('|');
}

Test(look, probes_tell_what_is_about_to_happen)
{
    struct gyre_probes probes = {
        job_started, job_runs,   poll_begins,
        poll_ended,  post_runs,  signal_runs,
        watch_runs,  timer_runs, .run_ended = run_ended};
    struct gyre_probes none = {0};
    gyre_time due = gyre_loop_in(loop, GYRE_SECOND);
    int fd = gyre_sim_open(sim);

    gyre_probes_start(loop, &probes);
    start_timer(&d, due);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "<>Td|");
    cr_expect_eq(polled_until, due);
    cr_expect_eq(poll_gave, 0);

    gyre_sim_ready(sim, fd, GYRE_READ | GYRE_WRITE);
    start_watch(&c, fd, GYRE_READ);
    start_post(&b);
    start_job(&a);
    start_job(&a);
    cr_expect_eq(gyre_loop_once(loop, GYRE_FOREVER), 0);
    cr_expect_str_eq(heard(), "sJa<>PbWc|");
    cr_expect_eq(polled_until, GYRE_NOW);
    cr_expect_eq(poll_gave, 1);

    start_signal(&b, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard(), "<>SbWc|", "the post it comes by is not shown");

    start_timer(&a, GYRE_NOW);
    start_timer(&d, GYRE_NOW);
    cr_expect_eq(gyre_loop_once(loop, GYRE_NOW), 0);
    cr_expect_str_eq(heard(), "<>WcTaTd|");

    gyre_probes_start(loop, &none);
    start_job(&a);
    cr_expect_str_eq(turn(), "sJa<>Wc|");
    gyre_probes_stop(loop, &probes);
    start_job(&a);
    cr_expect_str_eq(turn(), "ac");
    gyre_probes_stop(loop, &none);
    gyre_probes_stop(loop, &none);
    start_job(&a);
    cr_expect_str_eq(turn(), "ac");
}

static struct gyre_probes of_jobs = {.job_started = job_started,
                                     .job_runs = job_runs};

static void begin_to_look(struct actor *x)
{
    struct gyre_job *j;

    gyre_probes_start(loop, &of_jobs);
    start_job(x->other);
    j = gyre_loop_take(loop);
    cr_assert_eq(j, &x->other->job);
    j->run(j);
}

static void look_no_more(struct actor *x)
{
    gyre_probes_stop(loop, &of_jobs);
    start_job(x->other);
}

Test(look, probes_tell_of_what_is_between_two_jobs_of_a_round)
{
    a.act = begin_to_look;
    a.other = &b;
    b.act = look_no_more;
    b.other = &c;
    start_job(&a);
    cr_expect_str_eq(turn(), "asJbc");
}

/* What was told of last, and how often. */
static const void *told;
static int times;

static void started(struct gyre_probes *p, const void *object)
{
    (void)p;
    told = object;
    times++;
}

static void add_to_line(struct gyre_probes *p, const void *object, int fd)
{
    (void)p;
    dprintf(fd, "    and that was %p\n", object);
}

static void expect_told(const void *object)
{
    cr_expect_eq(told, object);
    cr_expect_eq(times, 1);
    times = 0;
}

Test(look, probes_tell_of_what_is_started)
{
    struct gyre_probes probes = {.started = started};
    int fd = gyre_sim_open(sim);

    gyre_probes_start(loop, &probes);
    start_timer(&a, GYRE_SECOND);
    expect_told(&a.timer);
    start_timer(&a, 2 * GYRE_SECOND);
    expect_told(&a.timer);
    start_watch(&b, fd, GYRE_READ);
    expect_told(&b.watch);
    start_watch(&b, fd, GYRE_WRITE);
    expect_told(&b.watch);
    cr_expect_eq(gyre_watch_start(loop, &c.watch, fd, GYRE_READ), -EBUSY);
    start_signal(&a, SIGUSR1);
    expect_told(&a.signal);
    cr_expect_eq(gyre_signal_start(loop, &b.signal, SIGKILL), -EINVAL);
    cr_expect_eq(times, 0, "what was not started");
    gyre_probes_stop(loop, &probes);
    start_timer(&a, 3 * GYRE_SECOND);
    cr_expect_eq(times, 0);
}

static void job_runs_too(struct gyre_probes *p, struct gyre_job *j)
{
    (void)p, (void)j;
    say('2');
}

static void timer_runs_too(struct gyre_probes *p, struct gyre_timer *t)
{
    (void)p, (void)t;
    say('3');
}

Test(look, several_tables_of_probes_are_told_the_latest_first)
{
    struct gyre_probes first = {.job_runs = job_runs},
                       second = {.job_runs = job_runs_too},
                       third = {.timer_runs = timer_runs_too};

    gyre_probes_start(loop, &first);
    gyre_probes_start(loop, &second);
    gyre_probes_start(loop, &third);
    start_job(&a);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(turn(), "2Ja3b");
    gyre_probes_stop(loop, &second);
    start_job(&a);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(turn(), "Ja3b");
    gyre_probes_stop(loop, &third);
    start_job(&a);
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(turn(), "Jab");
    gyre_probes_stop(loop, &first);
}

static void feel_pulse(struct actor *x)
{
    struct gyre_loop_pulse pulse = gyre_loop_pulse(loop);

    cr_expect(!pulse.asleep);
    cr_expect_eq(pulse.polls, gyre_loop_stats(loop).polls);
    (void)x;
}

static void feel_sleep(struct gyre_probes *p, gyre_time until)
{
    (void)p;
    cr_expect_eq(gyre_loop_pulse(loop).asleep, until != GYRE_NOW);
}

Test(look, a_loop_s_pulse_tells_if_it_sleeps)
{
    struct gyre_probes probes = {.poll_begins = feel_sleep};

    a.act = feel_pulse;
    b.act = feel_pulse;
    gyre_probes_start(loop, &probes);
    start_job(&a);
    start_timer(&b, gyre_loop_in(loop, GYRE_SECOND));
    cr_expect(gyre_loop_pulse(loop).asleep);
    cr_expect_eq(gyre_loop_pulse(loop).polls, 0);
    cr_expect_str_eq(run(), "ab");
    cr_expect(gyre_loop_pulse(loop).asleep);
    cr_expect_gt(gyre_loop_pulse(loop).polls, 0);
    gyre_probes_stop(loop, &probes);
}

/* What gyre_loop_print writes; good until the next call. */
static char *printed(void)
{
    static char text[4096];
    FILE *f = tmpfile();
    ssize_t n;
    int things = gyre_loop_print(loop, fileno(f));

    n = pread(fileno(f), text, sizeof text - 1, 0);
    fclose(f);
    text[n > 0 ? n : 0] = '\0';
    for (char *at = text; (at = strchr(at, '\n')) != NULL; at++)
        things -= at[1] != ' '; /* which continues a line */
    cr_expect_eq(things, 0);
    return text;
}

#define name_of(fn) gyre_name_function((uintptr_t)(fn)).text

#define expect_line(text, ...)                                                 \
    do {                                                                       \
        char line_[300];                                                       \
                                                                               \
        snprintf(line_, sizeof line_, __VA_ARGS__);                            \
        cr_expect_not_null(strstr(text, line_), "%s is not in:\n%s", line_,    \
                           text);                                              \
    } while (0)

Test(look, what_is_started_can_be_printed)
{
    int fd = gyre_sim_open(sim);
    char *text = printed();

    cr_expect_str_eq(text, "");
    start_job(&a);
    a.watch.background = true;
    start_watch(&a, fd, GYRE_READ | GYRE_WRITE | GYRE_EDGE);
    start_timer(&a, gyre_loop_in(loop, 1500 * GYRE_MILLISECOND));
    b.timer.every = 1;
    start_timer(&b, GYRE_FOREVER);
    start_signal(&a, SIGUSR1);
    text = printed();
    expect_line(text, "job %p is ready, runs %s\n", (void *)&a.job,
                name_of(a.job.run));
    expect_line(text,
                "watch %p of descriptor %d for reading writing, by edges in "
                "the background, calls %s\n",
                (void *)&a.watch, fd, name_of(a.watch.ready));
    expect_line(text, "timer %p is due in 1.500000 s, calls %s\n",
                (void *)&a.timer, name_of(a.timer.fire));
    expect_line(text, "timer %p is never due, repeats, calls %s\n",
                (void *)&b.timer, name_of(b.timer.fire));
    expect_line(text, "signal %p of number %d, calls %s\n", (void *)&a.signal,
                SIGUSR1, name_of(a.signal.caught));
}

Test(look, probes_may_add_to_what_is_printed)
{
    struct gyre_probes probes = {.printed = add_to_line};
    char *text;

    gyre_probes_start(loop, &probes);
    start_job(&a);
    start_timer(&b, GYRE_FOREVER);
    start_signal(&c, SIGUSR1);
    text = printed();
    expect_line(text, "runs %s\n    and that was %p\n", name_of(a.job.run),
                (void *)&a.job);
    expect_line(text, "calls %s\n    and that was %p\n", name_of(b.timer.fire),
                (void *)&b.timer);
    expect_line(text, "calls %s\n    and that was %p\n",
                name_of(c.signal.caught), (void *)&c.signal);
    gyre_probes_stop(loop, &probes);
}

Test(look, with_GYRE_DEBUG_a_freed_loop_tells_what_was_still_started)
{
    char text[512] = "";
    FILE *f = tmpfile();

    setenv("GYRE_DEBUG", "1", 1);
    fflush(stderr);
    dup2(fileno(f), STDERR_FILENO);
    start_timer(&a, gyre_loop_in(loop, GYRE_SECOND));
    close_stage();
    cr_assert_gt(pread(fileno(f), text, sizeof text - 1, 0), 0);
    expect_line(text, "timer %p is due in 1.000000 s, calls %s\n",
                (void *)&a.timer, name_of(a.timer.fire));
    fclose(f);
}

Test(look, stats_count_what_was_done)
{
    int fd = gyre_sim_open(sim);
    struct gyre_loop_stats s = gyre_loop_stats(loop);

    cr_expect_eq(s.polls + s.jobs + s.events + s.stale + s.posts, 0);
    gyre_sim_ready(sim, fd, GYRE_READ);
    start_watch(&a, fd, GYRE_READ);
    for (int i = 0; i < 3; i++) {
        start_job(&b);
        start_post(&c);
        turn();
    }
    start_signal(&d, SIGUSR1);
    raise(SIGUSR1);
    turn();
    s = gyre_loop_stats(loop);
    cr_expect_eq(s.polls, 4);
    cr_expect_eq(s.jobs, 3);
    cr_expect_eq(s.events, 4);
    cr_expect_eq(s.posts, 3, "a signal's is none");
    cr_expect_eq(s.stale, 0);
}

static void note_end(struct gyre_probes *p)
{
    (void)p;
    say('e');
}

Test(look, probes_keep_no_loop_alive)
{
    struct gyre_probes probes = {.run_ended = note_end};

    gyre_probes_start(loop, &probes);
    cr_expect(!gyre_loop_alive(loop));
    cr_expect_str_eq(run(), "e");
    start_timer(&a, GYRE_NOW);
    cr_expect_str_eq(run(), "ae");
    gyre_probes_stop(loop, &probes);
}
