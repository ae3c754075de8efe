/*
 * receive.c - what comes: read by the loop, and given to who receives.
 *
 * Bytes are read by a job, as soon as there are any, and understood at once: so
 * a ping is answered though nobody receives.  What is understood is a message
 * at a time; while that was not received, data behind it stays where it is, and
 * is what stops the reading.
 */
#include <errno.h>

#include "loop/loop.h"
#include "task/wait.h"
#include "io/http/websocket/socket.h"

/* ---- what it means ---- */

static void wake(struct gyre_websocket *ws)
{
    (void)gyre_waiters_wake_all(&ws->waiting, 0);
}

/* While what we have to say piles up no more is heard that is to be answered:
   the ping stays where it is. */
static void answer_ping(struct gyre_websocket *ws)
{
    int err = 0;

    ws->choked = gyre_writer_full(&ws->out);
    if (!ws->closing && !ws->choked)
        err = gyre_websocket_control(ws, GYRE_WEBSOCKET_PONG, ws->came.control,
                                     ws->came.control_length);
    if (err)
        gyre_websocket_fails(ws, err);
}

/* A pong has the number of the ping, which was ours, and not answered yet; or
   is nobody's. */
static void note_pong(struct gyre_websocket *ws)
{
    const unsigned char *at = ws->came.control;
    uint32_t n = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
                 (uint32_t)at[2] << 8 | at[3];

    if (ws->came.control_length != 4 ||
        n - ws->ponged > ws->pinged - ws->ponged)
        return;
    ws->ponged = n;
    wake(ws);
}

/* The peer has closed: it is told that we know. */
static void note_close(struct gyre_websocket *ws)
{
    ws->came.control[ws->came.control_length] = '\0';
    gyre_websocket_says_close(ws, ws->came.code, gyre_span_of(NULL));
    gyre_websocket_ends(ws, 0, ws->came.code);
}

static void refuse(struct gyre_websocket *ws, int err)
{
    gyre_websocket_says_close(ws, ws->came.code, gyre_span_of(ws->came.why));
    gyre_websocket_ends(ws, err, ws->came.code);
}

static void note(struct gyre_websocket *ws, int event)
{
    switch (event) {
    case GYRE_WEBSOCKET_NOTHING: break;
    case GYRE_WEBSOCKET_WHOLE: wake(ws); break;
    case GYRE_WEBSOCKET_HELD: ws->held = true; break;
    case GYRE_WEBSOCKET_PINGED: answer_ping(ws); break;
    case GYRE_WEBSOCKET_PONGED: note_pong(ws); break;
    case GYRE_WEBSOCKET_CLOSED: note_close(ws); break;
    default: refuse(ws, event);
    }
}

static bool is_held_up(const struct gyre_websocket *ws)
{
    return ws->held || ws->choked || ws->ended;
}

void gyre_websocket_pump(struct gyre_websocket *ws)
{
    int event = GYRE_WEBSOCKET_WHOLE;

    ws->held = false;
    if (ws->choked)
        answer_ping(ws);
    while (event != GYRE_WEBSOCKET_NOTHING && !is_held_up(ws)) {
        event = gyre_websocket_incoming_next(&ws->came, &ws->in);
        note(ws, event);
    }
}

/* ---- reading ---- */

/* Wait for more, without memory for it if that can be. */
static void listen(struct gyre_websocket *ws)
{
    int err;

    if (ws->in.length == 0)
        gyre_buf_free(&ws->in);
    err = gyre_stream_when_readable(ws->stream, &ws->readable);
    if (err)
        gyre_websocket_fails(ws, err);
}

static void read_some(struct gyre_websocket *ws)
{
    char *room = gyre_buf_reserve(&ws->in, GYRE_WEBSOCKET_READ);
    ssize_t n = -ENOMEM;

    if (room != NULL)
        n = gyre_read(ws->stream, room, GYRE_WEBSOCKET_READ, GYRE_NOW);
    if (n > 0) {
        gyre_buf_grow(&ws->in, (size_t)n);
        ws->heard = gyre_loop_now(ws->loop);
        gyre_websocket_pump(ws);
    } else if (n != -ETIMEDOUT) {
        gyre_websocket_fails(ws, n == 0 ? -EPIPE : (int)n);
    }
}

void gyre_websocket_read(struct gyre_job *j)
{
    struct gyre_websocket *ws = GYRE_OWNER(j, struct gyre_websocket, readable);

    gyre_websocket_pump(ws);
    if (!is_held_up(ws))
        read_some(ws);
    if (!is_held_up(ws))
        listen(ws);
}

void gyre_websocket_resume(struct gyre_websocket *ws)
{
    if ((ws->held || ws->choked) && !ws->ended)
        gyre_job_start(ws->loop, &ws->readable);
}

/* ---- receiving ---- */

/* The message is whole: the next may come. */
static int give(struct gyre_websocket *ws, struct gyre_websocket_message *out)
{
    out->kind = ws->came.kind;
    gyre_websocket_incoming_take(&ws->came, &ws->given);
    out->at = ws->given.at != NULL ? ws->given.at : "";
    out->length = ws->given.length;
    gyre_websocket_resume(ws);
    return 1;
}

/* While nothing comes none is needed. */
static void give_memory_back(struct gyre_websocket *ws)
{
    gyre_buf_free(&ws->given);
    if (ws->came.message.length == 0)
        gyre_buf_free(&ws->came.message);
}

static int receive(struct gyre_websocket *ws,
                   struct gyre_websocket_message *out, gyre_time deadline)
{
    int err = 0;

    if (!ws->came.whole && !ws->ended)
        gyre_websocket_pump(ws);
    if (!ws->came.whole)
        give_memory_back(ws);
    while (err == 0 && !ws->came.whole && !ws->ended)
        err = gyre_websocket_wait(ws, deadline);
    if (err)
        return err;
    return ws->came.whole ? give(ws, out) : ws->err;
}

int gyre_websocket_receive(struct gyre_websocket *ws,
                           struct gyre_websocket_message *out,
                           gyre_time deadline)
{
    int err = gyre_checkpoint(deadline);

    if (err == 0 && ws->receiving)
        err = -EBUSY;
    if (err)
        return err;
    ws->receiving = true;
    err = receive(ws, out, deadline);
    ws->receiving = false;
    return err;
}
