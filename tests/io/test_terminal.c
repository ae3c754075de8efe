/*
 * test_terminal.c - the claims of terminal.h, and of pipe.h about terminals.
 *
 * A terminal is made for it: a pty, of which we are the one who sits before it
 * (the master) as well as the program.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/pipe.h"
#include "io/terminal.h"
#include "tests/io/loopback.h"
#include "tests/support/forked.h"
#include "tests/task/world.h"

#define SOON gyre_in(20 * GYRE_SECOND)

static int master, slave;

static void open_pty(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    cr_expect_geq(master, 0);
    cr_expect_eq(grantpt(master), 0);
    cr_expect_eq(unlockpt(master), 0);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    cr_expect_geq(slave, 0);
}

static void close_pty(void)
{
    close(slave);
    close(master);
}

static tcflag_t modes(void)
{
    struct termios now;

    cr_expect_eq(tcgetattr(slave, &now), 0);
    return now.c_lflag & (ICANON | ECHO | ISIG);
}

/* ---- modes ---- */

Test(terminal, is_raw_until_it_is_restored)
{
    struct gyre_terminal t = {0};
    tcflag_t before;

    open_pty();
    before = modes();
    cr_expect_neq(before, 0);
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gyre_terminal_raw(&t, slave), 0);
        cr_expect_eq(modes(), 0);
        cr_expect_eq(gyre_terminal_raw(&t, slave), -EBUSY);
        cr_expect_eq(gyre_terminal_restore(&t), 0);
        cr_expect_eq(modes(), before);
        cr_expect_eq(gyre_terminal_restore(&t), 0);
    }
    close_pty();
}

static struct gyre_terminal inherited;

static int restore_in_vain(void)
{
    return gyre_terminal_restore(&inherited) != -ECANCELED;
}

Test(terminal, of_a_parent_is_not_restored_by_its_child)
{
    open_pty();
    cr_expect_eq(gyre_terminal_raw(&inherited, slave), 0);
    fork_and_expect(restore_in_vain);
    cr_expect_eq(modes(), 0);
    cr_expect_eq(gyre_terminal_restore(&inherited), 0);
    cr_expect_neq(modes(), 0);
    close_pty();
}

/* The second finds it raw: so that is how it would be left, were they put back
   in the order in which they came. */
Test(terminal, that_is_raw_twice_is_restored_to_what_it_was_at_first)
{
    struct gyre_terminal t[2] = {{0}};
    tcflag_t before;

    open_pty();
    before = modes();
    for (int i = 0; i < 2; i++)
        cr_expect_eq(gyre_terminal_raw(&t[i], slave), 0);
    gyre_terminal_restore_all();
    cr_expect_eq(modes(), before);
    for (int i = 2; i-- > 0;)
        cr_expect_eq(gyre_terminal_restore(&t[i]), 0);
    cr_expect_eq(modes(), before);
    gyre_terminal_restore_all();
    close_pty();
}

static void restore_and_end(int number)
{
    (void)number;
    gyre_terminal_restore_all();
    _exit(0);
}

static int die_raw(void)
{
    struct gyre_terminal t = {0};

    signal(SIGABRT, restore_and_end);
    if (gyre_terminal_raw(&t, slave) != 0)
        return 1;
    abort();
}

/* libuv has uv_tty_reset_mode for it. */
Test(terminal, may_be_restored_by_who_is_about_to_be_killed)
{
    tcflag_t before;

    open_pty();
    before = modes();
    fork_and_expect(die_raw);
    cr_expect_eq(modes(), before);
    close_pty();
}

static void wait_for_foreground(int fd, pid_t group)
{
    while (tcgetpgrp(fd) != group)
        sched_yield();
}

/* A job that a shell has put aside: its terminal has another group before
   it. */
static void exit_in_background(int fd, pid_t shell)
{
    struct gyre_terminal t = {0};
    int err;

    wait_for_foreground(fd, getpgrp());
    err = gyre_terminal_raw(&t, fd);
    kill(shell, SIGUSR1);
    wait_for_foreground(fd, shell);
    gyre_terminal_restore_all();
    _exit(err != 0);
}

/* Who leads the session, as a shell does; how its job ended. */
static int have_a_job(void)
{
    int fd, status = -1, number;
    pid_t job, shell = getpid();
    sigset_t raw;

    if (setsid() < 0)
        return 1;
    fd = open(ptsname(master), O_RDWR);
    signal(SIGTTOU, SIG_IGN);
    sigemptyset(&raw);
    sigaddset(&raw, SIGUSR1);
    sigprocmask(SIG_BLOCK, &raw, NULL);
    job = fork();
    if (job == 0) {
        signal(SIGTTOU, SIG_DFL);
        setpgid(0, 0);
        exit_in_background(fd, shell);
    }
    setpgid(job, job);
    if (tcsetpgrp(fd, job) < 0)
        return 2;
    sigwait(&raw, &number);
    if (tcsetpgrp(fd, shell) < 0)
        return 3;
    waitpid(job, &status, WUNTRACED);
    kill(job, SIGKILL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

/* It would be stopped by SIGTTOU, and never end; or spoil what the shell has
   set up for its own line. */
Test(terminal, is_left_alone_by_who_is_in_the_background)
{
    open_pty();
    fork_and_expect(have_a_job);
    cr_expect_eq(modes(), 0);
    close_pty();
}

Test(terminal, is_what_others_are_not)
{
    struct gyre_terminal t = {0};
    struct gyre_terminal_size size;
    int fds[2];

    cr_expect_eq(pipe(fds), 0);
    cr_expect_eq(gyre_terminal_raw(&t, fds[0]), -ENOTTY);
    cr_expect_eq(gyre_terminal_size(fds[0], &size), -ENOTTY);
    cr_expect_eq(gyre_terminal_size(-1, &size), -EBADF);
    cr_expect_eq(gyre_terminal_restore(&t), 0);
}

Test(terminal, tells_its_size)
{
    struct winsize large = {.ws_col = 132, .ws_row = 43};
    struct gyre_terminal_size size;

    open_pty();
    cr_expect_eq(ioctl(master, TIOCSWINSZ, &large), 0);
    cr_expect_eq(gyre_terminal_size(slave, &size), 0);
    cr_expect_eq(size.columns, 132);
    cr_expect_eq(size.rows, 43);
    close_pty();
}

/* ---- streams over them ---- */

static struct gyre_stream *share(int fd)
{
    struct gyre_stream *s = NULL;

    cr_expect_eq(gyre_stream_share(gyre_loop_current(), fd, &s), 0);
    return s;
}

static void expect_read(struct gyre_stream *s, const char *text)
{
    char got[64] = "";

    cr_expect_eq(gyre_read_exact(s, got, strlen(text), SOON), 0);
    cr_expect_str_eq(got, text);
}

/* troglobit/libuev#12 and many others: the shell reads EAGAIN afterwards. */
CLAIM_ON_LOOPBACK(terminal, that_is_shared_is_left_blocking)
{
    struct gyre_stream *s;
    char byte;

    open_pty();
    s = share(slave);
    cr_expect_eq(gyre_read(s, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(write(master, "line\n", 5), 5);
    expect_read(s, "line\n");
    cr_expect_eq(gyre_write(s, "ok\n", 3, SOON), 0);
    cr_expect(!(fcntl(slave, F_GETFL) & O_NONBLOCK));
    gyre_close(s);
    close_pty();
}

CLAIM_ON_LOOPBACK(terminal, takes_nothing_when_there_is_nothing)
{
    struct gyre_stream *s;

    open_pty();
    s = share(slave);
    cr_expect_eq(gyre_write(s, "", 0, SOON), 0);
    cr_expect_eq(gyre_write_some(s, "", 0, SOON), 0);
    cr_expect_eq(gyre_write(s, "x", 1, SOON), 0);
    gyre_close(s);
    close_pty();
}

enum { LARGE = 100000 };

static intptr_t write_large(void *s)
{
    static char bytes[LARGE];

    cr_expect_eq(gyre_write(s, bytes, LARGE, SOON), 0);
    return 0;
}

/* Far more than it holds: the writer waits, and nothing is lost. */
CLAIM_ON_LOOPBACK(terminal, takes_as_much_as_there_is)
{
    struct gyre_terminal t = {0};
    struct gyre_stream *in, *out;
    struct gyre_scope s;
    static char got[LARGE];

    open_pty();
    cr_expect_eq(gyre_terminal_raw(&t, slave), 0);
    out = share(slave);
    in = share(master);
    gyre_scope_open(&s, GYRE_FOREVER);
    gyre_spawn(&s, NULL, write_large, out);
    cr_expect_eq(gyre_read_exact(in, got, LARGE, SOON), 0);
    cr_expect_eq(gyre_scope_close(&s, 0), 0);
    gyre_close(in);
    gyre_close(out);
    cr_expect_eq(gyre_terminal_restore(&t), 0);
    close_pty();
}

/* And the next byte that is typed is not lost to who gave up. */
CLAIM_ON_LOOPBACK(terminal, that_is_raw_is_read_byte_by_byte_or_given_up)
{
    struct gyre_terminal t = {0};
    struct gyre_stream *s;
    struct gyre_scope scope;
    char byte;

    open_pty();
    cr_expect_eq(gyre_terminal_raw(&t, slave), 0);
    s = share(slave);
    gyre_scope_open(&scope, gyre_in(MS));
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), -ECANCELED);
    cr_expect_eq(gyre_scope_close(&scope, 0), -ETIMEDOUT);
    cr_expect_eq(write(master, "q", 1), 1);
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 1);
    cr_expect_eq(byte, 'q');
    gyre_close(s);
    cr_expect_eq(gyre_terminal_restore(&t), 0);
    close_pty();
}

/* Opening a master by its name makes another pty. */
CLAIM_ON_LOOPBACK(terminal, whose_master_is_shared_is_the_same)
{
    struct gyre_stream *s;
    struct gyre_terminal t = {0};
    char byte;

    open_pty();
    cr_expect_eq(gyre_terminal_raw(&t, slave), 0);
    s = share(master);
    cr_expect_eq(gyre_read(s, &byte, 1, gyre_in(MS)), -ETIMEDOUT);
    cr_expect_eq(write(slave, "out", 3), 3);
    expect_read(s, "out");
    cr_expect_eq(gyre_write(s, "in", 2, SOON), 0);
    cr_expect_eq(read(slave, &byte, 1), 1);
    cr_expect_eq(byte, 'i');
    gyre_close(s);
    cr_expect_eq(gyre_terminal_restore(&t), 0);
    close_pty();
}

/* joyent/libuv#982: the end of a terminal that was never read. */
CLAIM_ON_LOOPBACK(terminal, ends_where_it_is_told_to)
{
    struct gyre_stream *s;
    char byte;

    open_pty();
    s = share(slave);
    cr_expect_eq(write(master, "a\n\004", 3), 3);
    expect_read(s, "a\n");
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 0);
    cr_expect_eq(write(master, "b\n", 2), 2);
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 0, "and so it stays");
    gyre_close(s);
    close_pty();
}

CLAIM_ON_LOOPBACK(terminal, that_has_hung_up_has_ended)
{
    struct gyre_stream *s;
    char byte;

    open_pty();
    cr_expect_eq(gyre_stream_adopt(gyre_loop_current(), master, &s), 0);
    cr_expect_eq(write(slave, "bye", 3), 3);
    close(slave);
    expect_read(s, "bye");
    cr_expect_eq(gyre_read(s, &byte, 1, SOON), 0);
    gyre_close(s);
}
