/*
 * test_signal.c - the claims of signal.h.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/loop/stage.h"

TestSuite(signal, .init = open_simulated, .fini = close_stage);

static void (*handler_of(int number))(int)
{
    struct sigaction action;

    sigaction(number, NULL, &action);
    return action.sa_handler;
}

Test(signal, it_is_called_when_the_signal_has_come)
{
    start_signal(&a, SIGUSR1);
    cr_expect_str_eq(turn(), "");
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, 1);
    cr_expect_str_eq(turn(), "");
}

Test(signal, signals_that_come_faster_are_counted)
{
    start_signal(&a, SIGUSR1);
    for (unsigned n = 1; n < 100000; n *= 10) {
        for (unsigned i = 0; i < n; i++)
            raise(SIGUSR1);
        cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, n);
    }
}

Test(signal, all_who_ask_for_it_are_called)
{
    start_signal(&a, SIGUSR1);
    start_signal(&b, SIGUSR2);
    start_signal(&c, SIGUSR1);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "ac");
    raise(SIGUSR2);
    cr_expect_str_eq(turn(), "b");
    raise(SIGUSR2);
    raise(SIGUSR1);
    cr_expect_eq(strlen(turn()), 3);
}

Test(signal, it_is_not_told_of_what_came_before_it_was_started)
{
    start_signal(&a, SIGUSR1);
    raise(SIGUSR1);
    start_signal(&b, SIGUSR1);
    cr_expect_str_eq(turn(), "a");
    raise(SIGUSR1);
    gyre_signal_stop(loop, &a.signal);
    cr_expect_str_eq(turn(), "b", "nor called once it is stopped");
}

Test(signal, signals_do_not_keep_the_loop_alive)
{
    start_signal(&a, SIGUSR1);
    cr_expect(!gyre_loop_alive(loop));
    raise(SIGUSR1);
    cr_expect_str_eq(run(), "");
    close_stage();
    cr_expect_str_eq(heard(), "a", "though it is told in the end");
}

static void note_nothing(int number)
{
    (void)number;
}

Test(signal, what_stood_there_before_is_put_back)
{
    void (*const olds[])(int) = {SIG_DFL, SIG_IGN, note_nothing};

    for (int i = 0; i < 3; i++) {
        signal(SIGUSR1, olds[i]);
        start_signal(&a, SIGUSR1);
        start_signal(&b, SIGUSR1);
        cr_expect_neq(handler_of(SIGUSR1), olds[i]);
        gyre_signal_stop(loop, &a.signal);
        gyre_signal_stop(loop, &a.signal);
        cr_expect_neq(handler_of(SIGUSR1), olds[i]);
        gyre_signal_stop(loop, &b.signal);
        cr_expect_eq(handler_of(SIGUSR1), olds[i]);

        start_signal(&a, SIGUSR1);
        close_stage();
        cr_expect_eq(handler_of(SIGUSR1), olds[i], "when the loop is freed");
        open_simulated();
    }
}

Test(signal, a_start_puts_up_a_handler_that_was_replaced)
{
    start_signal(&a, SIGUSR1);
    signal(SIGUSR1, note_nothing);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "");
    start_signal(&b, SIGUSR1);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "ab");
    gyre_signal_stop(loop, &a.signal);
    gyre_signal_stop(loop, &b.signal);
    cr_expect_eq(handler_of(SIGUSR1), note_nothing);
}

Test(signal, somebody_elses_handler_is_left_alone)
{
    start_signal(&a, SIGUSR1);
    signal(SIGUSR1, note_nothing);
    gyre_signal_stop(loop, &a.signal);
    cr_expect_eq(handler_of(SIGUSR1), note_nothing);
}

Test(signal, the_handler_runs_on_the_alternate_stack)
{
    struct sigaction action;

    start_signal(&a, SIGUSR1);
    sigaction(SIGUSR1, NULL, &action);
    cr_expect(action.sa_flags & SA_ONSTACK);
    cr_expect(action.sa_flags & SA_RESTART);
}

Test(signal, what_cannot_be_caught_is_refused)
{
    int numbers[] = {-1, 0, SIGKILL, SIGSTOP, 65, 1000};

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        cr_expect_eq(gyre_signal_start(loop, &a.signal, numbers[i]), -EINVAL);
        cr_expect(!gyre_signal_started(&a.signal));
    }
    start_signal(&a, SIGUSR1);
    cr_expect(gyre_signal_started(&a.signal));
    cr_expect_eq(gyre_signal_start(loop, &a.signal, SIGUSR2), -EBUSY);
    cr_expect_eq(handler_of(SIGUSR2), SIG_DFL);
}

#ifdef __linux__
/* The C library keeps the first of the real-time signals to itself. */
Test(signal, what_the_system_refuses_leaves_nothing_behind)
{
    for (int i = 0; i < 100; i++)
        cr_expect_eq(gyre_signal_start(loop, &a.signal, 32), -EINVAL);
    cr_expect(!gyre_signal_started(&a.signal));
    start_signal(&a, SIGUSR1);
    cr_expect_eq(gyre_signal_start(loop, &b.signal, 32), -EINVAL);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "a");
}
#endif

Test(signal, any_number_of_loops_may_catch_signals)
{
    struct gyre_loop *loops[100];
    struct actor crowd[100];

    close_stage();
    for (int i = 0; i < 100; i++) {
        open_simulated();
        loops[i] = loop;
        crowd[i] = new_actor('.');
        cr_expect_eq(gyre_signal_start(loop, &crowd[i].signal, SIGUSR1), 0);
    }
    raise(SIGUSR1);
    for (int i = 0; i < 100; i++) {
        loop = loops[(i + 50) % 100];
        cr_expect_str_eq(turn(), ".");
        close_stage();
    }
    cr_expect_eq(handler_of(SIGUSR1), SIG_DFL);
    open_simulated();
}

Test(signal, whether_it_is_ignored_can_be_asked)
{
    cr_expect_not(gyre_signal_ignored(SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    cr_expect(gyre_signal_ignored(SIGUSR1));
    start_signal(&a, SIGUSR1);
    cr_expect_not(gyre_signal_ignored(SIGUSR1));
    gyre_signal_stop(loop, &a.signal);
    cr_expect(gyre_signal_ignored(SIGUSR1));
}

static void do_nothing(int number)
{
    (void)number;
}

Test(signal, whether_the_program_has_claimed_it_can_be_asked)
{
    cr_expect(gyre_signal_unclaimed(SIGUSR1));
    start_signal(&a, SIGUSR1);
    cr_expect(gyre_signal_unclaimed(SIGUSR1), "a loop is not the program");
    signal(SIGUSR1, do_nothing);
    cr_expect_not(gyre_signal_unclaimed(SIGUSR1));
    signal(SIGUSR1, SIG_IGN);
    cr_expect_not(gyre_signal_unclaimed(SIGUSR1));
    cr_expect_not(gyre_signal_unclaimed(-1));
}

Test(signal, whether_another_is_started_for_the_same_can_be_asked)
{
    start_signal(&a, SIGUSR1);
    start_signal(&b, SIGUSR2);
    cr_expect_not(gyre_signal_shared(loop, &a.signal));
    start_signal(&c, SIGUSR1);
    cr_expect(gyre_signal_shared(loop, &a.signal));
    cr_expect(gyre_signal_shared(loop, &c.signal));
    cr_expect_not(gyre_signal_shared(loop, &b.signal));
}

Test(signal, one_that_is_meant_once_leaves_the_next_to_who_was_there_before)
{
    void (*const olds[])(int) = {SIG_DFL, SIG_IGN, note_nothing};

    for (int i = 0; i < 3; i++) {
        signal(SIGUSR1, olds[i]);
        a.signal.once = true;
        start_signal(&a, SIGUSR1);
        cr_expect_neq(handler_of(SIGUSR1), olds[i]);
        raise(SIGUSR1);
        cr_expect_eq(handler_of(SIGUSR1), olds[i], "before a loop has looked");
        cr_expect(gyre_signal_started(&a.signal));
        cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, 1);
        cr_expect(!gyre_signal_started(&a.signal));
    }
}

Test(signal, one_that_is_meant_once_takes_it_from_nobody_else)
{
    a.signal.once = true;
    start_signal(&a, SIGUSR1);
    start_signal(&b, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "ab");
    cr_expect_eq(a.got, 2);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "b");

    start_signal(&a, SIGUSR1);
    gyre_signal_stop(loop, &b.signal);
    raise(SIGUSR1);
    cr_expect_eq(handler_of(SIGUSR1), SIG_DFL);
    cr_expect_str_eq(turn(), "a");
}

Test(signal, a_stop_says_of_how_many_nobody_was_told)
{
    start_signal(&a, SIGUSR1);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(gyre_signal_stop(loop, &a.signal), 0);
    start_signal(&a, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    cr_expect_eq(gyre_signal_stop(loop, &a.signal), 2);
    cr_expect_eq(gyre_signal_stop(loop, &a.signal), 0);
    cr_expect_str_eq(turn(), "");
}

static void stop_self(struct actor *x)
{
    gyre_signal_stop(loop, &x->signal);
}

static void stop_other(struct actor *x)
{
    gyre_signal_stop(loop, &x->other->signal);
}

static void start_other(struct actor *x)
{
    if (!gyre_signal_started(&x->other->signal))
        start_signal(x->other, SIGUSR1);
}

static void free_self(struct actor *x)
{
    stop_self(x);
    free(x);
}

Test(signal, they_may_start_stop_and_free_one_another_when_called)
{
    struct actor *x = malloc(sizeof *x);

    *x = new_actor('x');
    x->act = free_self;
    a.act = start_other;
    a.other = &d;
    b.act = stop_other;
    b.other = &c;
    start_signal(&a, SIGUSR1);
    start_signal(x, SIGUSR1);
    start_signal(&b, SIGUSR1);
    start_signal(&c, SIGUSR1);
    raise(SIGUSR1);
    cr_expect_str_eq(turn(), "axb");
    a.act = NULL;
    d.act = stop_self;
    raise(SIGUSR1);
    cr_expect_eq(strlen(turn()), 3);
    cr_expect(!gyre_signal_started(&d.signal));
}

static void raise_while_left(struct actor *x)
{
    if (--x->left > 0)
        raise(SIGUSR1);
}

Test(signal, one_raised_by_a_callback_is_told_in_the_next_round)
{
    start_signal(&a, SIGUSR1);
    a.act = raise_while_left;
    a.left = 3;
    b.act = raise_while_left;
    b.left = 2;
    start_timer(&b, GYRE_NOW);
    cr_expect_str_eq(turn(), "b");
    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "");
}

/* ---- loops in several threads ---- */

enum { LOOPS = 4, ENOUGH = 200 };

struct catcher {
    pthread_t thread;
    struct gyre_loop *loop;
    struct gyre_signal first, second;
    unsigned times;
};

static atomic_int catching;

/* Two signals of each loop count; the second comes and goes. */
static void count_first(struct gyre_signal *s, unsigned times)
{
    struct catcher *k = GYRE_OWNER(s, struct catcher, first);

    k->times += times;
    gyre_signal_stop(k->loop, &k->second);
    if (gyre_signal_start(k->loop, &k->second, SIGUSR2) != 0)
        abort();
    if (k->times >= ENOUGH && gyre_signal_started(s)) {
        gyre_signal_stop(k->loop, s);
        gyre_loop_release(k->loop);
    }
}

static void count_second(struct gyre_signal *s, unsigned times)
{
    (void)s, (void)times;
}

static void *catch_signals(void *arg)
{
    struct catcher *k = arg;

    k->first.caught = count_first;
    k->second.caught = count_second;
    if (gyre_loop_new(&k->loop) != 0 ||
        gyre_signal_start(k->loop, &k->first, SIGUSR1) != 0 ||
        gyre_signal_start(k->loop, &k->second, SIGUSR2) != 0)
        abort();
    gyre_loop_hold(k->loop);
    if (gyre_loop_run(k->loop) != 0)
        abort();
    gyre_loop_free(k->loop);
    atomic_fetch_sub(&catching, 1);
    return NULL;
}

/*
 * The storm goes on while loops begin, catch, and are freed.  What was there
 * before is a handler and not SIG_IGN, for an emulator may jump to that when it
 * comes back while a signal is on its way.
 */
Test(signal, each_loop_of_each_thread_is_told)
{
    struct catcher catchers[LOOPS] = {0};
    int begun = 0;

    signal(SIGUSR1, note_nothing);
    signal(SIGUSR2, note_nothing);
    for (unsigned n = 0; begun < LOOPS || atomic_load(&catching) > 0; n++) {
        if (begun < LOOPS && n % 50 == 0) {
            atomic_fetch_add(&catching, 1);
            pthread_create(&catchers[begun].thread, NULL, catch_signals,
                           &catchers[begun]);
            begun++;
        }
        kill(getpid(), n % 2 ? SIGUSR1 : SIGUSR2);
        raise(SIGUSR1);
    }
    for (int i = 0; i < LOOPS; i++) {
        pthread_join(catchers[i].thread, NULL);
        cr_expect_geq(catchers[i].times, ENOUGH);
    }
    cr_expect_eq(handler_of(SIGUSR1), note_nothing);
    cr_expect_eq(handler_of(SIGUSR2), note_nothing);
}
