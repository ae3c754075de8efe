/*
 * test_calls_process.c - a child that is spawned, talked to, and waited for,
 * whose system calls fail one after the other: the claims of process.h and
 * communicate.h about that.
 */
#include <criterion/criterion.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/buf.h"
#include "io/process/communicate.h"
#include "io/process/process.h"
#include "tests/io/promises.h"

static struct gyre_process process;

/* Somebody else is said to have reaped it, who has not. */
static bool is_left;

/* Nothing is left of it, very soon: who reaps it may be a thread. */
static void expect_gone(pid_t pid)
{
    const struct timespec soon = {.tv_nsec = GYRE_MILLISECOND / 10};

    if (is_left)
        waitpid(pid, NULL, 0);
    for (int i = 0; i < 100000 && kill(pid, 0) == 0; i++)
        nanosleep(&soon, NULL);
    if (kill(pid, 0) == 0)
        note_left();
}

/* Of what could not be spawned there is no child either, running or dead. */
static void expect_childless(void)
{
    if (waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD)
        note_left();
}

static int talk(void)
{
    struct gyre_conversation c = {.input = "hello", .n = 5};
    int err = gyre_process_communicate(&process, &c, in_time());

    if (err == 0 && (process.code != 0 || c.output.length != 5 ||
                     memcmp(c.output.at, "hello", 5) != 0))
        err = -EBADMSG;
    gyre_buf_free(&c.output);
    gyre_buf_free(&c.error);
    return err;
}

static void spawn_and_talk(void)
{
    static const char *const argv[] = {"/bin/cat", NULL};
    struct gyre_process_options o = {.argv = argv,
                                     .in.is = GYRE_CHILD_PIPE,
                                     .out.is = GYRE_CHILD_PIPE,
                                     .err.is = GYRE_CHILD_NULL};
    pid_t pid;

    if (note_error(gyre_process_spawn(&process, gyre_loop_current(), &o))) {
        expect_childless();
        return;
    }
    pid = process.pid;
    note_error(talk());
    gyre_process_close(&process);
    expect_gone(pid);
}

static int play(void)
{
    return play_in_run(spawn_and_talk);
}

/* Without a descriptor for the child a thread will do, and without that for its
   end, another way to ask for that; which somebody else may have heard of. */
static struct promise promised(enum call c, int err)
{
    if (c == CALL_PIDFD_OPEN)
        return (struct promise){.hidden = true, .late = true};
    if (c == CALL_WAITID && err == EINVAL)
        return (struct promise){.error = -EINVAL, .hidden = true};
    if (c == CALL_OPEN && err == EWOULDBLOCK)
        return (struct promise){.error = -ENOMEM};
    if (c == CALL_WRITEV && err == EPIPE)
        return (struct promise){.error = -EBADMSG}; /* it read nothing */
    if (c == CALL_READ && err == EAGAIN)
        return (struct promise){.error = -EBADMSG,
                                .other = -ENOMEM, /* its report */
                                .hidden = true,
                                .late = true};
    return io_promised(c, err);
}

static const struct scenario talking = {play, promised, .brief = true};

Test(calls_process, a_child_that_cannot_be_made_leaves_nothing)
{
    cr_expect_geq(fails_cleanly(&talking, CALL_PIPE), 5 + 2);
    cr_expect_geq(fails_cleanly(&talking, CALL_OPEN), 26);
    cr_expect_geq(fails_cleanly_but(&talking, CALL_FSTAT, OF_A_BSD), 10 + 1);
    cr_expect_geq(fails_cleanly_but(&talking, CALL_FCNTL, 1 + OF_A_BSD), 7 + 6);
}

Test(calls_process, the_end_of_a_child_is_heard_of_in_another_way_or_told_of)
{
    cr_expect_geq(fails_cleanly(&talking, CALL_PIDFD_OPEN), 0);
    is_left = true;
    cr_expect_geq(fails_cleanly(&talking, CALL_WAITID), 4);
}

Test(calls_process, a_child_whose_report_or_words_are_not_heard_is_stopped)
{
    cr_expect_geq(fails_cleanly(&talking, CALL_READ), 7 + 2);
    cr_expect_geq(fails_cleanly(&talking, CALL_WRITEV), 12);
}

/* That of the child's end is for a thread then. */
Test(calls_process, a_child_that_cannot_be_watched_is_waited_for_by_a_thread)
{
    int epoll = fails_cleanly_but_up_to(&talking, CALL_EPOLL_CTL, 4);
    int kqueue = fails_cleanly_but_up_to(&talking, CALL_KEVENT, 5);

    cr_expect(epoll >= 0 && kqueue >= 0);
    cr_expect_geq(epoll + kqueue, 8);
}
