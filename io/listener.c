/*
 * listener.c - listening, and accepting.
 *
 * Out of descriptors, accept fails and leaves the connection waiting, so that
 * the listener stays readable: a loop around it would spin.  So a listener
 * keeps a descriptor in reserve.  It gives that up, accepts with it, resets
 * that connection (the peer learns at once, and can try elsewhere), takes its
 * reserve back, and lets some time pass before it accepts again; more each
 * time, until accepting works.
 */
#include "io/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/task.h"
#include "io/sys.h"
#include "io/tcp.h"

#define BACKLOG        4096 /* the system cuts it to what it allows */
#define SHORTEST_PAUSE (10 * GYRE_MILLISECOND)
#define LONGEST_PAUSE  GYRE_SECOND

struct gyre_listener {
    struct gyre_fd fd;
    int reserve;     /* a descriptor to give up; or negative */
    gyre_time pause; /* before the next accept; 0 if all is well */
    unsigned users;  /* tasks inside gyre_accept */
    bool closed;     /* the last of them frees it */
};

/* ---- making and closing ---- */

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

int gyre_listener_adopt(struct gyre_loop *loop, int fd,
                        struct gyre_listener **out)
{
    struct gyre_allocator *a = gyre_loop_allocator(loop);
    struct gyre_listener *l = gyre_resize(a, NULL, 0, sizeof *l);
    int err;

    if (l == NULL)
        return -ENOMEM;
    err = gyre_fd_nonblocking(fd);
    if (err) {
        gyre_resize(a, l, sizeof *l, 0);
        return err;
    }
    *l = (struct gyre_listener){.reserve = open_reserve()};
    gyre_fd_open(&l->fd, loop, fd, GYRE_FD_SOCKET);
    *out = l;
    return 0;
}

static int listen_on(int fd, const struct gyre_addr *a)
{
    /* A server started anew must not wait for its predecessor's connections. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) < 0 ||
        bind(fd, &a->is.any, a->length) < 0 || listen(fd, BACKLOG) < 0)
        return -errno;
    return 0;
}

int gyre_tcp_listen(const char *host, int port, struct gyre_listener **out,
                    gyre_time deadline)
{
    struct gyre_addr a;
    int err = gyre_resolve(host, port, &a, 1, deadline);
    int fd;

    if (err < 0)
        return err;
    fd = gyre_sys_socket(a.is.any.sa_family, SOCK_STREAM, 0);
    if (fd < 0)
        return fd;
    err = listen_on(fd, &a);
    if (err == 0)
        err = gyre_listener_adopt(gyre_loop_current(), fd, out);
    if (err)
        close(fd);
    return err;
}

int gyre_listener_addr(const struct gyre_listener *l, struct gyre_addr *out)
{
    out->length = sizeof out->is;
    if (getsockname(l->fd.fd, &out->is.any, &out->length) < 0)
        return -errno;
    return 0;
}

static void release(struct gyre_listener *l)
{
    if (l->closed && l->users == 0)
        gyre_resize(gyre_loop_allocator(l->fd.loop), l, sizeof *l, 0);
}

void gyre_listener_close(struct gyre_listener *l)
{
    if (l == NULL)
        return;
    gyre_fd_close(&l->fd);
    if (l->reserve >= 0)
        close(l->reserve);
    l->reserve = -1;
    l->closed = true;
    release(l);
}

/* ---- accepting ---- */

/* Reset the oldest connection that waits, by means of the reserve. */
static void turn_away(struct gyre_listener *l)
{
    struct linger none = {.l_onoff = 1};
    int fd;

    if (l->reserve < 0)
        return;
    close(l->reserve);
    fd = gyre_sys_accept(l->fd.fd, NULL, NULL);
    if (fd >= 0) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
        close(fd);
    }
    l->reserve = open_reserve();
}

static bool out_of_descriptors(int err)
{
    return err == -EMFILE || err == -ENFILE || err == -ENOBUFS ||
           err == -ENOMEM;
}

/* The connection that failed, not the listener: there may be others.  Linux
   reports on accept what has befallen the connection already. */
static bool of_the_peer(int err)
{
    return err == -ECONNABORTED || err == -EPROTO || err == -ENETDOWN ||
           err == -ENOPROTOOPT || err == -EHOSTDOWN || err == -EHOSTUNREACH ||
           err == -ENETUNREACH || err == -EPERM;
}

static void slow_down(struct gyre_listener *l)
{
    l->pause = l->pause == 0 ? SHORTEST_PAUSE : 2 * l->pause;
    if (l->pause > LONGEST_PAUSE)
        l->pause = LONGEST_PAUSE;
}

static intptr_t attempt(struct gyre_fd *f, void *arg)
{
    int fd;

    (void)arg;
    do
        fd = gyre_sys_accept(f->fd, NULL, NULL);
    while (of_the_peer(fd));
    return fd;
}

/* Let the pause pass, or as much of it as the deadline allows. */
static int rest(struct gyre_listener *l, gyre_time deadline)
{
    gyre_time until = gyre_in(l->pause);
    int err = gyre_sleep(until < deadline ? until : deadline);

    return err == 0 && until > deadline ? -ETIMEDOUT : err;
}

/* A descriptor, or why there is none; without descriptors to be had, one
   connection is turned away instead. */
static int next_connection(struct gyre_listener *l, gyre_time deadline)
{
    int fd = l->pause > 0 ? rest(l, deadline) : 0;

    if (fd == 0)
        fd = (int)gyre_fd_try(&l->fd, GYRE_READ, attempt, NULL, deadline);
    if (fd >= 0) {
        l->pause = 0;
    } else if (out_of_descriptors(fd)) {
        turn_away(l);
        slow_down(l);
    }
    return fd;
}

int gyre_accept(struct gyre_listener *l, struct gyre_stream **out,
                gyre_time deadline)
{
    struct gyre_loop *loop = gyre_loop_current();
    int fd, err;

    l->users++;
    do
        fd = next_connection(l, deadline);
    while (out_of_descriptors(fd));
    l->users--;
    release(l);
    if (fd < 0)
        return fd;
    err = gyre_tcp_new(loop, fd, out);
    if (err)
        close(fd);
    return err;
}
