/*
 * users.h - which descriptors are in use by threads.
 *
 * Private to io/, installed nowhere.  A thread that was walked away from may
 * still be at a read or a write.  If the descriptor were closed, its number
 * could be another file's by the time the thread gets there.  So who uses one
 * says so, from before the thread is asked, and the last of those closes it.
 *
 * Any thread.
 */
#ifndef GYRE_IO_FILE_USERS_H
#define GYRE_IO_FILE_USERS_H

#include <stdbool.h>

#include "loop/list.h"

/* One use of a descriptor; in place until it is over. */
struct gyre_file_user {
    struct gyre_list link; /* in `users` */
    int fd;
    bool closes; /* it is to be closed */
};

/* From here on `u` uses `fd`; `closes`: and has it closed. */
void gyre_file_use(struct gyre_file_user *u, int fd, bool closes);

/* To here.  If it is to be closed, the last user does, and is told how that
   went: 0 or -errno. */
int gyre_file_unuse(struct gyre_file_user *u);

#endif
