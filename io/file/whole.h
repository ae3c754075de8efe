/*
 * whole.h - all of a file at once.
 *
 * What io/file/file.h says of threads and of errors holds here too.
 */
#ifndef GYRE_IO_FILE_WHOLE_H
#define GYRE_IO_FILE_WHOLE_H

#include <stddef.h>
#include <sys/types.h>

#include "timers/time.h"

struct gyre_buf;

#pragma GCC visibility push(default)

/*
 * Append all that is in the file at `path` to `out`.  -EMSGSIZE if that is more
 * than `limit` bytes.  On any error `out` holds what it held before.  It is
 * read to its end, whatever its size is said to be; a file that changes
 * meanwhile may be read half old, half new.
 */
int gyre_file_read_whole(const char *path, struct gyre_buf *out, size_t limit,
                         gyre_time deadline)
    __attribute__((warn_unused_result));

/*
 * Let the file at `path` hold these `n` bytes and no others, with the
 * permissions `mode` less the process's umask, so that whoever opens it, also
 * after a crash, finds either all of the old or all of the new.  They are
 * written to another file in the same folder (".gyre-", and six letters), which
 * is put into the place of `path` when they have reached the disk.  It is a new
 * file: a link at `path` is replaced, not followed, and the owner, the other
 * names, and whatever else the old one had, it does not have.
 *
 * On an error the old is there as it was, and nothing beside it.  But if it was
 * the folder that could not be made to last, the new is in place, and a crash
 * may bring the old back.  Who ends early does not know which of the two is
 * there, or will be in a moment; nothing beside it then either, unless the
 * process ends while the thread is at it.
 */
int gyre_file_replace(const char *path, const void *bytes, size_t n,
                      mode_t mode, gyre_time deadline)
    __attribute__((warn_unused_result));

#pragma GCC visibility pop

#endif
