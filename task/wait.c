/*
 * wait.c - parking, and the three ways it ends.
 *
 * Invariant: t->wait is w exactly while t is parked on w and none of waker,
 * deadline and cancellation has ended the wait; each of them goes through
 * `end`, which sees to it that no other can.
 */
#include "task/wait.h"

#include <assert.h>
#include <errno.h>

#include "task/at_once.h"
#include "task/breach.h"
#include "task/internal.h"
#include "task/switching.h"

bool gyre_wait_abandon(struct gyre_wait *w)
{
    if (w->kind != NULL && w->kind->abandon != NULL)
        return w->kind->abandon(w);
    gyre_list_remove(&w->link);
    return true;
}

bool gyre_wait_refuse(struct gyre_wait *w)
{
    (void)w;
    return false;
}

static inline void end_untimed(struct gyre_task *t, intptr_t result)
{
    struct gyre_wait *w = t->wait;

    w->result = result;
    w->task = NULL;
    t->wait = NULL;
    gyre_task_wake(t);
}

static void end(struct gyre_task *t, intptr_t result)
{
    if (t->timer != NULL)
        gyre_timer_stop(t->runtime->loop, t->timer);
    t->timer = NULL;
    end_untimed(t, result);
}

bool gyre_wait_interrupt(struct gyre_task *t, intptr_t result)
{
    if (!gyre_wait_abandon(t->wait))
        return false;
    end(t, result);
    return true;
}

/* Apart, as it is rare. */
static GYRE_NOT_INLINED void give_way(struct gyre_task *t)
{
    gyre_task_give_way(t);
}

void gyre_task_inject(struct gyre_task *t, enum gyre_moment moment,
                      const void *caller)
{
    struct gyre_injector *i = t->runtime->injector;

    if (i != NULL)
        i->at(i, t, moment, caller);
}

/* Without a seed a task gives way when its credits are spent. */
bool gyre_task_is_to_give_way(const struct gyre_task *t)
{
    struct gyre_loop *l = t->runtime->loop;

    if (t->runtime->forked)
        return false;
    if (gyre_loop_seed(l) != 0)
        return gyre_loop_random(l) % 4 == 0;
    return t->credits == 0 || t->credits == ~0;
}

void gyre_task_charge(struct gyre_task *t)
{
    if (t->credits > 0)
        t->credits--;
    else if (t->credits < ~0)
        t->credits++;
}

/* A checkpoint with no credits left, or that is looked at; or with a scope that
   was left, for whose end the others have no frame. */
static __attribute__((cold, noinline)) int look(struct gyre_task *t,
                                                gyre_time deadline,
                                                const void *caller,
                                                const void *frame)
{
    gyre_scope_check(t, frame);
    if (gyre_task_looked_at(t))
        gyre_task_inject(t, GYRE_REACHED, caller);
    if (deadline != GYRE_NOW && gyre_task_is_to_give_way(t))
        give_way(t);
    gyre_task_charge(t);
    return gyre_task_told(t);
}

/* Not cold: the call of it would be in a part of its callers that has another
   name, and which backtraces do not know. */
__attribute__((noinline)) void gyre_task_switch_watched(struct gyre_task *t,
                                                        const void *caller)
{
    gyre_task_inject(t, GYRE_PARKED, caller);
    gyre_task_switch(t);
    gyre_task_inject(t, GYRE_WOKEN, caller);
}

/* The checkpoint of a callback, which waits for nothing. */
static __attribute__((noinline)) int pass_callback(gyre_time deadline)
{
    assert(deadline == GYRE_NOW);
    (void)deadline;
    return gyre_running != NULL && gyre_running->forked ? -ECANCELED : 0;
}

GYRE_NOT_INLINED int gyre_checkpoint(gyre_time deadline)
{
    struct gyre_task *t = gyre_current;

    if (t == NULL)
        return pass_callback(deadline);
    gyre_sanitize_fp(&t->fiber.sanitizer);
    if (t->credits <= 0 || gyre_task_below(t, t->innermost, GYRE_FRAME))
        return look(t, deadline, __builtin_return_address(0), GYRE_FRAME);
    t->credits--;
    return gyre_task_told(t);
}

int gyre_checkpoint_at_once(gyre_time deadline)
{
    const struct gyre_task *t = gyre_current;

    if (t == NULL)
        return pass_callback(deadline);
    return t->credits <= 0 && deadline != GYRE_NOW ? 1
                                                   : gyre_checkpoint(deadline);
}

int gyre_checkpoint_now(const struct gyre_loop *l)
{
    if (gyre_loop_inherited(l))
        return -ECANCELED;
    return gyre_current == NULL ? pass_callback(GYRE_NOW)
                                : gyre_checkpoint(GYRE_NOW);
}

void gyre_checkpoint_passed(gyre_time deadline)
{
    struct gyre_task *t = gyre_current;

    if (t != NULL && t->credits <= 0 && deadline != GYRE_NOW &&
        gyre_task_is_to_give_way(t))
        give_way(t);
}

static inline __attribute__((always_inline)) intptr_t
park(struct gyre_task *t, struct gyre_wait *w, const void *caller)
{
    if (!gyre_task_looked_at(t))
        gyre_task_switch(t);
    else
        gyre_task_switch_watched(t, caller);
    return w->result;
}

/* What a wait with a deadline has in its frame. */
struct limit {
    struct gyre_timer timer;
    struct gyre_task *task;
};

static void time_out(struct gyre_timer *timer)
{
    struct gyre_task *t = GYRE_OWNER(timer, struct limit, timer)->task;

    (void)gyre_wait_interrupt(t, -ETIMEDOUT);
}

/* Apart, as the others need no room for a timer. */
GYRE_NOT_INLINED intptr_t gyre_wait_park_until(struct gyre_task *t,
                                               struct gyre_wait *w,
                                               gyre_time deadline,
                                               const void *caller)
{
    struct limit limit = {
        .timer = {.fire = time_out, .background = t->background}, .task = t};

    t->timer = &limit.timer;
    gyre_timer_start(t->runtime->loop, &limit.timer, deadline);
    return park(t, w, caller);
}

GYRE_ALWAYS_INLINE intptr_t begin(struct gyre_task *t, struct gyre_wait *w,
                                  gyre_time deadline, const void *caller)
{
    w->task = t;
    w->since = *t->runtime->now;
    t->wait = w;
    if (deadline != GYRE_FOREVER)
        return gyre_wait_park_until(t, w, deadline, caller);
    return park(t, w, caller);
}

GYRE_NOT_INLINED intptr_t gyre_wait_park_late(struct gyre_task *t,
                                              struct gyre_wait *w,
                                              gyre_time deadline,
                                              const void *caller)
{
    if (t != NULL && t->innermost->cause != 0 &&
        (gyre_wait_abandon(w) || t->runtime->forked))
        return gyre_task_told(t);
    if (deadline == GYRE_NOW && gyre_wait_abandon(w))
        return -ETIMEDOUT;
    assert(t != NULL);
    return begin(t, w, deadline, caller);
}

intptr_t gyre_wait_park(struct gyre_wait *w, gyre_time deadline)
{
    struct gyre_task *t = gyre_current;
    const void *caller = __builtin_return_address(0);

    if (t == NULL || t->innermost->cause != 0 || deadline == GYRE_NOW)
        return gyre_wait_park_late(t, w, deadline, caller);
    return begin(t, w, deadline, caller);
}

/* A wake with more to it: `w` is not what its task is parked on, but part of
   that; or there is a deadline. */
static GYRE_NOT_INLINED void wake(struct gyre_wait *w, intptr_t result)
{
    struct gyre_task *t = w->task;
    struct gyre_wait *whole;

    assert(t != NULL);
    whole = t->wait;
    if (whole != w) {
        assert(whole != NULL && whole->kind->choose != NULL);
        whole->kind->choose(whole, w);
    }
    end(t, result);
}

void gyre_wait_wake(struct gyre_wait *w, intptr_t result)
{
    struct gyre_task *t = w->task;

    if (t == NULL || t->wait != w || t->timer != NULL)
        wake(w, result);
    else
        end_untimed(t, result);
}
