/*
 * fd_call.c - calls on a descriptor, and the tasks that wait for them.
 *
 * A call is in one of three ways, each shorter for not being the others: by who
 * does not wait; at once, as most succeed; and by who stands in line.
 */
#include "io/fd.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/at_once.h"
#include "task/background.h"
#include "task/wait.h"
#include "io/internal.h"
#include "io/line.h"
#include "io/quiet.h"
#include "io/sys.h"

/* What reads and what writes is a function of its own; but what has to wait is
   no part of that. */
#define INLINE      static inline __attribute__((always_inline))
#define NOT_INLINED __attribute__((noinline))

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

/* For who will not wait.  He asks the system in any case: there may be news of
   which the loop could not tell yet. */
INLINE intptr_t now(struct gyre_fd *f, unsigned event,
                    intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                    void *arg)
{
    intptr_t result = gyre_checkpoint_now(f->loop);

    if (result == 0)
        result = gyre_line_empty(gyre_fd_line(f, event))
                     ? call(f, event, attempt, arg)
                     : -EAGAIN;
    return result == -EAGAIN ? -ETIMEDOUT : result;
}

/* Where a call stands that is not over. */
enum stage {
    TRIED,  /* it said EAGAIN */
    NEW,    /* its checkpoint is to come: as gyre_checkpoint_at_once says */
    PASSED, /* that is passed, and somebody is before it */
};

/*
 * Most calls succeed at once: then nobody comes between the checkpoint and the
 * call, and who makes it stands in no line.  What came of it so far: -EAGAIN if
 * it is not over.
 */
INLINE intptr_t at_once(struct gyre_fd *f, unsigned event,
                        intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                        void *arg, gyre_time deadline, int *stage)
{
    int err = gyre_checkpoint_at_once(deadline);

    if (err == 0 && !gyre_line_empty(gyre_fd_line(f, event)))
        err = PASSED;
    *stage = err;
    if (err == TRIED)
        return outcome(attempt(f, arg));
    return err > 0 ? -EAGAIN : err;
}

/* Stand in line until it is done, from its checkpoint on. */
INLINE intptr_t stand(struct gyre_fd *f, unsigned event,
                      intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                      void *arg, gyre_time deadline, int stage)
{
    intptr_t result = -EAGAIN;
    struct gyre_caller c;
    int err;

    gyre_line_join(gyre_fd_line(f, event), &c);
    err = stage == NEW ? gyre_checkpoint(deadline) : 0;
    if (c.sent_home)
        return c.sent_home;
    while (err == 0) {
        if ((f->ready & event) &&
            gyre_line_is_first(gyre_fd_line(f, event), &c))
            result = call(f, event, attempt, arg);
        if (result != -EAGAIN)
            break;
        err = park(f, event, &c, deadline);
    }
    if (c.sent_home)
        return c.sent_home;
    gyre_line_leave(gyre_fd_line(f, event), &c);
    if (f->ready & event)
        gyre_line_call(gyre_fd_line(f, event));
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
    return result == -EAGAIN ? stand(f, event, attempt, arg, deadline, stage)
                             : result;
}

intptr_t gyre_fd_try(struct gyre_fd *f, unsigned event,
                     intptr_t (*attempt)(struct gyre_fd *f, void *arg),
                     void *arg, gyre_time deadline)
{
    intptr_t result = -EAGAIN;
    int stage = NEW;

    if (deadline == GYRE_NOW)
        return now(f, event, attempt, arg);
    if (f->ready & event)
        result = at_once(f, event, attempt, arg, deadline, &stage);
    return result == -EAGAIN ? finish(f, event, attempt, arg, deadline, stage)
                             : result;
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
    else if (f->follows)
        gyre_job_start(f->loop, f->to_read);
    return got;
}

static NOT_INLINED ssize_t read_now(struct gyre_fd *f, struct reading r)
{
    return now(f, GYRE_READ, receive, &r);
}

static NOT_INLINED ssize_t wait_to_read(struct gyre_fd *f, struct reading r,
                                        gyre_time deadline, int stage)
{
    return finish(f, GYRE_READ, receive, &r, deadline, stage);
}

static NOT_INLINED ssize_t read_at_once(struct gyre_fd *f, struct reading r,
                                        gyre_time deadline)
{
    int stage;
    intptr_t got = at_once(f, GYRE_READ, receive, &r, deadline, &stage);

    return got == -EAGAIN ? wait_to_read(f, r, deadline, stage) : got;
}

ssize_t gyre_fd_read(struct gyre_fd *f, void *buf, size_t n, gyre_time deadline)
{
    struct reading r = {buf, n};

    if (deadline == GYRE_NOW)
        return read_now(f, r);
    return f->ready & GYRE_READ ? read_at_once(f, r, deadline)
                                : wait_to_read(f, r, deadline, NEW);
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

static NOT_INLINED ssize_t write_now(struct gyre_fd *f, struct writing w)
{
    return now(f, GYRE_WRITE, transmit, &w);
}

static NOT_INLINED ssize_t wait_to_write(struct gyre_fd *f, struct writing w,
                                         gyre_time deadline, int stage)
{
    return finish(f, GYRE_WRITE, transmit, &w, deadline, stage);
}

static NOT_INLINED ssize_t write_at_once(struct gyre_fd *f, struct writing w,
                                         gyre_time deadline)
{
    int stage;
    intptr_t sent = at_once(f, GYRE_WRITE, transmit, &w, deadline, &stage);

    return sent == -EAGAIN ? wait_to_write(f, w, deadline, stage) : sent;
}

ssize_t gyre_fd_writev(struct gyre_fd *f, const struct iovec *iov, int n,
                       gyre_time deadline)
{
    struct writing w = {iov, n};

    if (deadline == GYRE_NOW)
        return write_now(f, w);
    return f->ready & GYRE_WRITE ? write_at_once(f, w, deadline)
                                 : wait_to_write(f, w, deadline, NEW);
}
