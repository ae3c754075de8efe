/*
 * test_breach.c - the claims of scope.h, local.h, and defer.h about scopes,
 * bindings, and handlers that are left, or undone, by mistake.
 *
 * Each breach must abort where it is claimed to be found, and say so: a test
 * that gets past that point, or hears something else, ends without a signal,
 * and fails.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "loop/symbol.h"
#include "task/defer.h"
#include "task/gather.h"
#include "task/local.h"
#include "task/offload.h"
#include "task/scope.h"
#include "task/start.h"
#include "task/sync/mutex.h"
#include "task/task.h"
#include "tests/task/world.h"

static void (*breaching)(void);
static const char *sentence; /* that must be heard */
static FILE *heard;

static void commit(void)
{
    breaching();
}

static void aborted(int number)
{
    char text[512] = "";

    (void)!pread(fileno(heard), text, sizeof text - 1, 0);
    if (strstr(text, sentence) == NULL)
        _exit(1);
    signal(number, SIG_DFL);
    raise(number);
}

static void listen_for(const char *words)
{
    sentence = words;
    heard = tmpfile();
    dup2(fileno(heard), STDERR_FILENO);
    signal(SIGABRT, aborted);
}

static void expect_breach(void (*f)(void), const char *words)
{
    breaching = f;
    listen_for(words);
    hold_in_task(commit);
    _exit(1);
}

#define BREACH(name, words)                                                    \
    static void name(void);                                                    \
    Test(breach, name, .signal = SIGABRT)                                      \
    {                                                                          \
        expect_breach(name, words);                                            \
    }                                                                          \
    static void name(void)

#define LEFT "was left without gyre_scope_close"

static intptr_t nothing(void *arg)
{
    (void)arg;
    return 0;
}

static __attribute__((noinline)) void open_and_return(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
}

BREACH(left_open_is_found_at_a_cancel_point, LEFT)
{
    open_and_return();
    (void)!gyre_sleep(GYRE_NOW);
}

BREACH(left_open_is_found_at_a_yield, LEFT)
{
    open_and_return();
    (void)!gyre_yield();
}

BREACH(left_open_is_found_when_another_is_opened, LEFT)
{
    struct gyre_scope s;

    open_and_return();
    gyre_scope_open(&s, GYRE_FOREVER);
}

BREACH(left_open_is_found_when_another_is_cancelled, LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    open_and_return();
    gyre_scope_cancel(&s);
}

BREACH(left_open_is_found_at_a_spawn, LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    open_and_return();
    gyre_spawn(&s, NULL, nothing, NULL);
}

BREACH(left_open_is_found_when_the_enclosing_one_is_closed, LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    open_and_return();
    (void)!gyre_scope_close(&s, 0);
}

static intptr_t leave_open(void *arg)
{
    static struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    return (intptr_t)arg;
}

BREACH(left_open_is_found_when_the_task_ends,
       "was still open when the task ended")
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, leave_open, NULL);
    (void)!gyre_scope_close(&s, 0);
}

BREACH(closed_out_of_order_is_found, "is closed out of order")
{
    struct gyre_scope outer, inner;

    gyre_scope_open(&outer, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    (void)!gyre_scope_close(&outer, 0);
}

static intptr_t close_it(void *s)
{
    return gyre_scope_close(s, 0);
}

BREACH(closed_by_another_task_is_found,
       "is closed out of order, or by another task")
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, close_it, &s);
    (void)!gyre_scope_close(&s, 0);
}

/* Deep enough that its frame is not covered by those of gyre_scope_close. */
static __attribute__((noinline)) void spawn_deep(struct gyre_scope *s,
                                                 int depth)
{
    volatile char room[512] = {0};
    struct gyre_future f;

    if (depth > 0)
        spawn_deep(s, depth - room[0] - 1);
    else
        gyre_spawn(s, &f, nothing, NULL);
    room[1] = 1;
}

BREACH(a_future_whose_frame_was_left_is_found,
       "has a task whose future's frame was left")
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_deep(&s, 20);
    (void)!gyre_scope_close(&s, 0);
}

/* The block is left, but not the frame: then what is opened next tells. */
BREACH(left_by_the_end_of_its_block_is_found_when_it_is_opened_again, LEFT)
{
    for (int i = 0; i < 2; i++) {
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        if (i == 0)
            continue;
        (void)!gyre_scope_close(&s, 0);
    }
}

BREACH(a_future_given_to_two_tasks_is_found, "whose future was used again")
{
    struct gyre_future f;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, nothing, NULL);
    gyre_spawn(&s, &f, nothing, NULL);
    (void)!gyre_scope_close(&s, 0);
}

static intptr_t leave_open_and_yield(void *arg)
{
    open_and_return();
    return gyre_yield() + (intptr_t)arg;
}

Test(breach, of_the_main_task_names_it_and_its_function, .signal = SIGABRT)
{
    char words[300];

    snprintf(words, sizeof words, "gyre: task main (%s), spawned at ",
             gyre_name_function((uintptr_t)leave_open_and_yield).text);
    listen_for(words);
    simulate(leave_open_and_yield, NULL);
}

static intptr_t leave_open_at_once(void *arg)
{
    open_and_return();
    return gyre_yield() + (intptr_t)arg;
}

BREACH(of_a_task_without_a_name_names_its_function, "gyre: task ")
{
    static char words[300];
    struct gyre_scope s;

    snprintf(words, sizeof words, "gyre: task %s, spawned at ",
             gyre_name_function((uintptr_t)leave_open_at_once).text);
    sentence = words;
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, leave_open_at_once, NULL);
    (void)!gyre_scope_close(&s, 0);
}

BREACH(left_open_is_found_at_an_offload, LEFT)
{
    open_and_return();
    (void)!gyre_offload(nothing, NULL, GYRE_FOREVER);
}

BREACH(left_open_is_found_at_several_calls, LEFT)
{
    struct gyre_call call = {.fn = nothing};

    open_and_return();
    (void)!gyre_gather(&call, 1, GYRE_GATHER_ALL, GYRE_FOREVER);
}

BREACH(left_open_is_found_at_the_start_of_a_task, LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    open_and_return();
    (void)!gyre_spawn_start(&s, NULL, nothing, NULL, GYRE_FOREVER);
}

BREACH(left_open_is_found_when_its_limit_is_moved, LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    open_and_return();
    gyre_scope_limit(&s, gyre_in(MS));
}

/* What was opened and closed since is not to blame. */
static __attribute__((noinline)) const void *open_another_and_return(void)
{
    struct gyre_scope s, inner;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_scope_open(&inner, GYRE_FOREVER);
    (void)!gyre_scope_close(&inner, 0);
    return s.site;
}

BREACH(left_open_is_told_by_where_it_was_opened, LEFT)
{
    static char words[300];

    snprintf(words, sizeof words, "the scope opened at %s " LEFT,
             gyre_name_site(open_another_and_return()).text);
    sentence = words;
    (void)!gyre_yield();
}

/* ---- locks ---- */

#define LOCK_LEFT "has ended with a lock held that was on its stack"

static __attribute__((noinline)) void lock_and_return(void)
{
    struct gyre_mutex m = {0};

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
}

BREACH(a_lock_left_is_found_when_the_task_ends, LOCK_LEFT)
{
    lock_and_return();
}

/* The first in the list is sound, and would write to the next. */
BREACH(a_lock_left_is_found_behind_another, LOCK_LEFT)
{
    static struct gyre_mutex m;

    cr_expect_eq(gyre_mutex_lock(&m, GYRE_NOW), 0);
    lock_and_return();
}

/* ---- bindings ---- */

#define BINDING_LEFT "was left without gyre_local_unbind"

static struct gyre_local_key key;

static __attribute__((noinline)) void bind_and_return(void)
{
    struct gyre_local b;

    gyre_local_bind(&b, &key, NULL);
}

BREACH(a_binding_left_is_found_when_a_value_is_asked_for, BINDING_LEFT)
{
    bind_and_return();
    (void)gyre_local(&key);
}

BREACH(a_binding_left_is_found_when_a_scope_is_opened, BINDING_LEFT)
{
    struct gyre_scope s;

    bind_and_return();
    gyre_scope_open(&s, GYRE_FOREVER);
}

BREACH(a_binding_left_is_found_when_another_is_made, BINDING_LEFT)
{
    bind_and_return();
    bind_and_return();
}

BREACH(a_binding_left_is_found_when_another_is_undone, BINDING_LEFT)
{
    struct gyre_local b;

    gyre_local_bind(&b, &key, NULL);
    bind_and_return();
    gyre_local_unbind(&b);
}

BREACH(a_binding_left_by_the_end_of_its_block_is_found, BINDING_LEFT)
{
    for (int i = 0; i < 2; i++) {
        struct gyre_local b;

        gyre_local_bind(&b, &key, NULL);
    }
}

static intptr_t bind_and_end(void *binding)
{
    gyre_local_bind(binding, &key, NULL);
    return 0;
}

BREACH(a_binding_left_is_found_when_the_task_ends,
       "was not undone when the task ended")
{
    struct gyre_local b;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, bind_and_end, &b);
    (void)!gyre_scope_close(&s, 0);
}

BREACH(a_binding_undone_out_of_order_is_found, "is undone out of order")
{
    struct gyre_local one, other;

    gyre_local_bind(&one, &key, NULL);
    gyre_local_bind(&other, &key, NULL);
    gyre_local_unbind(&one);
}

static intptr_t unbind(void *binding)
{
    gyre_local_unbind(binding);
    return 0;
}

BREACH(a_binding_undone_by_who_inherited_it_is_found, "or by another task")
{
    struct gyre_local b;
    struct gyre_scope s;

    gyre_local_bind(&b, &key, NULL);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, unbind, &b);
    (void)!gyre_scope_close(&s, 0);
}

BREACH(a_binding_undone_while_tasks_may_see_it_is_found,
       "is undone inside of a scope that is newer")
{
    struct gyre_local b;
    struct gyre_scope s;

    gyre_local_bind(&b, &key, NULL);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_local_unbind(&b);
}

/* ---- what is deferred ---- */

#define HANDLER_LEFT "was left without gyre_defer_run"

static void undo(void *arg)
{
    (void)arg;
}

static __attribute__((noinline)) void defer_and_return(void)
{
    struct gyre_defer d;

    gyre_defer(&d, undo, NULL);
}

BREACH(a_handler_left_is_found_when_another_is_deferred, HANDLER_LEFT)
{
    defer_and_return();
    defer_and_return();
}

BREACH(a_handler_left_by_the_end_of_its_block_is_found, HANDLER_LEFT)
{
    for (int i = 0; i < 2; i++) {
        struct gyre_defer d;

        gyre_defer(&d, undo, NULL);
    }
}

static __attribute__((noinline)) void defer_both(struct gyre_defer *after)
{
    struct gyre_defer d;

    gyre_defer(&d, undo, NULL);
    gyre_defer(after, undo, NULL);
}

BREACH(a_handler_left_is_found_when_the_one_after_it_is_dropped, HANDLER_LEFT)
{
    struct gyre_defer after;

    defer_both(&after);
    gyre_defer_drop(&after);
}

static intptr_t defer_and_end(void *arg)
{
    struct gyre_defer d;

    gyre_defer(&d, undo, arg);
    return 0;
}

BREACH(a_handler_left_is_found_when_the_task_ends, HANDLER_LEFT)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, defer_and_end, NULL);
    (void)!gyre_scope_close(&s, 0);
}

#ifndef NDEBUG
BREACH(a_shield_whose_limit_is_taken_away_is_found, "limit != ")
{
    struct gyre_scope s;

    gyre_scope_open_shielded(&s, gyre_in(MS));
    gyre_scope_limit(&s, GYRE_FOREVER);
}
#endif

#ifdef GYRE_CHECK_FP
#include <fenv.h>

BREACH(a_changed_floating_point_environment_is_found, "gyre_sanitize_fp")
{
    fesetround(FE_UPWARD);
    (void)!gyre_yield();
}
#endif
