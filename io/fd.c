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
 *     will ever tell of the end.  So no read is `exact` then, until EAGAIN.
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
#include "task/at_once.h"
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
        f->exact = false;
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
    f->exact = false;
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

    gyre_awaits_begin(l);
    err =
        gyre_line_park(c, event == GYRE_WRITE ? &writes : &reads, f, deadline);
    gyre_awaits_end(l);
    return err;
}

/* What an attempt came to.  If the system gave the connection up that is no
   -ETIMEDOUT, for the caller's time is another matter. */
static intptr_t outcome(intptr_t result)
{
    return result == -ETIMEDOUT ? -ECONNRESET : result;
}

/* What reads and what writes is a function of its own; but what has to wait is
   no part of that, which is shorter for it. */
#define INLINE      static inline __attribute__((always_inline))
#define NOT_INLINED __attribute__((noinline))

/* How far a call has come that is not over. */
enum stage {
    TRIED,  /* it said EAGAIN */
    NEW,    /* its checkpoint is to come: as gyre_checkpoint_at_once says */
    PASSED, /* that is passed, and somebody is before it */
};

/*
 * Most calls succeed at once: then nobody comes between the checkpoint and the
 * call, and who makes it stands in no line.  Who will not wait asks the system
 * in any case: there may be news of which the loop could not tell yet.  TRIED:
 * make it; or where it stands, or an error.
 */
INLINE int begin(struct gyre_fd *f, unsigned event, gyre_time deadline)
{
    int err;

    if (deadline != GYRE_NOW && !(f->ready & event))
        return NEW;
    if (deadline == GYRE_NOW && gyre_loop_inherited(f->loop))
        return -ECANCELED;
    err = gyre_checkpoint_at_once(deadline);
    return err == 0 && !gyre_list_empty(line_of(f, event)) ? PASSED : err;
}

/* What came of a call so far: -EAGAIN if it is not over. */
INLINE intptr_t at_once(struct gyre_fd *f, unsigned event,
                        intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                        void *arg, gyre_time deadline, int *stage)
{
    *stage = begin(f, event, deadline);
    if (*stage == TRIED)
        return outcome(attempt(f, arg));
    return *stage > 0 ? -EAGAIN : *stage;
}

/* After EAGAIN: the same, if the loop will tell when to call.  A pipe that
   cannot be watched may have lost its other side just then: so another call
   tells. */
static NOT_INLINED intptr_t blocked(struct gyre_fd *f, unsigned event,
                                    intptr_t (*attempt)(struct gyre_fd *f,
                                                        void *arg),
                                    void *arg)
{
    int err = gyre_fd_blocked(f, event);
    intptr_t result = -EAGAIN;

    if (err == -EPERM) {
        result = outcome(attempt(f, arg));
        err = result == -EAGAIN ? gyre_fd_blocked(f, event) : 0;
    }
    return err ? err : result;
}

/* Call `attempt`, whose turn it is. */
INLINE intptr_t call(struct gyre_fd *f, unsigned event,
                     intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                     void *arg)
{
    intptr_t result = outcome(attempt(f, arg));

    return result == -EAGAIN ? blocked(f, event, attempt, arg) : result;
}

/* Stand in line until it is done, from its checkpoint on. */
INLINE intptr_t stand(struct gyre_fd *f, unsigned event,
                      intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                      void *arg, gyre_time deadline, int stage)
{
    intptr_t result = -EAGAIN;
    struct gyre_caller c;
    int err;

    gyre_line_join(line_of(f, event), &c);
    err = stage == NEW ? gyre_checkpoint(deadline) : 0;
    while (err == 0 && !c.sent_home && result == -EAGAIN) {
        if ((f->ready & event) && gyre_line_is_first(line_of(f, event), &c))
            result = call(f, event, attempt, arg);
        if (result == -EAGAIN)
            err = park(f, event, &c, deadline);
    }
    gyre_line_leave(&c);
    if (c.sent_home)
        return c.sent_home;
    if (f->ready & event)
        gyre_line_call(line_of(f, event));
    return err ? err : result;
}

/* What was not done at once. */
INLINE intptr_t finish(struct gyre_fd *f, unsigned event,
                       intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                       void *arg, gyre_time deadline, int stage)
{
    intptr_t result = -EAGAIN;

    if (stage == TRIED)
        result = blocked(f, event, attempt, arg);
    if (result != -EAGAIN)
        return result;
    return deadline == GYRE_NOW
               ? -ETIMEDOUT
               : stand(f, event, attempt, arg, deadline, stage);
}

intptr_t gyre_fd_try(struct gyre_fd *f, unsigned event,
                     intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                     void *arg, gyre_time deadline)
{
    int stage;
    intptr_t result = at_once(f, event, attempt, arg, deadline, &stage);

    return result != -EAGAIN ? result
                             : finish(f, event, attempt, arg, deadline, stage);
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

NOT_INLINED ssize_t gyre_read_some(int fd, void *buf, size_t n)
{
    ssize_t got;

    do
        got = read(fd, buf, n);
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

INLINE intptr_t receive(struct gyre_fd *f, void *arg)
{
    const struct reading *r = arg;
    ssize_t got = f->kind == GYRE_FD_OTHER
                      ? gyre_read_some(f->fd, r->buf, r->n)
                      : gyre_sys_receive(f->fd, r->buf, r->n);

    if (got < 0)
        return got;
    if ((size_t)got < r->n && got > 0 && f->exact)
        f->ready &= (uint8_t)~GYRE_READ;
    return got;
}

static NOT_INLINED ssize_t wait_to_read(struct gyre_fd *f, struct reading r,
                                        gyre_time deadline, int stage)
{
    return finish(f, GYRE_READ, receive, &r, deadline, stage);
}

ssize_t gyre_fd_read(struct gyre_fd *f, void *buf, size_t n, gyre_time deadline)
{
    struct reading r = {buf, n};
    int stage;
    intptr_t got = at_once(f, GYRE_READ, receive, &r, deadline, &stage);

    return got != -EAGAIN ? got : wait_to_read(f, r, deadline, stage);
}

/* ---- writing ---- */

NOT_INLINED ssize_t gyre_write_quietly(int fd, const struct iovec *iov, int n)
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

INLINE intptr_t transmit(struct gyre_fd *f, void *arg)
{
    const struct writing *w = arg;

    return f->kind == GYRE_FD_OTHER ? gyre_write_quietly(f->fd, w->iov, w->n)
                                    : gyre_sys_send(f->fd, w->iov, w->n);
}

static NOT_INLINED ssize_t wait_to_write(struct gyre_fd *f, struct writing w,
                                         gyre_time deadline, int stage)
{
    return finish(f, GYRE_WRITE, transmit, &w, deadline, stage);
}

ssize_t gyre_fd_writev(struct gyre_fd *f, const struct iovec *iov, int n,
                       gyre_time deadline)
{
    struct writing w = {iov, n};
    int stage;
    intptr_t sent = at_once(f, GYRE_WRITE, transmit, &w, deadline, &stage);

    return sent != -EAGAIN ? sent : wait_to_write(f, w, deadline, stage);
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

static NOT_INLINED int start_or_enlist(struct gyre_fd *f, unsigned event,
                                       struct gyre_job *j)
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
    if (is_waited_for(line_of(f, event), *job_of(f, event)))
        return -EBUSY;
    if (f->ready & event || !is_enlisted(f, event))
        return start_or_enlist(f, event, j);
    *job_of(f, event) = j;
    return 0;
}

void gyre_fd_forget(struct gyre_fd *f, unsigned event)
{
    *job_of(f, event) = NULL;
}
