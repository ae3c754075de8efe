/*
 * share.c - streams over descriptors that others share: see pipe.h.
 *
 * O_NONBLOCK belongs to what a descriptor is of (its open file description),
 * and so to all who have one of it: to set it on standard input is to set it
 * for the shell, which then reads EAGAIN.  To open a pipe or a terminal by its
 * name in /proc makes another description of the same.  Not so
 *   - on systems where /dev/fd/N is a dup, which is why it is not tried there;
 *   - of the master of a pty, whose opening makes another pty;
 *   - of a file, whose offset would begin anew, and which never blocks anyhow.
 * And it may be forbidden: after su the terminal is another user's.  Nor can a
 * socket be opened so; but its calls have a flag for it.
 */
#include "io/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/internal.h"

static bool is_master(int fd)
{
#ifdef TIOCGPTN
    unsigned number;

    return ioctl(fd, TIOCGPTN, &number) == 0;
#else
    (void)fd;
    return false;
#endif
}

static bool is_reopenable(int fd, const struct stat *st)
{
    return S_ISFIFO(st->st_mode) ||
           (S_ISCHR(st->st_mode) && isatty(fd) && !is_master(fd));
}

/* What `fd` is of, opened once more; or negative. */
static int reopen(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    char name[32];

    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return open(name, (flags & O_ACCMODE) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Who opens a FIFO that nobody writes is taken to wait for the first who does,
   though it may be the last who has gone: that is known by `fd`, which was open
   then. */
static enum gyre_pipe_kind kind_of_copy(int fd)
{
    return gyre_pipe_has_hung_up(fd) ? GYRE_PIPE_ENDED : GYRE_PIPE_OWN;
}

/* Its number has been closed, and is the loop's own now: an epoll instance, or
   what else has no type. */
static bool is_no_file(const struct stat *st)
{
    return (st->st_mode & S_IFMT) == 0;
}

static bool may_block(const struct stat *st)
{
    return !S_ISREG(st->st_mode) && !S_ISBLK(st->st_mode);
}

int gyre_stream_share(struct gyre_loop *l, int fd, struct gyre_stream **out)
{
    enum gyre_pipe_kind kind = GYRE_PIPE_OWN;
    int copy = -1, err;
    struct stat st;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (is_no_file(&st))
        return -EBADF;
    if (is_reopenable(fd, &st))
        copy = reopen(fd);
    if (copy >= 0) {
        kind = kind_of_copy(fd);
    } else {
        copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        kind = may_block(&st) ? GYRE_PIPE_SHARED : GYRE_PIPE_OWN;
    }
    if (copy < 0)
        return -errno;
    err = gyre_pipe_new(l, copy, kind, out);
    if (err)
        close(copy);
    return err;
}
