/*
 * watcher_kqueue.c - what macOS and the BSDs tell a watcher: kqueue.
 *
 * EVFILT_VNODE is about open files, so each has a descriptor while it is
 * watched; on macOS one that does not keep a disk from being taken out.  The
 * watcher is a kqueue of its own, which the loop's can watch as it does any
 * descriptor.  Closing what is watched takes its filter off, but not what we
 * have fetched, so that is found by an id of ours.
 *
 * Several things may have happened by the time one notice is fetched: they are
 * told of one after the other, in the order of `kinds`, the end last.
 */
#include "io/file/notices.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/event.h>
#include <sys/time.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#include "loop/kevent.h"

#ifdef O_EVTONLY
#define OPENING (O_EVTONLY | O_CLOEXEC)
#else
#define OPENING (O_RDONLY | O_NONBLOCK | O_CLOEXEC)
#endif

#define WANTED                                                                 \
    (NOTE_WRITE | NOTE_EXTEND | NOTE_ATTRIB | NOTE_LINK | NOTE_RENAME |        \
     NOTE_DELETE | NOTE_REVOKE)

static const struct {
    unsigned notes;
    enum gyre_change_kind kind;
} kinds[] = {
    {NOTE_WRITE | NOTE_EXTEND, GYRE_CHANGED},
    {NOTE_ATTRIB | NOTE_LINK, GYRE_ATTRIBUTES},
    {NOTE_RENAME, GYRE_MOVED},
    {NOTE_DELETE | NOTE_REVOKE, GYRE_GONE},
};

enum {
    KINDS = sizeof kinds / sizeof *kinds,
    ROOM = sizeof((struct gyre_watcher *)NULL)->notices / sizeof(struct kevent)
};

int gyre_notices_open(void)
{
    int kq = kqueue(), err;

    if (kq >= 0 && fcntl(kq, F_SETFD, FD_CLOEXEC) == 0)
        return kq;
    err = -errno;
    if (kq >= 0)
        close(kq);
    return err;
}

int gyre_notices_find(const char *path)
{
    int fd;

    do
        fd = open(path, OPENING);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

int gyre_notices_add(struct gyre_watcher *w, int found, const char *path,
                     struct gyre_watched *out)
{
    int id = w->last_id + 1;
    struct kevent k;
    int err;

    (void)path; /* `found` is enough */
    out->fd = found;
    EV_SET(&k, (uintptr_t)out->fd, EVFILT_VNODE, EV_ADD | EV_CLEAR, WANTED, 0,
           (void *)(uintptr_t)id);
    err = gyre_kevent(w->fd.fd, &k, 1, NULL, 0, NULL);
    if (err) {
        close(out->fd);
        return err;
    }
    out->id = w->last_id = id;
    return 0;
}

void gyre_notices_remove(struct gyre_watcher *w, const struct gyre_watched *o)
{
    (void)w;
    close(o->fd);
}

static int fetch(struct gyre_watcher *w)
{
    const struct timespec none = {0};
    int n = gyre_kevent(w->fd.fd, NULL, 0, (void *)w->notices, ROOM, &none);

    if (n <= 0)
        return n < 0 ? n : -EAGAIN;
    w->at = 0;
    w->length = (size_t)n * sizeof(struct kevent);
    return 0;
}

/* The first of what a notice has to say, which it has not to say any more. */
static bool read_notice(struct kevent *k, struct gyre_change *out)
{
    int i = 0;

    while (i < KINDS && !(k->fflags & kinds[i].notes))
        i++;
    if (i == KINDS)
        return false;
    k->fflags &= ~kinds[i].notes;
    *out = (struct gyre_change){.kind = kinds[i].kind,
                                .id = (int)(uintptr_t)k->udata};
    return true;
}

int gyre_notices_take(struct gyre_watcher *w, struct gyre_change *out)
{
    for (;;) {
        int err = w->at < w->length ? 0 : fetch(w);

        if (err)
            return err;
        if (read_notice((void *)(w->notices + w->at), out))
            return 0;
        w->at += sizeof(struct kevent);
    }
}
