/*
 * pass.c - descriptors that go with bytes, and who sent them.
 *
 * Descriptors travel with the first byte of one call, and arrive with it.  Of
 * those for which there is no room the system hands out none, and says so.
 */
#include "io/unix.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "io/internal.h"
#include "io/patience.h"
#include "io/read.h"
#include "io/sys.h"
#include "io/tcp.h"
#include "io/turn.h"

/* Room for the head, and for so many descriptors and no more: what is beyond
   that is not to be handed out, not even in what would pad it. */
#define ROOM(n) CMSG_LEN((n) * sizeof(int))

union control {
    struct cmsghdr head;
    char bytes[CMSG_SPACE(GYRE_DESCRIPTORS * sizeof(int))];
};

/* Bytes, and what goes with them. */
struct letter {
    struct iovec iov;
    struct gyre_descriptors *d;
};

/* The descriptor of a local stream, or -ENOTSUP. */
static int local_socket(struct gyre_stream *s)
{
    struct gyre_addr a;
    int err = gyre_stream_local(s, &a);

    if (err)
        return err;
    return a.is.any.sa_family == AF_UNIX ? gyre_tcp_fd(s)->fd : -ENOTSUP;
}

/* ---- sending ---- */

/* Write the descriptors into `c`: how many bytes that is. */
static size_t wrap(union control *c, const struct gyre_descriptors *d)
{
    if (d->n == 0)
        return 0;
    memset(c, 0, sizeof *c);
    c->head.cmsg_level = SOL_SOCKET;
    c->head.cmsg_type = SCM_RIGHTS;
    c->head.cmsg_len = ROOM((size_t)d->n);
    memcpy(CMSG_DATA(&c->head), d->fd, (size_t)d->n * sizeof(int));
    return CMSG_SPACE((size_t)d->n * sizeof(int));
}

static intptr_t send_letter(struct gyre_fd *f, void *arg)
{
    struct letter *w = arg;
    union control c;
    struct msghdr m = {.msg_iov = &w->iov, .msg_iovlen = 1};

    m.msg_controllen = wrap(&c, w->d);
    m.msg_control = m.msg_controllen > 0 ? c.bytes : NULL;
    return gyre_sys_send_message(f->fd, &m);
}

/* Write the rest of what was begun, in our turn. */
static int send_rest(struct gyre_stream *s, const struct gyre_caller *c,
                     struct iovec rest, gyre_time deadline)
{
    while (rest.iov_len > 0) {
        ssize_t sent =
            s->ops->write(s, &rest, 1, gyre_stream_until(s, deadline));

        if (sent < 0 || c->sent_home)
            return (int)sent;
        rest.iov_base = (char *)rest.iov_base + sent;
        rest.iov_len -= (size_t)sent;
    }
    return 0;
}

static int send_all(struct gyre_stream *s, struct letter *w, gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t sent = gyre_turn_take(s, &c, deadline);
    int err;

    if (sent < 0)
        return (int)sent;
    sent = gyre_fd_try(gyre_tcp_fd(s), GYRE_WRITE, send_letter, w,
                       gyre_stream_until(s, deadline));
    if (sent < 0 || c.sent_home)
        return gyre_turn_end(s, &c, (int)sent, false);
    w->iov.iov_base = (char *)w->iov.iov_base + sent;
    w->iov.iov_len -= (size_t)sent;
    err = send_rest(s, &c, w->iov, deadline);
    return gyre_turn_end(s, &c, err, true);
}

int gyre_send_descriptors(struct gyre_stream *s, const void *buf, size_t n,
                          const struct gyre_descriptors *d, gyre_time deadline)
{
    struct letter w = {.iov = {(void *)buf, n},
                       .d = (struct gyre_descriptors *)d};
    int fd = local_socket(s);

    if (n == 0 || d->n < 0 || d->n > GYRE_DESCRIPTORS)
        return gyre_refuse(-EINVAL, deadline);
    return fd < 0 ? gyre_refuse(fd, deadline) : send_all(s, &w, deadline);
}

/* ---- receiving ---- */

/* How many descriptors are in `c`: macOS says of what it has cut how long it
   was. */
static size_t count(const struct msghdr *m, const struct cmsghdr *c)
{
    const char *end = (const char *)m->msg_control + m->msg_controllen;
    size_t left = (size_t)(end - (const char *)c);
    size_t length = c->cmsg_len < left ? c->cmsg_len : left;

    return length > CMSG_LEN(0) ? (length - CMSG_LEN(0)) / sizeof(int) : 0;
}

/* The descriptors in a message, which may come in parts. */
static void unwrap(struct msghdr *m, struct gyre_descriptors *d)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL;
         c = CMSG_NXTHDR(m, c)) {
        size_t n = count(m, c);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        memcpy(d->fd + d->n, CMSG_DATA(c), n * sizeof(int));
        d->n += (int)n;
    }
    d->lost = m->msg_flags & MSG_CTRUNC;
}

static intptr_t receive_letter(struct gyre_fd *f, void *arg)
{
    struct letter *w = arg;
    union control c;
    struct msghdr m = {.msg_iov = &w->iov,
                       .msg_iovlen = 1,
                       .msg_control = c.bytes,
                       .msg_controllen = ROOM(GYRE_DESCRIPTORS)};
    ssize_t got = gyre_sys_receive_message(f->fd, &m);

    if (got >= 0)
        unwrap(&m, w->d);
    return got;
}

/* Being in line.  What was read ahead has none with it any more. */
static ssize_t receive_in_line(struct gyre_stream *s,
                               const struct gyre_caller *c, struct letter *w,
                               gyre_time deadline)
{
    if (!gyre_stream_may_read(s, c))
        return gyre_refuse(-EBUSY, deadline);
    if (gyre_stream_ahead(s) == 0)
        return gyre_fd_try(gyre_tcp_fd(s), GYRE_READ, receive_letter, w,
                           gyre_stream_until(s, deadline));
    return gyre_refuse(0, deadline);
}

/* Apart, or gcc takes the record for one that stays in line when it is gone. */
static __attribute__((noinline)) ssize_t
receive_any(struct gyre_stream *s, struct letter *w, gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t got;

    gyre_line_join(&s->readers, &c);
    got = receive_in_line(s, &c, w, deadline);
    if (got == 0 && !c.sent_home && gyre_stream_ahead(s) > 0)
        got = gyre_stream_take(s, w->iov.iov_base, w->iov.iov_len, deadline);
    gyre_line_leave(&s->readers, &c);
    return c.sent_home ? c.sent_home : got;
}

ssize_t gyre_receive_descriptors(struct gyre_stream *s, void *buf, size_t n,
                                 struct gyre_descriptors *d, gyre_time deadline)
{
    struct letter w = {.iov = {buf, n}, .d = d};
    int fd = local_socket(s);

    d->n = 0;
    d->lost = false;
    if (n == 0)
        return gyre_refuse(-EINVAL, deadline);
    return fd < 0 ? gyre_refuse(fd, deadline) : receive_any(s, &w, deadline);
}

/* ---- credentials ---- */

int gyre_unix_credentials(struct gyre_stream *s, struct gyre_credentials *out)
{
    int fd = local_socket(s);

    return fd < 0 ? fd : gyre_sys_credentials(fd, out);
}
