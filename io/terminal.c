/*
 * terminal.c - terminals: raw mode, and back.
 *
 * A shell whose child has left the terminal raw cannot be used any more.  So
 * what is raw stands in a list of the process, and at exit it is put back; but
 * not by the child of a fork, whose parent goes on with it.
 */
#include "io/terminal.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/types.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    struct gyre_list raw;
    pid_t process; /* whose exit is prepared for; 0: none's */
} terminals = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .raw = {&terminals.raw, &terminals.raw},
};

static int set(int fd, const struct termios *mode)
{
    int err;

    do
        err = tcsetattr(fd, TCSANOW, mode);
    while (err < 0 && errno == EINTR);
    return err < 0 ? -errno : 0;
}

static void restore_all(void)
{
    if (terminals.process != getpid())
        return;
    for (struct gyre_list *i = terminals.raw.next; i != &terminals.raw;
         i = i->next) {
        const struct gyre_terminal *t =
            GYRE_OWNER(i, struct gyre_terminal, link);

        (void)set(t->fd, &t->before);
    }
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
    if (terminals.process == 0 && atexit(restore_all) != 0)
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
    gyre_list_append(&terminals.raw, &t->link);
    return 0;
}

int gyre_terminal_raw(struct gyre_terminal *t, int fd)
{
    int err = -EBUSY;

    pthread_mutex_lock(&terminals.lock);
    if (!gyre_list_linked(&t->link))
        err = make_raw(t, fd);
    pthread_mutex_unlock(&terminals.lock);
    return err;
}

int gyre_terminal_restore(struct gyre_terminal *t)
{
    int err = 0;

    pthread_mutex_lock(&terminals.lock);
    if (gyre_list_linked(&t->link)) {
        gyre_list_remove(&t->link);
        err = set(t->fd, &t->before);
    }
    pthread_mutex_unlock(&terminals.lock);
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
