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
#include <string.h>
#include <unistd.h>

#include "task/internal.h"

/* What guards answer with; which, differs by system. */
static const int faults[] = {SIGSEGV, SIGBUS};

enum { FAULTS = sizeof faults / sizeof *faults };

static struct {
    pthread_mutex_t lock;
    unsigned runs;
} overflow = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- saying so ---- */

/* A line of text, cut off where it is full. */
struct line {
    char text[256];
    size_t n;
};

static void add(struct line *l, const char *text)
{
    for (; *text != '\0' && l->n < sizeof l->text; text++)
        l->text[l->n++] = *text;
}

static void add_number(struct line *l, uintptr_t number, unsigned base)
{
    char digits[24], *p = digits + sizeof digits - 1;

    *p = '\0';
    do {
        *--p = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    add(l, p);
}

static void report(const struct gyre_task *t)
{
    struct line l = {.n = 0};

    add(&l, "gyre: task ");
    add(&l, t->name != NULL ? t->name : "without a name");
    add(&l, " (fn 0x");
    add_number(&l, (uintptr_t)t->fn, 16);
    add(&l, ") has overflowed its stack of ");
    add_number(&l, t->stack->size, 10);
    add(&l, " bytes\n");
    (void)!write(STDERR_FILENO, l.text, l.n);
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

    (void)context;
    if (!sent && t != NULL && in_guard(t, info->si_addr))
        report(t);
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

/* One run more or fewer; the first and the last move the handlers. */
static void count(int more)
{
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

void gyre_overflow_forget(void)
{
    pthread_mutex_init(&overflow.lock, NULL);
    overflow.runs = 0;
}
