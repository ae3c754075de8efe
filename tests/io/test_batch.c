/*
 * test_batch.c - the claims of datagram.h about many at a time.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "task/task.h"
#include "io/datagram.h"
#include "tests/io/datagrams.h"
#include "tests/io/loopback.h"
#include "tests/support/calls.h"

CLAIM_ON_LOOPBACK(datagram, many_go_and_come_at_once)
{
    enum { MANY = 100 };
    struct gyre_datagram out[MANY] = {0}, in[MANY] = {0};
    char bytes[MANY], room[MANY];

    for (int kind = 0; kind < 2; kind++) {
        int n = 0, got = 0;

        kinds[kind]();
        for (int i = 0; i < MANY; i++) {
            bytes[i] = (char)i;
            out[i] = (struct gyre_datagram){
                .bytes = &bytes[i], .size = (size_t)(i % 2), .addr = here};
            in[i] = (struct gyre_datagram){.bytes = &room[i], .size = 1};
        }
        while (n < MANY) {
            int more = gyre_send_many(&theirs, out + n, MANY - n, SOON);

            cr_expect_gt(more, 0);
            if (more <= 0)
                break;
            n += more;
        }
        while (got < n) {
            int more = gyre_receive_many(&ours, in + got, MANY - got, SOON);

            cr_expect_gt(more, 0);
            if (more <= 0)
                break;
            got += more;
        }
        for (int i = 0; i < MANY; i++) {
            cr_expect_eq(in[i].length, (size_t)(i % 2));
            cr_expect(i % 2 == 0 || room[i] == (char)i);
            cr_expect(same(&in[i].addr, &there));
        }
        close_both();
    }
}

/* As many as fit into its heads.  Not with the calls of a BSD, which the
   Makefile gives this name. */
#if defined __linux__ && !defined st_mtimespec
CLAIM_ON_LOOPBACK(datagram, many_go_by_one_system_call_and_come_by_one)
{
    enum { MANY = 64 };
    struct gyre_datagram out[MANY], in[MANY] = {0};

    open_both();
    for (int i = 0; i < MANY; i++)
        out[i] = (struct gyre_datagram){.addr = here};
    calls_begin(CALL_SENDMMSG, 1, EIO, true);
    cr_expect_eq(gyre_send_many(&theirs, out, MANY, SOON), MANY);
    cr_expect_eq(calls_made(), 1);
    calls_begin(CALL_RECVMMSG, 1, EIO, true);
    cr_expect_eq(gyre_receive_many(&ours, in, MANY, SOON), MANY);
    cr_expect_eq(calls_made(), 1);
    calls_end();
    close_both();
}
#endif

/* Send all of them, from `theirs`. */
static void send_all(const struct gyre_datagram *m, int n)
{
    while (n > 0) {
        int sent = gyre_send_many(&theirs, m, n, SOON);

        cr_expect_gt(sent, 0);
        if (sent <= 0)
            return;
        m += sent;
        n -= sent;
    }
}

/* Receive those of `m` that are for `d`, which is at `to`. */
static void expect_those_for(struct gyre_datagrams *d,
                             const struct gyre_addr *to,
                             const struct gyre_datagram *m, int n)
{
    for (int i = 0; i < n; i++) {
        char room[256];

        if (!same(&m[i].addr, to))
            continue;
        cr_expect_eq(gyre_receive(d, room, sizeof room, NULL, SOON),
                     (ssize_t)m[i].size);
        cr_expect_eq(memcmp(room, m[i].bytes, m[i].size), 0);
    }
}

/* Runs of equal length, with a shorter one, a longer one, an empty one, and one
   for somebody else behind them. */
CLAIM_ON_LOOPBACK(datagram, many_of_equal_length_arrive_each_by_itself)
{
    enum { MANY = 90 };
    static const unsigned char lengths[] = {9, 9, 9, 5, 9, 9, 9, 9, 0, 0,
                                            1, 1, 7, 9, 9, 3, 3, 3, 3, 3};
    struct gyre_datagram out[MANY];
    char bytes[MANY][9];

    for (int kind = 0; kind < KINDS; kind++) {
        kinds[kind]();
        for (int i = 0; i < MANY; i++) {
            size_t size = i < 40 ? lengths[i % 20] : 9;

            memset(bytes[i], 'a' + i % 26, sizeof bytes[i]);
            out[i] =
                (struct gyre_datagram){.bytes = bytes[i],
                                       .size = size,
                                       .addr = i % 37 == 36 ? there : here};
        }
        for (int i = 0; i < MANY; i += 9) {
            send_all(out + i, 9); /* a local socket has room for no more */
            expect_those_for(&ours, &here, out + i, 9);
            expect_those_for(&theirs, &there, out + i, 9);
        }
        if (kind < 2) {
            send_all(out, MANY);
            expect_those_for(&ours, &here, out, MANY);
            expect_those_for(&theirs, &there, out, MANY);
        }
        close_both();
    }
}

/* It cannot divide what has no checksum, and says EINVAL. */
#ifdef SO_NO_CHECK
CLAIM_ON_LOOPBACK(datagram, many_go_also_where_the_system_cannot_divide_them)
{
    enum { MANY = 9 };
    struct gyre_datagram out[MANY];
    int one = 1;

    open_both();
    cr_expect_eq(
        setsockopt(theirs.fd.fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof one), 0);
    for (int i = 0; i < MANY; i++)
        out[i] =
            (struct gyre_datagram){.bytes = "hello", .size = 5, .addr = here};
    for (int i = 0; i < 2; i++) {
        send_all(out, MANY);
        expect_those_for(&ours, &here, out, MANY);
    }
    close_both();
}
#endif

/* As above, only Linux has runs. */
#if defined __linux__ && !defined st_mtimespec
/* Send a few that are `size` long: by how many system calls? */
static long calls_to_send(size_t size)
{
    enum { FEW = 9 };
    struct gyre_datagram out[FEW];
    long calls;

    for (int i = 0; i < FEW; i++)
        out[i] = (struct gyre_datagram){
            .bytes = "hello", .size = size, .addr = here};
    calls_begin(CALL_SENDMMSG, 1000, EIO, true);
    send_all(out, FEW);
    calls = calls_made();
    calls_end();
    expect_those_for(&ours, &here, out, FEW);
    return calls;
}

/* From now on a run of `theirs` is refused, and so takes one more. */
static void refuse_runs(void)
{
    int one = 1;

    cr_expect_eq(
        setsockopt(theirs.fd.fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof one), 0);
}

/* Does the system send runs at all? */
static bool has_runs(void)
{
    (void)calls_to_send(5);
    return theirs.bound_of_runs > 1;
}

CLAIM_ON_LOOPBACK(datagram, many_that_are_shorter_than_a_run_refused_go_as_one)
{
    static const int errors[] = {EINVAL, EMSGSIZE};

    for (int i = 0; i < 2; i++) {
        struct gyre_datagram out[2];

        open_both();
        if (!has_runs()) {
            close_both();
            return;
        }
        out[0] = out[1] =
            (struct gyre_datagram){.bytes = "hello", .size = 4, .addr = here};
        calls_begin(CALL_SENDMMSG, 0, errors[i], false);
        send_all(out, 2);
        cr_expect_eq(calls_end(), 1);
        expect_those_for(&ours, &here, out, 2);
        refuse_runs();
        cr_expect_eq(calls_to_send(4), 1, "as long as what was refused");
        cr_expect_eq(calls_to_send(5), 1, "longer");
        cr_expect_eq(calls_to_send(3), 2, "shorter, and tried");
        cr_expect_eq(calls_to_send(3), 1);
        close_both();
    }
}

CLAIM_ON_LOOPBACK(datagram, many_go_as_one_after_some_that_had_a_wrong_address)
{
    struct gyre_datagram out[2];
    struct gyre_addr nowhere;

    open_both();
    if (has_runs()) {
        nowhere = here;
        gyre_addr_set_port(&nowhere, 0);
        out[0] = out[1] = (struct gyre_datagram){
            .bytes = "hello", .size = 5, .addr = nowhere};
        cr_expect_eq(gyre_send_many(&theirs, out, 2, SOON), -EINVAL);
        refuse_runs();
        cr_expect_eq(calls_to_send(5), 2, "tried as one");
        cr_expect_eq(calls_to_send(5), 1);
    }
    close_both();
}
#endif

CLAIM_ON_LOOPBACK(datagram, one_of_many_that_does_not_fit_is_cut_and_says_so)
{
    char room[2][4];
    struct gyre_datagram in[2] = {{.bytes = room[0], .size = 4},
                                  {.bytes = room[1], .size = 4}};

    open_both();
    send_text("too long");
    send_text("fit");
    cr_expect_eq(gyre_receive_many(&ours, in, 2, SOON), 2);
    cr_expect_gt(in[0].length, 4);
    cr_expect_eq(memcmp(room[0], "too ", 4), 0);
    cr_expect_eq(in[1].length, 3);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram,
                  what_is_wrong_with_one_of_many_is_told_when_it_is_the_first)
{
    static char large[65508];
    struct gyre_datagram out[2] = {{.bytes = large, .size = 1},
                                   {.bytes = large, .size = sizeof large}};

    open_both();
    out[0].addr = out[1].addr = here;
    cr_expect_eq(gyre_send_many(&theirs, out, 2, SOON), 1);
    cr_expect_eq(gyre_send_many(&theirs, out + 1, 1, SOON), -EMSGSIZE);
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, many_go_to_the_peer_unless_they_say_where)
{
    struct gyre_datagram out[2] = {{.bytes = "a", .size = 1},
                                   {.bytes = "b", .size = 1}};
    char byte;

    open_both();
    connect_ours();
    cr_expect_eq(gyre_send_many(&ours, out, 2, SOON), 2);
    cr_expect_eq(gyre_receive(&theirs, &byte, 1, NULL, SOON), 1);
    cr_expect_eq(byte, 'a');
    cr_expect_eq(gyre_receive(&theirs, &byte, 1, NULL, SOON), 1);
    cr_expect_eq(byte, 'b');
    close_both();
}

CLAIM_ON_LOOPBACK(datagram, many_hear_of_what_befell_an_earlier_one)
{
    struct gyre_datagram one = {.bytes = "a", .size = 1};

    open_both();
    connect_ours();
    turn_away();
    cr_expect_eq(gyre_send(&ours, "x", 1, NULL, SOON), 0);
    cr_expect_eq(gyre_send_many(&ours, &one, 1, SOON), 1);
    cr_expect_eq(gyre_receive_many(&ours, &one, 1, SOON), -ECONNREFUSED);
    close_both();
}
