/*
 * bound.c - a socket's place in the file system.
 *
 * Nobody can connect between bind and listen.  On Linux what bind makes has the
 * mode of the socket, as far as the umask lets it; elsewhere it has all that
 * the umask lets, and the mode is set by the path, which somebody might have
 * led elsewhere meanwhile: so no link is followed there.
 *
 * A socket for datagrams does not listen, so elsewhere there is a moment in
 * which it has what the umask leaves.  Nothing helps that is not worse: the
 * umask is other threads', too; what is bound in a folder of its own and then
 * moved here has the address of where it was, and nobody could answer it; and
 * to throw away what came in that moment does not stop who has connected in it.
 *
 * In the moment between the two, another process that starts at the same path
 * takes the socket for a stale one, and replaces it; who minds gives each a
 * path of its own.
 */
#include "loop/bound.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const struct sockaddr *plain(const struct sockaddr_un *addr)
{
    return (const struct sockaddr *)addr;
}

/* A socket to try with, of the same type as `fd`, which never blocks. */
static int open_like(int fd)
{
    int type = SOCK_STREAM, probe;

    (void)getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &(socklen_t){sizeof type});
    probe = socket(AF_UNIX, type, 0);
    if (probe >= 0 && (fcntl(probe, F_SETFD, FD_CLOEXEC) < 0 ||
                       fcntl(probe, F_SETFL, O_NONBLOCK) < 0)) {
        close(probe);
        return -1;
    }
    return probe;
}

/* Is a socket there, and nobody listens at it?  Of what is no socket Linux says
   that it refuses a connection, too. */
static bool is_stale(int fd, const struct sockaddr_un *addr)
{
    struct stat st;
    bool stale;
    int probe;

    if (lstat(addr->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    probe = open_like(fd);
    if (probe < 0)
        return false;
    stale =
        connect(probe, plain(addr), sizeof *addr) < 0 && errno == ECONNREFUSED;
    close(probe);
    return stale;
}

static int bind_to(int fd, const struct sockaddr_un *addr)
{
    if (bind(fd, plain(addr), sizeof *addr) == 0)
        return 0;
    if (errno != EADDRINUSE)
        return -errno;
    if (!is_stale(fd, addr) || unlink(addr->sun_path) < 0)
        return -EADDRINUSE;
    return bind(fd, plain(addr), sizeof *addr) < 0 ? -errno : 0;
}

/* Where `path` leads from here. */
static int locate(struct gyre_bound *b, const char *path)
{
    size_t n = 0;

    b->path[0] = '\0';
    if (path[0] != '/') {
        if (getcwd(b->path, sizeof b->path - 1) == NULL)
            return -errno;
        n = strlen(b->path);
        b->path[n++] = '/';
    }
    if (strlen(path) >= sizeof b->path - n)
        return -ENAMETOOLONG;
    strcpy(b->path + n, path);
    return 0;
}

/* Remember what bind has made; or take it away, for nobody could say later
   whether it still is. */
static int mark(struct gyre_bound *b, struct stat *st)
{
    int err;

    if (lstat(b->path, st) < 0) {
        err = -errno;
        unlink(b->path);
        return err;
    }
    b->device = st->st_dev;
    b->file = st->st_ino;
    return 0;
}

static int set_mode(const struct gyre_bound *b, const struct stat *st,
                    mode_t mode)
{
    if (mode != 0 && (st->st_mode & (S_IRWXU | S_IRWXG | S_IRWXO)) != mode &&
        fchmodat(AT_FDCWD, b->path, mode, AT_SYMLINK_NOFOLLOW) < 0)
        return -errno;
    return 0;
}

int gyre_bound_make(struct gyre_bound *b, int fd,
                    const struct sockaddr_un *addr, mode_t mode)
{
    int err = locate(b, addr->sun_path);
    struct stat st;

    if (err)
        return err;
    if (mode != 0)
        (void)fchmod(fd, mode); /* where it does anything */
    err = bind_to(fd, addr);
    if (err == 0)
        err = mark(b, &st);
    if (err)
        return err;
    err = set_mode(b, &st, mode);
    if (err)
        gyre_bound_remove(b);
    return err;
}

/* Numbers are given to other files only when ours is gone; it lasts as long as
   its socket is open, so that comes after this. */
void gyre_bound_remove(const struct gyre_bound *b)
{
    struct stat st;

    if (lstat(b->path, &st) == 0 && st.st_dev == b->device &&
        st.st_ino == b->file)
        unlink(b->path);
}
