/*
 * signals.c - signals of the process, waited for by tasks.
 *
 * Invariant: nobody waits while one has come that nobody has had.
 */
#include "task/sync/signals.h"

#include <errno.h>

#include "loop/loop.h"

static const struct gyre_wait_kind waits = {.name = "for a signal"};

/* The first that has come, which is had now; or 0. */
static int take(struct gyre_signals *s)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->caught[i].times > 0) {
            s->caught[i].times--;
            return s->caught[i].number;
        }
    }
    return 0;
}

static bool wake(struct gyre_signals *s, int result)
{
    struct gyre_wait *w = gyre_waiters_first(&s->waiters);

    if (w == NULL)
        return false;
    GYRE_OWNER(w, struct gyre_case, wait)->result = result;
    return gyre_waiters_wake(&s->waiters, result);
}

static void caught(struct gyre_signal *signal, unsigned times)
{
    struct gyre_caught *c = GYRE_OWNER(signal, struct gyre_caught, signal);

    c->times += times;
    while (c->times > 0 && wake(c->set, c->number))
        c->times--;
}

static void stop(struct gyre_signals *s, struct gyre_loop *l)
{
    for (size_t i = 0; i < s->n; i++) {
        (void)gyre_signal_stop(l, &s->caught[i].signal);
        s->caught[i].times = 0;
    }
}

static int start(struct gyre_signals *s, struct gyre_loop *l)
{
    int err = 0;

    for (size_t i = 0; err == 0 && i < s->n; i++) {
        struct gyre_caught *c = &s->caught[i];

        c->times = 0;
        c->set = s;
        c->signal = (struct gyre_signal){.caught = caught};
        err = gyre_signal_start(l, &c->signal, c->number);
    }
    if (err)
        stop(s, l);
    return err;
}

int gyre_signals_start(struct gyre_signals *s, struct gyre_loop *l)
{
    int err;

    if (s->loop != NULL)
        return -EBUSY;
    err = start(s, l);
    if (err)
        return err;
    s->loop = l;
    s->awaited = !s->background;
    if (s->awaited)
        gyre_loop_awaits(l, 1);
    return 0;
}

void gyre_signals_stop(struct gyre_signals *s)
{
    struct gyre_loop *l = s->loop;

    if (l == NULL)
        return;
    s->loop = NULL;
    stop(s, l);
    if (s->awaited)
        gyre_loop_awaits(l, -1);
    while (wake(s, -EBADF))
        continue;
}

static bool attempt(struct gyre_case *c)
{
    struct gyre_signals *s = c->wait.on;

    c->result = s->loop == NULL ? -EBADF : take(s);
    return c->result != 0;
}

struct gyre_case gyre_case_signal(struct gyre_signals *s)
{
    return (struct gyre_case){
        .attempt = attempt,
        .line = &s->waiters,
        .wait = {.kind = &waits, .on = s},
    };
}

int gyre_signals_wait(struct gyre_signals *s, gyre_time deadline)
{
    struct gyre_case c = gyre_case_signal(s);

    return (int)gyre_case_await(&c, deadline);
}
