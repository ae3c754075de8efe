/*
 * test_communicate.c - the claims of communicate.h.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "task/run/run.h"
#include "task/scope.h"
#include "io/pipe.h"
#include "io/process/communicate.h"
#include "io/stream.h"
#include "io/stream_fd.h"
#include "tests/io/process/children.h"
#include "tests/support/calls.h"
#include "tests/support/faults.h"

static struct gyre_conversation c;

/* Have that told, and heard. */
static int converse(const void *input, size_t n, gyre_time deadline)
{
    c.input = input;
    c.n = n;
    return gyre_process_communicate(&child, &c, deadline);
}

static void expect_heard(const struct gyre_buf *b, const char *text)
{
    cr_expect_eq(b->length, strlen(text));
    cr_expect(memcmp(b->at, text, b->length) == 0);
}

static void end(void)
{
    gyre_buf_free(&c.output);
    gyre_buf_free(&c.error);
    c = (struct gyre_conversation){0};
    close_child();
}

CLAIM_OF_CHILDREN(communicate, has_all_told_and_all_heard)
{
    making.err.is = GYRE_CHILD_PIPE;
    run_shell("cat; echo oops >&2; exit 2");
    cr_expect_eq(converse("hello\n", 6, SOON), 0);
    expect_heard(&c.output, "hello\n");
    expect_heard(&c.error, "oops\n");
    cr_expect_eq(child.code, 2);
    cr_expect_null(child.in);
    cr_expect_null(child.out);
    cr_expect_null(child.err);
    end();
}

/* Both sides fill their pipes, if one waits for the other: Python's documents
   warn of it. */
CLAIM_OF_CHILDREN(communicate, does_not_deadlock_on_full_pipes)
{
    static char much[1 << 20];

    making.err.is = GYRE_CHILD_PIPE;
    run_shell("tee /dev/stderr");
    cr_expect_eq(converse(much, sizeof much, SOON), 0);
    cr_expect_eq(c.output.length, sizeof much);
    cr_expect_eq(c.error.length, sizeof much);
    end();
}

CLAIM_OF_CHILDREN(communicate, minds_not_that_it_does_not_listen)
{
    static char much[1 << 20];

    run_shell("exec 0<&-; echo deaf");
    cr_expect_eq(converse(much, sizeof much, SOON), 0);
    expect_heard(&c.output, "deaf\n");
    cr_expect_eq(child.code, 0);
    end();
}

CLAIM_OF_CHILDREN(communicate, ends_it_when_it_says_too_much)
{
    run_shell("trap 'exit 1' PIPE; while echo yes; do :; done");
    c.most = 1000;
    c.grace = 20 * GYRE_SECOND;
    cr_expect_eq(converse(NULL, 0, SOON), -EMSGSIZE);
    cr_expect_eq(c.output.length, 1000);
    cr_expect(gyre_process_ended(&child));
    end();
}

CLAIM_OF_CHILDREN(communicate, ends_it_when_time_is_up_or_it_is_cancelled)
{
    struct gyre_scope s;

    run_shell("exec sleep 1000");
    c.grace = 20 * GYRE_SECOND;
    cr_expect_eq(converse("", 0, gyre_in(MS)), -ETIMEDOUT);
    expect_signal(SIGTERM);
    end();
    run_shell("trap '' TERM; echo ready; while :; do read line; done");
    expect_line("ready\n");
    gyre_scope_open(&s, gyre_in(50 * MS));
    cr_expect_eq(converse("\n", 1, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&s, 0), -ETIMEDOUT);
    expect_signal(SIGKILL);
    end();
}

CLAIM_OF_CHILDREN(communicate, hears_what_somebody_elses_child_had_to_say)
{
    run_shell("echo hello");
    cr_expect_eq(waitpid(child.pid, NULL, 0), child.pid);
    cr_expect_eq(converse(NULL, 0, SOON), -ECHILD);
    expect_heard(&c.output, "hello\n");
    end();
}

/* python/cpython#119710 and others: what a shell leaves in its background keeps
   the pipes open, and communicate waited for that. */
CLAIM_OF_CHILDREN(communicate, waits_for_nobody_but_the_child)
{
    static char much[60000];
    const char *left = "sleep 1000 & echo $!; head -c 60000; exit 6";

    making.err.is = GYRE_CHILD_PIPE;
    run_shell(left);
    cr_expect_eq(converse(much, sizeof much, GYRE_FOREVER), 0);
    cr_expect_gt(c.output.length, sizeof much, "all that it said");
    cr_expect_eq(child.code, 6);
    cr_expect_null(child.out);
    cr_expect_null(child.err);
    cr_expect_eq(kill((pid_t)atol(c.output.at), SIGKILL), 0);
    end();
}

/* A child and its descendants live in real time, and so does who waits for them
   in vain. */
CLAIM_OF_CHILDREN(communicate, hears_who_lingers_as_long_as_is_said)
{
    run_shell("while kill -0 $$; do :; done 2>/dev/null && echo more & "
              "echo first");
    c.linger = 20 * GYRE_SECOND;
    cr_expect_eq(converse(NULL, 0, SOON), 0);
    expect_heard(&c.output, "first\nmore\n");
    end();
    run_shell("sleep 1000 & echo $!");
    c.linger = GYRE_FOREVER;
    cr_expect_eq(converse(NULL, 0, gyre_in(100 * MS)), -ETIMEDOUT);
    cr_expect_eq(kill((pid_t)atol(c.output.at), SIGKILL), 0);
    end();
}

/* Who floods is never slower than who reads. */
static void let_flood(int fd)
{
    struct pollfd f = {.fd = fd, .events = POLLIN};

    if (child.out != NULL && fd == gyre_stream_fd_of(child.out)->fd)
        cr_expect_eq(poll(&f, 1, 20000), 1);
}

/* Guards against a conversation that goes on for as long as others fill the
   pipe that the child has left to them. */
CLAIM_OF_CHILDREN(communicate, hears_no_flood_out)
{
    run_shell("yes & exit 4");
    expect_code(4);
    let_flood(gyre_stream_fd_of(child.out)->fd);
    c.most = 1 << 20;
    calls_after_read = let_flood;
    cr_expect_eq(converse(NULL, 0, SOON), 0);
    calls_after_read = NULL;
    cr_expect_gt(c.output.length, 0);
    cr_expect_null(child.out);
    end();
}

/* What it has started has no chance to outlive it. */
CLAIM_OF_CHILDREN(communicate, ends_all_of_a_group_that_is_late)
{
    struct gyre_stream *held;
    char byte;
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    making.group = true;
    making.more = &fds[1];
    making.n_more = 1;
    run_shell("(trap '' TERM; while :; do read x; done) & exit 0");
    close(fds[1]);
    c.linger = GYRE_FOREVER;
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), fds[0], &held), 0);
    cr_expect_eq(converse(NULL, 0, gyre_in(100 * MS)), -ETIMEDOUT);
    cr_expect_eq(gyre_read(held, &byte, 1, SOON), 0, "nobody is left");
    gyre_close(held);
    end();
}

CLAIM_OF_CHILDREN(communicate, needs_no_pipes)
{
    making = (struct gyre_process_options){.in.is = GYRE_CHILD_NULL};
    run_shell("exit 8");
    cr_expect_eq(converse(NULL, 0, SOON), 0);
    cr_expect_eq(child.code, 8);
    end();
}

static intptr_t converse_once(void *arg)
{
    struct gyre_conversation once = {.input = "x", .n = 1};
    const char *argv[] = {"cat", NULL};
    struct gyre_process_options options = {
        .argv = argv, .in.is = GYRE_CHILD_PIPE, .out.is = GYRE_CHILD_PIPE};
    struct gyre_process p;
    int err = gyre_process_spawn(&p, gyre_loop_current(), &options);

    (void)arg;
    if (err)
        return err;
    err = gyre_process_communicate(&p, &once, SOON);
    cr_expect(gyre_process_ended(&p));
    gyre_process_close(&p);
    gyre_buf_free(&once.output);
    return err;
}

static int scenario(void)
{
    return (int)gyre_run(converse_once, NULL);
}

Test(communicate, leaves_nothing_when_memory_runs_out)
{
    cr_expect_geq(faults_in_memory(scenario), 5);
}
