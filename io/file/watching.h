/*
 * watching.h - changes of files and folders, called back with: for callbacks.
 *
 * As gyre_watcher_next (io/file/watcher.h), which waits in a task.  Nothing is
 * allocated.
 */
#ifndef GYRE_IO_FILE_WATCHING_H
#define GYRE_IO_FILE_WATCHING_H

#include <stdbool.h>

#include "loop/job.h"
#include "io/file/watcher.h"

/* Set `changed`, and `background`; zero the rest.  Keep it in place while it is
   started. */
struct gyre_watching {
    /*
     * A change, and 0; it is good until this returns.  Or NULL, and why there
     * will be no more; then it is idle.  Called from the loop, at most once a
     * pass; may stop and free `w`, or close the watcher.
     */
    void (*changed)(struct gyre_watching *w, const struct gyre_change *c,
                    int err);
    bool background; /* does not keep the loop alive; read when started */

    /* private */
    struct gyre_watcher *watcher; /* NULL when idle */
    bool awaited;                 /* counted by the loop */
    int err;                      /* to be told yet, or 0 */
    struct gyre_job job;
};

#pragma GCC visibility push(default)

/* Tell of what `watcher` watches, again and again.  0; -EBUSY if a task waits,
   or another watching is started; or why the descriptor cannot be watched, and
   then nothing is started. */
int gyre_watching_start(struct gyre_watching *w, struct gyre_watcher *watcher);

/* Tell no more: changes wait, as many as the system keeps.  An idle one is left
   alone. */
void gyre_watching_stop(struct gyre_watching *w);

/* True from gyre_watching_start until it is stopped, has told of an error, or
   the watcher is closed. */
bool gyre_watching_started(const struct gyre_watching *w);

#pragma GCC visibility pop

#endif
