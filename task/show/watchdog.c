/*
 * watchdog.c - what keeps a loop is named while it does.
 *
 * What is looked at costs the loops nothing: they count their polls, and say
 * who has a turn, by the same instructions as without a watchdog.
 *
 * `life` is for starting and ending the thread; `lock` for what it looks at.  A
 * loop's thread takes `lock` to stop being watched: so while the watchdog has
 * it, that thread exists.
 */
#include "task/show/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "loop/symbol.h"
#include "task/internal.h"
#include "task/show/out.h"
#include "task/show/whereabouts.h"
#include "task/show/words.h"

enum { LOOKS = 4, IDLE = 4 /* limits between looks while all sleep */ };

#define ROOMY ((size_t)16 * 1024) /* that the handler needs, twice */

static struct {
    pthread_mutex_t life;
    pthread_t thread;
    bool alive;

    pthread_mutex_t lock;
    pthread_cond_t changed; /* there is one more, or none any more */
    struct gyre_list loops; /* gyre_watched.link */
} watchdog = {
    .life = PTHREAD_MUTEX_INITIALIZER,
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .changed = PTHREAD_COND_INITIALIZER,
    .loops = {&watchdog.loops, &watchdog.loops},
};

static gyre_time read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * GYRE_SECOND + t.tv_nsec;
}

/* ---- reports ---- */

static void name_task(struct gyre_watched *w, const struct gyre_whereabouts *a)
{
    const char *name = a->name;
    struct gyre_name function;

    if (name[0] == '\0') {
        function = gyre_name_function(a->fn);
        name = function.text;
    }
    snprintf(w->who, sizeof w->who, "#%" PRIu64 " %s", a->task, name);
}

/* As far as that is known.  A task of which we know no more may be gone. */
static void find_out_who(struct gyre_watched *w,
                         const struct gyre_whereabouts *a, bool answered)
{
    if (answered && a->task != 0)
        name_task(w, a);
    else
        snprintf(w->who, sizeof w->who, "%s",
                 w->stall.task != NULL ? "a task" : "a callback");
}

static void put_beginning(struct gyre_out *o, const struct gyre_watched *w)
{
    gyre_put(o, "gyre: ");
    gyre_put(o, w->who);
}

static void report_stall(struct gyre_watched *w, gyre_time lasted)
{
    struct gyre_whereabouts a = {0};
    bool answered = !w->cramped && gyre_whereabouts_ask(w->thread, &a);
    struct gyre_out_fd to;

    find_out_who(w, &a, answered);
    gyre_out_init_fd(&to, STDERR_FILENO);
    put_beginning(&to.out, w);
    gyre_put(&to.out, " has kept its loop for ");
    gyre_put_span(&to.out, lasted);
    gyre_put(&to.out, answered ? ", in\n" : "\n");
    for (size_t i = 0; i < a.n; i++) {
        gyre_put(&to.out, "    ");
        gyre_put(&to.out, gyre_name_site(a.frames[i]).text);
        gyre_put(&to.out, "\n");
    }
    (void)gyre_out_end(&to.out);
}

static void report_end(const struct gyre_watched *w, gyre_time lasted)
{
    struct gyre_out_fd to;

    gyre_out_init_fd(&to, STDERR_FILENO);
    put_beginning(&to.out, w);
    gyre_put(&to.out, " went on after ");
    gyre_put_span(&to.out, lasted);
    gyre_put(&to.out, "\n");
    (void)gyre_out_end(&to.out);
}

/* ---- looking ---- */

/* Is it awake? */
static bool look(struct gyre_watched *w, gyre_time now)
{
    struct gyre_loop_pulse pulse = gyre_loop_pulse(w->loop);
    const void *task = __atomic_load_n(w->current, __ATOMIC_RELAXED);
    gyre_time lasted;

    switch (gyre_stall_look(&w->stall, pulse, task, now, &lasted)) {
    case GYRE_STALLS: report_stall(w, lasted); break;
    case GYRE_WENT_ON: report_end(w, lasted); break;
    case GYRE_GOES_ON: break;
    }
    return !pulse.asleep;
}

/* Look at all; return if one is awake. */
static bool look_at_all(bool late)
{
    gyre_time now = read_clock(CLOCK_MONOTONIC);
    struct gyre_list *all = &watchdog.loops;
    bool awake = false;

    for (struct gyre_list *i = all->next; i != all; i = i->next) {
        struct gyre_watched *w = GYRE_OWNER(i, struct gyre_watched, link);

        if (late)
            gyre_stall_forgive(&w->stall, now);
        awake |= look(w, now);
    }
    return awake;
}

static gyre_time least_limit(void)
{
    struct gyre_list *all = &watchdog.loops;
    gyre_time least = GYRE_FOREVER;

    for (struct gyre_list *i = all->next; i != all; i = i->next) {
        gyre_time limit = GYRE_OWNER(i, struct gyre_watched, link)->stall.limit;

        least = limit < least ? limit : least;
    }
    return least;
}

/*
 * Until then, or until something has changed.  By the clock of the wall, for
 * the other is not to be had everywhere: if that is set back, one nap is long.
 */
static void nap(gyre_time span)
{
    gyre_time until = read_clock(CLOCK_REALTIME) + span;
    struct timespec t = {.tv_sec = (time_t)(until / GYRE_SECOND),
                         .tv_nsec = (long)(until % GYRE_SECOND)};

    pthread_cond_timedwait(&watchdog.changed, &watchdog.lock, &t);
}

/* How long to nap after `last`: longer and longer while all are asleep. */
static gyre_time next_nap(gyre_time last, bool awake, gyre_time limit)
{
    gyre_time least = limit / LOOKS, most = IDLE * limit;

    if (awake || last < least)
        return least;
    return last < most / 2 ? 2 * last : most;
}

/* A nap that is too long by a limit tells that we did not run, stopped by
   somebody say: then neither did the loops. */
static void *watch(void *arg)
{
    gyre_time span = 0, before;
    bool late = false;

    (void)arg;
    pthread_mutex_lock(&watchdog.lock);
    while (!gyre_list_empty(&watchdog.loops)) {
        gyre_time limit = least_limit();

        span = next_nap(span, look_at_all(late), limit);
        before = read_clock(CLOCK_MONOTONIC);
        nap(span);
        late = read_clock(CLOCK_MONOTONIC) - before > span + limit;
    }
    pthread_mutex_unlock(&watchdog.lock);
    return NULL;
}

/* ---- starting and stopping ---- */

/* In the child of a fork, whichever thread made it: the one that watches has
   not come along, nor has who may have been at one of the locks. */
static void begin_afresh(void)
{
    pthread_mutex_init(&watchdog.life, NULL);
    pthread_mutex_init(&watchdog.lock, NULL);
    pthread_cond_init(&watchdog.changed, NULL);
    gyre_list_init(&watchdog.loops);
    watchdog.alive = false;
}

static void expect_forks(void)
{
    (void)pthread_atfork(NULL, NULL, begin_afresh);
}

/* Is the alternate stack of this thread too small to put a handler on? */
static bool is_cramped(void)
{
    stack_t now;

    return sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE) &&
           now.ss_size < ROOMY;
}

/* No signal is for this thread. */
static void call_watchdog(void)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    watchdog.alive = pthread_create(&watchdog.thread, NULL, watch, NULL) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void gyre_watchdog_start(struct gyre_watched *w, const struct gyre_loop *l,
                         gyre_time limit)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, expect_forks);
    *w = (struct gyre_watched){.loop = l,
                               .current = &gyre_current,
                               .thread = pthread_self(),
                               .cramped = is_cramped(),
                               .stall.limit = limit,
                               .stall.since = read_clock(CLOCK_MONOTONIC)};
    pthread_mutex_lock(&watchdog.life);
    pthread_mutex_lock(&watchdog.lock);
    gyre_list_append(&watchdog.loops, &w->link);
    pthread_cond_signal(&watchdog.changed);
    pthread_mutex_unlock(&watchdog.lock);
    if (!watchdog.alive)
        call_watchdog();
    pthread_mutex_unlock(&watchdog.life);
}

void gyre_watchdog_stop(struct gyre_watched *w)
{
    bool last;

    if (w->loop == NULL)
        return;
    pthread_mutex_lock(&watchdog.life);
    pthread_mutex_lock(&watchdog.lock);
    (void)look(w, read_clock(CLOCK_MONOTONIC));
    gyre_list_remove(&w->link);
    w->loop = NULL;
    last = gyre_list_empty(&watchdog.loops);
    if (last)
        pthread_cond_signal(&watchdog.changed);
    pthread_mutex_unlock(&watchdog.lock);
    if (last && watchdog.alive) {
        pthread_join(watchdog.thread, NULL);
        watchdog.alive = false;
    }
    pthread_mutex_unlock(&watchdog.life);
}
