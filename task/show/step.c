/*
 * step.c - a loop, one job at a time.
 *
 * What runs is told by probes, in the order it happens and before it does: so
 * what a program prints itself comes after the line on who prints it.
 */
#include "task/show/step.h"

#include <stdio.h>
#include <unistd.h>

#include "loop/mailbox.h"
#include "loop/probe.h"
#include "loop/signal.h"
#include "loop/symbol.h"
#include "loop/watch.h"
#include "task/internal.h"
#include "task/show/out.h"
#include "task/show/words.h"

/* Who tells of one step. */
struct teller {
    struct gyre_probes probes;
    struct gyre_loop *loop;
    gyre_time before; /* the poll */
    int fd;
};

static struct teller *teller_of(struct gyre_probes *p)
{
    return GYRE_OWNER(p, struct teller, probes);
}

/* What the program has printed to the same place comes first. */
static void begin(struct gyre_out_fd *to, int fd)
{
    if (fd == STDOUT_FILENO)
        fflush(stdout);
    gyre_out_init_fd(to, fd);
}

/* "> what runs", or what is called if it is a function. */
static void tell(struct gyre_probes *p, const char *what, uintptr_t fn)
{
    struct gyre_out_fd to;

    begin(&to, teller_of(p)->fd);
    gyre_put(&to.out, "> ");
    gyre_put(&to.out, what);
    gyre_put(&to.out, gyre_name_function(fn).text);
    gyre_put(&to.out, "\n");
    (void)gyre_out_end(&to.out);
}

static void job_runs(struct gyre_probes *p, struct gyre_job *j)
{
    const struct gyre_task *t = gyre_task_of(j);
    struct gyre_out_fd to;

    if (t == NULL) {
        tell(p, "job ", (uintptr_t)j->run);
        return;
    }
    begin(&to, teller_of(p)->fd);
    gyre_put(&to.out, "> ");
    gyre_put_title(&to.out, t);
    gyre_put(&to.out, " runs\n");
    (void)gyre_out_end(&to.out);
}

static void poll_begins(struct gyre_probes *p, gyre_time until)
{
    struct teller *teller = teller_of(p);

    (void)until;
    teller->before = gyre_loop_in(teller->loop, 0);
}

static void poll_ended(struct gyre_probes *p, int n)
{
    struct teller *teller = teller_of(p);
    struct gyre_out_fd to;

    begin(&to, teller->fd);
    gyre_put(&to.out, "> poll, ");
    gyre_put_span(&to.out, gyre_loop_now(teller->loop) - teller->before);
    gyre_put_format(&to.out, ", %d ready\n", n);
    (void)gyre_out_end(&to.out);
}

static void post_runs(struct gyre_probes *p, struct gyre_post *post)
{
    tell(p, "post ", (uintptr_t)post->run);
}

static void signal_runs(struct gyre_probes *p, struct gyre_signal *s,
                        unsigned times)
{
    (void)times;
    tell(p, "signal ", (uintptr_t)s->caught);
}

static void watch_runs(struct gyre_probes *p, struct gyre_watch *w,
                       unsigned events)
{
    (void)events;
    tell(p, "watch ", (uintptr_t)w->ready);
}

static void timer_runs(struct gyre_probes *p, struct gyre_timer *t)
{
    tell(p, "timer ", (uintptr_t)t->fire);
}

int gyre_step(struct gyre_loop *l, gyre_time until, int fd)
{
    struct teller teller = {.probes = {.job_runs = job_runs,
                                       .poll_begins = poll_begins,
                                       .poll_ended = poll_ended,
                                       .post_runs = post_runs,
                                       .signal_runs = signal_runs,
                                       .watch_runs = watch_runs,
                                       .timer_runs = timer_runs},
                            .loop = l,
                            .fd = fd};
    int err;

    gyre_probes_start(l, &teller.probes);
    err = gyre_loop_step(l, until);
    gyre_probes_stop(l, &teller.probes);
    fflush(stdout);
    (void)gyre_draw(l, fd);
    return err;
}

/* A loop with nothing to do is asked once, too: that is how a step, as a run,
   forgets that it was stopped before. */
int gyre_step_through(struct gyre_loop *l, int fd)
{
    int err;

    do
        err = gyre_step(l, GYRE_FOREVER, fd);
    while (err == 0 && !gyre_loop_stopped(l) && gyre_loop_alive(l));
    return err;
}
