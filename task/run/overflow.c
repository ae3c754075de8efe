/*
 * overflow.c - a task that overflows its stack is named.
 *
 * The handler is gone when it is called (SA_RESETHAND), so it need only return:
 * the instruction faults again, and the system does what it would have done at
 * first, with the registers of the culprit in the core.  It calls nothing but
 * what a handler may.
 */
#include "task/run/overflow.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

#include "loop/text.h"
#include "task/internal.h"
#include "task/show/backtrace.h"

/* What guards answer with; which, differs by system. */
static const int faults[] = {SIGSEGV, SIGBUS};

enum { FAULTS = sizeof faults / sizeof *faults };

static struct {
    pthread_mutex_t lock;
    unsigned runs;
} overflow = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- saying so ---- */

static void say(const struct gyre_text *line)
{
    (void)!write(STDERR_FILENO, line->at, line->n);
}

static void say_who(const struct gyre_task *t)
{
    struct gyre_text line;
    char room[512];

    gyre_text_init(&line, room, sizeof room);
    gyre_text_add(&line, "gyre: task ");
    gyre_text_add(&line, gyre_task_title(t).text);
    gyre_text_add(&line, ", spawned at ");
    gyre_text_add(&line, gyre_name_site(t->spawned_at).text);
    gyre_text_add(&line, ", has overflowed its stack of ");
    gyre_text_add_number(&line, t->stack->size);
    gyre_text_add(&line, " bytes in\n");
    say(&line);
}

/* The innermost functions; the rest is mostly more of the same. */
static void say_where(const void *context)
{
    enum { MOST = 8 };
    const void *frames[MOST];
    size_t n = gyre_backtrace_interrupted(context, frames, MOST);

    for (size_t i = 0; i < n; i++) {
        struct gyre_text line;
        char room[256];

        gyre_text_init(&line, room, sizeof room);
        gyre_text_add(&line, "gyre:     ");
        gyre_text_add(&line, gyre_name_site(frames[i]).text);
        gyre_text_add(&line, "\n");
        say(&line);
    }
}

/* ---- the handler ---- */

static bool in_guard(const struct gyre_task *t, const char *address)
{
    const struct gyre_stacks *pool = t->stack->pool;

    return pool != NULL && gyre_stacks_find(pool, address) == t->stack &&
           address < t->stack->low;
}

/* A signal that was sent, by kill or raise, does not come again by itself. */
static void handle(int number, siginfo_t *info, void *context)
{
    const struct gyre_task *t = gyre_current;
    bool sent = info->si_code <= 0;

    if (!sent && t != NULL && in_guard(t, info->si_addr)) {
        say_who(t);
        say_where(context);
    }
    if (sent)
        raise(number);
}

static void put_up(int number)
{
    struct sigaction ours = {.sa_sigaction = handle}, now;

    ours.sa_flags = (int)(SA_SIGINFO | SA_ONSTACK | SA_RESETHAND);
    sigemptyset(&ours.sa_mask);
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
        sigaction(number, &ours, NULL);
}

static void take_down(int number)
{
    struct sigaction none = {.sa_handler = SIG_DFL}, now;

    if (sigaction(number, NULL, &now) == 0 && now.sa_sigaction == handle)
        sigaction(number, &none, NULL);
}

/* In the child of a fork.  The handlers are there still, and its first run
   finds them so. */
static void begin_afresh(void)
{
    pthread_mutex_init(&overflow.lock, NULL);
    overflow.runs = 0;
}

static void expect_forks(void)
{
    (void)pthread_atfork(NULL, NULL, begin_afresh);
}

/* One run more or fewer; the first and the last move the handlers. */
static void count(int more)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, expect_forks);
    pthread_mutex_lock(&overflow.lock);
    overflow.runs += (unsigned)more;
    for (int i = 0; i < FAULTS; i++) {
        if (overflow.runs == 0)
            take_down(faults[i]);
        else if (overflow.runs == 1 && more > 0)
            put_up(faults[i]);
    }
    pthread_mutex_unlock(&overflow.lock);
}

/* ---- the stack it needs ---- */

void gyre_overflow_start(struct gyre_overflow *o)
{
    stack_t ours = {.ss_sp = o->room, .ss_size = sizeof o->room}, now;

    if (sigaltstack(NULL, &now) == 0 && now.ss_flags & SS_DISABLE)
        sigaltstack(&ours, NULL);
    count(1);
}

void gyre_overflow_stop(struct gyre_overflow *o)
{
    stack_t none = {.ss_flags = SS_DISABLE}, now;

    count(-1);
    if (sigaltstack(NULL, &now) == 0 && now.ss_sp == o->room)
        sigaltstack(&none, NULL);
}
