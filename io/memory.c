/*
 * memory.c - a pair of streams in memory, joined to each other.
 *
 * Each end has the wire on which it gets what the other writes.  An end that is
 * closed is freed; the other then has no peer.
 *
 * Invariant: the first in a line, or a job, waits only at an end where
 * nothing has arrived and something may, or, to write, at one whose peer is
 * full.
 */
#include "io/memory.h"

#include <assert.h>
#include <errno.h>

#include "loop/allocator.h"
#include "loop/job.h"
#include "loop/loop.h"
#include "loop/poller.h"
#include "loop/random.h"
#include "task/wait.h"
#include "io/line.h"
#include "io/wire.h"

#define CAPACITY 65536

struct end {
    struct gyre_stream stream;
    struct end *peer;          /* NULL when that one is closed */
    struct gyre_wire wire;     /* from the peer */
    bool reset;                /* reads and writes fail */
    size_t left;               /* bytes that may be written before a reset */
    struct gyre_line readers;  /* who reads, for bytes: one */
    struct gyre_line writers;  /* who writes, for room at the peer */
    struct gyre_job *to_read;  /* to start when readable, or NULL */
    struct gyre_job *to_write; /* the same, writable */
};

static struct end *end_of(struct gyre_stream *s)
{
    return GYRE_OWNER(s, struct end, stream);
}

/* ---- reading ---- */

static bool readable(const struct end *e)
{
    return e->wire.readable > 0 || e->wire.ended;
}

/* Bytes or the end have come. */
static void tell_reader(struct end *e)
{
    gyre_line_tell(&e->readers, &e->to_read, e->stream.loop);
}

/* There is room, or never will be. */
static void tell_writer(struct end *e)
{
    gyre_line_tell(&e->writers, &e->to_write, e->stream.loop);
}

static void arrived(struct gyre_wire *w)
{
    tell_reader(GYRE_OWNER(w, struct end, wire));
}

/* How many of `n` bytes a call is to see. */
static size_t some_of(const struct end *e, size_t n)
{
    const struct gyre_memory_options *how = &e->wire.how;
    size_t most = how->piece;

    if (most == 0)
        return n;
    if (how->ragged)
        most = 1 + gyre_loop_random(e->stream.loop) % most;
    return n < most ? n : most;
}

static ssize_t take(struct end *e, void *buf, size_t n)
{
    n = gyre_wire_take(&e->wire, buf, some_of(e, n));
    if (n == 0)
        return e->reset ? -ECONNRESET : 0;
    if (e->peer != NULL)
        tell_writer(e->peer);
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
    gyre_line_leave(&e->readers, &c);
    if (c.sent_home)
        return c.sent_home;
    return err ? err : take(e, buf, n);
}

/* ---- writing ---- */

/* Both ends are told by their wires. */
static void reset(struct end *e)
{
    struct end *peer = e->peer;

    e->reset = true;
    gyre_wire_cut(&e->wire);
    tell_writer(e);
    if (peer != NULL && !peer->reset)
        reset(peer);
}

/* So many bytes were written; both ends count together. */
static void spend(struct end *e, size_t n)
{
    if (e->wire.how.reset_after == 0)
        return;
    e->left -= n;
    if (e->peer != NULL)
        e->peer->left = e->left;
    if (e->left == 0)
        reset(e);
}

/* Send what there is room for.  -ENOMEM if nothing could be. */
static ssize_t put(struct end *e, const struct iovec *iov, int n)
{
    struct gyre_wire *wire = &e->peer->wire;
    size_t most = some_of(e, gyre_wire_room(wire)), done = 0;

    if (e->wire.how.reset_after > 0 && most > e->left)
        most = e->left;
    for (int i = 0; i < n && done < most; i++) {
        size_t left = most - done;
        size_t some = iov[i].iov_len < left ? iov[i].iov_len : left;

        if (some > 0 && gyre_wire_put(wire, iov[i].iov_base, some) != 0)
            break;
        done += some;
    }
    if (done == 0)
        return -ENOMEM;
    spend(e, done);
    return (ssize_t)done;
}

/* Will nobody read what is written? */
static bool in_vain(const struct end *e)
{
    return e->peer == NULL || e->peer->wire.ending;
}

static bool writable(const struct end *e)
{
    return in_vain(e) || gyre_wire_room(&e->peer->wire) > 0;
}

static ssize_t memory_write(struct gyre_stream *s, const struct iovec *iov,
                            int n, gyre_time deadline)
{
    struct end *e = end_of(s);
    struct gyre_caller c;
    int err;

    gyre_line_join(&e->writers, &c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c.sent_home && !writable(e))
        err = gyre_line_park(&c, &writes, e, deadline);
    gyre_line_leave(&e->writers, &c);
    if (c.sent_home)
        return c.sent_home;
    if (err == 0 && in_vain(e))
        err = e->reset ? -ECONNRESET : -EPIPE;
    return err ? err : put(e, iov, n);
}

/* ---- waiting without a task ---- */

static struct gyre_job **job_of(struct end *e, unsigned event)
{
    return event == GYRE_READ ? &e->to_read : &e->to_write;
}

static int memory_when(struct gyre_stream *s, unsigned event,
                       struct gyre_job *j)
{
    struct end *e = end_of(s);

    if (event == GYRE_READ ? readable(e) : writable(e))
        gyre_job_start(s->loop, j);
    else
        *job_of(e, event) = j;
    return 0;
}

static void memory_forget(struct gyre_stream *s, unsigned event)
{
    *job_of(end_of(s), event) = NULL;
}

/* ---- ending ---- */

static int memory_shutdown(struct gyre_stream *s, gyre_time deadline)
{
    struct end *peer = end_of(s)->peer;

    (void)deadline;
    if (end_of(s)->reset)
        return -ECONNRESET;
    if (peer != NULL)
        gyre_wire_end(&peer->wire);
    return 0;
}

static void memory_close(struct gyre_stream *s)
{
    struct end *e = end_of(s);

    gyre_line_send_home(&e->readers, -EBADF);
    gyre_line_send_home(&e->writers, -EBADF);
    if (e->peer != NULL) {
        e->peer->peer = NULL;
        gyre_wire_end(&e->peer->wire);
        tell_writer(e->peer);
    }
    gyre_wire_free(&e->wire);
    gyre_resize(gyre_loop_allocator(s->loop), e, sizeof *e, 0);
}

static void memory_cut(struct gyre_stream *s)
{
    reset(end_of(s));
}

static const struct gyre_stream_ops memory_ops = {
    .name = "memory",
    .read = memory_read,
    .write = memory_write,
    .shutdown = memory_shutdown,
    .close = memory_close,
    .when = memory_when,
    .forget = memory_forget,
    .cut = memory_cut,
};

static struct end *new_end(struct gyre_loop *l,
                           const struct gyre_memory_options *how)
{
    struct end *e = gyre_resize(gyre_loop_allocator(l), NULL, 0, sizeof *e);

    if (e == NULL)
        return NULL;
    *e = (struct end){.left = how->reset_after};
    gyre_wire_init(&e->wire, l, how);
    e->wire.arrived = arrived;
    if (how->capacity == 0)
        e->wire.how.capacity = CAPACITY;
    gyre_stream_init(&e->stream, &memory_ops, l);
    return e;
}

int gyre_memory_pair_with(struct gyre_loop *l,
                          const struct gyre_memory_options *options,
                          struct gyre_stream *out[2])
{
    struct end *one = new_end(l, options);
    struct end *other;

    if (one == NULL)
        return -ENOMEM;
    other = new_end(l, options);
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

int gyre_memory_pair(struct gyre_loop *l, size_t capacity,
                     struct gyre_stream *out[2])
{
    struct gyre_memory_options options = {.capacity = capacity};

    return gyre_memory_pair_with(l, &options, out);
}

/* ---- what goes wrong ---- */

static void part(struct gyre_stream *s, bool parted)
{
    struct end *e = end_of(s);

    assert(s->ops == &memory_ops);
    gyre_wire_part(&e->wire, parted);
    if (e->peer != NULL)
        gyre_wire_part(&e->peer->wire, parted);
}

void gyre_memory_partition(struct gyre_stream *s)
{
    part(s, true);
}

void gyre_memory_heal(struct gyre_stream *s)
{
    part(s, false);
}

void gyre_memory_reset(struct gyre_stream *s)
{
    assert(s->ops == &memory_ops);
    reset(end_of(s));
}
