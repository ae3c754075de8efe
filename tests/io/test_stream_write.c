/*
 * test_stream_write.c - the claims of stream.h about writing, held over every
 * kind of stream.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/stream.h"
#include "tests/io/pairs.h"
#include "tests/task/world.h"

/* Writes its name `n` times, and notes how it went. */
struct writer {
    char name;
    size_t n;
    gyre_time deadline;
    int result;
};

static intptr_t write_name(void *arg)
{
    static char text[26][LARGE];
    struct writer *w = arg;
    char *mine = text[w->name - 'a'];

    memset(mine, w->name, w->n);
    w->result = gyre_write(ours, mine, w->n, w->deadline);
    note(w->name);
    return 0;
}

static void spawn_writers(struct gyre_scope *s, struct writer *w, int n)
{
    for (int i = 0; i < n; i++)
        gyre_spawn(s, NULL, write_name, &w[i]);
    let_all_settle();
}

static void expect_bytes(const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(theirs, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

/* ---- turns ---- */

CLAIM_OF_STREAMS(stream_write,
                 keeps_together_what_each_writes_in_order_of_asking,
                 .init = in_order)
{
    struct writer w[3] = {{'a', 5, GYRE_FOREVER, 1},
                          {'b', 4, GYRE_FOREVER, 1},
                          {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    size_t n;

    open_pair(2);
    n = fill();
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    expect_notes("");
    drain(n);
    expect_bytes("aaaaabbbbccc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
    for (int i = 0; i < 3; i++)
        cr_expect_eq(w[i].result, 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, lets_a_waiting_writer_go_and_breaks_nothing,
                 .init = in_order)
{
    struct writer w[3] = {
        {'a', 5, GYRE_FOREVER, 1}, {'b', 4, 0, 1}, {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    size_t n;

    open_pair(2);
    n = fill();
    w[1].deadline = gyre_in(1);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    cr_expect_eq(gyre_sleep(w[1].deadline), 0);
    let_all_settle();
    expect_notes("b");
    cr_expect_eq(w[1].result, -ETIMEDOUT);
    cr_expect(!gyre_stream_broken(ours));
    drain(n);
    expect_bytes("aaaaaccc");
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, breaks_half_way_and_tells_later_writers,
                 .init = in_order)
{
    struct writer w[3] = {{'a', LARGE, 0, 1},
                          {'b', 4, GYRE_FOREVER, 1},
                          {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(2);
    w[0].deadline = gyre_in(3 * MS);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("abc");
    cr_expect_eq(w[0].result, -ETIMEDOUT);
    cr_expect_eq(w[1].result, -EPIPE);
    cr_expect_eq(w[2].result, -EPIPE);
    cr_expect(gyre_stream_broken(ours));
    cr_expect_eq(gyre_write(ours, "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_write_some(ours, "x", 1, GYRE_NOW), -EPIPE);
    cr_expect_eq(gyre_write_some(ours, "x", 1, SOON), -EPIPE);
    cr_expect_eq(gyre_send_file(ours, 0, 0, 1, SOON), -EPIPE);
    cr_expect_eq(gyre_shutdown(ours, SOON), -EPIPE);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, is_whole_when_a_write_ends_before_its_first_byte)
{
    struct gyre_scope s;
    size_t n;

    open_pair(2);
    n = fill();
    cr_expect_eq(gyre_write(ours, "cd", 2, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_write(ours, "cd", 2, gyre_in(MS)), -ETIMEDOUT);
    gyre_scope_open(&s, gyre_in(MS));
    cr_expect_eq(gyre_write(ours, "cd", 2, GYRE_FOREVER), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    cr_expect(!gyre_stream_broken(ours));
    drain(n);
    cr_expect_eq(gyre_write(ours, "cd", 2, SOON), 0);
    expect_bytes("cd");
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, writes_some_and_never_breaks)
{
    static char bytes[LARGE];
    ssize_t some;
    size_t rest;

    open_pair(3);
    some = gyre_write_some(ours, bytes, sizeof bytes, GYRE_NOW);
    cr_expect_gt(some, 0);
    cr_expect_lt(some, LARGE);
    rest = fill();
    cr_expect_eq(gyre_write_some(ours, "def", 3, GYRE_NOW), -ETIMEDOUT);
    cr_expect(!gyre_stream_broken(ours));
    drain((size_t)some + rest);
    cr_expect_eq(gyre_write_some(ours, "d", 1, SOON), 1);
    cr_expect_eq(gyre_write_some(ours, "", 0, SOON), 0);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, sends_all_writers_home_when_it_is_closed)
{
    struct writer w[3] = {{'a', LARGE, GYRE_FOREVER, 1},
                          {'b', 4, GYRE_FOREVER, 1},
                          {'c', 3, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(2);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 3);
    close_ours();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(w[i].result, -EBADF);
    close_pair();
}

static intptr_t shut_down(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_shutdown(ours, GYRE_FOREVER), 0);
    note('s');
    return 0;
}

CLAIM_OF_STREAMS(stream_write, shuts_down_behind_those_who_write)
{
    struct writer w[1] = {{'a', LARGE, GYRE_FOREVER, 1}};
    struct gyre_scope s;
    char byte;

    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 1);
    gyre_spawn(&s, NULL, shut_down, NULL);
    drain(LARGE);
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(w[0].result, 0);
    expect_notes("as");
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, is_not_shut_down_when_that_ends_early)
{
    struct writer w[1] = {{'a', LARGE, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 1);
    cr_expect_eq(gyre_shutdown(ours, GYRE_NOW), -ETIMEDOUT);
    cr_expect_eq(gyre_shutdown(ours, gyre_in(MS)), -ETIMEDOUT);
    drain(LARGE);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes("a");
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), 0);
    expect_bytes("x");
    close_pair();
}

static intptr_t be_shut_down_upon(void *arg)
{
    (void)arg;
    cr_expect_eq(gyre_shutdown(ours, GYRE_FOREVER), -EBADF);
    note('s');
    return 0;
}

CLAIM_OF_STREAMS(stream_write, sends_home_who_waits_to_shut_it_down)
{
    struct writer w[1] = {{'a', LARGE, GYRE_FOREVER, 1}};
    struct gyre_scope s;

    open_pair(2);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 1);
    gyre_spawn(&s, NULL, be_shut_down_upon, NULL);
    let_all_settle();
    close_ours();
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    expect_notes_in_any_order("as");
    cr_expect_eq(w[0].result, -EBADF);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, may_be_shut_down_twice)
{
    char byte;

    open_pair(0);
    for (int i = 0; i < 3; i++)
        cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    say("x");
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, may_be_shut_down_at_both_ends_at_once)
{
    char byte;

    open_pair(0);
    say("a");
    cr_expect_eq(gyre_write(ours, "b", 1, SOON), 0);
    cr_expect_eq(gyre_shutdown(ours, SOON), 0);
    cr_expect_eq(gyre_shutdown(theirs, SOON), 0);
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 1);
    cr_expect_eq(byte, 'a');
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 1);
    cr_expect_eq(byte, 'b');
    cr_expect_eq(gyre_read(ours, &byte, 1, SOON), 0);
    cr_expect_eq(gyre_read(theirs, &byte, 1, SOON), 0);
    close_pair();
}

static intptr_t write_to_us(void *arg)
{
    static char much[LARGE];

    (void)arg;
    return gyre_write(theirs, much, LARGE, SOON);
}

/* Guards against an end that reads no more until it has written: both would
   wait for each other. */
CLAIM_OF_STREAMS(stream_write, does_not_keep_from_reading_what_the_peer_writes)
{
    struct writer w[1] = {{'a', LARGE, GYRE_FOREVER, 1}};
    static char got[LARGE];
    struct gyre_scope s;

    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    spawn_writers(&s, w, 1);
    gyre_spawn(&s, NULL, write_to_us, NULL);
    cr_expect_eq(gyre_read_exact(ours, got, LARGE, SOON), 0);
    cr_expect_eq(gyre_read_exact(theirs, got, LARGE, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(w[0].result, 0);
    expect_notes("a");
    close_pair();
}

/* ---- pieces ---- */

CLAIM_OF_STREAMS(stream_write, writes_pieces_one_after_the_other)
{
    struct iovec pieces[40];
    char all[41] = "", letters[40];

    open_pair(64);
    for (int i = 0; i < 40; i++) {
        letters[i] = (char)('A' + i);
        pieces[i] = (struct iovec){&letters[i], i % 5 == 0 ? 0 : 1};
    }
    cr_expect_eq(gyre_writev(ours, pieces, 40, SOON), 0);
    cr_expect_eq(gyre_writev(ours, pieces, 0, SOON), 0);
    cr_expect_eq(gyre_writev(ours, pieces, 1, SOON), 0);
    cr_expect_eq(gyre_read_exact(theirs, all, 32, SOON), 0);
    cr_expect_eq(gyre_read(theirs, all, 1, GYRE_NOW), -ETIMEDOUT);
    for (int i = 0, j = 0; i < 40; i++) {
        if (i % 5 != 0)
            cr_expect_eq(all[j++], letters[i]);
    }
    close_pair();
}

enum { PIECES = 3000, PIECE = 7 };

static intptr_t write_many(void *pieces)
{
    return gyre_writev(ours, pieces, PIECES, SOON);
}

/* More than the system takes at once, and so large together that it stops in
   the middle of one. */
CLAIM_OF_STREAMS(stream_write, writes_pieces_however_many_and_goes_on_in_one)
{
    static struct iovec pieces[PIECES];
    static char bytes[PIECES][PIECE];
    struct gyre_scope s;
    char got[PIECE];
    int wrong = 0;

    for (int i = 0; i < PIECES; i++) {
        memset(bytes[i], i % 251, PIECE);
        pieces[i] = (struct iovec){bytes[i], PIECE};
    }
    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_many, pieces);
    for (int i = 0; i < PIECES; i++) {
        wrong += gyre_read_exact(theirs, got, PIECE, SOON) != 0;
        wrong += memcmp(got, bytes[i], PIECE) != 0;
    }
    cr_expect_eq(wrong, 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    close_pair();
}

/* ---- callbacks ---- */

/* The kernel moves what was written on to the peer in its own time, so that
   what was full may have room once more; with nobody reading, not for ever. */
static int write_till_full(void)
{
    int err;

    do {
        err = gyre_write(ours, "i", 1, GYRE_NOW);
    } while (err == 0);
    return err;
}

static void speak(struct gyre_job *j)
{
    char buf[4];

    (void)j;
    note(gyre_read(ours, buf, 4, GYRE_NOW) == -ETIMEDOUT ? 'n' : '?');
    note(gyre_write(ours, "ab", 2, GYRE_NOW) == 0 ? 'w' : '?');
    note(gyre_write_some(ours, "cdef", 4, GYRE_NOW) >= 2 ? 's' : '?');
    while (gyre_write_some(ours, "gh", 2, GYRE_NOW) > 0)
        ;
    note(write_till_full() == -ETIMEDOUT ? 'f' : '?');
}

CLAIM_OF_STREAMS(stream_write, may_be_done_by_callbacks_that_do_not_wait)
{
    struct gyre_job j = {.run = speak};

    open_pair(4);
    gyre_job_start(gyre_loop_current(), &j);
    expect_bytes("abcd");
    expect_notes("nwsf");
    close_pair();
}

/* ---- a peer that reads no more ---- */

CLAIM_OF_STREAMS(stream_write, fails_when_the_peer_is_gone)
{
    int err = 0;

    open_pair(0);
    close_theirs();
    wait_until((err = gyre_write(ours, "x", 1, SOON)) != 0);
    cr_expect(err == -EPIPE || err == -ECONNRESET, "%d", err);
    cr_expect(!gyre_stream_broken(ours), "it broke before the first byte");
    close_pair();
}

/* ---- files ---- */

struct sending {
    int fd;
    off_t offset;
    size_t n;
    int result;
};

static intptr_t send_it(void *arg)
{
    struct sending *s = arg;

    s->result = gyre_send_file(ours, s->fd, s->offset, s->n, GYRE_FOREVER);
    return 0;
}

CLAIM_OF_STREAMS(stream_write, sends_a_part_of_a_file)
{
    struct sending sending = {make_file(50000), 100, 40000, 1};
    struct gyre_scope s;
    unsigned char byte;
    int wrong = 0;

    open_pair(1000);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, send_it, &sending);
    for (size_t i = 0; i < 40000; i++) {
        wrong += gyre_read_exact(theirs, &byte, 1, SOON) != 0;
        wrong += byte != (100 + i) % 251;
    }
    cr_expect_eq(wrong, 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    cr_expect_eq(sending.result, 0);
    close(sending.fd);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, breaks_when_a_file_is_shorter_than_was_said)
{
    int fd = make_file(10);

    open_pair(0);
    cr_expect_eq(gyre_send_file(ours, fd, 4, 0, SOON), 0);
    cr_expect_eq(gyre_send_file(ours, fd, 4, 8, SOON), -ENODATA);
    expect_bytes("\4\5\6\7\10\11");
    cr_expect(gyre_stream_broken(ours));
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), -EPIPE);
    close(fd);
    close_pair();
}

CLAIM_OF_STREAMS(stream_write, sends_no_file_that_cannot_be_read)
{
    int written = open("/dev/null", O_WRONLY);

    open_pair(0);
    cr_expect_eq(gyre_send_file(ours, -1, 0, 8, SOON), -EINVAL);
    cr_expect_eq(gyre_send_file(ours, written, 0, 8, SOON), -EINVAL);
    close(written);
    cr_expect(!gyre_stream_broken(ours));
    cr_expect_eq(gyre_write(ours, "x", 1, SOON), 0);
    expect_bytes("x");
    close_pair();
}
