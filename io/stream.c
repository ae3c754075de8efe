/*
 * stream.c - what all streams have in common: turns, and reading ahead.
 *
 * Writers take turns, so that what each writes stays together: they stand in a
 * line, and the first has the turn.  Readers stand in another, of which the
 * first reads, and all others are turned away.
 *
 * Invariants:
 *   - `ahead` holds what was read from below and not yet asked for; while it is
 *     not empty nothing is read from below but behind it;
 *   - only the first in `readers` reads, and only while no job waits;
 *   - while the stream is broken nobody stands in `writers`.
 */
#include "io/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/line.h"

#define PIECES     1024 /* in one system call: IOV_MAX, everywhere */
#define READ_AHEAD 2048 /* bytes at a time, at least */
#define KEPT_AHEAD 8192 /* bytes of room kept while there is nothing in it */
#define COPIED     8192 /* of a file, at a time: on a task's stack */

static void notify(struct gyre_job *j)
{
    struct gyre_stream *s = GYRE_OWNER(j, struct gyre_stream, notify);
    struct gyre_job *idle = s->idle;

    s->idle = NULL;
    idle->run(idle);
}

void gyre_stream_init(struct gyre_stream *s, const struct gyre_stream_ops *ops,
                      struct gyre_loop *l)
{
    *s = (struct gyre_stream){.ops = ops,
                              .loop = l,
                              .ahead.allocator = gyre_loop_allocator(l),
                              .notify.run = notify};
    gyre_list_init(&s->readers);
    gyre_list_init(&s->writers);
}

/* ---- reading ---- */

/* Take up to `n` bytes of what was read ahead. */
static size_t take_ahead(struct gyre_stream *s, void *buf, size_t n)
{
    if (n > s->ahead.length)
        n = s->ahead.length;
    memcpy(buf, s->ahead.at, n);
    gyre_buf_take(&s->ahead, n);
    s->wanting = false;
    if (s->ahead.length == 0 && s->ahead.size > KEPT_AHEAD)
        gyre_buf_free(&s->ahead);
    return n;
}

/* May who stands in line read?  Not while another does, or a job waits. */
static bool may_read(const struct gyre_stream *s, const struct gyre_caller *c)
{
    return s->idle == NULL && gyre_line_is_first(&s->readers, c);
}

/* The cancel point of those in line who may need nothing from below. */
static int begin_reading(struct gyre_stream *s, const struct gyre_caller *c,
                         gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (c->sent_home)
        return c->sent_home;
    return err == 0 && !may_read(s, c) ? -EBUSY : err;
}

/* How a read ended. */
static ssize_t end_reading(struct gyre_caller *c, ssize_t result)
{
    gyre_line_leave(c);
    return c->sent_home ? c->sent_home : result;
}

ssize_t gyre_read(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t got = 0;

    gyre_line_join(&s->readers, &c);
    if (n == 0 || s->ahead.length > 0 || !may_read(s, &c))
        got = begin_reading(s, &c, deadline);
    if (got == 0 && n > 0)
        got = s->ahead.length > 0 ? (ssize_t)take_ahead(s, buf, n)
                                  : s->ops->read(s, buf, n, deadline);
    return end_reading(&c, got);
}

/* Read behind what was read ahead, up to `n` bytes.  As gyre_read. */
static ssize_t read_ahead(struct gyre_stream *s, const struct gyre_caller *c,
                          size_t n, gyre_time deadline)
{
    char *room = gyre_buf_reserve(&s->ahead, n);
    ssize_t got;

    if (room == NULL)
        return -ENOMEM;
    got = s->ops->read(s, room, n, deadline);
    if (c->sent_home)
        return c->sent_home;
    s->wanting = got <= 0;
    if (got > 0)
        gyre_buf_grow(&s->ahead, (size_t)got);
    return got;
}

/* Have `n` bytes read ahead. */
static int read_enough(struct gyre_stream *s, const struct gyre_caller *c,
                       size_t n, gyre_time deadline)
{
    while (s->ahead.length < n) {
        size_t missing = n - s->ahead.length;
        ssize_t got = read_ahead(
            s, c, missing > READ_AHEAD ? missing : READ_AHEAD, deadline);

        if (got <= 0)
            return got < 0 ? (int)got : -EPIPE;
    }
    return 0;
}

int gyre_read_exact(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline)
{
    struct gyre_caller c;
    int err;

    gyre_line_join(&s->readers, &c);
    err = begin_reading(s, &c, deadline);
    if (err == 0)
        err = read_enough(s, &c, n, deadline);
    if (err == 0 && n > 0)
        take_ahead(s, buf, n);
    return (int)end_reading(&c, err);
}

/* Read ahead until there is a delimiter among the first `n` bytes; the bytes up
   to and including it, or as gyre_read_until. */
static ssize_t find(struct gyre_stream *s, const struct gyre_caller *c,
                    char delimiter, size_t n, gyre_time deadline)
{
    size_t seen = 0; /* bytes of `ahead` without the delimiter */

    for (;;) {
        size_t end = s->ahead.length < n ? s->ahead.length : n;
        char *found = end > seen
                          ? memchr(s->ahead.at + seen, delimiter, end - seen)
                          : NULL;
        ssize_t got;

        if (found != NULL)
            return found + 1 - s->ahead.at;
        if (end == n)
            return -EMSGSIZE;
        seen = end;
        got = read_ahead(s, c, READ_AHEAD, deadline);
        if (got < 0)
            return got;
        if (got == 0)
            return seen > 0 ? -EPIPE : 0;
    }
}

ssize_t gyre_read_until(struct gyre_stream *s, char delimiter, char *buf,
                        size_t n, gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t found;

    gyre_line_join(&s->readers, &c);
    found = begin_reading(s, &c, deadline);
    if (found == 0)
        found = find(s, &c, delimiter, n, deadline);
    if (found > 0)
        take_ahead(s, buf, (size_t)found);
    return end_reading(&c, found);
}

/* ---- writing ---- */

/* Our turn is over: it passes to the next. */
static void end_turn(struct gyre_stream *s, struct gyre_caller *c)
{
    gyre_line_leave(c);
    if (s->broken)
        gyre_line_send_home(&s->writers, -EPIPE);
    else
        gyre_line_call(&s->writers);
}

static const struct gyre_wait_kind turns = {
    .name = "for its turn to write",
    .abandon = gyre_line_give_up,
};

/* Wait until it is our turn, being in line: a cancel point.  On an error
   nothing is left of us. */
static int wait_for_turn(struct gyre_stream *s, struct gyre_caller *c,
                         gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    while (err == 0 && !c->sent_home) {
        if (s->broken)
            err = -EPIPE;
        else if (gyre_line_is_first(&s->writers, c))
            return 0;
        else
            err = gyre_line_park(c, &turns, s, deadline);
    }
    if (c->sent_home)
        return c->sent_home;
    end_turn(s, c);
    return err;
}

/* The same; but that it may be ours already, and then what is done in it is the
   cancel point.  Apart, or gcc takes the record for one that stays in line when
   it is gone. */
static __attribute__((noinline)) int
take_turn(struct gyre_stream *s, struct gyre_caller *c, gyre_time deadline)
{
    gyre_line_join(&s->writers, c);
    if (!s->broken && gyre_line_is_first(&s->writers, c))
        return 0;
    return wait_for_turn(s, c, deadline);
}

/* Pieces to be written, and how far that is. */
struct pieces {
    const struct iovec *iov;
    int n;
    size_t skip; /* bytes of the first that were written */
};

/* Write some of what is left: a piece that was begun alone, as it must not be
   changed, and whole ones together. */
static ssize_t write_pieces(struct gyre_stream *s, const struct pieces *p,
                            gyre_time deadline)
{
    struct iovec rest;

    if (p->skip == 0)
        return s->ops->write(s, p->iov, p->n < PIECES ? p->n : PIECES,
                             deadline);
    rest.iov_base = (char *)p->iov->iov_base + p->skip;
    rest.iov_len = p->iov->iov_len - p->skip;
    return s->ops->write(s, &rest, 1, deadline);
}

/* `n` bytes more were written; empty pieces are passed over as well. */
static void advance(struct pieces *p, size_t n)
{
    n += p->skip;
    while (p->n > 0 && n >= p->iov->iov_len) {
        n -= p->iov->iov_len;
        p->iov++;
        p->n--;
    }
    p->skip = n;
}

/* How a write in our turn ended, of which a part was taken or not. */
static int end_write(struct gyre_stream *s, struct gyre_caller *c, int err,
                     bool part)
{
    if (c->sent_home)
        return c->sent_home;
    if (err && part)
        s->broken = true;
    end_turn(s, c);
    return err;
}

static int write_nothing(struct gyre_stream *s, struct gyre_caller *c,
                         gyre_time deadline)
{
    return end_write(s, c, gyre_checkpoint(deadline), false);
}

int gyre_writev(struct gyre_stream *s, const struct iovec *iov, int n,
                gyre_time deadline)
{
    struct pieces p = {.iov = iov, .n = n};
    struct gyre_caller c;
    int err = take_turn(s, &c, deadline);
    ssize_t sent = 0;
    bool part = false;

    if (err)
        return err;
    advance(&p, 0);
    if (p.n == 0)
        return write_nothing(s, &c, deadline);
    while (p.n > 0) {
        sent = write_pieces(s, &p, deadline);
        if (sent < 0 || c.sent_home)
            break;
        part = true;
        advance(&p, (size_t)sent);
    }
    return end_write(s, &c, sent < 0 ? (int)sent : 0, part);
}

int gyre_write(struct gyre_stream *s, const void *buf, size_t n,
               gyre_time deadline)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = n};

    return gyre_writev(s, &iov, 1, deadline);
}

ssize_t gyre_write_some(struct gyre_stream *s, const void *buf, size_t n,
                        gyre_time deadline)
{
    struct iovec iov = {.iov_base = (void *)buf, .iov_len = n};
    struct gyre_caller c;
    ssize_t sent = take_turn(s, &c, deadline);

    if (sent < 0)
        return sent;
    if (n == 0)
        return write_nothing(s, &c, deadline);
    sent = s->ops->write(s, &iov, 1, deadline);
    if (c.sent_home)
        return c.sent_home;
    end_turn(s, &c);
    return sent;
}

bool gyre_stream_broken(const struct gyre_stream *s)
{
    return s->broken;
}

/* ---- files ---- */

/* Read some of the file, and write it: as gyre_stream_ops.write. */
static ssize_t copy_file(struct gyre_stream *s, int file, off_t offset,
                         size_t n, gyre_time deadline)
{
    char some[COPIED];
    struct iovec iov = {.iov_base = some};
    ssize_t got;

    do
        got = pread(file, some, n < sizeof some ? n : sizeof some, offset);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return got < 0 ? -errno : 0;
    iov.iov_len = (size_t)got;
    return s->ops->write(s, &iov, 1, deadline);
}

static ssize_t send_some(struct gyre_stream *s, int file, off_t offset,
                         size_t n, gyre_time deadline)
{
    ssize_t sent = -ENOTSUP;

    if (s->ops->send_file != NULL)
        sent = s->ops->send_file(s, file, offset, n, deadline);
    if (sent == -ENOTSUP || sent == -EINVAL)
        sent = copy_file(s, file, offset, n, deadline);
    return sent;
}

int gyre_send_file(struct gyre_stream *s, int file, off_t offset, size_t n,
                   gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t sent = 0;
    size_t done = 0;
    int err;

    gyre_line_join(&s->writers, &c);
    err = wait_for_turn(s, &c, deadline);
    if (err)
        return err;
    if (n == 0)
        return end_write(s, &c, 0, false);
    while (done < n) {
        sent = send_some(s, file, offset + (off_t)done, n - done, deadline);
        if (sent <= 0 || c.sent_home)
            break;
        done += (size_t)sent;
    }
    if (sent == 0) /* the file is shorter: what was promised cannot come */
        return end_write(s, &c, -ENODATA, true);
    if (sent == -EBADF) /* of the file; or we are sent home, and it is ours */
        sent = -EINVAL;
    return end_write(s, &c, sent < 0 ? (int)sent : 0, done > 0);
}

/* ---- ending ---- */

int gyre_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct gyre_caller c;
    int err;

    gyre_line_join(&s->writers, &c);
    err = wait_for_turn(s, &c, deadline);
    if (err)
        return err;
    return end_write(s, &c, s->ops->shutdown(s, deadline), false);
}

void gyre_close(struct gyre_stream *s)
{
    if (s == NULL)
        return;
    gyre_job_stop(s->loop, &s->notify);
    gyre_line_send_home(&s->readers, -EBADF);
    gyre_line_send_home(&s->writers, -EBADF);
    gyre_buf_free(&s->ahead);
    s->ops->close(s);
}

int gyre_stream_when_readable(struct gyre_stream *s, struct gyre_job *j)
{
    int err = 0;

    if (s->idle != NULL || !gyre_list_empty(&s->readers))
        return -EBUSY;
    if (s->ahead.length > 0 && !s->wanting)
        gyre_job_start(s->loop, &s->notify);
    else
        err = s->ops->when_readable(s, &s->notify);
    if (err == 0)
        s->idle = j;
    return err;
}

void gyre_stream_forget(struct gyre_stream *s)
{
    gyre_job_stop(s->loop, &s->notify);
    s->ops->forget(s);
    s->idle = NULL;
}
