/*
 * listener.c - accepting.
 *
 * Out of descriptors, accept fails and leaves the connection waiting, so that
 * the listener stays readable: a loop around it would spin.  So a listener
 * keeps a descriptor in reserve.  It gives that up, accepts with it, resets
 * that connection (the peer learns at once, and can try elsewhere), takes its
 * reserve back, and lets some time pass before it accepts again; more each
 * time, until accepting works.  The failure hook is told when that begins.
 */
#include "io/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/look.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/listener.h"
#include "io/option.h"
#include "io/sys.h"

#define SHORTEST_PAUSE (10 * GYRE_MILLISECOND)
#define LONGEST_PAUSE  GYRE_SECOND
#define HAPLESS        16 /* connections that may fail before a pause */

/* ---- making and closing ---- */

static int open_reserve(void)
{
    return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

/* Does `fd` listen, for streams?  0, or why not. */
static int examine(int fd)
{
    int type, listens = 0;
    int err = gyre_option_get(fd, SOL_SOCKET, SO_TYPE, &type);

    if (err == 0)
        err = gyre_option_get(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens);
    if (err)
        return err;
    return type == SOCK_STREAM && listens ? 0 : -EINVAL;
}

static int kind_of(int fd, enum gyre_fd_kind *kind)
{
    struct gyre_addr a;
    int err = examine(fd);

    if (err == 0)
        err = gyre_option_local(fd, &a);
    if (err)
        return err;
    *kind = gyre_socket_kind(&a);
    return gyre_fd_nonblocking(fd);
}

int gyre_listener_adopt(struct gyre_loop *loop, int fd,
                        struct gyre_listener **out)
{
    struct gyre_allocator *a = gyre_loop_allocator(loop);
    struct gyre_listener *l;
    int err;

    if (gyre_loop_inherited(loop))
        return -ECANCELED;
    l = gyre_resize(a, NULL, 0, sizeof *l);
    if (l == NULL)
        return -ENOMEM;
    *l = (struct gyre_listener){.reserve = -1};
    err = kind_of(fd, &l->kind);
    if (err) {
        gyre_resize(a, l, sizeof *l, 0);
        return err;
    }
    l->reserve = open_reserve();
    gyre_fd_open(&l->fd, loop, fd, GYRE_FD_SOCKET);
    *out = l;
    return 0;
}

int gyre_listener_addr(const struct gyre_listener *l, struct gyre_addr *out)
{
    return gyre_option_local(l->fd.fd, out);
}

void gyre_listener_close(struct gyre_listener *l)
{
    if (l == NULL)
        return;
    gyre_line_send_home(&l->inside, -EBADF);
    gyre_unix_unbind(l->fd.loop, l->bound);
    gyre_fd_close(&l->fd);
    if (l->reserve >= 0)
        close(l->reserve);
    gyre_resize(gyre_loop_allocator(l->fd.loop), l, sizeof *l, 0);
}

/* ---- running short ---- */

/* Have a connection reset when it is closed, and close it. */
static void reset(int fd)
{
    struct linger none = {.l_onoff = 1};

    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close(fd);
}

/* Reset the oldest connection that waits, by means of the reserve. */
static void turn_away(struct gyre_listener *l)
{
    int fd;

    if (l->reserve < 0)
        return;
    close(l->reserve);
    fd = gyre_sys_accept(l->fd.fd, NULL, NULL);
    if (fd >= 0)
        reset(fd);
    l->reserve = open_reserve();
}

static void slow_down(struct gyre_listener *l)
{
    l->pause = l->pause == 0 ? SHORTEST_PAUSE : 2 * l->pause;
    if (l->pause > LONGEST_PAUSE)
        l->pause = LONGEST_PAUSE;
    l->until = gyre_loop_in(l->fd.loop, l->pause);
}

/* A connection was lost for want of something; which is told when it begins,
   and last, for who is told may close the listener. */
static void run_short(struct gyre_listener *l, int err)
{
    bool begins = !l->told;

    l->told = true;
    slow_down(l);
    if (begins)
        gyre_loop_fail(l->fd.loop, "a connection was turned away", err);
}

static bool short_of(int err)
{
    switch (err) {
    case -EMFILE:
    case -ENFILE:
    case -ENOBUFS:
#ifdef ENOSR
    case -ENOSR:
#endif
    case -ENOMEM: return true;
    default: return false;
    }
}

/* ---- accepting ---- */

/* What an attempt comes to when the last of several connections has failed. */
#define OF_THE_PEER (-ECONNABORTED)

/* The connection that failed, not the listener: there may be others.  Linux
   reports on accept what has befallen the connection already, or that a filter
   forbids it. */
static bool of_the_peer(int err)
{
    switch (err) {
    case -ECONNABORTED:
    case -ECONNRESET:
    case -ETIMEDOUT:
    case -EPERM:
    case -EPROTO:
    case -ENOPROTOOPT:
    case -EOPNOTSUPP:
    case -EPROTONOSUPPORT:
    case -ESOCKTNOSUPPORT:
    case -ENETDOWN:
    case -ENETUNREACH:
    case -EHOSTDOWN:
#ifdef ENONET
    case -ENONET:
#endif
    case -EHOSTUNREACH: return true;
    default: return false;
    }
}

static intptr_t attempt(struct gyre_fd *f, void *arg)
{
    (void)arg;
    for (int i = 0; i < HAPLESS; i++) {
        int fd = gyre_sys_accept(f->fd, NULL, NULL);

        if (!of_the_peer(fd))
            return fd;
    }
    return OF_THE_PEER;
}

static const struct gyre_wait_kind rests = {
    .name = "until descriptors may be had again",
    .abandon = gyre_line_give_up,
};

/* Let the pause pass, or what is left of it, or as much as the deadline
   allows. */
static int rest(struct gyre_listener *l, struct gyre_caller *c,
                gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);
    gyre_time until;

    if (err || c->sent_home || l->until <= gyre_loop_in(l->fd.loop, 0))
        return err;
    until = l->until;
    err = gyre_line_park(c, &rests, l, until < deadline ? until : deadline);
    return err == -ETIMEDOUT && until <= deadline ? 0 : err;
}

/* A stream over the connection `fd`; or reset it, for there is no memory. */
static int take_over(struct gyre_listener *l, int fd, struct gyre_stream **out)
{
    int err = gyre_tcp_new(l->fd.loop, fd, l->kind, out);

    if (err) {
        reset(fd);
        run_short(l, err);
        return err;
    }
    l->pause = 0;
    l->told = false;
    if (l->reserve < 0)
        l->reserve = open_reserve();
    return 0;
}

/* One attempt; after a shortage, which is seen to, another may do better. */
static int accept_once(struct gyre_listener *l, struct gyre_caller *c,
                       struct gyre_stream **out, gyre_time deadline)
{
    int fd = l->pause > 0 ? rest(l, c, deadline) : 0;

    if (fd == 0 && !c->sent_home)
        fd = (int)gyre_fd_try(&l->fd, GYRE_READ, attempt, NULL, deadline);
    if (c->sent_home)
        return c->sent_home;
    if (fd >= 0)
        return take_over(l, fd, out);
    if (short_of(fd)) {
        turn_away(l);
        run_short(l, fd);
    } else if (fd == OF_THE_PEER) {
        slow_down(l);
    }
    return fd;
}

/* Apart, or gcc takes the record for one that stays in line when it is gone. */
static __attribute__((noinline)) int accept_in_line(struct gyre_listener *l,
                                                    struct gyre_caller *c,
                                                    struct gyre_stream **out,
                                                    gyre_time deadline)
{
    int err;

    gyre_line_join(&l->inside, c);
    do
        err = accept_once(l, c, out, deadline);
    while (!c->sent_home && (short_of(err) || err == OF_THE_PEER));
    gyre_line_leave(&l->inside, c);
    return c->sent_home ? c->sent_home : err;
}

int gyre_listener_accept(struct gyre_listener *l, struct gyre_stream **out,
                         gyre_time deadline)
{
    struct gyre_caller c;

    return accept_in_line(l, &c, out, deadline);
}

int gyre_accept(struct gyre_listener *l, struct gyre_stream **out,
                gyre_time deadline)
{
    return l->accepting == NULL ? gyre_listener_accept(l, out, deadline)
                                : gyre_refuse(-EBUSY, deadline);
}

/* ---- one after the other ---- */

/* What hands connections over, and where it stands in line: whoever takes them
   may close the listener. */
struct acceptor {
    struct gyre_caller inside;
    struct gyre_listener *listener;
    int (*take)(struct gyre_stream *s, void *arg);
    void *arg;
};

static int hand_over(struct acceptor *a, gyre_time deadline)
{
    struct gyre_stream *s;
    int err = gyre_accept(a->listener, &s, deadline);

    if (err == 0)
        err = a->take(s, a->arg);
    if (a->inside.sent_home)
        return a->inside.sent_home;
    if (err != -ENOMEM)
        return err;
    slow_down(a->listener);
    return 0;
}

/* Apart, as above. */
static __attribute__((noinline)) int accept_each(struct acceptor *a,
                                                 gyre_time deadline)
{
    int err;

    gyre_line_join(&a->listener->inside, &a->inside);
    do
        err = hand_over(a, deadline);
    while (err == 0);
    gyre_line_leave(&a->listener->inside, &a->inside);
    return err;
}

int gyre_accept_each(struct gyre_listener *l,
                     int (*take)(struct gyre_stream *s, void *arg), void *arg,
                     gyre_time deadline)
{
    struct acceptor a = {.listener = l, .take = take, .arg = arg};

    return accept_each(&a, deadline);
}
