/*
 * disk.c - what the system says of files, as a test would have it.
 */
#include "tests/support/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "tests/support/calls.h"

void (*disk_before_readdir)(void);
int disk_long_names;
void (*disk_before_making)(void);
void (*disk_before_opening)(void);
atomic_int disk_makings;
atomic_int disk_syncs_left = -1;
atomic_int disk_syncs;

struct dirent *__real_readdir(DIR *d);
int __real_fsync(int fd);
int __real_open(const char *path, int flags, ...);
char *__real_mkdtemp(char *path);
struct dirent *__wrap_readdir(DIR *d);
int __wrap_fsync(int fd);
int __wrap_open(const char *path, int flags, ...);
char *__wrap_mkdtemp(char *path);

static struct dirent *long_name(void)
{
    static union {
        struct dirent entry;
        char room[sizeof(struct dirent) + DISK_LONG_NAME];
    } e;

    e.entry.d_type = DT_REG;
    memset(e.room + offsetof(struct dirent, d_name), 'x', DISK_LONG_NAME);
    disk_long_names--;
    return &e.entry;
}

struct dirent *__wrap_readdir(DIR *d)
{
    if (disk_long_names > 0)
        return long_name();
    if (disk_before_readdir != NULL)
        disk_before_readdir();
    return __real_readdir(d);
}

int __wrap_fsync(int fd)
{
    atomic_fetch_add(&disk_syncs, 1);
    if (calls_fails(CALL_FSYNC))
        return -1;
    if (atomic_load(&disk_syncs_left) >= 0 &&
        atomic_fetch_sub(&disk_syncs_left, 1) == 0) {
        errno = EIO;
        return -1;
    }
    return __real_fsync(fd);
}

static void begin_making(void)
{
    if (disk_before_making != NULL)
        disk_before_making();
}

int __wrap_open(const char *path, int flags, ...)
{
    va_list more;
    mode_t mode;
    int fd;

    va_start(more, flags);
    mode = flags & O_CREAT ? (mode_t)va_arg(more, int) : 0;
    va_end(more);
    if (flags & O_CREAT)
        begin_making();
    else if (disk_before_opening != NULL)
        disk_before_opening();
    fd = calls_fails(CALL_OPEN) ? -1 : __real_open(path, flags, mode);
    if (flags & O_CREAT)
        atomic_fetch_add(&disk_makings, 1);
    return fd;
}

char *__wrap_mkdtemp(char *path)
{
    char *made;

    begin_making();
    made = __real_mkdtemp(path);
    atomic_fetch_add(&disk_makings, 1);
    return made;
}
