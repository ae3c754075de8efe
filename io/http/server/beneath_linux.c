/*
 * beneath_linux.c - what differs by system about files: opening beneath a
 * directory, by the kernel's own means, doing so and reading only if that takes
 * no disk, and the finer part of a time.
 */
#include "io/http/server/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef SYS_openat2

/* As in <linux/openat2.h>, which not every libc's headers come with. */
struct how {
    uint64_t flags, mode, resolve;
};

enum { NO_MAGICLINKS = 0x02, BENEATH = 0x08, CACHED = 0x20, ATTEMPTS = 8 };

static int ask_kernel(int directory, const char *path, uint64_t more)
{
    struct how how = {.flags = GYRE_BENEATH_FLAGS,
                      .resolve = BENEATH | NO_MAGICLINKS | more};
    long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);

    return fd < 0 ? -errno : (int)fd;
}

int gyre_beneath_open(int directory, const char *path)
{
    int fd = -EAGAIN;

    /* EAGAIN is a rename somewhere while the kernel was on its way. */
    for (int i = 0; i < ATTEMPTS && fd == -EAGAIN; i++)
        fd = ask_kernel(directory, path, 0);
    /* Sandboxes older than the call answer EPERM for it. */
    if (fd == -ENOSYS || fd == -EPERM || fd == -EAGAIN)
        return gyre_beneath_walk(directory, path);
    return fd;
}

int gyre_beneath_open_now(int directory, const char *path)
{
    int fd = ask_kernel(directory, path, CACHED);

    /* Or the kernel is older than CACHED (5.12), or the call. */
    if (fd == -EINVAL || fd == -ENOSYS || fd == -EPERM)
        return gyre_beneath_open(directory, path);
    return fd;
}

#else /* the headers are older than the call */

int gyre_beneath_open(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

int gyre_beneath_open_now(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

#endif

ssize_t gyre_read_now(int file, void *buf, size_t n, int64_t offset)
{
    ssize_t got = -1;

#ifdef RWF_NOWAIT
    struct iovec all = {buf, n};

    got = preadv2(file, &all, 1, offset, RWF_NOWAIT);
    if (got >= 0 || errno == EAGAIN)
        return got < 0 ? -EAGAIN : got;
        /* Not every file system can tell, nor every kernel. */
#endif
    do
        got = pread(file, buf, n, offset);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

long gyre_stat_nanoseconds(const struct stat *status)
{
    return status->st_mtim.tv_nsec;
}
