/*
 * internal.h - what the files in io/ share, and nobody else may include.
 */
#ifndef GYRE_IO_INTERNAL_H
#define GYRE_IO_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "task/wait.h"
#include "io/addr.h"
#include "io/fd.h"
#include "io/stream.h"

struct gyre_bound;
struct gyre_datagrams;
struct gyre_loop;

/* The cancel point of a call that is not made: returns `why`, be it 0. */
static inline int gyre_refuse(int why, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err ? err : why;
}

/* Those inside calls on `f` for GYRE_READ, or GYRE_WRITE. */
static inline struct gyre_line *gyre_fd_line(struct gyre_fd *f, unsigned event)
{
    return event == GYRE_READ ? &f->readers : &f->writers;
}

/* fd_call.c: read, and writev without a signal; -errno, and never EINTR. */
ssize_t gyre_read_some(int fd, void *buf, size_t n);
ssize_t gyre_write_quietly(int fd, const struct iovec *iov, int n);

/* What a descriptor is that a stream is made of. */
enum gyre_pipe_kind {
    GYRE_PIPE_OWN,    /* it does not block */
    GYRE_PIPE_SHARED, /* it may: poll is asked before */
    GYRE_PIPE_ENDED,  /* it does not block, and is of a FIFO that has had its
                         last writer, which poll cannot tell of it */
};

/* pipe.c: a stream over `fd`, which it takes over if it returns 0.  -ENOMEM, or
   as fcntl and fstat. */
int gyre_pipe_new(struct gyre_loop *l, int fd, enum gyre_pipe_kind kind,
                  struct gyre_stream **out);

/* tcp.c: as gyre_sys_socket, for the loop `l`; -ECANCELED of a parent's. */
int gyre_socket_open(struct gyre_loop *l, int domain, int type);

/* pipe.c: does poll say that the other side has gone? */
bool gyre_pipe_has_hung_up(int fd);

/* tcp.c: what a stream socket with this address is. */
enum gyre_fd_kind gyre_socket_kind(const struct gyre_addr *a);

/* tcp.c: a stream over the socket `fd`, which it takes over if it returns 0.
   -ENOMEM. */
int gyre_tcp_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                 struct gyre_stream **out);

/* tcp.c: a stream to that address, bound to another unless that is NULL, which
   is not connected yet; and the descriptor of one that gyre_tcp_new made.
   -ENOMEM, or as socket and bind. */
int gyre_tcp_prepare(struct gyre_loop *l, const struct gyre_addr *from,
                     const struct gyre_addr *to, struct gyre_stream **out);
struct gyre_fd *gyre_tcp_fd(struct gyre_stream *s);

/* connect.c: begin to connect: 0 if it is done, -EAGAIN if it will be done, or
   have failed, when `fd` can be written, or why not; and how it ended then. */
int gyre_connect_begin(int fd, const struct gyre_addr *to);
int gyre_connect_outcome(int fd);

/* connect.c: whose port the system chooses, may get the very one that he is to
   connect to, if nobody listens there, and would talk to himself.  That port,
   for who connects from there, or 0 if he is at no risk; and then -ECONNREFUSED
   of one that does, else 0. */
uint16_t gyre_connect_risk(const struct gyre_addr *from,
                           const struct gyre_addr *to);
int gyre_connect_check(int fd, int port);

/* connect.c: as gyre_tcp_connect_to, from an address, or NULL. */
int gyre_connect_from(const struct gyre_addr *from, const struct gyre_addr *to,
                      struct gyre_stream **out, gyre_time deadline);

/* datagram.c: as gyre_receive, on behalf of a receiving. */
ssize_t gyre_receive_now(struct gyre_datagrams *d, void *buf, size_t n,
                         struct gyre_addr *from);

/* datagram.c: is that about another datagram, that was sent before, rather than
   about the socket? */
bool gyre_is_of_the_path(int err);

/* datagram.c: its descriptor, to be changed: -EBADF when closed; -ECANCELED in
   the child of a fork, where it is the parent's. */
int gyre_datagrams_socket(const struct gyre_datagrams *d);

/* unix.c: take away what was bound, but not in the child of a fork, and free
   it; NULL is left alone. */
void gyre_unix_unbind(struct gyre_loop *l, struct gyre_bound *b);

/* What the system wrote into `a` is so long: 0 for who has no address. */
static inline void gyre_addr_came(struct gyre_addr *a, socklen_t length)
{
    if (length == 0) {
        a->is.any.sa_family = AF_UNIX; /* which alone have none */
        length = offsetof(struct sockaddr_un, sun_path);
    }
    a->length = length;
}

/* resolve.c: what came of getaddrinfo, or getnameinfo, with `errno` as they
   left it: 0 or -errno. */
int gyre_resolve_outcome(int failure, int system);

#endif
