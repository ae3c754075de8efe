/*
 * disk.c - what the system says of files, as a test would have it.
 */
#include "tests/support/disk.h"

#include <dirent.h>
#include <errno.h>
#include <stddef.h>

void (*disk_before_readdir)(void);
atomic_int disk_syncs_left = -1;
atomic_int disk_syncs;

struct dirent *__real_readdir(DIR *d);
int __real_fsync(int fd);
struct dirent *__wrap_readdir(DIR *d);
int __wrap_fsync(int fd);

struct dirent *__wrap_readdir(DIR *d)
{
    if (disk_before_readdir != NULL)
        disk_before_readdir();
    return __real_readdir(d);
}

int __wrap_fsync(int fd)
{
    atomic_fetch_add(&disk_syncs, 1);
    if (atomic_load(&disk_syncs_left) >= 0 &&
        atomic_fetch_sub(&disk_syncs_left, 1) == 0) {
        errno = EIO;
        return -1;
    }
    return __real_fsync(fd);
}
