/*
 * endpoint.h - a Unix socket at a path, to be connected to.
 *
 * Private to task/, installed nowhere.  It is for the processes of its user
 * alone, and has that mode (0600) before anybody could connect.
 */
#ifndef GYRE_TASK_RUN_ENDPOINT_H
#define GYRE_TASK_RUN_ENDPOINT_H

#include "loop/bound.h"

struct gyre_endpoint {
    int fd; /* that listens, and does not block */

    /* private */
    struct gyre_bound bound;
};

/*
 * Listen at `path`.  A socket that nobody listens at any more is replaced.
 * -EADDRINUSE if somebody does, or if it is something else; -ENAMETOOLONG; or
 * as socket, getcwd, bind and listen.
 */
int gyre_endpoint_open(struct gyre_endpoint *e, const char *path);

/* The next who has connected, by a descriptor that does not block; -EAGAIN if
   there is none, or as accept. */
int gyre_endpoint_accept(struct gyre_endpoint *e);

/* Listen no more, and take the socket away, if what is at its path is that
   still. */
void gyre_endpoint_close(struct gyre_endpoint *e);

/* In the child of a fork: listen no more, and leave it there. */
void gyre_endpoint_forget(struct gyre_endpoint *e);

#endif
