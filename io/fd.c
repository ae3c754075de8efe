/*
 * fd.c - a non-blocking descriptor, and what the loop tells of it.
 *
 * The calls that are made on it are in fd_call.c.  Readiness here is memory,
 * not news: the loop tells of an edge once, and we keep it until a call proves
 * it wrong.  It is forgotten
 *   - on EAGAIN, once the loop will tell of the next edge;
 *   - on a short read from TCP, for then the kernel has no more, and the call
 *     that would say EAGAIN is saved.  But not when an end, an error or urgent
 *     data was told since the last EAGAIN: data and the end of the file come in
 *     one event, the read that takes the data is short, and no further edge
 *     will ever tell of the end.  So no read is `exact` then, until EAGAIN.
 *
 * Invariants:
 *   - with an event in `ready`, the first of those in line for it is not parked
 *     for ever: it was called, or will be by who leaves the line before it;
 *   - the watch is started once a call has said EAGAIN, and stays so until the
 *     descriptor is closed.
 */
#include "io/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "loop/loop.h"
#include "io/internal.h"
#include "io/line.h"

#define LATCHING (GYRE_HANGUP | GYRE_ERROR | GYRE_PRIORITY)

/* ---- what the loop tells ---- */

static struct gyre_job **job_of(struct gyre_fd *f, unsigned event)
{
    return event == GYRE_READ ? &f->to_read : &f->to_write;
}

/* Who waits for `event` has what it waited for. */
static inline void tell(struct gyre_fd *f, unsigned event)
{
    gyre_line_tell(gyre_fd_line(f, event), job_of(f, event), f->loop);
}

/* The same, of who follows.  It is not run: a call may be under way. */
void gyre_fd_nudge(struct gyre_fd *f, unsigned event)
{
    f->ready |= event;
    if (event == GYRE_READ && f->follows)
        gyre_job_start(f->loop, f->to_read);
    else
        tell(f, event);
}

/* From the loop, inside of no call, who follows is run, if it was not started
   before.  Then there may be no `f` any more. */
static inline void tell_reader(struct gyre_fd *f)
{
    struct gyre_job *j = f->to_read;

    if (!f->follows)
        tell(f, GYRE_READ);
    else if (!gyre_list_linked(&j->link))
        j->run(j);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    struct gyre_fd *f = GYRE_OWNER(w, struct gyre_fd, watch);

    f->ready |= (uint8_t)(events & (GYRE_READ | GYRE_WRITE));
    if (events & LATCHING)
        f->exact = false;
    if (f->ready & GYRE_WRITE)
        tell(f, GYRE_WRITE);
    if (f->ready & GYRE_READ)
        tell_reader(f);
}

/* ---- opening and closing ---- */

int gyre_fd_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    return 0;
}

void gyre_fd_open(struct gyre_fd *f, struct gyre_loop *l, int fd,
                  enum gyre_fd_kind kind)
{
    *f = (struct gyre_fd){
        .fd = fd,
        .kind = (uint8_t)kind,
        .ready = GYRE_READ | GYRE_WRITE, /* who knows: try */
        .watch = {.ready = ready, .background = true},
        .loop = l,
    };
}

int gyre_fd_release(struct gyre_fd *f)
{
    int fd = f->fd;

    if (fd < 0 || f->loop == NULL)
        return -EBADF;
    f->to_read = f->to_write = NULL;
    f->follows = false;
    gyre_line_send_home(&f->readers, -EBADF);
    gyre_line_send_home(&f->writers, -EBADF);
    gyre_watch_stop(f->loop, &f->watch);
    f->fd = -1;
    return fd;
}

void gyre_fd_close(struct gyre_fd *f)
{
    int fd = gyre_fd_release(f);

    if (fd >= 0)
        close(fd);
}

/* ---- being told ---- */

/*
 * What to ask the loop for.  TCP is registered once, for all; of other things
 * many are never written, and their writability would be news at every read the
 * peer makes.
 */
static unsigned interest(const struct gyre_fd *f, unsigned event)
{
    unsigned events = f->watch.events | event | GYRE_HANGUP | GYRE_EDGE;

    if (f->kind == GYRE_FD_TCP)
        events |= GYRE_READ | GYRE_WRITE | GYRE_PRIORITY;
    return events;
}

/* Does the loop tell of `event`, if it can? */
static inline bool is_enlisted(const struct gyre_fd *f, unsigned event)
{
    return f->watch.events & event;
}

/* See to it that it does.  Of what cannot be polled it tells
   once, that it is ready, and never again: -EPERM, and it is not watched, so
   who waits for the other must ask for himself. */
static int enlist(struct gyre_fd *f, unsigned event)
{
    int err;

    if (is_enlisted(f, event))
        return 0;
    err = gyre_watch_start(f->loop, &f->watch, f->fd, interest(f, event));
    if (err)
        return err;
    f->exact = f->kind == GYRE_FD_TCP;
    if (gyre_watch_polled(&f->watch))
        return 0;
    gyre_watch_stop(f->loop, &f->watch);
    gyre_fd_nudge(f, event == GYRE_READ ? GYRE_WRITE : GYRE_READ);
    return -EPERM;
}

/* Forget that it might succeed, but only if we shall be told when it may
   again. */
int gyre_fd_blocked(struct gyre_fd *f, unsigned event)
{
    int err = enlist(f, event);

    if (err)
        return err;
    f->ready &= (uint8_t)~event;
    if (event == GYRE_READ)
        f->exact = f->kind == GYRE_FD_TCP;
    return 0;
}

/* ---- waiting without a task ---- */

static bool is_waited_for(const struct gyre_line *line,
                          const struct gyre_job *waiting)
{
    return waiting != NULL || !gyre_line_empty(line);
}

bool gyre_fd_has_reader(const struct gyre_fd *f)
{
    return is_waited_for(&f->readers, f->to_read);
}

static __attribute__((noinline)) int
start_or_enlist(struct gyre_fd *f, unsigned event, struct gyre_job *j)
{
    int err = enlist(f, event);

    if (err && err != -EPERM)
        return err;
    if (err || f->ready & event)
        gyre_job_start(f->loop, j);
    else
        *job_of(f, event) = j;
    return 0;
}

int gyre_fd_when(struct gyre_fd *f, unsigned event, struct gyre_job *j)
{
    if (is_waited_for(gyre_fd_line(f, event), *job_of(f, event)))
        return -EBUSY;
    if (f->ready & event || !is_enlisted(f, event))
        return start_or_enlist(f, event, j);
    *job_of(f, event) = j;
    return 0;
}

int gyre_fd_follow(struct gyre_fd *f, struct gyre_job *j)
{
    int err = gyre_fd_when(f, GYRE_READ, j);

    if (err)
        return err;
    f->to_read = j;
    f->follows = true;
    return 0;
}

void gyre_fd_forget(struct gyre_fd *f, unsigned event)
{
    *job_of(f, event) = NULL;
    if (event == GYRE_READ)
        f->follows = false;
}
