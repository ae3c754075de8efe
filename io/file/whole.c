/*
 * whole.c - all of a file at once.
 *
 * Reading is made of the calls of file.h.  Replacing is one job, so that a
 * thread brings it to its end also when nobody waits any more.
 */
#include "io/file/whole.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "io/buf.h"
#include "io/internal.h"
#include "io/file/file.h"
#include "io/file/job.h"

/* ---- reading ---- */

enum { PIECE = 1 << 18 /* bytes asked for at a time */ };

/* Read a piece, and a byte beyond the limit at most, which tells that there is
   one. */
static ssize_t read_piece(int fd, struct gyre_buf *out, size_t left,
                          gyre_time deadline)
{
    size_t n = left < PIECE ? left + 1 : PIECE;
    char *room = gyre_buf_reserve(out, n);
    ssize_t got;

    if (room == NULL)
        return -ENOMEM;
    got = gyre_file_read(fd, room, n, GYRE_FILE_POSITION, deadline);
    if (got > 0 && (size_t)got > left)
        return -EMSGSIZE;
    if (got > 0)
        gyre_buf_grow(out, (size_t)got);
    return got;
}

static int read_to_end(int fd, struct gyre_buf *out, size_t limit,
                       gyre_time deadline)
{
    ssize_t n;

    while ((n = read_piece(fd, out, limit, deadline)) > 0)
        limit -= (size_t)n;
    return (int)n;
}

int gyre_file_read_whole(const char *path, struct gyre_buf *out, size_t limit,
                         gyre_time deadline)
{
    size_t before = out->length;
    int fd = gyre_file_open(path, O_RDONLY, 0, deadline);
    int err, closed;

    if (fd < 0)
        return fd;
    err = read_to_end(fd, out, limit, deadline);
    closed = gyre_file_close(fd, deadline);
    (void)closed; /* all has been read: it makes no difference */
    if (err)
        gyre_buf_cut(out, before);
    return err;
}

/* ---- replacing ---- */

#define BESIDE ".gyre-XXXXXX"

static int write_all(int fd, const char *at, size_t n)
{
    while (n > 0) {
        struct iovec iov = {(void *)(uintptr_t)at, n};
        ssize_t sent = gyre_write_quietly(fd, &iov, 1);

        if (sent < 0)
            return (int)sent;
        at += sent;
        n -= (size_t)sent;
    }
    return gyre_file_flush(fd);
}

/* Have the name outlive a crash.  There are file systems whose folders cannot
   be told to. */
static int flush_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), err;

    if (fd < 0)
        return -errno;
    err = gyre_file_flush(fd);
    close(fd);
    return err == -EINVAL || err == -ENOTSUP ? 0 : err;
}

/* Write the bytes to the new file `beside`, and have that take the place. */
static int take_place(const struct gyre_file_job *j, const char *beside, int fd)
{
    int err = write_all(fd, j->data, j->n);

    if (close(fd) < 0 && err == 0 && errno != EINTR)
        err = -errno;
    if (err == 0 && rename(beside, j->path) < 0)
        err = -errno;
    if (err)
        unlink(beside);
    return err;
}

/* The name of a file in the folder of `path`. */
static int put_beside(char beside[PATH_MAX], const char *path)
{
    const char *slash = strrchr(path, '/');
    int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
    int n = snprintf(beside, PATH_MAX, "%.*s" BESIDE, folder, path);

    return n < PATH_MAX ? folder : -ENAMETOOLONG;
}

static intptr_t replace(struct gyre_file_job *j)
{
    char beside[PATH_MAX];
    int folder = put_beside(beside, j->path);
    int fd = folder < 0 ? folder : gyre_file_make(beside, j->mode);
    int err = fd < 0 ? fd : take_place(j, beside, fd);

    if (err)
        return err;
    strcpy(beside + folder, ".");
    return flush_folder(beside);
}

int gyre_file_replace(const char *path, const void *bytes, size_t n,
                      mode_t mode, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = replace, .path = path, .in = bytes, .n = n, .mode = mode};

    return (int)gyre_file_do(&j, deadline);
}
