/*
 * folder.h - what is in a folder, one entry after the other.
 *
 * Entries are read by a thread of the pool for files, some hundred at a time,
 * so that most calls return at once; what is in hand is never more than 32 KiB,
 * however many there are.
 */
#ifndef GYRE_IO_FILE_FOLDER_H
#define GYRE_IO_FILE_FOLDER_H

#include <sys/types.h>

#include "timers/time.h"

struct gyre_folder;

/* An entry. */
struct gyre_folder_entry {
    const char *name; /* the folder's, until the next call */
    mode_t type;      /* S_IFREG, S_IFDIR, S_IFLNK and so on (sys/stat.h); 0: it
                         went before it could be looked at */
};

#pragma GCC visibility push(default)

/* As opendir.  The caller closes it. */
int gyre_folder_open(const char *path, struct gyre_folder **out,
                     gyre_time deadline) __attribute__((warn_unused_result));

/*
 * The next entry, in no order, but for "." and "..": 1; or 0 when there is
 * none; or an error.  What comes and goes meanwhile is told of or not.  A call
 * that ended early has lost nothing: the thread goes on, and until it is
 * through the next gets -EBUSY, as does one made while another task waits.
 */
int gyre_folder_next(struct gyre_folder *f, struct gyre_folder_entry *out,
                     gyre_time deadline) __attribute__((warn_unused_result));

/* Never parks; nobody may be inside a call.  NULL is left alone. */
void gyre_folder_close(struct gyre_folder *f);

#pragma GCC visibility pop

#endif
