/*
 * beneath_bsd.c - opening beneath a directory where the kernel has no call for
 * it, and the rest of beneath_linux.c.
 */
#include "io/http/server/internal.h"

#include <errno.h>
#include <unistd.h>

int gyre_beneath_open(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

/* Nobody tells whether it takes a disk. */
int gyre_beneath_open_now(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

ssize_t gyre_read_now(int file, void *buf, size_t n, int64_t offset)
{
    ssize_t got;

    do
        got = pread(file, buf, n, offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

long gyre_stat_nanoseconds(const struct stat *status)
{
    return status->st_mtimespec.tv_nsec;
}
