/*
 * signal.c - signals, brought from the handler to the loops.
 *
 * A handler can reach nothing but what is static, so this file has variables of
 * its own: per signal, a count of how often it came; and a list of desks, one
 * in each loop that catches any, with the set of signals it wants.  The handler
 * counts, and rings at every desk that wants the signal, by the post `caught`
 * of its loop.  The loop compares counts with what each of its signals has
 * seen.
 *
 * Desks and dispositions change under a lock that the handler never takes.  It
 * announces itself in `handling` instead, and who takes a desk out of the list
 * waits until no handler that may have seen it is at work: on another thread,
 * for on this one none can be, as all signals are blocked meanwhile.
 *
 * Where no desk wants a signal more than once, the handler takes itself down:
 * what comes next is not ours, however late a loop looks.
 */
#include "loop/signal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "loop/internal.h"

#define SIGNALS 65 /* 1 to 64; the count of 0 is not used */

static struct {
    pthread_mutex_t lock;
    _Atomic(struct desk *) desks;     /* the first, or NULL */
    atomic_uint count[SIGNALS];       /* times each signal came */
    unsigned users[SIGNALS];          /* desks that want each */
    atomic_uint lasting[SIGNALS];     /* of them, more than once */
    struct sigaction before[SIGNALS]; /* what stood there before */
    atomic_uint handling;             /* handlers at work */
} signals = {.lock = PTHREAD_MUTEX_INITIALIZER};

static uint64_t bit(int number)
{
    return UINT64_C(1) << (number - 1);
}

static void ring(struct desk *d)
{
    struct gyre_loop *l = GYRE_OWNER(d, struct gyre_loop, desk);

    (void)gyre_post(l->mailbox, &l->caught);
}

static void handle(int number);

/* A handler that somebody put over ours meanwhile is left alone. */
static void put_back(int number)
{
    struct sigaction now;

    if (sigaction(number, NULL, &now) == 0 && now.sa_handler == handle)
        sigaction(number, &signals.before[number], NULL);
}

static void handle(int number)
{
    struct desk *d;

    atomic_fetch_add(&signals.handling, 1);
    if (atomic_load(&signals.lasting[number]) == 0)
        put_back(number);
    atomic_fetch_add(&signals.count[number], 1);
    for (d = atomic_load(&signals.desks); d != NULL;
         d = atomic_load(&d->next)) {
        if (atomic_load(&d->wants) & bit(number))
            ring(d);
    }
    atomic_fetch_sub(&signals.handling, 1);
}

/* In the child of a fork: no thread that had the lock, or was in the handler,
   has come along. */
static void begin_afresh(void)
{
    pthread_mutex_init(&signals.lock, NULL);
    atomic_store(&signals.handling, 0);
}

static void expect_forks(void)
{
    (void)pthread_atfork(NULL, NULL, begin_afresh);
}

/* Lock, with all signals blocked, as a handler of this thread must not run in
   the middle. */
static void lock(sigset_t *mask)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sigset_t all;

    pthread_once(&once, expect_forks);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, mask);
    pthread_mutex_lock(&signals.lock);
}

static void unlock(const sigset_t *mask)
{
    pthread_mutex_unlock(&signals.lock);
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

/* Those at work may not have seen what changed. */
static void wait_for_handlers(void)
{
    while (atomic_load(&signals.handling) > 0)
        sched_yield();
}

/* What points to `d` in the list of desks; or to NULL, if it is not there. */
static _Atomic(struct desk *) *link_to(const struct desk *d)
{
    _Atomic(struct desk *) *link = &signals.desks;

    while (atomic_load(link) != NULL && atomic_load(link) != d)
        link = &atomic_load(link)->next;
    return link;
}

static void take_desk(struct desk *d)
{
    if (atomic_load(link_to(d)) == d)
        return;
    atomic_store(&d->next, atomic_load(&signals.desks));
    atomic_store(&signals.desks, d);
}

static void leave_desk(struct desk *d)
{
    _Atomic(struct desk *) *link = link_to(d);

    if (atomic_load(link) != d)
        return;
    atomic_store(link, atomic_load(&d->next));
    wait_for_handlers();
}

/* Put our handler up, which somebody may have replaced since the last time.  It
   runs on the alternate stack, if there is one: that of a task may be too small
   for a signal.  What stood there is noted before ours can be called and want
   to put it back. */
static int install(int number)
{
    struct sigaction ours = {.sa_handler = handle}, before;

    ours.sa_flags = SA_RESTART | SA_ONSTACK;
    sigfillset(&ours.sa_mask);
    if (sigaction(number, NULL, &before) < 0)
        return -errno;
    if (before.sa_handler != handle)
        signals.before[number] = before;
    return sigaction(number, &ours, NULL) < 0 ? -errno : 0;
}

/* Is a bit set that was not, or the other way round?  1, -1, or 0. */
static int change(uint64_t before, uint64_t after, int number)
{
    return !!(after & bit(number)) - !!(before & bit(number));
}

/* The desk wants this from now on, or nothing, and is left. */
static void want(struct desk *d, uint64_t wants, uint64_t lasting)
{
    uint64_t before = atomic_load(&d->wants);

    for (int number = 1; number < SIGNALS; number++) {
        int more = change(before, wants, number);

        atomic_fetch_add(&signals.lasting[number],
                         (unsigned)change(d->lasting, lasting, number));
        signals.users[number] += (unsigned)more;
        if (more < 0 && signals.users[number] == 0)
            put_back(number);
    }
    d->lasting = lasting;
    atomic_store(&d->wants, wants);
    if (wants == 0)
        leave_desk(d);
}

/* What the loop's signals want is what its desk does. */
static void update_desk(struct gyre_loop *l)
{
    uint64_t wants = 0, lasting = 0;

    for (struct gyre_list *i = l->signals.next; i != &l->signals; i = i->next) {
        struct gyre_signal *s = GYRE_OWNER(i, struct gyre_signal, link);

        wants |= bit(s->number);
        lasting |= s->once ? 0 : bit(s->number);
    }
    want(&l->desk, wants, lasting);
}

static void sign_off(struct gyre_loop *l, struct gyre_signal *s)
{
    gyre_list_remove(&s->link);
    s->number = 0;
    update_desk(l);
}

/* The desk is set before the count is read, and the handler installed last:
   what comes from there on is both counted and rung for.  A handler at work
   might take ours down that has not heard of a lasting one. */
static int sign_up(struct gyre_loop *l, struct gyre_signal *s, int number)
{
    int err;

    take_desk(&l->desk);
    s->number = number;
    gyre_list_append(&l->signals, &s->link);
    update_desk(l);
    wait_for_handlers();
    s->seen = atomic_load(&signals.count[number]);
    err = install(number);
    if (err)
        sign_off(l, s);
    return err;
}

/* Returns how often the signal has come unseen, to the last moment. */
static unsigned stop(struct gyre_loop *l, struct gyre_signal *s)
{
    int number = s->number;
    unsigned missed;
    sigset_t mask;

    lock(&mask);
    sign_off(l, s);
    missed = atomic_load(&signals.count[number]) - s->seen;
    unlock(&mask);
    return missed;
}

static void tell(struct gyre_loop *l, struct gyre_signal *s)
{
    unsigned count = atomic_load(&signals.count[s->number]);
    unsigned times = count - s->seen;

    if (times == 0)
        return;
    if (s->once)
        times = stop(l, s);
    else
        s->seen = count;
    if (l->probes != NULL)
        gyre_probe_signal_runs(l, s, times);
    s->caught(s, times);
}

/*
 * Tell each signal of the loop, moving it to the end of the list first.  What
 * they start or stop meanwhile is in the list or is not; one may be looked at
 * twice, which does no harm.
 */
static void run_caught(struct gyre_post *p)
{
    struct gyre_loop *l = GYRE_OWNER(p, struct gyre_loop, caught);
    size_t n = 0;

    for (struct gyre_list *i = l->signals.next; i != &l->signals; i = i->next)
        n++;
    while (n-- > 0 && !gyre_list_empty(&l->signals)) {
        struct gyre_list *first = l->signals.next;

        gyre_list_remove(first);
        gyre_list_append(&l->signals, first);
        tell(l, GYRE_OWNER(first, struct gyre_signal, link));
    }
}

int gyre_signal_start(struct gyre_loop *l, struct gyre_signal *s, int number)
{
    sigset_t mask;
    int err;

    own(l);
    if (inherited(l))
        return -ECANCELED;
    if (number < 1 || number >= SIGNALS || number == SIGKILL ||
        number == SIGSTOP)
        return -EINVAL;
    if (gyre_signal_started(s))
        return -EBUSY;
    l->caught.run = run_caught;
    lock(&mask);
    err = sign_up(l, s, number);
    unlock(&mask);
    if (err == 0 && l->probes != NULL)
        gyre_probe_started(l, s);
    return err;
}

unsigned gyre_signal_stop(struct gyre_loop *l, struct gyre_signal *s)
{
    own(l);
    return gyre_signal_started(s) ? stop(l, s) : 0;
}

bool gyre_signal_ignored(int number)
{
    struct sigaction now;

    return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

bool gyre_signal_unclaimed(int number)
{
    struct sigaction now;

    return sigaction(number, NULL, &now) == 0 &&
           (now.sa_handler == SIG_DFL || now.sa_handler == handle);
}

bool gyre_signal_shared(const struct gyre_loop *l, const struct gyre_signal *s)
{
    own(l);
    for (struct gyre_list *i = l->signals.next; i != &l->signals; i = i->next) {
        struct gyre_signal *other = GYRE_OWNER(i, struct gyre_signal, link);

        if (other != s && other->number == s->number)
            return true;
    }
    return false;
}

bool gyre_signal_started(const struct gyre_signal *s)
{
    return s->number != 0;
}

void gyre_signals_drop(struct gyre_loop *l)
{
    sigset_t mask;

    lock(&mask);
    want(&l->desk, 0, 0);
    unlock(&mask);
    while (!gyre_list_empty(&l->signals)) {
        struct gyre_signal *s =
            GYRE_OWNER(gyre_list_take(&l->signals), struct gyre_signal, link);

        s->number = 0;
    }
}

/* The loop's thread has not come along, perhaps, so that only the desk can be
   relied on. */
void gyre_signals_forget(struct gyre_loop *l)
{
    want(&l->desk, 0, 0);
}
