/*
 * test_line.c - the claims of line.h, as those see them who are inside calls:
 * whoever's object is closed touches it no more, and who comes first is served
 * first.
 *
 * What is closed is freed, so a build with SAN=address sees who touches it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/fd.h"
#include "io/line.h"
#include "io/stream.h"
#include "io/tcp.h"
#include "tests/io/loopback.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

/* ---- what may be done to a stream, on `ours` ---- */

static int file = -1;

static int do_read(void)
{
    char buf[8];

    return (int)gyre_read(ours, buf, 8, GYRE_FOREVER);
}

static int do_read_exact(void)
{
    char buf[8];

    return gyre_read_exact(ours, buf, 3, GYRE_FOREVER);
}

static int do_read_until(void)
{
    char buf[8];

    return (int)gyre_read_until(ours, '\n', buf, 8, GYRE_FOREVER);
}

static int do_write(void)
{
    return gyre_write(ours, "xyz", 3, GYRE_FOREVER);
}

static int do_write_nothing(void)
{
    return gyre_write(ours, "", 0, GYRE_FOREVER);
}

static int do_write_some(void)
{
    return (int)gyre_write_some(ours, "xyz", 3, GYRE_FOREVER);
}

static int do_send_file(void)
{
    return gyre_send_file(ours, file, 0, 3, GYRE_FOREVER);
}

static int do_shutdown(void)
{
    return gyre_shutdown(ours, GYRE_FOREVER);
}

/* Lists of them end with one that has no name. */
struct operation {
    const char *name;
    int (*call)(void);
};

static const struct operation reading[] = {
    {"read", do_read},
    {"read_exact", do_read_exact},
    {"read_until", do_read_until},
    {NULL, NULL},
};

/* Those that wait for room themselves; those that wait for the turn. */
static const struct operation writing[] = {
    {"write", do_write},
    {"write_some", do_write_some},
    {"send_file", do_send_file},
    {NULL, NULL},
};

static const struct operation queueing[] = {
    {"write", do_write},           {"write nothing", do_write_nothing},
    {"write_some", do_write_some}, {"send_file", do_send_file},
    {"shutdown", do_shutdown},     {NULL, NULL},
};

/* Hold `claim` for each of them, on a new pair that holds little. */
static void each(const struct operation *o,
                 void (*claim)(const struct operation *o))
{
    for (; o->name != NULL; o++) {
        file = make_file(10);
        open_pair(4);
        claim(o);
        close_pair();
        close(file);
    }
}

/* ---- who does it ---- */

enum { CREDITS = 32 };

/* One call, in a task of its own. */
struct call {
    const struct operation *operation;
    bool spent; /* by a task that has no credits left */
    int result;
};

static void spend_credits(void)
{
    for (int i = 0; i < CREDITS; i++)
        cr_expect_eq(gyre_checkpoint(GYRE_FOREVER), 0);
}

static intptr_t make(void *arg)
{
    struct call *c = arg;

    if (c->spent)
        spend_credits();
    c->result = c->operation->call();
    return 0;
}

static intptr_t close_it(void *arg)
{
    (void)arg;
    close_ours();
    return 0;
}

static void expect_sent_home(const struct call *c)
{
    cr_expect_eq(c->result, -EBADF, "%s returned %d", c->operation->name,
                 c->result);
}

static void say_line(void)
{
    say("ab\n");
}

/* ---- closed while it is parked ---- */

static void close_parked(const struct operation *o)
{
    struct call c = {o, false, 1};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c);
    let_others_run();
    close_ours();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
}

static void close_parked_full(const struct operation *o)
{
    fill();
    close_parked(o);
}

/* Behind one that has the turn. */
static void close_parked_in_line(const struct operation *o)
{
    struct call first = {writing, false, 1};
    struct gyre_scope s;

    fill();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &first);
    let_others_run();
    close_parked(o);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&first);
}

CLAIM_OF_STREAMS(line, sends_home_who_is_parked)
{
    each(reading, close_parked);
    each(writing, close_parked_full);
    each(queueing, close_parked_in_line);
}

/* Part of the line is there; the rest is waited for. */
static void close_parked_half_way(const struct operation *o)
{
    say("ab");
    close_parked(o);
}

CLAIM_OF_STREAMS(line, sends_home_who_has_read_ahead)
{
    each(&reading[1], close_parked_half_way);
}

/* ---- closed between being woken and running ---- */

static void close_woken(const struct operation *o, void (*cause)(void))
{
    struct call c = {o, false, 1};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c);
    let_others_run();
    upon_waking(cause, close_ours);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
}

static void close_woken_to_read(const struct operation *o)
{
    close_woken(o, say_line);
}

static void close_woken_to_write(const struct operation *o)
{
    fill();
    close_woken(o, drain_all);
}

CLAIM_OF_STREAMS(line, sends_home_who_is_woken_but_has_not_run)
{
    each(reading, close_woken_to_read);
    each(writing, close_woken_to_write);
}

static intptr_t write_and_close(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_FOREVER), 0);
    close_ours();
    return 0;
}

/* The turn passes to one who is then woken, and finds nothing to use it on. */
static void close_inherited(const struct operation *o)
{
    struct call c = {o, false, 1};
    size_t n = fill();
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_and_close, NULL);
    gyre_spawn(&s, NULL, make, &c);
    let_others_run();
    drain(n);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
}

CLAIM_OF_STREAMS(line, sends_home_who_inherits_the_turn, .init = in_order)
{
    each(queueing, close_inherited);
}

/* ---- closed while it gives way to others ---- */

static void close_giving_way(const struct operation *o)
{
    struct call c = {o, true, 1};
    struct gyre_scope s;

    say_line();
    let_all_settle();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c);
    gyre_spawn(&s, NULL, close_it, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
}

/* What was read ahead needs nothing from below. */
static void close_giving_way_ahead(const struct operation *o)
{
    char byte;

    say("a");
    say_line();
    cr_expect_eq(gyre_read_until(ours, 'a', &byte, 1, SOON), 1);
    close_giving_way(o);
}

CLAIM_OF_STREAMS(line, sends_home_who_gives_way, .init = in_order)
{
    each(reading, close_giving_way);
    each(reading, close_giving_way_ahead);
    each(queueing, close_giving_way);
}

/* Behind one that has the turn, and is parked; or that reads. */
static void close_giving_way_in_line(const struct operation *o,
                                     const struct operation *before)
{
    struct call first = {before, false, 1}, c = {o, true, 1};
    struct gyre_scope s;

    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &first);
    let_others_run();
    gyre_spawn(&s, NULL, make, &c);
    gyre_spawn(&s, NULL, close_it, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&first);
    expect_sent_home(&c);
}

static void close_second_writer(const struct operation *o)
{
    fill();
    close_giving_way_in_line(o, writing);
}

static void close_second_reader(const struct operation *o)
{
    close_giving_way_in_line(o, &reading[0]);
}

static void close_second_behind_one_ahead(const struct operation *o)
{
    close_giving_way_in_line(o, &reading[2]);
}

CLAIM_OF_STREAMS(line, sends_home_who_gives_way_behind_another,
                 .init = in_order)
{
    each(queueing, close_second_writer);
    each(reading, close_second_reader);
    each(reading, close_second_behind_one_ahead);
}

/* ---- acceptors ---- */

static struct gyre_listener *listener;
static int port;

static int do_accept(void)
{
    struct gyre_stream *s;
    int err = gyre_accept(listener, &s, GYRE_FOREVER);

    if (err == 0)
        gyre_close(s);
    return err;
}

static const struct operation accepting = {"accept", do_accept};
static int client = -1;

static void connect_client(void)
{
    if (client < 0)
        client = connect_to_port(port);
}

static void close_client(void)
{
    close(client);
    client = -1;
}

static void close_listener(void)
{
    gyre_listener_close(listener);
}

static intptr_t close_listener_task(void *arg)
{
    (void)arg;
    close_listener();
    return 0;
}

CLAIM_ON_LOOPBACK(line, sends_acceptors_home_who_are_parked)
{
    struct call c[2] = {{&accepting, false, 1}, {&accepting, false, 1}};
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c[0]);
    gyre_spawn(&s, NULL, make, &c[1]);
    let_others_run();
    close_listener();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c[0]);
    expect_sent_home(&c[1]);
}

CLAIM_ON_LOOPBACK(line, sends_an_acceptor_home_who_is_woken_but_has_not_run)
{
    struct call c = {&accepting, false, 1};
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c);
    let_others_run();
    upon_waking(connect_client, close_listener);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
    close_client();
}

CLAIM_ON_LOOPBACK(line, sends_an_acceptor_home_who_gives_way)
{
    struct call c = {&accepting, true, 1};
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    connect_client();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, make, &c);
    gyre_spawn(&s, NULL, close_listener_task, NULL);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
    close_client();
}

/* It would have learnt of it when its pause was over. */
CLAIM_ON_LOOPBACK(line, sends_an_acceptor_home_at_once_who_rests_in_its_pause)
{
    struct call c = {&accepting, false, 1};
    struct gyre_future f;
    struct gyre_scope s;

    hear_failures();
    listener = listen_anywhere(&port);
    connect_client();
    use_up_descriptors();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, &f, make, &c);
    let_others_run();
    cr_expect_eq(told.times, 1, "there is no shortage");
    cr_expect(!gyre_future_done(&f));
    close_listener();
    let_others_run();
    cr_expect(gyre_future_done(&f));
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_sent_home(&c);
    give_back_descriptors();
    close_client();
}

/* ---- who comes first is served first ---- */

static intptr_t write_letter(void *letter)
{
    char twice[2] = {*(char *)letter, *(char *)letter};

    cr_expect_eq(gyre_write(ours, twice, 2, GYRE_FOREVER), 0);
    return 0;
}

static intptr_t write_twice(void *arg)
{
    static char letters[] = "ac";

    (void)arg;
    write_letter(&letters[0]);
    write_letter(&letters[1]);
    return 0;
}

/* Whoever ends a turn wakes the next, and may not take it again before that one
   has run. */
CLAIM_OF_STREAMS(line, keeps_the_turn_for_a_writer_who_is_woken_but_has_not_run,
                 .init = in_order)
{
    static char letter[] = "b";
    struct gyre_scope s;
    char all[7] = "";
    size_t n;

    open_pair(16);
    n = fill();
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_twice, NULL);
    gyre_spawn(&s, NULL, write_letter, letter);
    let_others_run();
    drain(n);
    cr_expect_eq(gyre_read_exact(theirs, all, 6, SOON), 0);
    cr_expect_str_eq(all, "aabbcc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

static struct gyre_fd in;
static int out;

static intptr_t read_named(void *name)
{
    char byte;

    if (gyre_fd_read(&in, &byte, 1, GYRE_FOREVER) == 1)
        note(*(char *)name);
    return 0;
}

static void put_one(void)
{
    cr_expect_eq(write(out, "1", 1), 1);
}

static void try_to_overtake_a_reader(void)
{
    char byte;

    note(gyre_fd_read(&in, &byte, 1, GYRE_NOW) == -ETIMEDOUT ? '-' : '?');
    put_one();
}

CLAIM_ON_LOOPBACK(line, keeps_the_turn_for_a_reader_who_is_woken)
{
    static char names[] = "ab";
    struct gyre_scope s;
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    cr_expect_eq(gyre_fd_nonblocking(fds[0]), 0);
    out = fds[1];
    gyre_fd_open(&in, gyre_loop_current(), fds[0], GYRE_FD_OTHER);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, read_named, &names[0]);
    gyre_spawn(&s, NULL, read_named, &names[1]);
    let_others_run();
    upon_waking(put_one, try_to_overtake_a_reader);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("-ab");
    gyre_fd_close(&in);
    close(out);
}

static intptr_t accept_named(void *name)
{
    struct gyre_stream *s;

    cr_expect_eq(gyre_accept(listener, &s, GYRE_FOREVER), 0);
    note(*(char *)name);
    gyre_close(s);
    return 0;
}

static void try_to_overtake_an_acceptor(void)
{
    struct gyre_stream *s;

    note(gyre_accept(listener, &s, GYRE_NOW) == -ETIMEDOUT ? '-' : '?');
}

CLAIM_ON_LOOPBACK(line, keeps_the_turn_for_an_acceptor_who_is_woken)
{
    static char name[] = "a";
    struct gyre_scope s;

    listener = listen_anywhere(&port);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, accept_named, name);
    let_others_run();
    upon_waking(connect_client, try_to_overtake_an_acceptor);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("-a");
    close_client();
    close_listener();
}

/* ---- a line, by itself ---- */

enum { THREE = 3, ORDERS = 6 };

static int called_last;
static struct gyre_caller three[THREE];

static void note_called(struct gyre_caller *c)
{
    called_last = (int)(c - three);
}

/* Those who still stand there do so in the order in which they came. */
static void expect_order(const struct gyre_line *line, const bool *gone)
{
    const struct gyre_caller *c = line->first;

    for (int i = 0; i < THREE; i++) {
        if (gone[i])
            continue;
        cr_expect_eq(c, &three[i]);
        c = c != NULL ? gyre_line_next(line, c) : NULL;
    }
    cr_expect_null(c);
}

Test(line, keeps_its_order_whoever_leaves)
{
    static const int orders[ORDERS][THREE] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                              {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};

    for (int i = 0; i < ORDERS; i++) {
        struct gyre_line line = {NULL};
        bool gone[THREE] = {false};

        for (int j = 0; j < THREE; j++)
            gyre_line_join_called(&line, &three[j], note_called);
        for (int j = 0; j < THREE; j++) {
            expect_order(&line, gone);
            gyre_line_leave(&line, &three[orders[i][j]]);
            gyre_line_leave(&line, &three[orders[i][j]]);
            gone[orders[i][j]] = true;
        }
        cr_expect(gyre_line_empty(&line));
    }
}

Test(line, sends_all_home_who_then_leave_no_other)
{
    struct gyre_line line = {NULL};

    for (int j = 0; j < THREE; j++)
        gyre_line_join_called(&line, &three[j], note_called);
    gyre_line_send_home(&line, -EBADF);
    cr_expect(gyre_line_empty(&line));
    cr_expect_eq(called_last, THREE - 1);
    gyre_line_join_called(&line, &three[0], note_called);
    gyre_line_leave(&line, &three[1]);
    cr_expect_eq(three[1].sent_home, -EBADF);
    cr_expect(gyre_line_is_first(&line, &three[0]));
}
