/*
 * endpoint.c - a Unix socket at a path, to be connected to.
 */
#include "task/run/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define OURS (S_IRUSR | S_IWUSR)

enum { BACKLOG = 4 };

static int prepare(int fd)
{
    int flags = fcntl(fd, F_GETFL);

#ifdef SO_NOSIGPIPE
    (void)setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &(int){1}, sizeof(int));
#endif
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return 0;
}

static int listen_at(struct gyre_endpoint *e, const struct sockaddr_un *addr)
{
    int err = prepare(e->fd);

    if (err == 0)
        err = gyre_bound_make(&e->bound, e->fd, addr, OURS);
    if (err)
        return err;
    if (listen(e->fd, BACKLOG) == 0)
        return 0;
    err = -errno;
    gyre_bound_remove(&e->bound);
    return err;
}

int gyre_endpoint_open(struct gyre_endpoint *e, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int err;

    if (strlen(path) >= sizeof addr.sun_path)
        return -ENAMETOOLONG;
    strcpy(addr.sun_path, path);
    e->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (e->fd < 0)
        return -errno;
    err = listen_at(e, &addr);
    if (err)
        close(e->fd);
    return err;
}

int gyre_endpoint_accept(struct gyre_endpoint *e)
{
    int fd;

    while ((fd = accept(e->fd, NULL, NULL)) >= 0 || errno == EINTR ||
           errno == ECONNABORTED) {
        if (fd >= 0 && prepare(fd) == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
    return -errno;
}

void gyre_endpoint_close(struct gyre_endpoint *e)
{
    gyre_bound_remove(&e->bound);
    close(e->fd);
}

void gyre_endpoint_forget(struct gyre_endpoint *e)
{
    close(e->fd);
}
