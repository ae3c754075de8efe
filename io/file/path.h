/*
 * path.h - files and folders, by their names.
 *
 * What io/file/file.h says of threads, of errors, and of ending early holds
 * here too: a call that ended early may have its effect later.  But for the
 * deadline these are the system calls of their names.
 */
#ifndef GYRE_IO_FILE_PATH_H
#define GYRE_IO_FILE_PATH_H

#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <time.h>

#include "timers/time.h"

#pragma GCC visibility push(default)

/* `flags`: 0, or AT_SYMLINK_NOFOLLOW (fcntl.h), for a link itself. */
int gyre_path_stat(const char *path, int flags, struct stat *out,
                   gyre_time deadline) __attribute__((warn_unused_result));
int gyre_path_chown(const char *path, uid_t owner, gid_t group, int flags,
                    gyre_time deadline) __attribute__((warn_unused_result));
int gyre_path_set_times(const char *path, const struct timespec times[2],
                        int flags, gyre_time deadline)
    __attribute__((warn_unused_result));

int gyre_path_chmod(const char *path, mode_t mode, gyre_time deadline)
    __attribute__((warn_unused_result));

/* 0 if this process may do with it what `mode` says (R_OK, W_OK, X_OK, F_OK:
   unistd.h); by the time it does that may have changed. */
int gyre_path_access(const char *path, int mode, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Of the file system that `path` is on. */
int gyre_path_statvfs(const char *path, struct statvfs *out, gyre_time deadline)
    __attribute__((warn_unused_result));

/* What is at `to` is replaced at once. */
int gyre_path_rename(const char *path, const char *to, gyre_time deadline)
    __attribute__((warn_unused_result));

/* The same, but what is at `to` stays, whoever puts it there: -EEXIST.  No call
   of this name: where the system or the file system has none for it, one more
   link is made, and the old one taken away; -EPERM or -EOPNOTSUPP where that
   cannot be done either. */
int gyre_path_rename_new(const char *path, const char *to, gyre_time deadline)
    __attribute__((warn_unused_result));

int gyre_path_unlink(const char *path, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_path_mkdir(const char *path, mode_t mode, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_path_rmdir(const char *path, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Another name, `to`, for the file at `path`; and a link at `to` that says
   `text`. */
int gyre_path_link(const char *path, const char *to, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_path_symlink(const char *text, const char *to, gyre_time deadline)
    __attribute__((warn_unused_result));

/* What a link says; and the path without links and dots.  With a NUL;
   -ENAMETOOLONG if that is more than `n` bytes. */
int gyre_path_readlink(const char *path, char *buf, size_t n,
                       gyre_time deadline) __attribute__((warn_unused_result));
int gyre_path_realpath(const char *path, char *buf, size_t n,
                       gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
