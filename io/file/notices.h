/*
 * notices.h - what a watcher is, and what the system tells it.
 *
 * Private to io/, installed nowhere.  The functions differ from system to
 * system: watcher_inotify.c has them, or watcher_kqueue.c, whichever goes with
 * the poller.
 */
#ifndef GYRE_IO_FILE_NOTICES_H
#define GYRE_IO_FILE_NOTICES_H

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include "io/fd.h"
#include "io/file/watcher.h"

/* One thing that is watched. */
struct gyre_watched {
    int id;
    int fd; /* that it is open under, or -1 */
};

struct gyre_watcher {
    struct gyre_fd fd;              /* tells that there are notices */
    struct gyre_watched *watched;   /* by id, in order */
    size_t n, room;                 /* of `watched` */
    struct gyre_watching *watching; /* that is started, or NULL */
    struct gyre_line adding;        /* those inside gyre_watcher_add */

    /* The system's file. */
    int last_id;       /* that was given */
    size_t at, length; /* bytes of `notices`: told, and there are */
    alignas(8) char notices[4096];
};

/* watcher.c: as gyre_watcher_next, whoever else waits. */
int gyre_notices_next(struct gyre_watcher *w, struct gyre_change *out,
                      gyre_time deadline) __attribute__((warn_unused_result));

/* A descriptor, non-blocking and closed on exec, or -errno. */
int gyre_notices_open(void);

/* Find what is at `path`, on any thread: a descriptor, closed on exec, or
   -errno. */
int gyre_notices_find(const char *path);

/* Begin to watch what was found at `path`, whose descriptor it takes over in
   any case: the id and the descriptor; 0 or -errno. */
int gyre_notices_add(struct gyre_watcher *w, int found, const char *path,
                     struct gyre_watched *out);

/* Watch it no more. */
void gyre_notices_remove(struct gyre_watcher *w, const struct gyre_watched *o);

/* The next notice, perhaps of what is not watched any more: 0, or -errno;
   -EAGAIN if there is none.  GYRE_GONE is the last of its id. */
int gyre_notices_take(struct gyre_watcher *w, struct gyre_change *out);

#endif
