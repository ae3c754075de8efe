/*
 * test_watch_odd.c - watches of what cannot be polled, and of what was closed
 * before they were stopped.
 */
#include <criterion/criterion.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/loop/pollers.h"
#include "tests/loop/stage.h"
#include "tests/support/faults.h"

enum { ROUNDS = 5 };

TestSuite(watch_odd, .init = open_real, .fini = close_stage);

/* Descriptors that epoll refuses, for reading and writing. */
static int open_null(void)
{
    return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int open_file(void)
{
    FILE *f = tmpfile();
    int fd = dup(fileno(f));

    fclose(f);
    return fd;
}

static int (*const open_odd[])(void) = {open_null, open_file};

enum { ODD = sizeof open_odd / sizeof *open_odd };

Test(watch_odd, what_cannot_be_polled_is_always_ready)
{
    for (int i = 0; i < ODD; i++) {
        int fd = open_odd[i]();

        start_watch(&a, fd, GYRE_READ | GYRE_WRITE);
        cr_expect_eq(gyre_loop_deadline(loop), GYRE_NOW);
        for (int k = 0; k < ROUNDS; k++)
            cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, GYRE_READ | GYRE_WRITE);
        start_watch(&a, fd, GYRE_WRITE);
        cr_expect_str_eq(turn(), "a");
        cr_expect_eq(a.got, GYRE_WRITE);
        gyre_watch_stop(loop, &a.watch);
        cr_expect_str_eq(turn(), "");
        cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
        close(fd);
    }
}

Test(watch_odd, with_edges_it_is_ready_once)
{
    for (int i = 0; i < ODD; i++) {
        int fd = open_odd[i]();

        for (int k = 0; k < 2; k++) {
            start_watch(&a, fd, GYRE_READ | GYRE_EDGE);
            cr_expect_str_eq(turn(), "a");
            cr_expect_str_eq(turn(), "");
            cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
        }
        start_watch(&a, fd, GYRE_READ);
        cr_expect_str_eq(turn(), "a");
        start_watch(&a, fd, GYRE_READ | GYRE_EDGE);
        cr_expect_str_eq(turn(), "a");
        cr_expect_str_eq(turn(), "");
        gyre_watch_stop(loop, &a.watch);
        close(fd);
    }
}

/* There is no urgent data in a file, so whoever asks for that alone waits. */
Test(watch_odd, what_is_always_ready_is_so_to_read_and_to_write)
{
    int fd = open_null();

    start_watch(&a, fd, GYRE_PRIORITY);
    cr_expect_str_eq(turn(), "");
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    start_watch(&a, fd, GYRE_PRIORITY | GYRE_READ);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_READ);
    start_watch(&a, fd, GYRE_PRIORITY);
    cr_expect_str_eq(turn(), "");
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    close(fd);
}

Test(watch_odd, what_is_always_ready_starves_nobody)
{
    int fds[3], pair[2];

    open_pipe(pair);
    for (int i = 0; i < 3; i++)
        fds[i] = open_null();
    start_watch(&a, fds[0], GYRE_READ);
    start_watch(&b, fds[1], GYRE_READ);
    start_watch(&c, fds[2], GYRE_READ | GYRE_EDGE);
    start_watch(&d, pair[0], GYRE_READ);
    put(pair[1], "x");
    cr_expect_str_eq(turn(), "dabc");
    for (int i = 0; i < ROUNDS; i++)
        cr_expect_str_eq(turn(), "dab");
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    close_pair(pair);
}

static void stop_other(struct actor *x)
{
    gyre_watch_stop(loop, &x->other->watch);
}

static void restart_other(struct actor *x)
{
    int fd = x->other->watch.fd;

    stop_other(x);
    start_watch(x->other, fd, GYRE_READ);
}

Test(watch_odd, the_always_ready_may_be_stopped_by_one_another)
{
    int first = open_null(), second = open_null();

    a.other = &b;
    start_watch(&a, first, GYRE_READ);
    start_watch(&b, second, GYRE_READ);
    cr_expect_str_eq(turn(), "ab");
    a.act = restart_other;
    cr_expect_str_eq(turn(), "a", "started anew, it waits for the next round");
    a.act = stop_other;
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "a");
    close(first);
    close(second);
}

/* Who stops whom, and who is called in this round and in the next. */
static const struct {
    struct actor *who, *whom;
    const char *now, *then;
} stops[] = {
    {&a, &a, "abc", "bc"}, {&a, &b, "ac", "ac"},  {&a, &c, "ab", "ab"},
    {&b, &a, "abc", "bc"}, {&b, &b, "abc", "ac"}, {&c, &a, "abc", "bc"},
    {&c, &b, "abc", "ac"}, {&c, &c, "abc", "ab"},
};

Test(watch_odd, whichever_is_stopped_the_others_have_their_turn)
{
    struct actor *const all[] = {&a, &b, &c};
    int fds[3];

    for (int i = 0; i < 3; i++)
        fds[i] = open_null();
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        for (int k = 0; k < 3; k++)
            start_watch(all[k], fds[k], GYRE_READ);
        stops[i].who->other = stops[i].whom;
        stops[i].who->act = stop_other;
        cr_expect_str_eq(turn(), stops[i].now);
        cr_expect_str_eq(turn(), stops[i].then);
        stops[i].who->act = NULL;
        for (int k = 0; k < 3; k++)
            gyre_watch_stop(loop, &all[k]->watch);
        cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    }
    for (int i = 0; i < 3; i++)
        close(fds[i]);
}

enum { MANY = 20 };

static struct gyre_watch many[MANY];

static void say_which(struct gyre_watch *w, unsigned events)
{
    (void)events;
    say((char)('a' + (w - many)));
}

Test(watch_odd, however_many_are_always_ready_each_has_its_turn)
{
    int fds[MANY];

    for (int i = 0; i < MANY; i++) {
        fds[i] = open_null();
        many[i].ready = say_which;
        cr_expect_eq(gyre_watch_start(loop, &many[i], fds[i], GYRE_READ), 0);
    }
    for (int i = 0; i < ROUNDS; i++)
        cr_expect_str_eq(turn(), "abcdefghijklmnopqrst");
    for (int i = 0; i < MANY; i++) {
        gyre_watch_stop(loop, &many[i]);
        close(fds[i]);
    }
}

static int watch_null(void)
{
    struct gyre_watch w = {.ready = say_which};
    struct gyre_loop *fresh;
    int fd = open_null();
    int err = gyre_loop_new(&fresh);

    if (err == 0) {
        err = gyre_watch_start(fresh, &w, fd, GYRE_READ);
        cr_expect_eq(gyre_watch_started(&w), err == 0);
        cr_expect_eq(gyre_loop_watch_of(fresh, fd), err == 0 ? &w : NULL);
        gyre_loop_free(fresh);
    }
    close(fd);
    return err;
}

Test(watch_odd, without_memory_it_is_not_started)
{
    cr_expect_geq(faults_in_memory(watch_null), 4);
}

/*
 * A descriptor that was closed before its watch was stopped, while a dup lives
 * on; there is data, so that it goes on being ready.
 */
struct lingering {
    int pair[2];
    int dup;
    int number; /* that it had */
    int heir;   /* what has it now, or -1 */
};

/* `reopen`, which may be NULL, opens the heir. */
static struct lingering linger(struct actor *x, int (*reopen)(void))
{
    struct lingering l = {.heir = -1};

    open_unix(l.pair);
    l.number = l.pair[0];
    l.dup = dup(l.number);
    start_watch(x, l.number, GYRE_READ);
    put(l.pair[1], "x");
    cr_expect_eq(*turn(), x->name);
    close_end(&l.pair[0]);
    if (reopen != NULL) {
        l.heir = reopen();
        cr_assert_eq(l.heir, l.number, "the lowest number is taken");
    }
    gyre_watch_stop(loop, &x->watch);
    return l;
}

static void close_lingering(struct lingering *l)
{
    close_end(&l->pair[1]);
    close(l->dup);
    if (l->heir >= 0)
        close(l->heir);
}

static void note_failure(struct gyre_failure_hook *h, const char *what, int err)
{
    (void)h, (void)what, (void)err;
    say('!');
}

/* In a few rounds what lingers is told for the last time, and nothing fails. */
static void expect_quiet(void)
{
    struct gyre_failure_hook hook = {.failed = note_failure};
    uint64_t stale;

    gyre_loop_on_failure(loop, &hook);
    for (int i = 0; i < ROUNDS; i++)
        cr_expect_eq(strchr(turn(), '!'), NULL);
    gyre_loop_on_failure(loop, NULL);
    stale = gyre_loop_stats(loop).stale;
    for (int i = 0; i < ROUNDS; i++)
        turn();
    cr_expect_eq(gyre_loop_stats(loop).stale, stale, "it spins");
}

static int open_listener(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

Test(watch_odd, a_dup_that_lives_on_is_neither_told_of_nor_spun_upon)
{
    int (*const heirs[])(void) = {NULL, open_null, open_listener};

    for (int i = 0; i < 3; i++) {
        struct lingering l = linger(&a, heirs[i]);

        cr_expect_str_eq(turn(), "");
        expect_quiet();
        cr_expect_str_eq(turn(), "");
        close_lingering(&l);
    }
}

Test(watch_odd, the_others_go_on_when_what_lingers_is_got_rid_of)
{
    struct lingering l = linger(&a, NULL);
    int level[2], edge[2], late[2], null = open_null();

    open_unix(level);
    open_unix(edge);
    open_unix(late);
    put(level[1], "x");
    start_watch(&b, level[0], GYRE_READ);
    start_watch(&c, edge[0], GYRE_READ | GYRE_EDGE);
    start_watch(&d, null, GYRE_READ);
    expect_quiet();
    put(edge[1], "x");
    cr_expect_eq(strlen(turn()), 3);
    cr_expect_str_eq(turn(), "bd", "but for the edge, again");
    gyre_watch_stop(loop, &b.watch);
    cr_expect_str_eq(turn(), "d");
    start_watch(&a, late[0], GYRE_READ);
    put(late[1], "x");
    cr_expect_str_eq(turn(), "ad");

    close_lingering(&l);
    close(null);
    close_pair(level);
    close_pair(edge);
    close_pair(late);
}

/* An ordinary stale event is no reason to start all over again, of which an
   edge that was told already would be told. */
static void expect_no_renewal(void)
{
    int first[2], second[2], edge[2];

    open_unix(first);
    open_unix(second);
    open_unix(edge);
    start_watch(&c, edge[0], GYRE_READ | GYRE_EDGE);
    put(edge[1], "x");
    cr_expect_str_eq(turn(), "c");
    a.act = b.act = stop_other;
    a.other = &b;
    b.other = &a;
    start_watch(&a, first[0], GYRE_READ);
    start_watch(&b, second[0], GYRE_READ);
    put(first[1], "x");
    put(second[1], "x");
    cr_expect_eq(strlen(turn()), 1, "the other's event is stale");
    cr_expect_eq(strlen(turn()), 1, "an edge that was told is not told again");

    close_pair(first);
    close_pair(second);
    close_pair(edge);
}

Test(watch_odd, what_lingers_is_got_rid_of_once)
{
    struct lingering l = linger(&a, NULL);

    expect_quiet();
    expect_no_renewal();
    close_lingering(&l);
}

/* Closing a descriptor ends its registration, if there is no dup: then nothing
   lingers, and the others are not troubled. */
Test(watch_odd, a_watch_that_is_stopped_too_late_costs_the_others_nothing)
{
    int early[2];

    open_unix(early);
    start_watch(&a, early[0], GYRE_READ);
    close_end(&early[0]);
    gyre_watch_stop(loop, &a.watch);
    expect_no_renewal();
    close_end(&early[1]);
}

/* Started again under a number that is another file's by now, of the other
   kind: what can be polled, and what cannot. */
Test(watch_odd, a_watch_started_again_finds_out_what_its_number_is_now)
{
    int pair[2], number = open_null();

    start_watch(&a, number, GYRE_READ);
    cr_expect_str_eq(turn(), "a");
    open_unix(pair);
    cr_assert_eq(dup2(pair[0], number), number);
    start_watch(&a, number, GYRE_READ);
    cr_expect_str_eq(turn(), "");
    cr_expect_eq(gyre_loop_deadline(loop), GYRE_FOREVER);
    put(pair[1], "x");
    cr_expect_str_eq(turn(), "a");
    cr_expect_str_eq(turn(), "a");

    /* The dup in the pair keeps the registration alive. */
    close(number);
    cr_assert_eq(open_null(), number);
    start_watch(&a, number, GYRE_READ);
    cr_expect_str_eq(turn(), "a", "not for the pair's byte as well");
    start_watch(&a, number, GYRE_WRITE);
    cr_expect_str_eq(turn(), "a");
    cr_expect_eq(a.got, GYRE_WRITE);
    gyre_watch_stop(loop, &a.watch);
    expect_quiet();
    close(number);
    close_pair(pair);
}

/* Nor is an event for it taken for one of the file that has its number now. */
Test(watch_odd, a_number_reused_is_not_told_of_the_dup)
{
    struct lingering l = linger(&a, NULL);
    int next[2];

    open_unix(next);
    cr_assert_eq(next[0], l.number, "the lowest number is taken");
    start_watch(&b, next[0], GYRE_READ);
    cr_expect_str_eq(turn(), "");
    expect_quiet();
    cr_expect_str_eq(turn(), "");
    put(next[1], "x");
    cr_expect_str_eq(turn(), "b");
    close_lingering(&l);
    close_pair(next);
}
