/*
 * internal.h - what the files in io/ share, and nobody else may include.
 */
#ifndef GYRE_IO_INTERNAL_H
#define GYRE_IO_INTERNAL_H

#include "io/addr.h"
#include "io/fd.h"
#include "io/stream.h"

/* tcp.c: what a stream socket with this address is. */
enum gyre_fd_kind gyre_socket_kind(const struct gyre_addr *a);

/* tcp.c: a stream over the socket `fd`, which it takes over if it returns 0.
   -ENOMEM. */
int gyre_tcp_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                 struct gyre_stream **out);

/* tcp.c: a stream to that address, which is not connected yet; and the
   descriptor of one that gyre_tcp_new made.  -ENOMEM, or as socket. */
int gyre_tcp_prepare(struct gyre_loop *l, const struct gyre_addr *a,
                     struct gyre_stream **out);
struct gyre_fd *gyre_tcp_fd(struct gyre_stream *s);

/* connect.c: begin to connect: 0 if it is done, -EAGAIN if it will be done, or
   have failed, when `fd` can be written, or why not; and how it ended then. */
int gyre_connect_begin(int fd, const struct gyre_addr *to);
int gyre_connect_outcome(int fd);

/* resolve.c: what came of getaddrinfo, or getnameinfo, with `errno` as they left
   it: 0 or -errno. */
int gyre_resolve_outcome(int failure, int system);

#endif
