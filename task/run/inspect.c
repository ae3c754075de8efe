/*
 * inspect.c - how a run is looked at from outside, while it goes on.
 */
#include "task/run/inspect.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "loop/environment.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "loop/timer.h"
#include "task/show/cycles.h"
#include "task/show/format.h"
#include "task/show/words.h"

/* ---- a signal ---- */

/* Those that a person may want to use for it. */
static const struct {
    const char *name;
    int number;
} signals[] = {
    {"HUP", SIGHUP},   {"QUIT", SIGQUIT},   {"USR1", SIGUSR1},
    {"USR2", SIGUSR2}, {"WINCH", SIGWINCH},
#ifdef SIGINFO
    {"INFO", SIGINFO},
#endif
};

/* The signal that GYRE_DUMP is, or else is called by; 0: none; or -EINVAL. */
static int number_of(const char *name)
{
    long number = gyre_environment_number(NULL, "GYRE_DUMP", 64);

    if (number >= 0)
        return (int)number;
    if (strncmp(name, "SIG", 3) == 0)
        name += 3;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        if (strcmp(name, signals[i].name) == 0)
            return signals[i].number;
    }
    return -EINVAL;
}

/* A program that has asked the loop for the signal itself means something else
   by it. */
static void dump(struct gyre_signal *s, unsigned times)
{
    struct gyre_inspect *in = GYRE_OWNER(s, struct gyre_inspect, dumping);

    (void)times;
    if (!gyre_signal_shared(in->runtime->loop, s))
        (void)gyre_dump_run(in->runtime, STDERR_FILENO, GYRE_DUMP_TEXT);
}

static int start_dumping(struct gyre_inspect *in)
{
    const char *name = gyre_environment("GYRE_DUMP");
    int number = name != NULL ? number_of(name) : SIGUSR1;

    if (number <= 0)
        return number;
    if (!gyre_signal_unclaimed(number))
        return 0;
    in->dumping.caught = dump;
    return gyre_signal_start(in->runtime->loop, &in->dumping, number);
}

/* ---- cycles ---- */

/* Tells of those that are new, and older than a limit. */
struct teller {
    struct gyre_cycle_visitor base;
    gyre_time now;
    gyre_time began; /* at the latest */
};

static bool told(const struct gyre_task *t)
{
    return t->search.told == t->wait->since;
}

/* Is there anybody in the cycle of whom was not told, and has everybody waited
   for long? */
static bool to_be_told(const struct gyre_task *first, gyre_time began)
{
    const struct gyre_task *t = first;
    bool is_new = false;

    do {
        if (t->wait->since > began)
            return false;
        is_new = is_new || !told(t);
        t = t->search.to;
    } while (t != first);
    return is_new;
}

static void tell(struct gyre_cycle_visitor *v, struct gyre_task *first)
{
    const struct teller *teller = GYRE_OWNER(v, struct teller, base);
    struct gyre_task *t = first;
    struct gyre_out_fd o;

    if (!to_be_told(first, teller->began))
        return;
    do {
        t->search.told = t->wait->since;
        t = t->search.to;
    } while (t != first);
    gyre_out_init_fd(&o, STDERR_FILENO);
    gyre_put(&o.out, "gyre: ");
    gyre_put_cycle(&o.out, first, teller->now);
    (void)gyre_out_end(&o.out);
}

static void check(struct gyre_timer *timer)
{
    struct gyre_inspect *in = GYRE_OWNER(timer, struct gyre_inspect, checking);
    struct teller teller = {.base.cycle = tell};

    teller.now = gyre_views_begin(in->runtime);
    teller.began = teller.now - timer->every;
    (void)gyre_cycles_walk(in->runtime, &teller.base);
}

static void start_checking(struct gyre_inspect *in)
{
    struct gyre_loop *l = in->runtime->loop;
    long seconds = gyre_environment_number(l, "GYRE_CYCLES", 1000000);

    if (seconds <= 0)
        return;
    in->checking = (struct gyre_timer){.fire = check, .background = true};
    in->checking.every = seconds * GYRE_SECOND;
    gyre_timer_start(l, &in->checking, gyre_loop_in(l, in->checking.every));
}

/* ---- a socket ---- */

/* A simulation has no real descriptors. */
static int start_control(struct gyre_inspect *in)
{
    const char *path = gyre_environment_asks("GYRE_CTL");

    if (path == NULL || gyre_loop_simulated(in->runtime->loop))
        return 0;
    return gyre_control_new(&in->control, in->runtime, path);
}

/* ---- all of it ---- */

static void note(const struct gyre_inspect *in, const char *what, int err)
{
    if (err)
        gyre_loop_fail(in->runtime->loop, what, err);
}

void gyre_inspect_start(struct gyre_inspect *in, struct gyre_runtime *rt)
{
    in->runtime = rt;
    note(in, "GYRE_DUMP", start_dumping(in));
    start_checking(in);
    note(in, "GYRE_CTL", start_control(in));
}

void gyre_inspect_stop(struct gyre_inspect *in)
{
    struct gyre_loop *l = in->runtime->loop;

    gyre_control_free(in->control);
    gyre_timer_stop(l, &in->checking);
    (void)gyre_signal_stop(l, &in->dumping);
}

void gyre_inspect_forget(struct gyre_inspect *in)
{
    gyre_control_forget(in->control);
}
