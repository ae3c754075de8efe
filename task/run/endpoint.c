/*
 * endpoint.c - a Unix socket at a path, to be connected to.
 *
 * Nobody can connect between bind and listen.  On Linux what bind makes has the
 * mode of the socket, as far as the umask lets it; elsewhere it has all that
 * the umask lets, and the mode is set by the path, which somebody might have
 * led elsewhere meanwhile: so no link is followed there.  (To change the umask
 * would change that of other threads, too.)
 *
 * In the moment between the two, another process that starts at the same path
 * takes the socket for a stale one, and replaces it; who minds gives each a path
 * of its own.
 */
#include "task/run/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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

/* ---- at a path ---- */

/* Is a socket there, and nobody listens at it?  Of what is no socket Linux says
   that it refuses a connection, too. */
static bool is_stale(const struct sockaddr_un *addr)
{
    struct stat st;
    bool stale;
    int fd;

    if (lstat(addr->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (fd < 0)
        return false;
    stale = prepare(fd) == 0 &&
            connect(fd, (const struct sockaddr *)addr, sizeof *addr) < 0 &&
            errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static int bind_to(int fd, const struct sockaddr_un *addr)
{
    const struct sockaddr *a = (const struct sockaddr *)addr;

    if (bind(fd, a, sizeof *addr) == 0)
        return 0;
    if (errno != EADDRINUSE || !is_stale(addr) || unlink(addr->sun_path) < 0)
        return -EADDRINUSE;
    return bind(fd, a, sizeof *addr) < 0 ? -errno : 0;
}

/* Where `path` leads from here. */
static int locate(struct gyre_endpoint *e, const char *path)
{
    size_t n = 0;

    e->path[0] = '\0';
    if (path[0] != '/') {
        if (getcwd(e->path, sizeof e->path - 1) == NULL)
            return -errno;
        n = strlen(e->path);
        e->path[n++] = '/';
    }
    if (strlen(path) >= sizeof e->path - n)
        return -ENAMETOOLONG;
    strcpy(e->path + n, path);
    return 0;
}

/* Remember what bind has made, and see to its mode. */
static int mark(struct gyre_endpoint *e)
{
    struct stat st;

    if (lstat(e->path, &st) < 0)
        return -errno;
    e->device = st.st_dev;
    e->file = st.st_ino;
    if ((st.st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) != OURS &&
        fchmodat(AT_FDCWD, e->path, OURS, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return 0;
}

/* Numbers are given to other files only when ours is gone; it lasts as long as
   its socket is open, so that comes after this. */
static void take_away(const struct gyre_endpoint *e)
{
    struct stat st;

    if (lstat(e->path, &st) == 0 && st.st_dev == e->device &&
        st.st_ino == e->file)
        unlink(e->path);
}

static int listen_at(struct gyre_endpoint *e, const struct sockaddr_un *addr)
{
    int err = prepare(e->fd);

    (void)fchmod(e->fd, OURS); /* where it does anything */
    if (err == 0)
        err = bind_to(e->fd, addr);
    if (err)
        return err;
    err = mark(e);
    if (err == 0 && listen(e->fd, BACKLOG) < 0)
        err = -errno;
    if (err)
        take_away(e);
    return err;
}

/* ---- an endpoint ---- */

int gyre_endpoint_open(struct gyre_endpoint *e, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int err;

    if (strlen(path) >= sizeof addr.sun_path)
        return -ENAMETOOLONG;
    strcpy(addr.sun_path, path);
    err = locate(e, path);
    if (err)
        return err;
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
    take_away(e);
    close(e->fd);
}

void gyre_endpoint_forget(struct gyre_endpoint *e)
{
    close(e->fd);
}
