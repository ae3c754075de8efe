/*
 * watcher.c - files and folders that change, told of as they do.
 *
 * Invariant: ids only grow, so what is watched is in their order, and what the
 * system still has to say of one that is not there any more is dropped.
 */
#include "io/file/watcher.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/file/job.h"
#include "io/file/notices.h"
#include "io/file/watching.h"
#include "io/line.h"

/* ---- what is watched ---- */

/* Where `id` is, or would be. */
static size_t place_of(const struct gyre_watcher *w, int id)
{
    size_t low = 0, high = w->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (w->watched[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct gyre_watched *find(const struct gyre_watcher *w, int id)
{
    size_t i = place_of(w, id);

    return i < w->n && w->watched[i].id == id ? &w->watched[i] : NULL;
}

static void forget(struct gyre_watcher *w, struct gyre_watched *o)
{
    size_t behind = (size_t)(w->watched + --w->n - o);

    memmove(o, o + 1, behind * sizeof *o);
}

static int make_room(struct gyre_watcher *w)
{
    size_t size = w->room * sizeof *w->watched;
    size_t room = w->room > 0 ? 2 * w->room : 4;
    struct gyre_watched *more;

    if (w->n < w->room)
        return 0;
    more = gyre_resize(gyre_loop_allocator(w->fd.loop), w->watched, size,
                       room * sizeof *more);
    if (more == NULL)
        return -ENOMEM;
    w->watched = more;
    w->room = room;
    return 0;
}

static intptr_t find_path(struct gyre_file_job *j)
{
    return gyre_notices_find(j->path);
}

/* A descriptor of what is at `path`.  The watcher may be gone when this
   returns. */
static int look_up(const char *path, gyre_time deadline)
{
    struct gyre_file_job j = {
        .work = find_path, .undo = gyre_file_close_result, .path = path};
    int err;

    if (deadline != GYRE_NOW)
        return (int)gyre_file_do(&j, deadline);
    err = gyre_checkpoint(deadline);
    if (err == 0)
        err = gyre_notices_find(path);
    return err == -EAGAIN ? -EBUSY : err;
}

/* All that is left to do with what was found, which is closed if it fails. */
static int add(struct gyre_watcher *w, int found, const char *path)
{
    struct gyre_watched o;
    int err = make_room(w);

    if (err) {
        close(found);
        return err;
    }
    err = gyre_notices_add(w, found, path, &o);
    if (err)
        return err;
    if (find(w, o.id) == NULL)
        w->watched[w->n++] = o;
    return o.id;
}

int gyre_watcher_add(struct gyre_watcher *w, const char *path,
                     gyre_time deadline)
{
    struct gyre_caller c;
    int found;

    if (gyre_loop_inherited(w->fd.loop))
        return -ECANCELED;
    gyre_line_join(&w->adding, &c);
    found = look_up(path, deadline);
    gyre_line_leave(&w->adding, &c);
    if (found >= 0 && !c.sent_home)
        return add(w, found, path);
    if (found >= 0)
        close(found);
    return c.sent_home ? c.sent_home : found;
}

void gyre_watcher_remove(struct gyre_watcher *w, int id)
{
    struct gyre_watched *o = find(w, id);

    if (o == NULL)
        return;
    gyre_notices_remove(w, o);
    forget(w, o);
}

/* ---- changes ---- */

/* Take the next notice of what is still watched. */
static intptr_t take(struct gyre_fd *f, void *out)
{
    struct gyre_watcher *w = GYRE_OWNER(f, struct gyre_watcher, fd);
    struct gyre_change *c = out;
    int err;

    do
        err = gyre_notices_take(w, c);
    while (err == 0 && c->kind != GYRE_OVERFLOW && find(w, c->id) == NULL);
    if (err == 0 && c->kind == GYRE_GONE)
        gyre_watcher_remove(w, c->id);
    return err;
}

int gyre_notices_next(struct gyre_watcher *w, struct gyre_change *out,
                      gyre_time deadline)
{
    return (int)gyre_fd_try(&w->fd, GYRE_READ, take, out, deadline);
}

int gyre_watcher_next(struct gyre_watcher *w, struct gyre_change *out,
                      gyre_time deadline)
{
    int err;

    if (w->watching == NULL)
        return gyre_notices_next(w, out, deadline);
    err = gyre_checkpoint(deadline);
    return err ? err : -EBUSY;
}

int gyre_watcher_open(struct gyre_loop *l, struct gyre_watcher **out)
{
    struct gyre_allocator *a = gyre_loop_allocator(l);
    struct gyre_watcher *w = gyre_resize(a, NULL, 0, sizeof *w);
    int fd;

    if (w == NULL)
        return -ENOMEM;
    fd = gyre_notices_open();
    if (fd < 0) {
        gyre_resize(a, w, sizeof *w, 0);
        return fd;
    }
    memset(w, 0, sizeof *w);
    gyre_fd_open(&w->fd, l, fd, GYRE_FD_OTHER);
    *out = w;
    return 0;
}

void gyre_watcher_close(struct gyre_watcher *w)
{
    struct gyre_allocator *a;

    if (w == NULL)
        return;
    a = gyre_loop_allocator(w->fd.loop);
    if (w->watching != NULL)
        gyre_watching_stop(w->watching);
    while (w->n > 0)
        gyre_watcher_remove(w, w->watched[w->n - 1].id);
    gyre_resize(a, w->watched, w->room * sizeof *w->watched, 0);
    gyre_line_send_home(&w->adding, -EBADF);
    gyre_fd_close(&w->fd);
    gyre_resize(a, w, sizeof *w, 0);
}
