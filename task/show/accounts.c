/*
 * accounts.c - keeping accounts, by the loop's probes.
 *
 * A task's turn ends where the loop's next doing begins, or where the task
 * ends, whichever comes first: after its end there is no task to count for.
 */
#include "task/show/accounts.h"

#include <assert.h>
#include <errno.h>

#include "loop/timer.h"
#include "task/internal.h"

enum { NO_ROUND = -1 };

static struct gyre_accounts *accounts_of(struct gyre_probes *p)
{
    return GYRE_OWNER(p, struct gyre_accounts, probes);
}

static gyre_time now(const struct gyre_accounts *a)
{
    return gyre_loop_in(a->runtime->loop, 0);
}

static void raise_to(gyre_time *longest, gyre_time span)
{
    if (span > *longest)
        *longest = span;
}

/* ---- turns ---- */

/* Count what the task that runs has run so far. */
static void settle(struct gyre_accounts *a, gyre_time at)
{
    struct gyre_task_account *account;

    if (a->running == NULL)
        return;
    account = &a->running->account;
    account->ran += at - a->counted;
    raise_to(&account->longest_turn, at - a->turn);
    a->counted = at;
}

static void end_turn(struct gyre_accounts *a, gyre_time at)
{
    settle(a, at);
    a->running = NULL;
}

static void begin_turn(struct gyre_accounts *a, struct gyre_task *t,
                       gyre_time at)
{
    t->account.turns++;
    a->running = t;
    a->turn = a->counted = at;
}

static void job_started(struct gyre_probes *p, struct gyre_job *j)
{
    struct gyre_task *t = gyre_task_of(j);

    if (t != NULL)
        t->account.ready = now(accounts_of(p));
}

static void job_runs(struct gyre_probes *p, struct gyre_job *j)
{
    struct gyre_accounts *a = accounts_of(p);
    struct gyre_task *t = gyre_task_of(j);
    gyre_time at = now(a);

    end_turn(a, at);
    if (t == NULL)
        return;
    t->account.queued += at - t->account.ready;
    raise_to(&t->account.longest_queued, at - t->account.ready);
    begin_turn(a, t, at);
}

static void made(struct gyre_task_hook *h, struct gyre_task *t)
{
    (void)h;
    t->account = (struct gyre_task_account){0};
}

static void ended(struct gyre_task_hook *h, struct gyre_task *t)
{
    struct gyre_accounts *a = GYRE_OWNER(h, struct gyre_accounts, hook);
    struct gyre_task_account *spent = &a->spent;

    end_turn(a, now(a));
    a->ended++;
    spent->turns += t->account.turns;
    spent->ran += t->account.ran;
    spent->queued += t->account.queued;
    raise_to(&spent->longest_turn, t->account.longest_turn);
    raise_to(&spent->longest_queued, t->account.longest_queued);
}

/* ---- the loop ---- */

static void poll_begins(struct gyre_probes *p, gyre_time until)
{
    struct gyre_accounts *a = accounts_of(p);
    gyre_time at = now(a);

    (void)until;
    end_turn(a, at);
    if (a->round != NO_ROUND)
        gyre_histogram_add(&a->rounds, at - a->round);
}

static void poll_ended(struct gyre_probes *p, int n)
{
    struct gyre_accounts *a = accounts_of(p);

    (void)n;
    a->round = now(a);
}

static void timer_runs(struct gyre_probes *p, struct gyre_timer *t)
{
    struct gyre_accounts *a = accounts_of(p);

    gyre_histogram_add(&a->late, now(a) - gyre_timer_due(t));
}

static void run_ended(struct gyre_probes *p)
{
    accounts_of(p)->round = NO_ROUND;
}

/* ---- keeping them ---- */

/* Those that are ready are from now on. */
static void open_all(struct gyre_runtime *rt, gyre_time at)
{
    struct gyre_task *t = NULL;

    while ((t = gyre_task_next(rt->root, t)) != NULL)
        t->account = (struct gyre_task_account){.ready = at};
}

int gyre_accounts_start(struct gyre_accounts *a)
{
    struct gyre_runtime *rt = gyre_running;

    assert(rt != NULL);
    if (rt->hook != NULL)
        return -EBUSY;
    *a = (struct gyre_accounts){
        .probes = {.job_started = job_started,
                   .job_runs = job_runs,
                   .poll_begins = poll_begins,
                   .poll_ended = poll_ended,
                   .timer_runs = timer_runs,
                   .run_ended = run_ended},
        .hook = {.made = made, .ended = ended},
        .runtime = rt,
        .round = NO_ROUND,
    };
    rt->hook = &a->hook;
    gyre_probes_start(rt->loop, &a->probes);
    open_all(rt, now(a));
    if (gyre_current != NULL)
        begin_turn(a, gyre_current, now(a));
    return 0;
}

void gyre_accounts_stop(struct gyre_accounts *a)
{
    if (a->runtime == NULL)
        return;
    gyre_probes_stop(a->runtime->loop, &a->probes);
    a->runtime->hook = NULL;
    a->runtime = NULL;
}

size_t gyre_accounts_walk(struct gyre_accounts *a,
                          struct gyre_account_visitor *v)
{
    struct gyre_task *t = NULL;
    size_t n = 0;

    settle(a, now(a));
    while ((t = gyre_task_next(a->runtime->root, t)) != NULL) {
        struct gyre_task_info info;

        gyre_task_tell(t, &info);
        v->task(v, &info, &t->account);
        n++;
    }
    return n;
}
