/*
 * tcp.c - TCP connections: streams over a descriptor.
 */
#include "io/tcp.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "io/internal.h"
#include "io/option.h"
#include "io/stream_fd.h"
#include "io/sys.h"
#include "io/tcp_options.h"

static int tcp_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    (void)deadline;
    if (gyre_loop_inherited(s->loop))
        return -ECANCELED;
    return shutdown(gyre_stream_fd_of(s)->fd, SHUT_WR) < 0 ? -errno : 0;
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

    return gyre_fd_try(gyre_stream_fd_of(s), GYRE_WRITE, send_part, &p,
                       deadline);
}

static void tcp_cut(struct gyre_stream *s)
{
    (void)gyre_tcp_reset_on_close(s);
    gyre_stream_fd_cut(s);
}

static const struct gyre_stream_ops tcp_ops = {
    .name = "tcp",
    .read = gyre_stream_fd_read,
    .write = gyre_stream_fd_write,
    .shutdown = tcp_shutdown,
    .close = gyre_stream_fd_close,
    .when = gyre_stream_fd_when,
    .follow = gyre_stream_fd_follow,
    .forget = gyre_stream_fd_forget,
    .send_file = tcp_send_file,
    .cut = tcp_cut,
    .detach = gyre_stream_fd_detach,
};

int gyre_tcp_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                 struct gyre_stream **out)
{
    int err = gyre_stream_fd_new(l, fd, kind, &tcp_ops,
                                 sizeof(struct gyre_stream_fd), out);

    if (err)
        return err;

    /* It fails only for what is no TCP, and then there is no delay either. */
    if (kind == GYRE_FD_TCP)
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return 0;
}

int gyre_socket_open(struct gyre_loop *l, int domain, int type)
{
    return gyre_loop_inherited(l) ? -ECANCELED
                                  : gyre_sys_socket(domain, type, 0);
}

enum gyre_fd_kind gyre_socket_kind(const struct gyre_addr *a)
{
    int family = a->is.any.sa_family;

    return family == AF_INET || family == AF_INET6 ? GYRE_FD_TCP
                                                   : GYRE_FD_SOCKET;
}

/* A port whose last connection lingers may be had for another. */
static int bind_to(int fd, const struct gyre_addr *from)
{
    int err = 0;

    if (from->is.any.sa_family != AF_UNIX)
        err = gyre_option_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (err == 0 && bind(fd, &from->is.any, from->length) < 0)
        err = -errno;
    return err;
}

int gyre_tcp_prepare(struct gyre_loop *l, const struct gyre_addr *from,
                     const struct gyre_addr *to, struct gyre_stream **out)
{
    int fd = gyre_socket_open(l, to->is.any.sa_family, SOCK_STREAM);
    int err = 0;

    if (fd < 0)
        return fd;
    if (from != NULL)
        err = bind_to(fd, from);
    if (err == 0)
        err = gyre_tcp_new(l, fd, gyre_socket_kind(to), out);
    if (err)
        close(fd);
    return err;
}

struct gyre_fd *gyre_tcp_fd(struct gyre_stream *s)
{
    return gyre_stream_fd_of(s);
}

/* ---- what streams over sockets have ---- */

int gyre_stream_descriptor(struct gyre_stream *s)
{
    if (s->ops != &tcp_ops)
        return -ENOTSUP;
    return gyre_stream_fd_of(s)->fd >= 0 ? gyre_stream_fd_of(s)->fd : -EBADF;
}

int gyre_stream_local(struct gyre_stream *s, struct gyre_addr *out)
{
    int fd = gyre_stream_descriptor(s);

    return fd < 0 ? fd : gyre_option_local(fd, out);
}

int gyre_stream_peer(struct gyre_stream *s, struct gyre_addr *out)
{
    int fd = gyre_stream_descriptor(s);

    return fd < 0 ? fd : gyre_option_peer(fd, out);
}
