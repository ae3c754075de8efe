/*
 * whereabouts.c - what another thread is doing, as told by itself: by a handler
 * that looks at what it has interrupted.
 *
 * The handler stands only while somebody asks.  One that runs late finds that
 * nobody does any more, and one that is delivered later still finds the default
 * action, which is to ignore it.
 */
#include "task/show/whereabouts.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "loop/text.h"
#include "task/internal.h"
#include "task/show/backtrace.h"

enum { NONE, QUESTION, ANSWERING, ANSWER };

#define PATIENCE 1000 /* milliseconds */

/* The question, and the answer; where the handler finds them. */
static struct {
    atomic_int state;
    pthread_t thread; /* who is asked */
    struct gyre_whereabouts answer;
} asked;

static void answer(const void *context)
{
    struct gyre_whereabouts *a = &asked.answer;
    const struct gyre_task *t = gyre_current;

    a->task = t != NULL ? t->id : 0;
    a->fn = t != NULL ? (uintptr_t)t->fn : 0;
    gyre_text_copy(a->name, sizeof a->name,
                   t != NULL && t->name != NULL ? t->name : "");
    a->n =
        gyre_backtrace_interrupted(context, a->frames, GYRE_WHEREABOUTS_FRAMES);
}

static void handle(int number, siginfo_t *info, void *context)
{
    int state = QUESTION, err = errno;

    (void)number;
    (void)info;
    if (atomic_load(&asked.state) == QUESTION &&
        pthread_equal(asked.thread, pthread_self()) &&
        atomic_compare_exchange_strong(&asked.state, &state, ANSWERING)) {
        answer(context);
        atomic_store(&asked.state, ANSWER);
    }
    errno = err;
}

/* By default there is none.  Ours may stand there still: who saves what stood
   there, and puts it back, does that while we ask, too. */
static bool is_free(const struct sigaction *now)
{
    return now->sa_handler == SIG_DFL || now->sa_sigaction == handle;
}

/* On the alternate stack, if the thread has one: the task may have little left
   of its own. */
static bool put_up(void)
{
    struct sigaction ours = {.sa_sigaction = handle}, now;

    ours.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&ours.sa_mask);
    return sigaction(SIGURG, NULL, &now) == 0 && is_free(&now) &&
           sigaction(SIGURG, &ours, NULL) == 0;
}

static void take_down(void)
{
    struct sigaction none = {.sa_handler = SIG_DFL}, now;

    if (sigaction(SIGURG, NULL, &now) == 0 && now.sa_sigaction == handle)
        sigaction(SIGURG, &none, NULL);
}

static void wait_for_answer(void)
{
    const struct timespec millisecond = {.tv_nsec = GYRE_MILLISECOND};

    for (int i = 0; i < PATIENCE; i++) {
        if (atomic_load(&asked.state) == ANSWER)
            break;
        nanosleep(&millisecond, NULL);
    }
}

/* Ask no more.  An answer that has been begun is waited for. */
static bool conclude(void)
{
    int state = QUESTION;

    if (atomic_compare_exchange_strong(&asked.state, &state, NONE))
        return false;
    while (atomic_load(&asked.state) == ANSWERING)
        sched_yield();
    atomic_store(&asked.state, NONE);
    return true;
}

bool gyre_whereabouts_ask(pthread_t thread, struct gyre_whereabouts *out)
{
    bool answered;

    if (!put_up())
        return false;
    asked.thread = thread;
    atomic_store(&asked.state, QUESTION);
    if (pthread_kill(thread, SIGURG) == 0)
        wait_for_answer();
    answered = conclude();
    take_down();
    if (answered)
        *out = asked.answer;
    return answered;
}
