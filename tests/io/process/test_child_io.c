/*
 * test_child_io.c - what a child hears and says, and through what: the claims
 * of process.h about its descriptors, one for each place where its input may
 * come from and its output go to.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/stream.h"
#include "io/tcp.h"
#include "io/unix.h"
#include "tests/io/process/children.h"

/* ---- pipes ---- */

CLAIM_OF_CHILDREN(child_io, hears_to_the_end_of_its_input)
{
    run_shell("cat >/dev/null; exit 3");
    cr_expect_eq(gyre_write(child.in, "hello\n", 6, SOON), 0);
    cr_expect_eq(gyre_process_wait(&child, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_shutdown(child.in, SOON), 0);
    expect_code(3);
    close_child();
}

/* What it said is there when it is gone itself. */
CLAIM_OF_CHILDREN(child_io, is_heard_to_the_end_of_its_output)
{
    run_shell("echo one; echo two");
    expect_code(0);
    expect_said("one\ntwo\n");
    close_child();
}

CLAIM_OF_CHILDREN(child_io, is_talked_with_in_turns)
{
    making.argv = (const char *[]){"cat", NULL};
    cr_expect_eq(gyre_process_spawn(&child, gyre_loop_current(), &making), 0);
    for (int i = 0; i < 10; i++) {
        cr_expect_eq(gyre_write(child.in, "ping\n", 5, SOON), 0);
        expect_line("ping\n");
    }
    cr_expect_eq(gyre_shutdown(child.in, SOON), 0);
    expect_code(0);
    close_child();
}

CLAIM_OF_CHILDREN(child_io, has_its_errors_where_its_output_is)
{
    making.err.is = GYRE_CHILD_JOINS;
    run_shell("echo out; echo err >&2; echo out");
    expect_said("out\nerr\nout\n");
    close_child();
}

CLAIM_OF_CHILDREN(child_io, may_have_nothing_to_hear_or_to_say)
{
    making = (struct gyre_process_options){.in.is = GYRE_CHILD_NULL,
                                           .out.is = GYRE_CHILD_NULL,
                                           .err.is = GYRE_CHILD_NULL};
    run_shell("read line && exit 1; echo out && echo err >&2 && exit 5");
    cr_expect_null(child.in);
    cr_expect_null(child.out);
    cr_expect_null(child.err);
    expect_code(5);
    close_child();
}

/* ---- files ---- */

CLAIM_OF_CHILDREN(child_io, has_its_output_in_a_file)
{
    int file = make_file_saying("");

    making.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, file};
    run_shell("echo into the file");
    expect_code(0);
    expect_holds(file, "into the file\n");
    close(file);
    close_child();
}

/* One file, and one place in it: nothing is written over. */
CLAIM_OF_CHILDREN(child_io, has_its_output_and_its_errors_in_one_file)
{
    int file = make_file_saying("");

    making.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, file};
    making.err = (struct gyre_child_file){GYRE_CHILD_GIVEN, file};
    run_shell("echo out; echo err >&2; echo out");
    expect_code(0);
    expect_holds(file, "out\nerr\nout\n");
    close(file);
    close_child();
}

/* Of which the number is one that it is to have. */
CLAIM_OF_CHILDREN(child_io, has_both_in_the_file_that_is_our_standard_error)
{
    int kept = dup(2), file = make_file_saying("");

    making.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, 2};
    making.err = (struct gyre_child_file){GYRE_CHILD_GIVEN, 2};
    dup2(file, 2);
    run_shell("echo out; echo err >&2");
    dup2(kept, 2);
    close(kept);
    expect_code(0);
    expect_holds(file, "out\nerr\n");
    close(file);
    close_child();
}

/* ---- sockets ---- */

CLAIM_OF_CHILDREN(child_io, may_be_given_a_socket_for_both)
{
    struct gyre_stream *ends[2];
    int fd;
    char got[6] = "";

    cr_expect_eq(gyre_unix_pair(gyre_loop_current(), ends), 0);
    fd = gyre_stream_descriptor(ends[1]);
    cr_expect_eq(fcntl(fd, F_SETFL, 0), 0, "a program expects one that blocks");
    making.in = making.out = (struct gyre_child_file){GYRE_CHILD_GIVEN, fd};
    run_shell("exec cat");
    gyre_close(ends[1]);
    cr_expect_eq(gyre_write(ends[0], "hello", 5, SOON), 0);
    cr_expect_eq(gyre_read_exact(ends[0], got, 5, SOON), 0);
    cr_expect_str_eq(got, "hello");
    cr_expect_eq(gyre_shutdown(ends[0], SOON), 0);
    expect_code(0);
    gyre_close(ends[0]);
    close_child();
}

/* It listens as long as the child has it. */
CLAIM_OF_CHILDREN(child_io, may_be_given_a_socket_that_listens)
{
    struct gyre_addr a;
    struct gyre_stream *s;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    cr_expect_eq(gyre_addr_parse(&a, "127.0.0.1", 0), 0);
    cr_expect_eq(bind(fd, &a.is.any, a.length), 0);
    cr_expect_eq(listen(fd, 8), 0);
    cr_expect_eq(getsockname(fd, &a.is.any, &a.length), 0);
    making.more = &fd;
    making.n_more = 1;
    run_shell("read line");
    close(fd);
    cr_expect_eq(gyre_tcp_connect_to(&a, &s, SOON), 0);
    gyre_close(s);
    cr_expect_eq(gyre_write(child.in, "\n", 1, SOON), 0);
    expect_code(0);
    cr_expect_eq(gyre_tcp_connect_to(&a, &s, SOON), -ECONNREFUSED);
    close_child();
}
