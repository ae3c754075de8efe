/*
 * stream_read.c - reading, and reading ahead.
 *
 * Readers stand in a line, of which the first reads, and all others are turned
 * away; but who does not wait, and finds nobody, reads without standing there.
 *
 * Invariants:
 *   - `ahead` holds what was read from below and not yet asked for; while it is
 *     not empty nothing is read from below but behind it;
 *   - only the first in `readers` reads, or who finds nobody there, and only
 *     while nobody waits without a task.
 */
#include "io/stream.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/line.h"
#include "io/patience.h"
#include "io/read.h"

#define READ_AHEAD 2048 /* bytes at a time, at least */
#define KEPT_AHEAD 8192 /* bytes of room kept while there is nothing in it */

struct gyre_buf *gyre_ahead_new(struct gyre_loop *l)
{
    struct gyre_allocator *a = gyre_loop_allocator(l);
    struct gyre_buf *b = gyre_resize(a, NULL, 0, sizeof *b);

    if (b != NULL)
        *b = (struct gyre_buf){.allocator = a};
    return b;
}

void gyre_ahead_free(struct gyre_buf *b)
{
    if (b == NULL)
        return;
    gyre_buf_free(b);
    gyre_resize(b->allocator, b, sizeof *b, 0);
}

/* Room for `n` bytes behind what was read ahead, or NULL. */
static char *reserve_ahead(struct gyre_stream *s, size_t n)
{
    if (s->ahead == NULL)
        s->ahead = gyre_ahead_new(s->loop);
    return s->ahead != NULL ? gyre_buf_reserve(s->ahead, n) : NULL;
}

/* `n` bytes of what was read ahead, and there is some, have been asked for. */
static void drop_ahead(struct gyre_stream *s, size_t n)
{
    struct gyre_buf *b = s->ahead;

    gyre_buf_take(b, n);
    s->wanting = false;
    if (b->length == 0 && b->size > KEPT_AHEAD)
        gyre_buf_free(b);
}

/* Take up to `n` bytes of it. */
static size_t take_ahead(struct gyre_stream *s, void *buf, size_t n)
{
    if (n > s->ahead->length)
        n = s->ahead->length;
    memcpy(buf, s->ahead->at, n);
    drop_ahead(s, n);
    return n;
}

/* Inline, as every message passes here. */
static inline ssize_t take(struct gyre_stream *s, void *buf, size_t n,
                           gyre_time deadline)
{
    return gyre_stream_ahead(s) > 0
               ? (ssize_t)take_ahead(s, buf, n)
               : s->ops->read(s, buf, n, gyre_stream_until(s, deadline));
}

ssize_t gyre_stream_take(struct gyre_stream *s, void *buf, size_t n,
                         gyre_time deadline)
{
    return take(s, buf, n, deadline);
}

int gyre_stream_unread(struct gyre_stream *s, const void *bytes, size_t n)
{
    if (n == 0)
        return 0;
    if (reserve_ahead(s, n) == NULL)
        return -ENOMEM;
    memmove(s->ahead->at + n, s->ahead->at, s->ahead->length);
    memcpy(s->ahead->at, bytes, n);
    gyre_buf_grow(s->ahead, n);
    s->wanting = false;
    return 0;
}

/* The cancel point of those in line who may need nothing from below. */
static int begin_reading(struct gyre_stream *s, const struct gyre_caller *c,
                         gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (c->sent_home)
        return c->sent_home;
    return err == 0 && !gyre_stream_may_read(s, c) ? -EBUSY : err;
}

static int join_and_begin(struct gyre_stream *s, struct gyre_caller *c,
                          gyre_time deadline)
{
    gyre_line_join(&s->readers, c);
    return begin_reading(s, c, deadline);
}

/* How a read ended. */
static ssize_t end_reading(struct gyre_stream *s, struct gyre_caller *c,
                           ssize_t result)
{
    if (c->sent_home)
        return c->sent_home;
    gyre_line_leave(&s->readers, c);
    return result;
}

/* Is there nobody before us, and nothing read ahead? */
static bool is_clear(const struct gyre_stream *s)
{
    return !gyre_stream_has_reader(s) && gyre_stream_ahead(s) == 0;
}

static __attribute__((noinline)) ssize_t
read_in_line(struct gyre_stream *s, void *buf, size_t n, gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t got = 0;

    gyre_line_join(&s->readers, &c);
    if (n == 0 || gyre_stream_ahead(s) > 0 || !gyre_stream_may_read(s, &c))
        got = begin_reading(s, &c, deadline);
    if (got == 0 && n > 0)
        got = take(s, buf, n, deadline);
    return end_reading(s, &c, got);
}

/* Who does not wait need not stand in line. */
ssize_t gyre_read(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline)
{
    return deadline == GYRE_NOW && n > 0 && is_clear(s)
               ? s->ops->read(s, buf, n, GYRE_NOW)
               : read_in_line(s, buf, n, deadline);
}

/* Read behind what was read ahead, up to `n` bytes.  As gyre_read. */
static ssize_t read_ahead(struct gyre_stream *s, const struct gyre_caller *c,
                          size_t n, gyre_time deadline)
{
    char *room = reserve_ahead(s, n);
    ssize_t got;

    if (room == NULL)
        return -ENOMEM;
    got = s->ops->read(s, room, n, gyre_stream_until(s, deadline));
    if (c->sent_home)
        return c->sent_home;
    s->wanting = got <= 0;
    if (got > 0)
        gyre_buf_grow(s->ahead, (size_t)got);
    return got;
}

/* Have `n` bytes read ahead. */
static int read_enough(struct gyre_stream *s, const struct gyre_caller *c,
                       size_t n, gyre_time deadline)
{
    while (gyre_stream_ahead(s) < n) {
        size_t missing = n - gyre_stream_ahead(s);
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

    err = join_and_begin(s, &c, deadline);
    if (err == 0)
        err = read_enough(s, &c, n, deadline);
    if (err == 0 && n > 0)
        take_ahead(s, buf, n);
    return (int)end_reading(s, &c, err);
}

/* Read ahead until there is a delimiter among the first `n` bytes; the bytes up
   to and including it, or as gyre_read_until. */
static ssize_t find(struct gyre_stream *s, const struct gyre_caller *c,
                    char delimiter, size_t n, gyre_time deadline)
{
    size_t seen = 0; /* bytes of `ahead` without the delimiter */

    for (;;) {
        size_t end = gyre_stream_ahead(s) < n ? gyre_stream_ahead(s) : n;
        char *found = end > seen
                          ? memchr(s->ahead->at + seen, delimiter, end - seen)
                          : NULL;
        ssize_t got;

        if (found != NULL)
            return found + 1 - s->ahead->at;
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

    found = join_and_begin(s, &c, deadline);
    if (found == 0)
        found = find(s, &c, delimiter, n, deadline);
    if (found > 0)
        take_ahead(s, buf, (size_t)found);
    return end_reading(s, &c, found);
}

/* ---- lines ---- */

/* The first `n` bytes of what was read ahead are a line: take it. */
static ssize_t take_line(struct gyre_stream *s, char *buf, size_t n)
{
    size_t length = n;

    take_ahead(s, buf, n);
    if (buf[length - 1] == '\n')
        length--;
    if (length < n && length > 0 && buf[length - 1] == '\r')
        length--;
    buf[length] = '\0';
    return (ssize_t)n;
}

ssize_t gyre_read_line(struct gyre_stream *s, char *buf, size_t n,
                       gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t found;

    found = join_and_begin(s, &c, deadline);
    if (found == 0)
        found = find(s, &c, '\n', n, deadline);
    if (found == -EPIPE)
        found = (ssize_t)gyre_stream_ahead(s); /* less than `n` */
    if (found > 0)
        found = take_line(s, buf, (size_t)found);
    return end_reading(s, &c, found);
}

/* Pass over what was read ahead, up to and including `delimiter`, and say if it
   was there. */
static bool skip_ahead(struct gyre_stream *s, char delimiter)
{
    size_t n = gyre_stream_ahead(s);
    const char *found;

    if (n == 0)
        return false;
    found = memchr(s->ahead->at, delimiter, n);
    if (found != NULL)
        n = (size_t)(found + 1 - s->ahead->at);
    drop_ahead(s, n);
    return found != NULL;
}

int gyre_skip_until(struct gyre_stream *s, char delimiter, gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t err;

    err = join_and_begin(s, &c, deadline);
    while (err == 0 && !skip_ahead(s, delimiter)) {
        err = read_ahead(s, &c, READ_AHEAD, deadline);
        err = err > 0 ? 0 : err < 0 ? err : -EPIPE;
    }
    return (int)end_reading(s, &c, err);
}

ssize_t gyre_peek(struct gyre_stream *s, void *buf, size_t n,
                  gyre_time deadline)
{
    struct gyre_caller c;
    ssize_t got;

    got = join_and_begin(s, &c, deadline);
    if (got == 0)
        got = read_enough(s, &c, n, deadline);
    if (got == 0 || got == -EPIPE) {
        got = (ssize_t)(gyre_stream_ahead(s) < n ? gyre_stream_ahead(s) : n);
        if (got > 0)
            memcpy(buf, s->ahead->at, (size_t)got);
    }
    return end_reading(s, &c, got);
}
