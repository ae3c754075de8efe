/*
 * send.c - what goes: messages in turns, and what is queued beside them.
 *
 * Who sends has the turn of the WebSocket, and writes to the stream himself: a
 * slow peer slows him, and nothing is copied, but by a client, who has to mask.
 * Control frames, and what is posted, stand in the stream's line in their own
 * right, and so go between the frames of a message, or two messages; but a
 * message that is posted may not come inside of another.
 */
#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/scope.h"
#include "task/wait.h"
#include "io/http/websocket/socket.h"

enum { SMALL = 512 /* bytes of a frame that is masked on the stack */ };

int gyre_websocket_may_send(const struct gyre_websocket *ws)
{
    if (ws->ended && ws->err)
        return ws->err;
    return ws->closing || ws->ended ? -EPIPE : 0;
}

/* ---- frames ---- */

/* A mask nobody foresees.  They are drawn in advance, as that is a system
   call. */
static int draw_mask(struct gyre_websocket *ws, unsigned char mask[4])
{
    if (ws->keys_left == 0) {
        if (getentropy(ws->keys, sizeof ws->keys) != 0)
            return -errno;
        ws->keys_left = sizeof ws->keys;
    }
    ws->keys_left -= 4;
    memcpy(mask, ws->keys + ws->keys_left, 4);
    return 0;
}

/* The head of a frame: its length, or an error. */
static int begin_frame(struct gyre_websocket *ws,
                       struct gyre_websocket_frame *f,
                       unsigned char head[GYRE_WEBSOCKET_HEAD_MAX])
{
    int err = 0;

    f->masked = ws->request == NULL;
    if (f->masked)
        err = draw_mask(ws, f->mask);
    return err ? err : (int)gyre_websocket_frame_compose(head, f);
}

/* Write it, as it is; the turn is ours. */
static int write_plain(struct gyre_websocket *ws, unsigned char *head,
                       size_t head_length, const void *bytes, size_t n,
                       gyre_time deadline)
{
    struct iovec iov[2] = {{head, head_length}, {(void *)bytes, n}};

    return gyre_writev(ws->stream, iov, n > 0 ? 2 : 1, deadline);
}

/* Write it masked, out of a copy. */
static int write_masked(struct gyre_websocket *ws,
                        const struct gyre_websocket_frame *f,
                        const unsigned char *head, size_t head_length,
                        const void *bytes, gyre_time deadline)
{
    struct gyre_allocator *a = gyre_loop_allocator(ws->loop);
    size_t size = head_length + (size_t)f->length;
    char small[SMALL], *copy = small;
    int err;

    if (size > sizeof small)
        copy = gyre_resize(a, NULL, 0, size);
    if (copy == NULL)
        return -ENOMEM;
    memcpy(copy, head, head_length);
    gyre_websocket_mask(copy + head_length, bytes, (size_t)f->length, f->mask,
                        0);
    err = gyre_write(ws->stream, copy, size, deadline);
    if (copy != small)
        gyre_resize(a, copy, size, 0);
    return err;
}

static int write_either(struct gyre_websocket *ws,
                        struct gyre_websocket_frame *f, const void *bytes,
                        gyre_time deadline)
{
    unsigned char head[GYRE_WEBSOCKET_HEAD_MAX];
    int n = begin_frame(ws, f, head);

    if (n < 0)
        return n;
    if (f->masked)
        return write_masked(ws, f, head, (size_t)n, bytes, deadline);
    return write_plain(ws, head, (size_t)n, bytes, (size_t)f->length, deadline);
}

/* Who writes to a stream that cannot be cut has to be told when that is of no
   use any more. */
static int write_in_scope(struct gyre_websocket *ws,
                          struct gyre_websocket_frame *f, const void *bytes,
                          gyre_time deadline)
{
    struct gyre_scope scope;
    int err;

    gyre_scope_open(&scope, GYRE_FOREVER);
    ws->writing = &scope;
    err = write_either(ws, f, bytes, deadline);
    ws->writing = NULL;
    return (int)gyre_scope_close(&scope, err);
}

static int write_frame(struct gyre_websocket *ws,
                       struct gyre_websocket_frame *f, const void *bytes,
                       gyre_time deadline)
{
    int err = ws->stream->ops->cut != NULL
                  ? write_either(ws, f, bytes, deadline)
                  : write_in_scope(ws, f, bytes, deadline);

    return err != -ECANCELED && ws->lost ? ws->err : err;
}

/* ---- turns ---- */

static const struct gyre_wait_kind turns = {.name = "for its turn to send"};

/* It passes to who has waited longest, with the wake. */
static void end_turn(struct gyre_websocket *ws)
{
    ws->sending = gyre_waiters_wake(&ws->senders, 0);
}

static int take_turn(struct gyre_websocket *ws, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &turns, .on = ws};
    int err = gyre_checkpoint(deadline);

    if (err == 0 && ws->sending)
        err = (int)gyre_waiters_park(&ws->senders, &w, deadline);
    if (err)
        return err;
    ws->sending = true;
    err = gyre_websocket_may_send(ws);
    if (err)
        end_turn(ws);
    return err;
}

int gyre_websocket_send(struct gyre_websocket *ws,
                        enum gyre_websocket_opcode kind, const void *bytes,
                        size_t n, gyre_time deadline)
{
    struct gyre_websocket_frame f = {.opcode = kind, .last = true, .length = n};
    int err = take_turn(ws, deadline);

    if (err)
        return err;
    err = write_frame(ws, &f, bytes, deadline);
    end_turn(ws);
    return err;
}

/* ---- by and by ---- */

int gyre_websocket_begin(struct gyre_websocket *ws,
                         enum gyre_websocket_opcode kind, gyre_time deadline)
{
    int err = take_turn(ws, deadline);

    if (err)
        return err;
    ws->parted = true;
    ws->part = kind;
    return 0;
}

static int write_part(struct gyre_websocket *ws, const void *bytes, size_t n,
                      bool last, gyre_time deadline)
{
    struct gyre_websocket_frame f = {
        .opcode = ws->part, .last = last, .length = n};
    int err = ws->parted ? gyre_websocket_may_send(ws) : -EINVAL;

    if (err == 0)
        err = write_frame(ws, &f, bytes, deadline);
    if (err == 0)
        ws->part = GYRE_WEBSOCKET_CONTINUATION;
    return err;
}

int gyre_websocket_write(struct gyre_websocket *ws, const void *bytes, size_t n,
                         gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    return err || n == 0 ? err : write_part(ws, bytes, n, false, deadline);
}

/* The message is over: what was posted meanwhile goes.  That was promised: if
   it cannot be, nothing goes any more. */
static void end_parts(struct gyre_websocket *ws)
{
    int err = 0;

    ws->parted = false;
    if (ws->later.length > 0 && gyre_websocket_may_send(ws) == 0)
        err = gyre_writer_put(&ws->out, ws->later.at, ws->later.length);
    gyre_buf_free(&ws->later);
    if (err)
        gyre_websocket_fails(ws, err);
    end_turn(ws);
}

int gyre_websocket_finish(struct gyre_websocket *ws, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err)
        return err;
    err = write_part(ws, NULL, 0, true, deadline);
    if (err == -EINVAL)
        return err;
    if ((err != -ECANCELED && err != -ETIMEDOUT) ||
        gyre_stream_broken(ws->stream) || ws->ended)
        end_parts(ws);
    return err;
}

/* ---- the queue ---- */

int gyre_websocket_control(struct gyre_websocket *ws,
                           enum gyre_websocket_opcode opcode, const void *bytes,
                           size_t n)
{
    unsigned char out[GYRE_WEBSOCKET_HEAD_MAX + GYRE_WEBSOCKET_CONTROL_MAX];
    struct gyre_websocket_frame f = {
        .opcode = opcode, .last = true, .length = n};
    int head = begin_frame(ws, &f, out);

    if (head < 0)
        return head;
    if (f.masked)
        gyre_websocket_mask(out + head, bytes, n, f.mask, 0);
    else
        memcpy(out + head, bytes, n);
    return gyre_writer_put(&ws->out, out, (size_t)head + n);
}

int gyre_websocket_asks(struct gyre_websocket *ws)
{
    uint32_t n = ++ws->pinged;
    unsigned char number[4] = {(unsigned char)(n >> 24),
                               (unsigned char)(n >> 16),
                               (unsigned char)(n >> 8), (unsigned char)n};

    return gyre_websocket_control(ws, GYRE_WEBSOCKET_PING, number,
                                  sizeof number);
}

int gyre_websocket_ping(struct gyre_websocket *ws, gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);
    uint32_t n;

    if (err == 0)
        err = gyre_websocket_may_send(ws);
    if (err == 0)
        err = gyre_websocket_asks(ws);
    n = ws->pinged;
    while (err == 0 && (int32_t)(ws->ponged - n) < 0)
        err = ws->ended ? ws->err ? ws->err : -EPIPE
                        : gyre_websocket_wait(ws, deadline);
    return err;
}

/* ---- sending to many ---- */

int gyre_websocket_encode(struct gyre_buf *out, enum gyre_websocket_opcode kind,
                          const void *bytes, size_t n)
{
    struct gyre_websocket_frame f = {.opcode = kind, .last = true, .length = n};
    char *room = gyre_buf_reserve(out, GYRE_WEBSOCKET_HEAD_MAX + n);
    size_t head;

    if (room == NULL)
        return -ENOMEM;
    head = gyre_websocket_frame_compose((unsigned char *)room, &f);
    if (n > 0)
        memcpy(room + head, bytes, n);
    gyre_buf_grow(out, head + n);
    return 0;
}

/* The same frame as a client has to send it. */
static int encode_masked(struct gyre_websocket *ws, struct gyre_buf *out,
                         const struct gyre_buf *frame)
{
    struct gyre_websocket_frame f;
    size_t plain =
        (size_t)gyre_websocket_frame_parse(&f, frame->at, frame->length);
    unsigned char head[GYRE_WEBSOCKET_HEAD_MAX];
    int n = begin_frame(ws, &f, head);
    char *room = gyre_buf_reserve(out, sizeof head + (size_t)f.length);

    if (n < 0 || room == NULL)
        return n < 0 ? n : -ENOMEM;
    memcpy(room, head, (size_t)n);
    gyre_websocket_mask(room + n, frame->at + plain, (size_t)f.length, f.mask,
                        0);
    gyre_buf_grow(out, (size_t)n + (size_t)f.length);
    return 0;
}

/* Behind what was posted before; but not inside of a message. */
static int put(struct gyre_websocket *ws, const struct gyre_buf *frame)
{
    return ws->parted ? gyre_buf_append(&ws->later, frame->at, frame->length)
                      : gyre_writer_put(&ws->out, frame->at, frame->length);
}

int gyre_websocket_post(struct gyre_websocket *ws, const struct gyre_buf *frame)
{
    size_t held = gyre_writer_held(&ws->out) + ws->later.length;
    struct gyre_buf masked = {.allocator = gyre_loop_allocator(ws->loop)};
    int err = gyre_websocket_may_send(ws);

    if (err == 0 && held > 0 && held + frame->length > ws->options.queue)
        err = -ENOBUFS;
    if (err == 0 && ws->request == NULL)
        err = encode_masked(ws, &masked, frame);
    if (err == 0)
        err = put(ws, ws->request == NULL ? &masked : frame);
    gyre_buf_free(&masked);
    return err;
}

int gyre_websocket_flush(struct gyre_websocket *ws, gyre_time deadline)
{
    int err = gyre_writer_flush(&ws->out, deadline);

    return err != -ECANCELED && ws->lost ? ws->err : err;
}
