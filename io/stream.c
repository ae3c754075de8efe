/*
 * stream.c - what all streams have in common: turns, and reading ahead.
 *
 * Writers take turns, so that what each writes stays together.  A turn is a
 * record on the writer's stack: the stream points to that of who writes, and
 * the others wait in order.  When the stream is closed under a writer its
 * record is told, and the writer goes home without touching the stream, which
 * is gone.
 *
 * Invariants:
 *   - if nobody has the turn, nobody waits for it;
 *   - `ahead` holds what was read from below and not yet asked for; while it is
 *     not empty nothing is read from below but behind it, and while somebody is
 *     reading behind it, in `reader`, nobody takes from it.
 */
#include "io/stream.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "loop/loop.h"
#include "task/wait.h"

#define PIECES     16   /* of a gyre_writev, in one system call */
#define READ_AHEAD 2048 /* bytes at a time */
#define COPIED     8192 /* of a file, at a time: on a task's stack */

/* Somebody's turn to write, or to read ahead. */
struct gyre_turn {
    struct gyre_wait wait; /* link in gyre_stream.writers */
    bool gone;             /* the stream was closed */
};

void gyre_stream_init(struct gyre_stream *s, const struct gyre_stream_ops *ops,
                      struct gyre_loop *l)
{
    *s = (struct gyre_stream){
        .ops = ops, .loop = l, .ahead.allocator = gyre_loop_allocator(l)};
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
    if (s->ahead.length == 0)
        gyre_buf_free(&s->ahead);
    return n;
}

ssize_t gyre_read(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline)
{
    int err;

    if (s->ahead.length == 0 && n > 0 && s->reader == NULL)
        return s->ops->read(s, buf, n, deadline);
    err = gyre_checkpoint(deadline);
    if (err || n == 0)
        return err;
    if (s->reader != NULL)
        return -EBUSY;

    /* Giving way may have let another task take it. */
    if (s->ahead.length == 0)
        return s->ops->read(s, buf, n, deadline);
    return (ssize_t)take_ahead(s, buf, n);
}

/* Read some more behind what was read ahead.  As gyre_read; on an error the
   stream may be gone. */
static ssize_t read_ahead(struct gyre_stream *s, gyre_time deadline)
{
    struct gyre_turn turn = {0};
    char *room;
    ssize_t n;

    if (s->reader != NULL)
        return -EBUSY;
    room = gyre_buf_reserve(&s->ahead, READ_AHEAD);
    if (room == NULL)
        return -ENOMEM;
    s->reader = &turn;
    n = s->ops->read(s, room, READ_AHEAD, deadline);
    if (turn.gone)
        return -EBADF;
    s->reader = NULL;
    if (n > 0)
        gyre_buf_grow(&s->ahead, (size_t)n);
    return n;
}

int gyre_read_exact(struct gyre_stream *s, void *buf, size_t n,
                    gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    while (s->ahead.length < n) {
        ssize_t got = read_ahead(s, deadline);

        if (got <= 0)
            return got < 0 ? (int)got : -EPIPE;
    }
    if (n > 0)
        take_ahead(s, buf, n);
    return 0;
}

ssize_t gyre_read_until(struct gyre_stream *s, char delimiter, char *buf,
                        size_t n, gyre_time deadline)
{
    size_t seen = 0; /* bytes of `ahead` without the delimiter */
    ssize_t got = gyre_checkpoint(deadline);

    if (got < 0)
        return got;
    for (;;) {
        size_t end = s->ahead.length < n ? s->ahead.length : n;
        char *found = end > seen
                          ? memchr(s->ahead.at + seen, delimiter, end - seen)
                          : NULL;

        if (found != NULL)
            return (ssize_t)take_ahead(s, buf,
                                       (size_t)(found + 1 - s->ahead.at));
        if (end == n)
            return -EMSGSIZE;
        seen = end;
        got = read_ahead(s, deadline);
        if (got < 0)
            return got;
        if (got == 0)
            return seen > 0 ? -EPIPE : 0;
    }
}

/* ---- writing ---- */

/* Wait until it is our turn. */
static int take_turn(struct gyre_stream *s, struct gyre_turn *turn,
                     gyre_time deadline)
{
    int err;

    if (s->broken)
        return -EPIPE;
    if (s->turn == NULL) {
        s->turn = turn;
        return 0;
    }
    err = gyre_checkpoint(deadline);
    if (err)
        return err;
    if (s->turn == NULL) /* giving way may have let them finish */
        return take_turn(s, turn, deadline);
    gyre_list_append(&s->writers, &turn->wait.link);
    return (int)gyre_wait_park(&turn->wait, deadline);
}

static struct gyre_turn *next_turn(struct gyre_stream *s)
{
    struct gyre_turn *next =
        GYRE_OWNER(s->writers.next, struct gyre_turn, wait.link);

    gyre_list_remove(&next->wait.link);
    return next;
}

static void send_home(struct gyre_stream *s, int err)
{
    while (!gyre_list_empty(&s->writers))
        gyre_wait_wake(&next_turn(s)->wait, err);
}

/* Our turn is over: it passes to the next, before that one runs. */
static void end_turn(struct gyre_stream *s)
{
    s->turn = NULL;
    if (s->broken)
        send_home(s, -EPIPE);
    if (gyre_list_empty(&s->writers))
        return;
    s->turn = next_turn(s);
    gyre_wait_wake(&s->turn->wait, 0);
}

/* The pieces without their first `skip` bytes, as many as go at once. */
static int window(const struct iovec *iov, int n, size_t skip,
                  struct iovec *out)
{
    int used = 0;

    for (int i = 0; i < n && used < PIECES; i++) {
        if (skip >= iov[i].iov_len) {
            skip -= iov[i].iov_len;
            continue;
        }
        out[used].iov_base = (char *)iov[i].iov_base + skip;
        out[used++].iov_len = iov[i].iov_len - skip;
        skip = 0;
    }
    return used;
}

static size_t length(const struct iovec *iov, int n)
{
    size_t total = 0;

    for (int i = 0; i < n; i++)
        total += iov[i].iov_len;
    return total;
}

/* Write all pieces, in our turn. */
static int write_all(struct gyre_stream *s, const struct gyre_turn *turn,
                     const struct iovec *iov, int n, gyre_time deadline)
{
    size_t total = length(iov, n), done = 0;
    struct iovec some[PIECES];
    ssize_t sent;

    while (done < total) {
        int used = window(iov, n, done, some);

        sent = s->ops->write(s, some, used, deadline);
        if (turn->gone)
            return -EBADF;
        if (sent < 0) {
            s->broken = done > 0;
            return (int)sent;
        }
        done += (size_t)sent;
    }
    return total > 0 ? 0 : gyre_checkpoint(deadline);
}

int gyre_writev(struct gyre_stream *s, const struct iovec *iov, int n,
                gyre_time deadline)
{
    struct gyre_turn turn = {0};
    int err = take_turn(s, &turn, deadline);

    if (err)
        return err;
    err = write_all(s, &turn, iov, n, deadline);
    if (!turn.gone)
        end_turn(s);
    return err;
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
    struct gyre_turn turn = {0};
    ssize_t sent = take_turn(s, &turn, deadline);

    if (sent < 0)
        return sent;
    sent =
        n > 0 ? s->ops->write(s, &iov, 1, deadline) : gyre_checkpoint(deadline);
    if (turn.gone)
        return -EBADF;
    end_turn(s);
    return sent;
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

/* Send all of it, in our turn. */
static int send_all(struct gyre_stream *s, const struct gyre_turn *turn,
                    int file, off_t offset, size_t n, gyre_time deadline)
{
    size_t done = 0;

    while (done < n) {
        ssize_t sent =
            send_some(s, file, offset + (off_t)done, n - done, deadline);

        if (turn->gone)
            return -EBADF;
        if (sent <= 0) {
            s->broken = sent == 0 || done > 0;
            return sent < 0 ? (int)sent : -ENODATA;
        }
        done += (size_t)sent;
    }
    return n > 0 ? 0 : gyre_checkpoint(deadline);
}

int gyre_send_file(struct gyre_stream *s, int file, off_t offset, size_t n,
                   gyre_time deadline)
{
    struct gyre_turn turn = {0};
    int err = take_turn(s, &turn, deadline);

    if (err)
        return err;
    err = send_all(s, &turn, file, offset, n, deadline);
    if (!turn.gone)
        end_turn(s);
    return err;
}

/* ---- ending ---- */

int gyre_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct gyre_turn turn = {0};
    int err = take_turn(s, &turn, deadline);

    if (err)
        return err;
    err = s->ops->shutdown(s, deadline);
    if (!turn.gone)
        end_turn(s);
    return turn.gone ? -EBADF : err;
}

void gyre_close(struct gyre_stream *s)
{
    if (s == NULL)
        return;
    if (s->turn != NULL)
        s->turn->gone = true;
    if (s->reader != NULL)
        s->reader->gone = true;
    send_home(s, -EBADF);
    gyre_buf_free(&s->ahead);
    s->ops->close(s);
}

int gyre_stream_when_readable(struct gyre_stream *s, struct gyre_job *j)
{
    if (s->ahead.length == 0 || s->reader != NULL)
        return s->ops->when_readable(s, j);
    gyre_job_start(s->loop, j);
    return 0;
}

void gyre_stream_forget(struct gyre_stream *s)
{
    s->ops->forget(s);
}
