/*
 * watcher.h - files and folders that change, told of as they do.
 *
 * A watcher watches any number of them, each by an id, and tells of changes in
 * the order in which the system does.  For tasks; callbacks have
 * io/file/watching.h.
 *
 * What is told is what the system knows.  Linux (inotify) names the entry of a
 * folder that has changed; macOS and the BSDs (kqueue) say only that something
 * in the folder is other than it was, which is GYRE_CHANGED without a name, and
 * keep what is watched open.  Nobody tells of what is deeper in a folder than
 * its own entries, nor of what other machines do to a shared one.  Changes of
 * one kind may be told of as one.  So a change is a reason to look, and what is
 * there then is what counts.
 *
 * Programs that save a file often put another in its place: who wants to follow
 * that watches the folder.
 */
#ifndef GYRE_IO_FILE_WATCHER_H
#define GYRE_IO_FILE_WATCHER_H

#include <stdint.h>

#include "timers/time.h"

struct gyre_loop;
struct gyre_watcher;

enum gyre_change_kind {
    GYRE_CHANGED,    /* what is in it */
    GYRE_ATTRIBUTES, /* its permissions, times, owner, or number of names */
    GYRE_CREATED,    /* an entry is new */
    GYRE_REMOVED,    /* an entry is no more */
    GYRE_MOVED_FROM, /* an entry has left, or has another name: see `pair` */
    GYRE_MOVED_TO,   /* an entry has come, or has this name now */
    GYRE_MOVED,    /* what is watched itself is elsewhere, and watched there */
    GYRE_GONE,     /* what is watched was removed, or its file system was; its
                        id is no more */
    GYRE_OVERFLOW, /* changes were lost, of whatever: look at everything */
};

/* A change. */
struct gyre_change {
    enum gyre_change_kind kind;
    int id; /* of what is watched; 0 for an overflow */
    const char
        *name;     /* of the entry in that folder, the watcher's until the next
                         call; NULL: what is watched itself */
    uint32_t pair; /* the same, and not 0, in the two notices of one move
                         between, or within, watched folders */
};

#pragma GCC visibility push(default)

/* A watcher of nothing yet.  The caller closes it.  -ENOMEM; or as
   inotify_init, or kqueue. */
int gyre_watcher_open(struct gyre_loop *l, struct gyre_watcher **out);

/*
 * Watch what is at `path` from here on; where a link leads, if it is one.  An
 * id, over 0, which no other will have; but what is watched already, be it by
 * another name, may be given the one it has.
 *
 * A thread of the pool for files looks the path up, for the disk may block;
 * with GYRE_NOW the loop does, and so callbacks may.  -ENOSPC if the system
 * watches too much; -EBUSY for open's EAGAIN; -EBADF when the watcher was
 * closed meanwhile; -ENOMEM; or as open, inotify_add_watch, and gyre_file_open.
 * A cancel point: on an error nothing is watched.
 */
int gyre_watcher_add(struct gyre_watcher *w, const char *path,
                     gyre_time deadline) __attribute__((warn_unused_result));

/* Watch it no more: nothing further is told of it.  What is no id (any more) is
   left alone. */
void gyre_watcher_remove(struct gyre_watcher *w, int id);

/*
 * Wait for the next change.  0; -EBUSY while a watching is started; -EBADF when
 * it was closed meanwhile.  Tasks that wait are served in order; none is lost
 * when one ends early.
 */
int gyre_watcher_next(struct gyre_watcher *w, struct gyre_change *out,
                      gyre_time deadline) __attribute__((warn_unused_result));

/* Tasks that are inside of calls get -EBADF, and touch it no more; a watching
   is stopped.  Never parks.  NULL is left alone. */
void gyre_watcher_close(struct gyre_watcher *w);

#pragma GCC visibility pop

#endif
