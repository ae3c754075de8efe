/*
 * writer.c - writing without waiting, up to a mark.
 *
 * Invariant: a writing is started exactly while `under_way` holds something and
 * nothing has failed; and while none is, nothing is gathered.
 */
#include "io/writer.h"

#include <errno.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/line.h"
#include "io/stream.h"

#define HIGH 65536

/* ---- writing ---- */

static void begin(struct gyre_writer *w)
{
    w->iov = (struct iovec){w->under_way.at, w->under_way.length};
    gyre_writing_start(&w->writing, w->stream, &w->iov, 1);
}

/* What was gathered is next; its buffer and the other's change places. */
static void go_on(struct gyre_writer *w)
{
    struct gyre_buf empty = w->under_way;

    w->under_way = w->gathered;
    w->gathered = empty;
    if (w->under_way.length > 0)
        begin(w);
}

/* Who waits looks again. */
static void tell(struct gyre_writer *w, bool was_full)
{
    gyre_line_call(&w->draining);
    gyre_line_call(&w->flushing);
    if (was_full && !w->full && w->drained != NULL)
        w->drained(w);
}

static void fail(struct gyre_writer *w, int err)
{
    w->err = err;
    gyre_buf_free(&w->under_way);
    gyre_buf_free(&w->gathered);
    w->full = false;
    tell(w, true);
}

static void written(struct gyre_writing *writing, int err)
{
    struct gyre_writer *w = GYRE_OWNER(writing, struct gyre_writer, writing);
    bool was_full = w->full;

    if (err) {
        fail(w, err);
        return;
    }
    gyre_buf_cut(&w->under_way, 0);
    go_on(w);
    if (gyre_writer_held(w) <= w->low)
        w->full = false;
    tell(w, was_full);
}

void gyre_writer_open(struct gyre_writer *w, struct gyre_stream *s)
{
    struct gyre_allocator *a = gyre_loop_allocator(s->loop);

    if (w->high == 0)
        w->high = HIGH;
    if (w->low == 0)
        w->low = w->high / 4;
    w->stream = s;
    w->under_way = w->gathered = (struct gyre_buf){.allocator = a};
    w->writing = (struct gyre_writing){.written = written};
    w->full = false;
    w->err = 0;
}

int gyre_writer_put(struct gyre_writer *w, const void *bytes, size_t n)
{
    bool busy = gyre_writing_started(&w->writing);
    int err = w->err;

    if (err == 0)
        err = gyre_buf_append(busy ? &w->gathered : &w->under_way, bytes, n);
    if (err)
        return err;
    if (!busy && n > 0)
        begin(w);
    if (gyre_writer_held(w) > w->high)
        w->full = true;
    return 0;
}

size_t gyre_writer_held(const struct gyre_writer *w)
{
    size_t under_way = w->under_way.length;

    if (gyre_writing_started(&w->writing))
        under_way -= gyre_writing_taken(&w->writing);
    return under_way + w->gathered.length;
}

bool gyre_writer_full(const struct gyre_writer *w)
{
    return w->full;
}

/* ---- waiting ---- */

static const struct gyre_wait_kind drains = {
    .name = "for a writer to drain",
    .abandon = gyre_line_give_up,
};

static const struct gyre_wait_kind flushes = {
    .name = "for a writer to hold nothing",
    .abandon = gyre_line_give_up,
};

static bool is_writing(const struct gyre_writer *w)
{
    return gyre_writing_started(&w->writing);
}

/* Wait in `line` while `still` holds; then the next in line looks. */
static int wait_while(struct gyre_writer *w, struct gyre_line *line,
                      bool (*still)(const struct gyre_writer *w),
                      const struct gyre_wait_kind *kind, gyre_time deadline)
{
    struct gyre_caller c;
    int err;

    gyre_line_join(line, &c);
    err = gyre_checkpoint(deadline);
    while (err == 0 && !c.sent_home && w->err == 0 && still(w))
        err = gyre_line_park(&c, kind, w, deadline);
    gyre_line_leave(line, &c);
    if (c.sent_home)
        return c.sent_home;
    gyre_line_call(line);
    return err ? err : w->err;
}

int gyre_writer_drain(struct gyre_writer *w, gyre_time deadline)
{
    return wait_while(w, &w->draining, gyre_writer_full, &drains, deadline);
}

int gyre_writer_flush(struct gyre_writer *w, gyre_time deadline)
{
    return wait_while(w, &w->flushing, is_writing, &flushes, deadline);
}

void gyre_writer_close(struct gyre_writer *w)
{
    if (w->stream == NULL)
        return;
    (void)gyre_writing_stop(&w->writing);
    gyre_line_send_home(&w->draining, -EBADF);
    gyre_line_send_home(&w->flushing, -EBADF);
    gyre_buf_free(&w->under_way);
    gyre_buf_free(&w->gathered);
    w->stream = NULL;
}
