/*
 * pipe.c - streams over descriptors that are no sockets.
 *
 * Invariants:
 *   - `can` says which ways it goes, and does not change;
 *   - once `ended` it is not read any more;
 *   - the descriptor is closed while the stream is not, only after a shutdown,
 *     or once it was cut.
 */
#include "io/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop/loop.h"
#include "io/internal.h"
#include "io/quiet.h"
#include "io/stream_fd.h"
#include "io/sys.h"

struct pipe {
    struct gyre_stream_fd base;
    unsigned can; /* GYRE_READ, GYRE_WRITE */
    bool awaits;  /* it has ended only if poll says so, too */
    bool shared;  /* it may block: ask before */
    bool socket;
    bool terminal;
    bool ended;
    bool shut; /* for writing */
};

static struct pipe *pipe_of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct pipe, base.stream);
}

/* What poll says at once, or -errno. */
static int poll_now(int fd, short events)
{
    struct pollfd f = {.fd = fd, .events = events};
    int n;

    do
        n = poll(&f, 1, 0);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : f.revents;
}

/* 0 if `fd`, which may block, does not now; -EAGAIN, or why poll does not
   say. */
static int ask(int fd, short events)
{
    int got = poll_now(fd, events);

    return got > 0 ? 0 : got == 0 ? -EAGAIN : got;
}

/* ---- reading ---- */

struct taking {
    struct pipe *pipe;
    void *buf;
    size_t n;
};

bool gyre_pipe_has_hung_up(int fd)
{
    int got = poll_now(fd, POLLIN);

    return got > 0 && got & POLLHUP;
}

/* A FIFO reads as if it had ended before anybody has come to write; poll knows
   better.  Once that has said so, there may still be what was written since. */
static ssize_t confirm_end(struct gyre_fd *f, const struct taking *t)
{
    int got = poll_now(f->fd, POLLIN);

    if (got < 0)
        return got;
    return got & POLLHUP ? gyre_read_some(f->fd, t->buf, t->n) : -EAGAIN;
}

/* The master of a pty fails so when the other side has ended. */
static bool is_end(const struct pipe *p, const struct gyre_fd *f, ssize_t got)
{
    return got == -EIO && p->terminal && gyre_pipe_has_hung_up(f->fd);
}

/* A socket that is shared can be told not to block for one call. */
static ssize_t receive_now(int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = recv(fd, buf, n, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static intptr_t take(struct gyre_fd *f, void *arg)
{
    const struct taking *t = arg;
    ssize_t got = 0;

    if (!(t->pipe->can & GYRE_READ))
        return -ENOTSUP;
    if (f->fd < 0)
        return -EBADF;
    if (t->pipe->ended)
        return 0;
    if (t->pipe->socket)
        return receive_now(f->fd, t->buf, t->n);
    if (t->pipe->shared)
        got = ask(f->fd, POLLIN);
    if (got < 0)
        return got;
    got = gyre_read_some(f->fd, t->buf, t->n);
    if (got == 0 && t->pipe->awaits)
        got = confirm_end(f, t);
    if (is_end(t->pipe, f, got))
        got = 0;
    t->pipe->ended = got == 0;
    return got;
}

static ssize_t pipe_read(struct gyre_stream *s, void *buf, size_t n,
                         gyre_time deadline)
{
    struct taking t = {pipe_of(s), buf, n};

    return gyre_fd_try(gyre_stream_fd_of(s), GYRE_READ, take, &t, deadline);
}

/* ---- writing ---- */

struct giving {
    struct pipe *pipe;
    const struct iovec *iov;
    int n;
};

/* Of the first piece no more than what a pipe takes whole if it takes
   anything. */
static ssize_t give_little(int fd, const struct iovec *iov)
{
    struct iovec little = *iov;
    int err = ask(fd, POLLOUT);

    if (err)
        return err;
    while (little.iov_len == 0)
        little = *++iov;
    if (little.iov_len > _POSIX_PIPE_BUF)
        little.iov_len = _POSIX_PIPE_BUF;
    return gyre_write_quietly(fd, &little, 1);
}

static ssize_t send_now(int fd, const struct iovec *iov, int n)
{
    struct msghdr m = {.msg_iov = (struct iovec *)iov, .msg_iovlen = n};
    struct gyre_quiet quiet;
    ssize_t sent;

    gyre_quiet_begin(&quiet);
    do
        sent = sendmsg(fd, &m, MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        sent = -errno;
    gyre_quiet_end(&quiet, (int)sent);
    return sent;
}

static intptr_t give(struct gyre_fd *f, void *arg)
{
    const struct giving *g = arg;

    if (!(g->pipe->can & GYRE_WRITE))
        return -ENOTSUP;
    if (f->fd < 0)
        return -EPIPE;
    if (g->pipe->socket)
        return send_now(f->fd, g->iov, g->n);
    return g->pipe->shared ? give_little(f->fd, g->iov)
                           : gyre_write_quietly(f->fd, g->iov, g->n);
}

static ssize_t pipe_write(struct gyre_stream *s, const struct iovec *iov, int n,
                          gyre_time deadline)
{
    struct giving g = {pipe_of(s), iov, n};

    return gyre_fd_try(gyre_stream_fd_of(s), GYRE_WRITE, give, &g, deadline);
}

static int pipe_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    (void)deadline;
    if (gyre_loop_inherited(s->loop))
        return -ECANCELED;
    if (pipe_of(s)->socket)
        return shutdown(gyre_stream_fd_of(s)->fd, SHUT_WR) < 0 ? -errno : 0;
    if (pipe_of(s)->can != GYRE_WRITE)
        return -ENOTSUP;
    if (gyre_stream_fd_of(s)->fd < 0)
        return pipe_of(s)->shut ? 0 : -EPIPE;
    pipe_of(s)->shut = true;
    gyre_fd_close(gyre_stream_fd_of(s));
    return 0;
}

/* ---- the stream ---- */

static int pipe_when(struct gyre_stream *s, unsigned event, struct gyre_job *j)
{
    if (!(pipe_of(s)->can & event))
        return -ENOTSUP;
    if (gyre_stream_fd_of(s)->fd < 0)
        return -EPIPE;
    return gyre_stream_fd_when(s, event, j);
}

static void pipe_close(struct gyre_stream *s)
{
    gyre_stream_fd_end(s, sizeof(struct pipe));
}

static const struct gyre_stream_ops pipe_ops = {
    .name = "pipe",
    .read = pipe_read,
    .write = pipe_write,
    .shutdown = pipe_shutdown,
    .close = pipe_close,
    .when = pipe_when,
    .forget = gyre_stream_fd_forget,
    .cut = gyre_stream_fd_cut,
};

/* The ways that a descriptor opened with `flags` goes. */
static unsigned ways(int flags)
{
    switch (flags & O_ACCMODE) {
    case O_RDONLY: return GYRE_READ;
    case O_WRONLY: return GYRE_WRITE;
    default: return GYRE_READ | GYRE_WRITE;
    }
}

int gyre_pipe_new(struct gyre_loop *l, int fd, enum gyre_pipe_kind kind,
                  struct gyre_stream **out)
{
    int flags = fcntl(fd, F_GETFL), err;
    struct stat st;
    struct pipe *p;

    if (flags < 0 || fstat(fd, &st) < 0)
        return -errno;
    err = gyre_stream_fd_new(l, fd, GYRE_FD_OTHER, &pipe_ops,
                             sizeof(struct pipe), out);
    if (err)
        return err;
    p = pipe_of(*out);
    p->can = ways(flags);
    p->awaits = S_ISFIFO(st.st_mode) && kind != GYRE_PIPE_ENDED;
    p->shared = kind == GYRE_PIPE_SHARED;
    p->socket = S_ISSOCK(st.st_mode);
    p->terminal = S_ISCHR(st.st_mode);
    return 0;
}

/* ---- making one ---- */

static int option(int fd, int name)
{
    int value;
    socklen_t size = sizeof value;

    return getsockopt(fd, SOL_SOCKET, name, &value, &size) < 0 ? -errno : value;
}

static int adopt_socket(struct gyre_loop *l, int fd, struct gyre_stream **out)
{
    struct gyre_addr a = {.length = sizeof a.is};
    int err;

    if (option(fd, SO_TYPE) != SOCK_STREAM || option(fd, SO_ACCEPTCONN) == 1)
        return -EINVAL;
    if (getsockname(fd, &a.is.any, &a.length) < 0)
        return -errno;
    err = gyre_sys_adopt(fd);
    return err ? err : gyre_tcp_new(l, fd, gyre_socket_kind(&a), out);
}

int gyre_stream_adopt(struct gyre_loop *l, int fd, struct gyre_stream **out)
{
    struct stat st;
    int err;

    if (fstat(fd, &st) < 0)
        return -errno;
    if (S_ISSOCK(st.st_mode))
        return adopt_socket(l, fd, out);
    err = gyre_fd_nonblocking(fd);
    return err ? err : gyre_pipe_new(l, fd, GYRE_PIPE_OWN, out);
}

int gyre_pipe_pair(struct gyre_loop *l, struct gyre_stream *out[2])
{
    int fds[2], err = gyre_sys_pipe(fds);

    if (err)
        return err;
    err = gyre_stream_adopt(l, fds[0], &out[0]);
    if (err)
        goto close_fds;
    err = gyre_stream_adopt(l, fds[1], &out[1]);
    if (err == 0)
        return 0;
    gyre_close(out[0]);
    fds[0] = -1;
close_fds:
    if (fds[0] >= 0)
        close(fds[0]);
    close(fds[1]);
    return err;
}
