/*
 * socket.c - the life of a WebSocket.
 *
 *      (made) -> open                 [gyre_websocket_start]
 *      open -> closing                we say that we close
 *      open, closing -> ended         the peer says so; or it may not go on
 *                                     [gyre_websocket_ends]; or it cannot, and
 *                                     is lost [gyre_websocket_fails]
 *
 * Invariants:
 *   - until it has ended the loop waits for bytes, in `readable`, unless what
 *     was read is held up, and its timer runs;
 *   - the timer asks for a sign of life, or, while closing, ends it.
 */
#include "io/http/websocket/socket.h"

#include <errno.h>
#include <string.h>

#include "loop/allocator.h"
#include "loop/loop.h"
#include "task/background.h"
#include "task/scope.h"
#include "task/task.h"
#include "io/service.h"
#include "io/http/server/request.h"

/* ---- ending ---- */

void gyre_websocket_ends(struct gyre_websocket *ws, int err, int code)
{
    if (ws->ended)
        return;
    ws->ended = true;
    ws->err = err;
    ws->code = code;
    gyre_timer_stop(ws->loop, &ws->timer);
    gyre_stream_forget(ws->stream);
    gyre_job_stop(ws->loop, &ws->readable);
    (void)gyre_waiters_wake_all(&ws->waiting, 0);
}

void gyre_websocket_fails(struct gyre_websocket *ws, int err)
{
    if (ws->ended)
        return;
    ws->lost = true;
    gyre_websocket_ends(ws, err, 1006);
    gyre_writer_close(&ws->out);
    if (ws->writing != NULL)
        gyre_scope_cancel(ws->writing);
    gyre_service_cut(ws->stream);
}

void gyre_websocket_says_close(struct gyre_websocket *ws, int code,
                               struct gyre_span reason)
{
    unsigned char payload[GYRE_WEBSOCKET_CONTROL_MAX] = {
        (unsigned char)(code >> 8), (unsigned char)code};
    int err;

    if (ws->closing || ws->lost)
        return;
    ws->closing = true;
    ws->until = gyre_loop_in(ws->loop, ws->options.close_time);
    gyre_timer_start(ws->loop, &ws->timer, ws->until);
    if (reason.length > 0)
        memcpy(payload + 2, reason.at, reason.length);
    err = gyre_websocket_control(ws, GYRE_WEBSOCKET_CLOSE, payload,
                                 code == 1005 ? 0 : 2 + reason.length);
    if (err)
        gyre_websocket_fails(ws, err);
}

/* ---- signs of life ---- */

static void wake_at(struct gyre_websocket *ws, gyre_time from, gyre_time span)
{
    gyre_timer_start(ws->loop, &ws->timer, gyre_time_after(from, span));
}

/* See to it later whether it answers. */
static void give_time(struct gyre_websocket *ws, gyre_time now)
{
    ws->asked = now;
    ws->stream->taken = false;
    ws->behind = gyre_writer_held(&ws->out) > 0;
    wake_at(ws, now, ws->options.pong_time);
}

/* Our question was still behind other things when we looked, and those are
   being taken: the peer reads, and is not there yet. */
static bool gets_on(const struct gyre_websocket *ws)
{
    return ws->behind && ws->stream->taken;
}

/* Ask who is silent; who has been asked, and was so on, is dead.  Or see to it
   later. */
static int look_after(struct gyre_websocket *ws, gyre_time now)
{
    int err;

    if (ws->asked > ws->heard && !gets_on(ws))
        return -ETIMEDOUT;
    if (ws->asked > ws->heard) {
        give_time(ws, now);
        return 0;
    }
    ws->asked = 0;
    if (now < gyre_time_after(ws->heard, ws->options.ping_time)) {
        wake_at(ws, ws->heard, ws->options.ping_time);
        return 0;
    }
    err = gyre_websocket_asks(ws);
    give_time(ws, now);
    return err;
}

static void time_is_up(struct gyre_timer *t)
{
    struct gyre_websocket *ws = GYRE_OWNER(t, struct gyre_websocket, timer);
    gyre_time now = gyre_loop_now(ws->loop);
    int err = -ETIMEDOUT;

    if (ws->held) /* who is not listened to may be alive */
        ws->heard = now;
    if (!ws->closing)
        err = look_after(ws, now);
    if (err)
        gyre_websocket_fails(ws, err);
}

static const struct gyre_wait_kind comes = {.name = "for a WebSocket"};

/* The loop does not know that somebody waits for what it reads. */
int gyre_websocket_wait(struct gyre_websocket *ws, gyre_time deadline)
{
    struct gyre_wait w = {.kind = &comes, .on = ws};
    int err;

    gyre_awaits_begin(ws->loop);
    err = (int)gyre_waiters_park(&ws->waiting, &w, deadline);
    gyre_awaits_end(ws->loop);
    return err;
}

/* ---- beginning ---- */

#define DEFAULT(field, value)                                                  \
    do {                                                                       \
        if (o->field == 0)                                                     \
            o->field = value;                                                  \
    } while (0)

static void fill_in(struct gyre_websocket_options *o)
{
    DEFAULT(limit, 1024 * 1024);
    DEFAULT(queue, 256 * 1024);
    DEFAULT(ping_time, 30 * GYRE_SECOND);
    DEFAULT(pong_time, 10 * GYRE_SECOND);
    DEFAULT(close_time, 5 * GYRE_SECOND);
}

/* There is room in the queue again; or there is no connection. */
static void drained(struct gyre_writer *w)
{
    struct gyre_websocket *ws = GYRE_OWNER(w, struct gyre_websocket, out);
    int err = gyre_writer_put(w, "", 0);

    if (err)
        gyre_websocket_fails(ws, err);
    else
        gyre_websocket_resume(ws);
}

static void go_away(struct gyre_job *j)
{
    struct gyre_websocket *ws = GYRE_OWNER(j, struct gyre_websocket, stopping);

    gyre_websocket_says_close(ws, 1001, gyre_span_of(NULL));
}

int gyre_websocket_new(struct gyre_websocket **out,
                       struct gyre_http_request *request,
                       const struct gyre_websocket_options *options)
{
    struct gyre_loop *l = gyre_loop_current();
    struct gyre_allocator *a = gyre_loop_allocator(l);
    struct gyre_websocket *ws = gyre_resize(a, NULL, 0, sizeof *ws);

    if (ws == NULL)
        return -ENOMEM;
    memset(ws, 0, sizeof *ws);
    ws->loop = l;
    ws->request = request;
    if (options != NULL)
        ws->options = *options;
    fill_in(&ws->options);
    ws->protocol.allocator = ws->in.allocator = ws->given.allocator = a;
    ws->later.allocator = ws->came.message.allocator = a;
    ws->came.masked = request != NULL;
    ws->came.limit = ws->options.limit;
    ws->out.high = ws->options.queue;
    ws->out.drained = drained;
    ws->readable.run = gyre_websocket_read;
    ws->stopping.run = go_away;
    ws->timer.fire = time_is_up;
    ws->timer.background = true;
    *out = ws;
    return 0;
}

void gyre_websocket_start(struct gyre_websocket *ws, struct gyre_stream *s)
{
    ws->stream = s;
    gyre_writer_open(&ws->out, s);
    ws->heard = gyre_loop_in(ws->loop, 0);
    if (ws->options.ping_time < GYRE_FOREVER)
        wake_at(ws, ws->heard, ws->options.ping_time);
    gyre_job_start(ws->loop, &ws->readable);
    if (ws->request != NULL &&
        gyre_http_when_stopping(ws->request, &ws->stopping) != 0)
        go_away(&ws->stopping);
}

/* ---- freeing ---- */

/* Let go of the stream, which may be lent. */
static void detach(struct gyre_websocket *ws)
{
    gyre_websocket_ends(ws, -EPIPE, 1006);
    gyre_writer_close(&ws->out);
    if (ws->request == NULL)
        gyre_close(ws->stream);
}

void gyre_websocket_free(struct gyre_websocket *ws)
{
    if (ws == NULL)
        return;
    if (ws->stream != NULL)
        detach(ws);
    if (ws->request != NULL)
        (void)gyre_http_when_stopping(ws->request, NULL);
    gyre_buf_free(&ws->protocol);
    gyre_buf_free(&ws->in);
    gyre_buf_free(&ws->given);
    gyre_buf_free(&ws->later);
    gyre_buf_free(&ws->came.message);
    gyre_resize(gyre_loop_allocator(ws->loop), ws, sizeof *ws, 0);
}

/* ---- what is known of it ---- */

const char *gyre_websocket_protocol(const struct gyre_websocket *ws)
{
    return ws->protocol.length > 0 ? ws->protocol.at : NULL;
}

int gyre_websocket_code(const struct gyre_websocket *ws)
{
    return ws->code;
}

const char *gyre_websocket_reason(const struct gyre_websocket *ws)
{
    return ws->ended && ws->err == 0 ? (const char *)ws->came.control : "";
}
