/*
 * incoming.c - messages, put together from the frames that come.
 *
 * Text is looked at as it comes, so that what is wrong is found before its
 * frame is complete.
 */
#include "io/http/websocket/incoming.h"

#include <errno.h>
#include <string.h>

static int refuse(struct gyre_websocket_incoming *m, int err, int code,
                  const char *why)
{
    m->code = code;
    m->why = why;
    return err;
}

static bool is_control(const struct gyre_websocket_incoming *m)
{
    return m->frame.opcode >= GYRE_WEBSOCKET_CLOSE;
}

/* ---- the head of a frame ---- */

/* Data begins a message or goes on with one. */
static int check_data(struct gyre_websocket_incoming *m)
{
    const struct gyre_websocket_frame *f = &m->frame;
    bool begins = f->opcode != GYRE_WEBSOCKET_CONTINUATION;
    bool open = m->kind != GYRE_WEBSOCKET_CONTINUATION;

    if (begins && open)
        return refuse(m, -EPROTO, 1002, "a message inside of another");
    if (!begins && !open)
        return refuse(m, -EPROTO, 1002, "no message to go on with");
    if (f->length > m->limit - m->message.length)
        return refuse(m, -EMSGSIZE, 1009, "a message too long");
    if (begins)
        m->kind = f->opcode;
    return 0;
}

/* See whether a frame begins, and then we are inside of it.  An error, or what
   stands in the way. */
static int begin_frame(struct gyre_websocket_incoming *m, struct gyre_buf *in)
{
    ssize_t n = gyre_websocket_frame_parse(&m->frame, in->at, in->length);
    int err = 0;

    if (n < 0)
        return refuse(m, -EPROTO, 1002, "no frame begins so");
    if (n == 0)
        return GYRE_WEBSOCKET_NOTHING;
    if (m->whole && !is_control(m))
        return GYRE_WEBSOCKET_HELD;
    if (m->frame.masked != m->masked)
        return refuse(m, -EPROTO, 1002,
                      m->masked ? "an unmasked frame" : "a masked frame");
    if (is_control(m))
        m->control_length = 0;
    else
        err = check_data(m);
    if (err)
        return err;
    gyre_buf_take(in, (size_t)n);
    m->taken = 0;
    m->inside = true;
    return GYRE_WEBSOCKET_NOTHING;
}

/* ---- its payload ---- */

static int take_data(struct gyre_websocket_incoming *m, const char *at,
                     size_t n)
{
    if (m->kind == GYRE_WEBSOCKET_TEXT && !gyre_utf8_take(&m->text, at, n))
        return refuse(m, -EILSEQ, 1007, "text that is not UTF-8");
    if (n > 0 && gyre_buf_append(&m->message, at, n))
        return refuse(m, -ENOMEM, 1011, "no memory");
    return 0;
}

static void take_control(struct gyre_websocket_incoming *m, const char *at,
                         size_t n)
{
    memcpy(m->control + m->control_length, at, n);
    m->control_length += n;
}

static int take_payload(struct gyre_websocket_incoming *m, struct gyre_buf *in)
{
    uint64_t left = m->frame.length - m->taken;
    size_t n = left < in->length ? (size_t)left : in->length;
    int err = 0;

    if (n == 0)
        return 0;
    if (m->frame.masked)
        gyre_websocket_mask(in->at, in->at, n, m->frame.mask, m->taken);
    if (is_control(m))
        take_control(m, in->at, n);
    else
        err = take_data(m, in->at, n);
    gyre_buf_take(in, n);
    m->taken += n;
    return err;
}

/* ---- its end ---- */

static int end_close(struct gyre_websocket_incoming *m)
{
    struct gyre_utf8 text = {0};
    size_t n = m->control_length;
    int code = n >= 2 ? m->control[0] << 8 | m->control[1] : 1005;

    if (n == 1 || (n >= 2 && !gyre_websocket_is_code(code)))
        return refuse(m, -EPROTO, 1002, "closed with no proper code");
    if (n > 2 && (!gyre_utf8_take(&text, m->control + 2, n - 2) ||
                  !gyre_utf8_is_complete(&text)))
        return refuse(m, -EILSEQ, 1007, "a reason that is not UTF-8");
    m->control_length = n > 2 ? n - 2 : 0;
    memmove(m->control, m->control + 2, m->control_length);
    m->code = code;
    return GYRE_WEBSOCKET_CLOSED;
}

static int end_data(struct gyre_websocket_incoming *m)
{
    if (!m->frame.last)
        return GYRE_WEBSOCKET_NOTHING;
    if (!gyre_utf8_is_complete(&m->text))
        return refuse(m, -EILSEQ, 1007, "text that is not UTF-8");
    m->whole = true;
    return GYRE_WEBSOCKET_WHOLE;
}

static int end_frame(struct gyre_websocket_incoming *m)
{
    m->inside = false;
    switch (m->frame.opcode) {
    case GYRE_WEBSOCKET_CLOSE: return end_close(m);
    case GYRE_WEBSOCKET_PING: return GYRE_WEBSOCKET_PINGED;
    case GYRE_WEBSOCKET_PONG: return GYRE_WEBSOCKET_PONGED;
    default: return end_data(m);
    }
}

/* ---- all of it ---- */

int gyre_websocket_incoming_next(struct gyre_websocket_incoming *m,
                                 struct gyre_buf *in)
{
    int did = GYRE_WEBSOCKET_NOTHING;

    while (did == GYRE_WEBSOCKET_NOTHING) {
        if (!m->inside)
            did = begin_frame(m, in);
        if (did != GYRE_WEBSOCKET_NOTHING || !m->inside)
            return did;
        did = take_payload(m, in);
        if (did < 0 || m->taken < m->frame.length)
            return did;
        did = end_frame(m);
    }
    return did;
}

void gyre_websocket_incoming_take(struct gyre_websocket_incoming *m,
                                  struct gyre_buf *other)
{
    struct gyre_buf taken = m->message;

    gyre_buf_cut(other, 0);
    m->message = *other;
    *other = taken;
    m->kind = GYRE_WEBSOCKET_CONTINUATION;
    m->whole = false;
}
