/*
 * connect.c - connecting, by tasks.
 */
#include "io/tcp.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "loop/poller.h"
#include "task/task.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/option.h"

/* If the system's patience is over, that is not the caller's, whose code that
   is. */
static int outcome(int err)
{
    return err == ETIMEDOUT ? -EHOSTUNREACH : -err;
}

int gyre_connect_begin(int fd, const struct gyre_addr *to)
{
    if (connect(fd, &to->is.any, to->length) == 0)
        return 0;

    /* Interrupted, it goes on all the same. */
    if (errno == EINPROGRESS || errno == EINTR)
        return -EAGAIN;

    /* A local socket with more waiting than it allows, which nothing tells
       of. */
    return errno == EAGAIN ? -ECONNREFUSED : outcome(errno);
}

int gyre_connect_outcome(int fd)
{
    socklen_t length = sizeof(int);
    int result = 0;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &length) < 0)
        return -errno;
    return outcome(result);
}

uint16_t gyre_connect_risk(const struct gyre_addr *from,
                           const struct gyre_addr *to)
{
    bool chosen = from == NULL || gyre_addr_port(from) == 0;

    return (uint16_t)(chosen ? gyre_addr_port(to) : 0);
}

int gyre_connect_check(int fd, int port)
{
    struct gyre_addr ours, theirs;

    if (port == 0 || gyre_option_local(fd, &ours) != 0 ||
        gyre_addr_port(&ours) != port || gyre_option_peer(fd, &theirs) != 0)
        return 0;
    return ours.length == theirs.length &&
                   memcmp(&ours.is, &theirs.is, ours.length) == 0
               ? -ECONNREFUSED
               : 0;
}

/* A connection to be made: begun at the first attempt, and done or failed by
   the time the socket can be written. */
struct connecting {
    const struct gyre_addr *to;
    bool begun;
};

static intptr_t attempt(struct gyre_fd *f, void *arg)
{
    struct connecting *c = arg;

    /* Not watched, it was not waited for, and there is no outcome yet. */
    if (c->begun)
        return gyre_watch_started(&f->watch) ? gyre_connect_outcome(f->fd)
                                             : -EAGAIN;
    c->begun = true;
    return gyre_connect_begin(f->fd, c->to);
}

int gyre_connect_from(const struct gyre_addr *from, const struct gyre_addr *to,
                      struct gyre_stream **out, gyre_time deadline)
{
    struct connecting c = {.to = to};
    uint16_t risk = gyre_connect_risk(from, to);
    struct gyre_stream *s;
    int err = gyre_checkpoint(deadline);

    if (err == 0)
        err = gyre_tcp_prepare(gyre_loop_current(), from, to, &s);
    if (err)
        return err;
    err = (int)gyre_fd_try(gyre_tcp_fd(s), GYRE_WRITE, attempt, &c, deadline);
    if (err == 0)
        err = gyre_connect_check(gyre_tcp_fd(s)->fd, risk);
    if (err)
        gyre_close(s);
    else
        *out = s;
    return err;
}

int gyre_tcp_connect_to(const struct gyre_addr *a, struct gyre_stream **out,
                        gyre_time deadline)
{
    return gyre_connect_from(NULL, a, out, deadline);
}

#define ADDRESSES 16 /* of one name, at most */

/* Apart from what checks that no scope was left: there is much on its frame. */
static __attribute__((noinline)) int connect_to_any(const char *host, int port,
                                                    struct gyre_stream **out,
                                                    gyre_time deadline)
{
    struct gyre_addr addrs[ADDRESSES];
    int n = gyre_resolve(host, port, addrs, ADDRESSES, deadline);

    return n < 0 ? n : gyre_tcp_connect_any(addrs, n, NULL, out, deadline);
}

int gyre_tcp_connect(const char *host, int port, struct gyre_stream **out,
                     gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : connect_to_any(host, port, out, deadline);
}
