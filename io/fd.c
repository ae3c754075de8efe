/*
 * fd.c - a non-blocking descriptor, and the tasks that wait for it.
 *
 * Readiness here is memory, not news: the loop tells of an edge once, and we
 * keep it until a call proves it wrong.  It is forgotten
 *   - on EAGAIN, once the loop will tell of the next edge;
 *   - on a short read from TCP, for then the kernel has no more, and the call
 *     that would say EAGAIN is saved.  But not when an end, an error or urgent
 *     data was told since the last EAGAIN: data and the end of the file come in
 *     one event, the read that takes the data is short, and no further edge
 *     will ever tell of the end.  So these latch, until EAGAIN.
 *
 * Invariants:
 *   - with an event in `ready`, the first of those in line for it is not parked
 *     for ever: it was called, or will be by who leaves the line before it;
 *   - the watch is started once a call has said EAGAIN, and stays so until the
 *     descriptor is closed.
 */
#include "io/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "loop/loop.h"
#include "loop/result.h"
#include "task/background.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/line.h"
#include "io/quiet.h"
#include "io/sys.h"

#define LATCHING (GYRE_HANGUP | GYRE_ERROR | GYRE_PRIORITY)

static struct gyre_list *line_of(struct gyre_fd *f, unsigned event)
{
    return event == GYRE_READ ? &f->readers : &f->writers;
}

/* ---- what the loop tells ---- */

static struct gyre_job **job_of(struct gyre_fd *f, unsigned event)
{
    return event == GYRE_READ ? &f->to_read : &f->to_write;
}

/* Who waits for `event` has what it waited for. */
static void tell(struct gyre_fd *f, unsigned event)
{
    gyre_line_tell(line_of(f, event), job_of(f, event), f->loop);
}

void gyre_fd_nudge(struct gyre_fd *f, unsigned event)
{
    f->ready |= event;
    tell(f, event);
}

static void ready(struct gyre_watch *w, unsigned events)
{
    struct gyre_fd *f = GYRE_OWNER(w, struct gyre_fd, watch);

    f->ready |= (uint8_t)(events & (GYRE_READ | GYRE_WRITE));
    if (events & LATCHING)
        f->latched = true;
    if (f->ready & GYRE_READ)
        tell(f, GYRE_READ);
    if (f->ready & GYRE_WRITE)
        tell(f, GYRE_WRITE);
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
    f->watch = (struct gyre_watch){.ready = ready, .background = true};
    f->loop = l;
    gyre_list_init(&f->readers);
    gyre_list_init(&f->writers);
    f->to_read = f->to_write = NULL;
    f->fd = fd;
    f->kind = (uint8_t)kind;
    f->ready = GYRE_READ | GYRE_WRITE; /* who knows: try */
    f->latched = false;
}

int gyre_fd_release(struct gyre_fd *f)
{
    int fd = f->fd;

    if (fd < 0 || f->loop == NULL)
        return -EBADF;
    f->to_read = f->to_write = NULL;
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

/* ---- waiting ---- */

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

/* See to it that the loop tells of `event`.  Of what cannot be polled it tells
   once, that it is ready, and never again: -EPERM, and it is not watched, so
   who waits for the other must ask for himself. */
static int enlist(struct gyre_fd *f, unsigned event)
{
    unsigned events = interest(f, event);
    int err;

    if (events == f->watch.events)
        return 0;
    err = gyre_watch_start(f->loop, &f->watch, f->fd, events);
    if (err || gyre_watch_polled(&f->watch))
        return err;
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
        f->latched = false;
    return 0;
}

static void describe(const struct gyre_wait *w, char *text, size_t n)
{
    const struct gyre_fd *f = w->on;

    snprintf(text, n, "descriptor %d", f->fd);
}

static const struct gyre_wait_kind reads = {
    .name = "to read",
    .abandon = gyre_line_give_up,
    .describe = describe,
};

static const struct gyre_wait_kind writes = {
    .name = "to write",
    .abandon = gyre_line_give_up,
    .describe = describe,
};

/* Wait until it is our turn, and `event` may have come. */
static int park(struct gyre_fd *f, unsigned event, struct gyre_caller *c,
                gyre_time deadline)
{
    struct gyre_loop *l = f->loop;
    int err;

    if (deadline == GYRE_NOW)
        return -ETIMEDOUT;
    gyre_awaits_begin(l);
    err =
        gyre_line_park(c, event == GYRE_WRITE ? &writes : &reads, f, deadline);
    gyre_awaits_end(l);
    return err;
}

/* May a call for `event` succeed?  Who will not wait asks the system in any
   case: there may be news of which the loop could not tell yet. */
static bool may(const struct gyre_fd *f, unsigned event, gyre_time deadline)
{
    return (f->ready & event) || deadline == GYRE_NOW;
}

/* What an attempt came to.  If the system gave the connection up that is no
   -ETIMEDOUT, for the caller's time is another matter. */
static intptr_t outcome(intptr_t result)
{
    return result == -ETIMEDOUT ? -ECONNRESET : result;
}

/* Call `attempt` in our turn, until it does not say EAGAIN.  A pipe that cannot
   be watched may have lost its other side just then: so another call tells. */
static inline __attribute__((always_inline)) intptr_t
try_in_turn(struct gyre_fd *f, unsigned event, struct gyre_caller *c,
            intptr_t (*attempt)(struct gyre_fd *f, void *arg), void *arg,
            gyre_time deadline)
{
    bool again = false;
    int err = 0;

    while (err == 0) {
        if (may(f, event, deadline) &&
            gyre_line_is_first(line_of(f, event), c)) {
            intptr_t result = attempt(f, arg);

            if (result != -EAGAIN)
                return outcome(result);
            err = gyre_fd_blocked(f, event);
            if (err == -EPERM && !again) {
                again = true;
                err = 0;
                continue;
            }
        }
        if (err == 0)
            err = park(f, event, c, deadline);
    }
    return err;
}

/* gyre_fd_try; inline, so that what reads and writes is a loop of its own. */
static inline __attribute__((always_inline)) intptr_t
until_done(struct gyre_fd *f, unsigned event,
           intptr_t (*attempt)(struct gyre_fd *f, void *arg), void *arg,
           gyre_time deadline)
{
    struct gyre_caller c;
    intptr_t result;

    if (deadline == GYRE_NOW && gyre_loop_inherited(f->loop))
        return -ECANCELED;
    gyre_line_join(line_of(f, event), &c);
    result = gyre_checkpoint(deadline);
    if (result == 0 && !c.sent_home)
        result = try_in_turn(f, event, &c, attempt, arg, deadline);
    gyre_line_leave(&c);
    if (c.sent_home)
        return c.sent_home;
    if (f->ready & event)
        gyre_line_call(line_of(f, event));
    return result;
}

intptr_t gyre_fd_try(struct gyre_fd *f, unsigned event,
                     intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                     void *arg, gyre_time deadline)
{
    return until_done(f, event, attempt, arg, deadline);
}

/* ---- reading ---- */

/* What a read is to do; what a write is. */
struct reading {
    void *buf;
    size_t n;
};

struct writing {
    const struct iovec *iov;
    int n;
};

ssize_t gyre_read_some(int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = read(fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

static intptr_t receive(struct gyre_fd *f, void *arg)
{
    const struct reading *r = arg;
    ssize_t got = f->kind == GYRE_FD_OTHER
                      ? gyre_read_some(f->fd, r->buf, r->n)
                      : gyre_sys_receive(f->fd, r->buf, r->n);

    if (got < 0)
        return got;
    if ((size_t)got < r->n && f->kind == GYRE_FD_TCP && !f->latched &&
        got > 0 && f->watch.events != 0)
        f->ready &= (uint8_t)~GYRE_READ;
    return got;
}

ssize_t gyre_fd_read(struct gyre_fd *f, void *buf, size_t n, gyre_time deadline)
{
    struct reading r = {buf, n};

    return until_done(f, GYRE_READ, receive, &r, deadline);
}

/* ---- writing ---- */

ssize_t gyre_write_quietly(int fd, const struct iovec *iov, int n)
{
    struct gyre_quiet quiet;
    ssize_t sent;

    gyre_quiet_begin(&quiet);
    do
        sent = writev(fd, iov, n);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        sent = -errno;
    gyre_quiet_end(&quiet, (int)sent);
    return sent;
}

static intptr_t transmit(struct gyre_fd *f, void *arg)
{
    const struct writing *w = arg;

    return f->kind == GYRE_FD_OTHER ? gyre_write_quietly(f->fd, w->iov, w->n)
                                    : gyre_sys_send(f->fd, w->iov, w->n);
}

ssize_t gyre_fd_writev(struct gyre_fd *f, const struct iovec *iov, int n,
                       gyre_time deadline)
{
    struct writing w = {iov, n};

    return until_done(f, GYRE_WRITE, transmit, &w, deadline);
}

/* ---- waiting without a task ---- */

static bool is_waited_for(const struct gyre_list *line,
                          const struct gyre_job *waiting)
{
    return waiting != NULL || !gyre_list_empty(line);
}

bool gyre_fd_has_reader(const struct gyre_fd *f)
{
    return is_waited_for(&f->readers, f->to_read);
}

int gyre_fd_when(struct gyre_fd *f, unsigned event, struct gyre_job *j)
{
    int err;

    if (is_waited_for(line_of(f, event), *job_of(f, event)))
        return -EBUSY;
    err = enlist(f, event);
    if (err && err != -EPERM)
        return err;
    if (err || f->ready & event)
        gyre_job_start(f->loop, j);
    else
        *job_of(f, event) = j;
    return 0;
}

void gyre_fd_forget(struct gyre_fd *f, unsigned event)
{
    *job_of(f, event) = NULL;
}
