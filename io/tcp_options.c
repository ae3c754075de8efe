/*
 * tcp_options.c - options of connections.
 */
#include "io/tcp_options.h"

#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "loop/poller.h"
#include "loop/loop.h"
#include "io/internal.h"
#include "io/option.h"
#include "io/patience.h"
#include "io/sys.h"
#include "io/turn.h"

#ifndef TCP_KEEPIDLE
#define TCP_KEEPIDLE TCP_KEEPALIVE /* macOS calls it so */
#endif

/* A span in whole units, rounded up. */
static int in_units(gyre_time span, gyre_time unit)
{
    gyre_time n = span / unit + (span % unit > 0);

    return n < INT_MAX ? (int)n : INT_MAX;
}

/* The descriptor of a stream, to be changed, or -ENOTSUP; -ECANCELED in the
   child of a fork, where it is the parent's. */
static int socket_of(struct gyre_stream *s)
{
    int fd = gyre_stream_descriptor(s);

    return fd >= 0 && gyre_loop_inherited(s->loop) ? -ECANCELED : fd;
}

/* The same of a TCP connection. */
static int tcp_of(struct gyre_stream *s)
{
    int fd = socket_of(s);
    struct gyre_addr a;

    if (fd < 0)
        return fd;
    return gyre_option_local(fd, &a) == 0 && gyre_socket_kind(&a) == GYRE_FD_TCP
               ? fd
               : -ENOTSUP;
}

static int set(struct gyre_stream *s, int level, int name, int value)
{
    int fd = tcp_of(s);

    return fd < 0 ? fd : gyre_option_set(fd, level, name, value);
}

int gyre_tcp_set_nodelay(struct gyre_stream *s, bool on)
{
    return set(s, IPPROTO_TCP, TCP_NODELAY, on);
}

int gyre_tcp_set_keepalive(struct gyre_stream *s, gyre_time idle,
                           gyre_time interval, int count)
{
    int err = 0;

    if (idle > 0)
        err = set(s, IPPROTO_TCP, TCP_KEEPIDLE, in_units(idle, GYRE_SECOND));
    if (err == 0 && interval > 0)
        err =
            set(s, IPPROTO_TCP, TCP_KEEPINTVL, in_units(interval, GYRE_SECOND));
    if (err == 0 && count > 0)
        err = set(s, IPPROTO_TCP, TCP_KEEPCNT, count);
    return err ? err : set(s, SOL_SOCKET, SO_KEEPALIVE, idle > 0);
}

int gyre_tcp_set_user_timeout(struct gyre_stream *s, gyre_time after)
{
#ifdef TCP_USER_TIMEOUT
    return set(s, IPPROTO_TCP, TCP_USER_TIMEOUT,
               in_units(after, GYRE_MILLISECOND));
#else
    (void)s;
    (void)after;
    return -ENOTSUP;
#endif
}

int gyre_stream_set_buffers(struct gyre_stream *s, int send, int receive)
{
    int fd = socket_of(s);

    return fd < 0 ? fd : gyre_option_buffers(fd, send, receive);
}

int gyre_tcp_reset_on_close(struct gyre_stream *s)
{
    struct linger none = {.l_onoff = 1};
    int fd = socket_of(s);

    return fd < 0
               ? fd
               : gyre_option_put(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

/* ---- out of band ---- */

static intptr_t send_urgent(struct gyre_fd *f, void *byte)
{
    ssize_t sent;

    do
        sent = send(f->fd, byte, 1, MSG_OOB | MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

int gyre_tcp_send_urgent(struct gyre_stream *s, char byte, gyre_time deadline)
{
    struct gyre_caller c;
    int err = gyre_turn_take(s, &c, deadline);

    if (err)
        return err;
    err = tcp_of(s);
    if (err < 0)
        err = gyre_refuse(err, deadline);
    else
        err = (int)gyre_fd_try(gyre_tcp_fd(s), GYRE_WRITE, send_urgent, &byte,
                               gyre_stream_until(s, deadline));
    return gyre_turn_end(s, &c, err, false);
}
