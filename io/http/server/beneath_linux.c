/*
 * beneath_linux.c - what differs by system about files: opening beneath a
 * directory, by the kernel's own means, and the finer part of a time.
 */
#include "io/http/server/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SYS_openat2

/* As in <linux/openat2.h>, which not every libc's headers come with. */
struct how {
    uint64_t flags, mode, resolve;
};

enum { NO_MAGICLINKS = 0x02, BENEATH = 0x08, ATTEMPTS = 8 };

int gyre_beneath_open(int directory, const char *path)
{
    struct how how = {.flags = GYRE_BENEATH_FLAGS,
                      .resolve = BENEATH | NO_MAGICLINKS};
    int err = -EAGAIN;

    /* EAGAIN is a rename somewhere while the kernel was on its way. */
    for (int i = 0; i < ATTEMPTS && err == -EAGAIN; i++) {
        long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);

        if (fd >= 0)
            return (int)fd;
        err = -errno;
    }
    /* Sandboxes older than the call answer EPERM for it. */
    if (err == -ENOSYS || err == -EPERM || err == -EAGAIN)
        return gyre_beneath_walk(directory, path);
    return err;
}

#else /* the headers are older than the call */

int gyre_beneath_open(int directory, const char *path)
{
    return gyre_beneath_walk(directory, path);
}

#endif

long gyre_stat_nanoseconds(const struct stat *status)
{
    return status->st_mtim.tv_nsec;
}
