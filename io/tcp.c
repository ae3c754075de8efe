/*
 * tcp.c - TCP connections: streams over a descriptor.
 */
#include "io/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "io/detach.h"
#include "io/internal.h"
#include "io/sys.h"

struct tcp {
    struct gyre_stream stream;
    struct gyre_fd fd;
};

static struct gyre_fd *fd_of(struct gyre_stream *s)
{
    return &GYRE_OWNER(s, struct tcp, stream)->fd;
}

static ssize_t tcp_read(struct gyre_stream *s, void *buf, size_t n,
                        gyre_time deadline)
{
    return gyre_fd_read(fd_of(s), buf, n, deadline);
}

static ssize_t tcp_write(struct gyre_stream *s, const struct iovec *iov, int n,
                         gyre_time deadline)
{
    return gyre_fd_writev(fd_of(s), iov, n, deadline);
}

static int tcp_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    (void)deadline;
    if (gyre_loop_inherited(s->loop))
        return -ECANCELED;
    return shutdown(fd_of(s)->fd, SHUT_WR) < 0 ? -errno : 0;
}

static void tcp_close(struct gyre_stream *s)
{
    struct tcp *t = GYRE_OWNER(s, struct tcp, stream);

    gyre_fd_close(&t->fd);
    gyre_resize(gyre_loop_allocator(s->loop), t, sizeof *t, 0);
}

static int tcp_when(struct gyre_stream *s, unsigned event, struct gyre_job *j)
{
    return gyre_fd_when(fd_of(s), event, j);
}

static void tcp_forget(struct gyre_stream *s, unsigned event)
{
    gyre_fd_forget(fd_of(s), event);
}

/* Part of a file, to be sent. */
struct part {
    int file;
    off_t offset;
    size_t n;
};

static intptr_t send_part(struct gyre_fd *f, void *arg)
{
    const struct part *p = arg;

    return gyre_sys_sendfile(f->fd, p->file, p->offset, p->n);
}

static ssize_t tcp_send_file(struct gyre_stream *s, int file, off_t offset,
                             size_t n, gyre_time deadline)
{
    struct part p = {file, offset, n};

    return gyre_fd_try(fd_of(s), GYRE_WRITE, send_part, &p, deadline);
}

static int attach(struct gyre_loop *l, struct gyre_detached *d,
                  struct gyre_stream **out)
{
    return gyre_tcp_new(l, d->fd, (enum gyre_fd_kind)d->kind, out);
}

static void tcp_detach(struct gyre_stream *s, struct gyre_detached *d)
{
    struct tcp *t = GYRE_OWNER(s, struct tcp, stream);

    d->attach = attach;
    d->kind = (int)t->fd.kind;
    d->fd = gyre_fd_release(&t->fd);
    gyre_resize(gyre_loop_allocator(s->loop), t, sizeof *t, 0);
}

static const struct gyre_stream_ops tcp_ops = {
    .name = "tcp",
    .read = tcp_read,
    .write = tcp_write,
    .shutdown = tcp_shutdown,
    .close = tcp_close,
    .when = tcp_when,
    .forget = tcp_forget,
    .send_file = tcp_send_file,
    .detach = tcp_detach,
};

int gyre_tcp_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                 struct gyre_stream **out)
{
    struct tcp *t = gyre_resize(gyre_loop_allocator(l), NULL, 0, sizeof *t);

    if (t == NULL)
        return -ENOMEM;

    /* It fails only for what is no TCP, and then there is no delay either. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    gyre_stream_init(&t->stream, &tcp_ops, l);
    gyre_fd_open(&t->fd, l, fd, kind);
    *out = &t->stream;
    return 0;
}

enum gyre_fd_kind gyre_socket_kind(const struct gyre_addr *a)
{
    int family = a->is.any.sa_family;

    return family == AF_INET || family == AF_INET6 ? GYRE_FD_TCP
                                                   : GYRE_FD_SOCKET;
}

int gyre_tcp_prepare(struct gyre_loop *l, const struct gyre_addr *a,
                     struct gyre_stream **out)
{
    int fd = gyre_sys_socket(a->is.any.sa_family, SOCK_STREAM, 0);
    int err;

    if (fd < 0)
        return fd;
    err = gyre_tcp_new(l, fd, gyre_socket_kind(a), out);
    if (err)
        close(fd);
    return err;
}

struct gyre_fd *gyre_tcp_fd(struct gyre_stream *s)
{
    return fd_of(s);
}

/* ---- what only TCP has ---- */

static int socket_of(struct gyre_stream *s)
{
    return s->ops == &tcp_ops ? fd_of(s)->fd : -ENOTSUP;
}

int gyre_tcp_local(struct gyre_stream *s, struct gyre_addr *out)
{
    int fd = socket_of(s);

    if (fd < 0)
        return fd;
    out->length = sizeof out->is;
    return getsockname(fd, &out->is.any, &out->length) < 0 ? -errno : 0;
}

int gyre_tcp_peer(struct gyre_stream *s, struct gyre_addr *out)
{
    int fd = socket_of(s);

    if (fd < 0)
        return fd;
    out->length = sizeof out->is;
    return getpeername(fd, &out->is.any, &out->length) < 0 ? -errno : 0;
}

int gyre_tcp_reset_on_close(struct gyre_stream *s)
{
    struct linger none = {.l_onoff = 1};
    int fd = socket_of(s);

    if (fd < 0)
        return fd;
    if (gyre_loop_inherited(s->loop))
        return -ECANCELED;
    return setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none) < 0
               ? -errno
               : 0;
}
