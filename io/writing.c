/*
 * writing.c - writes that are told of when they are done.
 *
 * A writing stands in the line of writers, without a task.  When it is the
 * first its job makes one call at a time, each in a pass of its own, so that a
 * large one starves nobody; it is started by who leaves the line before it, and
 * by the stream when there is room.  When all is taken, or nothing more will
 * be, it moves to the list of those to be told, where who closes the stream
 * finds it still.
 *
 * Writings that stand one behind the other are written by one call.  So that
 * many which a callback starts come to that, only the first of them is written
 * at once: while one is to be told, the next waits for its job.
 */
#include "io/writing.h"

#include <assert.h>
#include <errno.h>

#include "loop/loop.h"
#include "loop/poller.h"
#include "task/task.h"
#include "io/pieces.h"
#include "io/turn.h"

static struct gyre_writing *writing_of(struct gyre_caller *c)
{
    return GYRE_OWNER(c, struct gyre_writing, caller);
}

/* Nobody knows of it any more. */
static void forget(struct gyre_writing *w)
{
    gyre_loop_awaits(w->stream->loop, -1);
    gyre_job_stop(w->stream->loop, &w->job);
    w->stream = NULL;
}

static void called(struct gyre_caller *c);

/* It is over, and in line no more: all that is left is to tell. */
static void conclude(struct gyre_writing *w, int err)
{
    w->over = true;
    w->err = err;
    gyre_line_join_called(&w->stream->told, &w->caller, called);
    gyre_job_start(w->stream->loop, &w->job);
}

/* It is the first; or is sent home, as the stream is closed, or broken.  Or
   somebody leaves the line behind it, while it waits for the stream already. */
static void called(struct gyre_caller *c)
{
    struct gyre_writing *w = writing_of(c);

    if (c->sent_home == -EBADF)
        forget(w);
    else if (c->sent_home)
        conclude(w, c->sent_home);
    else if (!w->waits)
        gyre_job_start(w->stream->loop, &w->job);
}

enum { TOGETHER = 64 }; /* pieces of several, in one call: on the stack */

/* Add what is left of `w` to the `n` pieces of `iov`, as far as there is room.
   Returns how many there are. */
static int add_pieces(const struct gyre_writing *w, struct iovec *iov, int n)
{
    size_t skip = w->left.skip;

    for (int i = 0; i < w->left.n && n < TOGETHER; i++) {
        iov[n].iov_base = (char *)w->left.iov[i].iov_base + skip;
        iov[n++].iov_len = w->left.iov[i].iov_len - skip;
        skip = 0;
    }
    return n;
}

/* The writing behind it, that has nobody between; or NULL, also behind the
   last of all. */
static struct gyre_writing *follower(const struct gyre_writing *w)
{
    struct gyre_caller *c =
        w->last ? NULL : gyre_line_next(&w->stream->writers, &w->caller);

    return c != NULL && c->calls ? writing_of(c) : NULL;
}

/* Write some of it, and of those that follow. */
static ssize_t write_some(const struct gyre_writing *w)
{
    struct gyre_stream *s = w->stream;
    struct iovec iov[TOGETHER];
    int n = 0;

    if (follower(w) == NULL)
        return gyre_pieces_write(&w->left, s, GYRE_NOW);
    for (; w != NULL && n < TOGETHER; w = follower(w))
        n = add_pieces(w, iov, n);
    return s->ops->write(s, iov, n, GYRE_NOW);
}

/* `n` bytes more were written, of it and of those that follow.  Returns how
   many are theirs. */
static size_t take(struct gyre_writing *w, size_t n)
{
    size_t spare = 0;

    gyre_pieces_advance(&w->left, n);
    if (w->left.n == 0) {
        spare = w->left.skip;
        w->left.skip = 0;
    }
    w->taken += n - spare;
    w->stream->taken = true;
    return spare;
}

/* Make one call: 0 when nothing is left to do, but to give `*spare` bytes to
   those that follow; -EAGAIN if there is, -ETIMEDOUT if that cannot be now, or
   what went wrong. */
static int make_one_call(struct gyre_writing *w, size_t *spare)
{
    ssize_t sent;

    if (w->left.n == 0)
        return w->last ? w->stream->ops->shutdown(w->stream, GYRE_NOW) : 0;
    sent = write_some(w);
    if (sent < 0)
        return (int)sent;
    *spare = take(w, (size_t)sent);
    return w->left.n > 0 || w->last ? -EAGAIN : 0;
}

/* Has a part of it been taken, and no more? */
static bool is_begun(const struct gyre_writing *w)
{
    return w->taken > 0 && w->left.n > 0;
}

/* Our turn is over, and that of those who follow and whose bytes were all among
   the `spare` ones.  We are told before those behind us. */
static void finish(struct gyre_writing *w, int err, size_t spare)
{
    struct gyre_stream *s = w->stream;

    if (err && is_begun(w))
        s->broken = true;
    for (;;) {
        gyre_line_leave(&s->writers, &w->caller);
        conclude(w, err);
        if (spare == 0)
            break;
        w = writing_of(s->writers.first);
        spare = take(w, spare);
        if (w->left.n > 0 || w->last)
            break;
    }
    gyre_turn_next(s);
}

/* Go on, in our turn. */
static void proceed(struct gyre_writing *w)
{
    struct gyre_stream *s = w->stream;
    size_t spare = 0;
    int err = make_one_call(w, &spare);

    if (err == -EAGAIN) {
        gyre_job_start(s->loop, &w->job);
        return;
    }
    if (err == -ETIMEDOUT) {
        err = s->ops->when(s, GYRE_WRITE, &w->job);
        w->waits = err == 0;
        if (w->waits)
            return;
    }
    finish(w, err, spare);
}

static void tell(struct gyre_writing *w)
{
    gyre_line_leave(&w->stream->told, &w->caller);
    forget(w);
    if (w->written != NULL)
        w->written(w, w->err);
}

static void run(struct gyre_job *j)
{
    struct gyre_writing *w = GYRE_OWNER(j, struct gyre_writing, job);

    w->waits = false;
    if (w->over)
        tell(w);
    else
        proceed(w);
}

/* What is written below is a cancel point, and none of a task's that only
   starts this: so for a task the loop does it; and when others may follow. */
static void begin(struct gyre_writing *w)
{
    if (gyre_in_task() || !gyre_line_empty(&w->stream->told))
        gyre_job_start(w->stream->loop, &w->job);
    else
        proceed(w);
}

void gyre_writing_start(struct gyre_writing *w, struct gyre_stream *s,
                        const struct iovec *iov, int n)
{
    assert(!gyre_writing_started(w));
    w->stream = s;
    w->left = (struct gyre_pieces){.iov = iov, .n = n};
    w->taken = 0;
    w->waits = w->over = false;
    w->job.run = run;
    gyre_pieces_advance(&w->left, 0);
    gyre_loop_awaits(s->loop, 1);
    if (s->broken) {
        conclude(w, -EPIPE);
        return;
    }
    gyre_line_join_called(&s->writers, &w->caller, called);
    if (gyre_line_is_first(&s->writers, &w->caller))
        begin(w);
}

size_t gyre_writing_stop(struct gyre_writing *w)
{
    struct gyre_stream *s = w->stream;

    if (s == NULL)
        return 0;
    forget(w);
    if (w->over) {
        gyre_line_leave(&s->told, &w->caller);
        return w->taken;
    }
    if (w->waits)
        s->ops->forget(s, GYRE_WRITE);
    if (is_begun(w))
        s->broken = true;
    gyre_turn_pass(s, &w->caller);
    return w->taken;
}

bool gyre_writing_started(const struct gyre_writing *w)
{
    return w->stream != NULL;
}

size_t gyre_writing_taken(const struct gyre_writing *w)
{
    return w->taken;
}

/* The first writing in `line`, or NULL. */
static struct gyre_writing *first_in(const struct gyre_line *line)
{
    struct gyre_caller *c = line->first;

    for (; c != NULL; c = gyre_line_next(line, c)) {
        if (c->calls)
            return writing_of(c);
    }
    return NULL;
}

struct gyre_writing *gyre_stream_writing(struct gyre_stream *s)
{
    struct gyre_writing *w = first_in(&s->told);

    return w != NULL ? w : first_in(&s->writers);
}
