/*
 * temporary.h - files and folders for a while.
 *
 * For the user alone (0600, 0700).  What io/file/file.h says of threads and of
 * errors holds here too; what is made for who has walked away is taken away
 * again.
 */
#ifndef GYRE_IO_FILE_TEMPORARY_H
#define GYRE_IO_FILE_TEMPORARY_H

#include "timers/time.h"

#pragma GCC visibility push(default)

/* A file in the folder `folder` that has no name, to read and to write: when it
   is closed it is gone, and so it is after a crash.  Returns a descriptor. */
int gyre_temporary_file(const char *folder, gyre_time deadline)
    __attribute__((warn_unused_result));

/* One with a name: `path` ends in XXXXXX, which become letters that make it a
   new one.  Returns a descriptor; the file is the caller's to unlink.  -EINVAL
   if it does not end so. */
int gyre_temporary_named(char *path, gyre_time deadline)
    __attribute__((warn_unused_result));

/* A folder, in the same way.  0. */
int gyre_temporary_folder(char *path, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
