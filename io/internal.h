/*
 * internal.h - what the files in io/ share, and nobody else may include.
 */
#ifndef GYRE_IO_INTERNAL_H
#define GYRE_IO_INTERNAL_H

#include "io/addr.h"
#include "io/fd.h"
#include "io/stream.h"

struct gyre_caller;
struct gyre_listener;

/* tcp.c: what a stream socket with this address is. */
enum gyre_fd_kind gyre_socket_kind(const struct gyre_addr *a);

/* tcp.c: a stream over the socket `fd`, which it takes over if it returns 0.
   -ENOMEM. */
int gyre_tcp_new(struct gyre_loop *l, int fd, enum gyre_fd_kind kind,
                 struct gyre_stream **out);

/* listener.c: let some time pass before the next connection is accepted, as
   there was no room for this one. */
void gyre_listener_slow_down(struct gyre_listener *l);

/* listener.c: stand among those who are sent home when it is closed, until
   gyre_line_leave. */
void gyre_listener_join(struct gyre_listener *l, struct gyre_caller *c);

#endif
