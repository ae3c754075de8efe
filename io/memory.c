/*
 * memory.c - a pair of streams in memory, joined to each other.
 *
 * Each end holds what the other has written and it has not read.  An end that
 * is closed is freed; the other then has no peer.
 *
 * Invariant: the first in a line, or an idle job, waits only at an end that
 * holds nothing and may get more, or, to write, at one whose peer is full.
 */
#include "io/memory.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/loop.h"
#include "task/wait.h"
#include "io/line.h"

#define CAPACITY 65536

struct end {
    struct gyre_stream stream;
    struct end *peer;         /* NULL when that one is closed */
    struct gyre_buf held;     /* written by the peer, not read yet */
    size_t capacity;          /* of `held` */
    bool ended;               /* the peer writes no more */
    struct gyre_list readers; /* who reads, for bytes: one */
    struct gyre_list writers; /* who writes, for room at the peer */
    struct gyre_job *idle;    /* to start when readable, or NULL */
};

static struct end *end_of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct end, stream);
}

/* ---- reading ---- */

static bool readable(const struct end *e)
{
    return e->held.length > 0 || e->ended;
}

/* Bytes or the end have come. */
static void tell_reader(struct end *e)
{
    struct gyre_job *j = e->idle;

    e->idle = NULL;
    if (j != NULL)
        gyre_job_start(e->stream.loop, j);
    gyre_line_call(&e->readers);
}

static ssize_t take(struct end *e, void *buf, size_t n)
{
    if (n > e->held.length)
        n = e->held.length;
    if (n == 0)
        return 0;
    memcpy(buf, e->held.at, n);
    gyre_buf_take(&e->held, n);
    if (e->peer != NULL)
        gyre_line_call(&e->peer->writers);
    return (ssize_t)n;
}

static const struct gyre_wait_kind reads = {
    .name = "to read from memory",
    .abandon = gyre_line_give_up,
};

static const struct gyre_wait_kind writes = {
    .name = "to write to memory",
    .abandon = gyre_line_give_up,
};

static ssize_t memory_read(struct gyre_stream *s, void *buf, size_t n,
                           gyre_time deadline)
{
    struct end *e = end_of(s);
    struct gyre_caller c;
    int err;

    gyre_line_join(&e->readers, &c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c.sent_home && !readable(e))
        err = gyre_line_park(&c, &reads, e, deadline);
    gyre_line_leave(&c);
    if (c.sent_home)
        return c.sent_home;
    return err ? err : take(e, buf, n);
}

static int memory_when_readable(struct gyre_stream *s, struct gyre_job *j)
{
    struct end *e = end_of(s);

    if (readable(e))
        gyre_job_start(s->loop, j);
    else
        e->idle = j;
    return 0;
}

static void memory_forget(struct gyre_stream *s)
{
    end_of(s)->idle = NULL;
}

/* ---- writing ---- */

static size_t room(const struct end *e)
{
    return e->capacity - e->held.length;
}

/* Copy what there is room for.  -ENOMEM if nothing could be. */
static ssize_t put(struct end *peer, const struct iovec *iov, int n)
{
    size_t done = 0;

    for (int i = 0; i < n && room(peer) > 0; i++) {
        size_t some = iov[i].iov_len < room(peer) ? iov[i].iov_len : room(peer);

        if (gyre_buf_append(&peer->held, iov[i].iov_base, some) != 0)
            break;
        done += some;
    }
    if (done == 0)
        return -ENOMEM;
    tell_reader(peer);
    return (ssize_t)done;
}

/* Will nobody read what is written? */
static bool in_vain(const struct end *e)
{
    return e->peer == NULL || e->peer->ended;
}

static ssize_t memory_write(struct gyre_stream *s, const struct iovec *iov,
                            int n, gyre_time deadline)
{
    struct end *e = end_of(s);
    struct gyre_caller c;
    int err;

    gyre_line_join(&e->writers, &c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c.sent_home && !in_vain(e) && room(e->peer) == 0)
        err = gyre_line_park(&c, &writes, e, deadline);
    gyre_line_leave(&c);
    if (c.sent_home)
        return c.sent_home;
    if (err == 0 && in_vain(e))
        err = -EPIPE;
    return err ? err : put(e->peer, iov, n);
}

/* ---- ending ---- */

/* `e` will get no more. */
static void end_it(struct end *e)
{
    e->ended = true;
    tell_reader(e);
}

static int memory_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct end *peer = end_of(s)->peer;

    (void)deadline;
    if (peer != NULL)
        end_it(peer);
    return 0;
}

static void memory_close(struct gyre_stream *s)
{
    struct end *e = end_of(s);

    gyre_line_send_home(&e->readers, -EBADF);
    gyre_line_send_home(&e->writers, -EBADF);
    if (e->peer != NULL) {
        e->peer->peer = NULL;
        end_it(e->peer);
        gyre_line_call(&e->peer->writers);
    }
    gyre_buf_free(&e->held);
    gyre_resize(gyre_loop_allocator(s->loop), e, sizeof *e, 0);
}

static const struct gyre_stream_ops memory_ops = {
    .name = "memory",
    .read = memory_read,
    .write = memory_write,
    .shutdown = memory_shutdown,
    .close = memory_close,
    .when_readable = memory_when_readable,
    .forget = memory_forget,
};

static struct end *new_end(struct gyre_loop *l, size_t capacity)
{
    struct gyre_allocator *a = gyre_loop_allocator(l);
    struct end *e = gyre_resize(a, NULL, 0, sizeof *e);

    if (e == NULL)
        return NULL;
    *e = (struct end){.capacity = capacity > 0 ? capacity : CAPACITY,
                      .held.allocator = a};
    gyre_list_init(&e->readers);
    gyre_list_init(&e->writers);
    gyre_stream_init(&e->stream, &memory_ops, l);
    return e;
}

int gyre_memory_pair(struct gyre_loop *l, size_t capacity,
                     struct gyre_stream *out[2])
{
    struct end *one = new_end(l, capacity);
    struct end *other;

    if (one == NULL)
        return -ENOMEM;
    other = new_end(l, capacity);
    if (other == NULL) {
        gyre_close(&one->stream);
        return -ENOMEM;
    }
    one->peer = other;
    other->peer = one;
    out[0] = &one->stream;
    out[1] = &other->stream;
    return 0;
}
