/*
 * unix.c - local sockets.
 */
#include "io/unix.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/bound.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/datagram.h"
#include "io/internal.h"
#include "io/listener.h"
#include "io/sys.h"
#include "io/tcp.h"

#define BACKLOG 4096 /* the system cuts it to what it allows */
#define HEAD    offsetof(struct sockaddr_un, sun_path)

static bool is_abstract(const char *path)
{
    return path[0] == '@';
}

int gyre_addr_unix(struct gyre_addr *a, const char *path)
{
    size_t n = strlen(path);

    memset(a, 0, sizeof *a);
    a->is.local.sun_family = AF_UNIX;
    a->length = HEAD;
    if (n == 0)
        return 0;
    if (n >= sizeof a->is.local.sun_path)
        return -ENAMETOOLONG;
    memcpy(a->is.local.sun_path, path, n);
    a->length = (socklen_t)(HEAD + n + 1);
    if (!is_abstract(path))
        return 0;
    a->is.local.sun_path[0] = '\0';
    a->length--;
    return gyre_sys_abstract();
}

/* ---- at a path ---- */

/* Bind `fd`; *out is what is to be taken away, or NULL. */
static int bind_at(struct gyre_loop *l, int fd, const struct gyre_addr *a,
                   mode_t mode, struct gyre_bound **out)
{
    struct gyre_bound *b;
    int err;

    *out = NULL;
    if (a->length == HEAD)
        return 0;
    if (a->is.local.sun_path[0] == '\0')
        return bind(fd, &a->is.any, a->length) < 0 ? -errno : 0;
    b = gyre_resize(gyre_loop_allocator(l), NULL, 0, sizeof *b);
    if (b == NULL)
        return -ENOMEM;
    err = gyre_bound_make(b, fd, &a->is.local, mode);
    if (err)
        gyre_resize(gyre_loop_allocator(l), b, sizeof *b, 0);
    else
        *out = b;
    return err;
}

void gyre_unix_unbind(struct gyre_loop *l, struct gyre_bound *b)
{
    if (b == NULL)
        return;
    if (!gyre_loop_inherited(l))
        gyre_bound_remove(b);
    gyre_resize(gyre_loop_allocator(l), b, sizeof *b, 0);
}

/* A socket of this type at `path`. */
static int open_at(struct gyre_loop *l, int type, const char *path, mode_t mode,
                   struct gyre_bound **bound)
{
    struct gyre_addr a;
    int err = gyre_addr_unix(&a, path);
    int fd = err ? err : gyre_socket_open(l, AF_UNIX, type);

    if (fd < 0)
        return fd;
    err = bind_at(l, fd, &a, mode, bound);
    if (err == 0)
        return fd;
    close(fd);
    return err;
}

int gyre_unix_listen(struct gyre_loop *l, const char *path, mode_t mode,
                     struct gyre_listener **out)
{
    struct gyre_bound *bound;
    int fd = open_at(l, SOCK_STREAM, path, mode, &bound), err;

    if (fd < 0)
        return fd;
    err = listen(fd, BACKLOG) < 0 ? -errno : 0;
    if (err == 0)
        err = gyre_listener_adopt(l, fd, out);
    if (err == 0) {
        (*out)->bound = bound;
        return 0;
    }
    gyre_unix_unbind(l, bound);
    close(fd);
    return err;
}

int gyre_unix_datagrams(struct gyre_datagrams *d, struct gyre_loop *l,
                        const char *path, mode_t mode)
{
    struct gyre_bound *bound;
    int fd = open_at(l, SOCK_DGRAM, path, mode, &bound), err;

    if (fd < 0)
        return fd;
    err = gyre_datagrams_adopt(d, l, fd);
    if (err == 0) {
        d->bound = bound;
        return 0;
    }
    gyre_unix_unbind(l, bound);
    close(fd);
    return err;
}

/* ---- streams ---- */

/* Apart from what checks that no scope was left: an address is large. */
static __attribute__((noinline)) int
connect_at(const char *path, struct gyre_stream **out, gyre_time deadline)
{
    struct gyre_addr a;
    int err = gyre_addr_unix(&a, path);

    return err ? err : gyre_tcp_connect_to(&a, out, deadline);
}

int gyre_unix_connect(const char *path, struct gyre_stream **out,
                      gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : connect_at(path, out, deadline);
}

int gyre_unix_pair(struct gyre_loop *l, struct gyre_stream *out[2])
{
    int fds[2], err;

    if (gyre_loop_inherited(l))
        return -ECANCELED;
    err = gyre_sys_pair(SOCK_STREAM, fds);
    if (err)
        return err;
    err = gyre_tcp_new(l, fds[0], GYRE_FD_SOCKET, &out[0]);
    if (err) {
        close(fds[0]);
        close(fds[1]);
        return err;
    }
    err = gyre_tcp_new(l, fds[1], GYRE_FD_SOCKET, &out[1]);
    if (err) {
        gyre_close(out[0]);
        close(fds[1]);
    }
    return err;
}
