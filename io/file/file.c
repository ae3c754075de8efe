/*
 * file.c - files, by their descriptors.
 */
#include "io/file/file.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "io/quiet.h"
#include "io/file/job.h"

enum { PIECE = 1 << 20 /* bytes that are copied at a time */ };

static size_t piece(size_t n)
{
    return n < PIECE ? n : PIECE;
}

static intptr_t open_file(struct gyre_file_job *j)
{
    return gyre_file_result(open(j->path, j->flags | O_CLOEXEC, j->mode));
}

int gyre_file_open(const char *path, int flags, mode_t mode, gyre_time deadline)
{
    struct gyre_file_job j = {.work = open_file,
                              .undo = gyre_file_close_result,
                              .path = path,
                              .flags = flags,
                              .mode = mode};

    return (int)gyre_file_do(&j, deadline);
}

/* To be over is all there is to do: see job.c. */
static intptr_t close_file(struct gyre_file_job *j)
{
    (void)j;
    return 0;
}

int gyre_file_close(int fd, gyre_time deadline)
{
    struct gyre_file_job j = {.work = close_file, .fd = fd, .closes = true};

    return (int)gyre_file_do(&j, deadline);
}

/* What a read or a write has come to; if it was a pipe's, or a terminal's,
   which was told not to block, the thread does. */
static intptr_t moved(const struct gyre_file_job *j, ssize_t n, short events)
{
    struct pollfd f = {.fd = j->fd, .events = events};

    if (n >= 0 || errno != EAGAIN)
        return gyre_file_result(n);
    return poll(&f, 1, -1) < 0 ? -errno : -EINTR;
}

static intptr_t read_file(struct gyre_file_job *j)
{
    intptr_t n = moved(j,
                       j->offset == GYRE_FILE_POSITION
                           ? read(j->fd, j->data, j->n)
                           : pread(j->fd, j->data, j->n, j->offset),
                       POLLIN);

    if (n >= 0)
        j->n = (size_t)n;
    return n;
}

ssize_t gyre_file_read(int fd, void *buf, size_t n, int64_t offset,
                       gyre_time deadline)
{
    struct gyre_file_job j = {.work = read_file,
                              .fd = fd,
                              .out = buf,
                              .n = piece(n),
                              .offset = offset};

    return gyre_file_do(&j, deadline);
}

/* Write what is left, as far as one call does. */
static intptr_t write_some(const struct gyre_file_job *j)
{
    const char *at = j->data + j->done;
    size_t n = j->n - j->done;
    struct gyre_quiet quiet;
    intptr_t sent;

    gyre_quiet_begin(&quiet);
    sent = gyre_file_result(
        j->offset == GYRE_FILE_POSITION
            ? write(j->fd, at, n)
            : pwrite(j->fd, at, n, j->offset + (int64_t)j->done));
    gyre_quiet_end(&quiet, (int)sent);
    errno = sent < 0 ? (int)-sent : 0;
    return moved(j, sent < 0 ? -1 : sent, POLLOUT);
}

static intptr_t write_file(struct gyre_file_job *j)
{
    while (j->done < j->n) {
        intptr_t n = write_some(j);

        if (n < 0)
            return n;
        j->done += (size_t)n;
    }
    return 0;
}

int gyre_file_write(int fd, const void *buf, size_t n, int64_t offset,
                    gyre_time deadline)
{
    struct gyre_file_job j = {.work = write_file, .fd = fd, .offset = offset};
    int err = 0;

    for (size_t at = 0; err == 0 && (at < n || at == 0); at += PIECE) {
        j.in = (const char *)buf + at;
        j.n = piece(n - at);
        err = (int)gyre_file_do(&j, deadline);
        if (offset >= 0)
            j.offset += (int64_t)j.n;
    }
    return err;
}

/* ---- the rest are the system's ---- */

static intptr_t sync_file(struct gyre_file_job *j)
{
    return gyre_file_flush(j->fd);
}

int gyre_file_sync(int fd, gyre_time deadline)
{
    struct gyre_file_job j = {.work = sync_file, .fd = fd};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t sync_data(struct gyre_file_job *j)
{
#if defined(_POSIX_SYNCHRONIZED_IO) && _POSIX_SYNCHRONIZED_IO > 0
    return gyre_file_result(fdatasync(j->fd));
#else
    return gyre_file_flush(j->fd);
#endif
}

int gyre_file_sync_data(int fd, gyre_time deadline)
{
    struct gyre_file_job j = {.work = sync_data, .fd = fd};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t truncate_file(struct gyre_file_job *j)
{
    return gyre_file_result(ftruncate(j->fd, j->offset));
}

int gyre_file_truncate(int fd, int64_t length, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = truncate_file, .fd = fd, .offset = length};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t stat_file(struct gyre_file_job *j)
{
    return gyre_file_result(fstat(j->fd, (struct stat *)(void *)j->data));
}

int gyre_file_stat(int fd, struct stat *out, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = stat_file, .fd = fd, .out = out, .n = sizeof *out};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t chmod_file(struct gyre_file_job *j)
{
    return gyre_file_result(fchmod(j->fd, j->mode));
}

int gyre_file_chmod(int fd, mode_t mode, gyre_time deadline)
{
    struct gyre_file_job j = {.work = chmod_file, .fd = fd, .mode = mode};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t chown_file(struct gyre_file_job *j)
{
    return gyre_file_result(fchown(j->fd, j->owner, j->group));
}

int gyre_file_chown(int fd, uid_t owner, gid_t group, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = chown_file, .fd = fd, .owner = owner, .group = group};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t set_times(struct gyre_file_job *j)
{
    return gyre_file_result(futimens(j->fd, j->times));
}

int gyre_file_set_times(int fd, const struct timespec times[2],
                        gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = set_times, .fd = fd, .times = {times[0], times[1]}};

    return (int)gyre_file_do(&j, deadline);
}
