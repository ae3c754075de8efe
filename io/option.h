/*
 * option.h - options of sockets, which are numbers as a rule.
 *
 * Private to io/, installed nowhere.  All return 0 or -errno.
 */
#ifndef GYRE_IO_OPTION_H
#define GYRE_IO_OPTION_H

#include <errno.h>
#include <sys/socket.h>

#include "io/addr.h"

static inline int gyre_option_set(int fd, int level, int name, int value)
{
    return setsockopt(fd, level, name, &value, sizeof value) < 0 ? -errno : 0;
}

/* An option that is more than a number. */
static inline int gyre_option_put(int fd, int level, int name,
                                  const void *value, size_t n)
{
    return setsockopt(fd, level, name, value, (socklen_t)n) < 0 ? -errno : 0;
}

static inline int gyre_option_get(int fd, int level, int name, int *value)
{
    socklen_t length = sizeof *value;

    return getsockopt(fd, level, name, value, &length) < 0 ? -errno : 0;
}

/* Bytes the system keeps for what is sent, and for what was received; 0 leaves
   it at what it is. */
static inline int gyre_option_buffers(int fd, int send, int receive)
{
    int err = 0;

    if (send > 0)
        err = gyre_option_set(fd, SOL_SOCKET, SO_SNDBUF, send);
    if (err == 0 && receive > 0)
        err = gyre_option_set(fd, SOL_SOCKET, SO_RCVBUF, receive);
    return err;
}

/* Whose end of a socket this is, and the other's. */
static inline int gyre_option_local(int fd, struct gyre_addr *out)
{
    out->length = sizeof out->is;
    return getsockname(fd, &out->is.any, &out->length) < 0 ? -errno : 0;
}

static inline int gyre_option_peer(int fd, struct gyre_addr *out)
{
    out->length = sizeof out->is;
    return getpeername(fd, &out->is.any, &out->length) < 0 ? -errno : 0;
}

#endif
