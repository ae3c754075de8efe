/*
 * watcher_inotify.c - what Linux tells a watcher: inotify.
 *
 * Its numbers for what is watched grow, and are not given again, so they are
 * our ids.  One that is gone is told of by IN_IGNORED, after whatever else
 * there was to say; so is one that we have removed, which nobody is told of
 * then.  A file is gone when its last name is, and nobody has it open.
 */
#include "io/file/notices.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "loop/loop.h"

#define WANTED                                                                 \
    (IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |           \
     IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF)

static const struct {
    uint32_t event;
    enum gyre_change_kind kind;
} kinds[] = {
    {IN_MODIFY, GYRE_CHANGED},        {IN_ATTRIB, GYRE_ATTRIBUTES},
    {IN_CREATE, GYRE_CREATED},        {IN_DELETE, GYRE_REMOVED},
    {IN_MOVED_FROM, GYRE_MOVED_FROM}, {IN_MOVED_TO, GYRE_MOVED_TO},
    {IN_MOVE_SELF, GYRE_MOVED},       {IN_IGNORED, GYRE_GONE},
    {IN_Q_OVERFLOW, GYRE_OVERFLOW},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

int gyre_notices_open(void)
{
    int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int gyre_notices_find(const char *path)
{
    int fd;

    do
        fd = open(path, O_PATH | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

/* By the name that it has in /proc the way to it is not gone once more; where
   that is not mounted, it has just been. */
int gyre_notices_add(struct gyre_watcher *w, int found, const char *path,
                     struct gyre_watched *out)
{
    char name[32];

    snprintf(name, sizeof name, "/proc/self/fd/%d", found);
    out->fd = -1;
    out->id = inotify_add_watch(w->fd.fd, name, WANTED);
    if (out->id < 0 && errno == ENOENT)
        out->id = inotify_add_watch(w->fd.fd, path, WANTED);
    if (out->id < 0)
        out->id = -errno;
    close(found);
    return out->id < 0 ? out->id : 0;
}

void gyre_notices_remove(struct gyre_watcher *w, const struct gyre_watched *o)
{
    if (!gyre_loop_inherited(w->fd.loop))
        (void)inotify_rm_watch(w->fd.fd, o->id); /* it may be gone already */
}

static int fetch(struct gyre_watcher *w)
{
    ssize_t n;

    do
        n = read(w->fd.fd, w->notices, sizeof w->notices);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    w->at = 0;
    w->length = (size_t)n;
    return 0;
}

/* Say it in our words, if there are any: what else there is, as IN_DELETE_SELF,
   which IN_IGNORED will follow, is nothing new. */
static bool read_notice(const struct inotify_event *e, struct gyre_change *out)
{
    int i = 0;

    while (i < KINDS && !(e->mask & kinds[i].event))
        i++;
    if (i == KINDS)
        return false;
    out->kind = kinds[i].kind;
    out->id = out->kind == GYRE_OVERFLOW ? 0 : e->wd;
    out->name = e->len > 0 ? e->name : NULL;
    out->pair = e->cookie;
    return true;
}

int gyre_notices_take(struct gyre_watcher *w, struct gyre_change *out)
{
    const struct inotify_event *e;

    do {
        int err = w->at < w->length ? 0 : fetch(w);

        if (err)
            return err;
        e = (const void *)(w->notices + w->at);
        w->at += sizeof *e + e->len;
    } while (!read_notice(e, out));
    return 0;
}
