/*
 * path.c - files and folders, by their names.
 */
#include "io/file/path.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_include) /* not where calls are made by libc alone */
#if __has_include(<sys/syscall.h>)
#include <sys/syscall.h>
#endif
#endif

#include "io/file/job.h"

/* ---- what is known of a file ---- */

static intptr_t stat_path(struct gyre_file_job *j)
{
    struct stat *st = (struct stat *)(void *)j->data;

    return gyre_file_result(fstatat(AT_FDCWD, j->path, st, j->flags));
}

int gyre_path_stat(const char *path, int flags, struct stat *out,
                   gyre_time deadline)
{
    struct gyre_file_job j = {.work = stat_path,
                              .path = path,
                              .flags = flags,
                              .out = out,
                              .n = sizeof *out};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t chown_path(struct gyre_file_job *j)
{
    return gyre_file_result(
        fchownat(AT_FDCWD, j->path, j->owner, j->group, j->flags));
}

int gyre_path_chown(const char *path, uid_t owner, gid_t group, int flags,
                    gyre_time deadline)
{
    struct gyre_file_job j = {.work = chown_path,
                              .path = path,
                              .owner = owner,
                              .group = group,
                              .flags = flags};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t set_times(struct gyre_file_job *j)
{
    return gyre_file_result(utimensat(AT_FDCWD, j->path, j->times, j->flags));
}

int gyre_path_set_times(const char *path, const struct timespec times[2],
                        int flags, gyre_time deadline)
{
    struct gyre_file_job j = {.work = set_times,
                              .path = path,
                              .times = {times[0], times[1]},
                              .flags = flags};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t chmod_path(struct gyre_file_job *j)
{
    return gyre_file_result(chmod(j->path, j->mode));
}

int gyre_path_chmod(const char *path, mode_t mode, gyre_time deadline)
{
    struct gyre_file_job j = {.work = chmod_path, .path = path, .mode = mode};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t access_path(struct gyre_file_job *j)
{
    return gyre_file_result(access(j->path, j->flags));
}

int gyre_path_access(const char *path, int mode, gyre_time deadline)
{
    struct gyre_file_job j = {.work = access_path, .path = path, .flags = mode};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t statvfs_path(struct gyre_file_job *j)
{
    return gyre_file_result(
        statvfs(j->path, (struct statvfs *)(void *)j->data));
}

int gyre_path_statvfs(const char *path, struct statvfs *out, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = statvfs_path, .path = path, .out = out, .n = sizeof *out};

    return (int)gyre_file_do(&j, deadline);
}

/* ---- names come and go ---- */

static intptr_t rename_path(struct gyre_file_job *j)
{
    return gyre_file_result(rename(j->path, j->to));
}

int gyre_path_rename(const char *path, const char *to, gyre_time deadline)
{
    struct gyre_file_job j = {.work = rename_path, .path = path, .to = to};

    return (int)gyre_file_do(&j, deadline);
}

/* As renameat2 does it; ENOSYS or EINVAL where there is no such thing. */
static int rename_exclusively(const char *path, const char *to)
{
#if defined(SYS_renameat2) && defined(RENAME_NOREPLACE)
    return (int)syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, to,
                        RENAME_NOREPLACE);
#else
    (void)path;
    (void)to;
    errno = ENOSYS;
    return -1;
#endif
}

static intptr_t rename_new(struct gyre_file_job *j)
{
    if (rename_exclusively(j->path, j->to) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL)
        return -errno;
    if (link(j->path, j->to) < 0)
        return -errno;
    return gyre_file_result(unlink(j->path));
}

int gyre_path_rename_new(const char *path, const char *to, gyre_time deadline)
{
    struct gyre_file_job j = {.work = rename_new, .path = path, .to = to};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t unlink_path(struct gyre_file_job *j)
{
    return gyre_file_result(unlink(j->path));
}

int gyre_path_unlink(const char *path, gyre_time deadline)
{
    struct gyre_file_job j = {.work = unlink_path, .path = path};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t make_folder(struct gyre_file_job *j)
{
    return gyre_file_result(mkdir(j->path, j->mode));
}

int gyre_path_mkdir(const char *path, mode_t mode, gyre_time deadline)
{
    struct gyre_file_job j = {.work = make_folder, .path = path, .mode = mode};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t remove_folder(struct gyre_file_job *j)
{
    return gyre_file_result(rmdir(j->path));
}

int gyre_path_rmdir(const char *path, gyre_time deadline)
{
    struct gyre_file_job j = {.work = remove_folder, .path = path};

    return (int)gyre_file_do(&j, deadline);
}

/* ---- links ---- */

static intptr_t link_path(struct gyre_file_job *j)
{
    return gyre_file_result(link(j->path, j->to));
}

int gyre_path_link(const char *path, const char *to, gyre_time deadline)
{
    struct gyre_file_job j = {.work = link_path, .path = path, .to = to};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t symlink_path(struct gyre_file_job *j)
{
    return gyre_file_result(symlink(j->path, j->to));
}

int gyre_path_symlink(const char *text, const char *to, gyre_time deadline)
{
    struct gyre_file_job j = {.work = symlink_path, .path = text, .to = to};

    return (int)gyre_file_do(&j, deadline);
}

/* The `n` bytes at `text` are what the job gives, if there is room for them and
   a NUL. */
static intptr_t give_text(struct gyre_file_job *j, const char *text, size_t n)
{
    if (n >= j->n)
        return -ENAMETOOLONG;
    memcpy(j->data, text, n);
    j->data[n] = '\0';
    j->n = n + 1;
    return 0;
}

static intptr_t read_link(struct gyre_file_job *j)
{
    char text[PATH_MAX];
    ssize_t n = readlink(j->path, text, sizeof text);

    return n < 0 ? -errno : give_text(j, text, (size_t)n);
}

int gyre_path_readlink(const char *path, char *buf, size_t n,
                       gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = read_link, .path = path, .out = buf, .n = n};

    return (int)gyre_file_do(&j, deadline);
}

static intptr_t real_path(struct gyre_file_job *j)
{
    char whole[PATH_MAX];

    if (realpath(j->path, whole) == NULL)
        return -errno;
    return give_text(j, whole, strlen(whole));
}

int gyre_path_realpath(const char *path, char *buf, size_t n,
                       gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = real_path, .path = path, .out = buf, .n = n};

    return (int)gyre_file_do(&j, deadline);
}
