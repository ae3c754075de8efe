/*
 * terminal.c - terminals: raw mode, and back.
 *
 * A shell whose child has left the terminal raw cannot be used any more.  So
 * what is raw stands in a list of the process, and at exit it is put back; but
 * not by the child of a fork, whose parent goes on with it.
 *
 * A handler of a signal needs the list, too, and may take no mutex.  So who
 * holds it takes no signal meanwhile, and whoever finds it held needs only to
 * wait.  Who forks holds it, so that it is not held for ever in the child.
 */
#include "io/terminal.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

static struct {
    atomic_flag held;
    struct gyre_list raw; /* the latest last */
    pid_t process;        /* whose exit is prepared for; 0: none's */
} terminals = {
    .held = ATOMIC_FLAG_INIT,
    .raw = {&terminals.raw, &terminals.raw},
};

/* But for SIGTTOU, which whoever is in the background is to be stopped by. */
static void hold(sigset_t *before)
{
    sigset_t most;

    sigfillset(&most);
    sigdelset(&most, SIGTTOU);
    pthread_sigmask(SIG_SETMASK, &most, before);
    while (atomic_flag_test_and_set(&terminals.held))
        sched_yield();
}

static void let_go(const sigset_t *before)
{
    atomic_flag_clear(&terminals.held);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static sigset_t before_fork; /* of who holds it */

static void hold_to_fork(void)
{
    sigset_t before;

    hold(&before);
    before_fork = before;
}

static void let_go_after(void)
{
    sigset_t before = before_fork;

    let_go(&before);
}

static void see_forks(void)
{
    (void)pthread_atfork(hold_to_fork, let_go_after, let_go_after);
}

static int set(int fd, const struct termios *mode)
{
    int err;

    do
        err = tcsetattr(fd, TCSANOW, mode);
    while (err < 0 && errno == EINTR);
    return err < 0 ? -errno : 0;
}

/* Who is in the background and sets modes is stopped, and not ended, by
   SIGTTOU; but if the terminal does not control us there is no background. */
static bool in_background(int fd)
{
    pid_t group = tcgetpgrp(fd);

    return group >= 0 && group != getpgrp();
}

/* The latest first: what it was before may have been raw. */
void gyre_terminal_restore_all(void)
{
    sigset_t before;

    if (terminals.process != getpid())
        return;
    hold(&before);
    for (struct gyre_list *i = terminals.raw.prev; i != &terminals.raw;
         i = i->prev) {
        const struct gyre_terminal *t =
            GYRE_OWNER(i, struct gyre_terminal, link);

        if (!in_background(t->fd))
            (void)set(t->fd, &t->before);
    }
    let_go(&before);
}

/* In the child of a fork the terminals in the list are its parent's. */
static void prepare_for_exit(void)
{
    if (terminals.process == getpid())
        return;
    gyre_list_init(&terminals.raw);
    terminals.process = getpid();
}

static int expect_exit(void)
{
    if (terminals.process == 0 && atexit(gyre_terminal_restore_all) != 0)
        return -ENOMEM;
    prepare_for_exit();
    return 0;
}

static int make_raw(struct gyre_terminal *t, int fd)
{
    struct termios mode;
    int err;

    if (tcgetattr(fd, &t->before) < 0)
        return -errno;
    mode = t->before;
    cfmakeraw(&mode);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    err = expect_exit();
    if (err == 0)
        err = set(fd, &mode);
    if (err)
        return err;
    t->fd = fd;
    t->process = getpid();
    gyre_list_append(&terminals.raw, &t->link);
    return 0;
}

int gyre_terminal_raw(struct gyre_terminal *t, int fd)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sigset_t before;
    int err = -EBUSY;

    pthread_once(&once, see_forks);
    hold(&before);
    if (!gyre_list_linked(&t->link))
        err = make_raw(t, fd);
    let_go(&before);
    return err;
}

int gyre_terminal_restore(struct gyre_terminal *t)
{
    sigset_t before;
    int err;

    if (!gyre_list_linked(&t->link))
        return 0;
    if (t->process != getpid())
        return -ECANCELED;
    hold(&before);
    gyre_list_remove(&t->link);
    err = set(t->fd, &t->before);
    let_go(&before);
    return err;
}

int gyre_terminal_size(int fd, struct gyre_terminal_size *out)
{
    struct winsize size;

    if (ioctl(fd, TIOCGWINSZ, &size) < 0)
        return -errno;
    *out = (struct gyre_terminal_size){size.ws_col, size.ws_row};
    return 0;
}
