/*
 * memory.c - a pair of streams in memory, joined to each other.
 *
 * Each end holds what the other has written and it has not read.  An end that
 * is closed is freed; the other then has no peer.
 *
 * Invariant: a reader, or an idle job, waits only at an end that holds nothing
 * and may get more; a writer only at one whose peer is full.
 */
#include "io/memory.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/loop.h"
#include "task/wait.h"

#define CAPACITY 65536

struct end {
    struct gyre_stream stream;
    struct end *peer;         /* NULL when that one is closed */
    struct gyre_buf held;     /* written by the peer, not read yet */
    size_t capacity;          /* of `held` */
    bool ended;               /* the peer writes no more */
    struct gyre_wait *reader; /* waits for bytes, or NULL */
    struct gyre_wait *writer; /* waits for room at the peer, or NULL */
    struct gyre_job *idle;    /* to start when readable, or NULL */
};

/* A wait of one of the two kinds, and where it is noted. */
struct end_wait {
    struct gyre_wait wait;
    struct gyre_wait **slot;
};

static struct end *end_of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct end, stream);
}

static bool forget(struct gyre_wait *w)
{
    *GYRE_OWNER(w, struct end_wait, wait)->slot = NULL;
    return true;
}

static int park(struct gyre_wait **slot, gyre_time deadline)
{
    struct end_wait w = {.wait.abandon = forget, .slot = slot};

    *slot = &w.wait;
    return (int)gyre_wait_park(&w.wait, deadline);
}

static void wake(struct gyre_wait **slot, intptr_t result)
{
    struct gyre_wait *w = *slot;

    if (w == NULL)
        return;
    *slot = NULL;
    gyre_wait_wake(w, result);
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
    wake(&e->reader, 0);
}

static ssize_t take(struct end *e, void *buf, size_t n)
{
    if (n > e->held.length)
        n = e->held.length;
    memcpy(buf, e->held.at, n);
    gyre_buf_take(&e->held, n);
    if (e->peer != NULL && n > 0)
        wake(&e->peer->writer, 0);
    return (ssize_t)n;
}

static ssize_t memory_read(struct gyre_stream *s, void *buf, size_t n,
                           gyre_time deadline)
{
    struct end *e = end_of(s);
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    if (e->reader != NULL || e->idle != NULL)
        return -EBUSY;
    if (!readable(e))
        err = park(&e->reader, deadline);
    if (err)
        return err;
    return e->held.length > 0 ? take(e, buf, n) : 0;
}

static int memory_when_readable(struct gyre_stream *s, struct gyre_job *j)
{
    struct end *e = end_of(s);

    if (e->reader != NULL || e->idle != NULL)
        return -EBUSY;
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

static ssize_t memory_write(struct gyre_stream *s, const struct iovec *iov,
                            int n, gyre_time deadline)
{
    struct end *e = end_of(s);
    int err = gyre_checkpoint(deadline);

    if (err == 0 && e->peer != NULL && !e->peer->ended && room(e->peer) == 0)
        err = park(&e->writer, deadline);
    if (err)
        return err;
    return e->peer == NULL || e->peer->ended ? -EPIPE : put(e->peer, iov, n);
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
    int err = gyre_checkpoint(deadline);

    if (err == 0 && peer != NULL)
        end_it(peer);
    return err;
}

static void memory_close(struct gyre_stream *s)
{
    struct end *e = end_of(s);

    wake(&e->reader, -EBADF);
    wake(&e->writer, -EBADF);
    if (e->peer != NULL) {
        e->peer->peer = NULL;
        end_it(e->peer);
        wake(&e->peer->writer, -EPIPE);
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
