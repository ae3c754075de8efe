/*
 * file.h - files, by their descriptors.
 *
 * A file blocks whoever reads it, whatever is asked of it beforehand: no poller
 * knows when a disk has answered.  So each call here is made by a thread of the
 * run's pool for files (task/pool.h), while the task waits, and nothing else
 * does.  A descriptor is a plain number, to be used otherwise as well; and what
 * is no file, as a pipe, may be read and written here too, also if it does not
 * block.  For files by name see io/file/path.h; all of one at once,
 * io/file/whole.h.
 *
 * Who will not wait any longer walks away, though the thread may be stuck.
 * Bytes are copied on their way, and names too, so the caller's are his at
 * once.  A call that ended so, with -ECANCELED or -ETIMEDOUT, may not have been
 * begun, or be under way still, and have its effect later; but what it would
 * hand over is not lost: a file that opens too late is closed.  -ENOMEM and
 * -EBUSY as of gyre_offload: then nothing has been done.
 *
 * Errors are the system's, but for -EIO in place of its ETIMEDOUT.  For tasks;
 * with GYRE_NOW nothing is done.  Under simulation the loop does it itself.
 */
#ifndef GYRE_IO_FILE_FILE_H
#define GYRE_IO_FILE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

#include "timers/time.h"

/* For an offset: where the descriptor is, which moves on. */
#define GYRE_FILE_POSITION (-1)

#pragma GCC visibility push(default)

/* As open(2), and closed on exec: a descriptor, the caller's to close. */
int gyre_file_open(const char *path, int flags, mode_t mode, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Close `fd`.  That is done in every case, also in a task that is cancelled,
 * and with GYRE_NOW, by the loop: an error tells how it went, and what it
 * leaves behind is nothing.  While calls on `fd` are under way, which may have
 * been walked away from, the last of them closes it, and meanwhile the number
 * is no other file's: so it is how a descriptor that was used here is to be
 * closed.
 */
int gyre_file_close(int fd, gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Read up to `n` bytes from `offset`, or from GYRE_FILE_POSITION: > 0 bytes, 0
 * at the end.  Never more than 1 MiB at a time.  When it ended early, and was
 * to read from the position, that may have moved: what was read is lost.
 */
ssize_t gyre_file_read(int fd, void *buf, size_t n, int64_t offset,
                       gyre_time deadline) __attribute__((warn_unused_result));

/*
 * Write all `n` bytes.  0; or an error, after which any part of them may have
 * been written; when it ended early, a part may be written later.  They go
 * there in pieces of 1 MiB, each as one write.
 */
int gyre_file_write(int fd, const void *buf, size_t n, int64_t offset,
                    gyre_time deadline) __attribute__((warn_unused_result));

/* Have all that was written put where it outlives a crash; or the bytes only,
   and what is needed to read them.  As far as the system can. */
int gyre_file_sync(int fd, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_file_sync_data(int fd, gyre_time deadline)
    __attribute__((warn_unused_result));

/* Make it `length` bytes, with zeros where there were none. */
int gyre_file_truncate(int fd, int64_t length, gyre_time deadline)
    __attribute__((warn_unused_result));

int gyre_file_stat(int fd, struct stat *out, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_file_chmod(int fd, mode_t mode, gyre_time deadline)
    __attribute__((warn_unused_result));
int gyre_file_chown(int fd, uid_t owner, gid_t group, gyre_time deadline)
    __attribute__((warn_unused_result));

/* As futimens: when it was read, and when it was changed. */
int gyre_file_set_times(int fd, const struct timespec times[2],
                        gyre_time deadline) __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
