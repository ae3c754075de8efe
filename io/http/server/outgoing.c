/*
 * outgoing.c - replies on their way to the client.
 *
 * What is to be sent is gathered in `out`: complete replies, and behind them
 * the head of the one in hand, once it is known.  A body that is large follows
 * from where it is.  Each write has a time, by its length.
 *
 * Invariant: while `out` is being written from, nobody else changes it.  A
 * handler's tasks take turns at that, and who has no turn leaves it alone.
 */
#include <errno.h>

#include "loop/loop.h"
#include "task/task.h"
#include "io/http/server/exchange.h"

/* Between attempts to send what is overdue. */
#define OVERDUE (50 * GYRE_MILLISECOND)

/* ---- time ---- */

gyre_time gyre_http_time_of(uint64_t bytes, uint64_t rate)
{
    uint64_t seconds = bytes / rate;

    return seconds < (uint64_t)(GYRE_FOREVER / GYRE_SECOND)
               ? (gyre_time)seconds * GYRE_SECOND
               : GYRE_FOREVER;
}

gyre_time gyre_http_write_deadline(struct gyre_http_request *r, uint64_t bytes,
                                   gyre_time latest)
{
    const struct gyre_http_options *o = &gyre_http_server_of(r)->options;
    gyre_time until;

    if (latest == GYRE_NOW)
        return latest;
    until = gyre_in(gyre_time_after(o->write_time,
                                    gyre_http_time_of(bytes, o->write_rate)));
    return until < latest ? until : latest;
}

/* ---- what is in `out`, and behind it ---- */

/* What ended for the handler's own reasons may be taken up again. */
static int note_error(struct gyre_http_request *r, int err)
{
    if (err != -ECANCELED)
        r->send_err = err;
    return err;
}

/* Write a slice, all or, with an error, perhaps a part. */
static int write_slice(struct gyre_http_request *r, const struct iovec *iov,
                       int n, size_t bytes, gyre_time deadline)
{
    struct gyre_stream *s = r->connection->stream;
    gyre_time until = gyre_http_write_deadline(r, bytes, deadline);
    int err = s != NULL ? gyre_writev(s, iov, n, until) : -EBADF;

    if (err && (err != -ETIMEDOUT || until < deadline))
        note_error(r, err);
    if (err == 0)
        gyre_http_server_of(r)->counts.bytes_out += bytes;
    return err;
}

static inline void went(struct gyre_http_request *r, size_t n)
{
    r->heard = true;
    if (n > r->settled)
        r->left = true;
    r->settled -= n < r->settled ? n : r->settled;
    gyre_buf_take(&r->out, n);
}

/* How a write of the first `n` bytes of `out`, and of what is behind it,
   ended. */
static int end_write(struct gyre_http_request *r, size_t n, bool behind,
                     int err)
{
    struct gyre_stream *s = r->connection->stream;

    if (err == 0) {
        r->left = r->left || behind;
        went(r, n);
    } else if (s == NULL || gyre_stream_broken(s)) {
        r->left = true;
    }
    return err;
}

/* Send the first slice of `out`. */
static int flush_slice(struct gyre_http_request *r, gyre_time deadline)
{
    struct iovec slice = {r->out.at, GYRE_HTTP_SLICE};

    return end_write(r, GYRE_HTTP_SLICE, false,
                     write_slice(r, &slice, 1, GYRE_HTTP_SLICE, deadline));
}

/* Send `out`, and the `n` pieces behind it.  After an error nothing of those
   was sent, or the stream is broken. */
static GYRE_SELDOM int flush_with(struct gyre_http_request *r,
                                  const struct iovec *iov, int n,
                                  gyre_time deadline)
{
    struct iovec all[4];
    size_t total;
    int err = r->cut ? -EPIPE : 0;

    while (err == 0 && r->out.length > GYRE_HTTP_SLICE)
        err = flush_slice(r, deadline);
    if (err)
        return err;
    all[0] = (struct iovec){r->out.at, r->out.length};
    total = r->out.length;
    for (int i = 0; i < n; i++) {
        all[i + 1] = iov[i];
        total += iov[i].iov_len;
    }
    if (total == 0)
        return 0;
    return end_write(r, all[0].iov_len, n > 0,
                     write_slice(r, all, n + 1, total, deadline));
}

/* As many of the first `n` bytes of `out` as the client takes now: as
   gyre_write_some.  Inline, as every reply passes here. */
static inline ssize_t send_some(struct gyre_http_request *r, size_t n)
{
    struct gyre_stream *s = r->connection->stream;
    ssize_t sent =
        s != NULL ? gyre_write_some(s, r->out.at, n, GYRE_NOW) : -EBADF;

    if (sent > 0) {
        gyre_http_server_of(r)->counts.bytes_out += (uint64_t)sent;
        went(r, (size_t)sent);
    }
    return sent;
}

/* Most replies are taken at once, which is tried before a clock is read for how
   long it may last. */
int gyre_http_flush(struct gyre_http_request *r, gyre_time deadline)
{
    ssize_t n = -ETIMEDOUT;

    if (!r->cut && r->out.length > 0)
        n = send_some(r, r->out.length);
    if (n > 0 && r->out.length == 0)
        return 0;
    if (n < 0 && n != -ETIMEDOUT)
        return end_write(r, 0, false, note_error(r, (int)n));
    return flush_with(r, NULL, 0, deadline);
}

/* ---- the body ---- */

/* Send a piece of the body, as a chunk if need be. */
static int send_piece(struct gyre_http_request *r, const void *buf, size_t n,
                      gyre_time deadline)
{
    char head[GYRE_HTTP_CHUNK_HEAD_MAX];
    struct iovec pieces[3] = {{(void *)buf, n}};

    if (!r->chunked)
        return flush_with(r, pieces, 1, deadline);
    pieces[0] = (struct iovec){head, gyre_http_chunk_head(head, n)};
    pieces[1] = (struct iovec){(void *)buf, n};
    pieces[2] =
        (struct iovec){GYRE_HTTP_CHUNK_TAIL, sizeof GYRE_HTTP_CHUNK_TAIL - 1};
    return flush_with(r, pieces, 3, deadline);
}

/* In slices that have each a time of its own: a client that reads nothing is
   found out soon, however much there is for it. */
int gyre_http_send_body(struct gyre_http_request *r, const char *buf, size_t n,
                        gyre_time deadline)
{
    size_t done = 0;
    int err = 0;

    while (done < n && err == 0) {
        size_t some = n - done < GYRE_HTTP_SLICE ? n - done : GYRE_HTTP_SLICE;

        err = send_piece(r, buf + done, some, deadline);
        if (err == 0)
            done += some;
    }
    r->body_sent += done;
    if (err && done > 0) /* who tried again would send that twice */
        r->cut = true;
    return err;
}

/* ---- what does not wait for the handler ---- */

/* Complete replies; and, while the handler waits for the body, all there is:
   the client may wait for that before it sends any more. */
static size_t due(const struct gyre_http_request *r)
{
    return r->awaited ? r->out.length : r->settled;
}

/* While somebody else has the stream's turn to write, `out` is on its way, and
   left alone. */
int gyre_http_send_due(struct gyre_http_request *r)
{
    struct gyre_loop *l = gyre_http_server_of(r)->loop;
    ssize_t n = due(r) > 0 ? send_some(r, due(r)) : 0;

    if (n < 0 && n != -ETIMEDOUT)
        return (int)n;
    if (due(r) > 0)
        gyre_timer_start(l, &r->overdue, gyre_loop_in(l, OVERDUE));
    return 0;
}

void gyre_http_send_overdue(struct gyre_timer *t)
{
    (void)gyre_http_send_due(GYRE_OWNER(t, struct gyre_http_request, overdue));
}
