/*
 * listener.h - what a listener is, to those who accept from it.
 *
 * Private to io/ and what is above it, installed nowhere.
 */
#ifndef GYRE_IO_LISTENER_H
#define GYRE_IO_LISTENER_H

#include <stdbool.h>

#include "timers/time.h"
#include "io/fd.h"
#include "io/line.h"

struct gyre_accepting;
struct gyre_bound;
struct gyre_stream;

struct gyre_listener {
    struct gyre_fd fd;
    enum gyre_fd_kind kind;   /* of the connections */
    struct gyre_line inside;  /* who accepts, or serves: see line.h */
    int reserve;              /* a descriptor to give up; or negative */
    gyre_time pause;          /* the latest; 0 if all is well */
    gyre_time until;          /* when it is over */
    bool told;                /* of a shortage, which is not over */
    struct gyre_bound *bound; /* its place in the file system; or NULL */
    struct gyre_accepting *accepting; /* who is called back, in place of tasks;
                                         or NULL */
};

/* As gyre_accept, on behalf of `accepting`. */
int gyre_listener_accept(struct gyre_listener *l, struct gyre_stream **out,
                         gyre_time deadline);

#endif
