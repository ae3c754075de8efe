/*
 * watching.c - changes of files and folders, called back with.
 *
 * Its job makes one call, and sees to it that it is started again before it
 * tells: after that there may be no watching any more, and no watcher.
 */
#include "io/file/watching.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "loop/loop.h"
#include "io/file/notices.h"

static struct gyre_loop *loop_of(const struct gyre_watching *w)
{
    return w->watcher->fd.loop;
}

/* Have the job run when something may have changed. */
static int await(struct gyre_watching *w, struct gyre_watcher *watcher)
{
    return gyre_fd_when(&watcher->fd, GYRE_READ, &w->job);
}

/* The same again; or at once, to tell why that cannot be. */
static void go_on(struct gyre_watching *w)
{
    w->err = await(w, w->watcher);
    if (w->err)
        gyre_job_start(loop_of(w), &w->job);
}

static void run(struct gyre_job *j)
{
    struct gyre_watching *w = GYRE_OWNER(j, struct gyre_watching, job);
    struct gyre_change c;
    int err = w->err;

    if (err == 0)
        err = gyre_notices_next(w->watcher, &c, GYRE_NOW);
    if (err == 0 || err == -ETIMEDOUT)
        go_on(w);
    else
        gyre_watching_stop(w);
    if (err != -ETIMEDOUT)
        w->changed(w, err ? NULL : &c, err);
}

int gyre_watching_start(struct gyre_watching *w, struct gyre_watcher *watcher)
{
    int err;

    assert(!gyre_watching_started(w));
    if (watcher->watching != NULL)
        return -EBUSY;
    w->job.run = run;
    err = await(w, watcher);
    if (err)
        return err;
    w->watcher = watcher;
    watcher->watching = w;
    w->err = 0;
    w->awaited = !w->background;
    if (w->awaited)
        gyre_loop_awaits(watcher->fd.loop, 1);
    return 0;
}

void gyre_watching_stop(struct gyre_watching *w)
{
    struct gyre_watcher *watcher = w->watcher;

    if (watcher == NULL)
        return;
    if (w->awaited)
        gyre_loop_awaits(watcher->fd.loop, -1);
    gyre_fd_forget(&watcher->fd, GYRE_READ);
    gyre_job_stop(watcher->fd.loop, &w->job);
    watcher->watching = NULL;
    w->watcher = NULL;
}

bool gyre_watching_started(const struct gyre_watching *w)
{
    return w->watcher != NULL;
}
