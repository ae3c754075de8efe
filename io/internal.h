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

#endif
