/*
 * bound.h - a socket's place in the file system.
 *
 * Private to loop/ and what is above it, installed nowhere.  Binding a local
 * socket to a path makes a file there, which nobody takes away again: not
 * closing, nor the end of the process.  So what a predecessor has left is
 * replaced, and ours is taken away, unless it is another's by then.
 */
#ifndef GYRE_LOOP_BOUND_H
#define GYRE_LOOP_BOUND_H

#include <sys/types.h>

struct sockaddr_un;

struct gyre_bound {
    /* private */
    dev_t device; /* what bind has made: on which, and its number there */
    ino_t file;
    char path[4096]; /* absolute, for the process may go elsewhere */
};

/*
 * Bind the socket `fd` to the path in `addr`, which ends with a NUL.  A socket
 * there that nobody listens at, or is open, is replaced.  What is made has
 * `mode`, before anybody could connect to it (but see bound.c, of datagrams);
 * 0: as the umask lets it.  -EADDRINUSE if somebody listens there, or if it is
 * something else than a socket; -ENAMETOOLONG; or as getcwd, bind and fchmodat:
 * then nothing is left there.
 */
int gyre_bound_make(struct gyre_bound *b, int fd,
                    const struct sockaddr_un *addr, mode_t mode);

/* Take it away, if what is at its path is that still.  Before the socket is
   closed. */
void gyre_bound_remove(const struct gyre_bound *b);

#endif
