/*
 * beneath.c - opens files that are in a directory, and never one outside it.
 *
 * The walk opens each name with O_NOFOLLOW in the directory opened before, so
 * that nothing renamed or linked meanwhile can change what has been checked.  A
 * link is read, and its text put in place of its name.  ".." is carried out on
 * the text of the way behind us, which has no links any more, and the walk then
 * begins anew from the top: never by asking the kernel for "..", since the
 * directory we are in may have been moved elsewhere.
 */
#include "io/http/server/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "io/http/server/internal.h"

enum { LINKS_MAX = 40 };

/* A walk, as far as it has come. */
struct walk {
    int top;               /* the directory it may not leave; the caller's */
    int here;              /* the directory reached; ours if it is not `top` */
    int links;             /* links followed */
    int opened;            /* what was at the end; -1 before it is reached */
    size_t done;           /* bytes of the way behind us */
    char behind[PATH_MAX]; /* the way from the top to here, without links */
    char ahead[PATH_MAX];  /* what is left to go */
};

static void stand_at(struct walk *w, int fd)
{
    if (w->here != w->top)
        close(w->here);
    w->here = fd;
}

/* Put `text` in place of the first `used` bytes ahead; what is left begins with
   a slash, unless there is nothing left. */
static int prepend(struct walk *w, const char *text, size_t used)
{
    size_t n = strlen(text);
    size_t rest = strlen(w->ahead + used);

    if (n + rest >= sizeof w->ahead)
        return -ENAMETOOLONG;
    memmove(w->ahead + n, w->ahead + used, rest + 1);
    memcpy(w->ahead, text, n);
    return 0;
}

/* Go up: drop the last name behind us, and begin anew with what is left. */
static int go_up(struct walk *w, size_t used)
{
    if (w->done == 0)
        return -EXDEV;
    while (w->done > 0 && w->behind[w->done - 1] != '/')
        w->done--;
    w->behind[w->done] = '\0';
    w->done = 0;
    stand_at(w, w->top);
    return prepend(w, w->behind, used);
}

/* Go where the link `name`, in the directory reached, points. */
static int go_through(struct walk *w, const char *name, size_t used)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(w->here, name, text, sizeof text - 1);

    if (n < 0)
        return -errno;
    if ((size_t)n == sizeof text - 1)
        return -ENAMETOOLONG;
    if (++w->links > LINKS_MAX)
        return -ELOOP;
    if (n == 0 || text[0] == '/')
        return -EXDEV;
    text[n] = '\0';
    return prepend(w, text, used);
}

/* Go into the directory `name`, whose descriptor is `fd`. */
static int go_into(struct walk *w, const char *name, int fd)
{
    size_t n = strlen(name);

    if (w->done + n + 1 >= sizeof w->behind) {
        close(fd);
        return -ENAMETOOLONG;
    }
    if (w->done > 0)
        w->behind[w->done++] = '/';
    memcpy(w->behind + w->done, name, n);
    w->done += n;
    stand_at(w, fd);
    return 0;
}

static bool is_link(struct walk *w, const char *name)
{
    struct stat status;

    return fstatat(w->here, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISLNK(status.st_mode);
}

/* Take the first name of what is ahead into `name`, and return how many bytes
   it and the slashes before it are. */
static ssize_t take_name(struct walk *w, char name[NAME_MAX + 1])
{
    size_t slashes = strspn(w->ahead, "/");
    size_t n = strcspn(w->ahead + slashes, "/");

    if (n > NAME_MAX)
        return -ENAMETOOLONG;
    memcpy(name, w->ahead + slashes, n);
    name[n] = '\0';
    return (ssize_t)(slashes + n);
}

/* Open the next name ahead, and go there. */
static int step(struct walk *w)
{
    char name[NAME_MAX + 1];
    ssize_t used = take_name(w, name);
    bool last, stay;
    int fd, err;

    if (used < 0)
        return (int)used;
    stay = *name == '\0' || strcmp(name, ".") == 0;
    last = w->ahead[used] == '\0';
    if (strcmp(name, "..") == 0)
        return go_up(w, (size_t)used);
    fd = openat(w->here, stay ? "." : name,
                GYRE_BENEATH_FLAGS | O_NOFOLLOW | (last ? 0 : O_DIRECTORY));
    err = fd < 0 ? -errno : 0;
    if (err)
        return is_link(w, name) ? go_through(w, name, (size_t)used) : err;
    memmove(w->ahead, w->ahead + used, strlen(w->ahead + used) + 1);
    if (last)
        w->opened = fd;
    else if (stay)
        close(fd);
    else
        err = go_into(w, name, fd);
    return err;
}

int gyre_beneath_walk(int directory, const char *path)
{
    struct walk w;
    size_t n = strlen(path);
    int err = 0;

    if (n >= sizeof w.ahead)
        return -ENAMETOOLONG;
    w.top = w.here = directory;
    w.links = 0;
    w.opened = -1;
    w.done = 0;
    memcpy(w.ahead, path, n + 1);
    while (w.opened < 0 && !err)
        err = step(&w);
    stand_at(&w, w.top);
    return err ? err : w.opened;
}

int gyre_beneath_regular(int fd, struct stat *status)
{
    int err = 0;

    /* So systems answer who opens a socket, or a device that is not there. */
    if (fd == -ENXIO || fd == -ENODEV || fd == -EOPNOTSUPP)
        return -EACCES;
    if (fd < 0)
        return fd;
    if (fstat(fd, status) < 0)
        err = -errno;
    else if (S_ISDIR(status->st_mode))
        err = -EISDIR;
    else if (!S_ISREG(status->st_mode))
        err = -EACCES;
    if (err)
        close(fd);
    return err ? err : fd;
}

int gyre_open_beneath(int directory, const char *path, struct stat *status)
{
    if (*path == '\0' || *path == '/')
        return -EINVAL;
    return gyre_beneath_regular(gyre_beneath_open(directory, path), status);
}
