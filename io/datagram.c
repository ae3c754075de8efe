/*
 * datagram.c - datagrams.
 *
 * The system tells what befell a datagram to whoever makes the next call, be it
 * of another.  A sender who is told has sent nothing: he tries again, and it is
 * kept for who receives, since it is he who waits in vain for an answer.  What
 * a second attempt fails with, too, is the sender's own.
 */
#include "io/datagram.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop/loop.h"
#include "io/batch.h"
#include "io/internal.h"
#include "io/option.h"
#include "io/receiving.h"
#include "io/sys.h"

static struct gyre_datagrams *owner(struct gyre_fd *f)
{
    return GYRE_OWNER(f, struct gyre_datagrams, fd);
}

/* ---- opening and closing ---- */

static void begin(struct gyre_datagrams *d, struct gyre_loop *l, int fd,
                  int family)
{
    *d = (struct gyre_datagrams){.family = family};
    gyre_fd_open(&d->fd, l, fd, GYRE_FD_SOCKET);
}

static int prepare(int fd, int family, const struct gyre_datagram_options *o)
{
    int err = 0;

    if (family == AF_INET6)
        err = gyre_option_set(fd, IPPROTO_IPV6, IPV6_V6ONLY, !o->dual);
    if (err == 0 && o->share)
        err = gyre_sys_share(fd);
    if (err == 0 && o->balance)
        err = gyre_sys_balance(fd);
    if (err == 0 && o->broadcast)
        err = gyre_option_set(fd, SOL_SOCKET, SO_BROADCAST, 1);
    return err;
}

int gyre_datagrams_open(struct gyre_datagrams *d, struct gyre_loop *l,
                        const struct gyre_addr *at,
                        const struct gyre_datagram_options *options)
{
    static const struct gyre_datagram_options defaults;
    int family = at->is.any.sa_family;
    int fd = gyre_socket_open(l, family, SOCK_DGRAM), err;

    if (fd < 0)
        return fd;
    err = prepare(fd, family, options != NULL ? options : &defaults);
    if (err == 0 && bind(fd, &at->is.any, at->length) < 0)
        err = -errno;
    if (err == 0)
        begin(d, l, fd, family);
    else
        close(fd);
    return err;
}

int gyre_datagrams_adopt(struct gyre_datagrams *d, struct gyre_loop *l, int fd)
{
    struct gyre_addr a;
    int type, err;

    if (gyre_loop_inherited(l))
        return -ECANCELED;
    err = gyre_option_get(fd, SOL_SOCKET, SO_TYPE, &type);
    if (err == 0 && type != SOCK_DGRAM)
        err = -EINVAL;
    if (err == 0)
        err = gyre_option_local(fd, &a);
    if (err == 0)
        err = gyre_sys_adopt(fd);
    if (err)
        return err;
    begin(d, l, fd, a.is.any.sa_family);
    d->connected = gyre_option_peer(fd, &a) == 0;
    return 0;
}

void gyre_datagrams_close(struct gyre_datagrams *d)
{
    if (d->receiving != NULL)
        gyre_receiving_stop(d->receiving);
    gyre_unix_unbind(d->fd.loop, d->bound);
    d->bound = NULL;
    gyre_fd_close(&d->fd);
}

int gyre_datagrams_socket(const struct gyre_datagrams *d)
{
    if (d->fd.fd >= 0 && gyre_loop_inherited(d->fd.loop))
        return -ECANCELED;
    return d->fd.fd >= 0 ? d->fd.fd : -EBADF;
}

/* Linux takes a port that was the system's choice away with the peer: have it
   again. */
static int stay_at(int fd, int port)
{
    struct gyre_addr a;
    int err = gyre_option_local(fd, &a);

    if (err || gyre_addr_port(&a) == port)
        return err;
    gyre_addr_set_port(&a, port);
    return bind(fd, &a.is.any, a.length) < 0 ? -errno : 0;
}

/* Nothing is sent, so there is nothing that could go on when it is interrupted,
   nor to wait for. */
static int connect_to(int fd, const struct sockaddr *a, socklen_t length)
{
    int result;

    do
        result = connect(fd, a, length);
    while (result < 0 && errno == EINTR);
    if (result == 0)
        return 0;
    return errno == EAGAIN ? -ENOBUFS : -errno;
}

/* BSDs say that there is no such family, or address, and do it. */
static int disconnect(int fd)
{
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    struct gyre_addr a;
    int err = gyre_option_local(fd, &a);

    if (err)
        return err;
    err = connect_to(fd, &none, sizeof none);
    if (err && err != -EAFNOSUPPORT && err != -EINVAL)
        return err;
    return stay_at(fd, gyre_addr_port(&a));
}

int gyre_datagrams_connect(struct gyre_datagrams *d,
                           const struct gyre_addr *peer)
{
    int fd = gyre_datagrams_socket(d), err;

    if (fd < 0)
        return fd;
    err = peer == NULL ? disconnect(fd)
                       : connect_to(fd, &peer->is.any, peer->length);
    if (err == 0)
        d->connected = peer != NULL;
    return err;
}

int gyre_datagrams_local(const struct gyre_datagrams *d, struct gyre_addr *out)
{
    return gyre_option_local(d->fd.fd, out);
}

int gyre_datagrams_peer(const struct gyre_datagrams *d, struct gyre_addr *out)
{
    return gyre_option_peer(d->fd.fd, out);
}

/* ---- receiving ---- */

/* What befell an earlier datagram, as a sender was told; that is told once. */
static int take_befallen(struct gyre_datagrams *d)
{
    int err = d->befallen;

    d->befallen = 0;
    return err;
}

/* Where to, and how much room there is. */
struct receipt {
    void *buf;
    size_t n;
    struct gyre_addr *from;
};

static intptr_t receive_one(struct gyre_fd *f, void *arg)
{
    const struct receipt *r = arg;
    int err = take_befallen(owner(f));

    return err ? err : gyre_sys_receive_from(f->fd, r->buf, r->n, r->from);
}

/* Many, and how many. */
struct batch {
    struct gyre_datagram *m;
    int n;
    uint16_t *bound; /* of runs, the socket's, to send */
};

static intptr_t receive_several(struct gyre_fd *f, void *arg)
{
    const struct batch *b = arg;
    struct gyre_datagrams *d = owner(f);
    int err = take_befallen(d);

    return err ? err : gyre_batch_receive(f->fd, b->m, b->n, &d->befallen);
}

ssize_t gyre_receive(struct gyre_datagrams *d, void *buf, size_t n,
                     struct gyre_addr *from, gyre_time deadline)
{
    struct receipt r = {buf, n, from};

    if (d->receiving != NULL)
        return gyre_refuse(-EBUSY, deadline);
    return gyre_fd_try(&d->fd, GYRE_READ, receive_one, &r, deadline);
}

ssize_t gyre_receive_now(struct gyre_datagrams *d, void *buf, size_t n,
                         struct gyre_addr *from)
{
    struct receipt r = {buf, n, from};

    return gyre_fd_try(&d->fd, GYRE_READ, receive_one, &r, GYRE_NOW);
}

int gyre_receive_many(struct gyre_datagrams *d, struct gyre_datagram *m, int n,
                      gyre_time deadline)
{
    struct batch b = {m, n, NULL};

    if (d->receiving != NULL)
        return gyre_refuse(-EBUSY, deadline);
    if (n == 0)
        return gyre_refuse(0, deadline);
    return (int)gyre_fd_try(&d->fd, GYRE_READ, receive_several, &b, deadline);
}

/* ---- sending ---- */

bool gyre_is_of_the_path(int err)
{
    return err == -ECONNREFUSED || err == -EHOSTUNREACH ||
           err == -ENETUNREACH || err == -EHOSTDOWN || err == -ENOPROTOOPT ||
           err == -EPROTO || err == -EMSGSIZE;
}

/* May `err` be about a datagram that was sent before? */
static bool of_an_earlier(const struct gyre_datagrams *d, int err)
{
    return (d->connected || d->hears) && d->family != AF_UNIX &&
           gyre_is_of_the_path(err);
}

/* Tell who receives.  The system has told of it, and does so once; so if he
   waits he would not be called. */
static void keep_for_receiver(struct gyre_datagrams *d, int err)
{
    d->befallen = err;
    gyre_fd_nudge(&d->fd, GYRE_READ);
}

/* There is no room: does nothing tell when there will be? */
static bool is_in_vain(const struct gyre_datagrams *d, bool to_peer)
{
    return d->family == AF_UNIX && !(d->connected && to_peer);
}

/* Call `attempt`, and once more if it was told of something else. */
static intptr_t send_past(struct gyre_fd *f,
                          int (*attempt)(int fd, const void *what),
                          const void *what, bool to_peer)
{
    struct gyre_datagrams *d = owner(f);
    int result = attempt(f->fd, what), earlier = result;

    if (of_an_earlier(d, earlier)) {
        result = attempt(f->fd, what);
        if (result != earlier)
            keep_for_receiver(d, earlier);
    }
    return result == -EAGAIN && is_in_vain(d, to_peer) ? -ENOBUFS : result;
}

/* One to be sent. */
struct parcel {
    const void *buf;
    size_t n;
    const struct gyre_addr *to;
};

static int attempt_one(int fd, const void *what)
{
    const struct parcel *p = what;

    return gyre_sys_send_to(fd, p->buf, p->n, p->to);
}

static intptr_t send_one(struct gyre_fd *f, void *arg)
{
    const struct parcel *p = arg;

    return send_past(f, attempt_one, p, p->to == NULL);
}

static int attempt_several(int fd, const void *what)
{
    const struct batch *b = what;

    return gyre_batch_send(fd, b->m, b->n, b->bound);
}

/* Of many that go by one call the system forgets what befell one when the next
   was sent. */
static intptr_t send_several(struct gyre_fd *f, void *arg)
{
    const struct batch *b = arg;
    struct gyre_datagrams *d = owner(f);
    int sent = 0;

    while (sent < b->n) {
        struct batch rest = {b->m + sent, d->hears ? 1 : b->n - sent,
                             &d->bound_of_runs};
        intptr_t more =
            send_past(f, attempt_several, &rest, rest.m->addr.length == 0);

        if (more < 0)
            return sent > 0 ? sent : more;
        sent += (int)more;
    }
    return sent;
}

int gyre_send(struct gyre_datagrams *d, const void *buf, size_t n,
              const struct gyre_addr *to, gyre_time deadline)
{
    struct parcel p = {buf, n, to};

    return (int)gyre_fd_try(&d->fd, GYRE_WRITE, send_one, &p, deadline);
}

int gyre_send_many(struct gyre_datagrams *d, const struct gyre_datagram *m,
                   int n, gyre_time deadline)
{
    struct batch b = {(struct gyre_datagram *)m, n, NULL};

    if (n == 0)
        return gyre_refuse(0, deadline);
    return (int)gyre_fd_try(&d->fd, GYRE_WRITE, send_several, &b, deadline);
}

int gyre_datagrams_when_sendable(struct gyre_datagrams *d, struct gyre_job *j)
{
    return gyre_fd_when(&d->fd, GYRE_WRITE, j);
}

void gyre_datagrams_forget(struct gyre_datagrams *d)
{
    gyre_fd_forget(&d->fd, GYRE_WRITE);
}
