/*
 * incoming.c - a message as it comes: its head, and the body behind it.
 *
 * Invariant: what is in `more` came behind all that is in `in`.
 */
#include "io/http/incoming.h"

#include <string.h>

void gyre_http_incoming_init(struct gyre_http_incoming *m,
                             struct gyre_allocator *a)
{
    m->in.allocator = m->more.allocator = a;
}

struct gyre_span gyre_http_incoming_unread(const struct gyre_http_incoming *m)
{
    if (m->taken < m->in.length)
        return gyre_span_from(m->in.at + m->taken, m->in.length - m->taken);
    return gyre_span_from(m->more.at, m->more.length);
}

static void take(struct gyre_http_incoming *m, size_t n)
{
    if (m->taken < m->in.length)
        m->taken += n;
    else
        gyre_buf_take(&m->more, n);
}

ssize_t gyre_http_incoming_read(struct gyre_http_incoming *m, void *buf,
                                size_t n, uint64_t *used)
{
    struct gyre_span came = gyre_http_incoming_unread(m), piece = {0};
    ssize_t got = gyre_http_body_read(
        &m->body, came.at, came.length < n ? came.length : n, &piece);

    if (got < 0)
        return got;
    if (piece.length > 0)
        memcpy(buf, piece.at, piece.length);
    take(m, (size_t)got);
    if (used != NULL)
        *used += (uint64_t)got;
    return (ssize_t)piece.length;
}

void gyre_http_incoming_next(struct gyre_http_incoming *m)
{
    struct gyre_buf in;

    gyre_buf_take(&m->in, m->taken);
    m->taken = 0;
    if (m->in.length > 0 || m->more.length == 0)
        return;
    in = m->in;
    m->in = m->more;
    m->more = in;
}

void gyre_http_incoming_free(struct gyre_http_incoming *m)
{
    gyre_buf_free(&m->in);
    gyre_buf_free(&m->more);
}
