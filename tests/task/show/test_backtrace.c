/*
 * test_backtrace.c - the claims of backtrace.h: who has called whom.
 */
#include <criterion/criterion.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "loop/symbol.h"
#include "task/internal.h"
#include "task/show/backtrace.h"
#include "task/task.h"
#include "tests/task/show/deep.h"
#include "tests/task/world.h"

enum { MOST = 32 };

/* Nothing is known of a parked task whose registers are the system's. */
#ifdef GYRE_SWITCH_UCONTEXT
#define SEEN_PARKED false
#else
#define SEEN_PARKED true
#endif

static const void *frames[MOST];
static size_t n;

/* Frame `i` is of `function`. */
static void expect_frame(size_t i, const char *function)
{
    struct gyre_symbol s = {.function = ""};

    if (i < n)
        gyre_symbol_find((const char *)frames[i] - 1, &s);
    (void)function;
#ifndef GYRE_SYMBOLS_DLADDR
    cr_expect_str_eq(s.function, function, "frame %zu of %zu is %s, not %s", i,
                     n, s.function, function);
#endif
}

/* From frame `i` on are those of call_deep, then `function`, and no other. */
static void expect_deep(size_t i, const char *function)
{
    static const char *const deep[] = DEEP;

    for (size_t k = 0; k < sizeof deep / sizeof *deep; k++)
        expect_frame(i++, deep[k]);
    expect_frame(i++, "call_deep");
    expect_frame(i++, function);
    cr_expect_eq(n, i);
}

/* The task that was spawned last in `s`. */
static const struct gyre_task *task_in(struct gyre_scope *s)
{
    struct gyre_branch *b =
        GYRE_OWNER(s->branch.branches.prev, struct gyre_branch, link);

    return b->task;
}

static void sleep_a_while(void)
{
    (void)!gyre_sleep(gyre_in(2 * MS));
}

static intptr_t sleep_deep(void *arg)
{
    intptr_t sum = call_deep(sleep_a_while);

    note((char)(intptr_t)arg);
    return sum;
}

/* Those of a task that is parked in the midst of sleep_deep. */
static void expect_sleeping(const struct gyre_task *t)
{
    n = gyre_backtrace(t, frames, MOST);
    if (!SEEN_PARKED) {
        cr_expect_eq(n, 0);
        return;
    }
    expect_frame(0, "gyre_sleep");
    expect_frame(1, "sleep_a_while");
    expect_deep(2, "sleep_deep");
}

CLAIM(backtrace, of_a_parked_task_shows_every_frame_and_disturbs_nothing)
{
    struct gyre_future done;
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &done, sleep_deep, (void *)'d');
    let_others_run();
    for (int i = 0; i < 2; i++)
        expect_sleeping(task_in(&s));
    cr_expect_eq(gyre_await(&done, GYRE_FOREVER), CALL_DEEP_RETURNS);
    expect_notes("d");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static void see_it_sleep(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, sleep_deep, (void *)'d');
    let_others_run();
    expect_sleeping(task_in(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* With a seed all cancel points are looked at, by another way to the switch. */
Test(backtrace, of_a_task_whose_cancel_points_are_looked_at_is_the_same)
{
    setenv("GYRE_SEED", "1", 1);
    hold_in_task(see_it_sleep);
}

CLAIM(backtrace, of_a_task_that_is_woken_but_has_not_run_is_the_same)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, sleep_deep, (void *)'d');
    let_others_run();
    gyre_scope_cancel(&s);
    expect_sleeping(task_in(&s));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

CLAIM(backtrace, of_a_task_that_has_not_begun_is_empty)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, PLAY('a', 0, 0));
    cr_expect_eq(gyre_backtrace(task_in(&s), frames, MOST), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
}

static void yield(void)
{
    cr_expect_eq(gyre_yield(), 0);
}

static intptr_t yield_deep(void *arg)
{
    (void)arg;
    return call_deep(yield);
}

CLAIM(backtrace, of_a_task_that_gave_way_begins_with_what_it_called)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn_with(&s, NULL, yield_deep, NULL,
                    &(struct gyre_spawn_options){.eager = true});
    n = gyre_backtrace(task_in(&s), frames, MOST);
    if (SEEN_PARKED) {
        expect_frame(0, "gyre_yield");
        expect_frame(1, "yield");
        expect_deep(2, "yield_deep");
    }
    (void)!gyre_scope_close(&s, 0);
}

/* Looks at the task that waits for it, which is the main one. */
static intptr_t look_at_owner(void *arg)
{
    const struct gyre_task *owner = gyre_current->scope->branch.task;

    n = gyre_backtrace(owner, frames, MOST);
    return (intptr_t)arg;
}

static __attribute__((noinline)) void join_one(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, look_at_owner, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t join_deep(void *arg)
{
    (void)arg;
    return call_deep(join_one);
}

static void expect_joining(const char *function, const char *outer)
{
    if (!SEEN_PARKED)
        return;
    expect_frame(0, "gyre_scope_close");
    expect_frame(1, function);
    expect_frame(n - 1, "run_main");
    n--;
    expect_deep(2, outer);
}

Test(backtrace, of_the_main_task_in_the_join_of_a_scope)
{
    cr_expect_eq(simulate(join_deep, NULL), CALL_DEEP_RETURNS);
    expect_joining("join_one", "join_deep");
}

static __attribute__((noinline)) void join_one_cancelled(void)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, look_at_owner, NULL);
    gyre_scope_cancel(&s);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

static intptr_t join_cancelled_deep(void *arg)
{
    (void)arg;
    return call_deep(join_one_cancelled);
}

Test(backtrace, of_a_task_that_waits_though_it_is_cancelled_is_the_same)
{
    cr_expect_eq(simulate(join_cancelled_deep, NULL), CALL_DEEP_RETURNS);
    expect_joining("join_one_cancelled", "join_cancelled_deep");
}

static void look_at_self(void)
{
    n = gyre_backtrace(gyre_current, frames, MOST);
}

static intptr_t look_deep(void *arg)
{
    (void)arg;
    return call_deep(look_at_self);
}

CLAIM(backtrace, of_the_running_task_begins_with_the_caller)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, look_deep, NULL);
    (void)!gyre_scope_close(&s, 0);
    expect_frame(0, "look_at_self");
    expect_deep(1, "look_deep");
}

CLAIM(backtrace, ends_where_there_is_no_room)
{
    const void *few[3] = {NULL, NULL, frames};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, sleep_deep, (void *)'d');
    let_others_run();
    expect_sleeping(task_in(&s));
    cr_expect_eq(gyre_backtrace(task_in(&s), few, 0), 0);
    cr_expect_eq(few[0], NULL);
    if (SEEN_PARKED) {
        cr_expect_eq(gyre_backtrace(task_in(&s), few, 2), 2);
        cr_expect_eq(few[1], frames[1]);
    }
    cr_expect_eq(few[2], (const void *)frames);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- odd frames ---- */

/* Calls its argument, and tells no unwinder how. */
void call_oddly(void (*fn)(void));

#if defined(__x86_64__)
__asm__(".text\n"
        ".globl call_oddly\n"
        ".type call_oddly, @function\n"
        "call_oddly:\n\t"
        "push %rbx\n\t"
        "call *%rdi\n\t"
        "pop %rbx\n\t"
        "ret\n"
        ".size call_oddly, . - call_oddly");
#elif defined(__aarch64__)
__asm__(".text\n"
        ".globl call_oddly\n"
        ".type call_oddly, %function\n"
        "call_oddly:\n\t"
        "str x30, [sp, #-16]!\n\t"
        "blr x0\n\t"
        "ldr x30, [sp], #16\n\t"
        "ret\n"
        ".size call_oddly, . - call_oddly");
#endif

static intptr_t sleep_oddly(void *arg)
{
    call_oddly(sleep_a_while);
    return (intptr_t)arg;
}

CLAIM(backtrace, goes_as_far_as_frames_can_be_told)
{
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, sleep_oddly, NULL);
    let_others_run();
    n = gyre_backtrace(task_in(&s), frames, MOST);
    if (SEEN_PARKED) {
        expect_frame(0, "gyre_sleep");
        expect_frame(1, "sleep_a_while");
        expect_frame(2, "call_oddly");
        cr_expect_leq(n, 4);
    }
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
}

/* ---- from a handler ---- */

static char *closed; /* a page that may not be touched until the handler ran */
static size_t page;

static void look_and_open(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)info;
    n = gyre_backtrace_interrupted(context, frames, MOST);
    mprotect(closed, page, PROT_READ);
}

static void touch(void)
{
    cr_expect_eq(*(volatile char *)closed, 0);
}

/* Have fn() be interrupted by a handler, on a stack of its own or not. */
static void interrupt(void (*fn)(void), int flags)
{
    struct sigaction ours = {.sa_sigaction = look_and_open,
                             .sa_flags = SA_SIGINFO | flags};
    struct sigaction before[2];

    page = (size_t)sysconf(_SC_PAGESIZE);
    closed = mmap(NULL, page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGSEGV, &ours, &before[0]);
    sigaction(SIGBUS, &ours, &before[1]);
    n = 0;
    fn();
    sigaction(SIGSEGV, &before[0], NULL);
    sigaction(SIGBUS, &before[1], NULL);
    munmap(closed, page);
}

static void touch_deep(void)
{
    cr_expect_eq(call_deep(touch), CALL_DEEP_RETURNS);
}

static intptr_t be_interrupted(void *flags)
{
    interrupt(touch_deep, (int)(intptr_t)flags);
    return 0;
}

CLAIM(backtrace, of_an_interrupted_task_begins_where_it_was)
{
    const int flags[] = {0, SA_ONSTACK};

    for (int i = 0; i < 2; i++) {
        struct gyre_scope s;

        gyre_scope_open(&s, GYRE_FOREVER);
        gyre_spawn(&s, NULL, be_interrupted, (void *)(intptr_t)flags[i]);
        cr_expect_eq(gyre_scope_close(&s, 0), 0);
        expect_frame(0, "touch");
        expect_frame(n - 1, "be_interrupted");
        expect_frame(n - 2, "interrupt");
        n -= 2;
        expect_deep(1, "touch_deep");
    }
}

Test(backtrace, of_what_is_no_task_begins_where_it_was_interrupted)
{
    interrupt(touch, 0);
    expect_frame(0, "touch");
}
